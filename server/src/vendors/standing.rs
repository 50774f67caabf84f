//! Where each stored credential stands with its vendor: what the last proof of it said, and how often it was refused in a row.
//!
//! A refusal of one tool may be about the credential or about a permission; a proof (the validation request) tells, and is
//! asked for at most once in [`PROOF_HOLDS`]. Who is refused again and again is held: wrong sign-ins lock accounts.
//!
//! Local to this process. The key holds the version, so that a replaced credential begins anew on every replica at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use moka::sync::Cache;
use uuid::Uuid;

use super::error::{CallError, Hold};
use super::tokens::CredentialKey;

/// A proof is believed, and not asked for again, so long.
const PROOF_HOLDS: Duration = Duration::from_mins(1);

/// So many refusals in a row hold a credential ...
const REFUSALS: u32 = 3;

/// ... so long at first; every further refusal doubles it ...
const FIRST_HOLD: Duration = Duration::from_mins(1);

/// ... up to this.
const MAX_HOLD: Duration = Duration::from_mins(15);

/// When a hold ends, one call tries; the others wait so long for what comes of it.
const WHILE_TRYING: Duration = Duration::from_secs(10);

/// Credentials kept in mind; the least used go first. What is not used for so long starts anew.
const MAX_CREDENTIALS: u64 = 10_000;
const IDLE: Duration = Duration::from_hours(1);

/// What a proof said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Accepted,
    Refused,
    /// The vendor could not be asked, or its answer told nothing.
    Unknown,
}

impl Proof {
    /// What an answer to the validation request proves, or a sign-in; none if it was not asked.
    pub(crate) fn of<T>(result: &Result<T, CallError>) -> Option<Self> {
        match result {
            Ok(_) => Some(Self::Accepted),
            Err(CallError::Unauthorized { .. }) => Some(Self::Refused),
            Err(CallError::Held { .. }) => None,
            Err(_) => Some(Self::Unknown),
        }
    }
}

/// The standing of every credential.
pub(crate) struct Standings(Cache<CredentialKey, Arc<Standing>>);

/// The standing of one credential.
#[derive(Default)]
pub(crate) struct Standing {
    state: Mutex<State>,
    /// Held by the one who asks for a proof.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    proof: Option<(Instant, Proof)>,
    refusals: u32,
    hold: Option<(Instant, Duration)>,
}

impl Standings {
    pub(crate) fn new() -> Self {
        let cache = Cache::builder().max_capacity(MAX_CREDENTIALS).time_to_idle(IDLE);
        Self(cache.support_invalidation_closures().build())
    }

    /// Refuses to send anything with a credential that is held.
    pub(crate) fn admit(&self, key: CredentialKey) -> Result<(), CallError> {
        let Some(standing) = self.0.get(&key) else { return Ok(()) };
        let admitted = standing.state().admit(Instant::now());
        admitted.map_err(|wait| CallError::Held { why: Hold::Refused, wait })
    }

    /// A call or a check brought this.
    pub(crate) fn note<T>(&self, key: CredentialKey, result: &Result<T, CallError>) {
        match result {
            Ok(_) => {
                if let Some(standing) = self.0.get(&key) {
                    standing.state().accepted();
                }
            }
            Err(CallError::Unauthorized { .. }) => self.of(key).state().refused(Instant::now()),
            Err(_) => {}
        }
    }

    /// A proof was given without being asked for here: a sign-in, a person's test.
    pub(crate) fn prove(&self, key: CredentialKey, proof: Proof) {
        self.of(key).state().proof = Some((Instant::now(), proof));
    }

    /// What the last proof said, or what `ask` says now; of several callers one asks.
    pub(crate) async fn proof(&self, key: CredentialKey, ask: impl Future<Output = Proof>) -> Proof {
        let standing = self.of(key);
        let _asking = standing.asking.lock().await;
        let known = standing.state().proof(Instant::now());
        if let Some(proof) = known {
            return proof;
        }
        let proof = ask.await;
        standing.state().proof = Some((Instant::now(), proof));
        proof
    }

    /// Forgets everything of a credential, in every version: a person asks.
    pub(crate) fn forget(&self, id: Uuid) {
        self.0
            .invalidate_entries_if(move |key, _| key.id == id)
            .expect("the cache was built with support for invalidation closures");
    }

    fn of(&self, key: CredentialKey) -> Arc<Standing> {
        self.0.get_with(key, Arc::default)
    }
}

impl Standing {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole at every moment: nothing in here can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether a call may be sent; otherwise how long to wait.
    fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match &mut self.hold {
            Some((until, _)) if *until > now => Err(*until - now),
            Some((until, _)) => {
                *until = now + WHILE_TRYING;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn accepted(&mut self) {
        (self.refusals, self.hold) = (0, None);
        self.proof = self.proof.filter(|(_, proof)| *proof != Proof::Refused);
    }

    fn refused(&mut self, now: Instant) {
        self.refusals = self.refusals.saturating_add(1);
        self.hold = match self.hold {
            // The one that tried, or one that was sent before the hold.
            Some((until, pause)) if until > now + WHILE_TRYING => Some((until, pause)),
            Some((_, pause)) => {
                let pause = (pause * 2).min(MAX_HOLD);
                Some((now + pause, pause))
            }
            None if self.refusals >= REFUSALS => Some((now + FIRST_HOLD, FIRST_HOLD)),
            None => None,
        };
    }

    fn proof(&self, now: Instant) -> Option<Proof> {
        let (at, proof) = self.proof?;
        (now.saturating_duration_since(at) < PROOF_HOLDS).then_some(proof)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const KEY: CredentialKey = CredentialKey { id: Uuid::from_u128(1), version: 1 };

    fn refused() -> Result<(), CallError> {
        Err(CallError::Unauthorized { status: 401, message: None })
    }

    #[test]
    fn refusals_in_a_row_hold_longer_and_longer() {
        let mut now = Instant::now();
        let mut state = State::default();
        for _ in 0..REFUSALS {
            assert_eq!(state.admit(now), Ok(()));
            state.refused(now);
        }
        for minutes in [1, 2, 4, 8, 15, 15] {
            let hold = Duration::from_mins(minutes);
            assert_eq!(state.admit(now), Err(hold), "{minutes}");
            state.refused(now);
            assert_eq!(state.admit(now), Err(hold), "{minutes}: sent before the hold");
            now += hold;
            assert_eq!(state.admit(now), Ok(()), "{minutes}: one tries");
            assert_eq!(state.admit(now), Err(WHILE_TRYING), "{minutes}: the others wait for it");
            state.refused(now);
        }
        now += MAX_HOLD;
        assert_eq!(state.admit(now), Ok(()));
        state.accepted();
        assert_eq!(state.admit(now), Ok(()));
        state.refused(now);
        assert_eq!(state.admit(now), Ok(()), "it begins anew");
    }

    #[test]
    fn another_version_is_another_credential() {
        let standings = Standings::new();
        for _ in 0..REFUSALS {
            assert!(standings.admit(KEY).is_ok());
            standings.note(KEY, &refused());
        }
        assert!(matches!(standings.admit(KEY), Err(CallError::Held { why: Hold::Refused, .. })));
        assert!(standings.admit(CredentialKey { version: 2, ..KEY }).is_ok());
        standings.forget(KEY.id);
        assert!(standings.admit(KEY).is_ok(), "a person asks");
    }

    #[test]
    fn other_errors_say_nothing_about_the_credential() {
        let standings = Standings::new();
        for status in [400, 403, 404, 500].repeat(5) {
            standings.note(KEY, &Err::<(), _>(CallError::Rejected { status, message: None }));
        }
        assert!(standings.admit(KEY).is_ok());
    }

    #[tokio::test]
    async fn one_proof_for_all_who_doubt() {
        let standings = Standings::new();
        let asked = AtomicUsize::new(0);
        let ask = || async {
            asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Proof::Refused
        };
        let proofs = futures::future::join_all((0..10).map(|_| standings.proof(KEY, ask()))).await;
        assert!(proofs.iter().all(|proof| *proof == Proof::Refused));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        standings.prove(KEY, Proof::Accepted);
        assert_eq!(standings.proof(KEY, ask()).await, Proof::Accepted);
        let old = Instant::now().checked_sub(PROOF_HOLDS).unwrap();
        standings.of(KEY).state().proof = Some((old, Proof::Accepted));
        assert_eq!(standings.proof(KEY, ask()).await, Proof::Refused, "it is too old");
    }
}

//! What is known of one connection's tools, and when its server is asked again.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gateway_store::connections::ConnectionRow;
use uuid::Uuid;

use crate::{
    clock::random_part,
    vendors::{CredentialKey, ToolList},
};

/// A list is asked for again after this, give or take a fifth.
const FRESH: Duration = Duration::from_mins(10);
/// After a failure; every further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const MAX_PAUSE: Duration = Duration::from_mins(30);
/// After a refusal of the credential: wrong sign-ins lock accounts.
const AFTER_REFUSAL: Duration = Duration::from_hours(6);
/// A server that says all the time that its tools have changed is asked no more often than this.
const BETWEEN_CHANGES: Duration = Duration::from_secs(10);
/// What is kept besides the list takes about so many bytes.
const BESIDES: usize = 4096;

/// One connection and its tools.
#[derive(Debug)]
pub(super) struct Known {
    /// Sealed, as it is stored.
    row: ConnectionRow,
    state: Mutex<State>,
    /// Held by who asks.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    list: Option<Arc<ToolList>>,
    problem: Option<String>,
    failures: u32,
    due: Instant,
    asked: Option<Instant>,
    used: Instant,
    /// Somebody has used the connection since it last changed.
    is_there: bool,
    /// The server has said so since it was asked.
    is_changed: bool,
    /// The server did not take the credential.
    is_refused: bool,
}

impl Known {
    /// Nothing yet.
    pub(super) fn new(row: ConnectionRow) -> Self {
        let now = Instant::now();
        let state = State {
            list: None,
            problem: None,
            failures: 0,
            due: now,
            asked: None,
            used: now,
            is_there: true,
            is_changed: false,
            is_refused: false,
        };
        Self { row, state: Mutex::new(state), asking: tokio::sync::Mutex::new(()) }
    }

    pub(super) fn row(&self) -> &ConnectionRow {
        &self.row
    }

    pub(super) fn owner(&self) -> Uuid {
        self.row.owner_id
    }

    pub(super) fn key(&self) -> CredentialKey {
        CredentialKey { id: self.row.id.uuid(), version: self.row.version }
    }

    /// Its share of the memory, in about bytes.
    pub(super) fn weight(&self) -> u32 {
        let list = self.list().map_or(0, |list| list.bytes);
        u32::try_from(BESIDES + self.row.sealed.len() + list).unwrap_or(u32::MAX)
    }

    pub(super) fn list(&self) -> Option<Arc<ToolList>> {
        self.state().list.clone()
    }

    pub(super) fn problem(&self) -> Option<String> {
        self.state().problem.clone()
    }

    /// The list, for somebody who uses the connection.
    pub(super) fn used(&self) -> Option<Arc<ToolList>> {
        let mut state = self.state();
        state.used = Instant::now();
        state.is_there = true;
        state.list.clone()
    }

    pub(super) fn is_due(&self) -> bool {
        self.state().due <= Instant::now()
    }

    pub(super) fn is_asked(&self) -> bool {
        self.asking.try_lock().is_err()
    }

    /// How long to wait for the first list, of `whole` since its server was asked; not at all once it has failed.
    pub(super) fn patience(&self, whole: Duration) -> Option<Duration> {
        let state = self.state();
        let gone = state.asked.map_or(Duration::ZERO, |asked| asked.elapsed());
        let is_first = state.list.is_none() && state.problem.is_none();
        is_first.then(|| whole.saturating_sub(gone)).filter(|rest| !rest.is_zero())
    }

    /// Used within `idle`, and there as far as is known.
    pub(super) fn is_in_use(&self, idle: Duration) -> bool {
        let state = self.state();
        state.is_there && state.used.elapsed() < idle
    }

    /// The connection may be gone, or have been put right.
    pub(super) fn doubt(&self) {
        let mut state = self.state();
        state.is_there = false;
        state.is_refused = false;
        if state.problem.take().is_some() {
            (state.failures, state.due) = (0, Instant::now());
        }
    }

    /// The server says that its tools have changed; how long to wait before it is asked, if nobody waits for that already.
    /// After a refusal it has to wait for its time.
    pub(super) fn has_changed(&self) -> Option<Duration> {
        let mut state = self.state();
        if state.is_refused || std::mem::replace(&mut state.is_changed, true) {
            return None;
        }
        let now = Instant::now();
        let earliest = state.after_change(now);
        state.due = state.due.min(earliest);
        Some(earliest - now)
    }

    /// The right to ask; none if somebody else has asked while this waited for it.
    pub(super) async fn begin(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let asking = self.asking.lock().await;
        let mut state = self.state();
        let now = Instant::now();
        if state.due > now {
            return None;
        }
        (state.asked, state.is_changed) = (Some(now), false);
        drop(state);
        Some(asking)
    }

    /// What came of it: a list, or why there is none and whether the credential was refused. True if the list is another
    /// one now.
    pub(super) fn heard(&self, result: Result<ToolList, (String, bool)>) -> bool {
        let mut state = self.state();
        let now = Instant::now();
        match result {
            Ok(list) => {
                let is_other = state.list.as_ref().is_none_or(|old| old.id != list.id);
                (state.problem, state.failures, state.is_refused) = (None, 0, false);
                state.list = Some(Arc::new(list));
                let fresh = FRESH * 4 / 5 + random_part(FRESH * 2 / 5);
                // What it said meanwhile may be newer than its list.
                state.due = if state.is_changed { state.after_change(now) } else { now + fresh };
                is_other
            }
            Err((problem, is_refused)) => {
                let pause = FIRST_PAUSE.saturating_mul(1 << state.failures.min(6)).min(MAX_PAUSE);
                let pause = if is_refused { AFTER_REFUSAL } else { pause };
                state.failures += 1;
                state.is_changed = false;
                (state.problem, state.is_refused) = (Some(problem), is_refused);
                state.due = now + pause * 4 / 5 + random_part(pause * 2 / 5);
                false
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whole at every moment: nothing in here can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// When to ask a server that has said that its tools have changed: `now`, or when that may be done again.
    fn after_change(&self, now: Instant) -> Instant {
        self.asked.map_or(now, |asked| asked + BETWEEN_CHANGES).max(now)
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::{connections::Scope, ids::Id};
    use gateway_store::Timestamp;

    use super::*;

    fn known() -> Known {
        let at = Timestamp::from_micros(0);
        Known::new(ConnectionRow {
            id: Id::from_uuid(Uuid::from_u128(1)),
            scope: Scope::Personal,
            owner_id: Uuid::from_u128(2),
            vendor: "acme".into(),
            version: 1,
            key_id: String::new(),
            sealed: Vec::new(),
            account: None,
            problem: None,
            created_at: at,
            updated_at: at,
            checked_at: at,
        })
    }

    fn list(id: u8) -> ToolList {
        ToolList { tools: Vec::new(), left_out: Vec::new(), id: [id; 32], bytes: 0 }
    }

    #[tokio::test]
    async fn the_last_good_list_is_kept() {
        let known = known();
        assert!(known.is_due() && known.list().is_none());
        assert!(known.begin().await.is_some());
        assert!(known.heard(Ok(list(1))) && !known.is_due());
        assert!(known.begin().await.is_none(), "somebody has asked already");
        assert!(!known.heard(Ok(list(1))), "the same");
        assert!(!known.heard(Err(("down".into(), false))));
        assert_eq!((known.list().unwrap().id, known.problem().as_deref()), ([1; 32], Some("down")));
        assert!(known.heard(Ok(list(2))) && known.problem().is_none());
    }

    #[test]
    fn failures_are_asked_again_later_and_at_once_after_a_change() {
        let known = known();
        let until_due = || known.state().due.saturating_duration_since(Instant::now());
        known.heard(Err(("down".into(), false)));
        let first = until_due();
        assert!(first > FIRST_PAUSE / 2 && first <= FIRST_PAUSE * 6 / 5, "{first:?}");
        (0..20).for_each(|_| assert!(!known.heard(Err(("down".into(), false)))));
        assert!(until_due() > MAX_PAUSE / 2);
        known.heard(Err(("refused".into(), true)));
        assert!(until_due() > AFTER_REFUSAL / 2);
        assert!(known.has_changed().is_none() && until_due() > AFTER_REFUSAL / 2, "a refusal is believed");
        assert!(known.patience(FIRST_PAUSE).is_none(), "nobody waits for what has failed");
        known.doubt();
        assert!(known.is_due() && !known.is_in_use(FRESH), "it may be gone");
        known.used();
        assert!(known.is_in_use(FRESH) && known.has_changed() == Some(Duration::ZERO));
    }

    #[tokio::test]
    async fn a_server_that_changes_all_the_time_is_asked_now_and_then() {
        let known = known();
        drop(known.begin().await);
        known.heard(Ok(list(1)));
        let wait = known.has_changed().unwrap();
        assert!(wait > BETWEEN_CHANGES / 2 && wait <= BETWEEN_CHANGES, "it was asked a moment ago: {wait:?}");
        assert!(known.has_changed().is_none(), "somebody waits already");
        assert!(known.state().due <= Instant::now() + wait);
    }

    #[tokio::test]
    async fn what_changes_while_it_is_asked_is_asked_again_soon() {
        let known = known();
        let asking = known.begin().await;
        let wait = known.has_changed().unwrap();
        let waits_until = Instant::now() + wait;
        known.heard(Ok(list(1)));
        assert!(known.state().due <= waits_until, "who waits for it finds it due");
        drop(asking);
        let until_due = || known.state().due.saturating_duration_since(Instant::now());
        assert!(until_due() <= BETWEEN_CHANGES && !known.is_due());
        known.state().due = Instant::now();
        drop(known.begin().await);
        known.heard(Ok(list(1)));
        assert!(until_due() > FRESH / 2, "that was heard");
    }
}

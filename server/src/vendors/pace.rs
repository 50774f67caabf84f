//! What keeps the gateway a good citizen, for each stored credential on its own and for all who use it: the vendor's rate
//! and how many requests at once (the manifest's `[limits]`), the wait that the vendor asked for (`Retry-After`), and the
//! [`Breaker`]. A call waits a moment where that helps, and is told how long to wait where it does not.
//!
//! A vendor that counts by address has one rate for all credentials; one of them gets half of it at most.
//!
//! Local to this process. With several replicas each keeps the whole rate; what a vendor asks for beyond that, every
//! replica learns from its own first refusal.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use moka::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::breaker::{Breaker, Refused};
use super::error::{CallError, Hold};
use super::vendor::{Budget, Rate, Risk, Vendor};

/// A call waits so long before it is told to come back later.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// A vendor that asks for more is asked again after this.
const MAX_PAUSE: Duration = Duration::from_hours(24);

/// After a refusal for the rate that does not say how long to wait.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// What others are told who wait for a free place among the requests at once.
const FOR_A_PLACE: Duration = Duration::from_secs(1);

/// Credentials kept in mind; the least used go first. What is not used for so long starts anew.
const MAX_CREDENTIALS: u64 = 10_000;
const IDLE: Duration = Duration::from_hours(25);

/// Vendors whose rate is one for all credentials: more than there are.
const MAX_VENDORS: u64 = 1000;

/// The pace of every credential, and of every vendor that counts by address.
pub(crate) struct Paces {
    credentials: Cache<Uuid, Arc<Pace>>,
    gateway: Cache<String, Arc<DefaultDirectRateLimiter>>,
}

/// The pace of one credential.
struct Pace {
    rate: Option<DefaultDirectRateLimiter>,
    writes: Option<DefaultDirectRateLimiter>,
    /// The vendor's, with all others.
    gateway: Option<Arc<DefaultDirectRateLimiter>>,
    places: Option<Arc<Semaphore>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The vendor asked to wait until then.
    paused_until: Option<Instant>,
    breaker: Breaker,
}

/// The right to make one call; tells the breaker what came of it.
#[must_use]
pub(crate) struct Ticket {
    pace: Arc<Pace>,
    is_trying: bool,
    /// Given back with the ticket.
    place: Option<OwnedSemaphorePermit>,
}

impl Paces {
    pub(crate) fn new() -> Self {
        Self {
            credentials: Cache::builder().max_capacity(MAX_CREDENTIALS).time_to_idle(IDLE).build(),
            gateway: Cache::new(MAX_VENDORS),
        }
    }

    /// Waits for a credential's turn, at most a moment. The error says why, and how long it would be.
    pub(crate) async fn admit(
        &self,
        vendor: &Vendor,
        credential: Uuid,
        risk: Risk,
    ) -> Result<Ticket, CallError> {
        let pace = self.credentials.get_with(credential, || {
            let limiter = || vendor.budget.gateway.and_then(limiter);
            let gateway = limiter().map(|new| self.gateway.get_with_by_ref(&vendor.slug, || Arc::new(new)));
            Arc::new(Pace::new(vendor.budget, gateway))
        });
        let is_trying = pace.state().breaker.admit(Instant::now());
        let is_trying = is_trying.map_err(|Refused { why, wait }| held(Hold::Failing(why), wait))?;
        // From here on, giving up lets the next call try.
        let mut ticket = Ticket { pace, is_trying, place: None };
        let until = Instant::now() + MAX_WAIT;
        ticket.pace.wait_for_vendor(until).await?;
        ticket.place = ticket.pace.take_place(until).await?;
        ticket.pace.spend(risk, until).await?;
        Ok(ticket)
    }

    /// Counts one more request of a call that was admitted, and whose first one was turned away.
    pub(crate) async fn spend_again(&self, credential: Uuid, risk: Risk) -> Result<(), CallError> {
        let Some(pace) = self.credentials.get(&credential) else { return Ok(()) };
        let spent = pace.spend(risk, Instant::now() + MAX_WAIT).await;
        spent.map_err(|error| match error {
            CallError::Held { wait, .. } => held(Hold::Again, wait),
            other => other,
        })
    }

    /// The vendor asks to wait; all who use the credential do.
    pub(crate) fn pause(&self, credential: Uuid, wait: Duration) {
        if let Some(pace) = self.credentials.get(&credential) {
            pace.pause(wait);
        }
    }

    /// Lets the next call try: a person asks, or the credential is another one. What the vendor asked for stays.
    pub(crate) fn close_breaker(&self, credential: Uuid) {
        if let Some(pace) = self.credentials.get(&credential) {
            pace.state().breaker.succeeded();
        }
    }
}

impl Pace {
    fn new(budget: Budget, gateway: Option<Arc<DefaultDirectRateLimiter>>) -> Self {
        // Half, so that no tenant can leave the others without any.
        let share = budget.gateway.map(|all| Rate { requests: all.requests.div_ceil(2), ..all });
        Self {
            rate: budget.requests.or(share).and_then(limiter),
            writes: budget.writes.and_then(limiter),
            gateway,
            places: budget.concurrent.map(|places| Arc::new(Semaphore::new(places as usize))),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole at every moment: nothing in here can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait.min(MAX_PAUSE);
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(until));
    }

    async fn wait_for_vendor(&self, until: Instant) -> Result<(), CallError> {
        loop {
            let now = Instant::now();
            let Some(paused) = self.state().paused_until.filter(|paused| *paused > now) else {
                return Ok(());
            };
            if paused > until {
                return Err(held(Hold::Asked, paused - now));
            }
            tokio::time::sleep(paused - now).await;
        }
    }

    async fn take_place(&self, until: Instant) -> Result<Option<OwnedSemaphorePermit>, CallError> {
        let Some(places) = &self.places else { return Ok(None) };
        match tokio::time::timeout_at(until.into(), Arc::clone(places).acquire_owned()).await {
            Ok(place) => Ok(place.ok()),
            Err(_) => Err(held(Hold::Budget, FOR_A_PLACE)),
        }
    }

    async fn spend(&self, risk: Risk, until: Instant) -> Result<(), CallError> {
        let own = self.writes.as_ref().filter(|_| risk != Risk::Read).or(self.rate.as_ref());
        for rate in own.into_iter().chain(self.gateway.as_deref()) {
            while let Err(not_yet) = rate.check() {
                let wait = not_yet.wait_time_from(DefaultClock::default().now());
                if Instant::now() + wait > until {
                    return Err(held(Hold::Budget, wait));
                }
                tokio::time::sleep(wait).await;
            }
        }
        Ok(())
    }
}

impl Ticket {
    /// What came of the call. Only what says that the vendor is not there counts against it, never a refusal (4xx).
    pub(crate) fn done<T>(mut self, result: &Result<T, CallError>) {
        let mut state = self.pace.state();
        match result {
            Err(
                error
                @ (CallError::Unreachable { .. } | CallError::Timeout { .. } | CallError::Failed { .. }),
            ) if error.status() != Some(501) => {
                state.breaker.failed(Instant::now(), self.is_trying, &error.in_our_words());
            }
            // Nothing was sent: it says nothing.
            Err(CallError::Held { .. } | CallError::Credential(_) | CallError::Blocked { .. }) => return,
            _ => state.breaker.succeeded(),
        }
        drop(state);
        self.is_trying = false;
        if let Err(CallError::RateLimited { retry_after, .. }) = result {
            self.pace.pause(retry_after.unwrap_or(SHORT_PAUSE));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.is_trying {
            self.pace.state().breaker.gave_up(Instant::now());
        }
    }
}

fn held(why: Hold, wait: Duration) -> CallError {
    CallError::Held { why, wait }
}

fn limiter(rate: Rate) -> Option<DefaultDirectRateLimiter> {
    quota(rate).map(RateLimiter::direct)
}

/// A quarter of the rate at once, the rest evenly: so no window of this length ever sees more than the rate.
fn quota(Rate { requests, window }: Rate) -> Option<Quota> {
    let burst = requests.div_ceil(4);
    let steady = (requests - burst).max(1);
    Some(Quota::with_period(window / steady)?.allow_burst(burst.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::testing;

    fn vendor(budget: Budget) -> Vendor {
        Vendor {
            budget,
            ..testing::vendor("fields = [{ name = \"key\", label = \"Key\", kind = \"secret\" }]")
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the budget holds it")]
    fn rate(requests: u32, window: Duration) -> Option<Rate> {
        Some(Rate { requests, window })
    }

    async fn admit(paces: &Paces, vendor: &Vendor, credential: Uuid) -> Result<Ticket, CallError> {
        paces.admit(vendor, credential, Risk::Read).await
    }

    const ONE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn failed() -> Result<(), CallError> {
        Err(CallError::Failed { status: 502, message: None })
    }

    #[tokio::test]
    async fn the_rate_is_one_credentials_own() {
        let vendor = vendor(Budget { requests: rate(8, Duration::from_hours(1)), ..Budget::default() });
        let paces = Paces::new();
        for _ in 0..2 {
            admit(&paces, &vendor, ONE).await.unwrap().done(&Ok(()));
        }
        let refused = admit(&paces, &vendor, ONE).await.err().unwrap();
        let CallError::Held { why: Hold::Budget, wait } = refused else { panic!("{refused}") };
        assert!(wait > Duration::from_mins(9) && wait <= Duration::from_mins(10), "{wait:?}");
        assert!(admit(&paces, &vendor, OTHER).await.is_ok());
    }

    #[tokio::test]
    async fn writes_have_a_rate_of_their_own() {
        let hour = Duration::from_hours(1);
        let vendor = vendor(Budget { requests: rate(12, hour), writes: rate(4, hour), ..Budget::default() });
        let paces = Paces::new();
        let admit = async |risk| paces.admit(&vendor, ONE, risk).await.map(drop);
        admit(Risk::Write).await.unwrap();
        for risk in [Risk::Write, Risk::Delete, Risk::Admin] {
            assert!(matches!(admit(risk).await, Err(CallError::Held { why: Hold::Budget, .. })), "{risk:?}");
        }
        for _ in 0..3 {
            admit(Risk::Read).await.unwrap();
        }
        assert!(admit(Risk::Read).await.is_err());
    }

    #[tokio::test]
    async fn who_counts_by_address_has_one_rate_for_all() {
        let hour = Duration::from_hours(1);
        let vendor = vendor(Budget { gateway: rate(64, hour), ..Budget::default() });
        let other_vendor = Vendor {
            slug: "other".into(),
            ..self::vendor(Budget { gateway: rate(64, hour), ..Budget::default() })
        };
        let paces = Paces::new();
        let taken = async |vendor: &Vendor, credential: u128| {
            let mut taken = 0;
            while taken < 100 && admit(&paces, vendor, Uuid::from_u128(credential)).await.is_ok() {
                taken += 1;
            }
            taken
        };
        // 16 at once are for all; one tenant gets half of them.
        assert_eq!([taken(&vendor, 1).await, taken(&vendor, 2).await, taken(&vendor, 3).await], [8, 8, 0]);
        assert_eq!(taken(&other_vendor, 4).await, 8, "another vendor counts for itself");
    }

    #[tokio::test]
    async fn a_second_request_that_is_held_does_not_say_that_nothing_was_sent() {
        let vendor = vendor(Budget { requests: rate(1, Duration::from_hours(1)), ..Budget::default() });
        let paces = Paces::new();
        let _ticket = admit(&paces, &vendor, ONE).await.unwrap();
        let held = paces.spend_again(ONE, Risk::Read).await.unwrap_err();
        assert!(matches!(held, CallError::Held { why: Hold::Again, .. }), "{held}");
        assert!(held.to_string().starts_with("the vendor turned the first request away"), "{held}");
        let held = admit(&paces, &vendor, ONE).await.err().unwrap();
        assert!(held.to_string().starts_with("nothing was sent"), "{held}");
    }

    #[tokio::test]
    async fn a_short_wait_is_waited() {
        let vendor = vendor(Budget { requests: rate(40, Duration::from_secs(1)), ..Budget::default() });
        let paces = Paces::new();
        let started = Instant::now();
        for _ in 0..14 {
            admit(&paces, &vendor, ONE).await.unwrap().done(&Ok(()));
        }
        assert!(started.elapsed() >= Duration::from_millis(90), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn so_many_at_once() {
        let vendor = vendor(Budget { concurrent: Some(1), ..Budget::default() });
        let paces = Paces::new();
        let first = admit(&paces, &vendor, ONE).await.unwrap();
        assert!(admit(&paces, &vendor, OTHER).await.is_ok());
        let (second, ()) = tokio::join!(admit(&paces, &vendor, ONE), async { drop(first) });
        assert!(second.is_ok());
    }

    #[tokio::test]
    async fn what_the_vendor_asks_for_holds_all_users_of_the_credential() {
        let vendor = vendor(Budget::default());
        let paces = Paces::new();
        let limited = |seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            Err::<(), _>(CallError::RateLimited { status: 429, message: None, retry_after })
        };
        admit(&paces, &vendor, ONE).await.unwrap().done(&limited(17));
        let refused = admit(&paces, &vendor, ONE).await.err().unwrap();
        assert!(
            matches!(&refused, CallError::Held { why: Hold::Asked, wait } if wait.as_secs() == 16),
            "{refused}"
        );
        paces.close_breaker(ONE);
        assert!(admit(&paces, &vendor, ONE).await.is_err(), "a person's test does not change it");
        admit(&paces, &vendor, OTHER).await.unwrap().done(&limited(1_000_000));
        let refused = admit(&paces, &vendor, OTHER).await.err().unwrap();
        assert!(matches!(&refused, CallError::Held { wait, .. } if *wait <= MAX_PAUSE), "{refused}");
    }

    #[tokio::test]
    async fn refusals_never_open_the_breaker() {
        let vendor = vendor(Budget::default());
        let paces = Paces::new();
        for status in (400..=428).chain(430..500).chain([501]) {
            let refused = CallError::Rejected { status, message: None };
            admit(&paces, &vendor, ONE).await.unwrap().done(&Err::<(), _>(refused));
        }
        for _ in 0..5 {
            admit(&paces, &vendor, ONE).await.unwrap().done(&failed());
        }
        let refused = admit(&paces, &vendor, ONE).await.err().unwrap();
        assert!(
            matches!(&refused, CallError::Held { why: Hold::Failing(why), .. } if why.contains("502")),
            "{refused}"
        );
        assert!(admit(&paces, &vendor, OTHER).await.is_ok(), "another credential of the same vendor");
        paces.close_breaker(ONE);
        assert!(admit(&paces, &vendor, ONE).await.is_ok());
    }

    #[test]
    fn no_window_sees_more_than_the_rate() {
        for (requests, seconds) in [(1, 60), (3, 1), (60, 60), (600, 60), (3000, 300), (10_000, 3600)] {
            let quota = quota(Rate { requests, window: Duration::from_secs(seconds) }).unwrap();
            let steady = Duration::from_secs(seconds).as_nanos() / quota.replenish_interval().as_nanos();
            let most = u128::from(quota.burst_size().get()) + steady;
            assert!(most <= u128::from(requests) + 1, "{requests} in {seconds} s: {most}");
        }
    }
}

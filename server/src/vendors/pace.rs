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
mod tests;

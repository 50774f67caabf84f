//! How many tool calls one grant may make (MCP 2026-07-28, server/tools: servers must limit the rate of tool calls), and how
//! many streams it may keep open.

use std::{
    collections::{HashMap, hash_map::Entry},
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use gateway_api::ids::GrantId;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::DefaultKeyedStateStore,
};

/// Calls per second that may go on for ever.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(60).expect("60 is not zero");
/// Calls at once, after a pause.
const BURST: NonZeroU32 = NonZeroU32::new(240).expect("240 is not zero");
/// After so many checks the grants that have been quiet are forgotten.
const CLEAN_EVERY: u32 = 1 << 14;

/// Counts calls per grant, each on its own.
pub(super) struct CallLimit {
    limiter: RateLimiter<GrantId, DefaultKeyedStateStore<GrantId>, DefaultClock>,
    clock: DefaultClock,
    checks: AtomicU32,
}

impl CallLimit {
    /// With nothing counted.
    pub(super) fn new() -> Self {
        let limiter = RateLimiter::keyed(Quota::per_second(PER_SECOND).allow_burst(BURST));
        Self { limiter, clock: DefaultClock::default(), checks: AtomicU32::new(0) }
    }

    /// Counts a call. The error says how long to wait.
    pub(super) fn check(&self, grant: GrantId) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(CLEAN_EVERY) {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&grant).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

/// Streams that one grant may have open in this process at the same time: a thousand take some 70 MB.
pub(super) const MAX_STREAMS: usize = 1024;

/// Counts the open streams of each grant.
#[derive(Default)]
pub(super) struct Streams(Arc<Mutex<HashMap<GrantId, usize>>>);

/// A stream that is open; closed when it is dropped.
pub(super) struct OpenStream {
    streams: Arc<Mutex<HashMap<GrantId, usize>>>,
    grant: GrantId,
}

impl Streams {
    /// One more, unless there are too many.
    pub(super) fn open(&self, grant: GrantId) -> Option<OpenStream> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_grant = open.entry(grant).or_default();
        if *of_grant >= MAX_STREAMS {
            return None;
        }
        *of_grant += 1;
        Some(OpenStream { streams: Arc::clone(&self.0), grant })
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut open = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut of_grant) = open.entry(self.grant) {
            *of_grant.get_mut() -= 1;
            if *of_grant.get() == 0 {
                of_grant.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::ids::Id;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_grant_has_a_burst_of_its_own() {
        let limit = CallLimit::new();
        let grant = |number| Id::from_uuid(Uuid::from_u128(number));
        // Some calls of the second that this test may take are refilled in the meantime.
        let allowed = (0..10_000).take_while(|_| limit.check(grant(1)).is_ok()).count();
        assert!(allowed >= 240, "{allowed}");
        let wait = limit.check(grant(1));
        assert!(wait.is_ok() || wait.is_err_and(|wait| wait <= Duration::from_secs(1)));
        assert!(limit.check(grant(2)).is_ok());
    }

    #[test]
    fn streams_are_counted_while_they_are_open() {
        let streams = Streams::default();
        let grant = |number| Id::from_uuid(Uuid::from_u128(number));
        let mut open: Vec<_> = (0..MAX_STREAMS).map(|_| streams.open(grant(1)).unwrap()).collect();
        assert!(streams.open(grant(1)).is_none() && streams.open(grant(2)).is_some());
        open.pop();
        let again = streams.open(grant(1));
        assert!(again.is_some() && streams.open(grant(1)).is_none());
        drop((open, again));
        assert!(streams.0.lock().unwrap().is_empty(), "nothing is remembered of who has none");
    }
}

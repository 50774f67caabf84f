//! How many tool calls one grant may make (MCP 2026-07-28, server/tools: servers must limit the rate of tool calls).

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
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
}

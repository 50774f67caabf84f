//! How often one address may ask the public endpoints ([`public`] says which), and one person for what is costly. Kept in
//! memory, per replica: it holds off floods; what must be counted exactly (sign-in attempts) is counted in the database, by
//! `auth::throttle`.

pub mod public;

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

use gateway_api::ids::UserId;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};

/// Counts requests by address: a burst, then so many a minute.
#[derive(Debug)]
pub struct PerAddress {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl PerAddress {
    /// Lets `burst` requests through at once, and `per_minute` in the long run.
    pub fn new(burst: NonZeroU32, per_minute: NonZeroU32) -> Self {
        let quota = Quota::per_minute(per_minute).allow_burst(burst);
        Self { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default() }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait, if it is one too many.
    pub fn check(&self, address: IpAddr) -> Result<(), Duration> {
        self.limiter
            .check_key(&network(address))
            .map_err(|refusal| refusal.wait_time_from(self.clock.now()).max(Duration::from_secs(1)))
    }

    /// Forgets who has not asked for long.
    pub fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// Counts what one person asks for: a burst, then so many a minute.
#[derive(Debug)]
pub struct PerPerson {
    limiter: DefaultKeyedRateLimiter<UserId>,
    clock: DefaultClock,
}

impl PerPerson {
    /// Lets `burst` requests through at once, and `per_minute` in the long run.
    pub fn new(burst: NonZeroU32, per_minute: NonZeroU32) -> Self {
        let quota = Quota::per_minute(per_minute).allow_burst(burst);
        Self { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default() }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait, if it is one too many.
    pub fn check(&self, person: UserId) -> Result<(), Duration> {
        self.limiter
            .check_key(&person)
            .map_err(|refusal| refusal.wait_time_from(self.clock.now()).max(Duration::from_secs(1)))
    }

    /// Forgets who has not asked for long.
    pub fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// What is counted as one address: a household has a whole IPv6 network of 2^64 of them, so the network counts.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_use_up_another() {
        let one = NonZeroU32::MIN;
        let limit = PerAddress::new(one, one);
        let check = |address: &str| limit.check(address.parse().unwrap());
        assert!(check("192.0.2.1").is_ok());
        let wait = check("192.0.2.1").unwrap_err();
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_secs(60), "{wait:?}");
        assert!(check("::ffff:192.0.2.1").is_err(), "the same in IPv6 spelling");
        assert!(check("192.0.2.2").is_ok());
        assert!(check("2001:db8::1").is_ok());
        assert!(check("2001:db8::ffff").is_err(), "the same network");
        assert!(check("2001:db8:0:1::1").is_ok());
        limit.forget_idle();
        assert!(check("192.0.2.1").is_err());
    }
}

//! The time and chance of this process: the only file that asks the system for the hour, and where our own random numbers
//! come from. (Libraries make theirs: salts of passwords, the values of an OpenID sign-in, ids of MCP sessions.)
//!
//! Tests hold the clock still ([`Clock::fixed`]) and move it on ([`Clock::advance`]).

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gateway_api::ids::Id;
use gateway_store::Timestamp;
use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

/// The bits of a UUIDv7 between milliseconds and chance.
const COUNTER_BITS: u32 = 12;
const COUNTER_MASK: u64 = (1 << COUNTER_BITS) - 1;

/// Tells the time, and makes ids of it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Microseconds since 1970, where the clock stands still.
    fixed: Option<Arc<AtomicI64>>,
    /// The last id's milliseconds and counter, as one growing number.
    last_id: Arc<AtomicU64>,
}

impl Clock {
    /// The system's.
    pub fn system() -> Self {
        Self::default()
    }

    /// One that stands still at `moment`.
    pub fn fixed(moment: Timestamp) -> Self {
        Self { fixed: Some(Arc::new(AtomicI64::new(moment.micros()))), ..Self::default() }
    }

    /// Moves a fixed clock on; the system's goes by itself.
    pub fn advance(&self, duration: Duration) {
        if let Some(micros) = &self.fixed {
            let step = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
            micros.fetch_add(step, Ordering::SeqCst);
        }
    }

    /// Now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system")]
    pub fn now(&self) -> Timestamp {
        match &self.fixed {
            Some(micros) => Timestamp::from_micros(micros.load(Ordering::SeqCst)),
            None => OffsetDateTime::now_utc().into(),
        }
    }

    /// A new id: a UUIDv7 of this moment (RFC 9562 section 5.7).
    pub fn new_id<Kind>(&self) -> Id<Kind> {
        Id::from_uuid(self.new_uuid())
    }

    /// [`Clock::new_id`] without a kind. Each id of a process is greater than the one before, also within a millisecond
    /// (RFC 9562 section 6.2, method 1: a counter of 12 bits).
    pub fn new_uuid(&self) -> Uuid {
        let millis = u64::try_from(self.now().micros() / 1000).unwrap_or(0);
        let next = |last: u64| (millis << COUNTER_BITS).max(last + 1);
        let last = self.last_id.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(next(last)));
        // The update never declines, so it gives the old value either way.
        let id = next(last.unwrap_or_else(|last| last));
        let mut random = random_bytes::<10>();
        random[..2].copy_from_slice(&u16::try_from(id & COUNTER_MASK).unwrap_or(0).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(id >> COUNTER_BITS, &random).into_uuid()
    }
}

/// 256 random bits in base64url: 43 characters. For every token that somebody must not guess.
pub fn random_token() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `N` random bytes.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// Somewhere between nothing and `whole`.
pub fn random_part(whole: Duration) -> Duration {
    whole * u32::from_le_bytes(random_bytes()) / u32::MAX
}

/// What is stored of a token: its SHA-256 in hex. Enough, since tokens are random ([`random_token`]).
pub fn hash_token(token: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(token.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(Timestamp::from_micros(1_000_000));
        let first: Id<()> = clock.new_id();
        assert_eq!(clock.now().micros(), 1_000_000);
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now().micros(), 2_000_000);
        let second: Id<()> = clock.new_id();
        assert!(first < second, "ids sort by time");
        let many: Vec<Uuid> = (0..10_000).map(|_| clock.new_uuid()).collect();
        assert!(many.is_sorted_by(|one, next| one < next), "also within a millisecond");
        assert_eq!(second.uuid().get_version_num(), 7);
    }

    #[test]
    fn tokens_are_long_and_different() {
        assert_eq!(random_token().len(), 43);
        assert_ne!(random_token(), random_token());
        assert_eq!(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}

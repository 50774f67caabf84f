//! Attempts that must not be made without end: signing in, above all. Counted in the database, for all replicas.

use std::{net::IpAddr, time::Duration};

use gateway_api::ids::UserId;
use gateway_store::{throttles, users::email_key};

use crate::{clock::hash_token, error::ApiError, limits::network, state::AppState};

/// How many attempts within how long.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The attempts.
    pub attempts: i32,
    /// Counting begins anew after this.
    pub window: Duration,
}

/// Wrong passwords for one account.
pub const PER_ACCOUNT: Limit = Limit { attempts: 10, window: Duration::from_mins(10) };
/// Attempts from one address, for all accounts together.
pub const PER_ADDRESS: Limit = Limit { attempts: 100, window: Duration::from_mins(10) };

/// Upgrade codes that one person tries.
pub const CODES: Limit = Limit { attempts: 10, window: Duration::from_mins(10) };

/// The bucket of the upgrade codes that a person tries.
pub fn code_bucket(user: UserId) -> String {
    format!("code:{user}")
}

/// The bucket of an account. The e-mail is hashed: the table is no list of who tried what.
pub fn account_bucket(email: &str) -> String {
    format!("sign-in:{}", hash_token(&email_key(email)))
}

/// The bucket of an address, or of its network.
pub fn address_bucket(address: IpAddr) -> String {
    format!("address:{}", network(address))
}

/// Counts an attempt.
///
/// # Errors
/// [`ApiError::Throttled`], the same for accounts that exist and that do not.
pub async fn attempt(state: &AppState, bucket: &str, limit: Limit) -> Result<(), ApiError> {
    let now = state.clock.now();
    let mut transaction = state.database.write().await?;
    let counted = throttles::count(&mut transaction, bucket, limit.window, now).await?;
    transaction.commit().await?;
    if counted.attempts > limit.attempts {
        return Err(ApiError::Throttled(now.until(counted.window_ends_at).as_secs().max(1)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_address() {
        let bucket = |address: &str| address_bucket(address.parse().unwrap());
        assert_eq!(bucket("192.0.2.1"), "address:192.0.2.1");
        assert_eq!(bucket("::ffff:192.0.2.1"), bucket("192.0.2.1"));
        assert_eq!(bucket("2001:db8::1"), bucket("2001:db8::ffff:1"));
        assert_ne!(bucket("2001:db8::1"), bucket("2001:db8:0:1::1"));
        assert_ne!(bucket("192.0.2.1"), bucket("192.0.2.2"));
    }
}

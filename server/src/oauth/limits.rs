//! How often one address may ask the endpoints that make rows for strangers. The other public ones: `crate::limits::public`.
//!
//! Where there is a body, the count is an extractor in front of it: what cannot be read is counted as well.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use axum::{extract::FromRequestParts, http::request::Parts};

use super::error::OAuthError;
use crate::{auth::client_ip::ClientIp, limits::PerAddress, state::AppState};

/// The limits.
#[derive(Debug)]
pub(super) struct Limits {
    register: PerAddress,
    authorize: PerAddress,
    token: PerAddress,
}

impl Default for Limits {
    /// An office behind one address fits in with ease; clients on a server (claude.ai) come from few addresses, too.
    fn default() -> Self {
        let positive = |number: u32| NonZeroU32::MIN.saturating_add(number.saturating_sub(1));
        let limit = |burst, per_minute| PerAddress::new(positive(burst), positive(per_minute));
        Self { register: limit(60, 20), authorize: limit(60, 30), token: limit(300, 300) }
    }
}

impl Limits {
    /// Counts somebody who is sent to `/authorize`.
    ///
    /// # Errors
    /// How long to wait, if it is one too many.
    pub(super) fn count_authorize(&self, address: IpAddr) -> Result<(), Duration> {
        self.authorize.check(address)
    }

    /// Forgets who has not asked for long.
    pub(super) fn forget_idle(&self) {
        let Self { register, authorize, token } = self;
        for limit in [register, authorize, token] {
            limit.forget_idle();
        }
    }
}

/// Where a request to `/token` or `/revoke` comes from, counted.
#[derive(Debug, Clone, Copy)]
pub struct TokenAddress(pub IpAddr);

impl FromRequestParts<AppState> for TokenAddress {
    type Rejection = OAuthError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, OAuthError> {
        count(&state.oauth.limits.token, parts, state).await.map(Self)
    }
}

/// Where a request to `/register` comes from, counted.
#[derive(Debug, Clone, Copy)]
pub struct RegisterAddress(pub IpAddr);

impl FromRequestParts<AppState> for RegisterAddress {
    type Rejection = OAuthError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, OAuthError> {
        count(&state.oauth.limits.register, parts, state).await.map(Self)
    }
}

async fn count(limit: &PerAddress, parts: &mut Parts, state: &AppState) -> Result<IpAddr, OAuthError> {
    let Ok(ClientIp(address)) = ClientIp::from_request_parts(parts, state).await;
    limit.check(address).map_err(|wait| OAuthError::throttled(wait.as_secs()))?;
    Ok(address)
}

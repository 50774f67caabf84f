//! Which client asks at the token and revocation endpoints.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use gateway_store::clients::{self, Client};

use super::{
    error::{ErrorCode, OAuthError},
    params::Parameters,
};
use crate::state::AppState;

/// The client of a request (RFC 6749 section 3.2.1): all are public, so each names itself by `client_id` alone. What
/// binds a code or token to it is PKCE and rotation.
///
/// # Errors
/// `invalid_client` with 401 for one that is not (any longer) registered, so that it registers anew, and for one that
/// sends a secret: nobody ever got one.
pub async fn identify(
    state: &AppState,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Client, OAuthError> {
    let refuse = |description| Err(OAuthError::new(ErrorCode::InvalidClient, description));
    let has_secret =
        parameters.get("client_secret")?.is_some() || parameters.get("client_assertion")?.is_some();
    if has_secret || headers.contains_key(header::AUTHORIZATION) {
        return refuse("this client is public: it sends its client_id and no secret");
    }
    let id = parameters.require("client_id", "client_id is missing")?;
    match clients::find(&mut state.database.read().await?, id).await? {
        Some(client) => Ok(client),
        None => refuse("this client is not registered (any longer)"),
    }
}

/// Counts a client that did not prove who it is; after some of them the address must wait, so that nobody guesses.
pub(super) fn count_wrong(state: &AppState, address: IpAddr, error: OAuthError) -> OAuthError {
    if error.code != ErrorCode::InvalidClient {
        return error;
    }
    match state.limits.count_wrong_client(address) {
        Ok(()) => error,
        Err(wait) => OAuthError::throttled(wait.as_secs()),
    }
}

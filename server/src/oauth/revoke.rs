//! `POST /revoke`: a client gives its tokens back (RFC 7009). Access tokens live by their grant, so giving back either
//! kind revokes the grant, as section 2.1 allows.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use gateway_api::ids::GrantId;
use gateway_store::{grants as grant_rows, refresh_tokens};

use super::{
    client_auth::{Authenticated, authenticate},
    error::{ErrorCode, OAuthError},
    grants::revoke_for_client,
    limits::TokenAddress,
    params::Form,
    resource::Resource,
    tokens,
};
use crate::{clock::hash_token, state::AppState};

/// Revokes the grant behind a token. A token that means nothing to us is no error (section 2.2).
pub async fn post_revoke(
    State(state): State<AppState>,
    TokenAddress(address): TokenAddress,
    headers: HeaderMap,
    Form(parameters): Form,
) -> Result<[(HeaderName, HeaderValue); 1], OAuthError> {
    let client = authenticate(&state, address, &headers, &parameters).await?;
    let token = parameters.require("token", "token is missing")?;
    let answer = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    let Some(id) = find_grant(&state, token).await? else { return Ok(answer) };
    let client_id = match client {
        Authenticated::Client(id) => id,
        Authenticated::ServiceClient(found) if found.0.id.uuid() == id.uuid() => {
            let description = "tokens of a service client end within minutes, or when an owner deletes it";
            return Err(OAuthError::new(ErrorCode::UnsupportedTokenType, description));
        }
        Authenticated::ServiceClient(found) => found.0.id.to_string(),
    };
    let mut transaction = state.database.write().await?;
    let Some(live) = grant_rows::find_live(&mut transaction, id, state.clock.now()).await? else {
        return Ok(answer);
    };
    if live.grant.client_id != client_id {
        let description = "the token was issued to another client";
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, description));
    }
    revoke_for_client(&state, &mut transaction, id, "the app gave its access back").await?;
    transaction.commit().await?;
    state.oauth.live_grants().forget(id).await;
    Ok(answer)
}

/// The grant behind a refresh token or an access token.
async fn find_grant(state: &AppState, token: &str) -> Result<Option<GrantId>, OAuthError> {
    let mut connection = state.database.read().await?;
    if let Some(found) = refresh_tokens::find(&mut connection, &hash_token(token)).await? {
        return Ok(Some(found.grant_id));
    }
    let config = &state.config;
    let vendors = state.catalog.vendors().map(|vendor| Resource::of_vendor(&vendor.slug));
    let audiences: Vec<String> =
        vendors.chain([Resource::default()]).map(|resource| resource.url(&config.public_url)).collect();
    let keys = state.oauth.keys.with_key_of(state, token).await;
    let claims = tokens::verify(&keys, token, &config.public_url, &audiences, state.clock.now());
    Ok(claims.ok().map(|claims| claims.grant))
}

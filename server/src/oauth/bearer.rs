//! The resource server's side: which client a request to the MCP endpoint comes from, and which person it acts for (RFC
//! 6750, RFC 9728).
//!
//! A warm call reads no database: the token is remembered by its SHA-256 until it expires or its key is gone, its grant in
//! [`super::grants::LiveGrants`].

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use gateway_api::{
    ids::{GrantId, OrganizationId, UserId},
    organizations::Role,
    plans::Plan,
};
use gateway_store::{
    StoreError, Timestamp, grants::LiveGrant, organizations::Organization, service_clients::ServiceClient,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    error::OAuthError,
    metadata,
    resource::{Address, Resource},
    scope::{self, Scope, Scopes},
    tokens,
};
use crate::{auth::client_ip::ClientIp, config::Config, state::AppState, vault::resolve::Standing};

/// Who calls: an MCP client, for a person, in an organization; or a service client, for the organization alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The grant that allows it; for a service client its own id.
    pub grant_id: GrantId,
    /// The person; none behind a service client.
    pub user_id: Option<UserId>,
    /// Their name, or the service client's.
    pub user_name: String,
    /// The organization the client works in.
    pub organization_id: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// Its plan.
    pub plan: Plan,
    /// The person's role in it.
    pub role: Option<Role>,
    /// The client.
    pub client_id: String,
    /// The name it gave itself.
    pub client_name: String,
    /// How far its calls may go.
    pub scopes: Scopes,
}

impl Caller {
    /// Whose credentials this call may use.
    pub fn standing(&self) -> Standing {
        Standing { user: self.user_id, organization: self.organization_id, plan: self.plan }
    }
}

impl From<LiveGrant> for Caller {
    fn from(live: LiveGrant) -> Self {
        Self {
            grant_id: live.grant.id,
            user_id: Some(live.user.id),
            user_name: live.user.name,
            organization_id: live.organization.id,
            organization_name: live.organization.name,
            plan: live.organization.plan,
            role: Some(live.membership.role),
            client_id: live.grant.client_id,
            client_name: live.grant.client_name,
            scopes: Scopes::of_grant(&live.grant.scope, &live.grant.declined_scope),
        }
    }
}

impl From<(ServiceClient, Organization)> for Caller {
    fn from((client, organization): (ServiceClient, Organization)) -> Self {
        Self {
            grant_id: GrantId::from_uuid(client.id.uuid()),
            user_id: None,
            user_name: client.name.clone(),
            organization_id: organization.id,
            organization_name: organization.name,
            plan: organization.plan,
            role: None,
            client_id: client.id.to_string(),
            client_name: client.name,
            scopes: Scopes::of_grant(&client.scope, ""),
        }
    }
}

/// Why a request is not let in.
#[derive(Debug, thiserror::Error)]
pub enum BearerError {
    /// There is no token: this is how every client begins.
    #[error("an access token is needed")]
    Missing,
    /// The header is there twice, or holds no token.
    #[error("the Authorization header is malformed")]
    Malformed,
    /// Forged, expired, for somewhere else, or its grant is revoked. Which one is not said.
    #[error("the access token is not valid")]
    Invalid,
    /// The database could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A token that was verified.
#[derive(Debug, Clone)]
pub struct VerifiedToken {
    grant: GrantId,
    /// What it is for.
    resource: Resource,
    scope: Option<Scope>,
    expires_at: i64,
}

/// Who sends this request to `endpoint`.
pub async fn authenticate(
    state: &AppState,
    headers: &HeaderMap,
    endpoint: &Resource,
) -> Result<Arc<Caller>, BearerError> {
    let token = read_token(headers)?;
    let now = state.clock.now();
    let verified = verify(state, token, endpoint, now).await?;
    if !verified.resource.opens(endpoint) || verified.expires_at <= tokens::seconds(now) {
        return Err(BearerError::Invalid);
    }
    let caller =
        state.oauth.live_grants().use_now(state, verified.grant).await?.ok_or(BearerError::Invalid)?;
    Ok(narrowed(caller, verified.scope))
}

/// A token may have been issued for less than its grant (RFC 6749 section 6).
fn narrowed(caller: Arc<Caller>, token: Option<Scope>) -> Arc<Caller> {
    let scopes = caller.scopes.narrowed(token);
    if scopes == caller.scopes { caller } else { Arc::new(Caller { scopes, ..Caller::clone(&caller) }) }
}

/// The layer over the MCP endpoint: lets a request through with an `Arc<Caller>` in its extensions, or answers it.
/// It looks at the token before anything else, also for methods that the endpoint does not have. Only what is refused is
/// counted by address: behind one address there are many people with good tokens. Which endpoint it is says the [`Address`] in
/// the extensions.
pub async fn require_bearer(
    State(state): State<AppState>,
    ClientIp(address): ClientIp,
    mut request: Request,
    next: Next,
) -> Response {
    let endpoint = request.extensions().get::<Address>().cloned().unwrap_or_default();
    match authenticate(&state, request.headers(), &endpoint.resource).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error @ BearerError::Store(_)) => refuse(&state.config, &endpoint, &error),
        Err(error) => match state.limits.count_stranger(address) {
            Ok(()) => refuse(&state.config, &endpoint, &error),
            Err(wait) => OAuthError::throttled(wait.as_secs()).into_response(),
        },
    }
}

/// The token of the one Authorization header; from nowhere else (RFC 6750 sections 2.2 and 2.3 are not for us).
fn read_token(headers: &HeaderMap) -> Result<&str, BearerError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(BearerError::Missing)?;
    if values.next().is_some() {
        return Err(BearerError::Malformed);
    }
    let text = value.to_str().map_err(|_| BearerError::Malformed)?;
    let (kind, token) = text.split_once(' ').unwrap_or((text, ""));
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(BearerError::Missing);
    }
    let token = token.trim();
    if token.is_empty() || token.contains(' ') { Err(BearerError::Malformed) } else { Ok(token) }
}

async fn verify(
    state: &AppState,
    token: &str,
    endpoint: &Resource,
    now: Timestamp,
) -> Result<VerifiedToken, BearerError> {
    let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let cache = state.oauth.verified_tokens();
    // What is remembered is good as long as its key is.
    state.oauth.keys.refresh(state).await;
    if let Some(verified) = cache.get(&hash).await {
        return Ok(verified);
    }
    let issuer = &state.config.public_url;
    let audiences = [Resource::default().url(issuer), endpoint.url(issuer)];
    let keys = state.oauth.keys.with_key_of(state, token).await;
    let claims = tokens::verify(&keys, token, issuer, &audiences, now).map_err(|_| BearerError::Invalid)?;
    let resource = Resource::find(&claims.aud, issuer, &state.catalog).ok_or(BearerError::Invalid)?;
    let scope = scope::highest(&claims.scope);
    let verified = VerifiedToken { grant: claims.grant, resource, scope, expires_at: claims.exp };
    cache.insert(hash, verified.clone()).await;
    if !Arc::ptr_eq(&keys, &state.oauth.keys()) {
        // A key may have gone meanwhile: good for this call, which began before, but for no other.
        cache.invalidate(&hash).await;
    }
    Ok(verified)
}

/// RFC 6750 section 3.1 with the `resource_metadata` of RFC 9728 section 5.1: from here a client finds its way.
fn refuse(config: &Config, endpoint: &Address, error: &BearerError) -> Response {
    let (status, code, is_told) = match error {
        BearerError::Missing => (StatusCode::UNAUTHORIZED, "invalid_token", false),
        BearerError::Invalid => (StatusCode::UNAUTHORIZED, "invalid_token", true),
        BearerError::Malformed => (StatusCode::BAD_REQUEST, "invalid_request", true),
        BearerError::Store(cause) => {
            tracing::error!(%cause, "a token could not be checked");
            (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", false)
        }
    };
    let description = match error {
        BearerError::Store(_) => "the gateway cannot reach its database right now".to_owned(),
        other => other.to_string(),
    };
    let body = json!({ "error": code, "error_description": description });
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    }
    let told = is_told.then_some((code, description.as_str()));
    headers.extend(challenge(config, endpoint, scope::USUAL, told));
    response
}

/// 403: the token is good, but not for this (RFC 6750 section 3.1). Names every scope that the operation needs, also those
/// the token has, so that the client asks for all of them at once (MCP authorization 2026-07-28, "Runtime Insufficient Scope
/// Errors").
pub fn insufficient_scope(config: &Config, endpoint: &Address, needed: Scope) -> Response {
    let description = "this tool needs a scope that the access token does not have";
    let code = "insufficient_scope";
    let body = json!({ "error": code, "error_description": description, "scope": needed.with_included() });
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    let mut response = (StatusCode::FORBIDDEN, no_store, Json(body)).into_response();
    response.headers_mut().extend(challenge(config, endpoint, needed, Some((code, description))));
    response
}

/// `WWW-Authenticate`; the error is left out where there was no token.
fn challenge(
    config: &Config,
    endpoint: &Address,
    needed: Scope,
    error: Option<(&str, &str)>,
) -> Option<(HeaderName, HeaderValue)> {
    let (url, path, scope) =
        (&config.public_url, metadata::protected_resource_path(endpoint), needed.with_included());
    let mut text = format!("Bearer resource_metadata=\"{url}{path}\", scope=\"{scope}\"");
    if let Some((code, description)) = error {
        // Writing to a String cannot fail.
        let _ = write!(text, ", error=\"{code}\", error_description=\"{description}\"");
    }
    Some((header::WWW_AUTHENTICATE, HeaderValue::try_from(text).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_from_one_header() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().unwrap());
            }
            read_token(&headers).map(str::to_owned).map_err(|error| error.to_string())
        };
        let (missing, malformed) = (BearerError::Missing.to_string(), BearerError::Malformed.to_string());
        assert_eq!(read(&["Bearer abc"]), Ok("abc".to_owned()));
        assert_eq!(read(&["bearer abc"]), Ok("abc".to_owned()));
        assert_eq!(read(&[]), Err(missing.clone()));
        assert_eq!(read(&["Basic abc"]), Err(missing));
        for wrong in
            [&["Bearer"][..], &["Bearer "], &["Bearer a b"], &["Bearer a", "Bearer a"], &["Bearer ü"]]
        {
            assert_eq!(read(wrong), Err(malformed.clone()), "{wrong:?}");
        }
    }
}

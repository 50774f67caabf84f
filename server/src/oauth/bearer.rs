//! The resource server's side: which person and which client a request to the MCP endpoint acts for (RFC 6750, RFC 9728).
//!
//! A warm call reads no database: the token is remembered by its SHA-256 until it expires, its grant in
//! [`super::grants::LiveGrants`].

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use gateway_api::{
    ids::{GrantId, OrganizationId, UserId},
    organizations::Role,
    plans::Plan,
};
use gateway_store::{StoreError, Timestamp, grants::LiveGrant};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{metadata, resource::Resource, scope, tokens};
use crate::{config::Config, state::AppState, vault::resolve::Standing};

/// Who calls: an MCP client, for a person, in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The grant that allows it.
    pub grant_id: GrantId,
    /// The person.
    pub user_id: UserId,
    /// Their name.
    pub user_name: String,
    /// The organization the client works in.
    pub organization_id: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// Its plan.
    pub plan: Plan,
    /// The person's role in it.
    pub role: Role,
    /// The client.
    pub client_id: String,
    /// The name it gave itself.
    pub client_name: String,
    /// What was allowed, separated by blanks.
    pub scope: String,
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
            user_id: live.user.id,
            user_name: live.user.name,
            organization_id: live.organization.id,
            organization_name: live.organization.name,
            plan: live.organization.plan,
            role: live.membership.role,
            client_id: live.grant.client_id,
            client_name: live.grant.client_name,
            scope: live.grant.scope,
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
    state.oauth.live_grants().use_now(state, verified.grant).await?.ok_or(BearerError::Invalid)
}

/// The layer over the MCP endpoint: lets a request through with an `Arc<Caller>` in its extensions, or answers it.
/// It looks at the token before anything else, also for methods that the endpoint does not have. Which endpoint it is says
/// the [`Resource`] in the extensions.
pub async fn require_bearer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let endpoint = request.extensions().get::<Resource>().cloned().unwrap_or_default();
    match authenticate(&state, request.headers(), &endpoint).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => refuse(&state.config, &endpoint, &error),
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
    if let Some(verified) = cache.get(&hash).await {
        return Ok(verified);
    }
    let issuer = &state.config.public_url;
    let audiences = [Resource::default().url(issuer), endpoint.url(issuer)];
    let claims = tokens::verify(state.oauth.keys(), token, issuer, &audiences, now)
        .map_err(|_| BearerError::Invalid)?;
    let resource = Resource::find(&claims.aud, issuer, &state.catalog).ok_or(BearerError::Invalid)?;
    let verified = VerifiedToken { grant: claims.grant, resource, expires_at: claims.exp };
    cache.insert(hash, verified.clone()).await;
    Ok(verified)
}

/// RFC 6750 section 3.1 with the `resource_metadata` of RFC 9728 section 5.1: from here a client finds its way.
fn refuse(config: &Config, endpoint: &Resource, error: &BearerError) -> Response {
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
    let told = if is_told {
        format!(", error=\"{code}\", error_description=\"{description}\"")
    } else {
        String::new()
    };
    let (url, path) = (&config.public_url, metadata::protected_resource_path(endpoint));
    let scope = scope::MCP;
    let challenge = format!("Bearer resource_metadata=\"{url}{path}\", scope=\"{scope}\"{told}");
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
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

//! `POST /token`: the token endpoint (OAuth 2.1 section 3.2): a code, or a refresh token, for tokens. A service client's
//! secret for a token is `client_credentials.rs`.
//!
//! Refresh tokens rotate at every use (OAuth 2.1 section 4.3.1): `refresh.rs`. Whoever shows a redeemed code shows that
//! somebody has a copy: the grant is revoked, and with it every token of it.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use gateway_store::{
    Timestamp, Transaction,
    codes::{self, Code},
    grants::{self as grant_rows, Grant},
    organizations,
    refresh_tokens::{self, RefreshToken},
};
use serde::Serialize;

use super::{
    client_auth::{Authenticated, authenticate},
    client_credentials,
    error::{ErrorCode, OAuthError},
    grants::revoke_for_client,
    limits::TokenAddress,
    params::{Form, Parameters},
    pkce,
    refresh::refresh,
    resource,
    tokens::{self, Claims},
};
use crate::{
    clock::{hash_token, random_token},
    state::AppState,
};

/// A grant ends when its client has not refreshed for this long.
pub(super) const REFRESH_LIFETIME: Duration = Duration::from_hours(60 * 24);

/// The answer (RFC 6749 section 5.1).
#[derive(Serialize)]
#[expect(missing_debug_implementations, reason = "tokens must not reach a log")]
pub struct Tokens {
    pub(super) access_token: String,
    pub(super) token_type: &'static str,
    pub(super) expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
    pub(super) scope: String,
}

type Answer = ([(HeaderName, HeaderValue); 2], Json<Tokens>);

/// Issues tokens.
pub async fn post_token(
    State(state): State<AppState>,
    TokenAddress(address): TokenAddress,
    headers: HeaderMap,
    Form(parameters): Form,
) -> Result<Answer, OAuthError> {
    let client = authenticate(&state, address, &headers, &parameters).await?;
    // Before any unit of work begins: what is issued is signed with the newest key.
    state.oauth.fresh_keys(&state).await;
    let grant_type = parameters.require("grant_type", "grant_type is missing")?;
    let tokens = match (grant_type, client) {
        ("authorization_code", Authenticated::Client(id)) => redeem(&state, &id, &parameters).await?,
        ("refresh_token", Authenticated::Client(id)) => refresh(&state, &id, &parameters).await?,
        ("client_credentials", Authenticated::ServiceClient(found)) => {
            let (client, organization) = *found;
            client_credentials::issue(&state, &client, &organization, &parameters)?
        }
        (grant_type, _) => return Err(refuse_grant_type(grant_type)),
    };
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    Ok((headers, Json(tokens)))
}

/// No such grant, or not for this client.
fn refuse_grant_type(grant_type: &str) -> OAuthError {
    let (code, description) = match grant_type {
        "client_credentials" => (
            ErrorCode::UnauthorizedClient,
            "only service clients of a team may use client_credentials: its owners make them",
        ),
        "authorization_code" | "refresh_token" => (
            ErrorCode::UnauthorizedClient,
            "a service client acts for nobody: it may only use client_credentials",
        ),
        _ => (
            ErrorCode::UnsupportedGrantType,
            "grant_type must be authorization_code, refresh_token or client_credentials",
        ),
    };
    OAuthError::new(code, description)
}

/// The code or refresh token is not good.
pub(super) const fn invalid_grant(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, description)
}

/// A code for tokens (OAuth 2.1 section 4.1.3).
async fn redeem(state: &AppState, client_id: &str, parameters: &Parameters) -> Result<Tokens, OAuthError> {
    let code_hash = hash_token(parameters.require("code", "code is missing")?);
    let verifier = parameters.require("code_verifier", "code_verifier is missing: PKCE is required")?;
    let redirect_uri = parameters.get("redirect_uri")?;
    let resource = resource::named(parameters, &state.config.public_url, &state.catalog)?;
    let now = state.clock.now();
    let mut transaction = state.database.write().await?;
    let Some(code) = codes::redeem(&mut transaction, &code_hash, now).await? else {
        return Err(refuse_code(state, transaction, &code_hash).await?);
    };
    let checked = check_code(&code, client_id, redirect_uri, verifier)
        .and_then(|()| resource::require_same(resource.as_ref(), &code.resource, &state.config.public_url));
    if let Err(error) = checked {
        // The code is spent all the same: somebody has it who should not.
        transaction.commit().await?;
        return Err(error);
    }
    let place = organizations::find_for_member(&mut transaction, code.organization_id, code.user_id).await?;
    if place.is_none() {
        return Err(invalid_grant("the person is no longer a member of the organization"));
    }
    let grant = Grant {
        id: code.grant_id,
        user_id: code.user_id,
        organization_id: code.organization_id,
        client_id: code.client_id,
        client_name: code.client_name,
        redirect_uri: code.redirect_uri,
        scope: code.scope,
        resource: code.resource,
        created_at: now,
        expires_at: now.plus(REFRESH_LIFETIME),
        last_used_at: None,
        revoked_at: None,
        declined_scope: code.declined_scope,
    };
    grant_rows::insert(&mut transaction, &grant).await?;
    let tokens = issue(state, &mut transaction, &grant, Issue::first(&grant, now)).await?;
    transaction.commit().await?;
    Ok(tokens)
}

/// What the code is bound to. `redirect_uri` may be left out (OAuth 2.1 section 10.2), but not be another.
fn check_code(
    code: &Code,
    client_id: &str,
    redirect_uri: Option<&str>,
    verifier: &str,
) -> Result<(), OAuthError> {
    if code.client_id != client_id {
        return Err(invalid_grant("the code was issued to another client"));
    }
    if redirect_uri.is_some_and(|uri| uri != code.redirect_uri) {
        return Err(invalid_grant("redirect_uri is not the one of the authorization request"));
    }
    if !pkce::verify(verifier, &code.code_challenge) {
        return Err(invalid_grant("code_verifier does not belong to the code_challenge"));
    }
    Ok(())
}

/// A code that is not live: if it was redeemed before, what it gave is revoked (OAuth 2.1 section 4.1.3).
async fn refuse_code(
    state: &AppState,
    mut transaction: Transaction,
    code_hash: &str,
) -> Result<OAuthError, OAuthError> {
    if let Some(code) = codes::find_redeemed(&mut transaction, code_hash).await? {
        let reason = "its authorization code was used twice";
        revoke_for_client(state, &mut transaction, code.grant_id, reason).await?;
        transaction.commit().await?;
        state.oauth.live_grants().forget(code.grant_id).await;
    }
    Ok(invalid_grant("the code is unknown, expired or used"))
}

/// What is issued.
pub(super) struct Issue {
    /// Now.
    pub now: Timestamp,
    /// What the access token is for: all that was granted, or less.
    pub scope: String,
    /// The hash of the refresh token that is exchanged.
    pub parent: Option<String>,
}

impl Issue {
    fn first(grant: &Grant, now: Timestamp) -> Self {
        Self { now, scope: grant.scope.clone(), parent: None }
    }
}

/// A new access token, and the next refresh token of the family.
pub(super) async fn issue(
    state: &AppState,
    transaction: &mut Transaction,
    grant: &Grant,
    Issue { now, scope, parent }: Issue,
) -> Result<Tokens, OAuthError> {
    let refresh_token = random_token();
    let row = RefreshToken {
        token_hash: hash_token(&refresh_token),
        grant_id: grant.id,
        created_at: now,
        expires_at: now.plus(REFRESH_LIFETIME),
        rotated_at: None,
        parent_hash: parent,
    };
    refresh_tokens::insert(transaction, &row).await?;
    let claims = Claims {
        iss: state.config.public_url.clone(),
        sub: grant.user_id.uuid(),
        aud: grant.resource.clone(),
        exp: tokens::seconds(now.plus(tokens::LIFETIME)),
        iat: tokens::seconds(now),
        jti: state.clock.new_uuid().to_string(),
        client_id: grant.client_id.clone(),
        scope: scope.clone(),
        org: grant.organization_id,
        grant: grant.id,
    };
    Ok(Tokens {
        access_token: tokens::sign(&state.oauth.keys(), &claims).map_err(OAuthError::internal)?,
        token_type: "Bearer",
        expires_in: tokens::LIFETIME.as_secs(),
        refresh_token: Some(refresh_token),
        scope,
    })
}

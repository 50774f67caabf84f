//! Consent: a person allows or denies a pending authorization request (OAuth 2.1 section 4.1.1, MCP "Confused Deputy").
//!
//! A request waits for ten minutes in the browser it began in, and is answered once. Allowing it makes a code. The grant
//! itself begins when the client redeems the code, so "Authorized apps" lists only apps that really got in; the code
//! knows the id the grant will have, so that a replay of the code can revoke it.

use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::cookie::Cookie;
use gateway_api::{
    audit::Outcome,
    consent::ConsentView,
    ids::{GrantId, OrganizationId},
    organizations::OrganizationSummary,
};
use gateway_store::{
    StoreError, Transaction,
    authorization_requests::AuthorizationRequest,
    codes::{self, Code},
    organizations,
};

use super::{cimd, error::ErrorCode, redirect, scope};
use crate::{
    audit::{self, action},
    auth::session::{Member, cookie_value, host_cookie},
    clock::{hash_token, random_token},
    config::Config,
    state::AppState,
};

/// A person has this long to answer.
pub const REQUEST_LIFETIME: Duration = Duration::from_mins(10);
/// A client has this long to redeem a code.
const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// The token of the browser that a request waits in; none if the request carries none of ours.
pub fn browser_token(config: &Config, headers: &HeaderMap) -> Option<String> {
    let token = cookie_value(headers, cookie_name(config))?;
    (token.len() == 43 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)))
        .then_some(token)
}

/// The cookie that binds requests to a browser, for as long as they wait.
pub fn browser_cookie(config: &Config, token: String) -> Cookie<'static> {
    host_cookie(config, cookie_name(config), token, REQUEST_LIFETIME)
}

fn cookie_name(config: &Config) -> &'static str {
    if config.is_https() { "__Host-authorize" } else { "authorize" }
}

/// What the consent page shows.
pub fn view(request: AuthorizationRequest, organizations: Vec<OrganizationSummary>) -> ConsentView {
    ConsentView {
        id: request.id,
        client_name: request.client_name,
        client_host: cimd::is_address(&request.client_id).then(|| redirect::host(&request.client_id)),
        client_id: request.client_id,
        redirect_host: redirect::host(&request.redirect_uri),
        is_loopback: redirect::is_loopback(&request.redirect_uri),
        redirect_uri: request.redirect_uri,
        permissions: scope::permissions(&request.scope),
        organizations,
        expires_at: request.expires_at.into(),
    }
}

/// What a person allows: where, and how much of what was asked for.
#[derive(Debug)]
pub struct Allowed {
    /// Where the client may work.
    pub organization: OrganizationId,
    /// What it may do.
    pub scope: String,
    /// What it asked for and may not do.
    pub declined_scope: String,
}

/// What allowing made.
#[expect(missing_debug_implementations, reason = "a code stands in it")]
pub struct Given {
    /// Where the browser goes next, with the code.
    pub redirect_to: String,
    /// What the grant will be when the client redeems the code.
    pub grant_id: GrantId,
}

/// The person allows it; nothing, if they are no member of the organization.
pub async fn allow(
    state: &AppState,
    transaction: &mut Transaction,
    request: AuthorizationRequest,
    member: &Member,
    allowed: Allowed,
) -> Result<Option<Given>, StoreError> {
    let Allowed { organization, scope, declined_scope } = allowed;
    // Nothing is allowed for an organization by whom it removes at this moment.
    organizations::lock(transaction, organization).await?;
    if organizations::find_for_member(transaction, organization, member.user.id).await?.is_none() {
        return Ok(None);
    }
    let event = audit::Event {
        organization: Some(organization),
        reason: (!declined_scope.is_empty()).then(|| format!("without {declined_scope}")),
        ..consent_event(&request, member)
    };
    event.write(&state.clock, transaction).await?;
    let token = random_token();
    let code = Code {
        code_hash: hash_token(&token),
        grant_id: state.clock.new_id(),
        user_id: member.user.id,
        organization_id: organization,
        client_id: request.client_id,
        client_name: request.client_name,
        redirect_uri: request.redirect_uri,
        scope,
        resource: request.resource,
        code_challenge: request.code_challenge,
        expires_at: state.clock.now().plus(CODE_LIFETIME),
        redeemed_at: None,
        declined_scope,
    };
    codes::insert(transaction, &code).await?;
    let redirect_to =
        answer(&state.config, &code.redirect_uri, request.state.as_deref(), &[("code", &token)]);
    Ok(Some(Given { redirect_to, grant_id: code.grant_id }))
}

/// The person denies it; where the browser goes next.
pub async fn deny(
    state: &AppState,
    transaction: &mut Transaction,
    request: AuthorizationRequest,
    member: &Member,
) -> Result<String, StoreError> {
    let event = audit::Event { outcome: Some(Outcome::Denied), ..consent_event(&request, member) };
    event.write(&state.clock, transaction).await?;
    let error =
        [("error", ErrorCode::AccessDenied.as_str()), ("error_description", "the person denied the request")];
    Ok(answer(&state.config, &request.redirect_uri, request.state.as_deref(), &error))
}

fn consent_event(request: &AuthorizationRequest, member: &Member) -> audit::Event {
    audit::Event {
        action: action::GRANT_CREATE,
        client: Some((request.client_id.clone(), request.client_name.clone())),
        target: Some(redirect::host(&request.redirect_uri)),
        ..audit::Event::by(member)
    }
}

/// An authorization response: the client's `state` is given back, and `iss` says who answers (RFC 9207).
pub(super) fn answer(
    config: &Config,
    redirect_uri: &str,
    state: Option<&str>,
    answer: &[(&str, &str)],
) -> String {
    let mut pairs = answer.to_vec();
    pairs.extend(state.map(|state| ("state", state)));
    pairs.push(("iss", &config.public_url));
    redirect::with_answer(redirect_uri, &pairs)
}

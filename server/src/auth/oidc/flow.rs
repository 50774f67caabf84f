//! `GET /auth/oidc/{slug}` sends the browser to the provider, `GET /auth/oidc/{slug}/callback` takes it back.
//!
//! The callback belongs to the browser that left: a cookie is set on the way out, and its hash stands beside the state.

use std::time::Duration;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;
use gateway_api::paths;
use gateway_store::{
    Transaction, organizations, sign_in_states, sign_in_states::SignInState, users, users::User,
};
use serde::Deserialize;

use super::{
    ServiceConfig,
    provider::{Claims, ProviderError},
};
use crate::{
    audit,
    auth::{people, return_to, session},
    clock::{hash_token, random_token},
    config::{Config, SignUp},
    error::ApiError,
    names,
    state::AppState,
};

/// A sign-in must be back within this time.
const LIFETIME: Duration = Duration::from_mins(10);

/// Why somebody is back on the sign-in page: `?error=` of `/auth/login`.
#[derive(Debug, thiserror::Error)]
enum FlowError {
    #[error("no service of this name")]
    UnknownService,
    #[error("the sign-in was not begun by this browser, or too long ago")]
    Expired,
    #[error("the provider refused: {0}")]
    Refused(String),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error("new people are not let in")]
    SignUpClosed,
    #[error("new people need an invitation")]
    NotInvited,
    #[error(transparent)]
    Api(#[from] ApiError),
}

impl FlowError {
    /// The code for which the sign-in page (`app/src/pages/login.rs`) has words; it says the same about all others.
    fn code(&self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Refused(error) if error == "access_denied" => "access_denied",
            Self::SignUpClosed | Self::NotInvited => "not_invited",
            Self::Provider(ProviderError::Discovery(_)) => "unavailable",
            Self::UnknownService | Self::Refused(_) | Self::Provider(_) | Self::Api(_) => "failed",
        }
    }

    /// Back to the sign-in page, from where the next try leads to what was wanted.
    fn page(&self, return_to: Option<&str>) -> Response {
        tracing::warn!(error = %self, "single sign-on failed");
        let mut target = format!("/auth/login?error={}", self.code());
        if let Some(return_to) = return_to {
            target.push_str("&return_to=");
            paths::encode(return_to, &mut target);
        }
        Redirect::to(&target).into_response()
    }
}

/// The routes of this file.
pub fn routes() -> Router<AppState> {
    Router::new().route("/auth/oidc/{slug}", get(depart)).route("/auth/oidc/{slug}/callback", get(arrive))
}

#[derive(Debug, Deserialize)]
struct DepartParameters {
    return_to: Option<String>,
}

async fn depart(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Query(parameters): Query<DepartParameters>,
) -> Response {
    let wanted = parameters.return_to.as_deref().map(|wanted| return_to::sanitize(Some(wanted)));
    match try_depart(&state, &slug, wanted).await {
        Ok(response) => response,
        Err(error) => error.page(wanted),
    }
}

async fn try_depart(state: &AppState, slug: &str, wanted: Option<&str>) -> Result<Response, FlowError> {
    let service = state.services.find(slug).ok_or(FlowError::UnknownService)?;
    let departure = state.services.depart(service, callback_url(&state.config, slug)).await?;
    let browser = random_token();
    let row = SignInState {
        state_hash: hash_token(&departure.state),
        service: slug.to_owned(),
        browser_hash: hash_token(&browser),
        nonce: departure.nonce,
        pkce_verifier: departure.pkce_verifier,
        return_to: return_to::sanitize(wanted).to_owned(),
        expires_at: state.clock.now().plus(LIFETIME),
    };
    let mut transaction = state.database.write().await.map_err(ApiError::from)?;
    sign_in_states::insert(&mut transaction, &row).await.map_err(ApiError::from)?;
    transaction.commit().await.map_err(ApiError::from)?;
    let cookie = session::host_cookie(&state.config, cookie_name(&state.config), browser, LIFETIME);
    Ok((CookieJar::new().add(cookie), Redirect::to(departure.url.as_str())).into_response())
}

/// OpenID Connect Core sections 3.1.2.5 and 3.1.2.6.
#[derive(Deserialize)]
struct ArriveParameters {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

async fn arrive(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Query(parameters): Query<ArriveParameters>,
) -> Response {
    let begun = match take_state(&state, &slug, &headers, parameters.state.as_deref()).await {
        Ok(begun) => begun,
        Err(error) => return error.page(None),
    };
    let return_to = begun.return_to.clone();
    match try_arrive(&state, &slug, begun, parameters).await {
        Ok(response) => response,
        Err(error) => error.page(Some(&return_to)),
    }
}

async fn try_arrive(
    state: &AppState,
    slug: &str,
    begun: SignInState,
    parameters: ArriveParameters,
) -> Result<Response, FlowError> {
    let service = state.services.find(slug).ok_or(FlowError::UnknownService)?;
    if let Some(error) = parameters.error {
        return Err(FlowError::Refused(error.chars().take(100).collect()));
    }
    let code = parameters.code.ok_or_else(|| FlowError::Refused("no code".to_owned()))?;
    let callback = callback_url(&state.config, slug);
    let claims = state.services.arrive(service, callback, code, begun.nonce, begun.pkce_verifier).await?;
    let cookie = sign_in(state, service, &claims, &begun.return_to).await?;
    let spent =
        session::host_cookie(&state.config, cookie_name(&state.config), String::new(), Duration::ZERO);
    let jar = CookieJar::new().add(cookie).add(spent);
    Ok((jar, Redirect::to(&begun.return_to)).into_response())
}

/// Takes the state out of the database; it must be this service's and this browser's.
async fn take_state(
    state: &AppState,
    slug: &str,
    headers: &HeaderMap,
    parameter: Option<&str>,
) -> Result<SignInState, FlowError> {
    let parameter = parameter.ok_or(FlowError::Expired)?;
    let mut transaction = state.database.write().await.map_err(ApiError::from)?;
    let begun = sign_in_states::consume(&mut transaction, &hash_token(parameter), state.clock.now()).await;
    let begun = begun.map_err(ApiError::from)?.ok_or(FlowError::Expired)?;
    transaction.commit().await.map_err(ApiError::from)?;
    let browser = session::cookie_value(headers, cookie_name(&state.config)).ok_or(FlowError::Expired)?;
    // Hashes of random tokens: comparing them tells nothing by its time.
    if begun.service != slug || begun.browser_hash != hash_token(&browser) {
        return Err(FlowError::Expired);
    }
    Ok(begun)
}

/// Finds the person by issuer and subject, or makes them, and opens a session.
async fn sign_in(
    state: &AppState,
    service: &ServiceConfig,
    claims: &Claims,
    return_to: &str,
) -> Result<axum_extra::extract::cookie::Cookie<'static>, FlowError> {
    let mut transaction = state.database.write().await.map_err(ApiError::from)?;
    let known = users::find_by_identity(&mut transaction, &claims.issuer, &claims.subject).await;
    let user = if let Some(user) = known.map_err(ApiError::from)? {
        user
    } else {
        let is_invited = is_invited(state, &mut transaction, return_to).await?;
        sign_up(state, &mut transaction, service, claims, is_invited).await?
    };
    let cookie = session::open(state, &mut transaction, user.id).await?;
    record(state, &mut transaction, audit::action::SIGN_IN, &user, service).await?;
    transaction.commit().await.map_err(ApiError::from)?;
    Ok(cookie)
}

/// Makes the person, if new people are let in.
async fn sign_up(
    state: &AppState,
    transaction: &mut Transaction,
    service: &ServiceConfig,
    claims: &Claims,
    is_invited: bool,
) -> Result<User, FlowError> {
    may_sign_up(service.sign_up.unwrap_or(state.config.sign_up), is_invited)?;
    let email = claims.email.as_deref().unwrap_or_default();
    let given = [claims.name.as_deref(), Some(email), Some(claims.subject.as_str())];
    let name = given.into_iter().flatten().map(names::clean).find(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| "?".to_owned());
    let (user, _) = people::create(transaction, &state.clock, state.config.default_plan, (&name, email))
        .await
        .map_err(ApiError::from)?;
    users::insert_identity(transaction, user.id, &claims.issuer, &claims.subject, state.clock.now())
        .await
        .map_err(ApiError::from)?;
    record(state, transaction, audit::action::ACCOUNT_CREATE, &user, service).await?;
    Ok(user)
}

/// Who is on the way to an invitation that is good may make an account. It is not used up by that.
async fn is_invited(
    state: &AppState,
    transaction: &mut Transaction,
    return_to: &str,
) -> Result<bool, ApiError> {
    let path = return_to.split(['?', '#']).next().unwrap_or_default();
    let Some(token) = path.strip_prefix("/invite/") else { return Ok(false) };
    Ok(people::is_invited(transaction, &state.clock, token.trim_end_matches('/')).await?)
}

fn may_sign_up(sign_up: SignUp, is_invited: bool) -> Result<(), FlowError> {
    match sign_up {
        SignUp::Open => Ok(()),
        SignUp::Invited if is_invited => Ok(()),
        SignUp::Invited => Err(FlowError::NotInvited),
        SignUp::Closed => Err(FlowError::SignUpClosed),
    }
}

async fn record(
    state: &AppState,
    transaction: &mut Transaction,
    action: &'static str,
    user: &User,
    service: &ServiceConfig,
) -> Result<(), ApiError> {
    let organizations = organizations::of_user(transaction, user.id).await?;
    let event = audit::Event {
        organization: organizations.first().map(|(organization, _)| organization.id),
        user: Some(user.id),
        actor: user.name.clone(),
        action,
        target: Some(service.name.clone()),
        ..audit::Event::default()
    };
    Ok(event.write(&state.clock, transaction).await?)
}

fn callback_url(config: &Config, slug: &str) -> String {
    format!("{}/auth/oidc/{slug}/callback", config.public_url)
}

fn cookie_name(config: &Config) -> &'static str {
    if config.is_https() { "__Host-sign-in" } else { "sign-in" }
}

//! `GET /authorize`: the authorization endpoint (OAuth 2.1 section 4.1.1).
//!
//! First the client and its redirect URI are proven; until then every error is shown to the person, and nobody is sent
//! anywhere. After that errors are for the client, though they may go by way of the person: see `refusal.rs`. A good request
//! is stored, bound to this browser, and waits for consent at `/consent/{id}`: see `consent.rs`.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use gateway_api::ids::AuthorizationRequestId;
use gateway_store::{
    authorization_requests::{self, AuthorizationRequest},
    clients,
};

use super::{
    client::{self, Client, FindError},
    consent,
    error::{ErrorCode, OAuthError},
    page::error_page,
    params::Parameters,
    pkce, redirect,
    refusal::{Refusal, tell_client},
    resource::{self, Resource},
    scope,
};
use crate::{
    auth::client_ip::ClientIp,
    clock::{hash_token, random_token},
    state::AppState,
};

/// The longest `state` that is given back, in bytes.
const MAX_STATE: usize = 4096;

/// What a request asks for, checked.
struct Asked {
    scope: String,
    resource: Resource,
    code_challenge: String,
}

/// Who asks, and where the answer may go.
pub(super) struct Proven {
    pub(super) client: Client,
    pub(super) redirect_uri: String,
    /// The client's own value, if it can be given back.
    pub(super) state: Option<String>,
}

/// Asks a person for permission.
pub async fn get_authorize(
    State(state): State<AppState>,
    ClientIp(address): ClientIp,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    if let Err(wait) = state.oauth.limits().count_authorize(address) {
        return Refusal::TooMany(wait.as_secs()).into_page();
    }
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let proven = match prove_client(&state, &parameters).await {
        Ok(proven) => proven,
        Err(refusal) => return refusal.into_page(),
    };
    let asked = match check(&state, &parameters) {
        Ok(asked) => asked,
        Err(error) => return tell_client(&state, &headers, &proven, &error).await,
    };
    match store(&state, &headers, &proven, asked).await {
        Ok(response) => response,
        Err(error) => tell_client(&state, &headers, &proven, &error).await,
    }
}

/// Nothing is posted here: OAuth 2.1 section 3.1 leaves POST to the server's choice.
pub async fn refuse_method() -> Response {
    let sentence = "An app opens this address in a browser to ask for your permission.";
    error_page(StatusCode::METHOD_NOT_ALLOWED, "This is no page to send something to", sentence)
}

fn refuse_client(state: &AppState, id: &str, error: FindError) -> Refusal {
    match error {
        FindError::Unknown => Refusal::UnknownClient,
        FindError::ServiceClient => Refusal::ServiceClient(state.config.mcp_url()),
        FindError::Document(problem) => {
            tracing::info!(client = %id.escape_debug(), %problem, "a client metadata document was refused");
            Refusal::Document(problem.sentence(&redirect::host(id)))
        }
        FindError::Store(error) => Refusal::Unavailable(error.into()),
    }
}

/// The client and the redirect URI that this request may be answered to.
async fn prove_client(state: &AppState, parameters: &Parameters) -> Result<Proven, Refusal> {
    let id = parameters.get("client_id").ok().flatten().ok_or(Refusal::NoClient)?;
    let client = client::find(state, id).await.map_err(|error| refuse_client(state, id, error))?;
    let requested = parameters.get("redirect_uri").map_err(|_| Refusal::RedirectUri)?;
    let uri = match (requested, client.redirect_uris.as_slice()) {
        (Some(requested), registered) => {
            registered.iter().any(|known| redirect::matches(known, requested)).then(|| requested.to_owned())
        }
        // OAuth 2.1 section 4.1.1: it may be left out if there is only one.
        (None, [only]) => Some(only.clone()),
        (None, _) => None,
    };
    let redirect_uri = uri.ok_or(Refusal::RedirectUri)?;
    Ok(Proven { client, redirect_uri, state: client_state(parameters).map(str::to_owned) })
}

/// The client's own value, if it can be given back.
fn client_state(parameters: &Parameters) -> Option<&str> {
    parameters.get("state").ok().flatten().filter(|state| state.len() <= MAX_STATE)
}

/// Everything else about the request.
fn check(state: &AppState, parameters: &Parameters) -> Result<Asked, OAuthError> {
    if parameters.get("state")?.is_some_and(|state| state.len() > MAX_STATE) {
        return Err(OAuthError::invalid_request("state is longer than 4096 bytes"));
    }
    if parameters.all("request").next().is_some() {
        return Err(OAuthError::new(
            ErrorCode::RequestNotSupported,
            "the request parameter is not supported",
        ));
    }
    if parameters.all("request_uri").next().is_some() {
        return Err(OAuthError::new(ErrorCode::RequestUriNotSupported, "request_uri is not supported"));
    }
    if parameters.require("response_type", "response_type is missing")? != "code" {
        return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, "response_type must be code"));
    }
    if parameters.get("response_mode")?.is_some_and(|mode| mode != "query") {
        return Err(OAuthError::invalid_request("response_mode must be query"));
    }
    let challenge = parameters.require("code_challenge", "code_challenge is missing: PKCE is required")?;
    if parameters.get("code_challenge_method")? != Some(pkce::METHOD) {
        return Err(OAuthError::invalid_request("code_challenge_method must be S256"));
    }
    if !pkce::is_challenge(challenge) {
        return Err(OAuthError::invalid_request("code_challenge is not a SHA-256 in base64url"));
    }
    let resource = resource::named(parameters, &state.config.public_url, &state.catalog)?;
    if parameters.get("prompt")?.is_some_and(|prompt| prompt.split(' ').any(|value| value == "none")) {
        return Err(OAuthError::new(ErrorCode::InteractionRequired, "a person must answer, every time"));
    }
    Ok(Asked {
        scope: scope::grant(parameters.get("scope")?)?,
        resource: resource.unwrap_or_default(),
        code_challenge: challenge.to_owned(),
    })
}

/// Stores the request and sends the browser to the consent page.
async fn store(
    state: &AppState,
    headers: &HeaderMap,
    proven: &Proven,
    asked: Asked,
) -> Result<Response, OAuthError> {
    let now = state.clock.now();
    // One token for all requests of a browser, so that two tabs do not disturb each other.
    let browser = consent::browser_token(&state.config, headers).unwrap_or_else(random_token);
    let request = AuthorizationRequest {
        id: state.clock.new_id(),
        browser_hash: hash_token(&browser),
        client_id: proven.client.id.clone(),
        client_name: proven.client.name.clone(),
        redirect_uri: proven.redirect_uri.clone(),
        state: proven.state.clone(),
        scope: asked.scope,
        resource: asked.resource.url(&state.config.public_url),
        code_challenge: asked.code_challenge,
        expires_at: now.plus(consent::REQUEST_LIFETIME),
    };
    let mut transaction = state.database.write().await?;
    authorization_requests::insert(&mut transaction, &request).await?;
    clients::touch(&mut transaction, &request.client_id, now).await?;
    transaction.commit().await?;
    let jar = CookieJar::new().add(consent::browser_cookie(&state.config, browser));
    Ok((jar, send(&consent_page(request.id))).into_response())
}

/// The page that asks, rendered by the UI.
fn consent_page(id: AuthorizationRequestId) -> String {
    format!("/consent/{id}")
}

/// 303, never 307 (RFC 9700 section 4.12); the address holds what must not be kept or told to others.
pub(super) fn send(to: &str) -> Response {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, Redirect::to(to)).into_response()
}

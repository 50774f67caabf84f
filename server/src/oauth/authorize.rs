//! `GET /authorize`: the authorization endpoint (OAuth 2.1 section 4.1.1).
//!
//! First the client and its redirect URI are proven; until then every error is shown to the person, and nobody is sent
//! anywhere. After that errors go to the client. A good request is stored, bound to this browser, and waits for consent
//! at `/consent/{id}`: see `consent.rs`.

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
    resource::{self, Resource},
    scope,
};
use crate::{
    auth::client_ip::ClientIp,
    clock::{hash_token, random_token},
    config::Config,
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

/// Asks a person for permission.
pub async fn get_authorize(
    State(state): State<AppState>,
    ClientIp(address): ClientIp,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    if let Err(wait) = state.oauth.limits().authorize.check(address) {
        return Refusal::TooMany(wait.as_secs()).into_page();
    }
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let (client, redirect_uri) = match prove_client(&state, &parameters).await {
        Ok(proven) => proven,
        Err(refusal) => return refusal.into_page(),
    };
    let asked = match check(&state, &parameters) {
        Ok(asked) => asked,
        Err(error) => return send_error(&state.config, &redirect_uri, client_state(&parameters), &error),
    };
    let client_state = client_state(&parameters).map(str::to_owned);
    match store(&state, &headers, client, redirect_uri.clone(), client_state.clone(), asked).await {
        Ok(response) => response,
        Err(error) => send_error(&state.config, &redirect_uri, client_state.as_deref(), &error),
    }
}

/// Nothing is posted here: OAuth 2.1 section 3.1 leaves POST to the server's choice.
pub async fn refuse_method() -> Response {
    let sentence = "An app opens this address in a browser to ask for your permission.";
    error_page(StatusCode::METHOD_NOT_ALLOWED, "This is no page to send something to", sentence)
}

/// Why nobody can be told but the person in front of the browser.
enum Refusal {
    TooMany(u64),
    NoClient,
    UnknownClient,
    /// Where it is to connect instead.
    ServiceClient(String),
    /// What is wrong with its metadata document.
    Document(String),
    RedirectUri,
    Unavailable(OAuthError),
}

impl Refusal {
    fn into_page(self) -> Response {
        let title = "This app cannot be connected";
        let again = "Please go back to the app, remove the connection there, and add it again.";
        let (status, sentence) = match self {
            Self::TooMany(seconds) => {
                let sentence = format!("Too many requests. Please try again in {seconds} seconds.");
                let mut response = error_page(StatusCode::TOO_MANY_REQUESTS, title, &sentence);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                return response;
            }
            Self::NoClient => (StatusCode::BAD_REQUEST, format!("The app did not say who it is. {again}")),
            Self::UnknownClient => (
                StatusCode::BAD_REQUEST,
                format!("The gateway does not know this app, or does not know it any longer. {again}"),
            ),
            Self::ServiceClient(mcp_url) => return service_client_page(&mcp_url),
            Self::Document(sentence) => (StatusCode::BAD_REQUEST, sentence),
            Self::RedirectUri => (
                StatusCode::BAD_REQUEST,
                format!(
                    "The app asked to send you to an address that it had not registered, so you stay here. {again}"
                ),
            ),
            Self::Unavailable(error) => {
                error.log();
                (
                    error.status(),
                    "The gateway has a problem right now. Please try again in a moment.".to_owned(),
                )
            }
        };
        error_page(status, title, &sentence)
    }
}

/// Somebody pasted the id of a service client into an app that people use.
fn service_client_page(mcp_url: &str) -> Response {
    let sentence = format!(
        "The client id that the app was given belongs to a service client: a program of a team, which works without a \
         person and cannot sign anybody in. To use this gateway in Claude or another app, remove the client id and \
         secret there, give it only the address {mcp_url}, and connect again: it will ask you to sign in."
    );
    error_page(StatusCode::BAD_REQUEST, "A service client does not sign people in", &sentence)
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
async fn prove_client(state: &AppState, parameters: &Parameters) -> Result<(Client, String), Refusal> {
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
    Ok((client, uri.ok_or(Refusal::RedirectUri)?))
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
    client: Client,
    redirect_uri: String,
    client_state: Option<String>,
    asked: Asked,
) -> Result<Response, OAuthError> {
    let now = state.clock.now();
    // One token for all requests of a browser, so that two tabs do not disturb each other.
    let browser = consent::browser_token(&state.config, headers).unwrap_or_else(random_token);
    let request = AuthorizationRequest {
        id: state.clock.new_id(),
        browser_hash: hash_token(&browser),
        client_id: client.id,
        client_name: client.name,
        redirect_uri,
        state: client_state,
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

/// An error for the client (RFC 6749 section 4.1.2.1), with `iss` (RFC 9207).
fn send_error(config: &Config, redirect_uri: &str, state: Option<&str>, error: &OAuthError) -> Response {
    error.log();
    let answer = [("error", error.code.as_str()), ("error_description", error.description)];
    send(&consent::answer(config, redirect_uri, state, &answer))
}

/// 303, never 307 (RFC 9700 section 4.12); the address holds what must not be kept or told to others.
fn send(to: &str) -> Response {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, Redirect::to(to)).into_response()
}

//! Authorization requests that are refused before anybody is asked, and who is told.
//!
//! Without a proven client and redirect URI: the person, on a page ([`Refusal`]). With them: the client ([`tell_client`]). But
//! anybody may register an app with an address of theirs, so a link to this gateway must not send people there by itself (RFC
//! 9700 section 4.11.2): unless it is on their own computer, or they have allowed this very app with it before, they see a page that
//! names the host, and decide.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use gateway_store::grants;

use super::{
    authorize::{Proven, send},
    consent,
    error::OAuthError,
    page::{error_page, error_page_with_link},
    redirect,
};
use crate::{auth::session, error::ApiError, state::AppState};

const TITLE: &str = "This app cannot be connected";

/// Why nobody can be told but the person in front of the browser.
pub(super) enum Refusal {
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
    pub(super) fn into_page(self) -> Response {
        let again = "Please go back to the app, remove the connection there, and add it again.";
        let (status, sentence) = match self {
            Self::TooMany(seconds) => {
                let sentence = format!("Too many requests. Please try again in {seconds} seconds.");
                let mut response = error_page(StatusCode::TOO_MANY_REQUESTS, TITLE, &sentence);
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
        error_page(status, TITLE, &sentence)
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

/// An error for the client (RFC 6749 section 4.1.2.1), with `iss` (RFC 9207): the browser goes there, or its person is asked
/// whether it should.
pub(super) async fn tell_client(
    state: &AppState,
    headers: &HeaderMap,
    proven: &Proven,
    error: &OAuthError,
) -> Response {
    error.log();
    let answer = [("error", error.code.as_str()), ("error_description", error.description)];
    let to = consent::answer(&state.config, &proven.redirect_uri, proven.state.as_deref(), &answer);
    if redirect::is_loopback(&proven.redirect_uri) {
        return send(&to);
    }
    match is_allowed(state, headers, proven).await {
        Ok(true) => return send(&to),
        Ok(false) => {}
        Err(cause) => tracing::warn!(%cause, "whether the person has allowed the app could not be looked up"),
    }
    let host = redirect::host(&proven.redirect_uri);
    let sentence = format!(
        "An app at {host} asks for access to this gateway, and its request cannot be answered: {}. Nothing was allowed. If \
         you were about to connect this app, go on, so that it learns of it. If you do not know {host}, stay here.",
        error.description
    );
    error_page_with_link(error.status(), TITLE, &sentence, (&format!("Go on to {host}"), &to))
}

/// Whether the person who is signed in here allows this client to work for them, and was sent to this redirect URI then. What
/// others allowed does not count: whoever makes a trap could allow it, too. Nor does what is revoked.
async fn is_allowed(state: &AppState, headers: &HeaderMap, proven: &Proven) -> Result<bool, ApiError> {
    let Some(member) = session::of_browser(state, headers).await? else { return Ok(false) };
    let client = (proven.client.id.as_str(), proven.redirect_uri.as_str());
    let mut connection = state.database.read().await?;
    Ok(grants::has_allowed(&mut connection, member.user.id, client, state.clock.now()).await?)
}

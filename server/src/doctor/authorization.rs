//! Registration, PKCE, and the page where a person signs in: the flow of OAuth 2.1 up to where it needs a person.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    CLIENT_NAME, Target,
    finding::{Finding, Found},
    metadata::Server,
    probe::{Answer, Probe},
    trouble::{unexpected, without_query},
};
use crate::{clock::random_token, oauth::scope::Scope};

/// How many of our own pages may follow one another on the way to the sign-in.
const MAX_HOPS: usize = 4;
/// A request that could only be refused was not.
const IS_ACCEPTED: &str = "An authorization server of the MCP must refuse this. If the gateway is of the newest version, \
                           then something in between answers, or rewrites the query of /authorize.";

/// An authorization request of the doctor's client, and what proves that it was this one that asked.
#[expect(missing_debug_implementations, reason = "it holds what proves who asked")]
pub struct Request {
    url: Url,
    client: String,
    redirect_uri: String,
    pub(super) resource: Url,
    pub(super) state: String,
    pub(super) verifier: SecretString,
    challenge: String,
    /// Where it waits for a person.
    pub(super) waiting: Option<Waiting>,
}

/// A request that waits in a browser, which the doctor has been so far.
pub(super) struct Waiting {
    page: Url,
    cookies: HeaderMap,
}

impl Request {
    pub(super) fn new(target: &Target, server: &Server, client: String, redirect_uri: &str) -> Self {
        let verifier = random_token();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let (state, resource) = (random_token(), target.resource());
        let mut url = server.authorization.clone();
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &client),
            ("redirect_uri", redirect_uri),
            ("scope", Scope::Read.as_str()),
            ("state", &state),
            ("resource", resource.as_str()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Self {
            url,
            client,
            redirect_uri: redirect_uri.to_owned(),
            resource,
            state,
            verifier: SecretString::from(verifier),
            challenge,
            waiting: None,
        }
    }

    /// What a person opens in a browser.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The client's id.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Where the answer is to come.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Given back with the answer, so that no other is taken for it.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// RFC 7636 section 4.2, method S256.
    pub fn challenge(&self) -> &str {
        &self.challenge
    }

    /// The page that asks the person, and the cookies of the browser that it asks in; none if the sign-in lies before it.
    pub fn waiting(&self) -> Option<(&Url, &HeaderMap)> {
        self.waiting.as_ref().map(|waiting| (&waiting.page, &waiting.cookies))
    }

    /// The same request with another challenge.
    fn with_challenge(&self, challenge: &[(&str, &str)]) -> Url {
        let pairs: Vec<(String, String)> = self.url.query_pairs().into_owned().collect();
        let kept = pairs.iter().filter(|(name, _)| !name.starts_with("code_challenge"));
        let mut url = self.url.clone();
        url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs(challenge);
        url
    }
}

/// Dynamic client registration (RFC 7591); the client's id.
pub(super) async fn register(probe: &Probe, server: &Server, redirect_uri: &str) -> Found<String> {
    let Some(endpoint) = &server.registration else {
        return Err(Finding::failed(
            "The metadata names no registration endpoint on this host, so older clients cannot register.",
            "Start the gateway with the --public-url under which clients reach it.",
        ));
    };
    let metadata = json!({
        "client_name": CLIENT_NAME,
        "redirect_uris": [redirect_uri],
        "application_type": "native",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    let answer = probe.send(probe.post(endpoint).json(&metadata)).await?;
    let id = answer.json().and_then(|body| body["client_id"].as_str().map(str::to_owned));
    let (StatusCode::CREATED, Some(id)) = (answer.status, id) else {
        return Err(unexpected(&answer, "201 with a client_id"));
    };
    let documents = if server.has_metadata_clients {
        "Clients that bring a metadata document of their own (CIMD) need not register."
    } else {
        "Client ID metadata documents (CIMD) are not offered; clients register instead."
    };
    let what = format!(
        "A client can register. This one is called “{CLIENT_NAME}”, and has no rights yet. {documents}"
    );
    Ok((Finding::passed(what), id))
}

/// Requests without proof of who asked are refused (RFC 7636 section 4.4.1, OAuth 2.1 section 4.1.1).
pub(super) async fn pkce(probe: &Probe, target: &Target, request: &Request) -> Found<()> {
    let plain = [("code_challenge", request.challenge()), ("code_challenge_method", "plain")];
    for (how, challenge) in [("without a code challenge", &[][..]), ("with the method plain", &plain)] {
        let answer = probe.send(probe.get(&request.with_challenge(challenge))).await?;
        let Some(next) = answer.location() else {
            return Err(unexpected(&answer, "a redirect to the client with an error"));
        };
        match answer_in(request, &next).as_deref() {
            Some("invalid_request") => {}
            Some(error) => {
                return Err(Finding::failed(
                    format!("A request {how} is refused, but as {error} instead of invalid_request."),
                    "Something in between rewrites the query of /authorize: let it pass as it is.",
                ));
            }
            None if target.is_same_origin(&next) || is_answer(request, &next) => {
                return Err(Finding::failed(format!("A request {how} is accepted."), IS_ACCEPTED));
            }
            None => return Err(unexpected(&answer, "a redirect to the client with an error")),
        }
    }
    Ok((
        Finding::passed(
            "A request without a code challenge is refused, and so is one with the method plain.",
        ),
        (),
    ))
}

/// The authorization request of a client, up to the page where a person signs in; where it waits for them.
pub(super) async fn sign_in_page(
    probe: &Probe,
    target: &Target,
    request: &Request,
) -> Found<Option<Waiting>> {
    let mut answer = probe.send(probe.get(&request.url)).await?;
    let mut waiting = None;
    for _ in 0..MAX_HOPS {
        let Some(next) = answer.location() else { break };
        if is_answer(request, &next) {
            return Err(refused(request, &next));
        }
        if !target.is_same_origin(&next) {
            return elsewhere(&answer, target, &next).map(|finding| (finding, waiting));
        }
        if waiting.is_none() {
            waiting = Some(Waiting { page: next.clone(), cookies: cookies(&answer)? });
        }
        answer = probe.send(probe.get(&next)).await?;
    }
    if answer.status != StatusCode::OK || !answer.is_html() {
        return Err(unexpected(&answer, "a redirect to the sign-in page"));
    }
    let what = format!(
        "A client's request leads to {}. There a person signs in, sees who asks, and allows it.",
        without_query(&answer.url)
    );
    Ok((Finding::passed(what), waiting))
}

/// What a browser would send back: the request waits in the browser that brought it.
fn cookies(answer: &Answer) -> Result<HeaderMap, Finding> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs: Vec<&str> = set.filter_map(|cookie| cookie.split(';').next()).collect();
    let cookies = HeaderValue::try_from(pairs.join("; ")).ok().filter(|_| !pairs.is_empty());
    let Some(cookies) = cookies else {
        return Err(Finding::failed(
            "The answer of /authorize has no cookie, so the browser forgets what it was asked.",
            "The reverse proxy takes the cookie away: let it pass Set-Cookie from the gateway, and Cookie to it.",
        ));
    };
    Ok(HeaderMap::from_iter([(header::COOKIE, cookies)]))
}

/// Back to the client with an error.
fn refused(request: &Request, next: &Url) -> Finding {
    let error = answer_in(request, next).unwrap_or_else(|| "no error".to_owned());
    let description = next.query_pairs().find(|(name, _)| name == "error_description");
    let description = description.map(|(_, text)| format!(": {text}")).unwrap_or_default();
    Finding::failed(
        format!("The gateway refuses the request of a client with {error}{description}."),
        "Something in between rewrites the query of /authorize: let it pass as it is.",
    )
}

/// Another host: on to a sign-in service, or something in front of the gateway.
fn elsewhere(answer: &Answer, target: &Target, next: &Url) -> Result<Finding, Finding> {
    let is_sign_in = answer.url.path().starts_with("/auth/") && target.is_same_origin(&answer.url);
    if !is_sign_in {
        return Err(unexpected(answer, "a redirect to the gateway's own sign-in page"));
    }
    let host = next.host_str().unwrap_or_default();
    Ok(Finding::passed(format!(
        "A client's request leads on to the sign-in at {host}. There a person signs in, then sees who asks, and allows it."
    )))
}

/// Whether the browser is sent back to the client.
fn is_answer(request: &Request, next: &Url) -> bool {
    next.as_str().split('?').next() == Some(request.redirect_uri.as_str())
}

/// The error with which the browser is sent back to the client (RFC 6749 section 4.1.2.1).
fn answer_in(request: &Request, next: &Url) -> Option<String> {
    let error = next.query_pairs().find(|(name, _)| name == "error")?;
    is_answer(request, next).then(|| error.1.into_owned())
}

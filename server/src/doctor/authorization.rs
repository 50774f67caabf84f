//! Registration, the page where a person signs in, and the token endpoint: the flow of OAuth 2.1, as far as it goes
//! without a person.

use axum::http::{StatusCode, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    Target,
    finding::{Finding, Found},
    metadata::Server,
    probe::{Answer, Probe},
    trouble::{unexpected, without_query},
};
use crate::clock::random_token;

/// Says to whoever sees it in a list what it is.
const CLIENT_NAME: &str = "Connection doctor (a test; forgotten after 7 days)";
/// Nobody listens there, and nobody is sent there: the walk ends before.
const REDIRECT_URI: &str = "http://127.0.0.1:33418/callback";
/// How many of our own pages may follow one another on the way to the sign-in.
const MAX_HOPS: usize = 4;

/// Dynamic client registration (RFC 7591); the client's id.
pub(super) async fn register(probe: &Probe, server: &Server) -> Found<String> {
    let Some(endpoint) = &server.registration else {
        return Err(Finding::failed(
            "The metadata names no registration endpoint on this host, so older clients cannot register.",
            "Start the gateway with the --public-url under which clients reach it.",
        ));
    };
    let metadata = json!({
        "client_name": CLIENT_NAME,
        "redirect_uris": [REDIRECT_URI],
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
    let what =
        format!("A client can register. This one is called “{CLIENT_NAME}”, and has no rights. {documents}");
    Ok((Finding::passed(what), id))
}

/// The authorization request of a client, up to the page where a person signs in.
pub(super) async fn sign_in_page(probe: &Probe, target: &Target, server: &Server, client: &str) -> Found<()> {
    let expected = "a redirect to the sign-in page";
    let mut answer = probe.send(probe.get(&authorization_url(target, server, client))).await?;
    for _ in 0..MAX_HOPS {
        let next = answer.header(header::LOCATION).and_then(|to| answer.url.join(to).ok());
        let (true, Some(next)) = (answer.status.is_redirection(), next) else { break };
        if !target.is_same_origin(&next) {
            return elsewhere(&answer, target, &next);
        }
        answer = probe.send(probe.get(&next)).await?;
    }
    if answer.status != StatusCode::OK || !answer.is_html() {
        return Err(unexpected(&answer, expected));
    }
    let what = format!(
        "A client's request leads to {}. A person signs in there, sees who asks, and allows it: that needs a person, so \
         it ends here.",
        without_query(&answer.url)
    );
    Ok((Finding::passed(what), ()))
}

/// Another host: back to the client with an error, on to a sign-in service, or something in front of the gateway.
fn elsewhere(answer: &Answer, target: &Target, next: &Url) -> Found<()> {
    if next.as_str().starts_with(REDIRECT_URI) {
        let error = next
            .query_pairs()
            .find(|(name, _)| name == "error_description")
            .map(|(_, text)| text.into_owned());
        let what = format!("The gateway refuses the request of a client: {}.", error.unwrap_or_default());
        return Err(Finding::failed(
            what,
            "Something in between rewrites the query of /authorize: let it pass as it is.",
        ));
    }
    let is_sign_in = answer.url.path().starts_with("/auth/") && target.is_same_origin(&answer.url);
    if is_sign_in {
        let host = next.host_str().unwrap_or_default();
        let what = format!(
            "A client's request leads on to the sign-in at {host}. That needs a person, so it ends here."
        );
        return Ok((Finding::passed(what), ()));
    }
    Err(unexpected(answer, "a redirect to the gateway's own sign-in page"))
}

fn authorization_url(target: &Target, server: &Server, client: &str) -> Url {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(random_token().as_bytes()));
    let mut url = server.authorization.clone();
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", REDIRECT_URI),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("state", &random_token()),
        ("resource", target.mcp.as_str()),
    ]);
    url
}

/// A code that was never given out is refused in the form of RFC 6749 section 5.2.
pub(super) async fn token_endpoint(
    probe: &Probe,
    target: &Target,
    server: &Server,
    client: &str,
) -> Found<()> {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", client),
        ("code", &random_token()),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", &random_token()),
        ("resource", target.mcp.as_str()),
    ];
    let answer = probe.send(probe.post(&server.token).form(&form)).await?;
    let error = answer.json().and_then(|body: Value| body["error"].as_str().map(str::to_owned));
    match (answer.status, error.as_deref()) {
        (StatusCode::BAD_REQUEST, Some("invalid_grant")) => {
            let what = format!("{} refuses a wrong code as it should (invalid_grant).", server.token.path());
            Ok((Finding::passed(what), ()))
        }
        (StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED, Some(error)) => Err(Finding::failed(
            format!(
                "{} answers {error} instead of invalid_grant; its issuer is {}.",
                server.token.path(),
                server.issuer
            ),
            "If there are several replicas, they must share one database. Otherwise something in between rewrites the \
             form that clients post.",
        )),
        _ => Err(unexpected(&answer, "400 with the error invalid_grant as JSON")),
    }
}

//! What the person answered, the code that becomes a token (OAuth 2.1 section 4.1.3), and the token's end (RFC 7009).

use axum::http::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::{
    Target,
    authorization::Request,
    finding::{Finding, Found},
    metadata::Server,
    probe::{Answer, Probe},
    protocol,
    trouble::unexpected,
};
use crate::clock::random_token;

/// The token endpoint answers, and not to what was posted.
const FORM_IS_LOST: &str = "If there are several replicas, they must share one database. Otherwise something in between \
                            rewrites the form that clients post.";

/// Where the person's browser was sent after they answered.
pub type Consent = Result<Url, Unanswered>;

/// Why there is no answer of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// What happened, as a sentence.
    pub what: String,
    /// What to do about it.
    pub advice: String,
}

/// What the code was exchanged for.
pub(super) struct Tokens {
    pub(super) access: SecretString,
    refresh: Option<SecretString>,
}

/// The code in the person's answer (OAuth 2.1 section 4.1.2, RFC 9207).
pub(super) fn read(consent: Consent, request: &Request, issuer: &str) -> Result<SecretString, Finding> {
    let to = consent.map_err(|Unanswered { what, advice }| Finding::failed(what, advice))?;
    let get = |name| to.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    if get("state").as_deref() != Some(request.state()) {
        return Err(Finding::failed(
            "The answer does not belong to what was asked (state).",
            "Try again, and open only the newest address.",
        ));
    }
    match (get("error").as_deref(), get("code")) {
        (Some("access_denied"), _) => Err(Finding::failed(
            "The request was denied.",
            "To test what comes after it, try again and press Allow. Nothing stays allowed after the test.",
        )),
        (Some(error), _) => Err(Finding::failed(
            format!("The gateway answers the client with {error}."),
            "Look into the gateway's log of this moment.",
        )),
        (None, Some(code)) if get("iss").as_deref() == Some(issuer) => Ok(SecretString::from(code)),
        (None, Some(_)) => Err(Finding::failed(
            "The answer does not come from this issuer (iss), so clients refuse it.",
            "Something in between mixes two gateways, or rewrites redirects: let Location pass as it is.",
        )),
        (None, None) => Err(Finding::failed(
            "The answer has no code.",
            "Something in between rewrites redirects: let Location pass as it is.",
        )),
    }
}

/// A code that was never given out is refused in the form of RFC 6749 section 5.2.
pub(super) async fn refuses_wrong_code(
    probe: &Probe,
    server: &Server,
    request: &Request,
) -> Result<Finding, Finding> {
    let answer = send_code(probe, server, request, &SecretString::from(random_token())).await?;
    let path = server.token.path();
    match (answer.status, error_in(&answer).as_deref()) {
        (StatusCode::BAD_REQUEST, Some("invalid_grant")) => {
            Ok(Finding::passed(format!("{path} refuses a wrong code as it should (invalid_grant).")))
        }
        (StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED, Some(error)) => Err(Finding::failed(
            format!("{path} answers {error} instead of invalid_grant; its issuer is {}.", server.issuer),
            FORM_IS_LOST,
        )),
        _ => Err(unexpected(&answer, "400 with the error invalid_grant as JSON")),
    }
}

/// The code for a token.
pub(super) async fn exchange(
    probe: &Probe,
    server: &Server,
    request: &Request,
    code: &SecretString,
) -> Found<Tokens> {
    refuses_wrong_code(probe, server, request).await?;
    let answer = send_code(probe, server, request, code).await?;
    let path = server.token.path();
    if answer.status == StatusCode::OK {
        if let Some(tokens) = tokens_in(&answer) {
            let what = format!(
                "{path} refuses a wrong code, and gives a token for the right one with its verifier."
            );
            return Ok((Finding::passed(what), tokens));
        }
        // Somebody has a token that cannot be read here. Whoever shows a code twice ends what it gave (OAuth 2.1 section
        // 4.1.3), so nothing stays.
        let _ = send_code(probe, server, request, code).await;
    }
    match error_in(&answer) {
        Some(error) if answer.status.is_client_error() => {
            Err(Finding::failed(format!("{path} refuses the code of a moment ago: {error}."), FORM_IS_LOST))
        }
        _ => Err(unexpected(&answer, "200 with an access_token as JSON")),
    }
}

/// The client gives its token back (RFC 7009); without one it shows a made-up one, which is no error (section 2.2). Clients
/// connect without this, so nothing here is a failure.
pub(super) async fn give_back(
    probe: &Probe,
    target: &Target,
    server: &Server,
    request: &Request,
    tokens: Option<&Tokens>,
) -> Finding {
    let Some(endpoint) = &server.revocation else {
        return Finding::warning(
            "The metadata names no revocation endpoint on this host, so apps cannot sign out.",
            "Start the gateway with the --public-url under which clients reach it.",
        );
    };
    let made_up = SecretString::from(random_token());
    let token = tokens.map_or(&made_up, |tokens| tokens.refresh.as_ref().unwrap_or(&tokens.access));
    let form = [("token", token.expose_secret()), ("client_id", request.client())];
    let answer = match probe.send(probe.post(endpoint).form(&form)).await {
        Ok(answer) => answer,
        Err(finding) => return finding.into_warning(),
    };
    if answer.status != StatusCode::OK {
        return unexpected(&answer, "200, after which the token is refused").into_warning();
    }
    let Some(tokens) = tokens else {
        return Finding::passed(format!("An app can give its token back at {}.", endpoint.path()));
    };
    match protocol::refuses(probe, target, &tokens.access).await {
        Ok(true) => Finding::passed("The token was given back, and is refused from now on."),
        Ok(false) => Finding::warning(
            "The token was given back, but is accepted still.",
            "If there are several replicas, they must share one database, without a transaction-pooling proxy in between.",
        ),
        Err(finding) => finding.into_warning(),
    }
}

async fn send_code(
    probe: &Probe,
    server: &Server,
    request: &Request,
    code: &SecretString,
) -> Result<Answer, Finding> {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", request.client()),
        ("code", code.expose_secret()),
        ("redirect_uri", request.redirect_uri()),
        ("code_verifier", request.verifier.expose_secret()),
        ("resource", request.resource.as_str()),
    ];
    probe.send(probe.post(&server.token).form(&form)).await
}

fn tokens_in(answer: &Answer) -> Option<Tokens> {
    let body = answer.json()?;
    let secret = |name: &str| body[name].as_str().map(SecretString::from);
    let is_bearer = body["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
    Some(Tokens { access: secret("access_token").filter(|_| is_bearer)?, refresh: secret("refresh_token") })
}

fn error_in(answer: &Answer) -> Option<String> {
    answer.json().and_then(|body: Value| body["error"].as_str().map(str::to_owned))
}

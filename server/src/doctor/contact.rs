//! First contact: is anybody there, does the 401 show the way (RFC 9728 section 5.1), does the Authorization header
//! arrive.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use url::Url;

use super::{
    Target,
    finding::{Finding, Found},
    probe::{Answer, Probe},
    trouble::unexpected,
};
use crate::clock::Clock;

/// How far clocks may be apart: tokens live for minutes.
const MAX_SKEW_SECONDS: i64 = 60;
/// Looks like a token, and is none.
const NO_TOKEN: &str = "mcp-gateway-doctor-sends-no-token";

/// The first request of Claude Code: `server/discover` without a token.
pub(super) async fn reach(probe: &Probe, target: &Target, clock: Option<&Clock>) -> Found<Answer> {
    let answer = probe.send(probe.message(target, &discover_body())).await?;
    let secure = target.mcp.scheme() == "https";
    let is_here = is_loopback(&target.mcp);
    let finding = if let Some(skew) = clock.and_then(|clock| skew(&answer, clock)) {
        Finding::warning(
            format!("It answers, but its clock and this computer's are {skew} seconds apart."),
            "Set both clocks by NTP: access tokens are good for minutes, and look expired or from the future otherwise.",
        )
    } else if secure {
        Finding::passed("It answers, with a certificate that clients trust.")
    } else if is_here {
        Finding::passed("It answers by plain http, which is for clients on this computer.")
    } else {
        Finding::warning(
            "It answers, but by plain http.",
            "Clients on other computers refuse to sign in over plain http, and so does the gateway: put a reverse proxy \
             with TLS in front, and start the gateway with --public-url https://...",
        )
    };
    Ok((finding, answer))
}

/// What that request gets: 401, and where to read on.
pub(super) fn challenge(target: &Target, answer: &Answer) -> Found<()> {
    let expected = "401 with the header WWW-Authenticate: Bearer resource_metadata=...";
    if answer.status != StatusCode::UNAUTHORIZED {
        return Err(unexpected(answer, expected));
    }
    let Some(challenge) = bearer_challenge(answer) else {
        if answer.headers.contains_key(header::WWW_AUTHENTICATE) {
            return Err(unexpected(answer, expected));
        }
        return Err(Finding::failed(
            "The answer is 401, but without the header WWW-Authenticate, so clients do not find the sign-in.",
            "The reverse proxy takes the header away, or answers itself: let it pass WWW-Authenticate from the gateway.",
        ));
    };
    let Some(metadata) = parameter(challenge, "resource_metadata").and_then(|url| Url::parse(&url).ok())
    else {
        return Err(Finding::failed(
            "The 401 is there, but does not say where the metadata is (resource_metadata).",
            "This is another server, or something in between rewrites WWW-Authenticate.",
        ));
    };
    check_public_url(target, &metadata)?;
    Ok((Finding::passed("It answers 401 and says where clients read on, as it should."), ()))
}

/// The gateway names its own public URL; it must be the one that was asked.
pub(super) fn check_public_url(target: &Target, named: &Url) -> Result<(), Finding> {
    if target.is_same_origin(named) {
        return Ok(());
    }
    let (asked, believed) = (target.origin().ascii_serialization(), named.origin().ascii_serialization());
    Err(Finding::failed(
        format!(
            "You asked {asked}, but the gateway believes that it is {believed}, and sends clients there."
        ),
        format!(
            "Start the gateway with --public-url {asked} (MCP_GATEWAY_PUBLIC_URL), or give clients the address \
             {believed}."
        ),
    ))
}

/// Does a proxy take the Authorization header away? A token that is none gets another 401 than no token.
pub(super) async fn authorization_header(probe: &Probe, target: &Target) -> Found<()> {
    let request = probe.message(target, &discover_body()).bearer_auth(NO_TOKEN);
    let answer = probe.send(request).await?;
    let error = bearer_challenge(&answer).and_then(|challenge| parameter(challenge, "error"));
    match (answer.status, error.as_deref()) {
        (StatusCode::UNAUTHORIZED, Some("invalid_token")) => {
            Ok((Finding::passed("It reaches the gateway: a made-up token is refused as one."), ()))
        }
        (StatusCode::UNAUTHORIZED, None) => Err(stripped()),
        _ => Err(unexpected(&answer, "401 with error=\"invalid_token\"")),
    }
}

/// A proxy keeps the header for itself.
pub(super) fn stripped() -> Finding {
    Finding::failed(
        "The gateway does not see the Authorization header, so it would ask clients to sign in for ever.",
        "The reverse proxy takes it away. Let it pass Authorization on (nginx: proxy_set_header Authorization \
         $http_authorization; Apache: CGIPassAuth or ProxyPass without a password of its own).",
    )
}

/// The challenge that is for OAuth; there may be others beside it.
pub(super) fn bearer_challenge(answer: &Answer) -> Option<&str> {
    let values =
        answer.headers.get_all(header::WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    values.into_iter().find(|value| value.get(..7).is_some_and(|kind| kind.eq_ignore_ascii_case("bearer ")))
}

/// A parameter of a challenge (RFC 9110 section 11.2).
pub(super) fn parameter(challenge: &str, name: &str) -> Option<String> {
    let start = challenge.match_indices(name).find(|(at, _)| {
        let before = challenge[..*at].chars().next_back();
        before.is_none_or(|before| before == ' ' || before == ',')
            && challenge[at + name.len()..].trim_start().starts_with('=')
    })?;
    let value = challenge[start.0 + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().map(str::to_owned),
        None => value.split([',', ' ']).next().map(str::to_owned),
    }
}

/// Seconds between its clock and ours, if that is too many.
fn skew(answer: &Answer, clock: &Clock) -> Option<i64> {
    let its = OffsetDateTime::parse(answer.header(header::DATE)?, &Rfc2822).ok()?;
    let ours = OffsetDateTime::from(clock.now());
    let apart = (its - ours).whole_seconds().abs();
    (apart > MAX_SKEW_SECONDS).then_some(apart)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn discover_body() -> Value {
    super::protocol::modern_body("server/discover", json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_a_challenge() {
        let challenge =
            r#"Bearer resource_metadata="https://g/a, b", scope="mcp", error="invalid_token", x=1"#;
        assert_eq!(parameter(challenge, "resource_metadata").as_deref(), Some("https://g/a, b"));
        assert_eq!(parameter(challenge, "error").as_deref(), Some("invalid_token"));
        assert_eq!(parameter(challenge, "x").as_deref(), Some("1"));
        assert_eq!(parameter(challenge, "metadata"), None, "no part of another name");
        assert_eq!(parameter("Bearer", "error"), None);
    }
}

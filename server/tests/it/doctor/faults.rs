//! What a proxy does wrong, and what the doctor says to do about it.

use gateway_api::connect::{CheckOutcome, ConnectionCheck};
use tokio::net::TcpListener;

use super::{
    check,
    proxy::{Fault, start, start_as},
    shown,
};
use crate::mcp::client::with_demo;

/// The step that failed first, in the order of a client.
pub(super) fn first_failure(check: &ConnectionCheck) -> (usize, String, String) {
    let failed = check.steps.iter().position(|step| step.outcome == CheckOutcome::Failed);
    let index = failed.unwrap_or_else(|| panic!("nothing failed: {}", shown(check)));
    let step = &check.steps[index];
    (index, step.what.clone(), step.advice.clone().unwrap_or_default())
}

/// With this fault, and no token, this step fails first; what happened and what to do are said like this.
async fn assert_told(fault: Fault, step: usize, what: &str, advice: &str) {
    let proxied = start(fault).await;
    let found = check(&proxied.url, None).await;
    let (index, happened, to_do) = first_failure(&found);
    assert_eq!(index, step, "{fault:?}: {}", shown(&found));
    assert!(happened.contains(what), "{fault:?}: {happened}");
    assert!(to_do.contains(advice), "{fault:?}: {to_do}");
}

#[tokio::test]
async fn a_good_proxy_is_no_trouble() {
    let proxied = start(Fault::None).await;
    let (_, client) = with_demo(&proxied.gateway, "ada@msp.example").await;
    let found = check(&proxied.url, Some(&client.token)).await;
    assert!(found.steps.iter().all(|step| step.outcome == CheckOutcome::Passed), "{}", shown(&found));
}

#[tokio::test]
async fn headers_that_a_proxy_keeps() {
    assert_told(
        Fault::TakesAuthorization,
        2,
        "does not see the Authorization header",
        "proxy_set_header Authorization",
    )
    .await;
    assert_told(
        Fault::TakesChallenge,
        1,
        "without the header WWW-Authenticate",
        "let it pass WWW-Authenticate",
    )
    .await;
    assert_told(Fault::TakesCookies, 7, "has no cookie", "let it pass Set-Cookie").await;
    assert_told(Fault::AsksForPassword, 1, "not the gateway's", "asks for a password of its own").await;
}

#[tokio::test]
async fn paths_that_a_proxy_answers_itself() {
    assert_told(Fault::PageAt("/"), 1, "a web page (status 200)", "Another program answers").await;
    assert_told(Fault::PageAt("/.well-known/"), 3, "a web page (status 200)", "Pass every path").await;
    assert_told(Fault::BadGatewayAt("/"), 1, "502 Bad Gateway", "does not reach the gateway").await;
    assert_told(Fault::BadGatewayAt("/token"), 8, "502 Bad Gateway", "does not reach the gateway").await;
    assert_told(
        Fault::ForgetsPath("/.well-known/oauth-auth"),
        4,
        "404 Not Found",
        "Give the gateway a host of its own",
    )
    .await;
    assert_told(Fault::ForgetsPath("/authorize"), 6, "404 Not Found", "does not pass this path on").await;
    let accepts = Fault::SendsOn("/authorize", "/auth/login");
    assert_told(accepts, 6, "without a code challenge is accepted", "rewrites the query of /authorize").await;
    assert_told(Fault::OnlyGet, 1, "405 Method Not Allowed", "Let POST, GET and DELETE pass").await;
}

#[tokio::test]
async fn redirects_lose_what_is_posted() {
    assert_told(
        Fault::RedirectsToHttps,
        1,
        "a redirect to https://127.0.0.1",
        "Give clients the https address",
    )
    .await;
    let elsewhere = Fault::RedirectsTo("https://login.corp.example/?secret=1");
    assert_told(
        elsewhere,
        1,
        "a redirect to https://login.corp.example/. ",
        "login.corp.example first, perhaps",
    )
    .await;
}

#[tokio::test]
async fn a_gateway_that_believes_to_be_somebody_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxied = start_as(Fault::None, listener, "https://old.example").await;
    let found = check(&proxied.url, None).await;
    let (index, what, advice) = first_failure(&found);
    assert_eq!(index, 1, "{}", shown(&found));
    assert!(what.contains("the gateway believes that it is https://old.example"), "{what}");
    assert!(advice.contains(&format!("--public-url {}", proxied.url)), "{advice}");
}

#[tokio::test]
async fn documents_that_somebody_rewrites() {
    let at = "/.well-known/oauth-authorization-server";
    let issuer = Fault::Rewrites(at, "\"issuer\":\"http:", "\"issuer\":\"https:");
    assert_told(issuer, 4, "clients refuse that", "mixes two gateways or rewrites answers").await;
    let pkce = Fault::Rewrites(at, "S256", "plain");
    assert_told(pkce, 4, "does not offer PKCE with S256", "rewrites it").await;
    let endpoint = Fault::Rewrites(at, "\"token_endpoint\":\"http:", "\"token_endpoint\":\"https:");
    assert_told(endpoint, 4, "lies on another host", "--public-url").await;
}

#[tokio::test]
async fn what_shows_only_with_a_token() {
    for (fault, step, what, advice) in [
        (Fault::Buffers, 12, "its first event does not arrive", "proxy_buffering off"),
        (Fault::TakesSession, 10, "The session is lost", "pass Mcp-Session-Id on"),
        (Fault::ChangesHost, 9, "403 Forbidden", "proxy_set_header Host $host"),
        (Fault::TakesAuthorization, 2, "does not see the Authorization header", "nginx"),
    ] {
        let proxied = start(fault).await;
        let (_, client) = with_demo(&proxied.gateway, "ada@msp.example").await;
        let found = check(&proxied.url, Some(&client.token)).await;
        let (index, happened, to_do) = first_failure(&found);
        assert_eq!(index, step, "{fault:?}: {}", shown(&found));
        assert!(happened.contains(what), "{fault:?}: {happened}");
        assert!(to_do.contains(advice), "{fault:?}: {to_do}");
    }
}

#[tokio::test]
async fn nobody_there_and_no_tls() {
    let found = check("http://127.0.0.1:9", None).await;
    let (index, what, advice) = first_failure(&found);
    assert_eq!((index, what.as_str()), (0, "The connection was refused: nobody listens there."));
    assert!(advice.contains("--listen"), "{advice}");
    assert!(found.steps[1..].iter().all(|step| step.outcome == CheckOutcome::Skipped));

    let proxied = start(Fault::None).await;
    let found = check(&proxied.url.replace("http:", "https:"), None).await;
    let (index, what, advice) = first_failure(&found);
    assert_eq!(index, 0, "{}", shown(&found));
    assert!(what.starts_with("TLS failed"), "{what}");
    assert!(advice.contains("There is no TLS on this port"), "{advice}");
}

//! What is open to everybody is not open without end.

use reqwest::{Response, header};
use serde_json::json;

use crate::gateway::{Browser, Gateway};

/// Asks until it is too much; fails if it never is.
async fn until_too_many(ask: impl AsyncFn() -> Response) -> Response {
    for _ in 0..2000 {
        let answer = ask().await;
        if answer.status() == 429 {
            return answer;
        }
    }
    panic!("there is no limit")
}

fn check(answer: &Response, kind: &str) {
    let wait: u64 = answer.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=120).contains(&wait), "{wait}");
    assert!(answer.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with(kind));
}

async fn form(browser: &Browser, path: &str) -> Response {
    let form =
        [("client_id", "unknown"), ("grant_type", "refresh_token"), ("refresh_token", "x"), ("token", "x")];
    browser.http.post(format!("{}{path}", browser.url)).form(&form).send().await.unwrap()
}

#[tokio::test]
async fn every_public_endpoint_has_a_limit() {
    let gateway = Gateway::start().await;
    let browser = gateway.browser();
    for (path, kind) in [
        ("/authorize", "text/html"),
        ("/auth/oidc/entra", "text/html"),
        ("/auth/oidc/entra/callback?state=x", "text/html"),
        ("/invite/x", "text/html"),
        ("/consent/x", "text/html"),
        ("/api/invitations/x", "application/problem+json"),
        ("/api/consents/x", "application/problem+json"),
        ("/api/sign-in", "application/problem+json"),
        ("/.well-known/jwks.json", "application/json"),
        ("/.well-known/oauth-protected-resource/v1/mcp", "application/json"),
        ("/api/openapi.json", "application/problem+json"),
        ("/vendors", "text/html"),
        ("/connect/itglue", "text/html"),
        ("/v1/mcp", "application/json"),
    ] {
        check(&until_too_many(async || browser.get(path).await).await, kind);
    }
}

/// These share one count, so each has a gateway of its own.
#[tokio::test]
async fn guessing_has_a_limit_and_probes_have_none() {
    for (path, kind) in [
        ("/api/me", "application/problem+json"),
        ("/v1/nobody/mcp", "application/json"),
        ("/v1/mcp?tools=bad", "application/json"),
        ("/", "text/html"),
    ] {
        let gateway = Gateway::start().await;
        let browser = gateway.browser();
        check(&until_too_many(async || browser.get(path).await).await, kind);
        for probe in ["/health", "/ready"] {
            assert_eq!(browser.get(probe).await.status(), 200, "{path} {probe}");
        }
    }
}

#[tokio::test]
async fn what_is_posted_has_a_limit() {
    let gateway = Gateway::start().await;
    let browser = gateway.browser();
    let metadata = json!({"redirect_uris": ["http://localhost/callback"]});
    check(&until_too_many(async || browser.post("/register", &metadata).await).await, "application/json");
    let token = async || form(&browser, "/token").await;
    check(&until_too_many(token).await, "application/json");
    check(&until_too_many(async || form(&browser, "/revoke").await).await, "application/json");
    for path in ["/api/setup", "/api/accounts", "/api/invitations/x/accept", "/api/consents/x"] {
        let answer = until_too_many(async || browser.post(path, &json!({})).await).await;
        check(&answer, "application/problem+json");
    }
}

/// What cannot be read costs as well.
#[tokio::test]
async fn what_cannot_be_read_is_counted() {
    let long = "x".repeat(70_000);
    for (path, kind, body) in [
        ("/register", "text/plain", "x"),
        ("/register", "application/json", "{"),
        ("/register", "application/json", long.as_str()),
        ("/token", "application/json", "{}"),
        ("/token", "application/x-www-form-urlencoded", long.as_str()),
        ("/revoke", "text/plain", "x"),
    ] {
        let gateway = Gateway::start().await;
        let browser = gateway.browser();
        let ask = async || {
            let request = browser.http.post(format!("{}{path}", gateway.url));
            request.header(header::CONTENT_TYPE, kind).body(body.to_owned()).send().await.unwrap()
        };
        check(&until_too_many(ask).await, "application/json");
    }
}

#[tokio::test]
async fn wrong_clients_wait_and_others_do_not() {
    let gateway = Gateway::start().await;
    let browser = gateway.browser();
    let mut refused = 0;
    let answer = until_too_many(async || form(&browser, "/token").await).await;
    check(&answer, "application/json");
    let metadata = json!({"redirect_uris": ["http://localhost/callback"]});
    let client: serde_json::Value = browser.post("/register", &metadata).await.json().await.unwrap();
    let good = [
        ("client_id", client["client_id"].as_str().unwrap()),
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
    ];
    for _ in 0..60 {
        let answer = browser.http.post(format!("{}/token", gateway.url)).form(&good).send().await.unwrap();
        refused += u32::from(answer.status() == 429);
    }
    assert_eq!(refused, 0, "behind the same address, a client that is known");
}

#[tokio::test]
async fn good_tokens_pass_where_bad_ones_must_wait() {
    let gateway = Gateway::start().await;
    let (_, client) = crate::mcp::client::with_demo(&gateway, "ada@msp.example").await;
    let browser = gateway.browser();
    until_too_many(async || browser.get("/v1/mcp").await).await;
    assert_eq!(client.call("demo__get_summary", json!({})).await["isError"], false);
}

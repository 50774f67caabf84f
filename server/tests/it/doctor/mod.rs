//! The connection doctor, against a real gateway: directly, and through reverse proxies that are set up wrongly.

mod command;
mod faults;
mod proxy;

use gateway_api::connect::{CheckOutcome, ConnectionCheck};
use gateway_server::doctor::{Target, examine};
use reqwest::StatusCode;
use secrecy::SecretString;

use crate::{
    gateway::{Gateway, problem},
    mcp::client::with_demo,
};

/// Walks to this address.
async fn check(url: &str, token: Option<&str>) -> ConnectionCheck {
    let target = Target::new(url.parse().unwrap()).unwrap();
    examine(&target, token.map(SecretString::from).as_ref(), None).await.unwrap()
}

/// Everything about the findings, for a failed assertion.
fn shown(check: &ConnectionCheck) -> String {
    serde_json::to_string_pretty(check).unwrap()
}

#[tokio::test]
async fn with_a_token_every_step_passes() {
    let gateway = Gateway::start().await;
    let (browser, client) = with_demo(&gateway, "ada@msp.example").await;
    let found = check(&gateway.url, Some(&client.token)).await;
    assert!(found.is_good, "{}", shown(&found));
    assert_eq!(found.address, format!("{}/v1/mcp", gateway.url));
    assert_eq!(found.steps.len(), 12);
    let all_passed = found.steps.iter().all(|step| step.outcome == CheckOutcome::Passed);
    assert!(all_passed, "{}", shown(&found));
    assert!(found.steps[10].what.contains("of connected vendors"), "{}", found.steps[10].what);
    assert!(!shown(&found).contains(&client.token));

    assert_eq!(browser.delete("/api/connections/demo").await.status(), StatusCode::NO_CONTENT);
    let found = check(&gateway.url, Some(&client.token)).await;
    assert_eq!(found.steps[10].outcome, CheckOutcome::Warning, "{}", shown(&found));
    assert!(found.steps[10].advice.as_deref().unwrap().contains("Connect a vendor"), "{}", shown(&found));
    assert!(found.is_good, "a warning is no failure");
}

#[tokio::test]
async fn without_a_token_it_ends_where_a_person_would_sign_in() {
    let gateway = Gateway::start().await;
    gateway.person("ada@msp.example").await;
    let found = check(&format!("{}/v1/mcp", gateway.url), None).await;
    assert!(found.is_good, "{}", shown(&found));
    let outcomes: Vec<_> = found.steps.iter().map(|step| step.outcome).collect();
    assert_eq!(outcomes[..8], [CheckOutcome::Passed; 8], "{}", shown(&found));
    assert_eq!(outcomes[8..], [CheckOutcome::Skipped; 4], "{}", shown(&found));
    assert!(found.steps[6].what.contains("/auth/login"), "{}", found.steps[6].what);
}

#[tokio::test]
async fn a_token_that_is_not_good_is_told_so() {
    let gateway = Gateway::start().await;
    let found = check(&gateway.url, Some("eyJhbGciOiJub25lIn0.e30.")).await;
    assert!(!found.is_good);
    let step = &found.steps[8];
    assert_eq!((step.outcome, step.what.as_str()), (CheckOutcome::Failed, "The gateway refuses this token."));
    assert!(step.advice.as_deref().unwrap().contains("expired, was revoked, or is for another gateway"));
}

#[tokio::test]
async fn the_panel_checks_the_public_url_and_is_limited() {
    let gateway = Gateway::start().await;
    let browser = gateway.person("ada@msp.example").await;
    let ask = || browser.send(reqwest::Method::POST, "/api/connect/check", None);
    let found: ConnectionCheck = ask().await.json().await.unwrap();
    assert!(found.is_good, "{}", shown(&found));
    assert_eq!(found.address, gateway.state.config.mcp_url());
    for _ in 1..5 {
        assert_eq!(ask().await.status(), StatusCode::OK);
    }
    let (status, code, body) = problem(ask().await).await;
    assert_eq!((status, code.as_str()), (429, "throttled"));
    assert!(body["retry_after"].as_u64().unwrap() <= 12);
    let other = gateway.person("bob@msp.example").await;
    let answer = other.send(reqwest::Method::POST, "/api/connect/check", None).await;
    assert_eq!(answer.status(), StatusCode::OK, "each person has a limit of their own");
}

#[tokio::test]
async fn the_panel_of_a_gateway_that_does_not_reach_itself_says_so() {
    // Nobody listens on the discard port.
    let gateway = Gateway::start_with(&["--public-url", "http://127.0.0.1:9"]).await;
    let browser = gateway.person("ada@msp.example").await;
    let request = browser.http.post(format!("{}/api/connect/check", gateway.url));
    let found: ConnectionCheck = request.send().await.unwrap().json().await.unwrap();
    assert!(!found.is_good);
    assert!(found.steps[0].what.contains("refused"), "{}", shown(&found));
    assert!(found.steps[0].advice.as_deref().unwrap().contains("on another computer"), "{}", shown(&found));
    assert!(found.steps[1..].iter().all(|step| step.outcome == CheckOutcome::Skipped));
}

//! The connection doctor, against a real gateway: directly, and through reverse proxies that are set up wrongly.

mod command;
mod faults;
mod panel;
mod proxy;

use gateway_api::connect::{CheckOutcome, ConnectionCheck};
use gateway_server::doctor::{Target, examine};
use reqwest::StatusCode;
use secrecy::SecretString;

use crate::{
    gateway::Gateway,
    mcp::client::{Client, with_demo},
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
    assert_eq!(found.steps.len(), 14);
    let all_passed = found.steps.iter().all(|step| step.outcome == CheckOutcome::Passed);
    assert!(all_passed, "{}", shown(&found));
    assert!(found.steps[11].what.contains("of connected vendors"), "{}", found.steps[11].what);
    assert!(!shown(&found).contains(&client.token));

    assert_eq!(browser.delete("/api/connections/demo").await.status(), StatusCode::NO_CONTENT);
    let found = check(&gateway.url, Some(&client.token)).await;
    assert_eq!(found.steps[11].outcome, CheckOutcome::Warning, "{}", shown(&found));
    assert!(found.steps[11].advice.as_deref().unwrap().contains("Connect a vendor"), "{}", shown(&found));
    assert!(found.is_good, "a warning is no failure");
}

#[tokio::test]
async fn without_a_token_it_ends_where_a_person_would_sign_in() {
    let gateway = Gateway::start().await;
    gateway.person("ada@msp.example").await;
    let found = check(&format!("{}/v1/mcp", gateway.url), None).await;
    assert!(found.is_good, "{}", shown(&found));
    let outcomes: Vec<_> = found.steps.iter().map(|step| step.outcome).collect();
    assert_eq!(outcomes[..9], [CheckOutcome::Passed; 9], "{}", shown(&found));
    assert_eq!(outcomes[9..13], [CheckOutcome::Skipped; 4], "{}", shown(&found));
    assert_eq!(outcomes[13], CheckOutcome::Passed, "{}", shown(&found));
    assert!(
        found.steps[6].what.contains("refused, and so is one with the method plain"),
        "{}",
        shown(&found)
    );
    assert!(found.steps[7].what.contains("/auth/login"), "{}", found.steps[7].what);
    let how = &found.steps[9].what;
    assert!(how.contains("--sign-in") && how.contains("--token"), "{how}");
}

#[tokio::test]
async fn every_address_that_clients_are_given_can_be_examined() {
    let gateway = Gateway::start().await;
    let (browser, _) = with_demo(&gateway, "ada@msp.example").await;
    for path in ["/v1/mcp?tools=search", "/v1/demo/mcp", "/v1/demo/mcp?tools=search", "/v1/mcp?tools=all"] {
        let client = Client::connect_to(&gateway, &browser, path).await;
        let address = format!("{}{path}", gateway.url);
        let found = check(&address, Some(&client.token)).await;
        assert_eq!(found.address, address, "what is shown is what clients are given");
        assert!(found.steps.iter().all(|step| step.outcome == CheckOutcome::Passed), "{}", shown(&found));
        let finds_others = found.steps[11].what.contains("find and call");
        assert_eq!(finds_others, path.ends_with("=search"), "{}", shown(&found));
    }
    let found = check(&format!("{}/v1/mcp?utm=1", gateway.url), None).await;
    assert_eq!(found.steps[3].outcome, CheckOutcome::Warning, "{}", shown(&found));
    let advice = found.steps[3].advice.as_deref().unwrap();
    assert_eq!(advice, format!("Give clients the address {}/v1/mcp.", gateway.url));
}

#[tokio::test]
async fn a_token_that_is_not_good_is_told_so() {
    let gateway = Gateway::start().await;
    let found = check(&gateway.url, Some("eyJhbGciOiJub25lIn0.e30.")).await;
    assert!(!found.is_good);
    let step = &found.steps[9];
    assert_eq!((step.outcome, step.what.as_str()), (CheckOutcome::Failed, "The gateway refuses this token."));
    assert!(step.advice.as_deref().unwrap().contains("expired, was revoked, or is for another gateway"));
}

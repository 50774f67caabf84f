//! The button on the page Connect Claude: the whole walk, in the name of who pressed it.

use gateway_api::{
    Page,
    connect::{CheckOutcome, ConnectStatus, ConnectionCheck},
    grants::GrantView,
};
use gateway_store::clients;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{
    faults::first_failure,
    proxy::{self, Fault},
    shown,
};
use crate::gateway::{Browser, Gateway, problem};

/// The person whose browser it is, with something that is connected.
async fn person(gateway: &Gateway) -> Browser {
    let browser = gateway.person("ada@msp.example").await;
    let answer = browser.put("/api/connections/demo", &json!({"fields": {"api_key": "demo-key"}})).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    browser
}

async fn check(browser: &Browser) -> ConnectionCheck {
    let answer = browser.send(Method::POST, "/api/connect/check", None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

/// What the newest check was given is over, and its client forgotten; the reason in the audit log.
async fn assert_nothing_is_left(gateway: &Gateway, browser: &Browser) -> String {
    let grants: Page<GrantView> = browser.get_json("/api/grants").await;
    assert!(grants.items.is_empty(), "{grants:?}");
    let rows = gateway.audit(browser).await;
    assert_eq!((rows[0].action.as_str(), rows[1].action.as_str()), ("grant.revoke", "grant.create"));
    for row in &rows[..2] {
        assert_eq!(row.client_name.as_deref(), Some("Connection doctor"));
        assert_eq!(row.target.as_deref(), Some("127.0.0.1"));
    }
    let client = rows[0].client_id.as_deref().unwrap();
    assert!(!is_known(gateway, client).await);
    rows[0].reason.clone().unwrap()
}

#[tokio::test]
async fn every_step_passes_and_nothing_is_left() {
    let gateway = Gateway::start().await;
    let browser = person(&gateway).await;
    let found = check(&browser).await;
    assert!(found.steps.iter().all(|step| step.outcome == CheckOutcome::Passed), "{}", shown(&found));
    assert_eq!(found.steps.len(), 14);
    assert!(found.steps[7].what.contains("This time it was allowed"), "{}", shown(&found));
    assert!(found.steps[13].what.contains("refused from now on"), "{}", shown(&found));
    assert!(!shown(&found).contains("eyJ"), "no token is shown");
    assert_eq!(assert_nothing_is_left(&gateway, &browser).await, "the app gave its access back");
    let rows = gateway.audit(&browser).await;
    assert_eq!(rows[1].actor, "ada", "who pressed the button allowed it");
    assert_eq!(rows[1].reason, None, "read access was all that was asked for");
    let status: ConnectStatus = browser.get_json("/api/connect").await;
    assert_eq!(status.last_call, None, "it is not taken for Claude");
}

#[tokio::test]
async fn what_a_proxy_breaks_is_found_and_nothing_is_left() {
    let versions = Fault::Rewrites("/v1/mcp", "\"2026-07-28\"", "\"2020-01-01\"");
    let tools = Fault::Rewrites("/v1/mcp", "\"tools\":[", "\"stools\":[");
    for (fault, step, what, advice) in [
        (
            Fault::Rewrites("/token", "access_token", "token"),
            8,
            "200 OK, in a form",
            "nothing in between rewrites",
        ),
        (versions, 9, "but not 2026-07-28", "Update the gateway"),
        (Fault::TakesSession, 10, "The session is lost", "pass Mcp-Session-Id on"),
        (tools, 11, "Expected: a list of tools", "nothing in between rewrites"),
        (Fault::Buffers, 12, "its first event does not arrive", "proxy_buffering off"),
    ] {
        let proxied = proxy::start(fault).await;
        let browser = person(&proxied.gateway).await;
        let found = check(&browser).await;
        let (index, happened, to_do) = first_failure(&found);
        assert_eq!(index, step, "{fault:?}: {}", shown(&found));
        assert!(happened.contains(what), "{fault:?}: {happened}");
        assert!(to_do.contains(advice), "{fault:?}: {to_do}");
        assert_nothing_is_left(&proxied.gateway, &browser).await;
    }
}

#[tokio::test]
async fn what_comes_before_the_token_is_found_too() {
    for (fault, step, what) in [
        (Fault::BadGatewayAt("/token"), 8, "502 Bad Gateway"),
        (Fault::TakesCookies, 7, "has no cookie"),
        (Fault::SendsOn("/authorize", "/auth/login"), 6, "without a code challenge is accepted"),
    ] {
        let proxied = proxy::start(fault).await;
        let browser = person(&proxied.gateway).await;
        let found = check(&browser).await;
        let (index, happened, _) = first_failure(&found);
        assert_eq!(index, step, "{fault:?}: {}", shown(&found));
        assert!(happened.contains(what), "{fault:?}: {happened}");
        assert_eq!(found.steps[11].outcome, CheckOutcome::Skipped, "{}", shown(&found));
        let grants: Page<GrantView> = browser.get_json("/api/grants").await;
        assert!(grants.items.is_empty(), "{grants:?}");
    }
}

#[tokio::test]
async fn an_app_that_cannot_sign_out_is_a_warning_and_the_gateway_does_it() {
    let proxied = proxy::start(Fault::ForgetsPath("/revoke")).await;
    let browser = person(&proxied.gateway).await;
    let found = check(&browser).await;
    assert!(found.is_good, "{}", shown(&found));
    assert_eq!(found.steps[13].outcome, CheckOutcome::Warning, "{}", shown(&found));
    let reason = assert_nothing_is_left(&proxied.gateway, &browser).await;
    assert_eq!(reason, "the connection check is over");
}

#[tokio::test]
async fn who_hangs_up_leaves_nothing_either() {
    let proxied = proxy::start(Fault::HoldsBack("/revoke")).await;
    let browser = person(&proxied.gateway).await;
    let asking = tokio::spawn({
        let browser = browser.clone();
        async move { browser.send(Method::POST, "/api/connect/check", None).await }
    });
    proxied.held.arrived.notified().await;
    asking.abort();
    let grants: Page<GrantView> = browser.get_json("/api/grants").await;
    assert_eq!(grants.items.len(), 1, "it is in the middle of it");
    let client = proxied.gateway.audit(&browser).await[0].client_id.clone().unwrap();
    proxied.held.go_on.notify_one();
    while is_known(&proxied.gateway, &client).await {
        tokio::task::yield_now().await;
    }
    assert_nothing_is_left(&proxied.gateway, &browser).await;
}

/// Whether a client is registered.
async fn is_known(gateway: &Gateway, client: &str) -> bool {
    let mut connection = gateway.state.database.read().await.unwrap();
    clients::find(&mut connection, client).await.unwrap().is_some()
}

#[tokio::test]
async fn nothing_is_allowed_at_another_gateway() {
    let other = Gateway::start().await;
    let gateway = Gateway::start_with(&["--demo", "--public-url", &other.url]).await;
    let browser = gateway.person("ada@msp.example").await;
    let request = browser.http.post(format!("{}/api/connect/check", gateway.url));
    let found: ConnectionCheck = request.send().await.unwrap().json().await.unwrap();
    let (index, what, advice) = first_failure(&found);
    assert_eq!(index, 7, "{}", shown(&found));
    assert!(what.contains("does not arrive at this gateway"), "{what}");
    assert!(advice.contains("leads to another gateway"), "{advice}");
    assert!(gateway.audit(&browser).await.iter().all(|row| row.action != "grant.create"));
}

#[tokio::test]
async fn the_panel_checks_the_public_url_and_is_limited() {
    let gateway = Gateway::start().await;
    let browser = gateway.person("ada@msp.example").await;
    let ask = || browser.send(Method::POST, "/api/connect/check", None);
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
    let answer = other.send(Method::POST, "/api/connect/check", None).await;
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

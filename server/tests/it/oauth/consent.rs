//! A person answers, once, in the browser that was asked.

use std::time::Duration;

use gateway_api::{consent::ConsentView, me::Me};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::flow::{CHALLENGE, Flow, STATE, query_of};
use crate::gateway::{Gateway, PASSWORD, problem};

#[tokio::test]
async fn the_person_sees_who_asks() {
    let flow = Flow::start().await;
    let answer = flow.authorize(&flow.browser, &flow.request()).await;
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    for part in ["authorize=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let id = flow.pending().await;
    let view: ConsentView = flow.browser.get_json(&format!("/api/consents/{id}")).await;
    let me: Me = flow.browser.get_json("/api/me").await;
    assert_eq!(view.client_name, "Claude Code (desk)");
    assert_eq!(view.client_id, flow.client_id);
    assert_eq!(view.redirect_host, "localhost:33418");
    assert!(view.is_loopback);
    assert_eq!(view.permissions.len(), 2);
    assert_eq!(view.organizations, me.organizations);
    assert!(!format!("{view:?}").contains(CHALLENGE));
}

#[tokio::test]
async fn consent_is_given_once() {
    let flow = Flow::start().await;
    let id = flow.pending().await;
    let query = flow.allow(&id).await;
    assert_eq!(query["state"], STATE);
    assert_eq!(query["iss"], flow.gateway.url);
    assert_eq!(query.len(), 3, "code, state, iss");

    let path = format!("/api/consents/{id}");
    assert_eq!(problem(flow.browser.get(&path).await).await.0, 404);
    let again = flow.browser.post(&path, &json!({"is_allowed": false})).await;
    assert_eq!(problem(again).await.0, 404);
    let audit = flow.audit("grant.create").await;
    assert_eq!(audit.outcome, "ok");
    assert_eq!(audit.client_name.as_deref(), Some("Claude Code (desk)"));
    assert_eq!(audit.target.as_deref(), Some("localhost:33418"));
}

#[tokio::test]
async fn of_two_answers_at_the_same_time_one_counts() {
    let flow = Flow::start().await;
    let path = format!("/api/consents/{}", flow.pending().await);
    let denial = json!({"is_allowed": false});
    let (one, other) = tokio::join!(flow.browser.post(&path, &denial), flow.browser.post(&path, &denial));
    let mut statuses = [one.status().as_u16(), other.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
}

#[tokio::test]
async fn a_denial_is_told_to_the_client() {
    let flow = Flow::start().await;
    let path = format!("/api/consents/{}", flow.pending().await);
    let answer = flow.browser.post(&path, &json!({"is_allowed": false})).await;
    let body: Value = answer.json().await.unwrap();
    let query = query_of(body["redirect_to"].as_str().unwrap());
    assert_eq!(query["error"], "access_denied");
    assert_eq!(query["state"], STATE);
    assert_eq!(query["iss"], flow.gateway.url);
    assert!(!query.contains_key("code"));
    assert_eq!(flow.audit("grant.create").await.outcome, "denied");
}

#[tokio::test]
async fn another_browser_cannot_answer() {
    let flow = Flow::start().await;
    let path = format!("/api/consents/{}", flow.pending().await);
    let nobody = flow.gateway.browser();
    assert_eq!(problem(nobody.get(&path).await).await.1, "not_signed_in");

    // The same person in a second browser, and another person with a request of their own.
    let second = flow.gateway.browser();
    second.post("/api/session", &json!({"email": "ada@msp.example", "password": PASSWORD})).await;
    let other = flow.gateway.member("eve@msp.example").await;
    flow.authorize(&other, &flow.request()).await;
    for browser in [&second, &other] {
        assert_eq!(problem(browser.get(&path).await).await.0, 404);
        let me: Me = browser.get_json("/api/me").await;
        let decision = json!({"is_allowed": true, "organization_id": me.organization_id});
        assert_eq!(problem(browser.post(&path, &decision).await).await.0, 404);
    }
    let _: ConsentView = flow.browser.get_json(&path).await;
}

#[tokio::test]
async fn another_site_cannot_answer() {
    let flow = Flow::start().await;
    let url = format!("{}/api/consents/{}", flow.gateway.url, flow.pending().await);
    let forged = flow.browser.http.request(Method::POST, url).header(header::ORIGIN, "https://evil.example");
    let answer = forged.json(&json!({"is_allowed": false})).send().await.unwrap();
    assert_eq!(problem(answer).await, problem_of_origin());
}

fn problem_of_origin() -> (u16, String, Value) {
    let body = json!({
        "status": 403, "code": "forbidden_origin",
        "title": "This request was sent by another web site, so it was not carried out.",
    });
    (403, "forbidden_origin".to_owned(), body)
}

#[tokio::test]
async fn a_request_waits_ten_minutes() {
    let flow = Flow::start().await;
    let path = format!("/api/consents/{}", flow.pending().await);
    flow.gateway.clock.advance(Duration::from_secs(599));
    assert_eq!(flow.browser.get(&path).await.status(), StatusCode::OK);
    flow.gateway.clock.advance(Duration::from_secs(1));
    assert_eq!(problem(flow.browser.get(&path).await).await.0, 404);
    assert_eq!(problem(flow.browser.post(&path, &json!({"is_allowed": false})).await).await.0, 404);
}

#[tokio::test]
async fn a_wrong_answer_does_not_use_up_the_request() {
    let flow = Flow::start().await;
    let path = format!("/api/consents/{}", flow.pending().await);
    let other = flow.gateway.member("eve@msp.example").await;
    let theirs: Me = other.get_json("/api/me").await;
    for wrong in
        [json!({"is_allowed": true}), json!({"is_allowed": true, "organization_id": theirs.organization_id})]
    {
        let (status, _, body) = problem(flow.browser.post(&path, &wrong).await).await;
        assert_eq!((status, &body["errors"][0]["field"]), (422, &json!("organization_id")));
    }
    let me: Me = flow.browser.get_json("/api/me").await;
    for scopes in [json!(["mcp:admin"]), json!(["mcp"]), json!(["mcp:read", "x"])] {
        let more = json!({"is_allowed": true, "organization_id": me.organization_id, "scopes": scopes});
        let (status, _, body) = problem(flow.browser.post(&path, &more).await).await;
        assert_eq!(
            (status, &body["errors"][0]["field"]),
            (422, &json!("scopes")),
            "never asked for: {scopes}"
        );
    }
    for malformed in [json!({}), json!({"is_allowed": "yes"}), json!({"is_allowed": true, "x": 1})] {
        assert_eq!(problem(flow.browser.post(&path, &malformed).await).await.0, 400);
    }
    let _: ConsentView = flow.browser.get_json(&path).await;
}

#[tokio::test]
async fn what_is_no_request_is_not_there() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    for id in ["x", "00000000-0000-0000-0000-000000000000", "..%2Fme"] {
        assert_eq!(problem(browser.get(&format!("/api/consents/{id}")).await).await.0, 404, "{id}");
    }
}

//! The authorization endpoint: who is told about an error, and what.

use gateway_api::{Page, grants::GrantView, me::Me};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::flow::{Flow, Parameters, REDIRECT_URI, STATE, doubled, good, query_of, register, with, without};
use crate::gateway::Browser;

/// A page for the person; nobody is sent anywhere.
async fn is_page(answer: Response) -> String {
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(!answer.headers().contains_key(header::LOCATION));
    assert!(!answer.headers().contains_key(header::SET_COOKIE));
    let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(answer.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    answer.text().await.unwrap()
}

/// The error that the client is told.
fn told(answer: &Response) -> String {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let location = answer.headers()[header::LOCATION].to_str().unwrap();
    assert!(location.starts_with(&format!("{REDIRECT_URI}?")), "{location}");
    query_of(location)["error"].clone()
}

#[tokio::test]
async fn without_a_proven_client_nobody_is_sent_anywhere() {
    let flow = Flow::start().await;
    let request = flow.request();
    for wrong in [
        Parameters::new(),
        without(&request, "client_id"),
        with(&request, "client_id", ""),
        with(&request, "client_id", "unknown"),
        with(&request, "client_id", "a\0b"),
        doubled(&request, "client_id"),
        with(&request, "redirect_uri", "https://evil.example/callback"),
        with(&request, "redirect_uri", "http://localhost:33418/callback/../evil"),
        with(&request, "redirect_uri", "http://localhost:33418@evil.example/callback"),
        with(&request, "redirect_uri", "http://127.0.0.1:33418/callback"),
        with(&request, "redirect_uri", "javascript:alert(1)"),
        doubled(&request, "redirect_uri"),
        with(&request, "client_id", "<script>alert(1)</script>"),
    ] {
        let page = is_page(flow.authorize(&flow.browser, &wrong).await).await;
        assert!(page.contains("This app cannot be connected") && !page.contains("script"), "{page}");
    }
}

#[tokio::test]
async fn other_errors_go_to_the_client() {
    let flow = Flow::start().await;
    let request = flow.request();
    for (wrong, code) in [
        (without(&request, "response_type"), "invalid_request"),
        (doubled(&request, "response_type"), "invalid_request"),
        (with(&request, "response_type", "token"), "unsupported_response_type"),
        (with(&request, "response_mode", "fragment"), "invalid_request"),
        (without(&request, "code_challenge"), "invalid_request"),
        (doubled(&request, "code_challenge"), "invalid_request"),
        (with(&request, "code_challenge", "short"), "invalid_request"),
        (without(&request, "code_challenge_method"), "invalid_request"),
        (with(&request, "code_challenge_method", "plain"), "invalid_request"),
        (doubled(&request, "code_challenge_method"), "invalid_request"),
        (with(&request, "scope", "openid"), "invalid_scope"),
        (doubled(&request, "scope"), "invalid_request"),
        (with(&request, "resource", "https://other.example/v1/mcp"), "invalid_target"),
        (with(&request, "resource", &flow.gateway.url), "invalid_target"),
        (with(&request, "prompt", "none"), "interaction_required"),
        (with(&request, "request", "eyJ"), "request_not_supported"),
        (with(&request, "request_uri", "urn:x"), "request_uri_not_supported"),
    ] {
        let answer = flow.authorize(&flow.browser, &wrong).await;
        assert_eq!(told(&answer), code, "{wrong:?}");
        let query = query_of(answer.headers()[header::LOCATION].to_str().unwrap());
        assert_eq!(query["state"], STATE);
        assert_eq!(query["iss"], flow.gateway.url);
        assert!(!query.contains_key("code"));
    }
}

#[tokio::test]
async fn a_state_that_cannot_be_given_back_is_an_error_without_state() {
    let flow = Flow::start().await;
    let request = flow.request();
    for wrong in [
        doubled(&request, "state"),
        with(&request, "state", &"x".repeat(4097)),
        with(&request, "state", "a\nb"),
    ] {
        let answer = flow.authorize(&flow.browser, &wrong).await;
        assert_eq!(told(&answer), "invalid_request");
        let query = query_of(answer.headers()[header::LOCATION].to_str().unwrap());
        assert!(!query.contains_key("state"));
    }
}

#[tokio::test]
async fn what_may_be_left_out_may_be_left_out() {
    let flow = Flow::start().await;
    let request = flow.request();
    for name in ["state", "scope", "prompt", "resource", "redirect_uri"] {
        let answer = flow.authorize(&flow.browser, &without(&request, name)).await;
        let location = answer.headers()[header::LOCATION].to_str().unwrap();
        assert!(location.starts_with("/consent/"), "{name}: {location}");
    }
    let several = register(&flow.gateway, &["https://a.example/1", "https://a.example/2"]).await;
    let request = without(&with(&request, "client_id", &several), "redirect_uri");
    is_page(flow.authorize(&flow.browser, &request).await).await;
}

#[tokio::test]
async fn the_port_of_a_loopback_address_is_free() {
    let flow = Flow::start().await;
    for uri in ["http://localhost:50123/callback", "http://localhost/callback"] {
        let answer = flow.authorize(&flow.browser, &with(&flow.request(), "redirect_uri", uri)).await;
        assert!(answer.headers()[header::LOCATION].to_str().unwrap().starts_with("/consent/"), "{uri}");
    }
}

#[tokio::test]
async fn every_parameter_missing_or_doubled() {
    let flow = Flow::start().await;
    let request = flow.request();
    for (name, _) in &request {
        let may_be_missing = ["state", "scope", "prompt", "resource", "redirect_uri"].contains(name);
        let answer = flow.authorize(&flow.browser, &without(&request, name)).await;
        match *name {
            "client_id" => drop(is_page(answer).await),
            _ if may_be_missing => assert_eq!(answer.status(), StatusCode::SEE_OTHER, "without {name}"),
            _ => assert_eq!(told(&answer), "invalid_request", "without {name}"),
        }
        let answer = flow.authorize(&flow.browser, &doubled(&request, name)).await;
        match *name {
            "client_id" | "redirect_uri" => drop(is_page(answer).await),
            // RFC 8707 section 2: this one may be there several times.
            "resource" => assert_eq!(answer.status(), StatusCode::SEE_OTHER),
            _ => assert_eq!(told(&answer), "invalid_request", "{name} twice"),
        }
    }
}

const ELSEWHERE: &str = "https://evil.example/callback?x=1&y=%22";

/// The page names the host and what is wrong; its link goes there.
async fn is_asked(answer: Response) -> String {
    let page = is_page(answer).await;
    for part in ["at evil.example", "response_type must be code", "Go on to evil.example"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let (_, link) = page.split_once("<a rel=\"noreferrer\" href=\"").unwrap();
    link.split_once('"').unwrap().0.replace("&amp;", "&")
}

/// This person allows the client of a request.
async fn allow(flow: &Flow, browser: &Browser, request: &Parameters) {
    let answer = flow.authorize(browser, request).await;
    let id = answer.headers()[header::LOCATION].to_str().unwrap().strip_prefix("/consent/").unwrap();
    let me: Me = browser.get_json("/api/me").await;
    let decision = json!({"is_allowed": true, "organization_id": me.organization_id});
    let answer: Value = browser.post(&format!("/api/consents/{id}"), &decision).await.json().await.unwrap();
    let code = &query_of(answer["redirect_to"].as_str().unwrap())["code"];
    let exchange = with(&flow.exchange(code), "redirect_uri", ELSEWHERE);
    let (_, client_id) = request.iter().find(|(name, _)| *name == "client_id").unwrap();
    good(flow.token(&with(&exchange, "client_id", client_id)).await).await;
}

#[tokio::test]
async fn a_link_sends_nobody_to_an_address_that_they_have_not_allowed() {
    let flow = Flow::start().await;
    let other_uri = "https://other.example/callback";
    let client = register(&flow.gateway, &[ELSEWHERE, other_uri]).await;
    let request = with(&with(&flow.request(), "client_id", &client), "redirect_uri", ELSEWHERE);
    let wrong = with(&request, "response_type", "x");

    let link = is_asked(flow.authorize(&flow.browser, &wrong).await).await;
    assert!(link.starts_with(&format!("{ELSEWHERE}&error=unsupported_response_type&")), "{link}");
    let query = query_of(&link);
    assert_eq!((query["state"].as_str(), &query["iss"]), (STATE, &flow.gateway.url));
    assert!(query["error_description"].contains("response_type must be code"));

    // Whoever makes a trap could allow it, too.
    let eve = flow.gateway.person("eve@evil.example").await;
    allow(&flow, &eve, &request).await;
    is_asked(flow.authorize(&flow.browser, &wrong).await).await;
    is_asked(flow.authorize(&flow.gateway.browser(), &wrong).await).await;

    allow(&flow, &flow.browser, &request).await;
    let answer = flow.authorize(&flow.browser, &wrong).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[header::LOCATION], link, "the same answer, without a question");
    is_asked(flow.authorize(&flow.gateway.browser(), &wrong).await).await;
    let page = is_page(flow.authorize(&flow.browser, &with(&wrong, "redirect_uri", other_uri)).await).await;
    assert!(page.contains("Go on to other.example"), "another address of the same client: {page}");

    let grants: Page<GrantView> = flow.browser.get_json("/api/grants").await;
    let revoked = flow.browser.delete(&format!("/api/grants/{}", grants.items[0].id)).await;
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    is_asked(flow.authorize(&flow.browser, &wrong).await).await;
}

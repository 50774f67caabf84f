//! Local accounts, sessions, throttling, and the guard against other sites.

use std::time::Duration;

use gateway_api::{me::Me, plans::Plan};
use reqwest::{Method, StatusCode, header};
use serde_json::json;

use crate::gateway::{Gateway, PASSWORD, problem};

#[tokio::test]
async fn the_first_account_is_made_with_the_printed_link() {
    let gateway = Gateway::start().await;
    let token = gateway.announcement.split("token=").nth(1).unwrap().trim();
    let browser = gateway.browser();
    let form = |token: &str| json!({"token": token, "name": "Ada", "email": "ada@msp.example", "password": PASSWORD});

    let (status, code, _) = problem(browser.post("/api/setup", &form("wrong")).await).await;
    assert_eq!((status, code.as_str()), (403, "forbidden"));
    let answer = browser.post("/api/setup", &form(token)).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let me: Me = browser.get_json("/api/me").await;
    assert_eq!(me.user.email, "ada@msp.example");
    assert_eq!(me.organizations.len(), 1);
    assert_eq!(me.plan.plan, Plan::Free);
    assert_eq!(me.plan.personal_connections_max, Some(3));

    let again = gateway.browser().post("/api/setup", &form(token)).await;
    assert_eq!(problem(again).await.0, 403, "a link is good once");
    let restarted = gateway_server::auth::setup::link(&gateway.state).await.unwrap();
    assert_eq!(restarted, None, "no new link once there is an account");
}

#[tokio::test]
async fn a_set_up_link_expires() {
    let gateway = Gateway::start().await;
    let token = gateway.announcement.split("token=").nth(1).unwrap().trim().to_owned();
    gateway.clock.advance(Duration::from_hours(25));
    let form = json!({"token": token, "name": "Ada", "email": "ada@msp.example", "password": PASSWORD});
    assert_eq!(problem(gateway.browser().post("/api/setup", &form).await).await.0, 403);
}

#[tokio::test]
async fn signing_in_and_out() {
    let gateway = Gateway::start().await;
    gateway.create_account("Ada@MSP.example").await;
    let browser = gateway.browser();
    assert_eq!(problem(browser.get("/api/me").await).await.1, "not_signed_in");

    let answer =
        browser.post("/api/session", &json!({"email": " ada@msp.EXAMPLE ", "password": PASSWORD})).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert_eq!(browser.get("/api/me").await.status(), StatusCode::OK);
    assert_eq!(browser.get("/api/me").await.headers()[header::CACHE_CONTROL], "no-store");

    assert_eq!(browser.delete("/api/session").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(browser.get("/api/me").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(browser.delete("/api/session").await.status(), StatusCode::NO_CONTENT, "twice is no error");
}

#[tokio::test]
async fn a_session_is_over_after_thirty_days() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    gateway.clock.advance(Duration::from_hours(30 * 24 - 1));
    assert_eq!(browser.get("/api/me").await.status(), StatusCode::OK);
    gateway.clock.advance(Duration::from_hours(1));
    assert_eq!(browser.get("/api/me").await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_alike() {
    let gateway = Gateway::start().await;
    gateway.create_account("ada@msp.example").await;
    let browser = gateway.browser();
    let wrong =
        problem(browser.post("/api/session", &json!({"email": "ada@msp.example", "password": "x"})).await)
            .await;
    let nobody =
        problem(browser.post("/api/session", &json!({"email": "bob@msp.example", "password": "x"})).await)
            .await;
    assert_eq!(wrong, nobody);
    assert_eq!((wrong.0, wrong.1.as_str()), (401, "invalid_credentials"));
}

#[tokio::test]
async fn attempts_are_throttled_for_accounts_that_exist_and_that_do_not() {
    let gateway = Gateway::start().await;
    gateway.create_account("ada@msp.example").await;
    let browser = gateway.browser();
    for email in ["ada@msp.example", "nobody@msp.example"] {
        for _ in 0..10 {
            let answer = browser.post("/api/session", &json!({"email": email, "password": "wrong"})).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        }
        let answer = browser.post("/api/session", &json!({"email": email, "password": PASSWORD})).await;
        let wait: u64 = answer.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((1..=600).contains(&wait), "{wait}");
        assert_eq!(problem(answer).await.1, "throttled");
    }
    gateway.clock.advance(Duration::from_mins(10));
    let answer =
        browser.post("/api/session", &json!({"email": "ada@msp.example", "password": PASSWORD})).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_password_can_be_changed_and_ends_other_sessions() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let elsewhere = gateway.browser();
    elsewhere.post("/api/session", &json!({"email": "ada@msp.example", "password": PASSWORD})).await;

    let wrong = json!({"current_password": "wrong", "new_password": "another good password"});
    let (status, _, body) = problem(browser.put("/api/me/password", &wrong).await).await;
    assert_eq!((status, &body["errors"][0]["field"]), (422, &json!("current_password")));
    let short = json!({"current_password": PASSWORD, "new_password": "short"});
    assert_eq!(problem(browser.put("/api/me/password", &short).await).await.0, 422);

    let right = json!({"current_password": PASSWORD, "new_password": "another good password"});
    assert_eq!(browser.put("/api/me/password", &right).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(browser.get("/api/me").await.status(), StatusCode::OK, "this session stays");
    assert_eq!(elsewhere.get("/api/me").await.status(), StatusCode::UNAUTHORIZED);
    let old = gateway
        .browser()
        .post("/api/session", &json!({"email": "ada@msp.example", "password": PASSWORD}))
        .await;
    assert_eq!(old.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sign_out_everywhere_ends_every_session() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let elsewhere = gateway.browser();
    elsewhere.post("/api/session", &json!({"email": "ada@msp.example", "password": PASSWORD})).await;
    assert_eq!(elsewhere.delete("/api/sessions").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(browser.get("/api/me").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(elsewhere.get("/api/me").await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_may_sign_up_is_configured() {
    let form = json!({"name": "Bob", "email": "bob@msp.example", "password": PASSWORD});
    let invited = Gateway::start().await;
    assert_eq!(problem(invited.browser().post("/api/accounts", &form).await).await.1, "forbidden");
    let closed = Gateway::start_with(&["--sign-up", "closed"]).await;
    assert_eq!(problem(closed.browser().post("/api/accounts", &form).await).await.1, "forbidden");

    let open = Gateway::start_with(&["--sign-up", "open"]).await;
    let browser = open.browser();
    assert_eq!(browser.post("/api/accounts", &form).await.status(), StatusCode::CREATED);
    assert_eq!(browser.get("/api/me").await.status(), StatusCode::OK);
    let same = json!({"name": "Bob", "email": "BOB@msp.example", "password": PASSWORD});
    let (status, _, body) = problem(open.browser().post("/api/accounts", &same).await).await;
    assert_eq!((status, &body["errors"][0]["field"]), (422, &json!("email")));
}

#[tokio::test]
async fn other_sites_cannot_act() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let url = format!("{}/api/session", gateway.url);
    let delete = || browser.http.request(Method::DELETE, &url);
    let cross = delete().header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(problem(cross).await.1, "forbidden_origin");
    let foreign = delete().header(header::ORIGIN, "https://evil.example").send().await.unwrap();
    assert_eq!(problem(foreign).await.1, "forbidden_origin");
    assert_eq!(browser.get("/api/me").await.status(), StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_explained_without_its_content() {
    let gateway = Gateway::start().await;
    let browser = gateway.browser();
    let url = format!("{}/api/session", gateway.url);
    let send = |kind: &'static str, body: String| {
        browser.http.post(&url).header(header::CONTENT_TYPE, kind).body(body).send()
    };
    let json = "application/json";
    let cases = [
        (json, "{".to_owned(), 400, "malformed_body"),
        (json, r#"{"email": "a", "password": {"hunter2": 1}}"#.to_owned(), 400, "malformed_body"),
        (json, r#"{"email": "a", "password": "hunter2", "more": 1}"#.to_owned(), 400, "malformed_body"),
        ("text/plain", "{}".to_owned(), 415, "unsupported_media_type"),
        (json, format!(r#"{{"email": "{}"}}"#, "x".repeat(100_000)), 413, "body_too_large"),
    ];
    for (kind, body, status, code) in cases {
        let answer = problem(send(kind, body.clone()).await.unwrap()).await;
        assert_eq!((answer.0, answer.1.as_str()), (status, code), "{}", &body[..body.len().min(50)]);
        assert!(!answer.2.to_string().contains("hunter2"));
    }
    assert_eq!(problem(browser.get("/api/nothing").await).await.1, "not_found");
    assert_eq!(
        problem(browser.put("/api/session", &serde_json::json!({})).await).await.1,
        "method_not_allowed"
    );
}

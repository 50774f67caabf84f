//! Dynamic client registration.

use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use super::flow::error_of;
use crate::gateway::Gateway;

#[tokio::test]
async fn a_client_registers_itself() {
    let gateway = Gateway::start().await;
    let metadata = json!({
        "client_name": "Inspector\u{202e}",
        "redirect_uris": ["http://localhost:6274/oauth/callback", "https://claude.ai/api/mcp/auth_callback"],
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "scope": "everything",
        "software_id": "x",
        "logo_uri": "https://evil.example/x.svg",
        "unknown": {"a": [1]},
    });
    let answer = gateway.browser().post("/register", &metadata).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let mut body: Value = answer.json().await.unwrap();
    let id = body["client_id"].take();
    assert!(!id.as_str().unwrap().starts_with("https://"));
    assert_eq!(
        body,
        json!({
            "client_id": null,
            "client_id_issued_at": 1_795_435_200,
            "client_name": "Inspector",
            "redirect_uris": ["http://localhost:6274/oauth/callback", "https://claude.ai/api/mcp/auth_callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "scope": "mcp:read mcp:write mcp:admin",
        }),
        "a public client, whatever it asked for, and no secret"
    );
}

#[tokio::test]
async fn bad_metadata_is_refused() {
    let gateway = Gateway::start().await;
    let browser = gateway.browser();
    let good = "https://a.example/cb";
    let many: Vec<String> = (0..21).map(|number| format!("{good}/{number}")).collect();
    for (metadata, code) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({"redirect_uris": []}), "invalid_redirect_uri"),
        (json!({"redirect_uris": ["http://a.example/cb"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": [good, "javascript:alert(1)"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": [good, ""]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": many}), "invalid_redirect_uri"),
        (json!({"redirect_uris": good}), "invalid_client_metadata"),
        (json!({"redirect_uris": [1]}), "invalid_client_metadata"),
        (json!([]), "invalid_client_metadata"),
        (json!({"redirect_uris": [good], "client_name": "x".repeat(201)}), "invalid_client_metadata"),
        (json!({"redirect_uris": [good], "client_name": {}}), "invalid_client_metadata"),
        (json!({"redirect_uris": [good], "grant_types": ["client_credentials"]}), "invalid_client_metadata"),
        (json!({"redirect_uris": [good], "response_types": ["token"]}), "invalid_client_metadata"),
    ] {
        let answer = browser.post("/register", &metadata).await;
        assert_eq!(error_of(answer).await, (400, code.to_owned()), "{metadata}");
    }
    let large = json!({"redirect_uris": [good], "x": "x".repeat(70_000)});
    assert_eq!(error_of(browser.post("/register", &large).await).await.0, 413);
    let form = gateway.browser().http.post(format!("{}/register", gateway.url)).body("{}").send();
    assert_eq!(error_of(form.await.unwrap()).await, (400, "invalid_client_metadata".to_owned()));
}

#[tokio::test]
async fn one_address_cannot_register_without_end() {
    let gateway = Gateway::start().await;
    let browser = gateway.browser();
    let metadata = json!({"redirect_uris": ["https://a.example/cb"]});
    for _ in 0..60 {
        assert_eq!(browser.post("/register", &metadata).await.status(), StatusCode::CREATED);
    }
    let mut answer = browser.post("/register", &metadata).await;
    // Time goes on while we ask: a few more may fit in.
    for _ in 0..10 {
        if answer.status() != StatusCode::CREATED {
            break;
        }
        answer = browser.post("/register", &metadata).await;
    }
    assert!(answer.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(error_of(answer).await, (429, "temporarily_unavailable".to_owned()));
}

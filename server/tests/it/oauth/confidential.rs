//! Clients that asked for a secret when they registered.

use gateway_server::clock::hash_token;
use gateway_store::clients;
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::flow::{Flow, Parameters, REDIRECT_URI, error_of, good, post_form, with, without};

/// A client with a secret, and somebody who is signed in.
async fn start(method: &str) -> (Flow, String) {
    let mut flow = Flow::start().await;
    let metadata = json!({"redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": method});
    let answer = flow.gateway.browser().post("/register", &metadata).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["token_endpoint_auth_method"], method);
    assert_eq!(body["client_secret_expires_at"], 0);
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    flow.client_id = text("client_id");
    let secret = text("client_secret");
    (flow, secret)
}

async fn with_basic(flow: &Flow, path: &str, user: (&str, &str), parameters: &Parameters) -> Response {
    let request = flow.gateway.browser().http.post(format!("{}{path}", flow.gateway.url));
    request.basic_auth(user.0, Some(user.1)).form(parameters).send().await.unwrap()
}

#[tokio::test]
async fn the_secret_is_told_once_and_stored_as_its_hash() {
    let (flow, secret) = start("client_secret_basic").await;
    assert_eq!(secret.len(), 43);
    let mut connection = flow.gateway.state.database.read().await.unwrap();
    let client = clients::find(&mut connection, &flow.client_id).await.unwrap().unwrap();
    assert_eq!(client.auth_method, "client_secret_basic");
    assert_eq!(client.secret_hash, Some(hash_token(&secret)));
}

#[tokio::test]
async fn tokens_need_the_secret_in_one_way_or_the_other() {
    let (flow, secret) = start("client_secret_post").await;
    let code = flow.code().await;
    let exchange = flow.exchange(&code);
    let id = flow.client_id.clone();
    // None of these uses the code up: the client is proven first.
    for wrong in [
        flow.token(&exchange).await,
        flow.token(&with(&exchange, "client_secret", "wrong")).await,
        with_basic(&flow, "/token", (&id, "wrong"), &exchange).await,
        with_basic(&flow, "/token", (&id, ""), &exchange).await,
        with_basic(&flow, "/token", ("unknown", &secret), &without(&exchange, "client_id")).await,
    ] {
        let challenge = wrong.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned();
        assert!(challenge.starts_with("Basic "), "{challenge}");
        assert_eq!(error_of(wrong).await, (401, "invalid_client".to_owned()));
    }
    let both = with(&exchange, "client_secret", &secret);
    for wrong in [
        with_basic(&flow, "/token", (&id, &secret), &both).await,
        with_basic(&flow, "/token", (&id, &secret), &with(&exchange, "client_id", "another")).await,
    ] {
        assert_eq!(error_of(wrong).await, (400, "invalid_request".to_owned()));
    }
    let tokens =
        good(with_basic(&flow, "/token", (&id, &secret), &without(&exchange, "client_id")).await).await;

    let refreshing = flow.refreshing(&tokens.refresh_token);
    assert_eq!(error_of(flow.token(&refreshing).await).await, (401, "invalid_client".to_owned()));
    let tokens = good(flow.token(&with(&refreshing, "client_secret", &secret)).await).await;

    let revoking = vec![("token", tokens.refresh_token.clone()), ("client_id", id.clone())];
    let wrong = post_form(&flow.gateway, "/revoke", &revoking).await;
    assert_eq!(error_of(wrong).await, (401, "invalid_client".to_owned()));
    let revoked = with_basic(&flow, "/revoke", (&id, &secret), &revoking).await;
    assert_eq!(revoked.status(), StatusCode::OK);
    let refreshing = with(&flow.refreshing(&tokens.refresh_token), "client_secret", &secret);
    assert_eq!(error_of(flow.token(&refreshing).await).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn another_clients_secret_is_no_use() {
    let (mut flow, secret) = start("client_secret_post").await;
    let first = flow.client_id.clone();
    let code = flow.code().await;
    let (other, its_secret) = {
        let metadata =
            json!({"redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "client_secret_post"});
        let answer = flow.gateway.browser().post("/register", &metadata).await;
        let body: Value = answer.json().await.unwrap();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        (text("client_id"), text("client_secret"))
    };
    assert_ne!(secret, its_secret);
    let crossed = with(&flow.exchange(&code), "client_secret", &its_secret);
    assert_eq!(error_of(flow.token(&crossed).await).await, (401, "invalid_client".to_owned()));
    flow.client_id = other;
    let stolen = with(&flow.exchange(&code), "client_secret", &its_secret);
    assert_eq!(error_of(flow.token(&stolen).await).await, (400, "invalid_grant".to_owned()));
    flow.client_id = first;
    let credentials = vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", flow.client_id.clone()),
        ("client_secret", secret),
    ];
    let answer = flow.token(&credentials).await;
    assert_eq!(error_of(answer).await, (400, "unauthorized_client".to_owned()), "it acts for people only");
}

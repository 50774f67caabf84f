//! Codes for tokens.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gateway_api::{Page, grants::GrantView, me::Me};
use gateway_store::clients;
use reqwest::{StatusCode, header};
use serde_json::Value;

use super::flow::{Flow, Parameters, REDIRECT_URI, doubled, encode, error_of, good, register, with, without};

#[tokio::test]
async fn a_code_becomes_tokens() {
    let flow = Flow::start().await;
    let me: Me = flow.browser.get_json("/api/me").await;
    let tokens = flow.tokens().await;
    assert_eq!(
        (tokens.token_type.as_str(), tokens.expires_in, tokens.scope.as_str()),
        ("Bearer", 900, "mcp:read mcp:write")
    );

    let part = |index: usize| -> Value {
        let text = tokens.access_token.split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    let jwks: Value = flow.browser.get_json("/.well-known/jwks.json").await;
    let header = part(0);
    assert_eq!((&header["alg"], &header["typ"]), (&"ES256".into(), &"at+jwt".into()));
    assert_eq!(header["kid"], jwks["keys"][0]["kid"]);

    let grants: Page<GrantView> = flow.browser.get_json("/api/grants").await;
    let claims = part(1);
    assert_eq!(claims["iss"], flow.gateway.url);
    assert_eq!(claims["aud"], flow.mcp_url());
    assert_eq!(claims["sub"], me.user.id.to_string());
    assert_eq!(claims["org"], me.organization_id.to_string());
    assert_eq!(claims["grant"], grants.items[0].id.to_string());
    assert_eq!(claims["client_id"], flow.client_id);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    assert_eq!(flow.call(&tokens.access_token).await, 200);
}

#[tokio::test]
async fn sqlite_only_no_token_stands_in_the_database() {
    let flow = Flow::start().await;
    let code = flow.code().await;
    let tokens = good(flow.token(&flow.exchange(&code)).await).await;
    for file in ["gateway.sqlite", "gateway.sqlite-wal"] {
        let bytes = std::fs::read(flow.gateway.folder.path().join(file)).unwrap_or_default();
        for secret in [&code, &tokens.refresh_token, &tokens.access_token] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{file}");
        }
    }
}

#[tokio::test]
async fn a_replayed_code_revokes_what_it_gave() {
    let flow = Flow::start().await;
    let code = flow.code().await;
    let tokens = good(flow.token(&flow.exchange(&code)).await).await;
    assert_eq!(flow.call(&tokens.access_token).await, 200);

    let replay = flow.token(&flow.exchange(&code)).await;
    assert_eq!(error_of(replay).await, (400, "invalid_grant".to_owned()));
    assert_eq!(flow.call(&tokens.access_token).await, 401, "the very next call");
    let refresh = flow.token(&flow.refreshing(&tokens.refresh_token)).await;
    assert_eq!(error_of(refresh).await, (400, "invalid_grant".to_owned()));
    let grants: Page<GrantView> = flow.browser.get_json("/api/grants").await;
    assert!(grants.items.is_empty());
    let audit = flow.audit("grant.revoke").await;
    assert_eq!(audit.reason.as_deref(), Some("its authorization code was used twice"));
}

#[tokio::test]
async fn a_code_is_redeemed_once_at_the_same_time() {
    let flow = Flow::start().await;
    let exchange = flow.exchange(&flow.code().await);
    let (one, other) = tokio::join!(flow.token(&exchange), flow.token(&exchange));
    let mut statuses = [one.status().as_u16(), other.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn a_code_is_bound_to_everything_it_was_asked_with() {
    let flow = Flow::start().await;
    let other = register(&flow.gateway, &[REDIRECT_URI]).await;
    for (name, value, code) in [
        ("code_verifier", "a".repeat(43), "invalid_grant"),
        ("code_verifier", super::flow::CHALLENGE.to_owned(), "invalid_grant"),
        ("client_id", other, "invalid_grant"),
        ("redirect_uri", "http://localhost:33419/callback".to_owned(), "invalid_grant"),
        ("code", "unknown".to_owned(), "invalid_grant"),
    ] {
        let exchange = flow.exchange(&flow.code().await);
        let answer = flow.token(&with(&exchange, name, &value)).await;
        assert_eq!(error_of(answer).await, (400, code.to_owned()), "{name}");
        if name != "code" {
            let right = flow.token(&exchange).await;
            assert_eq!(error_of(right).await.1, "invalid_grant", "{name}: the code is spent");
        }
    }
    let exchange = flow.exchange(&flow.code().await);
    let answer = flow.token(&with(&exchange, "resource", "https://other.example/v1/mcp")).await;
    assert_eq!(error_of(answer).await, (400, "invalid_target".to_owned()));
    good(flow.token(&exchange).await).await;
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let flow = Flow::start().await;
    let exchange = flow.exchange(&flow.code().await);
    flow.gateway.clock.advance(Duration::from_secs(60));
    assert_eq!(error_of(flow.token(&exchange).await).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn every_parameter_missing_or_doubled() {
    let flow = Flow::start().await;
    let tokens = flow.tokens().await;
    let forms = [flow.exchange("unknown"), flow.refreshing(&tokens.refresh_token)];
    for form in &forms {
        for (name, _) in form {
            let is_optional = matches!(*name, "redirect_uri" | "resource");
            if !is_optional {
                let answer = flow.token(&without(form, name)).await;
                assert_eq!(error_of(answer).await, (400, "invalid_request".to_owned()), "without {name}");
            }
            if *name != "resource" {
                let answer = flow.token(&doubled(form, name)).await;
                assert_eq!(error_of(answer).await, (400, "invalid_request".to_owned()), "{name} twice");
            }
        }
    }
    let without_optional = without(&without(&flow.exchange(&flow.code().await), "redirect_uri"), "resource");
    good(flow.token(&without_optional).await).await;
    assert_eq!(flow.call(&tokens.access_token).await, 200, "nothing of this harmed the first grant");
}

#[tokio::test]
async fn what_is_no_token_request_is_told_so() {
    let flow = Flow::start().await;
    let form = flow.exchange("x");
    let answer = flow.token(&with(&form, "grant_type", "password")).await;
    assert_eq!(error_of(answer).await, (400, "unsupported_grant_type".to_owned()));
    let answer = flow.token(&with(&form, "client_id", "unknown")).await;
    assert!(answer.headers().contains_key(header::WWW_AUTHENTICATE));
    assert_eq!(error_of(answer).await, (401, "invalid_client".to_owned()));
    let answer = flow.token(&with(&form, "client_secret", "guess")).await;
    assert_eq!(error_of(answer).await, (401, "invalid_client".to_owned()));
    assert_eq!(error_of(flow.token(&Parameters::new()).await).await, (400, "invalid_request".to_owned()));

    let url = format!("{}/token", flow.gateway.url);
    let http = flow.gateway.browser().http;
    let basic = http.post(&url).basic_auth(&flow.client_id, Some("")).form(&form).send().await.unwrap();
    assert_eq!(error_of(basic).await, (401, "invalid_client".to_owned()));
    let json = http.post(&url).json(&serde_json::json!({"grant_type": "authorization_code"})).send();
    assert_eq!(error_of(json.await.unwrap()).await, (400, "invalid_request".to_owned()));
    let query = http.post(format!("{url}?{}", encode(&form))).form(&Parameters::new()).send();
    assert_eq!(
        error_of(query.await.unwrap()).await,
        (400, "invalid_request".to_owned()),
        "never in the query"
    );
    let large = http.post(&url).form(&[("code", "x".repeat(70_000))]).send().await.unwrap();
    assert_eq!(error_of(large).await.0, 413);
}

#[tokio::test]
async fn a_deleted_client_must_register_again() {
    let flow = Flow::start().await;
    let tokens = flow.tokens().await;
    let mut transaction = flow.gateway.state.database.write().await.unwrap();
    assert!(clients::delete(&mut transaction, &flow.client_id).await.unwrap());
    transaction.commit().await.unwrap();
    let answer = flow.token(&flow.refreshing(&tokens.refresh_token)).await;
    assert_eq!(error_of(answer).await, (401, "invalid_client".to_owned()));
    let answer = flow.authorize(&flow.browser, &flow.request()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

//! Every token that must not be let in, over HTTP, signed as well as an attacker could.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gateway_server::oauth::keys::SigningKeys;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use reqwest::{RequestBuilder, header};
use serde_json::{Value, json};

use super::flow::Flow;

/// A token of this header and these claims, signed with this key.
fn sign(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    format!("{message}.{}", crypto::sign(message.as_bytes(), key, algorithm).unwrap())
}

fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

fn with(value: &Value, name: &str, change: Value) -> Value {
    let mut changed = value.clone();
    changed[name] = change;
    changed
}

/// The status, and what the challenge says of the error.
async fn outcome(request: RequestBuilder) -> (u16, Option<String>) {
    let answer = request.body("{}").send().await.unwrap();
    let status = answer.status().as_u16();
    if status != 401 && status != 400 {
        return (status, None);
    }
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
    let told = answer.headers().get(header::WWW_AUTHENTICATE).map(|value| value.to_str().unwrap().to_owned());
    let body: Value = answer.json().await.unwrap();
    let code = body["error"].as_str().map(str::to_owned);
    assert!(told.is_some() || status != 401, "RFC 6750 section 3: a challenge with every 401");
    if let Some(told) = told {
        assert!(
            told.contains("resource_metadata=") && told.contains("scope=\"mcp:read mcp:write\""),
            "{told}"
        );
    }
    (status, code)
}

#[tokio::test]
async fn none_of_these_is_let_in() {
    let flow = Flow::start().await;
    let url = flow.mcp_url();
    let http = flow.gateway.browser().http;
    let good = flow.tokens().await.access_token;
    let (head, claims) = (part(&good, 0), part(&good, 1));
    let keys: &SigningKeys = &flow.gateway.state.oauth.keys();
    let own = &keys.newest().private;
    let foreign = Flow::start().await.gateway.state.oauth.keys();
    let now = claims["iat"].as_i64().unwrap();
    let es = |header: &Value, claims: &Value| sign(header, claims, own, Algorithm::ES256);
    // What is forged below is wrong in one thing alone.
    let post = |token: &str| http.post(&url).bearer_auth(token);
    assert_eq!(outcome(post(&es(&head, &claims))).await.1, None, "let in: only the body is none");

    let public = EncodingKey::from_secret(keys.jwks()["keys"][0].to_string().as_bytes());
    let unsigned = es(&with(&head, "alg", json!("none")), &claims);
    let unsigned = unsigned.rsplit_once('.').unwrap().0;
    let signature = good.rsplit_once('.').unwrap().1;
    let table = [
        ("another audience", es(&head, &with(&claims, "aud", json!("https://other.example/v1/mcp")))),
        ("the issuer as audience", es(&head, &with(&claims, "aud", json!(flow.gateway.url)))),
        ("another key", sign(&head, &claims, &foreign.newest().private, Algorithm::ES256)),
        ("alg none", format!("{unsigned}.")),
        ("alg none, the good signature", format!("{unsigned}.{signature}")),
        (
            "HS256 with the public key",
            sign(&with(&head, "alg", json!("HS256")), &claims, &public, Algorithm::HS256),
        ),
        ("expired", es(&head, &with(&claims, "exp", json!(now)))),
        ("exp is missing", es(&head, &with(&claims, "exp", Value::Null))),
        ("not valid before", es(&head, &with(&claims, "nbf", json!(now + 3600)))),
        ("issued in the future", es(&head, &with(&claims, "iat", json!(now + 3600)))),
        ("another issuer", es(&head, &with(&claims, "iss", json!("https://evil.example")))),
        ("typ JWT", es(&with(&head, "typ", json!("JWT")), &claims)),
        ("unknown kid", es(&with(&head, "kid", json!("0199c1c4-7a5e-7000-8000-000000000001")), &claims)),
        ("no kid", es(&with(&head, "kid", Value::Null), &claims)),
        (
            "an unknown grant",
            es(&head, &with(&claims, "grant", json!("0199c1c4-7a5e-7000-8000-000000000001"))),
        ),
        (
            "a changed claim",
            format!(
                "{}.{}.{signature}",
                good.split('.').next().unwrap(),
                URL_SAFE_NO_PAD.encode(with(&claims, "scope", json!("mcp:admin")).to_string())
            ),
        ),
        ("truncated", good[..good.len() - 3].to_owned()),
        ("without its signature", good.rsplit_once('.').unwrap().0.to_owned()),
        ("too long", format!("{good}{}", "A".repeat(8000))),
        ("nonsense", "nonsense".to_owned()),
    ];
    for (what, token) in table {
        let answer = outcome(post(&token)).await;
        assert_eq!(answer, (401, Some("invalid_token".to_owned())), "{what}");
    }
    assert_eq!(outcome(post(&good)).await.1, None, "the good one is still good");
}

#[tokio::test]
async fn a_token_comes_once_and_in_the_header() {
    let flow = Flow::start().await;
    let good = flow.tokens().await.access_token;
    let http = flow.gateway.browser().http;
    let url = flow.mcp_url();
    let bearer = format!("Bearer {good}");
    let doubled =
        http.post(&url).header(header::AUTHORIZATION, &bearer).header(header::AUTHORIZATION, &bearer);
    assert_eq!(outcome(doubled).await, (400, Some("invalid_request".to_owned())));
    let missing = (401, Some("invalid_token".to_owned()));
    assert_eq!(
        outcome(http.post(format!("{url}?access_token={good}"))).await,
        missing,
        "RFC 6750 section 2.3"
    );
    assert_eq!(outcome(http.post(&url).header("cookie", format!("access_token={good}"))).await, missing);
    assert_eq!(outcome(http.post(&url).basic_auth("token", Some(&good))).await, missing);
    let form = http.post(&url).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = form.body(format!("access_token={good}")).send().await.unwrap();
    assert_eq!(answer.status(), 401, "RFC 6750 section 2.2");
}

//! Tokens that end in the middle, and credentials that are refused once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use gateway_server::vendors::CallError;
use serde_json::{Value, json};

use super::{rig, serve, with_manifest};

pub(super) const TOKENS: &str = r##"
slug = "bad"
name = "Bad"
category = "test"
summary = "Misbehaves."
color = "#000000"
initials = "B"
fields = [
  { name = "base_url", label = "Address", kind = "url", required = true },
  { name = "key", label = "Key", kind = "secret", required = true },
]
base_url = { template = "{base_url}" }
validation = { path = "/me" }
[auth]
bearer = "{access_token}"
[auth.oauth2]
grant = "client_credentials"
token_url = "{base_url}/token"
client_id = "{key}"
client_secret = "{key}"
[[tools]]
name = "get_it"
title = "Get it"
description = "Gets it."
risk = "read"
method = "GET"
path = "/it"
"##;

/// The token that is good, and how many were asked for.
#[derive(Default)]
struct Desk {
    good: Mutex<String>,
    asked: AtomicUsize,
}

pub(crate) fn json_answer(status: u16, body: &Value) -> Response<Body> {
    let answer = Response::builder().status(status).header("content-type", "application/json");
    answer.body(Body::from(body.to_string())).unwrap()
}

async fn desk() -> (String, Arc<Desk>) {
    let desk = Arc::new(Desk::default());
    let shared = Arc::clone(&desk);
    let url = serve(move |request: Request| {
        let desk = Arc::clone(&shared);
        async move {
            tokio::task::yield_now().await;
            let mut good = desk.good.lock().unwrap();
            if request.uri().path() == "/token" {
                *good = format!("token-{}", desk.asked.fetch_add(1, Ordering::SeqCst));
                return json_answer(200, &json!({"access_token": *good, "expires_in": 3600}));
            }
            let is_good = request.headers()["authorization"] == format!("Bearer {good}");
            json_answer(if is_good { 200 } else { 401 }, &json!({}))
        }
    })
    .await;
    (url, desk)
}

#[tokio::test]
async fn ends_tokens_in_the_middle() {
    let (url, desk) = desk().await;
    let rig = with_manifest(TOKENS, &url);
    assert!(rig.call("get_it", json!({})).await.is_ok());
    for round in 1..=3 {
        "ended".clone_into(&mut desk.good.lock().unwrap());
        let calls = (0..20).map(|_| rig.call("get_it", json!({})));
        for result in futures::future::join_all(calls).await {
            assert!(result.is_ok(), "{result:?}");
        }
        assert_eq!(desk.asked.load(Ordering::SeqCst), 1 + round, "one new token for all who need it");
    }
}

#[tokio::test]
async fn refuses_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let url = serve(move |_| {
        let status = if counter.fetch_add(1, Ordering::SeqCst) == 0 { 401 } else { 200 };
        async move { json_answer(status, &json!({})) }
    })
    .await;
    let rig = rig(&url);
    let error = rig.call("get_it", json!({})).await.unwrap_err();
    assert!(
        matches!(error, CallError::NotPermitted { status: 401, .. }),
        "the request is not sent again, and the key proves good: {error}"
    );
    assert!(error.remedy().starts_with("Call again"), "{}", error.remedy());
    assert_eq!(count.load(Ordering::SeqCst), 2);
    assert!(rig.call("get_it", json!({})).await.is_ok());
}

//! Token endpoints that answer with other types than they should, too much, or too slowly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use gateway_server::vendors::CallError;
use serde_json::{Value, json};

use super::answers::gzip_bomb;
use super::tokens::{TOKENS, json_answer};
use super::{serve, with_manifest};
use crate::rig::Rig;

/// A vendor whose token endpoint answers this, and which takes every token; how many tokens and how many answers were asked.
async fn vendor(
    token: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static,
) -> (Rig, Arc<[AtomicUsize; 2]>) {
    let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let counters = Arc::clone(&counts);
    let url = serve(move |request: Request| {
        let is_token = request.uri().path() == "/token";
        counters[usize::from(!is_token)].fetch_add(1, Ordering::SeqCst);
        let answer = if is_token { token() } else { json_answer(200, &json!({"ok": true})) };
        async move { answer }
    })
    .await;
    (with_manifest(TOKENS, &url), counts)
}

fn counted(counts: &[AtomicUsize; 2]) -> [usize; 2] {
    [counts[0].load(Ordering::SeqCst), counts[1].load(Ordering::SeqCst)]
}

/// What two calls say whose token endpoint answers this: the same, for nothing may be remembered, and nothing be sent.
async fn refused(token: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static) -> CallError {
    let (rig, counts) = vendor(token).await;
    let error = rig.call("get_it", json!({})).await.unwrap_err();
    assert_eq!(rig.call("get_it", json!({})).await.unwrap_err(), error);
    assert_eq!(counted(&counts), [2, 0], "{error}");
    let told = format!("{error:?} {}", error.explain());
    assert!(!told.contains("hunter2") && !told.contains("s3cr3t"), "{told}");
    error
}

async fn refused_json(answer: Value) -> CallError {
    refused(move || json_answer(200, &answer)).await
}

#[tokio::test]
async fn no_token() {
    let long = "t".repeat(20_000);
    for token in [
        json!(null),
        json!(7),
        json!(true),
        json!(["s3cr3t"]),
        json!({"value": "s3cr3t"}),
        json!(""),
        json!("s3cr3t\r\nX-Evil: 1"),
        json!("s3cr3t\u{0}"),
        json!("s3cr3t-ü"),
        json!(long),
    ] {
        let error = refused_json(json!({"access_token": token, "expires_in": 3600})).await;
        assert!(matches!(error, CallError::Broken(_)), "{token}: {error}");
    }
    for answer in [json!({}), json!({"accessToken": "s3cr3t"}), json!([]), json!("s3cr3t"), json!(null)] {
        let error = refused_json(answer.clone()).await;
        assert!(matches!(error, CallError::Broken(_)), "{answer}: {error}");
    }
}

/// A lifetime that is none counts as not said: the token is used, and renewed when it is refused.
#[tokio::test]
async fn no_lifetime() {
    for expires_in in [
        json!("3600"),
        json!("3599.5"),
        json!(" 60 "),
        json!(3599.9),
        json!(-1),
        json!(0),
        json!("-5"),
        json!("soon"),
        json!("NaN"),
        json!("inf"),
        json!(null),
        json!(true),
        json!([3600]),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!("99999999999999999999999999999999"),
    ] {
        let answer = json!({"access_token": "token-of-the-desk", "expires_in": expires_in});
        let (rig, counts) = vendor(move || json_answer(200, &answer)).await;
        for _ in 0..3 {
            assert!(rig.call("get_it", json!({})).await.is_ok(), "{expires_in}");
        }
        assert_eq!(counted(&counts), [1, 3], "{expires_in}");
    }
}

fn typed(status: u16, content_type: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).header("content-type", content_type).body(body.into()).unwrap()
}

#[tokio::test]
async fn no_json() {
    let page = "<html><title>s3cr3t</title></html>";
    let error = refused(move || typed(200, "text/html", page)).await;
    assert!(matches!(error, CallError::NotJson { status: 200, .. }), "{error}");
    let error = refused(|| typed(200, "application/json", &b"{\"access_token\":\"\xff\"}"[..])).await;
    assert!(matches!(error, CallError::NotJson { .. }), "{error}");
    let error = refused(|| typed(204, "application/json", "")).await;
    assert!(matches!(error, CallError::Failed { .. } | CallError::NotJson { .. }), "{error}");
    let error = refused(|| {
        let answer = Response::builder().status(302).header("location", "https://evil.example/?code=s3cr3t");
        answer.body(Body::empty()).unwrap()
    })
    .await;
    assert!(matches!(error, CallError::Redirected { status: 302, .. }), "{error}");
}

#[tokio::test]
async fn a_gzip_bomb() {
    let bomb = |status: u16| {
        let bomb = gzip_bomb();
        move || {
            let answer = Response::builder().status(status).header("content-encoding", "gzip");
            answer.header("content-type", "application/json").body(Body::from(bomb.clone())).unwrap()
        }
    };
    assert_eq!(refused(bomb(200)).await, CallError::TooLarge { limit: 16 * 1024 * 1024 });
    assert!(matches!(refused(bomb(500)).await, CallError::Failed { status: 500, .. }));
    assert!(matches!(refused(bomb(401)).await, CallError::Unauthorized { status: 401, .. }));
}

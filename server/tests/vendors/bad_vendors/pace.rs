//! Vendors that limit the rate, are down, or come and go: all users of the credential wait, and nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use gateway_server::vendors::{CallError, CredentialKey, Hold};
use serde_json::json;
use uuid::Uuid;

use super::{MANIFEST, get, rig, serve, serve_fixed, with_manifest};
use crate::rig::Rig;

#[tokio::test]
async fn limits_the_rate() {
    let url = serve_fixed(
        429,
        &[("retry-after", "17"), ("content-type", "application/json")],
        r#"{"message":"slow down"}"#,
    )
    .await;
    let error = get(&url).await.unwrap_err();
    let expected = CallError::RateLimited {
        status: 429,
        message: Some("slow down".into()),
        retry_after: Some(Duration::from_secs(17)),
    };
    assert_eq!((error.remedy(), error), ("Wait 17 seconds, then call again.".to_owned(), expected));
    let in_body = serve_fixed(429, &[("content-type", "application/json")], r#"{"retry_after":17}"#).await;
    let rig = with_manifest(&format!("{MANIFEST}\n[failure]\nretry_after = \"/retry_after\"\n"), &in_body);
    let error = rig.call("get_it", json!({})).await.unwrap_err();
    assert_eq!(error.remedy(), "Wait 17 seconds, then call again.");
    let (why, wait) = held(&rig).await;
    assert!(why == Hold::Asked && (16..=17).contains(&wait.as_secs()), "{why} {wait:?}");
}

/// A server that counts its requests; the answer is chosen by their number.
async fn counting(
    answer: impl Fn(usize) -> (u16, &'static [(&'static str, &'static str)]) + Clone + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let url = serve(move |_| {
        let (status, headers) = answer(counter.fetch_add(1, Ordering::SeqCst));
        let mut response = Response::builder().status(status).header("content-type", "application/json");
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        async move { response.body(Body::from("{}")).unwrap() }
    })
    .await;
    (url, count)
}

/// The error of a call that must not be sent.
async fn held(rig: &Rig) -> (Hold, Duration) {
    match rig.call("get_it", json!({})).await {
        Err(CallError::Held { why, wait }) => (why, wait),
        other => panic!("{other:?}"),
    }
}

/// The same vendor and client with another credential.
fn other_credential(mut rig: Rig) -> Rig {
    rig.key = CredentialKey { id: Uuid::from_u128(8), version: 1 };
    rig
}

#[tokio::test]
async fn asks_to_wait() {
    let cases: [(u16, &'static [(&'static str, &'static str)]); 3] = [
        (429, &[("retry-after", "30")]),
        (503, &[("retry-after", "30")]),
        (429, &[("retry-after", "Mon, 23 Nov 2026 19:00:30 GMT"), ("date", "Mon, 23 Nov 2026 19:00:00 GMT")]),
    ];
    for (status, header) in cases {
        let (url, count) = counting(move |_| (status, header)).await;
        let rig = rig(&url);
        let error = rig.call("get_it", json!({})).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        let (why, wait) = held(&rig).await;
        assert!(why == Hold::Asked && (29..=30).contains(&wait.as_secs()), "{why} {wait:?}");
        assert!(matches!(rig.validate().await, Err(CallError::Held { .. })), "everybody with it waits");
        assert_eq!(count.load(Ordering::SeqCst), 1);
        let other = other_credential(rig);
        assert_eq!(
            other.call("get_it", json!({})).await.unwrap_err().status(),
            Some(status),
            "nobody else waits"
        );
    }
}

#[tokio::test]
async fn has_a_rate() {
    let (url, count) = counting(|_| (200, &[])).await;
    let limited = format!("{MANIFEST}\n[limits]\nrate = \"8 an hour\"\nrequests = 8\nper_seconds = 3600\n");
    let rig = with_manifest(&limited, &url);
    for _ in 0..2 {
        assert!(rig.call("get_it", json!({})).await.is_ok());
    }
    let (why, wait) = held(&rig).await;
    assert!(why == Hold::Budget && wait > Duration::from_mins(9), "{why} {wait:?}");
    let words = CallError::Held { why, wait }.explain();
    assert!(words.starts_with("Nothing was sent") && words.contains("Wait 600 seconds"), "{words}");
    assert_eq!(count.load(Ordering::SeqCst), 2);
    assert!(other_credential(rig).call("get_it", json!({})).await.is_ok());
}

#[tokio::test]
async fn is_down() {
    let (url, count) = counting(|_| (503, &[])).await;
    let rig = rig(&url);
    for _ in 0..5 {
        assert_eq!(rig.call("get_it", json!({})).await.unwrap_err().status(), Some(503));
    }
    let (why, wait) = held(&rig).await;
    assert!(matches!(&why, Hold::Failing(reason) if reason.contains("503")), "{why}");
    assert!(wait <= Duration::from_secs(5), "{wait:?}");
    assert_eq!(count.load(Ordering::SeqCst), 5, "nothing is sent to who is down");
    rig.client.forget(rig.key.id);
    assert_eq!(rig.call("get_it", json!({})).await.unwrap_err().status(), Some(503), "a person asks");
    let other = other_credential(rig);
    assert_eq!(other.call("get_it", json!({})).await.unwrap_err().status(), Some(503), "nobody else is held");
}

#[tokio::test]
async fn comes_back() {
    let (url, count) = counting(|number| (if number < 5 { 502 } else { 200 }, &[])).await;
    let rig = rig(&url);
    for _ in 0..5 {
        assert!(rig.call("get_it", json!({})).await.is_err());
    }
    let (_, wait) = held(&rig).await;
    tokio::time::sleep(wait).await;
    for _ in 0..3 {
        assert!(rig.call("get_it", json!({})).await.is_ok());
    }
    assert_eq!(count.load(Ordering::SeqCst), 8);
}

#[tokio::test]
async fn flaps() {
    let (url, count) = counting(|number| (if number.is_multiple_of(3) { 200 } else { 502 }, &[])).await;
    let rig = rig(&url);
    for number in 0..30_u32 {
        let result = rig.call("get_it", json!({})).await;
        assert_eq!(result.is_ok(), number.is_multiple_of(3), "{number}: {result:?}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 30);
}

#[tokio::test]
async fn rejects_again_and_again() {
    for status in [400, 404, 422] {
        let (url, count) = counting(move |_| (status, &[])).await;
        let rig = rig(&url);
        for _ in 0..20 {
            assert_eq!(rig.call("get_it", json!({})).await.unwrap_err().status(), Some(status));
        }
        assert_eq!(count.load(Ordering::SeqCst), 20, "a refusal is an answer");
    }
}

//! Answers that are too large, no JSON, broken, or of other types than yesterday.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::Response;
use bytes::Bytes;
use futures::StreamExt as _;
use gateway_server::vendors::{CallError, Verdict};
use serde_json::json;

use super::{get, raw, rig, serve, serve_fixed};

#[tokio::test]
async fn redirects_to_another_host() {
    let url = serve_fixed(302, &[("location", "https://evil.example/steal?x=1")], "").await;
    let error = get(&url).await.unwrap_err();
    assert_eq!(error, CallError::Redirected { status: 302, location: "https://evil.example".into() });
    assert!(matches!(rig(&url).validate().await, Err(CallError::Redirected { .. })));
}

#[tokio::test]
async fn answers_with_a_web_page() {
    let page = "<!DOCTYPE html><html><head><title>Sign in</title></head></html>";
    let url = serve_fixed(200, &[("content-type", "text/html")], page).await;
    let expected = CallError::NotJson { status: 200, found: "an HTML page (\"Sign in\")".into() };
    assert_eq!(get(&url).await.unwrap_err(), expected);
    let invalid = rig(&url).validate().await.unwrap_err();
    assert_eq!((invalid.verdict(), invalid), (Verdict::CouldNotTell, expected));
    let lying = serve_fixed(200, &[("content-type", "application/json")], page).await;
    assert!(matches!(get(&lying).await, Err(CallError::NotJson { .. })));
    let maintenance = serve_fixed(503, &[("content-type", "text/html")], page).await;
    assert_eq!(get(&maintenance).await.unwrap_err(), CallError::Failed { status: 503, message: None });
}

#[tokio::test]
async fn sends_a_hundred_megabytes() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let url = serve(move |_| {
        let counter = Arc::clone(&counter);
        let megabyte = Bytes::from(vec![b' '; 1024 * 1024]);
        let body = futures::stream::iter(0..100).map(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::io::Error>(megabyte.clone())
        });
        async move {
            Response::builder()
                .header("content-type", "application/json")
                .body(Body::from_stream(body))
                .unwrap()
        }
    })
    .await;
    assert_eq!(get(&url).await.unwrap_err(), CallError::TooLarge { limit: 16 * 1024 * 1024 });
    assert!(sent.load(Ordering::SeqCst) < 60, "{} MB were taken", sent.load(Ordering::SeqCst));
}

#[tokio::test]
async fn declares_a_hundred_megabytes() {
    let url = raw(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n[".to_vec()).await;
    assert!(matches!(get(&url).await, Err(CallError::TooLarge { .. })));
}

/// 24 MB of digits in a few hundred kilobytes.
pub(crate) fn gzip_bomb() -> Vec<u8> {
    use flate2::{Compression, write::GzEncoder};
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![b'0'; 1024 * 1024];
    for _ in 0..24 {
        std::io::Write::write_all(&mut encoder, &zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 400_000);
    bomb
}

#[tokio::test]
async fn sends_a_gzip_bomb() {
    let gzip = &[("content-type", "application/json"), ("content-encoding", "gzip")];
    let url = serve_fixed(200, gzip, gzip_bomb()).await;
    assert!(matches!(get(&url).await, Err(CallError::TooLarge { .. })));
    let failing = serve_fixed(500, gzip, gzip_bomb()).await;
    let error = get(&failing).await.unwrap_err();
    let CallError::Failed { status: 500, message } = &error else { panic!("{error}") };
    assert!(message.as_ref().is_none_or(|message| message.chars().count() <= 301), "{error}");
    let broken = serve_fixed(200, &[("content-encoding", "gzip")], "not gzip at all").await;
    assert!(matches!(get(&broken).await, Err(CallError::Broken(_))));
}

#[tokio::test]
async fn sends_broken_text() {
    let url = serve_fixed(200, &[("content-type", "application/json")], &b"{\"a\":\"\xff\xfe\"}"[..]).await;
    assert_eq!(get(&url).await.unwrap_err(), CallError::Broken("it is not valid UTF-8".into()));
    let bytes = serve_fixed(500, &[], &b"\xff\xfe"[..]).await;
    assert_eq!(get(&bytes).await.unwrap_err(), CallError::Failed { status: 500, message: None });
    let short = raw(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"a\"".to_vec()).await;
    assert!(matches!(get(&short).await, Err(CallError::Broken(_))));
}

#[tokio::test]
async fn has_an_empty_answer() {
    let url = serve_fixed(204, &[], "").await;
    assert_eq!(get(&url).await.unwrap(), "Done (HTTP 204 No Content, no content).");
}

/// A list of more than ten megabytes.
fn long_list() -> String {
    let item = format!("{{\"id\":1,\"text\":\"{}\"}}", "x".repeat(1000));
    format!("[{}]", vec![item; 10_500].join(","))
}

#[tokio::test]
async fn sends_a_list_of_ten_megabytes() {
    let list = long_list();
    assert!(list.len() > 10_000_000);
    let url = serve_fixed(200, &[("content-type", "application/json")], list).await;
    let answer = rig(&url).call("list_them", json!({})).await.unwrap();
    assert!(answer.truncated && answer.text.len() < 70_000, "{}", answer.text.len());
    let (json, note) = answer.text.rsplit_once("\n\n").unwrap();
    let kept: Vec<serde_json::Value> = serde_json::from_str(json).unwrap();
    assert!(note.contains(&format!("{} of 10500 items", kept.len())) && note.contains("page"), "{note}");
    let few = rig(&url).call("list_them", json!({"fields": ["id"]})).await.unwrap();
    assert!(
        few.text.starts_with(r#"[{"id":1},{"id":1}"#) && few.text.contains("of 10500 items"),
        "{}",
        few.text.len()
    );
}

#[tokio::test]
async fn changes_types() {
    let bodies = [
        r#"{"items": 7}"#,
        r#""text""#,
        "null",
        "[[1], null, {\"id\": \"one\"}, 2.5]",
        "{\"id\": {\"id\": []}}",
    ];
    for body in bodies {
        let url = serve_fixed(200, &[("content-type", "application/json")], body).await;
        assert_eq!(get(&url).await.unwrap(), body);
        assert_eq!(rig(&url).call("list_them", json!({})).await.unwrap().text, body);
        let chosen = rig(&url).call("list_them", json!({"fields": ["id", "a.b"]})).await.unwrap();
        assert!(!chosen.truncated, "{body}: {}", chosen.text);
        assert_eq!(rig(&url).validate().await.unwrap().account, None);
    }
}

#[tokio::test]
async fn answers_with_xml() {
    let fault = "<?xml version=\"1.0\"?><s:Fault><reason>no</reason></s:Fault>";
    let url = serve_fixed(200, &[("content-type", "text/xml; charset=utf-8")], fault).await;
    assert_eq!(get(&url).await.unwrap_err(), CallError::NotJson { status: 200, found: "text/xml".into() });
    let failed = serve_fixed(500, &[("content-type", "text/xml")], fault).await;
    assert_eq!(get(&failed).await.unwrap_err(), CallError::Failed { status: 500, message: None });
}

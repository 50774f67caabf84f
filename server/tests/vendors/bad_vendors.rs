//! Vendors that hang, redirect, flood, break off, or answer nonsense: each gets a clear error, in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::routing::any;
use bytes::Bytes;
use futures::StreamExt as _;
use gateway_server::vendors::{CallError, NetworkSettings, Verdict};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::rig::{Rig, loopback};

const MANIFEST: &str = r##"
slug = "bad"
name = "Bad"
category = "test"
summary = "Misbehaves."
color = "#000000"
initials = "B"
ip_allowlist = true
fields = [
  { name = "base_url", label = "Address", kind = "url", required = true },
  { name = "key", label = "Key", kind = "secret", required = true },
]
base_url = { template = "{base_url}" }
auth = { bearer = "{key}" }
validation = { path = "/me" }
[[tools]]
name = "get_it"
title = "Get it"
description = "Gets it."
risk = "read"
method = "GET"
path = "/it"
[[tools]]
name = "do_it"
title = "Do it"
description = "Does it."
risk = "write"
method = "POST"
path = "/it"
"##;

fn rig(url: &str) -> Rig {
    with_settings(url, loopback())
}

fn with_settings(url: &str, settings: NetworkSettings) -> Rig {
    Rig::from_text("bad", MANIFEST, settings, &[("base_url", url), ("key", "hunter2secret")])
}

/// A server that answers everything in one way.
async fn serve<F, R>(answer: F) -> String
where
    F: Fn(Request) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<Body>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn serve_fixed(
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: impl Into<Bytes>,
) -> String {
    let body = body.into();
    serve(move |_| {
        let body = body.clone();
        async move {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(*name, *value);
            }
            response.body(Body::from(body)).unwrap()
        }
    })
    .await
}

async fn get(url: &str) -> Result<String, CallError> {
    rig(url).call("get_it", json!({})).await.map(|answer| answer.text)
}

#[tokio::test]
async fn hangs() {
    let url = serve(|_| std::future::pending()).await;
    let settings = NetworkSettings { deadline: Duration::from_millis(200), ..loopback() };
    let rig = with_settings(&url, settings);
    let started = Instant::now();
    let error = rig.call("get_it", json!({})).await.unwrap_err();
    assert!(matches!(error, CallError::Timeout { ip_allowlist: true, .. }), "{error}");
    assert!(error.remedy().contains("allow-list") && started.elapsed() < Duration::from_secs(5));
    assert_eq!(rig.validate().await.unwrap_err().verdict(), Verdict::CouldNotTell);
}

#[tokio::test]
async fn refuses_the_connection() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = get(&url).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Unreachable { host, reason } if host == "127.0.0.1" && reason.contains("refused")),
        "{error}"
    );
}

#[tokio::test]
async fn speaks_no_tls() {
    let url = raw(|_| b"220 mail.example ESMTP\r\n".to_vec()).await.replace("http:", "https:");
    assert!(matches!(get(&url).await, Err(CallError::Unreachable { .. })));
}

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

#[tokio::test]
async fn sends_a_gzip_bomb() {
    use flate2::{Compression, write::GzEncoder};
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![b'0'; 1024 * 1024];
    for _ in 0..24 {
        std::io::Write::write_all(&mut encoder, &zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 400_000);
    let url =
        serve_fixed(200, &[("content-type", "application/json"), ("content-encoding", "gzip")], bomb).await;
    assert!(matches!(get(&url).await, Err(CallError::TooLarge { .. })));
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
async fn echoes_the_credential() {
    let url = serve(|request| async move {
        let key = request.headers()["authorization"].to_str().unwrap().to_owned();
        Response::builder()
            .header("content-type", "application/json")
            .body(Body::from(json!({ "you sent": key }).to_string()))
            .unwrap()
    })
    .await;
    assert_eq!(get(&url).await.unwrap(), r#"{"you sent":"Bearer [redacted]"}"#);
}

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
}

#[tokio::test]
async fn is_inside_the_network() {
    let url = serve_fixed(200, &[], "{}").await;
    let closed = |url: &str| with_settings(url, NetworkSettings::default());
    for inside in [
        url.clone(),
        url.replace("127.0.0.1", "localhost"),
        url.replace("127.0.0.1", "[::ffff:127.0.0.1]"),
        "http://169.254.169.254".into(),
    ] {
        let rig = closed(&inside);
        let error = rig.call("get_it", json!({})).await.unwrap_err();
        assert!(matches!(error, CallError::Blocked { .. }), "{inside}: {error}");
        assert_eq!(rig.validate().await.unwrap_err().verdict(), Verdict::BadCredential);
    }
    assert!(get(&url).await.is_ok());
}

/// A server below HTTP: `answer` gets the number of the connection.
async fn raw(answer: impl Fn(usize) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&answer(number)).await;
        }
    });
    url
}

#[tokio::test]
async fn drops_connections() {
    let connections = Arc::new(AtomicUsize::new(0));
    let flaky = |counter: Arc<AtomicUsize>| {
        move |number| {
            counter.fetch_add(1, Ordering::SeqCst);
            if number == 0 {
                Vec::new()
            } else {
                b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}".to_vec()
            }
        }
    };
    let read = rig(&raw(flaky(Arc::clone(&connections))).await);
    assert_eq!(read.call("get_it", json!({})).await.unwrap().text, "{}");
    assert_eq!(connections.swap(0, Ordering::SeqCst), 2);
    let write = rig(&raw(flaky(Arc::clone(&connections))).await);
    let error = write.call("do_it", json!({})).await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable { .. }), "{error}");
    assert_eq!(connections.load(Ordering::SeqCst), 1, "a write was repeated");
}

#[tokio::test]
async fn is_left_by_the_caller() {
    let (arrived, left) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (here, gone) = (Arc::clone(&arrived), Arc::clone(&left));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await;
        here.notify_one();
        while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
        gone.notify_one();
    });
    let call = tokio::spawn(async move { get(&url).await });
    arrived.notified().await;
    call.abort();
    tokio::time::timeout(Duration::from_secs(5), left.notified()).await.expect("the request was not aborted");
}

#[tokio::test]
async fn has_an_empty_answer() {
    let url = serve_fixed(204, &[], "").await;
    assert_eq!(get(&url).await.unwrap(), "Done (HTTP 204 No Content, no content).");
}

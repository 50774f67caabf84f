//! Vendors that are not there, are slow, or stop in the middle.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gateway_server::vendors::{CallError, NetworkSettings, Verdict};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::{get, raw, rig, serve, serve_fixed, with_settings};
use crate::rig::loopback;

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

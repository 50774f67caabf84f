//! Vendors that send reads on to another host of their own: once, and nowhere else.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Response};
use gateway_server::vendors::{CallError, NetworkSettings};
use serde_json::json;

use super::{KEY, MANIFEST, json_answer, serve, with_manifest};
use crate::rig::Rig;

type Seen = Arc<Mutex<Vec<(String, HeaderMap)>>>;

/// A server that notes what comes, and sends on to the address that it is told, if to any.
async fn server(location: Option<String>) -> (String, Seen) {
    let seen = Seen::default();
    let notes = Arc::clone(&seen);
    let url = serve(move |request: Request| {
        let line = format!("{} {}", request.method(), request.uri());
        notes.lock().unwrap().push((line, request.headers().clone()));
        let answer = match &location {
            Some(location) => {
                let location = format!("{location}{}", request.uri());
                Response::builder().status(308).header("location", location).body(Body::empty()).unwrap()
            }
            None => json_answer(200, &json!([{"id": 1}])),
        };
        async move { answer }
    })
    .await;
    (url, seen)
}

fn own() -> String {
    format!("{MANIFEST}\n[redirects]\nhost_suffixes = [\"127.0.0.1\"]\n")
}

fn lines(seen: &Seen) -> Vec<String> {
    seen.lock().unwrap().iter().map(|(line, _)| line.clone()).collect()
}

#[tokio::test]
async fn a_read_goes_on_to_an_own_host() {
    let (shard, at_shard) = server(None).await;
    let (url, _) = server(Some(shard)).await;
    let rig = with_manifest(&own(), &url);
    let answer = rig.call("list_them", json!({"size": 3})).await.unwrap();
    assert_eq!(answer.text, r#"[{"id":1}]"#);
    assert_eq!(lines(&at_shard), ["GET /them?size=3"]);
    let authorization = at_shard.lock().unwrap()[0].1["authorization"].clone();
    assert_eq!(authorization, format!("Bearer {KEY}"));
    rig.validate().await.unwrap();
}

#[tokio::test]
async fn nothing_goes_anywhere_else() {
    let (other, at_other) = server(None).await;
    let (url, at_url) = server(Some(other.replace("127.0.0.1", "localhost"))).await;
    let refused = with_manifest(&own(), &url).call("get_it", json!({})).await.unwrap_err();
    assert!(matches!(refused, CallError::Redirected { status: 308, .. }), "another host: {refused}");
    let (url_own, _) = server(Some(other.clone())).await;
    let refused = with_manifest(MANIFEST, &url_own).call("get_it", json!({})).await.unwrap_err();
    assert!(matches!(refused, CallError::Redirected { .. }), "the manifest names none: {refused}");
    let refused = with_manifest(&own(), &url_own).call("do_it", json!({})).await.unwrap_err();
    assert!(matches!(refused, CallError::Redirected { .. }), "a write: {refused}");
    let (twice, at_twice) = server(Some(url_own.clone())).await;
    let refused = with_manifest(&own(), &twice).call("get_it", json!({})).await.unwrap_err();
    assert!(matches!(refused, CallError::Redirected { .. }), "a second time: {refused}");
    assert_eq!((lines(&at_other).len(), lines(&at_url).len(), lines(&at_twice).len()), (0, 1, 1));
}

/// The network guard looks at the second address as at the first.
#[tokio::test]
async fn an_own_host_inside_the_network_is_refused() {
    let (inside, at_inside) = server(None).await;
    let (url, _) = server(Some(inside)).await;
    let demo = url.trim_start_matches("http://").parse().ok();
    let settings = NetworkSettings { demo, ..NetworkSettings::default() };
    let rig = Rig::from_text("bad", &own(), settings, &[("base_url", &url), ("key", KEY)]);
    let refused = rig.call("get_it", json!({})).await.unwrap_err();
    assert!(matches!(refused, CallError::Blocked { .. }), "{refused}");
    assert!(lines(&at_inside).is_empty());
}

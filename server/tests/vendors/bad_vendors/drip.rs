//! Vendors that begin at once and then send a byte now and then: every call ends in its time, and others do not notice.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use bytes::Bytes;
use gateway_server::vendors::{CallError, NetworkSettings};
use serde_json::json;

use super::tokens::{TOKENS, json_answer};
use super::{KEY, MANIFEST, serve};
use crate::rig::{Rig, loopback};

const DEADLINE: Duration = Duration::from_millis(700);

/// Headers at once, a byte each 100 ms, and no end.
pub(crate) fn dripping(status: u16, content_type: &str) -> Response<Body> {
    let bytes = futures::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
    });
    let answer = Response::builder().status(status).header("content-type", content_type);
    answer.body(Body::from_stream(bytes)).unwrap()
}

fn hasty(manifest: &str, url: &str) -> Rig {
    let settings = NetworkSettings { deadline: DEADLINE, ..loopback() };
    Rig::from_text("bad", manifest, settings, &[("base_url", url), ("key", KEY)])
}

/// What drips at `path`, with this status; everything else answers.
async fn drips_at(path: &'static str, status: u16) -> String {
    serve(move |request: Request| async move {
        if request.uri().path() == path {
            dripping(status, "application/json")
        } else {
            json_answer(200, &json!({"access_token": "token-of-the-desk"}))
        }
    })
    .await
}

async fn times_out(rig: &Rig) {
    let started = Instant::now();
    let error = rig.call("get_it", json!({})).await.unwrap_err();
    assert!(matches!(error, CallError::Timeout { after: DEADLINE, .. }), "{error}");
    assert!(started.elapsed() >= DEADLINE && started.elapsed() < DEADLINE * 5, "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_whole_call_has_a_deadline() {
    for status in [200, 500] {
        times_out(&hasty(MANIFEST, &drips_at("/it", status).await)).await;
        times_out(&hasty(TOKENS, &drips_at("/token", status).await)).await;
    }
}

#[tokio::test]
async fn other_calls_do_not_notice() {
    let rig = hasty(MANIFEST, &drips_at("/it", 200).await);
    let others = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let started = Instant::now();
            rig.call("list_them", json!({})).await.unwrap();
            slowest = slowest.max(started.elapsed());
        }
        slowest
    };
    let ((), (), (), slowest) = tokio::join!(times_out(&rig), times_out(&rig), times_out(&rig), others);
    assert!(slowest < DEADLINE / 2, "{slowest:?}");
}

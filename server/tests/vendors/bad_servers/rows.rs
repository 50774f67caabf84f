//! The table: what a server answers, and what becomes of it. What is odd but good stands in `odd`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use gateway_server::vendors::CallError;
use serde_json::{Value, json};

use super::server::{Answering, Script, result, tool};
use crate::bad_vendors::{dripping, gzip_bomb, json_answer};

type Row = (&'static str, Script, fn(&CallError) -> bool);

/// What rmcp reads of a message.
const MAX_MESSAGE: usize = 4 * 1024 * 1024;

fn answering(answer: impl Fn(&Value) -> Response<Body> + Send + Sync + 'static) -> Answering {
    Arc::new(answer)
}

/// A server that answers one method like this.
pub(super) fn script(
    method: &'static str,
    answer: impl Fn(&Value) -> Response<Body> + Send + Sync + 'static,
) -> Script {
    Script { answers: [(method, answering(answer))].into(), has_sessions: false }
}

pub(super) fn results(method: &'static str, body: Value) -> Script {
    script(method, move |id| result(id, &body))
}

fn typed(status: u16, content_type: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).header("content-type", content_type).body(body.into()).unwrap()
}

/// A server of before 2026-07-28 whose `initialize` is answered like this.
fn old(answer: impl Fn(&Value) -> Response<Body> + Send + Sync + 'static) -> Script {
    let unknown = answering(|id| {
        let error = json!({"code": -32601, "message": "Method not found"});
        json_answer(200, &json!({"jsonrpc": "2.0", "id": id, "error": error}))
    });
    Script {
        answers: [("server/discover", unknown), ("initialize", answering(answer))].into(),
        has_sessions: false,
    }
}

fn is_broken(error: &CallError) -> bool {
    matches!(error, CallError::Broken(_))
}

pub(super) fn beginnings() -> Vec<Row> {
    let discover = "server/discover";
    let began = |version: Value| {
        old(move |id| {
            result(
                id,
                &json!({"protocolVersion": version, "capabilities": {}, "serverInfo": {"name": "x", "version": "1"}}),
            )
        })
    };
    vec![
        ("a version of no revision", began(json!("1999-01-01")), is_broken),
        ("a version that is no text", began(json!(7)), is_broken),
        ("nothing in the result", old(|id| result(id, &json!({}))), is_broken),
        ("no result", old(|id| json_answer(200, &json!({"jsonrpc": "2.0", "id": id}))), is_broken),
        (
            "an error",
            old(|id| {
                json_answer(
                    200,
                    &json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32603, "message": "no hunter2&secret/key+"}}),
                )
            }),
            |error| matches!(error, CallError::Said { message } if message.contains("[redacted]")),
        ),
        ("a web page", script(discover, |_| typed(200, "text/html", "<html>")), |error| {
            matches!(error, CallError::NotJson { .. })
        }),
        ("maintenance", script(discover, |_| typed(503, "text/html", "<html>")), |error| {
            matches!(error, CallError::Failed { status: 503, .. })
        }),
        (
            "401",
            script(discover, |_| json_answer(401, &json!({"message": "hunter2&secret/key+ is wrong"}))),
            |error| matches!(error, CallError::Unauthorized { .. }),
        ),
        (
            "401 with a challenge",
            script(discover, |_| {
                let answer = Response::builder().status(401).header("www-authenticate", "Bearer realm=\"x\"");
                answer.body(Body::empty()).unwrap()
            }),
            |error| matches!(error, CallError::Unauthorized { .. }),
        ),
        ("403", script(discover, |_| json_answer(403, &json!({}))), |error| {
            matches!(error, CallError::Forbidden { .. })
        }),
        (
            "429",
            script(discover, |_| {
                let answer = Response::builder().status(429).header("retry-after", "17");
                answer.body(Body::empty()).unwrap()
            }),
            is_limited,
        ),
        (
            "a redirect",
            script(discover, |_| {
                let answer = Response::builder().status(307).header("location", "https://evil.example/");
                answer.body(Body::empty()).unwrap()
            }),
            |error| matches!(error, CallError::Redirected { .. }),
        ),
        ("a drip", script(discover, |_| dripping(200, "application/json")), |error| {
            matches!(error, CallError::Timeout { .. })
        }),
    ]
}

/// The first time by the server, after that by the gateway, which waits as long as it was told.
fn is_limited(error: &CallError) -> bool {
    let wait = match error {
        CallError::RateLimited { retry_after: Some(wait), .. } | CallError::Held { wait, .. } => *wait,
        _ => return false,
    };
    wait > Duration::from_secs(15) && wait <= Duration::from_secs(17)
}

pub(super) fn lists() -> Vec<Row> {
    let list = "tools/list";
    let long = "x".repeat(10 * 1024 * 1024);
    vec![
        ("tools that are no array", results(list, json!({"tools": {"a": 1}})), is_broken),
        ("tools that are a text", results(list, json!({"tools": "all"})), is_broken),
        ("no tools at all", results(list, json!({})), is_broken),
        ("null", results(list, Value::Null), is_broken),
        ("ten megabytes", results(list, json!({"tools": [tool("read", true), long]})), is_too_large),
        (
            "a gzip bomb",
            script(list, |_| {
                let answer = Response::builder()
                    .header("content-encoding", "gzip")
                    .header("content-type", "application/json");
                answer.body(Body::from(gzip_bomb())).unwrap()
            }),
            is_too_large,
        ),
        (
            "no UTF-8",
            script(list, |_| {
                typed(200, "application/json", &b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\xff\"}"[..])
            }),
            is_broken,
        ),
        ("no JSON", script(list, |_| typed(200, "application/json", "{\"jsonrpc\":")), is_broken),
        ("a web page", script(list, |_| typed(200, "text/html", "<html>")), |error| {
            matches!(error, CallError::NotJson { .. })
        }),
        ("401", script(list, |_| json_answer(401, &json!({}))), |error| {
            matches!(error, CallError::Unauthorized { .. })
        }),
        (
            "429",
            script(list, |_| {
                let answer = Response::builder().status(429).header("retry-after", "17");
                answer.body(Body::empty()).unwrap()
            }),
            is_limited,
        ),
    ]
}

fn is_too_large(error: &CallError) -> bool {
    matches!(error, CallError::TooLarge { limit: MAX_MESSAGE })
}

pub(super) fn calls() -> Vec<Row> {
    let call = "tools/call";
    let long = "x".repeat(10 * 1024 * 1024);
    vec![
        (
            "an error of the tool",
            results(
                call,
                json!({"resultType": "complete", "isError": true,
            "content": [{"type": "text", "text": "no hunter2&secret/key+"}]}),
            ),
            |error| matches!(error, CallError::Said { message } if message == "no [redacted]"),
        ),
        (
            "an error of the protocol",
            script(call, |id| {
                json_answer(
                    200,
                    &json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32602, "message": "hunter2&secret/key+"}}),
                )
            }),
            |error| matches!(error, CallError::Said { .. }),
        ),
        ("a result that is a text", results(call, json!("done")), is_broken),
        (
            "content that is no array",
            results(call, json!({"resultType": "complete", "content": "done"})),
            is_broken,
        ),
        (
            "another request's id",
            script(call, |_| result(&json!(987_654), &json!({"content": []}))),
            |error| matches!(error, CallError::Timeout { .. } | CallError::Broken(_)),
        ),
        (
            "ten megabytes",
            results(call, json!({"resultType": "complete", "content": [{"type": "text", "text": long}]})),
            is_too_large,
        ),
        ("no UTF-8", script(call, |_| typed(200, "application/json", &b"\xff\xfe"[..])), is_broken),
        ("a web page", script(call, |_| typed(200, "text/html", "<html>hunter2&secret/key+")), |error| {
            matches!(error, CallError::NotJson { .. })
        }),
        ("502", script(call, |_| typed(502, "text/html", "<html>")), |error| {
            matches!(error, CallError::Failed { status: 502, .. })
        }),
        ("401", script(call, |_| json_answer(401, &json!({}))), |error| {
            matches!(error, CallError::Unauthorized { .. })
        }),
        (
            "429",
            script(call, |_| {
                let answer = Response::builder().status(429).header("retry-after", "17");
                answer.body(Body::empty()).unwrap()
            }),
            is_limited,
        ),
        (
            "a stream that ends before the answer",
            script(call, |_| typed(200, "text/event-stream", ": begun\n\n")),
            |error| matches!(error, CallError::Unreachable { .. } | CallError::Broken(_)),
        ),
        (
            "a stream that breaks off",
            script(call, |_| {
                let parts = [Ok("data: {\"jsonrpc\":"), Err(std::io::Error::other("gone"))];
                typed(200, "text/event-stream", Body::from_stream(futures::stream::iter(parts)))
            }),
            |error| matches!(error, CallError::Unreachable { .. } | CallError::Broken(_)),
        ),
        ("a stream that drips", script(call, |_| dripping(200, "text/event-stream")), |error| {
            matches!(error, CallError::Timeout { .. })
        }),
        ("accepted, and then nothing", script(call, |_| typed(202, "application/json", "")), |error| {
            matches!(error, CallError::Timeout { .. } | CallError::Broken(_) | CallError::Unreachable { .. })
        }),
    ]
}

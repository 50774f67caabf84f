//! What the server answers.

use std::{
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::{Hanging, Inner, KEYS};

pub(super) fn tools() -> Vec<Value> {
    let tool = |name: &str, hints: Value| {
        json!({"name": name, "description": format!("The tool {name}."), "inputSchema": {"type": "object"},
            "annotations": hints})
    };
    let numbers = json!({"a": {"type": "number"}, "b": {"type": "integer", "x-mcp-header": "B"}});
    vec![
        tool("who-am-i", json!({"readOnlyHint": true})),
        json!({"name": "add", "description": "Adds two numbers.", "annotations": {"readOnlyHint": true},
            "inputSchema": {"type": "object", "properties": numbers, "required": ["a", "b"]}}),
        tool("wipe", json!({"destructiveHint": true})),
        tool("write", json!({})),
        tool("slow", json!({"readOnlyHint": true})),
        tool("fail", json!({"readOnlyHint": true})),
        tool("acme_navigate", json!({})),
        // Each of these is bad in its own way.
        json!({"name": "bad name!", "inputSchema": {"type": "object"}}),
        json!({"name": "network", "inputSchema": {"type": "object", "properties":
            {"a": {"$ref": "https://schemas.example/a.json"}}}}),
    ]
}

pub(super) async fn answer(
    State(inner): State<Arc<Inner>>,
    method: Method,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    if inner.is_hanging.load(Ordering::SeqCst) {
        hang(&inner).await;
    }
    if inner.is_down.load(Ordering::SeqCst) {
        return (StatusCode::BAD_GATEWAY, "down").into_response();
    }
    let key = headers.get("x-acme-key").map(|key| key.to_str().unwrap()).unwrap_or_default();
    let Some((_, tenant)) = KEYS.iter().find(|(known, _)| *known == key) else {
        return (StatusCode::UNAUTHORIZED, Json(json!({"message": format!("The key {key} is wrong")})))
            .into_response();
    };
    match method {
        Method::GET => return streamed(&inner),
        Method::POST => {}
        _ => return StatusCode::OK.into_response(),
    }
    let message: Value = serde_json::from_slice(&body).unwrap();
    if message["id"].is_null() {
        return StatusCode::ACCEPTED.into_response();
    }
    if message["method"].is_null() {
        let _ = inner.hanging.send("replied");
        return (StatusCode::UNAUTHORIZED, format!("The key {key} may not reply")).into_response();
    }
    let asked = message["method"].as_str().unwrap();
    if let Some(refusal) = refuse(&inner, asked, &headers, &message) {
        return refusal;
    }
    if message["params"]["name"] == "write" {
        inner.writes.fetch_add(1, Ordering::SeqCst);
        if inner.is_desk_closed.load(Ordering::SeqCst) {
            let error = json!({"code": -32000, "message": "Written, but your desk: no valid session ID"});
            return Json(json!({"jsonrpc": "2.0", "id": message["id"], "error": error})).into_response();
        }
    }
    let result = match asked {
        "server/discover" => discovered(&inner),
        "subscriptions/listen" => return subscribed(&inner, &message["id"]),
        "initialize" => return initialized(&inner, &message),
        "tools/list" if inner.is_list_hanging.load(Ordering::SeqCst) => hang(&inner).await,
        "tools/list" => listed(&inner),
        _ => called(&inner, &message["params"], tenant, key, &headers).await,
    };
    Json(json!({"jsonrpc": "2.0", "id": message["id"], "result": result})).into_response()
}

/// A server with sessions knows no discovery, and nothing without a session.
fn refuse(inner: &Inner, asked: &str, headers: &HeaderMap, message: &Value) -> Option<Response> {
    let session = headers.get("mcp-session-id").map(|id| id.to_str().unwrap());
    let is_known = session.is_some_and(|id| inner.sessions.lock().unwrap().contains(id));
    if !inner.has_sessions || asked == "initialize" || is_known {
        return None;
    }
    let status = if session.is_some() { inner.lost } else { StatusCode::BAD_REQUEST };
    let error = json!({"code": -32000, "message": "Bad Request: No valid session ID provided"});
    let id = if asked == "server/discover" { message["id"].clone() } else { Value::Null };
    Some((status, Json(json!({"jsonrpc": "2.0", "id": id, "error": error}))).into_response())
}

/// A stream that the server speaks on, if it has any.
fn streamed(inner: &Inner) -> Response {
    match inner.greeting.lock().unwrap().clone() {
        Some(greeting) => stream(inner, greeting, json!({})),
        None => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// A subscription, which begins with its acknowledgment.
fn subscribed(inner: &Inner, id: &Value) -> Response {
    let meta = json!({"io.modelcontextprotocol/subscriptionId": id});
    let params = json!({"notifications": {"toolsListChanged": true}, "_meta": meta});
    let method = "notifications/subscriptions/acknowledged";
    stream(inner, json!({"jsonrpc": "2.0", "method": method, "params": params}), meta)
}

/// A stream that begins with this message and goes on with what the test says.
fn stream(inner: &Inner, first: Value, meta: Value) -> Response {
    let (speaker, said) = futures::channel::mpsc::unbounded();
    speaker.unbounded_send(first).unwrap();
    inner.streams.lock().unwrap().push((speaker, meta));
    let _ = inner.hanging.send("streaming");
    let ended = Hanging(inner.hanging.clone(), "stream ended");
    let events = said.map(move |message: Value| {
        let _open = &ended;
        Ok::<_, Infallible>(Event::default().data(message.to_string()))
    });
    Sse::new(events).into_response()
}

/// Never answers; tells when who asked hangs up.
async fn hang(inner: &Inner) -> Value {
    let _ = inner.hanging.send("begun");
    let _hanging = Hanging(inner.hanging.clone(), "hung up");
    std::future::pending().await
}

fn discovered(inner: &Inner) -> Value {
    inner.begun.fetch_add(1, Ordering::SeqCst);
    let has_news = inner.greeting.lock().unwrap().is_some();
    let tools = json!({"listChanged": has_news});
    json!({"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": tools},
        "ttlMs": 0, "cacheScope": "private"})
}

fn initialized(inner: &Inner, message: &Value) -> Response {
    let number = inner.begun.fetch_add(1, Ordering::SeqCst);
    let session = format!("session-{number}");
    inner.sessions.lock().unwrap().insert(session.clone());
    let result = json!({"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
        "serverInfo": {"name": "acme", "version": "1"}});
    let body = Json(json!({"jsonrpc": "2.0", "id": message["id"], "result": result}));
    ([("mcp-session-id", session)], body).into_response()
}

fn listed(inner: &Inner) -> Value {
    inner.lists.fetch_add(1, Ordering::SeqCst);
    json!({"resultType": "complete", "tools": *inner.tools.lock().unwrap(), "ttlMs": 0, "cacheScope": "private"})
}

async fn called(inner: &Inner, params: &Value, tenant: &str, key: &str, headers: &HeaderMap) -> Value {
    let arguments = &params["arguments"];
    let (text, is_error) = match params["name"].as_str().unwrap() {
        "who-am-i" => (format!("You are {tenant}, and your key is {key}."), false),
        "add" => {
            // A server of 2026-07-28 refuses what its headers do not repeat.
            let header = headers.get("mcp-param-b").map(|value| value.to_str().unwrap().to_owned());
            match (arguments["a"].as_f64(), arguments["b"].as_f64()) {
                (Some(a), Some(b)) => (format!("{} (header: {header:?})", a + b), false),
                _ => ("Invalid arguments, says the server.".to_owned(), true),
            }
        }
        "slow" => return hang(inner).await,
        "fail" => (format!("No, {tenant}: {key} may not do that."), true),
        name => (format!("{name} done"), false),
    };
    json!({"resultType": "complete", "content": [{"type": "text", "text": text}], "isError": is_error})
}

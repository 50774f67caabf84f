//! An MCP server that is good but for what its script says.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, Response};
use serde_json::{Value, json};

use crate::bad_vendors::{json_answer, serve};

/// What it answers to a request, whose id is the argument.
pub(super) type Answering = Arc<dyn Fn(&Value) -> Response<Body> + Send + Sync>;

/// What it does otherwise than a good server of 2026-07-28.
#[derive(Clone, Default)]
pub(super) struct Script {
    /// By method.
    pub(super) answers: HashMap<&'static str, Answering>,
    /// It is of 2025-11-25: no discovery, and nothing without a session.
    pub(super) has_sessions: bool,
}

/// The server; it ends with the test.
pub(super) struct Server {
    pub(super) url: String,
    state: Arc<State>,
}

struct State {
    script: Script,
    asked: Mutex<Vec<String>>,
    writes: AtomicUsize,
    session: AtomicUsize,
    status: AtomicU16,
}

impl Server {
    pub(super) async fn start(script: Script) -> Self {
        let state = Arc::new(State {
            script,
            asked: Mutex::default(),
            writes: AtomicUsize::new(0),
            session: AtomicUsize::new(0),
            status: AtomicU16::new(200),
        });
        let shared = Arc::clone(&state);
        let url = serve(move |request| {
            let state = Arc::clone(&shared);
            async move { state.answer(request).await }
        })
        .await;
        Self { url, state }
    }

    /// How often the tool `write` was called.
    pub(super) fn writes(&self) -> usize {
        self.state.writes.load(Ordering::SeqCst)
    }

    /// How often this method was asked.
    pub(super) fn asked(&self, method: &str) -> usize {
        self.state.asked.lock().unwrap().iter().filter(|asked| *asked == method).count()
    }

    /// It knows no session any more.
    pub(super) fn lose_sessions(&self) {
        self.state.session.fetch_add(1, Ordering::SeqCst);
    }

    /// From now on every answer has this status.
    pub(super) fn fail_with(&self, status: u16) {
        self.state.status.store(status, Ordering::SeqCst);
    }
}

impl State {
    async fn answer(&self, request: Request) -> Response<Body> {
        let (head, body) = request.into_parts();
        let status = self.status.load(Ordering::SeqCst);
        if status != 200 {
            return json_answer(status, &json!({}));
        }
        if head.method != Method::POST {
            return json_answer(405, &json!({}));
        }
        let body = to_bytes(Body::new(body), 1 << 20).await.unwrap();
        let message: Value = serde_json::from_slice(&body).unwrap();
        let (Some(method), false) = (message["method"].as_str(), message["id"].is_null()) else {
            return json_answer(202, &json!({}));
        };
        self.asked.lock().unwrap().push(method.to_owned());
        let session = self.session.load(Ordering::SeqCst).to_string();
        if self.script.has_sessions
            && method != "initialize"
            && head.headers.get("mcp-session-id").is_none_or(|id| id.to_str().unwrap() != session)
        {
            let error = json!({"code": -32000, "message": "Bad Request: No valid session ID provided"});
            return json_answer(400, &json!({"jsonrpc": "2.0", "id": message["id"], "error": error}));
        }
        if message["params"]["name"] == "write" {
            self.writes.fetch_add(1, Ordering::SeqCst);
        }
        if let Some(answer) = self.script.answers.get(method) {
            return answer(&message["id"]);
        }
        let mut answer = result(&message["id"], &good(method));
        if self.script.has_sessions && method == "initialize" {
            answer.headers_mut().insert("mcp-session-id", session.parse().unwrap());
        }
        answer
    }
}

/// The answer to a request.
pub(super) fn result(id: &Value, result: &Value) -> Response<Body> {
    json_answer(200, &json!({"jsonrpc": "2.0", "id": id, "result": result}))
}

/// A tool of a list.
pub(super) fn tool(name: &str, is_read: bool) -> Value {
    json!({"name": name, "description": "A tool.", "inputSchema": {"type": "object"},
        "annotations": {"readOnlyHint": is_read}})
}

fn good(method: &str) -> Value {
    match method {
        "server/discover" => json!({"resultType": "complete", "supportedVersions": ["2026-07-28"],
            "capabilities": {"tools": {}}, "ttlMs": 0, "cacheScope": "private"}),
        "initialize" => json!({"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
            "serverInfo": {"name": "bad", "version": "1"}}),
        "tools/list" => json!({"resultType": "complete", "tools": [tool("read", true), tool("write", false)],
            "ttlMs": 0, "cacheScope": "private"}),
        _ => json!({"resultType": "complete", "content": [{"type": "text", "text": "done"}]}),
    }
}

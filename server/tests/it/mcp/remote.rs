//! An MCP server that is a vendor, and whose behaviour the test decides: of 2026-07-28 or with sessions, for the keys of
//! two tenants, with tools that are good, bad and slow. It says what it was asked, and hears who hangs up.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};

use crate::gateway::{Browser, Gateway};

const MANIFEST: &str = r##"
slug = "acme-mcp"
name = "Acme"
kind = "mcp"
category = "rmm"
summary = "A remote MCP server for tests."
color = "#123456"
initials = "A"
fields = [{ name = "key", label = "Key", kind = "secret", required = true }]
auth = { headers = { X-Acme-Key = "{key}" } }
mcp = { hidden_tools = ["*_navigate"] }
base_url = { template = "ADDRESS/mcp" }
limits = { deadline_seconds = 20 }
"##;

/// The keys that are good, and whose they are.
pub(crate) const KEYS: [(&str, &str); 2] = [("key-of-ada", "ada"), ("key-of-bob", "bob")];

struct Inner {
    has_sessions: bool,
    sessions: Mutex<HashSet<String>>,
    /// What a server answers to an unknown session.
    lost: StatusCode,
    is_down: AtomicBool,
    is_hanging: AtomicBool,
    begun: AtomicUsize,
    lists: AtomicUsize,
    tools: Mutex<Vec<Value>>,
    hanging: mpsc::UnboundedSender<&'static str>,
}

/// The server; it ends with the test.
pub(crate) struct Remote {
    inner: Arc<Inner>,
    address: String,
    /// `begun` and `hung up`, of slow calls.
    pub(crate) events: mpsc::UnboundedReceiver<&'static str>,
}

/// Tells when a slow call is given up.
struct Hanging(mpsc::UnboundedSender<&'static str>);

impl Drop for Hanging {
    fn drop(&mut self) {
        let _ = self.0.send("hung up");
    }
}

impl Remote {
    /// Of 2026-07-28: every request stands for itself.
    pub(crate) async fn modern() -> Self {
        Self::start(false, StatusCode::NOT_FOUND).await
    }

    /// Of 2025-11-25, with sessions; `lost` is the answer to one that it does not know.
    pub(crate) async fn with_sessions(lost: StatusCode) -> Self {
        Self::start(true, lost).await
    }

    async fn start(has_sessions: bool, lost: StatusCode) -> Self {
        let (hanging, events) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            has_sessions,
            sessions: Mutex::default(),
            lost,
            is_down: AtomicBool::new(false),
            is_hanging: AtomicBool::new(false),
            begun: AtomicUsize::new(0),
            lists: AtomicUsize::new(0),
            tools: Mutex::new(tools()),
            hanging,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { inner, address, events }
    }

    /// A gateway that knows the server.
    pub(crate) async fn gateway(&self) -> Gateway {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("acme-mcp.toml"), MANIFEST.replace("ADDRESS", &self.address))
            .unwrap();
        let path = folder.path().to_str().unwrap();
        Gateway::start_with(&["--demo", "--vendors-dir", path, "--vendor-networks", "127.0.0.0/8"]).await
    }

    /// Adds tools that are not even of the protocol's form.
    pub(crate) fn spoil(&self) {
        let malformed = [json!({"name": "no_schema"}), json!({"name": ["no", "text"], "inputSchema": 7})];
        self.inner.tools.lock().unwrap().extend(malformed);
    }

    /// The server starts anew: it knows no session any more.
    pub(crate) fn forget_sessions(&self) {
        self.inner.sessions.lock().unwrap().clear();
    }

    /// From now on everything fails; or not any more.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.inner.is_down.store(is_down, Ordering::SeqCst);
    }

    /// From now on nothing is answered.
    pub(crate) fn hang(&self) {
        self.inner.is_hanging.store(true, Ordering::SeqCst);
    }

    /// How often somebody began a connection, and asked for the tools.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.inner.begun.load(Ordering::SeqCst), self.inner.lists.load(Ordering::SeqCst))
    }
}

/// Connects; the status of the answer.
pub(crate) async fn connect(browser: &Browser, key: &str) -> StatusCode {
    browser.put("/api/connections/acme-mcp", &json!({"fields": {"key": key}})).await.status()
}

fn tools() -> Vec<Value> {
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

async fn answer(
    State(inner): State<Arc<Inner>>,
    method: Method,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    if inner.is_hanging.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    if inner.is_down.load(Ordering::SeqCst) {
        return (StatusCode::BAD_GATEWAY, "down").into_response();
    }
    let key = headers.get("x-acme-key").map(|key| key.to_str().unwrap()).unwrap_or_default();
    let Some((_, tenant)) = KEYS.iter().find(|(known, _)| *known == key) else {
        return (StatusCode::UNAUTHORIZED, Json(json!({"message": format!("The key {key} is wrong")})))
            .into_response();
    };
    if method != Method::POST {
        let status = if method == Method::GET { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::OK };
        return status.into_response();
    }
    let message: Value = serde_json::from_slice(&body).unwrap();
    if message["id"].is_null() {
        return StatusCode::ACCEPTED.into_response();
    }
    let asked = message["method"].as_str().unwrap();
    if let Some(refusal) = refuse(&inner, asked, &headers, &message) {
        return refusal;
    }
    let result = match asked {
        "server/discover" => discovered(&inner),
        "initialize" => return initialized(&inner, &message),
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
    Some((status, Json(json!({"jsonrpc": "2.0", "id": message["id"], "error": error}))).into_response())
}

fn discovered(inner: &Inner) -> Value {
    inner.begun.fetch_add(1, Ordering::SeqCst);
    json!({"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}},
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
            let sum = arguments["a"].as_f64().unwrap() + arguments["b"].as_f64().unwrap();
            (format!("{sum} (header: {header:?})"), false)
        }
        "slow" => {
            let _ = inner.hanging.send("begun");
            let _hanging = Hanging(inner.hanging.clone());
            std::future::pending().await
        }
        "fail" => (format!("No, {tenant}: {key} may not do that."), true),
        name => (format!("{name} done"), false),
    };
    json!({"resultType": "complete", "content": [{"type": "text", "text": text}], "isError": is_error})
}

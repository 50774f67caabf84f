//! The vendor of both tenants, an HTTP API and an MCP server: tells back what it is told, well, badly, late, as the number of
//! the request decides, and counts requests that hold something of two tenants.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Response, header},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::TENANTS;

pub(super) const MANIFEST: &str = r##"
slug = "mirror"
name = "Mirror"
category = "psa"
summary = "Tells back what it is told."
color = "#123456"
initials = "M"
fields = [{ name = "key", label = "Key", kind = "secret", required = true }]
base_url = { template = "ADDRESS" }
validation = { path = "/account", account = "/name" }
[auth]
bearer = "{access_token}"
headers = { X-Key = "{key}" }
[auth.oauth2]
grant = "client_credentials"
token_url = "ADDRESS/token"
client_id = "mirror"
client_secret = "{key}"
[[tools]]
name = "search_items"
title = "Search items"
description = "Search items."
risk = "read"
method = "GET"
path = "/items/{number}"
result = "/items"
params = [{ name = "number", in = "path", type = "integer", required = true, description = "Number." }]
[[tools]]
name = "create_item"
title = "Create item"
description = "Create an item."
risk = "write"
method = "POST"
path = "/items/{number}"
body = { text = "{text}" }
params = [
  { name = "number", in = "path", type = "integer", required = true, description = "Number." },
  { name = "text", in = "body", type = "string", required = true, description = "Text." },
]
"##;

/// The same tenants' MCP server.
pub(super) const MCP_MANIFEST: &str = r##"
slug = "glass"
name = "Glass"
kind = "mcp"
category = "rmm"
summary = "Tells back what it is told, by MCP."
color = "#123456"
initials = "G"
fields = [{ name = "key", label = "Key", kind = "secret", required = true }]
auth = { headers = { X-Key = "{key}" } }
base_url = { template = "ADDRESS/mcp" }
"##;

/// What the vendor saw that must not be.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) requests: AtomicUsize,
    pub(super) mixed: AtomicUsize,
}

pub(super) fn key_of(tenant: &str) -> String {
    format!("{tenant}-secret-canary/{tenant}&key")
}

/// Evenly spread, and the same in every run.
pub(super) fn mix(number: usize) -> usize {
    let mut bits = (number as u64).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^= bits >> 27;
    usize::try_from((bits.wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) & 0xffff).unwrap()
}

pub(super) async fn start() -> (String, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Seen::default());
    let router = Router::new().fallback(mirror).with_state(Arc::clone(&seen));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, seen)
}

fn answer(status: u16, body: impl Into<Body>) -> Response<Body> {
    let answer = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    answer.body(body.into()).unwrap()
}

async fn mirror(State(seen): State<Arc<Seen>>, request: Request) -> Response<Body> {
    let turn = mix(seen.requests.fetch_add(1, Ordering::SeqCst));
    let (head, body) = request.into_parts();
    let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
    if head.uri.path() == "/token" {
        let tenant = TENANTS.iter().find(|tenant| body.contains(**tenant)).unwrap();
        let token = format!("{tenant}-token-canary-{turn}");
        return answer(200, json!({"access_token": token, "expires_in": 3600}).to_string());
    }
    let whole = format!("{head:?} {body}");
    let tenant = TENANTS.iter().find(|tenant| head.headers["x-key"] == key_of(tenant)).unwrap();
    let is_mixed = TENANTS.iter().any(|other| other != tenant && whole.contains(*other));
    let is_remote = head.uri.path() == "/mcp";
    if is_mixed || (!is_remote && !head.headers["authorization"].to_str().unwrap().contains(tenant)) {
        seen.mixed.fetch_add(1, Ordering::SeqCst);
    }
    if is_remote {
        return remote(tenant, turn, &whole, &body).await;
    }
    if turn.is_multiple_of(5) {
        tokio::time::sleep(Duration::from_millis(turn as u64 % 7)).await;
    }
    let echo = json!({"name": format!("{tenant}-answer"), "echo": whole});
    match turn % 23 {
        1 => answer(401, json!({"message": echo}).to_string()),
        2 => answer(404, json!({"message": format!("{tenant}-answer: {whole}")}).to_string()),
        3 => answer(500, format!("{tenant}-answer {whole}")),
        4 => answer(200, format!("<html><title>{tenant}-answer {}</title>", key_of(tenant))),
        5 => answer(200, json!({"items": vec![echo; 120]}).to_string()),
        _ => answer(200, json!({"items": [echo], "name": format!("{tenant}-answer")}).to_string()),
    }
}

/// What the MCP server answers: every list and every answer holds its tenant's canary.
async fn remote(tenant: &str, turn: usize, whole: &str, body: &str) -> Response<Body> {
    let message: Value = serde_json::from_str(body).unwrap_or_default();
    if message["id"].is_null() {
        return answer(202, "");
    }
    let told = format!("{tenant}-answer {whole}");
    let result = match message["method"].as_str().unwrap_or_default() {
        "server/discover" => json!({"resultType": "complete", "supportedVersions": ["2026-07-28"],
            "capabilities": {"tools": {}}, "ttlMs": 0, "cacheScope": "private"}),
        "tools/list" => {
            let text = json!({"type": "object", "properties": {"text": {"type": "string"}}});
            let tool = |name: &str, is_read: bool| json!({"name": name, "description": told, "inputSchema": text, "annotations": {"readOnlyHint": is_read}});
            json!({"resultType": "complete", "tools": [tool("read", true), tool("write", false)], "ttlMs": 0,
                "cacheScope": "private"})
        }
        _ => {
            if turn.is_multiple_of(5) {
                tokio::time::sleep(Duration::from_millis(turn as u64 % 7)).await;
            }
            match turn % 23 {
                1 => return answer(401, json!({"message": told}).to_string()),
                2 => return answer(500, told),
                3 => return answer(200, format!("<html><title>{told}</title>")),
                4 => {
                    let error = json!({"code": -32000, "message": format!("no valid session id: {told}")});
                    return answer(
                        200,
                        json!({"jsonrpc": "2.0", "id": message["id"], "error": error}).to_string(),
                    );
                }
                5 => json!({"resultType": "complete", "content": [], "structuredContent": {"echo": told}}),
                kind => {
                    json!({"resultType": "complete", "isError": kind == 6, "content": [{"type": "text", "text": told}]})
                }
            }
        }
    };
    answer(200, json!({"jsonrpc": "2.0", "id": message["id"], "result": result}).to_string())
}

//! Two tenants with the same vendor at the same time: thousands of calls in every order, and never one byte of the other's.
//!
//! Both credentials, the tokens made of them, and every answer hold a canary of their tenant. The vendor's server answers
//! well, badly, late, with errors and with echoes of what it was sent, as the call's number decides.

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
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::client::{Client, text};
use crate::gateway::{Browser, Gateway};

const MANIFEST: &str = r##"
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

/// The tenants, as their canaries name them.
const TENANTS: [&str; 2] = ["alpha", "bravo"];
/// Each has so many clients, which call one after another; each client so many times.
const CLIENTS: usize = 8;
const CALLS: usize = 100;

/// What the vendor saw that must not be.
#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    mixed: AtomicUsize,
}

fn key_of(tenant: &str) -> String {
    format!("{tenant}-secret-canary/{tenant}&key")
}

/// Evenly spread, and the same in every run.
fn mix(number: usize) -> usize {
    let mut bits = (number as u64).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^= bits >> 27;
    usize::try_from((bits.wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) & 0xffff).unwrap()
}

async fn vendor() -> (String, Arc<Seen>) {
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
    if is_mixed || !head.headers["authorization"].to_str().unwrap().contains(tenant) {
        seen.mixed.fetch_add(1, Ordering::SeqCst);
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

/// One of a tenant's clients, from its first call to its last; how many answers were good.
async fn work(tenant: &'static str, client: Client, seed: usize) -> usize {
    let mut good = 0;
    for number in 0..CALLS {
        let result = match mix(seed * CALLS + number) % 10 {
            0 => client.call("gateway__list_connections", json!({})).await,
            1..=3 => {
                let item = json!({"number": number, "text": format!("{tenant}-text")});
                client.call("mirror__create_item", item).await
            }
            4 => client.call("mirror__search_items", json!({"number": number, "fields": ["name"]})).await,
            _ => client.call("mirror__search_items", json!({"number": number})).await,
        };
        let told = text(&result);
        for other in TENANTS.iter().filter(|other| **other != tenant) {
            assert!(!result.to_string().contains(other), "{tenant} {number}: {told}");
        }
        for secret in [key_of(tenant), format!("{tenant}-secret-canary"), format!("{tenant}-token-canary")] {
            assert!(!told.contains(&secret), "{tenant} {number}: {told}");
        }
        good += usize::from(told.contains(&format!("{tenant}-answer")));
    }
    good
}

async fn connect(gateway: &Gateway, tenant: &str) -> (Browser, Vec<Client>) {
    let browser = gateway.person(&format!("{tenant}@msp.example")).await;
    // The vendor is in a mood: sometimes it refuses.
    let form = json!({"fields": {"key": key_of(tenant)}});
    for attempt in 0.. {
        if browser.put("/api/connections/mirror", &form).await.status() == StatusCode::CREATED {
            break;
        }
        assert!(attempt < 20);
    }
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::connect(gateway, &browser).await);
    }
    (browser, clients)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tenants_never_see_one_byte_of_each_other() {
    let (url, seen) = vendor().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mirror.toml"), MANIFEST.replace("ADDRESS", &url)).unwrap();
    let path = folder.path().to_str().unwrap();
    let gateway = Gateway::start_with(&["--vendors-dir", path, "--vendor-networks", "127.0.0.0/8"]).await;
    let mut browsers = Vec::new();
    let mut workers = Vec::new();
    for tenant in TENANTS {
        let (browser, clients) = connect(&gateway, tenant).await;
        browsers.push((tenant, browser));
        for client in clients {
            workers.push(tokio::spawn(work(tenant, client, workers.len())));
        }
    }
    let mut good = 0;
    for worker in workers {
        good += worker.await.unwrap();
    }
    assert_eq!(seen.mixed.load(Ordering::SeqCst), 0, "the vendor got what belongs to another tenant");
    let calls = TENANTS.len() * CLIENTS * CALLS;
    assert!(good > calls / 2, "{good} of {calls} answers were the vendor's");
    for (tenant, browser) in browsers {
        let other = TENANTS.iter().find(|other| **other != tenant).unwrap();
        let shown: Value = browser.get_json("/api/connections").await;
        let health: Value = browser.get_json("/api/connections/mirror/health").await;
        let written = format!("{shown} {health} {:?}", gateway.audit(&browser).await);
        assert!(!written.contains(*other) && !written.contains("canary"), "{tenant}: {written}");
    }
}

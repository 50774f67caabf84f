//! Access tokens of vendors are shared: by replicas, and over a restart. Sealed, and fetched by one.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, header},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    gateway::{Browser, Gateway, database_url},
    mcp::client::{Client, text},
};

const MANIFEST: &str = r##"
slug = "tokens"
name = "Tokens"
category = "psa"
summary = "Gives tokens."
color = "#123456"
initials = "T"
fields = [{ name = "key", label = "Key", kind = "secret", required = true }]
base_url = { template = "ADDRESS" }
validation = { path = "/account" }
[auth]
bearer = "{access_token}"
[auth.oauth2]
grant = "client_credentials"
token_url = "ADDRESS/token"
client_id = "gateway"
client_secret = "{key}"
[[tools]]
name = "get_it"
title = "Get it"
description = "Get it."
risk = "read"
method = "GET"
path = "/it"
"##;

#[derive(Default)]
struct Vendor {
    asked: AtomicUsize,
    good: Mutex<String>,
}

async fn vendor() -> (String, Arc<Vendor>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let vendor = Arc::new(Vendor::default());
    let router = Router::new().fallback(answer).with_state(Arc::clone(&vendor));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, vendor)
}

async fn answer(State(vendor): State<Arc<Vendor>>, request: Request) -> Response<Body> {
    let mut good = vendor.good.lock().unwrap();
    let (status, body) = if request.uri().path() == "/token" {
        *good = format!("sesame-{}", vendor.asked.fetch_add(1, Ordering::SeqCst));
        (200, json!({"access_token": *good, "expires_in": 3600}))
    } else {
        let is_good = request.headers()["authorization"] == format!("Bearer {good}");
        (if is_good { 200 } else { 401 }, json!({}))
    };
    let answer = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    answer.body(Body::from(body.to_string())).unwrap()
}

/// A gateway on a database and a key that outlive it.
async fn gateway(url: &str, database: &str, key: &str, more: &[&str]) -> Gateway {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tokens.toml"), MANIFEST.replace("ADDRESS", url)).unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let options = ["--vendors-dir", &path, "--vendor-networks", "127.0.0.0/8", "--master-key-file", key];
    Gateway::start_on(folder, database, &[&options, more].concat()).await
}

async fn connected(gateway: &Gateway) -> (Browser, Client) {
    let browser = gateway.person("ada@msp.example").await;
    let client = Client::connect(gateway, &browser).await;
    let form = json!({"fields": {"key": "the key of the vendor"}});
    assert!(browser.put("/api/connections/tokens", &form).await.status().is_success());
    (browser, client)
}

async fn is_good(client: &Client) -> bool {
    let result = client.call("tokens__get_it", json!({})).await;
    assert!(!text(&result).contains("sesame"));
    result["isError"] == false
}

#[tokio::test]
async fn a_token_outlives_what_is_remembered_of_it() {
    let (url, vendor) = vendor().await;
    let folder = tempfile::tempdir().unwrap();
    let database = database_url(&folder).await;
    let key = folder.path().join("the.key");
    let gateway = gateway(&url, &database, key.to_str().unwrap(), &[]).await;
    let (browser, client) = connected(&gateway).await;
    let asked = || vendor.asked.load(Ordering::SeqCst);
    assert_eq!(asked(), 1, "to validate; nothing of it is kept");
    assert!(is_good(&client).await);
    assert_eq!(asked(), 2);
    let shown: Value = browser.get_json("/api/connections").await;
    let id: uuid::Uuid = shown["items"][0]["id"].as_str().unwrap().parse().unwrap();
    // As a restart does it.
    gateway.state.vendors.forget(id);
    assert!(is_good(&client).await);
    assert_eq!(asked(), 2, "it was in the database");
    gateway.clock.advance(std::time::Duration::from_hours(1));
    gateway.state.vendors.forget(id);
    let client = Client::connect(&gateway, &browser).await;
    assert!(is_good(&client).await);
    assert_eq!(asked(), 3, "its time was over");
    "ended".clone_into(&mut vendor.good.lock().unwrap());
    assert!(is_good(&client).await);
    assert_eq!(asked(), 4, "a refused token is not taken out of the database again");
    let test = browser.post("/api/connections/tokens/test", &json!({})).await;
    assert!(test.status().is_success());
    assert_eq!(asked(), 5, "a test proves the credential, not an old token");
    if gateway.state.database.engine_name() == "sqlite" {
        let file = std::fs::read(database.trim_start_matches("sqlite:")).unwrap();
        let log =
            std::fs::read(format!("{}-wal", database.trim_start_matches("sqlite:"))).unwrap_or_default();
        for bytes in [file, log] {
            assert!(!bytes.windows(6).any(|window| window == b"sesame"), "the token is not sealed");
        }
    }
}

#[tokio::test]
async fn postgres_only_one_replica_fetches_for_all() {
    let (url, vendor) = vendor().await;
    let folder = tempfile::tempdir().unwrap();
    let database = database_url(&folder).await;
    let key = folder.path().join("the.key").to_str().unwrap().to_owned();
    let one = gateway(&url, &database, &key, &[]).await;
    let other = gateway(&url, &database, &key, &["--public-url", &one.url]).await;
    let (_, client) = connected(&one).await;
    let elsewhere = Client { url: format!("{}/v1/mcp", other.url), ..client.clone() };
    let before = vendor.asked.load(Ordering::SeqCst);
    for round in 1..=3 {
        let calls =
            (0..20_u32).map(|number| is_good(if number.is_multiple_of(2) { &client } else { &elsewhere }));
        assert!(futures::future::join_all(calls).await.into_iter().all(|good| good));
        assert_eq!(vendor.asked.load(Ordering::SeqCst), before + round, "one token for two replicas");
        "ended".clone_into(&mut vendor.good.lock().unwrap());
    }
}

//! Two tenants with the same vendors at the same time: thousands of calls in every order, and never one byte of the other's, in
//! an answer, an error, a list of tools, the log, or what is written down.
//!
//! Both credentials, the tokens made of them, and every answer hold a canary of their tenant. The server of the two vendors,
//! an HTTP API and an MCP server, is in [`mirror`].

mod mirror;

use std::sync::{Arc, atomic::Ordering};

use gateway_server::telemetry;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::{Client, text};
use crate::gateway::{Browser, Gateway};
use mirror::{MANIFEST, MCP_MANIFEST, key_of, mix};

/// The tenants, as their canaries name them.
const TENANTS: [&str; 2] = ["alpha", "bravo"];
/// Each has so many clients, which call one after another; each client so many times.
const CLIENTS: usize = 16;
const CALLS: usize = 160;
/// Every so many calls, the tools are listed as well.
const LIST_EVERY: usize = 40;

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
            5 | 6 => client.call("glass__read", json!({"text": format!("{tenant}-text")})).await,
            7 => client.call("glass__write", json!({"text": format!("{tenant}-text")})).await,
            _ => client.call("mirror__search_items", json!({"number": number})).await,
        };
        let told = text(&result);
        if number % LIST_EVERY == 0 {
            check_list(tenant, &client).await;
        }
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

/// The list of tools, which the vendors' servers write too.
async fn check_list(tenant: &str, client: &Client) {
    let listed = client.modern("tools/list", json!({})).await.body.to_string();
    let other = TENANTS.iter().find(|other| **other != tenant).unwrap();
    assert!(
        listed.contains("mirror__search_items") && listed.contains(&format!("{tenant}-answer")),
        "{listed}"
    );
    assert!(!listed.contains(*other) && !listed.contains("canary"), "{tenant}: {listed}");
}

async fn connect(gateway: &Gateway, tenant: &str) -> (Browser, Vec<Client>) {
    let browser = gateway.person(&format!("{tenant}@msp.example")).await;
    // The vendor is in a mood: sometimes it refuses.
    let form = json!({"fields": {"key": key_of(tenant)}});
    for vendor in ["mirror", "glass"] {
        for attempt in 0.. {
            let path = format!("/api/connections/{vendor}");
            if browser.put(&path, &form).await.status() == StatusCode::CREATED {
                break;
            }
            assert!(attempt < 20);
        }
    }
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::connect(gateway, &browser).await);
    }
    (browser, clients)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tenants_never_see_one_byte_of_each_other() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(telemetry::filter("info,gateway_server=debug").unwrap())
        .with_writer(Arc::new(log.reopen().unwrap()))
        .finish();
    // Of all threads: nextest gives every test a process of its own.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let (url, seen) = mirror::start().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mirror.toml"), MANIFEST.replace("ADDRESS", &url)).unwrap();
    std::fs::write(folder.path().join("glass.toml"), MCP_MANIFEST.replace("ADDRESS", &url)).unwrap();
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
        let mut written = format!("{shown} {:?}", gateway.audit(&browser).await);
        for vendor in ["mirror", "glass"] {
            let health: Value = browser.get_json(&format!("/api/connections/{vendor}/health")).await;
            written.push_str(&health.to_string());
        }
        assert!(!written.contains(*other) && !written.contains("canary"), "{tenant}: {written}");
    }
    let log = std::fs::read_to_string(log.path()).unwrap();
    assert!(!log.is_empty() && !log.contains("canary") && !log.contains("-answer"), "{log}");
}

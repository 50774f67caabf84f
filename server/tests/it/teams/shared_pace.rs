//! Colleagues who use one shared credential share its rate and its breaker: what one uses up, the other does not have.

use reqwest::StatusCode;
use serde_json::json;

use super::world::{colleague, create_pro_team};
use crate::{
    gateway::{Browser, Gateway},
    mcp::{
        client::{Client, text},
        upstream::{Upstream, manifest},
    },
};

/// A team whose owner shares a key of the desk, and a colleague; their clients.
async fn team(upstream: &Upstream, limits: &str) -> (Gateway, Browser, [Client; 2]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("desk.toml"), format!("{limits}{}", manifest(upstream.address)))
        .unwrap();
    let path = folder.path().to_str().unwrap();
    let gateway = Gateway::start_with(&["--vendors-dir", path, "--vendor-networks", "127.0.0.0/8"]).await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let bob = colleague(&gateway, &ada, &team, "bob@msp.example").await;
    let (path, form) = (format!("{team}/connections/desk"), json!({"fields": {"api_key": "the key"}}));
    let (shared, ()) = tokio::join!(ada.put(&path, &form), upstream.answer(200, "{}"));
    assert_eq!(shared.status(), StatusCode::CREATED);
    let clients = [Client::connect(&gateway, &ada).await, Client::connect(&gateway, &bob).await];
    (gateway, bob, clients)
}

/// A call that reaches the vendor, which answers like this.
async fn call(client: &Client, upstream: &Upstream, status: u16) -> String {
    let (result, ()) =
        tokio::join!(client.call("desk__get_ticket", json!({"id": 1})), upstream.answer(status, "{}"));
    text(&result).to_owned()
}

/// A call that reaches nobody: nothing answers, so it would hang.
async fn held(client: &Client) -> String {
    let result = client.call("desk__get_ticket", json!({"id": 1})).await;
    assert_eq!(result["isError"], true, "{result}");
    text(&result).to_owned()
}

#[tokio::test]
async fn one_rate_for_all_who_share_a_credential() {
    let upstream = Upstream::start().await;
    let limits = "limits = { rate = \"8 an hour\", requests = 8, per_seconds = 3600 }\n";
    let (_gateway, bob, [ada_client, bob_client]) = team(&upstream, limits).await;
    // A quarter of the rate at once.
    assert_eq!(call(&ada_client, &upstream, 200).await, "{}");
    assert_eq!(call(&bob_client, &upstream, 200).await, "{}");
    for client in [&ada_client, &bob_client] {
        let told = held(client).await;
        assert!(told.contains("Nothing was sent") && told.contains("Wait"), "{told}");
    }
    // With a credential of his own, he has a rate of his own.
    upstream.put(&bob, "his own key").await;
    assert_eq!(call(&bob_client, &upstream, 200).await, "{}");
    assert!(held(&ada_client).await.contains("Nothing was sent"));
}

#[tokio::test]
async fn one_breaker_for_all_who_share_a_credential() {
    let upstream = Upstream::start().await;
    let (_gateway, bob, [ada_client, bob_client]) = team(&upstream, "").await;
    for client in [&ada_client, &bob_client, &ada_client, &bob_client, &ada_client] {
        assert!(call(client, &upstream, 502).await.contains("502"));
    }
    for client in [&ada_client, &bob_client] {
        let told = held(client).await;
        assert!(told.contains("the last calls failed"), "{told}");
    }
    upstream.put(&bob, "his own key").await;
    assert_eq!(call(&bob_client, &upstream, 200).await, "{}");
    assert!(held(&ada_client).await.contains("the last calls failed"));
}

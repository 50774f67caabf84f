//! Vendors that are MCP servers and mean ill, or are broken: they cost the gateway little, learn nothing more, and tell
//! nobody what they know.

use std::sync::Arc;

use gateway_api::{health::HealthView, me::Me};
use gateway_server::telemetry;
use gateway_store::{
    Event, Topic,
    connections::{self, Owner},
};
use reqwest::StatusCode;
use serde_json::json;

use super::{
    client::{Client, text},
    remote::{KEYS, Remote, connect},
};

#[tokio::test]
async fn a_beginning_that_nobody_waits_for_ends() {
    let mut remote = Remote::modern().await;
    remote.hang();
    let gateway = remote.hasty_gateway().await;
    let browser = gateway.person("ada@msp.example").await;
    assert!(!connect(&browser, KEYS[0].0).await.is_success());
    remote.hear("hung up").await;
}

#[tokio::test]
async fn a_list_that_nobody_waits_for_is_cancelled() {
    for mut remote in [Remote::modern().await, Remote::with_sessions(StatusCode::NOT_FOUND).await] {
        let gateway = remote.hasty_gateway().await;
        let browser = gateway.person("ada@msp.example").await;
        assert_eq!(connect(&browser, KEYS[0].0).await, StatusCode::CREATED);
        remote.hang_lists();
        let client = Client::connect(&gateway, &browser).await;
        assert!(!client.tool_names().await.iter().any(|name| name.starts_with("acme_mcp__")));
        remote.hear("hung up").await;
    }
}

#[tokio::test]
async fn a_list_of_anything_is_not_kept() {
    let remote = Remote::modern().await;
    remote.offer(vec![json!(1); 100_000]);
    let gateway = remote.gateway().await;
    let browser = gateway.person("ada@msp.example").await;
    assert_eq!(connect(&browser, KEYS[0].0).await, StatusCode::CREATED);
    Client::connect(&gateway, &browser).await.tool_names().await;
    let health: HealthView = browser.get_json("/api/connections/acme-mcp/health").await;
    let tools = health.tools.unwrap();
    assert_eq!((tools.count, tools.left_out.len(), tools.problem), (0, 501, None));
    assert!(tools.left_out[500].reason.contains("more than the 500 tools"));
}

#[tokio::test]
async fn a_failure_in_the_words_of_a_lost_session_is_no_reason_to_write_twice() {
    let remote = Remote::with_sessions(StatusCode::NOT_FOUND).await;
    remote.close_desk();
    let gateway = remote.gateway().await;
    let browser = gateway.person("ada@msp.example").await;
    assert_eq!(connect(&browser, KEYS[0].0).await, StatusCode::CREATED);
    let client = Client::connect(&gateway, &browser).await;
    client.tool_names().await;
    let failed = client.call("acme_mcp__write", json!({})).await;
    assert!(failed["isError"] == true && text(&failed).contains("Written, but your desk"), "{failed}");
    assert_eq!(remote.writes(), 1);
}

#[tokio::test]
async fn what_a_server_says_to_a_reply_is_not_logged() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let filter = telemetry::filter("warn,rmcp=error,gateway_server=info").unwrap();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Arc::new(log.reopen().unwrap()))
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut remote = Remote::with_sessions(StatusCode::NOT_FOUND).await;
    remote.open_streams();
    let gateway = remote.gateway().await;
    let browser = gateway.person("ada@msp.example").await;
    assert_eq!(connect(&browser, KEYS[0].0).await, StatusCode::CREATED);
    let client = Client::connect(&gateway, &browser).await;
    client.tool_names().await;
    remote.hear("replied").await;
    for _ in 0..2 {
        assert!(text(&client.call("acme_mcp__who_am_i", json!({})).await).contains("ada"));
    }
    let log = std::fs::read_to_string(log.path()).unwrap();
    assert!(!log.contains(KEYS[0].0), "{log}");
}

/// What another replica has deleted, this one hears of as an event.
#[tokio::test]
async fn nothing_stays_open_with_a_credential_that_is_deleted() {
    let mut remote = Remote::with_sessions(StatusCode::NOT_FOUND).await;
    let gateway = remote.gateway().await;
    let browser = gateway.person("ada@msp.example").await;
    assert_eq!(connect(&browser, KEYS[0].0).await, StatusCode::CREATED);
    remote.open_streams();
    let client = Client::connect(&gateway, &browser).await;
    client.tool_names().await;
    remote.hear("streaming").await;
    let me: Me = browser.get_json("/api/me").await;
    let owner = Owner::personal(me.user.id);
    let state = &gateway.state;
    // Of a change that leaves it as it is, it hears nothing.
    state.forget(Event::Changed(Topic::Connections, owner.id)).await;
    assert!(text(&client.call("acme_mcp__who_am_i", json!({})).await).contains("ada"));
    assert_eq!(remote.counts().0, 2, "still the one that was opened");
    let mut transaction = state.database.write().await.unwrap();
    connections::delete_all(&mut transaction, owner).await.unwrap();
    transaction.commit().await.unwrap();
    state.forget(Event::Changed(Topic::Connections, owner.id)).await;
    remote.hear("stream ended").await;
}

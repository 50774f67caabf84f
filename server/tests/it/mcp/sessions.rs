//! Sessions of the older revisions over their whole life, on one replica and on two: who hears of changes, and what ends.

use std::time::Duration;

use gateway_api::me::Me;
use gateway_server::clock::hash_token;
use gateway_store::mcp_sessions::{self, McpSession};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::{
    client::{Client, MODERN, read, with_demo},
    messages::Messages,
};
use crate::{
    gateway::{Browser, Gateway},
    teams::world::demo_form,
};

const VERSION: &str = "2025-11-25";

/// `initialize` alone; the session's id.
async fn begin(client: &Client) -> String {
    let params =
        json!({"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    read(client.post(&body).send().await.unwrap()).await.session.unwrap()
}

async fn say_initialized(client: &Client, session: &str) {
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let answer = client.in_session(session, VERSION, &initialized).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
}

async fn get(client: &Client, session: &str) -> Response {
    client.request(Method::GET).header("Mcp-Session-Id", session).send().await.unwrap()
}

async fn end(client: &Client, session: &str) {
    let answer = client.request(Method::DELETE).header("Mcp-Session-Id", session).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
}

async fn connect_demo(browser: &Browser) {
    assert!(browser.put("/api/connections/demo", &demo_form()).await.status().is_success());
}

/// One change is told once; then the stream ends with the session.
async fn is_told_once(messages: &mut Messages, ending: impl Future<Output = ()>) {
    assert_eq!(messages.next().await["method"], "notifications/tools/list_changed");
    ending.await;
    assert_eq!(messages.next().await, Value::Null, "and nothing else");
}

/// The same client at another replica.
fn at(client: &Client, replica: &Gateway) -> Client {
    Client { url: format!("{}/v1/mcp", replica.url), ..client.clone() }
}

#[tokio::test]
async fn a_client_that_repeats_itself_hears_everything_once() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let session = begin(&client).await;
    for _ in 0..5 {
        say_initialized(&client, &session).await;
    }
    let mut messages = Messages::of(get(&client, &session).await);
    connect_demo(&browser).await;
    is_told_once(&mut messages, end(&client, &session)).await;
}

/// A balancer that sends every request to the next replica: the one with the stream never got `initialized`, the other one
/// brought the session back for it.
#[tokio::test]
async fn postgres_only_a_stream_hears_of_changes_whoever_was_told_of_the_beginning() {
    let (one, other) = Gateway::start_two().await;
    let browser = one.member("ada@msp.example").await;
    let here = Client::connect(&one, &browser).await;
    let there = at(&here, &other);
    for with_stream in [&here, &there] {
        let session = begin(&here).await;
        say_initialized(&there, &session).await;
        let mut messages = Messages::of(get(with_stream, &session).await);
        connect_demo(&browser).await;
        is_told_once(&mut messages, end(with_stream, &session)).await;
        assert!(browser.delete("/api/connections/demo").await.status().is_success());
    }
}

#[tokio::test]
async fn postgres_only_what_ends_on_one_replica_ends_its_stream_on_the_other() {
    let (one, other) = Gateway::start_two().await;
    let (_, here) = with_demo(&one, "ada@msp.example").await;
    let there = at(&here, &other);
    let session = here.initialize(VERSION).await;
    let mut messages = Messages::of(get(&here, &session).await);
    end(&there, &session).await;
    assert_eq!(messages.next().await, Value::Null);
    // So does the oldest one, when there are too many.
    let oldest = here.initialize(VERSION).await;
    let mut messages = Messages::of(get(&here, &oldest).await);
    for _ in 0..32 {
        one.clock.advance(Duration::from_secs(1));
        other.clock.advance(Duration::from_secs(1));
        begin(&there).await;
    }
    assert_eq!(messages.next().await, Value::Null);
}

#[tokio::test]
async fn a_stream_ends_with_its_grant() {
    let gateway = Gateway::start().await;
    let (browser, client) = with_demo(&gateway, "ada@msp.example").await;
    let (other_browser, other) = with_demo(&gateway, "bob@msp.example").await;
    let [session, of_other] = [client.initialize(VERSION).await, other.initialize(VERSION).await];
    let mut messages = Messages::of(get(&client, &session).await);
    let mut of_others = Messages::of(get(&other, &of_other).await);
    let grants: Value = browser.get_json("/api/grants").await;
    let id = grants["items"][0]["id"].as_str().unwrap();
    assert!(browser.delete(&format!("/api/grants/{id}")).await.status().is_success());
    assert_eq!(messages.next().await, Value::Null);
    assert!(other_browser.delete("/api/connections/demo").await.status().is_success());
    is_told_once(&mut of_others, end(&other, &of_other)).await;
}

#[tokio::test]
async fn what_is_kept_of_a_client_is_bounded() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let large = json!({"x": "y".repeat(20_000)});
    let params = json!({"protocolVersion": VERSION, "capabilities": {"experimental": {"large": large}},
        "clientInfo": {"name": "t", "version": "1"}});
    let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    let answer = read(client.post(&body).send().await.unwrap()).await;
    assert_eq!(answer.body["error"]["code"], -32602, "{}", answer.body);
    if let Some(session) = answer.session {
        assert_eq!(client.legacy(&session, "tools/list", json!({})).await.status, 404, "it has not begun");
    }
}

/// What a client may begin is limited; a session that is there, from before an update or on another replica, is carried on.
#[tokio::test]
async fn what_has_begun_is_carried_on_however_large_it_is() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let me: Me = browser.get_json("/api/me").await;
    let grants: Value = browser.get_json("/api/grants").await;
    let params = json!({"protocolVersion": VERSION, "clientInfo": {"name": "t", "version": "1"},
        "capabilities": {"experimental": {"large": {"x": "y".repeat(20_000)}}}});
    let now = gateway.clock.now();
    let session = McpSession {
        id_hash: hash_token("an-older-session"),
        user_id: Some(me.user.id),
        grant_id: serde_json::from_value(grants["items"][0]["id"].clone()).unwrap(),
        initialize_params: params.to_string(),
        created_at: now,
        expires_at: now.plus(Duration::from_secs(3600)),
    };
    let mut transaction = gateway.state.database.write().await.unwrap();
    mcp_sessions::insert(&mut transaction, &session).await.unwrap();
    transaction.commit().await.unwrap();
    let answer = client.legacy("an-older-session", "tools/list", json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// A body that does not arrive keeps nobody waiting but its own client.
#[tokio::test]
async fn a_stalled_request_does_not_stop_its_session() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let session = client.initialize(VERSION).await;
    let begun = futures::stream::iter([Ok::<_, std::io::Error>("{\"jsonrpc\": ")]);
    let endless = reqwest::Body::wrap_stream(futures::StreamExt::chain(begun, futures::stream::pending()));
    let stalled = client
        .request(Method::POST)
        .header("Mcp-Session-Id", &session)
        .header("Content-Type", "application/json")
        .body(endless);
    let stalled = tokio::spawn(stalled.send());
    // Until it has arrived, as far as it will: then others are answered all the same.
    for id in 0..20 {
        assert_eq!(client.legacy_as(id, &session, "ping", json!({})).await.status, 200);
    }
    assert!(!stalled.is_finished());
    stalled.abort();
    assert_eq!(client.modern("tools/list", json!({})).await.status, 200, "{MODERN}");
}

//! 2025-03-26 to 2025-11-25: `initialize`, and sessions.

use reqwest::{Method, header};
use serde_json::{Value, json};

use super::client::{Client, read, text, with_demo};
use crate::gateway::Gateway;

#[tokio::test]
async fn every_older_revision_is_served_in_its_form() {
    let gateway = Gateway::start().await;
    let (_, client) = with_demo(&gateway, "ada@msp.example").await;
    for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let session = client.initialize(version).await;
        let body = json!({"jsonrpc": "2.0", "id": "x", "method": "tools/list"});
        let answer = read(client.in_session(&session, version, &body).send().await.unwrap()).await;
        assert_eq!((answer.status, answer.content_type.as_str()), (200, "text/event-stream"), "{version}");
        assert_eq!(answer.body["id"], "x");
        let result = &answer.body["result"];
        assert!(result["tools"].as_array().unwrap().len() > 5);
        for newer in ["ttlMs", "cacheScope", "resultType", "_meta"] {
            assert_eq!(result.get(newer), None, "{version} {newer}");
        }
        let params = json!({"name": "demo__get_summary", "arguments": {}});
        let body = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params});
        let answer = read(client.in_session(&session, version, &body).send().await.unwrap()).await;
        let result = &answer.body["result"];
        assert_eq!((&result["isError"], result.get("resultType")), (&json!(false), None));
        assert!(serde_json::from_str::<Value>(text(result)).is_ok());
        assert_eq!(client.legacy(&session, "ping", json!({})).await.body["result"], json!({}));
    }
}

#[tokio::test]
async fn a_version_that_is_not_served_is_answered_with_one_that_is() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    for version in ["2024-11-05", "1999-01-01", "2026-07-28"] {
        let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let answer = read(client.post(&body).send().await.unwrap()).await;
        assert_eq!(answer.body["result"]["protocolVersion"], "2025-11-25", "{version}");
        assert_eq!(answer.body["result"]["serverInfo"]["name"], "msp-mcp-gateway");
    }
}

#[tokio::test]
async fn a_session_is_its_grants_alone() {
    let gateway = Gateway::start().await;
    let ada = gateway.member("ada@msp.example").await;
    let bob = gateway.member("bob@msp.example").await;
    let owner = Client::connect(&gateway, &ada).await;
    let other_client = Client::connect(&gateway, &ada).await;
    let other_person = Client::connect(&gateway, &bob).await;
    let session = owner.initialize("2025-11-25").await;
    for stranger in [&other_client, &other_person] {
        let answer = stranger.legacy(&session, "tools/list", json!({})).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (404, &json!(-32600)));
        for method in [Method::GET, Method::DELETE] {
            let request = stranger.request(method).header("Mcp-Session-Id", &session);
            assert_eq!(request.send().await.unwrap().status(), 404);
        }
    }
    let unknown = owner.legacy("1f2a", "tools/list", json!({})).await;
    let foreign = other_person.legacy(&session, "tools/list", json!({})).await;
    assert_eq!((unknown.status, unknown.body), (404, foreign.body), "unknown and foreign look alike");
    assert_eq!(owner.legacy(&"x".repeat(5000), "tools/list", json!({})).await.status, 404);
    assert_eq!(owner.legacy(&session, "tools/list", json!({})).await.status, 200, "it is still there");
}

#[tokio::test]
async fn the_newer_version_header_is_no_way_around_the_owner() {
    let gateway = Gateway::start().await;
    let ada = gateway.member("ada@msp.example").await;
    let bob = gateway.member("bob@msp.example").await;
    let owner = Client::connect(&gateway, &ada).await;
    let stranger = Client::connect(&gateway, &bob).await;
    let session = owner.initialize("2025-11-25").await;
    let params = json!({"protocolVersion": "2026-07-28", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    let request = stranger.in_session(&session, "2026-07-28", &body).header("Mcp-Method", "initialize");
    let answer = read(request.send().await.unwrap()).await;
    assert_ne!(answer.session.as_deref(), Some(session.as_str()));
    assert!(answer.session.is_some(), "a session of its own");
}

#[tokio::test]
async fn a_session_that_was_ended_is_gone() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let session = client.initialize("2025-11-25").await;
    let delete = || client.request(Method::DELETE).header("Mcp-Session-Id", &session).send();
    assert_eq!(delete().await.unwrap().status(), 202);
    assert_eq!(client.legacy(&session, "tools/list", json!({})).await.status, 404);
    assert_eq!(delete().await.unwrap().status(), 404);
    let stream = client.request(Method::GET).header("Mcp-Session-Id", &session).send().await.unwrap();
    assert_eq!(stream.status(), 404);
}

#[tokio::test]
async fn a_session_has_a_stream_and_needs_its_id() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let session = client.initialize("2025-11-25").await;
    let stream = client.request(Method::GET).header("Mcp-Session-Id", &session).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    gateway.state.mcp.stop();
    assert_eq!(stream.text().await.unwrap(), "", "a gateway that stops ends its streams");

    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let answer = read(client.post(&body).send().await.unwrap()).await;
    assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!(-32600)));
    let answer = read(client.request(Method::GET).send().await.unwrap()).await;
    assert_eq!(answer.status, 400);
    let request = client.in_session(&session, "2001-01-01", &body);
    assert_eq!(read(request.send().await.unwrap()).await.status, 400, "a version that never was");
}

#[tokio::test]
async fn a_grant_has_a_bounded_number_of_sessions() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let first = client.initialize("2025-11-25").await;
    for _ in 0..32 {
        gateway.clock.advance(std::time::Duration::from_secs(1));
        client.initialize("2025-11-25").await;
    }
    assert_eq!(client.legacy(&first, "tools/list", json!({})).await.status, 404);
}

#[tokio::test]
async fn postgres_only_another_replica_carries_a_session_on() {
    let (one, other) = Gateway::start_two().await;
    let (_, client) = with_demo(&one, "ada@msp.example").await;
    let session = client.initialize("2025-11-25").await;
    let elsewhere = Client { url: format!("{}/v1/mcp", other.url), ..client.clone() };
    let answer = elsewhere.legacy(&session, "tools/call", json!({"name": "gateway__list_connections"})).await;
    assert_eq!(answer.body["result"]["isError"], false, "{:?}", answer.body);
    let ended = elsewhere.request(Method::DELETE).header("Mcp-Session-Id", &session).send().await.unwrap();
    assert_eq!(ended.status(), 202);
    for _ in 0..500 {
        if client.legacy(&session, "ping", json!({})).await.status == 404 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the first replica still has the session");
}

#[tokio::test]
async fn postgres_only_many_requests_at_once_bring_a_session_back() {
    let (one, other) = Gateway::start_two().await;
    let (_, client) = with_demo(&one, "ada@msp.example").await;
    let elsewhere = Client { url: format!("{}/v1/mcp", other.url), ..client.clone() };
    for _ in 0..10 {
        let session = client.initialize("2025-11-25").await;
        let requests = (0..12).map(|_| elsewhere.legacy(&session, "ping", json!({})));
        for answer in futures::future::join_all(requests).await {
            assert_eq!((answer.status, &answer.body["result"]), (200, &json!({})), "{:?}", answer.body);
        }
    }
}

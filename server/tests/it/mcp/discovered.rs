//! Vendors that are MCP servers themselves: what of their tools is listed, how calls reach them, and that their troubles
//! stay their own.

use std::time::{Duration, Instant};

use gateway_api::health::HealthView;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    client::{Client, read, text, tool_calls},
    remote::{KEYS, Remote, connect},
};
use crate::gateway::{Browser, Gateway};

const LISTED: [&str; 6] = [
    "acme_mcp__add",
    "acme_mcp__fail",
    "acme_mcp__slow",
    "acme_mcp__who_am_i",
    "acme_mcp__wipe",
    "acme_mcp__write",
];

/// A person who has connected the server with a key, and their client.
async fn connected(gateway: &Gateway, email: &str, key: &str) -> (Browser, Client) {
    let browser = gateway.person(email).await;
    assert_eq!(connect(&browser, key).await, StatusCode::CREATED);
    let client = Client::connect(gateway, &browser).await;
    (browser, client)
}

async fn acme_tools(client: &Client) -> Vec<String> {
    client.tool_names().await.into_iter().filter(|name| name.starts_with("acme_mcp__")).collect()
}

#[tokio::test]
async fn tools_of_a_server_are_listed_and_called_in_both_eras() {
    for remote in [Remote::modern().await, Remote::with_sessions(StatusCode::NOT_FOUND).await] {
        let gateway = remote.gateway().await;
        let (browser, client) = connected(&gateway, "ada@msp.example", KEYS[0].0).await;
        assert_eq!(acme_tools(&client).await, LISTED);
        let result = client.call("acme_mcp__who_am_i", json!({})).await;
        assert_eq!(text(&result), "You are ada, and your key is [redacted].");
        let result = client.call("acme_mcp__add", json!({"a": 2, "b": 3})).await;
        assert!(text(&result).starts_with("5 (header: "), "{result}");
        let failed = client.call("acme_mcp__fail", json!({})).await;
        assert_eq!(failed["isError"], true);
        assert!(text(&failed).contains("No, ada: [redacted] may not do that."), "{failed}");
        let rows = tool_calls(&gateway, &browser).await;
        let told: Vec<_> = rows.iter().map(|row| (row.outcome.as_str(), row.reason.as_deref())).collect();
        assert_eq!(told, [("error", Some("tool_error")), ("ok", None), ("ok", None)]);
        assert!(rows.iter().all(|row| row.vendor.as_deref() == Some("acme-mcp")));
        // One connection to prove the key, and one that is kept.
        assert_eq!(remote.counts(), (2, 2));
    }
}

#[tokio::test]
async fn annotated_arguments_are_repeated_for_the_server_and_not_asked_of_the_client() {
    let remote = Remote::modern().await;
    let gateway = remote.gateway().await;
    let (_, client) = connected(&gateway, "ada@msp.example", KEYS[0].0).await;
    let answer = client.modern("tools/list", json!({})).await;
    assert!(!answer.body.to_string().contains("x-mcp-header"));
    let result = client.call("acme_mcp__add", json!({"a": 2, "b": 3})).await;
    assert_eq!(text(&result), "5 (header: Some(\"3\"))");
    let refused = client.call("acme_mcp__add", json!({"a": 2})).await;
    assert!(text(&refused).contains("Invalid arguments, says the server."), "{refused}");
}

#[tokio::test]
async fn two_tenants_never_meet() {
    let remote = Remote::with_sessions(StatusCode::NOT_FOUND).await;
    let gateway = remote.gateway().await;
    let (_, ada) = connected(&gateway, "ada@msp.example", KEYS[0].0).await;
    let (_, bob) = connected(&gateway, "bob@msp.example", KEYS[1].0).await;
    let calls = (0..40).map(|number| {
        let (client, name) = if number % 2 == 0 { (&ada, "ada") } else { (&bob, "bob") };
        async move {
            let result = client.call("acme_mcp__who_am_i", json!({})).await;
            assert_eq!(text(&result), format!("You are {name}, and your key is [redacted]."));
        }
    });
    futures::future::join_all(calls).await;
    let nobody = gateway.person("eve@msp.example").await;
    let eve = Client::connect(&gateway, &nobody).await;
    assert!(acme_tools(&eve).await.is_empty());
    let refused = eve.call("acme_mcp__who_am_i", json!({})).await;
    assert!(text(&refused).contains("not connected"), "{refused}");
}

#[tokio::test]
async fn a_wrong_key_is_not_stored() {
    let remote = Remote::modern().await;
    let gateway = remote.gateway().await;
    let browser = gateway.person("ada@msp.example").await;
    let form = json!({"fields": {"key": "wrong-key-of-ada"}});
    let answer = browser.put("/api/connections/acme-mcp", &form).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let body = answer.text().await.unwrap();
    assert!(body.contains("The key [redacted] is wrong"), "{body}");
}

#[tokio::test]
async fn what_is_left_out_is_told_with_its_reason() {
    let remote = Remote::modern().await;
    remote.spoil();
    let gateway = remote.gateway().await;
    let (browser, client) = connected(&gateway, "ada@msp.example", KEYS[0].0).await;
    assert_eq!(acme_tools(&client).await, LISTED[1..]);
    let overview: Value =
        serde_json::from_str(text(&client.call("gateway__list_connections", json!({})).await)).unwrap();
    let acme = &overview["connections"][0];
    assert_eq!((acme["vendor"].as_str(), acme["tools"].as_u64()), (Some("acme-mcp"), Some(5)));
    let left_out = acme["left_out"].as_array().unwrap();
    let reasons: Vec<_> = left_out.iter().map(|one| one["reason"].as_str().unwrap()).collect();
    let words = ["as headers", "characters", "schemas.example", "no schema", "no name"];
    assert_eq!(reasons.len(), words.len(), "{reasons:?}");
    for (reason, word) in reasons.iter().zip(words) {
        assert!(reason.contains(word), "{word}: {reasons:?}");
    }
    let health: HealthView = browser.get_json("/api/connections/acme-mcp/health").await;
    let tools = health.tools.unwrap();
    assert_eq!((tools.count, tools.left_out.len(), tools.problem), (5, 5, None));
    assert_eq!(tools.left_out[2].name, "network");
}

#[tokio::test]
async fn tools_of_a_server_are_found() {
    let remote = Remote::modern().await;
    let gateway = remote.gateway().await;
    let (_, client) = connected(&gateway, "ada@msp.example", KEYS[0].0).await;
    let found = client.call("gateway__search_tools", json!({"query": "add numbers"})).await;
    let found: Value = serde_json::from_str(text(&found)).unwrap();
    assert_eq!(found[0]["name"], "acme_mcp__add");
    // The vendor's own endpoint has the same tools, and no others.
    let only = client.at(&gateway, "/v1/acme-mcp/mcp").tool_names().await;
    assert_eq!(only, [&LISTED[..], &["gateway__list_connections"]].concat());
}

#[tokio::test]
async fn a_lost_session_is_renewed() {
    for lost in [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST] {
        let remote = Remote::with_sessions(lost).await;
        let gateway = remote.gateway().await;
        let (_, client) = connected(&gateway, "ada@msp.example", KEYS[0].0).await;
        assert_eq!(text(&client.call("acme_mcp__write", json!({})).await), "write done");
        remote.forget_sessions();
        assert_eq!(text(&client.call("acme_mcp__write", json!({})).await), "write done", "{lost}");
    }
}

#[tokio::test]
async fn a_dead_server_keeps_its_list_and_harms_nobody() {
    let remote = Remote::modern().await;
    let gateway = remote.gateway().await;
    let (browser, client) = connected(&gateway, "ada@msp.example", KEYS[0].0).await;
    let demo = json!({"fields": {"api_key": "demo-key"}});
    assert_eq!(browser.put("/api/connections/demo", &demo).await.status(), StatusCode::CREATED);
    assert_eq!(acme_tools(&client).await, LISTED);
    remote.set_down(true);
    assert_eq!(acme_tools(&client).await, LISTED);
    let failed = client.call("acme_mcp__who_am_i", json!({})).await;
    assert!(failed["isError"] == true && text(&failed).contains("502"), "{failed}");
    let good = client.call("demo__get_summary", json!({})).await;
    assert_ne!(good["isError"], true, "{good}");
    remote.set_down(false);
    assert!(text(&client.call("acme_mcp__who_am_i", json!({})).await).contains("ada"));
}

#[tokio::test]
async fn a_server_that_hangs_delays_one_list_a_moment() {
    let remote = Remote::modern().await;
    let gateway = remote.gateway().await;
    let (browser, client) = connected(&gateway, "ada@msp.example", KEYS[0].0).await;
    let demo = json!({"fields": {"api_key": "demo-key"}});
    assert_eq!(browser.put("/api/connections/demo", &demo).await.status(), StatusCode::CREATED);
    remote.hang();
    let first = client.tool_names().await;
    assert!(first.iter().any(|name| name.starts_with("demo__")), "{first:?}");
    assert!(!first.iter().any(|name| name.starts_with("acme_mcp__")), "it was never heard");
    let started = Instant::now();
    assert_eq!(client.tool_names().await, first);
    assert!(started.elapsed() < Duration::from_secs(2), "nobody waits again: {:?}", started.elapsed());
    let call = client.call("acme_mcp__who_am_i", json!({})).await;
    assert!(call["isError"] == true && text(&call).contains("tools are not known"), "{call}");
}

#[tokio::test]
async fn a_client_that_hangs_up_stops_the_servers_request() {
    for mut remote in [Remote::modern().await, Remote::with_sessions(StatusCode::NOT_FOUND).await] {
        let gateway = remote.gateway().await;
        let (_, client) = connected(&gateway, "ada@msp.example", KEYS[0].0).await;
        acme_tools(&client).await;
        let request =
            client.modern_request("tools/call", &json!({"name": "acme_mcp__slow", "arguments": {}}));
        let call = tokio::spawn(request.send());
        assert_eq!(remote.events.recv().await, Some("begun"));
        // Meanwhile another call with the same credential is answered.
        assert!(text(&client.call("acme_mcp__who_am_i", json!({})).await).contains("ada"));
        call.abort();
        assert_eq!(remote.events.recv().await, Some("hung up"));
    }
}

#[tokio::test]
async fn scopes_hold_for_tools_of_a_server() {
    let remote = Remote::modern().await;
    let gateway = remote.gateway().await;
    let (browser, client) = connected(&gateway, "ada@msp.example", KEYS[0].0).await;
    let answer = client.modern("tools/list", json!({})).await;
    let hints = |name: &str| {
        let tools = answer.body["result"]["tools"].as_array().unwrap();
        tools.iter().find(|tool| tool["name"] == name).unwrap()["annotations"].clone()
    };
    assert_eq!(hints("acme_mcp__who_am_i")["readOnlyHint"], true);
    assert_eq!(hints("acme_mcp__write")["destructiveHint"], true, "what is not denied is believed");
    let reader = Client::connect_with_scope(&gateway, &browser, "mcp:read").await;
    reader.tool_names().await;
    assert!(text(&reader.call("acme_mcp__who_am_i", json!({})).await).contains("ada"));
    let request = reader.modern_request("tools/call", &json!({"name": "acme_mcp__wipe", "arguments": {}}));
    assert_eq!(read(request.send().await.unwrap()).await.status, 403);
}

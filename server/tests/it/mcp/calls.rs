//! `tools/call`, and what the audit log says about it.

use std::time::Duration;

use gateway_api::me::Me;
use gateway_store::{Database, Purpose, Transaction};
use serde_json::{Value, json};

use super::{
    client::{Client, text, tool_calls, with_demo},
    upstream::Upstream,
};
use crate::gateway::Gateway;

#[tokio::test]
async fn a_call_brings_the_vendors_json_and_a_row() {
    let gateway = Gateway::start().await;
    let (browser, client) = with_demo(&gateway, "ada@msp.example").await;
    let result = client.call("demo__search_tickets", json!({"status": "new", "page_size": 2})).await;
    assert_eq!((&result["isError"], &result["resultType"]), (&json!(false), &json!("complete")));
    assert_eq!(result.get("structuredContent"), None, "sending both doubles the answer");
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "msp-mcp-gateway");
    let (answer, note) = text(&result).split_once("\n\n").unwrap();
    assert_eq!(note, "[A full page: there may be more; page=2.]");
    let answer: Value = serde_json::from_str(answer).unwrap();
    assert_eq!(answer["items"].as_array().unwrap().len(), 2);

    let me: Me = browser.get_json("/api/me").await;
    let rows = tool_calls(&gateway, &browser).await;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(row.organization_id, Some(me.organization_id.to_string()));
    assert_eq!(row.user_id, Some(me.user.id.to_string()));
    assert_eq!(row.actor, "Ada Lovelace");
    assert_eq!(row.client_name.as_deref(), Some("Claude Code (test)"));
    assert!(row.client_id.is_some() && row.request_id.is_some() && row.duration_us.is_some());
    assert_eq!((row.vendor.as_deref(), row.tool.as_deref()), (Some("demo"), Some("demo__search_tickets")));
    assert_eq!((row.outcome.as_str(), row.reason.as_deref()), ("ok", None));
    assert_eq!(row.credential_scope.as_deref(), Some("personal"));
}

#[tokio::test]
async fn unknown_tools_get_the_same_answer() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let mut answers = Vec::new();
    for tool in ["demo__nothing", "nobody__nothing", "gateway__nothing", "x"] {
        let answer = client.modern("tools/call", json!({"name": tool, "arguments": {}})).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (200, &json!(-32602)), "{tool}");
        let message = answer.body["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&format!("{}/settings", gateway.url)), "{message}");
        answers.push(message.replace(tool, "TOOL"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let rows = tool_calls(&gateway, &browser).await;
    let reasons: Vec<_> = rows.iter().rev().map(|row| row.reason.as_deref().unwrap()).collect();
    assert_eq!(reasons, ["unknown_tool"; 4]);
    assert!(rows.iter().all(|row| row.outcome == "denied" && row.credential_scope.is_none()));
}

#[tokio::test]
async fn wrong_arguments_are_explained_and_not_sent() {
    let upstream = Upstream::start().await;
    let (gateway, browser, client) = upstream.connected().await;
    for arguments in [json!({}), json!({"id": "one"}), json!({"id": 0}), json!({"id": 1, "more": true})] {
        // Nobody answers upstream: a request would wait.
        let result = client.call("desk__get_ticket", arguments.clone()).await;
        assert_eq!(result["isError"], true, "{arguments}");
        let text = text(&result);
        assert!(text.starts_with("Test desk: Invalid arguments") && text.contains("call again"), "{text}");
    }
    let rows = tool_calls(&gateway, &browser).await;
    assert_eq!(rows.len(), 4);
    assert!(
        rows.iter().all(|row| row.outcome == "error" && row.reason.as_deref() == Some("invalid_arguments"))
    );
}

#[tokio::test]
async fn arguments_that_are_no_object_are_no_request() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    for params in [
        json!({"name": "gateway__list_connections", "arguments": [1]}),
        json!({"name": "gateway__list_connections", "arguments": "x"}),
    ] {
        let answer = client.modern("tools/call", params.clone()).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (200, &json!(-32602)), "{params}");
    }
}

#[tokio::test]
async fn a_refused_credential_shows_until_it_works_again() {
    let upstream = Upstream::start().await;
    let (gateway, browser, client) = upstream.connected().await;
    let call = || client.call("desk__get_ticket", json!({"id": 1}));
    let refused = async {
        upstream.answer(401, r#"{"message": "key revoked"}"#).await;
        upstream.answer(401, r#"{"message": "who are you?"}"#).await;
    };
    let (result, ()) = tokio::join!(call(), refused);
    assert_eq!(result["isError"], true);
    let told = text(&result);
    assert!(told.contains("401") && told.contains("key revoked"), "{told}");
    assert!(told.contains(&format!("{}/settings", gateway.url)), "{told}");
    let connection = wait_for(&client, "needs_attention").await;
    let told = connection["needs_attention"].as_str().unwrap();
    assert!(told.contains("was revoked") && !told.contains("key revoked"), "in our own words: {told}");
    let shown: Value = browser.get_json("/api/connections").await;
    assert_eq!(shown["items"][0]["state"], "needs_attention");
    assert!(client.tool_names().await.contains(&"desk__get_ticket".to_owned()), "it stays visible");

    let (result, ()) = tokio::join!(call(), upstream.answer(200, r#"{"id": 1}"#));
    assert_eq!((&result["isError"], text(&result)), (&json!(false), r#"{"id": 1}"#));
    wait_for(&client, "connected").await;
    let rows = tool_calls(&gateway, &browser).await;
    let refused = rows.iter().find(|row| row.outcome == "error").unwrap();
    assert_eq!(refused.reason.as_deref(), Some("credential_refused (HTTP 401)"));
}

/// What `gateway__list_connections` says about the one connection, once it is in this state.
async fn wait_for(client: &Client, state: &str) -> Value {
    for _ in 0..500 {
        let result = client.call("gateway__list_connections", json!({})).await;
        let overview: Value = serde_json::from_str(text(&result)).unwrap();
        if overview["connections"][0]["state"] == state {
            return overview["connections"][0].clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never became {state}");
}

#[tokio::test]
async fn a_replaced_key_is_used_at_once() {
    let upstream = Upstream::start().await;
    let (_gateway, browser, client) = upstream.connected().await;
    let call = || client.call("desk__get_ticket", json!({"id": 1}));
    let (_, ()) = tokio::join!(call(), upstream.answer(200, "{}"));
    upstream.put(&browser, "another key").await;
    let seen = async {
        let waiting = upstream.accept().await;
        let head = waiting.head.clone();
        waiting.answer(200, "{}").await;
        head
    };
    let (_, head) = tokio::join!(call(), seen);
    assert!(head.contains("another key") && !head.contains("the key\r"), "{head}");
    assert!(!head.to_lowercase().contains("authorization"), "the client's token goes nowhere");
}

#[tokio::test]
async fn connections_are_told_with_what_needs_attention() {
    let gateway = Gateway::start().await;
    let (browser, client) = with_demo(&gateway, "ada@msp.example").await;
    let result = client.call("gateway__list_connections", json!({})).await;
    let overview: Value = serde_json::from_str(text(&result)).unwrap();
    let connection = &overview["connections"][0];
    assert_eq!((&connection["vendor"], &connection["state"]), (&json!("demo"), &json!("connected")));
    assert_eq!(connection["credential"], "personal");
    assert!(connection["why"].as_str().unwrap().contains("your own"));
    assert!(connection["tools"].as_u64().unwrap() > 5);
    let others = overview["not_connected"].as_array().unwrap();
    assert!(others.iter().any(|vendor| vendor["vendor"] == "itglue"));
    assert!(others.iter().all(|vendor| vendor["vendor"] != "demo"));
    assert_eq!(overview["settings"], format!("{}/settings", gateway.url));
    let rows = tool_calls(&gateway, &browser).await;
    assert_eq!(
        (rows[0].tool.as_deref(), rows[0].outcome.as_str()),
        (Some("gateway__list_connections"), "ok")
    );
}

#[tokio::test]
async fn too_many_calls_are_told_to_wait() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let calls = (0..600).map(|_| client.call("gateway__list_connections", json!({})));
    let results = futures::future::join_all(calls).await;
    let refused = results.iter().filter(|result| result["isError"] == true).collect::<Vec<_>>();
    assert!(!refused.is_empty() && refused.len() < 400, "{}", refused.len());
    assert!(text(refused[0]).contains("Wait 1 s"), "{}", text(refused[0]));
    let other = Client::connect(&gateway, &browser).await;
    assert_eq!(
        other.call("gateway__list_connections", json!({})).await["isError"],
        false,
        "each grant on its own"
    );
    let me: Me = browser.get_json("/api/me").await;
    let mut connection = gateway.state.database.read().await.unwrap();
    let rows = gateway_store::audit::list(&mut connection, me.organization_id, 1000).await.unwrap();
    let denied = rows.iter().filter(|row| row.reason.as_deref() == Some("rate_limited_by_gateway"));
    assert_eq!(denied.filter(|row| row.outcome == "denied").count(), refused.len());
}

/// `PostgreSQL` has many writers, so one that waits does not hold up the audit log.
#[tokio::test]
async fn sqlite_only_there_is_no_answer_before_the_row_is_durable() {
    let gateway = Gateway::start().await;
    let (browser, client) = with_demo(&gateway, "ada@msp.example").await;
    client.call("demo__get_summary", json!({})).await;
    let writer = gateway.state.database.write().await.unwrap();
    let call = client.call("demo__get_summary", json!({}));
    tokio::pin!(call);
    let early = tokio::time::timeout(Duration::from_millis(300), &mut call).await;
    assert!(early.is_err(), "answered without a row");
    assert_eq!(tool_calls(&gateway, &browser).await.len(), 1);
    drop(writer);
    assert_eq!(call.await["isError"], false);
    assert_eq!(tool_calls(&gateway, &browser).await.len(), 2);
}

/// Makes every audit row fail, until it is mended: on `SQLite` because another process keeps the write lock for longer
/// than anybody waits, on `PostgreSQL` because the table is gone.
enum Broken {
    Locked(Box<(Database, Transaction)>),
    Gone(String),
}

impl Broken {
    async fn audit_of(gateway: &Gateway) -> Self {
        if gateway.state.database.engine_name() == "sqlite" {
            let other = Database::open(&gateway.database_url, Purpose::Command).await.unwrap();
            let writer = other.write().await.unwrap();
            return Self::Locked(Box::new((other, writer)));
        }
        execute(&gateway.database_url, "ALTER TABLE audit_events RENAME TO lost").await;
        Self::Gone(gateway.database_url.clone())
    }

    async fn mend(self) {
        match self {
            // Dropping the transaction rolls it back in a task of its own; committing it waits until it is over.
            Self::Locked(locked) => locked.1.commit().await.unwrap(),
            Self::Gone(url) => execute(&url, "ALTER TABLE lost RENAME TO audit_events").await,
        }
    }
}

async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
}

#[tokio::test]
async fn a_call_whose_row_cannot_be_written_gives_nothing_out() {
    let gateway = Gateway::start().await;
    let (browser, client) = with_demo(&gateway, "ada@msp.example").await;
    let broken = Broken::audit_of(&gateway).await;
    let answer = client.modern("tools/call", json!({"name": "demo__get_summary", "arguments": {}})).await;
    assert_eq!((answer.status, &answer.body["error"]["code"]), (200, &json!(-32603)), "{}", answer.body);
    assert!(answer.body["error"]["message"].as_str().unwrap().contains("audit log"), "{}", answer.body);
    assert_eq!(answer.body.get("result"), None);
    broken.mend().await;
    assert!(tool_calls(&gateway, &browser).await.is_empty());
    client.call("demo__get_summary", json!({})).await;
    assert_eq!(tool_calls(&gateway, &browser).await.len(), 1, "the next one is recorded again");
}

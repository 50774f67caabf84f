//! The client's trace, from a request's `_meta` to what the gateway logs about the call (MCP 2026-07-28, basic, `_meta`).

use std::sync::Arc;

use serde_json::{Value, json};
use tracing_subscriber::fmt::format::FmtSpan;

use super::client::{Client, MODERN, modern_body, read, tool_calls, with_demo};
use crate::gateway::Gateway;

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT_ID: &str = "00f067aa0ba902b7";

/// Calls a tool with this in `_meta`.
async fn call(client: &Client, traceparent: &Value) {
    let mut body = modern_body("tools/call", &json!({"name": "demo__get_summary", "arguments": {}}));
    body["params"]["_meta"]["traceparent"] = traceparent.clone();
    body["params"]["_meta"]["tracestate"] = json!("vendor=opaque");
    body["params"]["_meta"]["baggage"] = json!("userId=alice");
    let request = client
        .post(&body)
        .header("MCP-Protocol-Version", MODERN)
        .header("Mcp-Method", "tools/call")
        .header("Mcp-Name", "demo__get_summary");
    let answer = read(request.send().await.unwrap()).await;
    assert_eq!(answer.body["result"]["isError"], false, "{}", answer.body);
}

/// What is logged of a span when it ends.
fn spans(log: &str, name: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["span"]["name"] == name && line["fields"]["message"] == "close").collect()
}

#[tokio::test]
async fn a_call_is_logged_under_the_trace_of_its_client() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(gateway_server::telemetry::filter("warn,gateway_server=info").unwrap())
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(Arc::new(log.reopen().unwrap()))
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let gateway = Gateway::start().await;
    let (browser, client) = with_demo(&gateway, "ada@msp.example").await;
    call(&client, &json!(format!("00-{TRACE_ID}-{PARENT_ID}-01"))).await;
    // What is not of its form is passed over, and the call goes on.
    for malformed in [json!(format!("00-{TRACE_ID}-{PARENT_ID}")), json!(7), json!("\n")] {
        call(&client, &malformed).await;
    }

    let log = std::fs::read_to_string(log.path()).unwrap();
    let calls = spans(&log, "tools/call");
    let ids: Vec<_> =
        calls.iter().map(|call| (&call["span"]["trace_id"], &call["span"]["parent_id"])).collect();
    assert_eq!(ids[0], (&json!(TRACE_ID), &json!(PARENT_ID)));
    assert!(ids.len() == 4 && ids[1..].iter().all(|ids| *ids == (&Value::Null, &Value::Null)), "{ids:?}");
    // The same id leads from the trace to the audit log.
    let rows = tool_calls(&gateway, &browser).await;
    assert_eq!(calls[0]["span"]["request_id"].as_str(), rows[3].request_id.as_deref());
    assert!(!log.contains("alice") && !log.contains("opaque"), "what nothing here reads is not logged");
}

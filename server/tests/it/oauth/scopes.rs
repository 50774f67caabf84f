//! What a token may do: what the person left ticked, what a client asks for later, and what it hears in between.

use std::collections::BTreeMap;

use gateway_api::{Page, grants::GrantView};
use gateway_store::{Event, Topic, audit::AuditRow};
use reqwest::{RequestBuilder, header};
use serde_json::{Value, json};

use super::flow::{Flow, Tokens, good, with};
use crate::{
    mcp::client::{Client, text},
    teams::world::{connect_demo, insert_grant},
};

const ALL: &str = "mcp:read mcp:write mcp:admin";
const READ: &str = "demo__get_summary";
const WRITE: &str = "demo__create_ticket";
const DELETE: &str = "demo__delete_ticket";

/// An MCP client with these tokens.
fn client(flow: &Flow, tokens: &Tokens) -> Client {
    Client { http: flow.gateway.browser().http, url: flow.mcp_url(), token: tokens.access_token.clone() }
}

/// The challenge of a 403, by name; fails if the answer is none.
async fn challenge(request: RequestBuilder) -> BTreeMap<String, String> {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
    let told = answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"], "insufficient_scope");
    let parts = told.strip_prefix("Bearer ").unwrap().split(", ");
    let parts = parts.map(|part| part.split_once('=').unwrap());
    parts.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}

async fn last_call(flow: &Flow) -> AuditRow {
    flow.audit("tool.call").await
}

#[tokio::test]
async fn a_tool_beyond_the_token_asks_for_more() {
    let flow = Flow::start().await;
    connect_demo(&flow.browser, "/api").await;
    let client = client(&flow, &flow.tokens_for("mcp:read", &["mcp:read"]).await);
    assert_eq!(client.call(READ, json!({})).await["isError"], false);
    let names = client.tool_names().await;
    assert!(names.iter().any(|name| name == WRITE) && names.iter().any(|name| name == DELETE), "{names:?}");

    for (tool, scope) in [(WRITE, "mcp:read mcp:write"), (DELETE, ALL)] {
        let params = json!({"name": tool, "arguments": {}});
        let told = challenge(client.modern_request("tools/call", &params)).await;
        assert_eq!((told["error"].as_str(), told["scope"].as_str()), ("insufficient_scope", scope));
        let metadata = format!("{}/.well-known/oauth-protected-resource/v1/mcp", flow.gateway.url);
        assert_eq!(told["resource_metadata"], metadata);
        let row = last_call(&flow).await;
        assert_eq!((row.outcome.as_str(), row.reason.as_deref()), ("denied", Some("insufficient_scope")));
        assert_eq!((row.tool.as_deref(), row.vendor.as_deref()), (Some(tool), Some("demo")));
    }
    let inner = json!({"name": "gateway__call_tool", "arguments": {"name": WRITE, "arguments": {}}});
    let told = challenge(client.modern_request("tools/call", &inner)).await;
    assert_eq!(told["scope"], "mcp:read mcp:write");

    let session = client.initialize("2025-11-25").await;
    let params = json!({"name": WRITE, "arguments": {}});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    challenge(client.in_session(&session, "2025-11-25", &body)).await;
}

#[tokio::test]
async fn a_client_that_steps_up_may_call() {
    let flow = Flow::start().await;
    connect_demo(&flow.browser, "/api").await;
    let tokens = flow.tokens_for(ALL, &["mcp:read", "mcp:write", "mcp:admin"]).await;
    assert_eq!(tokens.scope, ALL);
    let client = client(&flow, &tokens);
    let made = client.call(WRITE, json!({"subject": "Printer on fire", "customer_id": 1})).await;
    assert_ne!(made["content"][0]["text"], Value::Null);
    assert_ne!(last_call(&flow).await.outcome, "denied");
}

#[tokio::test]
async fn what_the_person_declined_is_not_listed_and_says_where_to_change_it() {
    let flow = Flow::start().await;
    connect_demo(&flow.browser, "/api").await;
    let tokens = flow.tokens_for(ALL, &["mcp:read"]).await;
    assert_eq!(tokens.scope, "mcp:read", "the client is told what it got");
    let client = client(&flow, &tokens);
    let names = client.tool_names().await;
    assert!(names.iter().any(|name| name == READ), "{names:?}");
    assert!(!names.iter().any(|name| name == WRITE || name == DELETE), "{names:?}");
    for tool in [WRITE, DELETE] {
        let result = client.call(tool, json!({})).await;
        assert_eq!(result["isError"], true);
        let settings = format!("{}/settings", flow.gateway.url);
        assert!(text(&result).contains(&settings) && text(&result).contains("nothing was sent"), "{result}");
        let row = last_call(&flow).await;
        assert_eq!((row.outcome.as_str(), row.reason.as_deref()), ("denied", Some("scope_declined")));
    }
    let consent = flow.audit("grant.create").await;
    assert_eq!(consent.reason.as_deref(), Some("without mcp:write mcp:admin"));
    let grants: Page<GrantView> = flow.browser.get_json("/api/grants").await;
    assert_eq!(grants.items[0].scope, "mcp:read");
}

#[tokio::test]
async fn a_message_that_hides_its_tool_gets_no_further() {
    let flow = Flow::start().await;
    connect_demo(&flow.browser, "/api").await;
    let client = client(&flow, &flow.tokens_for("mcp:read", &["mcp:read"]).await);
    let session = client.initialize("2025-11-25").await;
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{READ}","name":"{WRITE}","arguments":{{}}}}}}"#
    );
    let request = client.in_session(&session, "2025-11-25", &json!({}));
    let answer = request.body(body).send().await.unwrap().text().await.unwrap();
    assert!(answer.contains("isError\":true") || answer.contains("\"error\""), "{answer}");
    assert!(!answer.contains("\"isError\":false"), "{answer}");
}

#[tokio::test]
async fn a_refreshed_token_may_be_good_for_less() {
    let flow = Flow::start().await;
    connect_demo(&flow.browser, "/api").await;
    let tokens = flow.tokens_for(ALL, &["mcp:read", "mcp:write"]).await;
    assert_eq!(tokens.scope, "mcp:read mcp:write");
    let form = with(&flow.refreshing(&tokens.refresh_token), "scope", "mcp:read");
    let narrowed = client(&flow, &good(flow.token(&form).await).await);
    let params = json!({"name": WRITE, "arguments": {}});
    challenge(narrowed.modern_request("tools/call", &params)).await;
    let whole = client(&flow, &tokens);
    let result = whole.call(WRITE, json!({})).await;
    assert!(text(&result).contains("Invalid arguments"), "allowed, only not complete: {result}");
}

#[tokio::test]
async fn a_grant_of_the_first_release_may_do_everything() {
    let flow = Flow::start().await;
    connect_demo(&flow.browser, "/api").await;
    let tokens = flow.tokens().await;
    // As the first release wrote it.
    let grants: Page<GrantView> = flow.browser.get_json("/api/grants").await;
    let old = insert_grant(&flow.gateway, &flow.browser).await;
    let state = &flow.gateway.state;
    let caller = state.oauth.live_grants().find(state, old).await.unwrap().unwrap();
    assert!(caller.scopes.is_everything() && caller.scopes.lists_all());
    state.oauth.apply(state, Event::Changed(Topic::Grant, grants.items[0].id.uuid())).await;
    assert_eq!(flow.call(&tokens.access_token).await, 200);
}

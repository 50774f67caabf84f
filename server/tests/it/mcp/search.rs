//! Finding tools instead of listing them.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::client::{Client, text, tool_calls, with_demo};
use crate::gateway::Gateway;

const SEARCH: &str = "/v1/mcp?tools=search";
const LISTED: [&str; 3] = ["gateway__call_tool", "gateway__list_connections", "gateway__search_tools"];

async fn search(client: &Client, arguments: Value) -> Vec<Value> {
    let result = client.call("gateway__search_tools", arguments).await;
    assert_eq!(result["isError"], false, "{result}");
    serde_json::from_str(text(&result)).unwrap()
}

fn names(tools: &[Value]) -> Vec<&str> {
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_found_comes_with_its_schema_and_is_the_callers() {
    let gateway = Gateway::start().await;
    let (_, ada) = with_demo(&gateway, "ada@msp.example").await;
    for client in [ada.clone(), ada.at(&gateway, SEARCH)] {
        let found = search(&client, json!({"query": "ticket"})).await;
        assert!(names(&found)[0].contains("ticket"), "{found:?}");
        assert!(names(&found).iter().all(|name| name.starts_with("demo__")), "only what is connected");
        let listed = ada.modern("tools/list", json!({})).await.body;
        let listed = listed["result"]["tools"].as_array().unwrap();
        for tool in &found {
            let known = listed.iter().find(|known| known["name"] == tool["name"]).unwrap();
            let expected = json!({"name": known["name"], "description": known["description"],
                "inputSchema": known["inputSchema"]});
            assert_eq!(*tool, expected);
        }
        assert_eq!(search(&client, json!({"query": "tickets", "limit": 1})).await.len(), 1);
        assert_eq!(search(&client, json!({"query": "tikcet"})).await, found, "as it was meant");
        assert!(search(&client, json!({"query": "ticket", "vendor": "itglue"})).await.is_empty());
    }
    let bob = gateway.member("bob@msp.example").await;
    let bob = Client::connect(&gateway, &bob).await;
    assert!(search(&bob, json!({"query": "ticket"})).await.is_empty(), "nothing is connected");
}

#[tokio::test]
async fn its_metadata_is_about_this_very_address() {
    let gateway = Gateway::start().await;
    let http = gateway.browser().http;
    for path in [SEARCH, "/v1/demo/mcp?tools=search", "/v1/mcp?tools=all"] {
        let url = format!("{}{path}", gateway.url);
        let answer = http.post(&url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let challenge = answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
        let metadata = format!("{}/.well-known/oauth-protected-resource{path}", gateway.url);
        assert!(challenge.contains(&format!("resource_metadata=\"{metadata}\"")), "{challenge}");
        let document: Value = http.get(metadata).send().await.unwrap().json().await.unwrap();
        assert_eq!(document["resource"], url, "what the client connects to, for equality");
    }
    let root = format!("{}/.well-known/oauth-protected-resource/v1/mcp?utm=1", gateway.url);
    let document: Value = http.get(root).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["resource"], format!("{}/v1/mcp", gateway.url), "others are no part of an address");
}

#[tokio::test]
async fn a_client_that_names_its_own_address_gets_a_token_for_the_same_resource() {
    let gateway = Gateway::start().await;
    let (browser, _) = with_demo(&gateway, "ada@msp.example").await;
    let client = Client::connect_to(&gateway, &browser, SEARCH).await;
    assert_eq!(client.tool_names().await, LISTED);
    assert!(client.at(&gateway, "/v1/mcp").tool_names().await.len() > LISTED.len(), "the same resource");

    let vendor = Client::connect_to(&gateway, &browser, "/v1/demo/mcp?tools=search").await;
    assert_eq!(vendor.tool_names().await, LISTED);
    assert_eq!(vendor.at(&gateway, SEARCH).modern("tools/list", json!({})).await.status, 401);

    let (client_id, tokens) = Client::tokens_for(&gateway, &browser, SEARCH).await;
    let mut refresh_token = tokens["refresh_token"].as_str().unwrap().to_owned();
    for (resource, status) in [(SEARCH, 200), ("/v1/mcp", 200), ("/v1/mcp?tools=some", 400)] {
        let resource = format!("{}{resource}", gateway.url);
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &client_id),
            ("refresh_token", &refresh_token),
            ("resource", &resource),
        ];
        let request = gateway.browser().http.post(format!("{}/token", gateway.url)).form(&form);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{resource}");
        let body: Value = answer.json().await.unwrap();
        match body["refresh_token"].as_str() {
            Some(next) => next.clone_into(&mut refresh_token),
            None => assert_eq!(body["error"], "invalid_target"),
        }
    }
}

#[tokio::test]
async fn wrong_arguments_are_explained_to_the_model() {
    let gateway = Gateway::start().await;
    let (_, client) = with_demo(&gateway, "ada@msp.example").await;
    for (arguments, hint) in [
        (json!({}), "query"),
        (json!({"query": ""}), "query"),
        (json!({"query": "x".repeat(1001)}), "query"),
        (json!({"query": 1}), "string"),
        (json!({"query": "x", "limit": 0}), "limit"),
        (json!({"query": "x", "limit": 51}), "limit"),
        (json!({"query": "x", "limit": -1}), "fit"),
        (json!({"query": "x", "more": 1}), "more"),
        (json!({"query": "x", "vendor": "it-glue"}), "Did you mean \"itglue\"?"),
    ] {
        let result = client.call("gateway__search_tools", arguments.clone()).await;
        assert_eq!(result["isError"], true, "{arguments}");
        assert!(text(&result).contains(hint), "{arguments}: {result}");
    }
}

#[tokio::test]
async fn what_was_found_is_called_by_its_own_name() {
    let gateway = Gateway::start().await;
    let (browser, client) = with_demo(&gateway, "ada@msp.example").await;
    let client = client.at(&gateway, SEARCH);
    assert_eq!(client.tool_names().await, LISTED);
    let arguments = json!({"name": "demo__search_tickets", "arguments": {"page_size": 1}});
    let result = client.call("gateway__call_tool", arguments).await;
    assert_eq!(result["isError"], false, "{result}");
    let rows = tool_calls(&gateway, &browser).await;
    assert_eq!((rows[0].tool.as_deref(), rows[0].outcome.as_str()), (Some("demo__search_tickets"), "ok"));
    assert_eq!(rows[0].vendor.as_deref(), Some("demo"));

    let wrong = json!({"name": "demo__search_tickets", "arguments": {"page_size": "many"}});
    assert_eq!(client.call("gateway__call_tool", wrong).await["isError"], true, "the schema counts");
    for arguments in [json!({}), json!({"name": "gateway__call_tool"}), json!({"name": "x", "arguments": []})]
    {
        assert_eq!(
            client.call("gateway__call_tool", arguments.clone()).await["isError"],
            true,
            "{arguments}"
        );
    }
    let params = json!({"name": "gateway__call_tool", "arguments": {"name": "nobody__x"}});
    assert_eq!(client.modern("tools/call", params).await.body["error"]["code"], -32602);
    assert_eq!(tool_calls(&gateway, &browser).await[0].tool.as_deref(), Some("nobody__x"));
}

#[tokio::test]
async fn a_session_keeps_the_mode_it_was_opened_with() {
    let gateway = Gateway::start().await;
    let (_, client) = with_demo(&gateway, "ada@msp.example").await;
    let session = client.at(&gateway, SEARCH).initialize("2025-11-25").await;
    let other = client.initialize("2025-11-25").await;
    assert_eq!(listed(&client, &session).await, LISTED);
    assert!(listed(&client.at(&gateway, SEARCH), &other).await.len() > 5);
    let ended = client.request(Method::DELETE).header("Mcp-Session-Id", &session).send().await.unwrap();
    assert_eq!(ended.status(), 202);
}

#[tokio::test]
async fn postgres_only_another_replica_keeps_the_mode() {
    let (one, other) = Gateway::start_two().await;
    let (_, client) = with_demo(&one, "ada@msp.example").await;
    let session = client.at(&one, SEARCH).initialize("2025-11-25").await;
    let elsewhere = Client { url: format!("{}/v1/mcp", other.url), ..client.clone() };
    assert_eq!(listed(&elsewhere, &session).await, LISTED);
}

async fn listed(client: &Client, session: &str) -> Vec<String> {
    let answer = client.legacy(session, "tools/list", json!({})).await;
    let tools = answer.body["result"]["tools"].as_array().unwrap_or_else(|| panic!("{:?}", answer.body));
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

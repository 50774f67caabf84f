//! 2026-07-28: every request stands for itself.

use reqwest::{Method, header};
use serde_json::{Value, json};

use super::client::{Client, MODERN, modern_body, read, with_demo};
use crate::gateway::Gateway;

/// What everybody has.
const OWN: [&str; 2] = ["gateway__list_connections", "gateway__search_tools"];

#[tokio::test]
async fn without_a_token_every_method_gets_the_challenge() {
    let gateway = Gateway::start().await;
    let url = format!("{}/v1/mcp", gateway.url);
    for method in [Method::GET, Method::POST, Method::DELETE, Method::PUT, Method::OPTIONS] {
        let answer = gateway.browser().http.request(method.clone(), &url).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{method}");
        let challenge = answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
        let metadata = format!("{}/.well-known/oauth-protected-resource/v1/mcp", gateway.url);
        assert!(challenge.contains(&format!("resource_metadata=\"{metadata}\"")), "{challenge}");
    }
}

#[tokio::test]
async fn discover_tells_versions_and_capabilities() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let answer = client.modern("server/discover", json!({})).await;
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/json"));
    let result = &answer.body["result"];
    assert_eq!(result["supportedVersions"], json!(["2025-03-26", "2025-06-18", "2025-11-25", MODERN]));
    assert_eq!(result["capabilities"], json!({"tools": {"listChanged": true}}));
    assert_eq!(result["resultType"], "complete");
    assert_eq!((&result["ttlMs"], &result["cacheScope"]), (&json!(300_000), &json!("private")));
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "msp-mcp-gateway");
}

#[tokio::test]
async fn tools_are_those_of_the_callers_vendors_sorted() {
    let gateway = Gateway::start().await;
    let (_, ada) = with_demo(&gateway, "ada@msp.example").await;
    let bob = gateway.member("bob@msp.example").await;
    let bob = Client::connect(&gateway, &bob).await;
    assert_eq!(bob.tool_names().await, OWN);

    let answer = ada.modern("tools/list", json!({})).await;
    let result = &answer.body["result"];
    assert_eq!((&result["cacheScope"], &result["resultType"]), (&json!("private"), &json!("complete")));
    assert!(result["ttlMs"].as_u64().is_some() && result.get("nextCursor").is_none());
    let names = ada.tool_names().await;
    assert!(names.is_sorted() && names.len() > 5);
    assert!(names.iter().all(|name| name.starts_with("demo__") || OWN.contains(&name.as_str())), "{names:?}");
    let summary =
        result["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == "demo__get_summary").unwrap();
    assert_eq!(summary["annotations"]["readOnlyHint"], true);
    assert_eq!(summary["inputSchema"]["type"], "object");
    assert_eq!(ada.modern("tools/list", json!({})).await.body, answer.body, "the same every time");
}

#[tokio::test]
async fn a_tool_list_is_whole_whatever_the_id_of_the_request() {
    let gateway = Gateway::start().await;
    let (_, client) = with_demo(&gateway, "ada@msp.example").await;
    let listed = client.modern("tools/list", json!({})).await.body["result"]["tools"].clone();
    assert!(listed.as_array().unwrap().len() > OWN.len());
    // Longer than what is usual around a list, almost as long as a request may be, and one that looks like a list.
    for id in ["x".repeat(65 << 10), "\"".repeat(490 << 10), "\"tools\":[]".to_owned()] {
        let mut body = modern_body("tools/list", &json!({}));
        body["id"] = json!(id);
        let request =
            client.post(&body).header("MCP-Protocol-Version", MODERN).header("Mcp-Method", "tools/list");
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body["id"] == body["id"], "the id of {} bytes", id.len());
        assert!(answer.body["result"]["tools"] == listed, "the list for an id of {} bytes", id.len());
    }
}

#[tokio::test]
async fn a_tool_list_has_one_page() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    for cursor in ["", "2"] {
        let answer = client.modern("tools/list", json!({"cursor": cursor})).await;
        assert_eq!(answer.body["error"]["code"], -32602, "{cursor:?}");
    }
}

#[tokio::test]
async fn a_disconnected_vendor_is_gone_at_once() {
    let gateway = Gateway::start().await;
    let (browser, client) = with_demo(&gateway, "ada@msp.example").await;
    assert!(client.tool_names().await.len() > OWN.len());
    for _ in 0..20 {
        assert_eq!(browser.delete("/api/connections/demo").await.status(), 204);
        assert_eq!(client.tool_names().await, OWN);
        let form = json!({"fields": {"api_key": "demo-key"}});
        assert_eq!(browser.put("/api/connections/demo", &form).await.status(), 201);
        assert!(client.tool_names().await.len() > OWN.len());
    }
}

#[tokio::test]
async fn headers_must_say_what_the_body_says() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let body = modern_body("tools/list", &json!({}));
    let call = modern_body("tools/call", &json!({"name": "gateway__list_connections"}));
    let headers = |body: &Value, pairs: &[(&str, &str)]| {
        pairs.iter().fold(client.post(body), |request, (name, value)| request.header(*name, *value))
    };
    let version = ("MCP-Protocol-Version", MODERN);
    let wrong = [
        headers(&body, &[("Mcp-Method", "tools/list")]),
        headers(&body, &[version]),
        headers(&body, &[version, ("Mcp-Method", "tools/call")]),
        headers(&body, &[("MCP-Protocol-Version", "2025-11-25"), ("Mcp-Method", "tools/list")]),
        headers(&call, &[version, ("Mcp-Method", "tools/call")]),
        headers(&call, &[version, ("Mcp-Method", "tools/call"), ("Mcp-Name", "demo__get_summary")]),
    ];
    for (index, request) in wrong.into_iter().enumerate() {
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!(-32020)), "{index}");
        assert_eq!(answer.body["id"], 7);
    }
    let encoded = "=?base64?Z2F0ZXdheV9fbGlzdF9jb25uZWN0aW9ucw==?=";
    let right = headers(&call, &[version, ("Mcp-Method", "tools/call"), ("Mcp-Name", encoded)]);
    assert_eq!(read(right.send().await.unwrap()).await.status, 200);
}

#[tokio::test]
async fn what_the_protocol_does_not_have_is_refused_as_it_says() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    for method in ["nothing/here", "ping", "logging/setLevel", "resources/list", "prompts/list"] {
        let params = json!({"level": "info"});
        let answer = client.modern(method, params).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (404, &json!(-32601)), "{method}");
        assert_eq!(answer.body["id"], 7, "{method}");
    }
    let mut newer = modern_body("tools/list", &json!({}));
    newer["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01");
    let request =
        client.post(&newer).header("MCP-Protocol-Version", "2099-01-01").header("Mcp-Method", "tools/list");
    let answer = read(request.send().await.unwrap()).await;
    assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!(-32022)));
    assert_eq!(answer.body["error"]["data"]["requested"], "2099-01-01");
    assert_eq!(answer.body["error"]["data"]["supported"].as_array().unwrap().len(), 4);

    let mut bare = modern_body("tools/list", &json!({}));
    bare["params"]["_meta"] = json!({});
    let request =
        client.post(&bare).header("MCP-Protocol-Version", MODERN).header("Mcp-Method", "tools/list");
    let answer = read(request.send().await.unwrap()).await;
    assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!(-32602)));
}

#[tokio::test]
async fn there_are_no_streams_and_sessions_to_get_or_delete() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    for method in [Method::GET, Method::DELETE] {
        let request = client.request(method.clone()).header("MCP-Protocol-Version", MODERN);
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (405, &json!(-32600)), "{method}");
    }
    let request = client.modern_request("tools/list", &json!({})).header("Mcp-Session-Id", "somebody's");
    assert_eq!(read(request.send().await.unwrap()).await.status, 200, "the header means nothing");
    let notification =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
    let request = client
        .post(&notification)
        .header("MCP-Protocol-Version", MODERN)
        .header("Mcp-Method", "notifications/cancelled");
    assert_eq!(request.send().await.unwrap().status(), 202);
}

#[tokio::test]
async fn a_revoked_client_is_out_on_the_next_call() {
    let gateway = Gateway::start().await;
    let (browser, client) = with_demo(&gateway, "ada@msp.example").await;
    let session = client.initialize("2025-11-25").await;
    let grants: Value = browser.get_json("/api/grants").await;
    let id = grants["items"][0]["id"].as_str().unwrap();
    assert_eq!(browser.delete(&format!("/api/grants/{id}")).await.status(), 204);
    assert_eq!(client.modern("tools/list", json!({})).await.status, 401);
    assert_eq!(client.legacy(&session, "tools/list", json!({})).await.status, 401);
}

#[tokio::test]
async fn a_request_says_for_itself_what_it_needs() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    for missing in ["protocolVersion", "clientCapabilities"] {
        let mut body = modern_body("tools/list", &json!({}));
        body["params"]["_meta"]
            .as_object_mut()
            .unwrap()
            .remove(&format!("io.modelcontextprotocol/{missing}"));
        let request =
            client.post(&body).header("MCP-Protocol-Version", MODERN).header("Mcp-Method", "tools/list");
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!(-32602)), "{missing}");
        assert_eq!(answer.body["id"], 7);
    }
}

#[tokio::test]
async fn a_written_list_is_the_list() {
    let gateway = Gateway::start().await;
    let (_, client) = with_demo(&gateway, "ada@msp.example").await;
    let request = client.modern_request("tools/list", &json!({})).send().await.unwrap();
    let length: usize = request.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
    let body = request.bytes().await.unwrap();
    assert_eq!(body.len(), length);
    let modern: Value = serde_json::from_slice(&body).unwrap();
    let session = client.initialize("2025-11-25").await;
    let legacy = client.legacy(&session, "tools/list", json!({})).await;
    assert_eq!(modern["result"]["tools"], legacy.body["result"]["tools"], "both eras");
    let mut odd = modern_body("tools/list", &json!({}));
    odd["id"] = json!("\"tools\":[]");
    let request = client.post(&odd).header("MCP-Protocol-Version", MODERN).header("Mcp-Method", "tools/list");
    let answer = read(request.send().await.unwrap()).await;
    assert_eq!((&answer.body["id"], &answer.body["result"]), (&odd["id"], &modern["result"]));
}

#[tokio::test]
async fn errors_have_codes_of_the_protocol_and_ids_of_the_request() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    for (id, params) in [
        (json!("text"), json!({"name": "nobody__x"})),
        (json!(0), json!({"name": "x", "arguments": 1})),
        (json!(9_007_199_254_740_993_i64), json!({"name": "x"})),
    ] {
        let mut body = modern_body("tools/call", &params);
        body["id"] = id.clone();
        let request = client.post(&body).header("MCP-Protocol-Version", MODERN);
        let request =
            request.header("Mcp-Method", "tools/call").header("Mcp-Name", params["name"].as_str().unwrap());
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!((&answer.body["id"], &answer.body["error"]["code"]), (&id, &json!(-32602)));
    }
}

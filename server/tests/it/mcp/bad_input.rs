//! What cannot be read is refused in the protocol's own words, whatever it is.

use reqwest::{Method, header};
use serde_json::{Value, json};

use super::client::{Client, modern_body, read};
use crate::gateway::Gateway;

async fn client() -> (Gateway, Client) {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    (gateway, client)
}

#[tokio::test]
async fn bodies_that_are_no_message() {
    let (_gateway, client) = client().await;
    let batch = json!([modern_body("tools/list", &json!({}))]).to_string();
    let deep = "[".repeat(100_000);
    let response = json!({"jsonrpc": "2.0", "id": 1, "result": {}}).to_string();
    let cases: [(&[u8], i64); 20] = [
        (b"\xef\xbb\xbf{}", -32700),
        (b"{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"\xff\"}", -32700),
        (br#"{"jsonrpc": "2.0", "id": 1e999, "method": "ping"}"#, -32700),
        (br#"{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}"#, -32600),
        (br#"{"jsonrpc": "2.0", "id": 18446744073709551616, "method": "ping"}"#, -32600),
        (br#"{"jsonrpc": "2.0", "id": null, "method": "ping"}"#, -32600),
        (br#"{"jsonrpc": "2.0", "id": 1, "method": "ping", "method": "tools/list"}"#, -32600),
        (br#"{"jsonrpc": "2.0", "id": 1, "id": 2, "method": "ping"}"#, -32600),
        (br#"{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "a", "\u006eame": "b"}}"#, -32600),
        (br#"{"jsonrpc": "2.0", "id": 1, "method": "ping", "result": {}}"#, -32600),
        (br#"{"jsonrpc": "2.0", "id": 1, "method": 1}"#, -32600),
        (b"", -32700),
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (deep.as_bytes(), -32700),
        (b"{}", -32600),
        (b"null", -32600),
        (batch.as_bytes(), -32600),
        (br#"{"jsonrpc": "1.0", "id": 1, "method": "ping"}"#, -32600),
        (br#"{"jsonrpc": "2.0", "id": {}, "method": "ping"}"#, -32600),
    ];
    for (body, code) in cases {
        let request =
            client.request(Method::POST).header(header::CONTENT_TYPE, "application/json").body(body.to_vec());
        let answer = read(request.send().await.unwrap()).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!((answer.status, answer.body["error"]["code"].as_i64()), (400, Some(code)), "{shown}");
        assert_eq!(answer.body["jsonrpc"], "2.0");
        assert_ne!(answer.body.get("id"), Some(&Value::Null), "{shown}");
    }
    let request =
        client.request(Method::POST).header(header::CONTENT_TYPE, "application/json").body(response);
    let request = request.header("MCP-Protocol-Version", "2026-07-28");
    assert_eq!(read(request.send().await.unwrap()).await.status, 400, "nobody asked the client anything");
}

#[tokio::test]
async fn bodies_that_are_too_large() {
    let (_gateway, client) = client().await;
    let body = modern_body("tools/call", &json!({"name": "x", "arguments": {"a": "x".repeat(1 << 20)}}));
    let answer = read(client.post(&body).send().await.unwrap()).await;
    assert_eq!((answer.status, &answer.body["error"]["code"]), (413, &json!(-32600)));
    let large =
        client.modern("tools/call", json!({"name": "x", "arguments": {"a": "x".repeat(1 << 19)}})).await;
    assert_eq!((large.status, &large.body["error"]["code"]), (200, &json!(-32602)));
    let long = "x".repeat(100_000);
    let body = modern_body("tools/call", &json!({"name": long}));
    let request =
        client.post(&body).header("MCP-Protocol-Version", "2026-07-28").header("Mcp-Method", "tools/call");
    assert_eq!(read(request.send().await.unwrap()).await.status, 400);
}

#[tokio::test]
async fn requests_that_are_not_the_transports() {
    let (gateway, client) = client().await;
    let body = modern_body("tools/list", &json!({})).to_string();
    let post = || client.request(Method::POST).body(body.clone());
    let json = "application/json";
    let http = &client.http;
    let accept = |accept: &str| {
        let request = http.post(&client.url).bearer_auth(&client.token).header(header::ACCEPT, accept);
        request.header(header::CONTENT_TYPE, json).body(body.clone())
    };
    let with_json = || post().header(header::CONTENT_TYPE, json);
    let cases = [
        (post().header(header::CONTENT_TYPE, "text/plain"), 415),
        (post(), 415),
        (accept(json), 406),
        (accept("text/html"), 406),
        (client.request(Method::PUT), 405),
        (client.request(Method::PATCH), 405),
        (with_json().header(header::ORIGIN, "https://evil.example"), 403),
        (with_json().header(header::ORIGIN, "null"), 403),
        (with_json().header(header::ORIGIN, "http://127.0.0.1:1"), 403),
        (with_json().header(header::HOST, "rebound.example"), 403),
        (with_json().header(header::CONTENT_ENCODING, "gzip"), 415),
        (with_json().header(header::CONTENT_TYPE, json), 400),
        (with_json().header("Mcp-Session-Id", "a").header("Mcp-Session-Id", "b"), 400),
    ];
    for (index, (request, status)) in cases.into_iter().enumerate() {
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (status, &json!(-32600)), "{index}");
    }
    let own = client.modern_request("tools/list", &json!({})).header(header::ORIGIN, &gateway.url);
    assert_eq!(read(own.send().await.unwrap()).await.status, 200);
}

#[tokio::test]
async fn headers_that_are_there_twice() {
    let (_gateway, client) = client().await;
    let call = json!({"name": "gateway__list_connections", "arguments": {}});
    for (name, first, second) in [
        ("MCP-Protocol-Version", "2026-07-28", "2025-11-25"),
        ("Mcp-Method", "tools/call", "tools/list"),
        ("Mcp-Name", "gateway__list_connections", "demo__get_summary"),
    ] {
        for second in [first, second] {
            let request = client.modern_request("tools/call", &call).header(name, second);
            let answer = read(request.send().await.unwrap()).await;
            assert_eq!(
                (answer.status, &answer.body["error"]["code"]),
                (400, &json!(-32020)),
                "{name}: {second}"
            );
        }
    }
}

#[tokio::test]
async fn bodies_that_nest_deeply_or_hold_odd_numbers() {
    let (_gateway, client) = client().await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let body = |arguments: String| {
        let mut body = modern_body("tools/call", &json!({"name": "gateway__list_connections"})).to_string();
        body.insert_str(body.find("\"params\":{").unwrap() + 10, &format!("\"arguments\":{arguments},"));
        body
    };
    for (arguments, status) in [
        ("{}".to_owned(), 200),
        (format!("{{\"x\":{}}}", nested(20)), 200),
        (format!("{{\"x\":{}}}", nested(200)), 400),
        ("{\"x\":1e400}".to_owned(), 400),
        ("{\"x\":-0.0, \"y\": 123456789012345678901234567890}".to_owned(), 200),
        ("{\"x\":{\"a\":1,\"a\":2}}".to_owned(), 400),
    ] {
        let request = client
            .request(Method::POST)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header("MCP-Protocol-Version", "2026-07-28")
            .header("Mcp-Method", "tools/call")
            .header("Mcp-Name", "gateway__list_connections")
            .body(body(arguments.clone()));
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!(answer.status, status, "{arguments}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_query_that_means_nothing() {
    let (gateway, client) = client().await;
    for wrong in ["tools=", "tools=none", "tools=search&tools=all"] {
        let answer = client.at(&gateway, &format!("/v1/mcp?{wrong}")).modern("tools/list", json!({})).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!(-32600)), "{wrong}");
    }
    let mut stranger = client.at(&gateway, &format!("/v1/mcp?access_token={}", client.token));
    stranger.token = "wrong".to_owned();
    assert_eq!(stranger.modern("tools/list", json!({})).await.status, 401, "a token in the query is none");
}

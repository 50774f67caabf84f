//! What must be true of a POST to the MCP endpoint before rmcp reads it.

use axum::{
    body::{Bytes, to_bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::executor::block_on;
use rmcp::model::{
    CallToolRequest, ClientJsonRpcMessage, ClientRequest, JsonRpcMessage, JsonRpcResponse, ListToolsResult,
    RequestId,
};
use serde_json::{Value, json};

use super::{endpoint, error, listing, names, shape, step_up};

/// A message as in HTTP: lines of headers, an empty line, the body. Without an empty line everything is the body.
///
/// # Panics
/// A property is broken.
pub fn check_message(input: &[u8]) {
    let (headers, body) = split(input);
    if let Some(refusal) = shape::refuse_headers(&headers) {
        let status = read_refusal(refusal, None);
        assert!([StatusCode::BAD_REQUEST, StatusCode::UNSUPPORTED_MEDIA_TYPE].contains(&status));
    }
    // The eras exclude each other, and neither question may fail.
    let _ = (endpoint::is_modern(&headers), endpoint::is_json(&headers));
    let value = serde_json::from_slice::<Value>(body).ok();
    let id = value.as_ref().and_then(|value| value.get("id")).and_then(error::request_id);
    assert_eq!(read_refusal(error::unreadable(body), id.as_ref()), StatusCode::BAD_REQUEST);
    check_transport_refusal(body);
    if !shape::has_duplicate_names(body) {
        check_called_tool(body);
    }
    check_list(id.unwrap_or_else(|| RequestId::String(String::from_utf8_lossy(body).into())));
}

fn split(input: &[u8]) -> (HeaderMap, &[u8]) {
    let Some(end) = input.windows(2).position(|pair| pair == b"\n\n") else {
        return (HeaderMap::new(), input);
    };
    let lines = input[..end].split(|byte| *byte == b'\n');
    let pairs = lines.filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        Some((name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?))
    });
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(name, value);
    }
    (headers, &input[end + 2..])
}

/// A refusal is a JSON-RPC error, says so, and repeats the id or has none.
fn read_refusal(refusal: Response, id: Option<&RequestId>) -> StatusCode {
    let status = refusal.status();
    let content_type = refusal.headers().get(header::CONTENT_TYPE);
    assert_eq!(content_type, Some(&HeaderValue::from_static("application/json")));
    let body = block_on(to_bytes(refusal.into_body(), usize::MAX)).expect("a refusal is in memory");
    let answer: Value = serde_json::from_slice(&body).expect("a refusal is JSON");
    assert_eq!(answer["jsonrpc"], "2.0");
    assert!(answer["error"]["code"].is_i64() && answer["error"]["message"].is_string());
    assert!(answer.get("result").is_none() && answer.get("method").is_none());
    assert_eq!(answer.get("id").filter(|id| !id.is_null()), id.map(|id| json!(id)).as_ref());
    status
}

/// Whatever words the transport refuses with, they arrive as an error of JSON-RPC, and those of a defect do not arrive.
fn check_transport_refusal(text: &[u8]) {
    for status in [StatusCode::NOT_ACCEPTABLE, StatusCode::INTERNAL_SERVER_ERROR] {
        let refusal = (status, text.to_vec()).into_response();
        assert_eq!(read_refusal(block_on(error::as_json_rpc(refusal)), None), status);
    }
}

/// The tool whose scope is looked at is the tool that rmcp will have called.
fn check_called_tool(body: &[u8]) {
    let Ok(JsonRpcMessage::Request(request)) = serde_json::from_slice::<ClientJsonRpcMessage>(body) else {
        return;
    };
    let ClientRequest::CallToolRequest(CallToolRequest { params, .. }) = request.request else { return };
    let inner = params.arguments.as_ref().and_then(|arguments| arguments.get("name"));
    let called = if params.name == names::CALL_TOOL {
        inner.and_then(Value::as_str)
    } else {
        Some(params.name.as_ref())
    };
    assert_eq!(step_up::called_tool(body).as_deref(), called);
}

/// A list is put into its answer and nowhere else, whatever the id of the request looks like.
fn check_list(id: RequestId) {
    let listed = json!([{"name": "a"}]);
    let id_before = json!(id);
    let slot = listing::Slot::default();
    slot.put(Bytes::from(listed.to_string()));
    let answer =
        JsonRpcResponse { jsonrpc: rmcp::model::JsonRpcVersion2_0, id, result: ListToolsResult::default() };
    let envelope = Bytes::from(serde_json::to_vec(&answer).expect("an answer can be written"));
    let filled: Vec<u8> = listing::insert(&envelope, &slot).into_iter().flatten().collect();
    let filled: Value = serde_json::from_slice(&filled).expect("a filled answer is JSON");
    assert_eq!((&filled["id"], &filled["result"]["tools"]), (&id_before, &listed));
}

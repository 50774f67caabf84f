//! The error dialect of `/v1/mcp`: JSON-RPC errors (MCP 2026-07-28, basic, "Error Responses"). What a model can act on is
//! no error but a tool result with `isError`: see `call.rs`.
//!
//! The transport (rmcp) answers some refusals as plain text. [`as_json_rpc`] turns those into JSON-RPC, so that a client
//! that asked in JSON is never answered otherwise, and takes out what must not be told.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rmcp::model::{ErrorCode, ErrorData, JsonRpcError, RequestId};
use serde_json::Value;

use super::names;

/// The transport's own refusals are one sentence.
const MAX_REFUSAL: usize = 4096;

/// Unknown, not connected, not allowed: one answer for all, so that it tells nothing about other accounts.
pub(super) fn not_available(name: &str, settings_url: &str) -> ErrorData {
    let name = names::printable(name);
    let message = format!(
        "The tool {name:?} is not available to this account. Call tools/list for the tools that are, or {} for the \
         connected vendors. Vendors are connected at {settings_url}",
        names::LIST_CONNECTIONS
    );
    ErrorData::invalid_params(message, None)
}

/// The gateway's database does not answer.
pub(super) fn unavailable() -> ErrorData {
    ErrorData::internal_error(
        "The gateway cannot reach its database right now. Please try again in a moment.",
        None,
    )
}

/// The row that must be there before an answer could not be written.
pub(super) fn not_recorded() -> ErrorData {
    let message = "The call could not be written to the audit log, so its result is not given out. If it was to change \
                   something, check at the vendor whether it did before trying again.";
    ErrorData::internal_error(message, None)
}

/// A defect of ours. What it was stands only in the log.
pub(super) fn internal() -> ErrorData {
    ErrorData::internal_error("Something went wrong on the gateway's side.", None)
}

/// An error that concerns the HTTP request, as the body of an answer with `status`.
pub(super) fn answer(status: StatusCode, id: Option<RequestId>, error: ErrorData) -> Response {
    let body = serde_json::to_vec(&JsonRpcError::new(id, error)).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

/// An invalid request: `-32600`.
pub(super) fn refuse(status: StatusCode, message: impl Into<String>) -> Response {
    answer(status, None, ErrorData::invalid_request(message.into(), None))
}

/// What was answered to a path below `/v1` by a status alone.
pub fn of_status(status: StatusCode) -> Response {
    let error = if status.is_server_error() {
        internal()
    } else {
        ErrorData::invalid_request(
            format!("{status}. The MCP endpoint is {}.", gateway_api::paths::MCP),
            None,
        )
    };
    answer(status, None, error)
}

/// What is wrong with a body that is no message of the protocol.
pub(super) fn unreadable(body: &[u8]) -> Response {
    let (id, error) = match serde_json::from_slice::<Value>(body) {
        Err(error) => {
            // Only where, not what: the message of serde quotes nothing, but line and column are enough.
            let at = format!("The body is not JSON (line {}, column {}).", error.line(), error.column());
            (None, ErrorData::parse_error(at, None))
        }
        Ok(Value::Array(_)) => {
            let message = "Batches are not supported: send one message in each request.";
            (None, ErrorData::invalid_request(message, None))
        }
        Ok(message) => {
            let id = message.get("id").and_then(request_id);
            (id, ErrorData::invalid_request("The body is no request or notification of JSON-RPC 2.0.", None))
        }
    };
    answer(StatusCode::BAD_REQUEST, id, error)
}

/// A refusal of the transport, as JSON-RPC. Everything else passes through.
pub(super) async fn as_json_rpc(response: Response) -> Response {
    let status = response.status();
    let is_refusal = status.is_client_error() || status.is_server_error();
    if !is_refusal || is_json(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let error = if status.is_server_error() {
        internal()
    } else {
        let text = to_bytes(body, MAX_REFUSAL).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let text = if text.is_empty() { status.to_string() } else { text };
        ErrorData::new(code(status), text, None)
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let mut answered = answer(status, None, error);
    let content_type = answered.headers_mut().remove(header::CONTENT_TYPE);
    if let Some(content_type) = content_type {
        parts.headers.insert(header::CONTENT_TYPE, content_type);
    }
    Response::from_parts(parts, Body::new(answered.into_body()))
}

fn code(status: StatusCode) -> ErrorCode {
    if status.is_server_error() { ErrorCode::INTERNAL_ERROR } else { ErrorCode::INVALID_REQUEST }
}

fn is_json(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

/// A string or an integer; nothing else is an id.
pub(super) fn request_id(value: &Value) -> Option<RequestId> {
    match value {
        Value::String(text) => Some(RequestId::String(text.as_str().into())),
        Value::Number(number) => number.as_i64().map(RequestId::Number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(response: Response) -> (StatusCode, Value) {
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn an_unreadable_body_is_explained() {
        let code = async |body: &[u8]| {
            let (status, body) = read(unreadable(body)).await;
            assert_eq!(status, StatusCode::BAD_REQUEST);
            (body["error"]["code"].as_i64().unwrap(), body.get("id").cloned())
        };
        assert_eq!(code(b"{").await, (-32700, None));
        assert_eq!(code(b"").await, (-32700, None));
        assert_eq!(code(&vec![b'['; 1 << 20]).await, (-32700, None));
        assert_eq!(code(b"[]").await, (-32600, None));
        assert_eq!(code(b"1").await, (-32600, None));
        assert_eq!(code(br#"{"id":7}"#).await, (-32600, Some(7.into())));
        assert_eq!(code(br#"{"id":"a","x":1}"#).await, (-32600, Some("a".into())));
        assert_eq!(code(br#"{"id":null}"#).await, (-32600, None));
    }

    #[tokio::test]
    async fn refusals_of_the_transport_become_json_rpc() {
        let refusal = (StatusCode::NOT_FOUND, "Not Found: Session not found").into_response();
        let (status, body) = read(as_json_rpc(refusal).await).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(body["error"]["message"], "Not Found: Session not found");
        let defect = (StatusCode::INTERNAL_SERVER_ERROR, "password=x").into_response();
        let (status, body) = read(as_json_rpc(defect).await).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(body["error"]["code"], -32603);
        assert!(!body.to_string().contains("password"));
    }

    #[test]
    fn a_tool_that_is_not_there_tells_what_to_do() {
        let error = not_available("itglue__x\n", "https://g.example/settings");
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
        assert!(error.message.contains("\"itglue__x \"") && error.message.ends_with("/settings"));
    }
}

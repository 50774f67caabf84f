//! The way out: rmcp's transport on the gateway's guarded HTTP client. Only what a lost session looks like is put right.

use std::collections::HashMap;
use std::sync::Arc;

use futures::stream::BoxStream;
use reqwest::Client;
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::model::{ClientJsonRpcMessage, ErrorCode, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_client::{
    SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
    StreamableHttpResponseLimits,
};
use sse_stream::Sse;

/// The error of this way.
pub(super) type WireError = StreamableHttpError<reqwest::Error>;
type Headers = HashMap<HeaderName, HeaderValue>;
type Events = BoxStream<'static, Result<Sse, SseError>>;

/// Codes with which servers refuse a request before they read what it asks for: that of the TypeScript SDK for all such
/// refusals, and that of its lost sessions.
const REFUSED: [ErrorCode; 2] = [ErrorCode(-32000), ErrorCode(-32001)];

/// The HTTP client as rmcp wants it.
#[derive(Clone)]
pub(super) struct Wire(pub(super) Client);

impl StreamableHttpClient for Wire {
    type Error = reqwest::Error;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> Result<StreamableHttpPostResponse, WireError> {
        let limits = StreamableHttpResponseLimits::default();
        self.post_message_with_response_limits(uri, message, session_id, auth_header, custom_headers, limits)
            .await
    }

    /// A session that a server does not know is answered with 404 (MCP 2025-11-25, transports, "Session Management"), but
    /// some servers answer 400. Both mean that nothing was done, and that a new session is wanted.
    async fn post_message_with_response_limits(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth_header: Option<String>,
        custom_headers: Headers,
        limits: StreamableHttpResponseLimits,
    ) -> Result<StreamableHttpPostResponse, WireError> {
        let has_session = session_id.is_some();
        let http = &self.0;
        let answer = http
            .post_message_with_response_limits(uri, message, session_id, auth_header, custom_headers, limits)
            .await?;
        match &answer {
            StreamableHttpPostResponse::Json(message, _) if has_session && is_lost_session(message) => {
                Err(StreamableHttpError::SessionExpired)
            }
            _ => Ok(answer),
        }
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session_id: Arc<str>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> Result<(), WireError> {
        self.0.delete_session(uri, session_id, auth_header, custom_headers).await
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> Result<Events, WireError> {
        self.0.get_stream(uri, session_id, last_event_id, auth_header, custom_headers).await
    }

    async fn get_stream_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        auth_header: Option<String>,
        custom_headers: Headers,
        max_sse_event_size: usize,
    ) -> Result<Events, WireError> {
        let http = &self.0;
        http.get_stream_with_max_sse_event_size(
            uri,
            session_id,
            last_event_id,
            auth_header,
            custom_headers,
            max_sse_event_size,
        )
        .await
    }
}

fn is_lost_session(message: &ServerJsonRpcMessage) -> bool {
    let ServerJsonRpcMessage::Error(refusal) = message else { return false };
    REFUSED.contains(&refusal.error.code) && refusal.error.message.to_ascii_lowercase().contains("session")
}

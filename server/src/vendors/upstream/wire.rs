//! The way out: rmcp's transport on the gateway's guarded HTTP client. It ends with the connection, whatever a server does;
//! what a server sends unasked is limited ([`Flow`]); and what a lost session looks like is put right.

use std::collections::HashMap;
use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use reqwest::Client;
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::model::{ClientJsonRpcMessage, ErrorCode, ErrorData, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_client::{
    SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
    StreamableHttpResponseLimits,
};
use sse_stream::Sse;
use tokio_util::sync::CancellationToken;

use super::flow::Flow;

/// The error of this way.
pub(super) type WireError = StreamableHttpError<reqwest::Error>;
type Headers = HashMap<HeaderName, HeaderValue>;
type Events = BoxStream<'static, Result<Sse, SseError>>;

/// Codes with which servers refuse a request before they read what it asks for: that of the TypeScript SDK for all such
/// refusals, and that of its lost sessions.
const REFUSED: [ErrorCode; 2] = [ErrorCode(-32000), ErrorCode(-32001)];

/// What those refusals say of a session, in lower case: the words of the SDKs and of their examples.
const LOST: [&str; 2] = ["no valid session id", "session not found"];

/// The HTTP client as rmcp wants it, for one connection.
#[derive(Clone)]
pub(super) struct Wire {
    http: Client,
    /// Cancelled when nobody has the connection any more, or nobody waits for its beginning: rmcp's task does not look at
    /// that while it begins.
    alive: CancellationToken,
    flow: Arc<Flow>,
}

impl Wire {
    pub(super) fn new(http: Client, alive: CancellationToken) -> Self {
        Self { http, alive, flow: Arc::new(Flow::new()) }
    }

    async fn while_alive<T>(&self, work: impl Future<Output = Result<T, WireError>>) -> Result<T, WireError> {
        let done = self.alive.run_until_cancelled(work).await;
        done.unwrap_or(Err(StreamableHttpError::TransportChannelClosed))
    }

    fn limited(&self, events: Events) -> Events {
        let flow = Arc::clone(&self.flow);
        let events = events.then(move |event| {
            let flow = Arc::clone(&flow);
            async move {
                match event {
                    Ok(event) => Ok(flow.event(event).await),
                    Err(error) => Err(error),
                }
            }
        });
        events.take_until(self.alive.clone().cancelled_owned()).boxed()
    }
}

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
    /// some servers answer 400. Both mean that nothing was done, and that a new session is wanted. (For those that answer 400
    /// with the request's id, see [`is_lost_session`].)
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
        let post = self.http.post_message_with_response_limits(
            uri,
            message,
            session_id,
            auth_header,
            custom_headers,
            limits,
        );
        match self.while_alive(post).await? {
            StreamableHttpPostResponse::Json(message, _) if has_session && is_unread(&message) => {
                Err(StreamableHttpError::SessionExpired)
            }
            StreamableHttpPostResponse::Sse(events, session_id) => {
                Ok(StreamableHttpPostResponse::Sse(self.limited(events), session_id))
            }
            answer => Ok(answer),
        }
    }

    /// Also when the connection has ended: it is the last word of it.
    async fn delete_session(
        &self,
        uri: Arc<str>,
        session_id: Arc<str>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> Result<(), WireError> {
        self.http.delete_session(uri, session_id, auth_header, custom_headers).await
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> Result<Events, WireError> {
        let limit = StreamableHttpResponseLimits::default().max_sse_event_size;
        self.get_stream_with_max_sse_event_size(
            uri,
            session_id,
            last_event_id,
            auth_header,
            custom_headers,
            limit,
        )
        .await
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
        let get = async {
            self.flow.stream().await;
            let http = &self.http;
            http.get_stream_with_max_sse_event_size(
                uri,
                session_id,
                last_event_id,
                auth_header,
                custom_headers,
                max_sse_event_size,
            )
            .await
        };
        self.while_alive(get).await.map(|events| self.limited(events))
    }
}

/// Refused before it was read: then there is no id of a request (JSON-RPC 2.0, section 5), which every answer of a tool has.
fn is_unread(message: &ServerJsonRpcMessage) -> bool {
    matches!(message, ServerJsonRpcMessage::Error(refusal) if refusal.id.is_none() && is_lost_session(&refusal.error))
}

/// Whether these are the words for a lost session. A server that repeats the id of the request cannot be told from a tool that
/// failed in the same words: who asks only to read may ask again.
pub(super) fn is_lost_session(refusal: &ErrorData) -> bool {
    let text = refusal.message.to_ascii_lowercase();
    REFUSED.contains(&refusal.code) && LOST.iter().any(|lost| text.contains(lost))
}

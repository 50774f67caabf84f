//! What went wrong between the gateway and an MCP server, in the terms of every vendor.

use std::error::Error;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use rmcp::model::ErrorData;
use rmcp::service::{ClientInitializeError, ServiceError};
use rmcp::transport::streamable_http_client::{HttpStatusError, StreamableHttpError};

use super::wire::WireError;
use crate::vendors::error::CallError;
use crate::vendors::redact::Redactor;
use crate::vendors::refusal::{refusal, shorten};
use crate::vendors::transport::transport_error;

/// Longest text of a server that is passed on, in characters.
const MAX_MESSAGE: usize = 2000;
/// Longest text about an answer that is not of the protocol.
const MAX_FOUND: usize = 200;

/// Puts errors into the gateway's terms, without secrets.
pub(super) struct Trouble<'c> {
    pub(super) host: String,
    pub(super) redactor: &'c Redactor,
}

impl Trouble<'_> {
    /// No connection came about.
    pub(super) fn of_beginning(&self, error: &ClientInitializeError) -> CallError {
        match error {
            ClientInitializeError::TransportError { error, .. } => self.of_transport(&*error.error),
            ClientInitializeError::LegacyFallbackFailed { fallback, .. } => self.of_beginning(fallback),
            ClientInitializeError::JsonRpcError(error) => self.said(error),
            ClientInitializeError::ConnectionClosed(_) => self.closed(),
            _ => CallError::Broken("the server does not speak MCP as this gateway does".into()),
        }
    }

    /// A request failed.
    pub(super) fn of_request(&self, error: &ServiceError) -> CallError {
        match error {
            ServiceError::McpError(error) => self.said(error),
            ServiceError::TransportSend(error) => self.of_transport(&*error.error),
            ServiceError::TransportClosed => self.closed(),
            _ => CallError::Broken("it is not of the protocol's form".into()),
        }
    }

    /// The words of a tool or a server.
    pub(super) fn words(&self, text: String) -> CallError {
        CallError::Said { message: shorten(self.redactor.clean(text).trim(), MAX_MESSAGE) }
    }

    fn said(&self, error: &ErrorData) -> CallError {
        self.words(format!("{} (code {})", error.message, error.code.0))
    }

    fn closed(&self) -> CallError {
        CallError::Unreachable { host: self.host.clone(), reason: "the connection was closed".into() }
    }

    fn of_transport(&self, error: &(dyn Error + Send + Sync + 'static)) -> CallError {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<WireError>() {
                return self.of_wire(error);
            }
            cause = error.source();
        }
        CallError::Broken(self.found(&error.to_string()))
    }

    fn of_wire(&self, error: &WireError) -> CallError {
        match error {
            StreamableHttpError::Client(error) => transport_error(error, &self.host),
            StreamableHttpError::HttpStatus(status) => self.of_status(status),
            StreamableHttpError::AuthRequired(_) => CallError::Unauthorized { status: 401, message: None },
            StreamableHttpError::InsufficientScope(_) => CallError::Forbidden { status: 403, message: None },
            StreamableHttpError::ResponseBodyTooLarge { max_size } => {
                CallError::TooLarge { limit: *max_size }
            }
            StreamableHttpError::UnexpectedContentType(found) => CallError::NotJson {
                status: 200,
                found: self.found(found.as_deref().unwrap_or("something of no declared type")),
            },
            StreamableHttpError::UnexpectedServerResponse(text) => self.of_text(text),
            StreamableHttpError::ReinitializationFailed(error) => self.said(error),
            StreamableHttpError::SessionExpired
            | StreamableHttpError::SessionRecoveryTimeout
            | StreamableHttpError::TransportChannelClosed
            | StreamableHttpError::UnexpectedEndOfStream => self.closed(),
            other => CallError::Broken(self.found(&other.to_string())),
        }
    }

    fn of_status(&self, error: &HttpStatusError) -> CallError {
        let mut headers = HeaderMap::new();
        let wait = error.retry_after.as_deref().and_then(|wait| HeaderValue::from_str(wait).ok());
        headers.extend(wait.map(|wait| (RETRY_AFTER, wait)));
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_GATEWAY);
        refusal(status, &headers, &[], self.redactor)
    }

    /// rmcp tells the other statuses in words: `HTTP 403 Forbidden: body`.
    fn of_text(&self, text: &str) -> CallError {
        let status =
            text.strip_prefix("HTTP ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
        match status {
            Some(status) => {
                let body = text.split_once(": ").map_or("", |(_, body)| body);
                refusal(status, &HeaderMap::new(), body.as_bytes(), self.redactor)
            }
            None => CallError::Broken(self.found(text)),
        }
    }

    fn found(&self, text: &str) -> String {
        let line = self.redactor.clean(text.to_owned()).split_whitespace().collect::<Vec<_>>().join(" ");
        shorten(&line, MAX_FOUND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::testing;

    fn of(error: &WireError) -> CallError {
        let credentials = [("key".to_owned(), "hunter2".to_owned())].into_iter().collect();
        let redactor = Redactor::new(&testing::vendor(testing::MCP), &credentials, None);
        Trouble { host: "mcp.example.com".into(), redactor: &redactor }.of_transport(error)
    }

    #[test]
    fn statuses_are_what_they_are_for_every_vendor() {
        let text = |text: &'static str| of(&StreamableHttpError::UnexpectedServerResponse(text.into()));
        let message = Some("Key [redacted] is wrong".to_owned());
        assert_eq!(
            text("HTTP 401 Unauthorized: {\"message\":\"Key hunter2 is wrong\"}"),
            CallError::Unauthorized { status: 401, message }
        );
        assert_eq!(text("HTTP 403 Forbidden: <html>"), CallError::Forbidden { status: 403, message: None });
        assert!(matches!(text("HTTP 302 Found: "), CallError::Redirected { status: 302, .. }));
        assert!(matches!(text("empty sse stream"), CallError::Broken(_)));
        let limited = StreamableHttpError::HttpStatus(HttpStatusError::new(429, Some("7".into())));
        assert_eq!(of(&limited).remedy(), "Wait 7 seconds, then call again.");
        let failed = StreamableHttpError::HttpStatus(HttpStatusError::new(503, None));
        assert_eq!(of(&failed), CallError::Failed { status: 503, message: None });
        assert!(matches!(of(&StreamableHttpError::SessionExpired), CallError::Unreachable { .. }));
    }
}

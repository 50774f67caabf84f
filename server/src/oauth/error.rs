//! The error dialect of the authorization server: JSON as RFC 6749 section 5.2 says, for every endpoint that answers
//! programs. What people see stands in `page.rs`; what the resource server answers, in `bearer.rs`.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use gateway_store::StoreError;
use serde_json::json;

/// What went wrong, as the specifications name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// RFC 6749 sections 4.1.2.1 and 5.2: a parameter is missing, repeated or malformed.
    InvalidRequest,
    /// RFC 6749 section 5.2: the client is not known, or did not prove who it is.
    InvalidClient,
    /// RFC 6749 section 5.2: the code or refresh token is not valid (any more), or was issued to another client.
    InvalidGrant,
    /// RFC 6749 section 5.2: the client may not do this.
    UnauthorizedClient,
    /// RFC 6749 section 5.2.
    UnsupportedGrantType,
    /// RFC 6749 section 4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749 sections 4.1.2.1 and 5.2.
    InvalidScope,
    /// RFC 8707 section 2: this is not the server that issues tokens for that resource.
    InvalidTarget,
    /// RFC 6749 section 4.1.2.1: the person said no.
    AccessDenied,
    /// OpenID Connect Core section 3.1.2.6: `prompt=none`, but a person must answer.
    InteractionRequired,
    /// OpenID Connect Core section 3.1.2.6.
    RequestNotSupported,
    /// OpenID Connect Core section 3.1.2.6.
    RequestUriNotSupported,
    /// RFC 7009 section 2.2.1: this kind of token cannot be given back.
    UnsupportedTokenType,
    /// RFC 7591 section 3.2.2.
    InvalidRedirectUri,
    /// RFC 7591 section 3.2.2.
    InvalidClientMetadata,
    /// RFC 7009 section 2.2.1 and RFC 6749 section 4.1.2.1: too busy, or the database is away.
    TemporarilyUnavailable,
    /// RFC 6749 section 4.1.2.1: a defect of ours.
    ServerError,
}

impl ErrorCode {
    /// As sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// A refused request of a client.
#[derive(Debug, thiserror::Error)]
#[error("{}: {description}", code.as_str())]
pub struct OAuthError {
    /// What a program decides by.
    pub code: ErrorCode,
    /// For the developer of the client; ASCII without quotes and backslashes (RFC 6749 section 5.2).
    pub description: &'static str,
    /// Only where the code's own status does not fit.
    status: Option<StatusCode>,
    /// Seconds to wait.
    retry_after: Option<u64>,
    /// For the log alone.
    cause: Option<String>,
}

impl OAuthError {
    /// An error with what to tell the client's developer.
    pub const fn new(code: ErrorCode, description: &'static str) -> Self {
        Self { code, description, status: None, retry_after: None, cause: None }
    }

    /// A parameter is missing, repeated or malformed.
    pub const fn invalid_request(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// Too many requests from one address.
    pub fn throttled(seconds: u64) -> Self {
        Self {
            status: Some(StatusCode::TOO_MANY_REQUESTS),
            retry_after: Some(seconds),
            ..Self::new(
                ErrorCode::TemporarilyUnavailable,
                "too many requests from this address, try again later",
            )
        }
    }

    /// The body is larger than any honest request.
    pub fn too_large() -> Self {
        Self {
            status: Some(StatusCode::PAYLOAD_TOO_LARGE),
            ..Self::new(ErrorCode::InvalidRequest, "the request body is too large")
        }
    }

    /// The endpoint does not have this method.
    pub fn method_not_allowed() -> Self {
        Self {
            status: Some(StatusCode::METHOD_NOT_ALLOWED),
            ..Self::new(ErrorCode::InvalidRequest, "this endpoint does not have this method")
        }
    }

    /// What the framework answered by a status alone.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Self::method_not_allowed(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            _ if status.is_server_error() => Self::internal(format!("answered {status} without a reason")),
            _ => Self { status: Some(status), ..Self::invalid_request("the request is not of its form") },
        }
    }

    /// There is no such document.
    pub fn not_found() -> Self {
        Self {
            status: Some(StatusCode::NOT_FOUND),
            ..Self::new(ErrorCode::InvalidRequest, "there is nothing at this address")
        }
    }

    /// A defect of ours; `cause` stands only in the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let error = Self::new(ErrorCode::ServerError, "something went wrong on our side");
        Self { cause: Some(cause.to_string()), ..error }
    }

    /// Writes a server error to the log, once.
    pub(super) fn log(&self) {
        if let Some(cause) = &self.cause {
            tracing::error!(%cause, code = self.code.as_str(), "authorization server");
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status.unwrap_or(self.code.status())
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Unavailable(_) => Self {
                cause: Some(error.to_string()),
                retry_after: Some(1),
                ..Self::new(
                    ErrorCode::TemporarilyUnavailable,
                    "the gateway cannot reach its database right now",
                )
            },
            StoreError::Unstorable => Self::invalid_request("a parameter holds a NUL character"),
            StoreError::Gone => {
                Self::new(ErrorCode::InvalidGrant, "the person or the organization was deleted a moment ago")
            }
            other => Self::internal(other),
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        self.log();
        let body = json!({ "error": self.code.as_str(), "error_description": self.description });
        let mut response = (self.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.code == ErrorCode::InvalidClient {
            // RFC 9110 section 15.5.2 wants a challenge with every 401.
            headers
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token endpoint\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_caused_is_no_defect_of_ours() {
        let told = |error: StoreError| {
            let error = OAuthError::from(error);
            (error.code, error.status().as_u16())
        };
        assert_eq!(told(StoreError::Unstorable), (ErrorCode::InvalidRequest, 400));
        assert_eq!(told(StoreError::Gone), (ErrorCode::InvalidGrant, 400));
        assert_eq!(told(StoreError::Busy), (ErrorCode::TemporarilyUnavailable, 503));
        assert_eq!(told(StoreError::Conflict), (ErrorCode::ServerError, 500));
    }
}

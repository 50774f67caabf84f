//! The error dialect of `/api`: `application/problem+json` (RFC 9457). The dialects of OAuth and MCP stand in
//! `oauth/error.rs` and `mcp/error.rs`.
//!
//! An error is logged once: here, where it becomes an answer.

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use gateway_api::problem::{FieldError, Problem};
use gateway_store::StoreError;

use crate::audit::export::ExportError;

/// Why a request to `/api` failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Nobody is signed in.
    #[error("sign in first")]
    NotSignedIn,
    /// E-mail or password is wrong; which one is not said.
    #[error("wrong e-mail or password")]
    InvalidCredentials,
    /// Too many attempts; seconds to wait.
    #[error("too many attempts")]
    Throttled(u64),
    /// The request comes from another site.
    #[error("request from another origin")]
    ForbiddenOrigin,
    /// Not allowed, with a sentence that says why and what to do.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The plan does not include it; the sentence says what does.
    #[error("{0}")]
    PlanRequired(String),
    /// Not there, or not yours: the same answer.
    #[error("not found")]
    NotFound,
    /// Something else is in the way; the sentence says what.
    #[error("{0}")]
    Conflict(&'static str),
    /// It was there, and is good no more: a stable code, and a sentence that says why.
    #[error("{1}")]
    Gone(&'static str, &'static str),
    /// Fields of the request are wrong.
    #[error("wrong fields")]
    Fields(Vec<FieldError>),
    /// The vendor refused the credentials; in its own words.
    #[error("{0}")]
    VendorRefused(String),
    /// The vendor could not be asked.
    #[error("{0}")]
    VendorUnreachable(String),
    /// The vendor was asked too often: in its own words, and seconds to wait.
    #[error("{0}")]
    VendorLimited(String, u64),
    /// The body cannot be read.
    #[error("{1}")]
    Body(StatusCode, String),
    /// This method is not for this path.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// It took too long.
    #[error("deadline")]
    Timeout,
    /// The database is not there or busy.
    #[error("{0}")]
    Unavailable(String),
    /// A defect of ours. What it was stands only in the log.
    #[error("{0}")]
    Internal(String),
}

impl ApiError {
    /// One wrong field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Fields(vec![FieldError { field: field.to_owned(), message: message.into() }])
    }

    /// What the framework answered by a status alone.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            // 400 is said of a path that cannot be decoded; bodies are read by [`Body`].
            StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => Self::Timeout,
            _ if status.is_server_error() => Self::Internal(format!("answered {status} without a reason")),
            StatusCode::PAYLOAD_TOO_LARGE => Self::Body(status, "The body is too large.".to_owned()),
            _ => Self::Body(status, "The address or the body is not of its form.".to_owned()),
        }
    }

    /// Status, stable code, title, and what to tell about this case.
    fn parts(&self) -> (StatusCode, &'static str, &'static str, Option<String>) {
        match self {
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "not_signed_in", "Please sign in first.", None),
            Self::InvalidCredentials => {
                (StatusCode::UNAUTHORIZED, "invalid_credentials", "E-mail or password is wrong.", None)
            }
            Self::Throttled(seconds) => (
                StatusCode::TOO_MANY_REQUESTS,
                "throttled",
                "Too many attempts.",
                Some(format!("Too many attempts. Please try again in {seconds} seconds.")),
            ),
            Self::ForbiddenOrigin => (
                StatusCode::FORBIDDEN,
                "forbidden_origin",
                "This request was sent by another web site, so it was not carried out.",
                None,
            ),
            Self::Forbidden(why) => {
                (StatusCode::FORBIDDEN, "forbidden", "Not allowed.", Some((*why).to_owned()))
            }
            Self::PlanRequired(why) => (
                StatusCode::FORBIDDEN,
                "plan_required",
                "The team’s plan does not include this.",
                Some(why.clone()),
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "There is nothing here.", None),
            Self::Conflict(why) => {
                (StatusCode::CONFLICT, "conflict", "Something is in the way.", Some((*why).to_owned()))
            }
            Self::Gone(code, why) => {
                (StatusCode::GONE, code, "This is not good any more.", Some((*why).to_owned()))
            }
            Self::Fields(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "validation_failed",
                "Please check the marked fields.",
                None,
            ),
            Self::VendorRefused(why) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "vendor_refused",
                "The vendor did not accept these credentials.",
                Some(why.clone()),
            ),
            Self::VendorUnreachable(why) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "vendor_unreachable",
                "The vendor could not be asked, so nothing was stored.",
                Some(why.clone()),
            ),
            Self::VendorLimited(why, _) => (
                StatusCode::TOO_MANY_REQUESTS,
                "vendor_limited",
                "The vendor takes no more requests right now, so nothing was stored.",
                Some(why.clone()),
            ),
            Self::Body(status, why) => {
                (*status, body_code(*status), "The request cannot be read.", Some(why.clone()))
            }
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This method is not for this address.",
                None,
            ),
            Self::Timeout => {
                (StatusCode::GATEWAY_TIMEOUT, "timeout", "This took too long, so it was given up.", None)
            }
            Self::Unavailable(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The gateway cannot reach its database right now. Please try again in a moment.",
                None,
            ),
            Self::Internal(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.", None)
            }
        }
    }

    /// The answer's body, still without a request id.
    pub fn problem(&self) -> Problem {
        let (status, code, title, detail) = self.parts();
        Problem {
            status: status.as_u16(),
            code: code.to_owned(),
            title: title.to_owned(),
            detail,
            errors: if let Self::Fields(errors) = self { errors.clone() } else { Vec::new() },
            retry_after: match self {
                Self::Throttled(seconds) | Self::VendorLimited(_, seconds) => Some(*seconds),
                _ => None,
            },
            request_id: None,
        }
    }
}

const fn body_code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        _ => "malformed_body",
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match &self {
            Self::Internal(cause) => tracing::error!(%cause, "internal error"),
            Self::Unavailable(cause) => tracing::error!(%cause, "the database cannot be used"),
            _ => {}
        }
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status.is_server_error() {
            // `router::name_request` puts the request's id into it.
            response.extensions_mut().insert(problem);
        }
        response
    }
}

impl From<ExportError> for ApiError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            StoreError::Gone => Self::Conflict("What this belongs to was deleted a moment ago."),
            StoreError::Unstorable => Self::Body(
                StatusCode::BAD_REQUEST,
                "A text has a NUL character in it, which cannot be stored.".to_owned(),
            ),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// A JSON body. What cannot be read is a [`Problem`], as everything else.
#[derive(Debug, Clone, Copy)]
pub struct Body<T>(pub T);

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    Json<T>: FromRequest<S, Rejection = JsonRejection>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => {
                let status = match &rejection {
                    JsonRejection::MissingJsonContentType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    JsonRejection::BytesRejection(_) => rejection.status(),
                    _ => StatusCode::BAD_REQUEST,
                };
                Err(ApiError::Body(status, explain(&rejection)))
            }
        }
    }
}

/// serde's message may quote the value it did not expect, which may be a password: only where and what kind is told.
fn explain(rejection: &JsonRejection) -> String {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => {
            "The request needs the header Content-Type: application/json.".to_owned()
        }
        JsonRejection::JsonSyntaxError(_) => "The body is not JSON.".to_owned(),
        JsonRejection::JsonDataError(_) => {
            "The body is JSON, but not of the form that is documented in /api/openapi.json.".to_owned()
        }
        other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => "The body is too large.".to_owned(),
        _ => "The body could not be read.".to_owned(),
    }
}

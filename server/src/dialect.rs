//! In which dialect an error is told: by the path. Programs get JSON on every path of theirs, people get a page.
//!
//! Handlers speak their dialect themselves. [`speak`] is the net below them: it translates what the framework answers (a
//! path that cannot be decoded, a method that is not there, a deadline, a panic), which is text or nothing at all.

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{
    error::ApiError,
    mcp,
    oauth::{error::OAuthError, page::error_page},
};

/// How an error looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `application/problem+json` (RFC 9457).
    Problem,
    /// JSON as RFC 6749 section 5.2 says.
    OAuth,
    /// JSON-RPC 2.0.
    JsonRpc,
    /// For people.
    Page,
}

impl Dialect {
    /// What is spoken under a path.
    pub fn of(path: &str) -> Self {
        match path.trim_start_matches('/').split('/').next().unwrap_or_default() {
            "api" | "health" | "ready" => Self::Problem,
            ".well-known" | "token" | "register" | "revoke" => Self::OAuth,
            "v1" => Self::JsonRpc,
            _ => Self::Page,
        }
    }

    /// Too many requests; to be tried again after some seconds.
    pub fn too_many(self, seconds: u64) -> Response {
        match self {
            Self::Problem => ApiError::Throttled(seconds).into_response(),
            Self::OAuth | Self::JsonRpc => OAuthError::throttled(seconds).into_response(),
            Self::Page => {
                let sentence = format!("Please try again in {seconds} seconds.");
                let mut page = error_page(StatusCode::TOO_MANY_REQUESTS, "Too many requests", &sentence);
                page.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                page
            }
        }
    }

    fn of_status(self, status: StatusCode) -> Response {
        match self {
            Self::Problem => ApiError::of_status(status).into_response(),
            Self::OAuth => OAuthError::of_status(status).into_response(),
            Self::JsonRpc => mcp::of_status(status),
            Self::Page => {
                let (title, sentence) = match status {
                    StatusCode::METHOD_NOT_ALLOWED => {
                        ("This cannot be done here", "There is nothing to send to this address.")
                    }
                    status if status.is_client_error() => (
                        "This address cannot be read",
                        "Something in the link is missing, doubled or broken.",
                    ),
                    _ => ("Something went wrong on our side", "Please try again in a moment."),
                };
                error_page(status, title, sentence)
            }
        }
    }
}

/// The layer over every route.
pub async fn speak(request: Request, next: Next) -> Response {
    let dialect = Dialect::of(request.uri().path());
    let accepts = Accepts::of(request.headers());
    // Files are neither for programs nor for people: whoever asks for them reads the status.
    let is_file = request.uri().path().starts_with("/pkg/");
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let dialect = match dialect {
        Dialect::Page if accepts.is_program(status) => Dialect::OAuth,
        dialect => dialect,
    };
    if !is_error || is_file || is_spoken(dialect, response.headers()) {
        return response;
    }
    let mut translated = dialect.of_status(status);
    for (name, value) in response.headers() {
        // What describes the body that is thrown away goes with it.
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            translated.headers_mut().insert(name, value.clone());
        }
    }
    translated
}

/// What a request says that it takes (RFC 9110 section 12.5.1).
struct Accepts {
    html: bool,
    json: bool,
}

impl Accepts {
    fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let accepted: Vec<&str> = accepted.flat_map(|value| value.split(',')).map(str::trim).collect();
        let has = |kind: &str| accepted.iter().any(|accepted| accepted.starts_with(kind));
        Self { html: has("text/html"), json: has("application/json") }
    }

    /// Whether a program asks for a page. Browsers always name HTML. Who takes anything at all is a program where there is no
    /// page; what there is to be read on one, it may read.
    fn is_program(&self, status: StatusCode) -> bool {
        let is_nothing = matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED);
        !self.html && (self.json || is_nothing)
    }
}

/// Whether an error is told already: in JSON to programs, in any form but plain text to people.
fn is_spoken(dialect: Dialect, headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match dialect {
        Dialect::Page => !kind.is_empty() && !kind.starts_with("text/plain"),
        _ => kind.starts_with("application/json") || kind.starts_with("application/problem+json"),
    }
}

#[cfg(test)]
mod tests {
    use std::any::Any;

    use axum::{
        Router,
        body::{Body, to_bytes},
        middleware::from_fn,
        routing::get,
    };
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    #[test]
    fn the_first_part_of_a_path_decides() {
        for (path, dialect) in [
            ("/api", Dialect::Problem),
            ("/api/", Dialect::Problem),
            ("/api/me", Dialect::Problem),
            ("//api/me", Dialect::Problem),
            ("/apis", Dialect::Page),
            ("/v1/nothing", Dialect::JsonRpc),
            ("/token/", Dialect::OAuth),
            ("/.well-known", Dialect::OAuth),
            ("/authorize", Dialect::Page),
            ("/", Dialect::Page),
            ("", Dialect::Page),
        ] {
            assert_eq!(Dialect::of(path), dialect, "{path}");
        }
    }

    /// What `speak` makes of an answer of the framework on this path.
    async fn spoken(path: &'static str, status: StatusCode) -> (StatusCode, String, String) {
        let handler = move || async move {
            assert!(!status.is_server_error(), "as a defect of ours does");
            (status, [(header::ALLOW, "GET")], "text of the framework")
        };
        let panicked = |_: Box<dyn Any + Send>| StatusCode::INTERNAL_SERVER_ERROR.into_response();
        let router = Router::new()
            .route(path, get(handler))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(speak));
        let request = Request::builder().uri(path).header(header::ACCEPT, "text/html").body(Body::empty());
        let request = request.unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        assert_eq!(answer.headers().contains_key(header::ALLOW), !status.is_server_error());
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn what_the_framework_says_is_translated() {
        for (path, kind, in_body) in [
            ("/api/x", "application/problem+json", "\"code\":"),
            ("/token", "application/json", "\"error_description\":"),
            ("/v1/x", "application/json", "\"jsonrpc\":\"2.0\""),
            ("/authorize", "text/html; charset=utf-8", "<h1>"),
        ] {
            for status in [400, 404, 405, 413, 415, 422, 500] {
                let status = StatusCode::from_u16(status).unwrap();
                let (answered, answered_kind, body) = spoken(path, status).await;
                // In a path of `/api` that cannot be decoded there is nothing.
                let is_path = path == "/api/x" && status == StatusCode::BAD_REQUEST;
                let expected = if is_path { StatusCode::NOT_FOUND } else { status };
                assert_eq!((answered, answered_kind.as_str()), (expected, kind), "{path}");
                assert!(body.contains(in_body) && !body.contains("framework"), "{path}: {body}");
            }
        }
    }
}

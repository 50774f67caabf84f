//! TABLE OF CONTENTS: every route of every surface, and the layers around it.
//!
//! | surface | routes | errors |
//! |---|---|---|
//! | JSON API | `openapi.rs` | `error.rs`: problem+json |
//! | sign-in by OpenID Connect | `auth/oidc/flow.rs` | the sign-in page, with a code |
//! | authorization server | `oauth/mod.rs` | `oauth/error.rs`: RFC 6749 |
//! | MCP endpoint | `mcp/mod.rs` | `mcp/error.rs`: JSON-RPC |
//! | public pages of vendors | `catalogue.rs` | a page |
//! | pages and their files | `pages.rs`, `web/mod.rs` | a page |
//!
//! Whatever the framework itself answers is put into these words by `dialect.rs`; how often strangers may ask stands in
//! `limits/public.rs`.

use std::{borrow::Cow, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{any, get},
};
use gateway_api::paths;
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    timeout::TimeoutLayer,
    trace::TraceLayer,
};

use crate::{
    auth, catalogue, clock::Clock, dialect, error::ApiError, limits::public::limit_public, mcp, oauth,
    openapi, pages, state::AppState,
};

/// The largest body that `/api` reads: forms, nothing more.
const API_BODY_LIMIT: usize = 64 * 1024;
/// `/api` answers within this time: longer than the deadline of any vendor's validation.
const API_TIMEOUT: Duration = Duration::from_secs(60);

/// The whole gateway as a service.
pub fn router(state: AppState) -> Router {
    let request_id = HeaderName::from_static("x-request-id");
    Router::new()
        .merge(api(&state))
        .merge(mcp::routes(&state))
        .merge(auth::oidc::flow::routes())
        .merge(oauth::routes())
        .route("/health", get(health))
        .route("/ready", get(ready))
        .merge(catalogue::routes())
        .merge(pages::routes(&state))
        .layer(middleware::from_fn_with_state(state.clone(), limit_public))
        // What it was has been told by the panic itself; `speak` puts it into words.
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }))
        .layer(middleware::from_fn(dialect::speak))
        .layer(middleware::map_response(common_headers))
        .layer(middleware::from_fn(name_request))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(SetRequestIdLayer::new(request_id, NewRequestId(state.clock.clone())))
        .layer(middleware::map_request(forget_foreign_id))
        .with_state(state)
}

fn api(state: &AppState) -> Router<AppState> {
    let (routes, document) = openapi::api_routes().split_for_parts();
    routes
        .route(paths::OPENAPI, get(move || async { Json(document) }))
        .route("/api/{*rest}", any(|| async { ApiError::NotFound }))
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .layer(DefaultBodyLimit::max(API_BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, API_TIMEOUT))
        .layer(middleware::from_fn_with_state(state.clone(), auth::csrf::same_origin_only))
        .layer(middleware::map_response(no_store))
}

/// The process runs.
async fn health() -> &'static str {
    "ok"
}

/// The process can work: its database answers.
async fn ready(State(state): State<AppState>) -> Result<&'static str, ApiError> {
    state.database.ping().await?;
    Ok("ready")
}

/// Answers of `/api` are about one person at one moment.
async fn no_store(mut response: Response) -> Response {
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn common_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    response
}

/// Puts the request's id into the body of a server error, so that who meets one can tell the operator.
async fn name_request(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.header_value().clone());
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<gateway_api::problem::Problem>();
    if let (Some(mut problem), Some(id)) = (problem, id) {
        problem.request_id = id.to_str().ok().map(str::to_owned);
        if let Ok(body) = serde_json::to_vec(&problem) {
            response.headers_mut().remove(header::CONTENT_LENGTH);
            *response.body_mut() = Body::from(body);
        }
    }
    response
}

/// The id is ours: one that a client sends could stand for another's request in the log.
async fn forget_foreign_id(mut request: Request) -> Request {
    request.headers_mut().remove("x-request-id");
    request
}

/// The path without what lets its holder join: the token of an invite link stands in it.
fn loggable(path: &str) -> Cow<'_, str> {
    for prefix in ["/invite/", "/api/invitations/"] {
        if let Some(rest) = path.strip_prefix(prefix) {
            let after = rest.find('/').map_or("", |end| &rest[end..]);
            return Cow::Owned(format!("{prefix}...{after}"));
        }
    }
    Cow::Borrowed(path)
}

fn span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    // The path without its query: a query may hold a code or a token.
    tracing::info_span!("request", method = %request.method(), path = %loggable(request.uri().path()), id = id.unwrap_or_default())
}

#[derive(Clone)]
struct NewRequestId(Clock);

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let id = self.0.new_uuid().simple().to_string();
        HeaderValue::try_from(id).ok().map(RequestId::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_an_invitation_is_not_logged() {
        assert_eq!(loggable("/invite/secret"), "/invite/...");
        assert_eq!(loggable("/api/invitations/secret/accept"), "/api/invitations/.../accept");
        assert_eq!(loggable("/api/organizations/1/invitations/2"), "/api/organizations/1/invitations/2");
    }
}

//! The HTTP side of `/v1/mcp`: what must be settled before rmcp sees a request, and how its refusals look.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse as _, Response},
    routing::{any, get},
};
use futures::StreamExt as _;
use gateway_api::paths;
use rmcp::{
    model::ProtocolVersion,
    transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService},
};
use tracing::Instrument as _;

#[cfg(feature = "conformance")]
use super::conformance::Fixture as Served;
#[cfg(not(feature = "conformance"))]
use super::handler::Handler as Served;
use super::{
    connect_page, error,
    listing::{self, Slot},
    sessions::{SessionError, Sessions, Stored},
    shape, step_up,
    view::{View, read_view},
};
use crate::{
    oauth::bearer::{Caller, require_bearer},
    state::AppState,
};

/// The largest message of a client, in bytes.
const MAX_BODY: usize = 1 << 20;
/// How long a client may take to send it.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Names a session of the older revisions.
pub(super) const SESSION_ID: &str = "mcp-session-id";
/// Names the revision.
pub(super) const PROTOCOL_VERSION: &str = "mcp-protocol-version";

type Service = StreamableHttpService<Served, Sessions>;

/// The endpoints, behind the bearer token: without one even GET is answered by the challenge that starts a sign-in. And the
/// page for people whom an app sends to connect a vendor.
pub fn routes(state: &AppState) -> Router<AppState> {
    let service = Arc::new(service(state));
    Router::new()
        .route(paths::MCP, any(serve))
        .route(paths::VENDOR_MCP, any(serve))
        .layer(Extension(service))
        .layer(from_fn_with_state(state.clone(), require_bearer))
        .layer(from_fn_with_state(state.clone(), read_view))
        .route(paths::CONNECT_VENDOR, get(connect_page::get_connect))
}

fn service(state: &AppState) -> Service {
    let sessions = Arc::clone(&state.mcp.sessions);
    let mut config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(allowed_hosts(&state.config.public_url))
        .with_allowed_origins([with_port(&state.config.public_url)])
        .enforce_origin_validation()
        .with_json_response(true)
        .with_sse_retry(None)
        .with_max_request_body_bytes(MAX_BODY)
        .with_cancellation_token(state.mcp.stopping.clone());
    config.session_store = Some(Arc::new(Stored(Arc::clone(&sessions))));
    let state = state.clone();
    StreamableHttpService::new(move || Ok(Served::new(state.clone())), sessions, config)
}

/// One request of any method.
async fn serve(
    State(state): State<AppState>,
    Extension(service): Extension<Arc<Service>>,
    Extension(caller): Extension<Arc<Caller>>,
    Extension(view): Extension<View>,
    mut request: Request,
) -> Response {
    if let Some(refusal) = shape::refuse_headers(request.headers()) {
        return refusal;
    }
    let session = if is_modern(request.headers()) {
        // There are no sessions any more; the header means nothing (MCP 2026-07-28, transports, compatibility).
        request.headers_mut().remove(SESSION_ID);
        None
    } else {
        request.headers().get(SESSION_ID).map(|id| id.to_str().unwrap_or_default().to_owned())
    };
    if let Some(id) = &session {
        let is_delete = request.method() == Method::DELETE;
        match check_session(&state.mcp.sessions, &caller, id, &view, is_delete).await {
            Ok(view) => request.extensions_mut().insert(view),
            Err(refusal) => return refusal,
        };
    }
    let slot = Slot::default();
    request.extensions_mut().insert(slot.clone());
    // Before anybody waits for this request.
    let request = match read(request).await {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    let mut response = match session {
        Some(id) => in_turn(&state, service, id, request, slot).await,
        None => hand_over(&state, &service, request, slot, false).await,
    };
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Hands a request of a session over when it is its turn. To bring a session back into memory goes on when the client
/// hangs up: half a session would be worse than none.
async fn in_turn(
    state: &AppState,
    service: Arc<Service>,
    id: String,
    request: Request<Bytes>,
    slot: Slot,
) -> Response {
    let state = state.clone();
    let handing_over = async move {
        let _turn = state.mcp.sessions.turn(&id).await;
        hand_over(&state, &service, request, slot, true).await
    };
    let handed_over = tokio::spawn(handing_over.in_current_span());
    handed_over.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request of a session panicked");
        error::answer(StatusCode::INTERNAL_SERVER_ERROR, None, error::internal())
    })
}

/// To rmcp. The body was read before, so that one that is no message can be explained afterwards.
async fn hand_over(
    state: &AppState,
    service: &Service,
    request: Request<Bytes>,
    slot: Slot,
    is_session: bool,
) -> Response {
    let (parts, body) = request.into_parts();
    let is_json = is_json(&parts.headers);
    if is_json && shape::has_duplicate_names(&body) {
        return error::refuse(StatusCode::BAD_REQUEST, "An object of the body has a name twice.");
    }
    if let Some(refusal) = step_up::refuse(state, &parts, &body).await {
        return refusal;
    }
    let response = service.handle(Request::from_parts(parts, Body::from(body.clone()))).await.map(Body::new);
    if is_json && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        // That is what rmcp says to a body that it cannot parse.
        return error::unreadable(&body);
    }
    listing::fill(error::as_json_rpc(response.into_response()).await, slot, is_session).await
}

/// A session id counts only with the token of the grant that opened it, at the endpoint where it was opened. DELETE ends it,
/// everywhere, before rmcp closes what of it is in this process.
async fn check_session(
    sessions: &Sessions,
    caller: &Caller,
    id: &str,
    view: &View,
    is_delete: bool,
) -> Result<View, Response> {
    let unavailable = |error: SessionError| {
        tracing::error!(%error, "a session could not be read or ended");
        error::answer(StatusCode::SERVICE_UNAVAILABLE, None, error::unavailable())
    };
    let Some(view) = sessions.find_of(caller, id, view).await.map_err(unavailable)? else {
        return Err(error::refuse(StatusCode::NOT_FOUND, "There is no such session: initialize again."));
    };
    if is_delete {
        sessions.end(caller, id).await.map_err(unavailable)?;
    }
    Ok(view)
}

/// The request with the whole of its body.
async fn read(request: Request) -> Result<Request<Bytes>, Response> {
    let (parts, body) = request.into_parts();
    let too_slow = |_| error::refuse(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time.");
    let body = tokio::time::timeout(BODY_TIMEOUT, read_body(body)).await.map_err(too_slow)??;
    Ok(Request::from_parts(parts, body))
}

async fn read_body(body: Body) -> Result<Bytes, Response> {
    let mut frames = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(frame) = frames.next().await {
        let frame =
            frame.map_err(|_| error::refuse(StatusCode::BAD_REQUEST, "The body could not be read."))?;
        if whole.len() + frame.len() > MAX_BODY {
            let message = format!("The body is larger than {MAX_BODY} bytes.");
            return Err(error::refuse(StatusCode::PAYLOAD_TOO_LARGE, message));
        }
        whole.extend_from_slice(&frame);
    }
    Ok(whole.into())
}

/// The era that the headers name. Without a version it is the older one (MCP 2025-11-25, transports).
pub(super) fn is_modern(headers: &HeaderMap) -> bool {
    let version = headers.get(PROTOCOL_VERSION).map(HeaderValue::as_bytes);
    version.is_some_and(|version| version >= ProtocolVersion::V_2026_07_28.as_str().as_bytes())
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type
        .split(';')
        .next()
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// The host of the public URL, and this computer, for proxies that do not pass the host on.
fn allowed_hosts(public_url: &str) -> Vec<String> {
    let public = url::Url::parse(public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let here = [IpAddr::from([127, 0, 0, 1]).to_string(), "::1".to_owned(), "localhost".to_owned()];
    public.into_iter().chain(here).collect()
}

/// An origin with its port: rmcp lets one without a port match every port.
fn with_port(origin: &str) -> String {
    match url::Url::parse(origin) {
        Ok(url) => match (url.host_str(), url.port_or_known_default()) {
            (Some(host), Some(port)) => format!("{}://{host}:{port}", url.scheme()),
            _ => origin.to_owned(),
        },
        Err(_) => origin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_origins_come_from_the_public_url() {
        assert_eq!(allowed_hosts("https://gateway.example")[0], "gateway.example");
        assert_eq!(with_port("https://gateway.example"), "https://gateway.example:443");
        assert_eq!(with_port("http://[::1]:8080"), "http://[::1]:8080");
    }

    #[test]
    fn the_version_header_tells_the_era() {
        let headers = |version: &'static str| {
            HeaderMap::from_iter([(
                header::HeaderName::from_static(PROTOCOL_VERSION),
                HeaderValue::from_static(version),
            )])
        };
        assert!(!is_modern(&HeaderMap::new()));
        assert!(!is_modern(&headers("2025-11-25")));
        assert!(is_modern(&headers("2026-07-28")));
    }
}

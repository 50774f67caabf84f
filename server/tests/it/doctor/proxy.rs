//! A reverse proxy with one fault, in front of a real gateway.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

use crate::gateway::Gateway;

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// It keeps the Authorization header for itself.
    TakesAuthorization,
    /// It takes WWW-Authenticate out of answers.
    TakesChallenge,
    /// It asks for a password of its own.
    AsksForPassword,
    /// It answers with a page at this path.
    PageAt(&'static str),
    /// It answers 502 at this path.
    BadGatewayAt(&'static str),
    /// It answers 404 at this path.
    ForgetsPath(&'static str),
    /// It sends callers to https, on another port.
    RedirectsToHttps,
    /// It sends callers elsewhere to sign in.
    RedirectsTo(&'static str),
    /// It lets only GET pass.
    OnlyGet,
    /// It sends its own address as the Host.
    ChangesHost,
    /// It replaces a text in the answers at a path.
    Rewrites(&'static str, &'static str, &'static str),
    /// It passes an answer on when it has all of it.
    Buffers,
    /// It takes the session id out of requests.
    TakesSession,
    /// It takes cookies out of answers.
    TakesCookies,
    /// It sends callers of a path to another one.
    SendsOn(&'static str, &'static str),
    /// It holds requests to a path back until it is told to go on.
    HoldsBack(&'static str),
}

/// A running proxy, with its gateway behind it. It ends with the test.
pub(super) struct Proxied {
    /// What clients are told; also the gateway's public URL.
    pub(super) url: String,
    /// The gateway; what it is asked goes through the proxy.
    pub(super) gateway: Gateway,
    /// What is held back.
    pub(super) held: Arc<Held>,
    task: JoinHandle<()>,
}

/// A request that is held back.
#[derive(Default)]
pub(super) struct Held {
    /// It is there.
    pub(super) arrived: Notify,
    /// It may go on.
    pub(super) go_on: Notify,
}

impl Drop for Proxied {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Settings {
    fault: Fault,
    upstream: String,
    http: reqwest::Client,
    held: Arc<Held>,
}

/// A gateway behind a proxy with this fault, under the proxy's address.
pub(super) async fn start(fault: Fault) -> Proxied {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    start_as(fault, listener, &url).await
}

/// The same, for a gateway that believes that this is its public URL.
pub(super) async fn start_as(fault: Fault, listener: TcpListener, public_url: &str) -> Proxied {
    let url = format!("http://{}", listener.local_addr().unwrap());
    let options = ["--demo", "--vendor-networks", "127.0.0.0/8", "--public-url", public_url];
    let mut gateway = Gateway::start_with(&options).await;
    let http = gateway.browser().http;
    let held = Arc::new(Held::default());
    let upstream = std::mem::replace(&mut gateway.url, url.clone());
    let settings = Settings { fault, upstream, http, held: Arc::clone(&held) };
    let router = Router::new().fallback(pass).with_state(settings);
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Proxied { url, gateway, held, task }
}

async fn pass(State(settings): State<Settings>, request: Request) -> Response {
    if let Some(answer) = own_answer(settings.fault, &request) {
        return answer;
    }
    let path = request.uri().path().to_owned();
    if matches!(settings.fault, Fault::HoldsBack(at) if at == path) {
        settings.held.arrived.notify_one();
        settings.held.go_on.notified().await;
    }
    let url = format!("{}{}", settings.upstream, request.uri());
    let (mut parts, body) = request.into_parts();
    change_request(settings.fault, &mut parts.headers);
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let sent = settings.http.request(parts.method, url).headers(parts.headers).body(body).send();
    let answer = sent.await.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove(header::TRANSFER_ENCODING);
    if settings.fault == Fault::TakesChallenge {
        headers.remove(header::WWW_AUTHENTICATE);
    }
    if settings.fault == Fault::TakesCookies {
        headers.remove(header::SET_COOKIE);
    }
    let body = match settings.fault {
        Fault::Buffers => Body::from(answer.bytes().await.unwrap()),
        Fault::Rewrites(at, from, to) if at == path => {
            headers.remove(header::CONTENT_LENGTH);
            Body::from(answer.text().await.unwrap().replace(from, to))
        }
        _ => Body::from_stream(answer.bytes_stream()),
    };
    (status, headers, body).into_response()
}

fn own_answer(fault: Fault, request: &Request) -> Option<Response> {
    let is_at = |path: &str| request.uri().path().starts_with(path);
    let redirect = |to: String| (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response();
    match fault {
        Fault::AsksForPassword => {
            let realm = [(header::WWW_AUTHENTICATE, "Basic realm=\"intranet\"")];
            Some((StatusCode::UNAUTHORIZED, realm, "who are you?").into_response())
        }
        Fault::PageAt(path) if is_at(path) => {
            let kind = [(header::CONTENT_TYPE, "text/html")];
            Some((kind, "<!doctype html><title>Under maintenance</title>").into_response())
        }
        Fault::BadGatewayAt(path) if is_at(path) => Some(StatusCode::BAD_GATEWAY.into_response()),
        Fault::ForgetsPath(path) if is_at(path) => Some(StatusCode::NOT_FOUND.into_response()),
        Fault::RedirectsToHttps => {
            let host = request.headers()[header::HOST].to_str().unwrap();
            Some(redirect(format!("https://{host}{}", request.uri())))
        }
        Fault::SendsOn(path, to) if is_at(path) => Some(redirect(to.to_owned())),
        Fault::RedirectsTo(url) => Some(redirect(url.to_owned())),
        Fault::OnlyGet if request.method() != "GET" => Some(StatusCode::METHOD_NOT_ALLOWED.into_response()),
        _ => None,
    }
}

fn change_request(fault: Fault, headers: &mut HeaderMap) {
    match fault {
        Fault::TakesAuthorization => headers.remove(header::AUTHORIZATION),
        Fault::TakesSession => headers.remove("mcp-session-id"),
        Fault::ChangesHost => headers.insert(header::HOST, "internal.example:8080".parse().unwrap()),
        _ => None,
    };
}

//! Clients that are known by a client ID metadata document, which a host on this computer serves.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION},
    response::{IntoResponse, Response as Reply},
};
use futures::stream;
use gateway_api::consent::ConsentView;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::flow::{Flow, REDIRECT_URI, error_of, good, with};
use crate::{gateway::Gateway, mcp::client::Client};

const LOOPBACK: [&str; 2] = ["--client-metadata-networks", "127.0.0.0/8"];

type Make = Arc<dyn Fn() -> Reply + Send + Sync>;

/// What is served, by path, and what was asked for.
#[derive(Default)]
struct Shelf {
    documents: HashMap<String, Make>,
    asked: Vec<String>,
}

/// A real web server with documents. It ends with the test.
struct Host {
    url: String,
    shelf: Arc<Mutex<Shelf>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(State(shelf): State<Arc<Mutex<Shelf>>>, Path(path): Path<String>) -> Reply {
    let make = {
        let mut shelf = shelf.lock().unwrap();
        shelf.asked.push(path.clone());
        shelf.documents.get(&path).cloned()
    };
    make.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |make| make())
}

impl Host {
    async fn start() -> Self {
        let shelf = Arc::<Mutex<Shelf>>::default();
        let router =
            Router::new().route("/{*path}", axum::routing::get(serve)).with_state(Arc::clone(&shelf));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shelf, server }
    }

    /// The client id of the document at `path`.
    fn id(&self, path: &str) -> String {
        format!("{}/{path}", self.url)
    }

    /// A good document.
    fn document(&self, path: &str) -> Value {
        json!({
            "client_id": self.id(path),
            "client_name": "An app \u{202e}with a document",
            "redirect_uris": ["http://localhost/callback"],
            "token_endpoint_auth_method": "none",
            "logo_uri": format!("{}/logo.png", self.url),
        })
    }

    fn put(&self, path: &str, make: impl Fn() -> Reply + Send + Sync + 'static) {
        self.shelf.lock().unwrap().documents.insert(path.to_owned(), Arc::new(make));
    }

    fn put_json(&self, path: &str, document: &Value, caching: &'static str) {
        let body = document.to_string();
        self.put(path, move || {
            ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, caching)], body.clone()).into_response()
        });
    }

    /// How often `path` was asked for.
    fn asked(&self, path: &str) -> usize {
        self.shelf.lock().unwrap().asked.iter().filter(|asked| *asked == path).count()
    }
}

/// Somebody who is signed in, at a gateway that reads documents of this computer, and a host with a good one.
async fn start() -> (Flow, Host) {
    let host = Host::start().await;
    let flow = flow(&host, &[&["--demo"], &LOOPBACK[..]].concat()).await;
    host.put_json("client.json", &host.document("client.json"), "max-age=60");
    (flow, host)
}

async fn flow(host: &Host, options: &[&str]) -> Flow {
    let gateway = Gateway::start_with(options).await;
    let browser = gateway.person("ada@msp.example").await;
    Flow { gateway, browser, client_id: host.id("client.json") }
}

async fn authorize(flow: &Flow, client_id: &str) -> Response {
    flow.authorize(&flow.browser, &with(&flow.request(), "client_id", client_id)).await
}

/// The page that says what is wrong; nobody is sent anywhere.
async fn refused(flow: &Flow, client_id: &str) -> String {
    let answer = authorize(flow, client_id).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{client_id}");
    assert!(!answer.headers().contains_key(LOCATION));
    answer.text().await.unwrap()
}

#[tokio::test]
async fn a_client_with_a_document_connects_without_registering() {
    let (flow, host) = start().await;
    let id = flow.pending().await;
    let view: ConsentView = flow.browser.get_json(&format!("/api/consents/{id}")).await;
    assert_eq!(view.client_name, "An app with a document");
    assert_eq!(view.client_id, host.id("client.json"));
    assert_eq!(view.client_host.as_deref(), host.url.strip_prefix("http://"));
    assert_eq!(view.redirect_host, "localhost:33418", "any port of a loopback address");
    let code = flow.allow(&id).await.remove("code").unwrap();
    let tokens = good(flow.token(&flow.exchange(&code)).await).await;
    let client =
        Client { http: flow.gateway.browser().http, url: flow.mcp_url(), token: tokens.access_token.clone() };
    assert!(client.tool_names().await.contains(&"gateway__list_connections".to_owned()));
    client.call("gateway__list_connections", json!({})).await;
    let row = flow.audit("tool.call").await;
    assert_eq!(row.client_id, Some(host.id("client.json")));
    // A host that is away does not matter to who is connected.
    host.put("client.json", || StatusCode::NOT_FOUND.into_response());
    flow.gateway.clock.advance(Duration::from_secs(61));
    flow.refresh(&tokens.refresh_token).await;
    assert_eq!(host.asked("client.json"), 1);
    assert_eq!(host.asked("logo.png"), 0, "pictures are not loaded");
}

#[tokio::test]
async fn tokens_are_bound_to_the_address() {
    let (flow, host) = start().await;
    let code = flow.code().await;
    let other = with(&flow.exchange(&code), "client_id", &host.id("other.json"));
    assert_eq!(error_of(flow.token(&other).await).await, (400, "invalid_grant".to_owned()));
    let code = flow.code().await;
    let exchange = flow.exchange(&code);
    let secret = with(&exchange, "client_secret", "x");
    assert_eq!(error_of(flow.token(&secret).await).await, (401, "invalid_client".to_owned()));
    for wrong in ["https://app.example/a/../b", "https://app.example", "http://app.example/b"] {
        let answer = flow.token(&with(&exchange, "client_id", wrong)).await;
        assert_eq!(error_of(answer).await, (401, "invalid_client".to_owned()), "{wrong}");
    }
    good(flow.token(&exchange).await).await;
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_in_the_document_is_refused() {
    let (flow, _host) = start().await;
    for wrong in
        ["http://localhost:33418/other", "http://127.0.0.1:33418/callback", "https://evil.example/callback"]
    {
        let request = with(&flow.request(), "redirect_uri", wrong);
        let answer = flow.authorize(&flow.browser, &request).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
        assert!(answer.text().await.unwrap().contains("an address that it had not registered"));
    }
}

#[tokio::test]
async fn documents_that_are_not_right_are_refused_and_not_remembered() {
    let (flow, host) = start().await;
    let path = "changing.json";
    let good = host.document(path);
    let with = |member: &str, value: Value| {
        let mut document = good.clone();
        document[member] = value;
        document
    };
    let json = |document: Value| -> Make {
        let body = document.to_string();
        Arc::new(move || ([(CONTENT_TYPE, "application/json")], body.clone()).into_response())
    };
    let target = host.id("client.json");
    let html = good.to_string();
    let cases: Vec<(Make, &str)> = vec![
        (Arc::new(|| StatusCode::NOT_FOUND.into_response()), "is not there"),
        (Arc::new(|| StatusCode::NO_CONTENT.into_response()), "is not there"),
        (Arc::new(|| StatusCode::INTERNAL_SERVER_ERROR.into_response()), "is not there"),
        (
            Arc::new(move || (StatusCode::FOUND, [(LOCATION, target.clone())]).into_response()),
            "redirects are not followed",
        ),
        (
            Arc::new(move || ([(CONTENT_TYPE, "text/html")], html.clone()).into_response()),
            "not served as JSON",
        ),
        (
            Arc::new(|| ([(CONTENT_TYPE, "application/json")], "<html>").into_response()),
            "is not a JSON object",
        ),
        (json(json!([good])), "is not a JSON object"),
        (json(with("client_id", json!(host.id("client.json")))), "names another client_id"),
        (json(with("client_name", json!("\u{200b}"))), "no client_name"),
        (json(with("client_secret", json!("x"))), "shared secret"),
        (json(with("token_endpoint_auth_method", json!("client_secret_basic"))), "shared secret"),
        (json(with("token_endpoint_auth_method", json!("private_key_jwt"))), "token_endpoint_auth_method"),
        (json(with("redirect_uris", json!(["http://evil.example/"]))), "no redirect URI"),
        (json(with("padding", json!("x".repeat(5000)))), "larger than 5 KB"),
        (
            // Without a length, and without an end.
            Arc::new(|| {
                let chunks = stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 1024]));
                ([(CONTENT_TYPE, "application/json")], Body::from_stream(chunks)).into_response()
            }),
            "larger than 5 KB",
        ),
    ];
    let count = cases.len();
    for (make, why) in cases {
        host.put(path, move || make());
        let page = refused(&flow, &host.id(path)).await;
        assert!(page.contains(why) && page.contains("127.0.0.1"), "{why}: {page}");
    }
    assert_eq!(host.asked(path), count, "nothing of it is remembered");
    assert_eq!(host.asked("client.json"), 0, "no redirect is followed");
    host.put_json(path, &good, "max-age=60");
    assert_eq!(authorize(&flow, &host.id(path)).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_is_slow_is_given_up() {
    let (flow, host) = start().await;
    host.put("silent.json", || {
        let nothing = stream::pending::<Result<Vec<u8>, std::io::Error>>();
        ([(CONTENT_TYPE, "application/json")], Body::from_stream(nothing)).into_response()
    });
    host.put("drip.json", || {
        let drip = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            Some((Ok::<_, std::io::Error>(" "), ()))
        });
        ([(CONTENT_TYPE, "application/json")], Body::from_stream(drip)).into_response()
    });
    // Takes connections, and never says a word.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mute_id = format!("http://{}/client.json", mute.local_addr().unwrap());
    let (silent, drip) = (host.id("silent.json"), host.id("drip.json"));
    let pages = tokio::join!(refused(&flow, &silent), refused(&flow, &drip), refused(&flow, &mute_id));
    for page in <[String; 3]>::from(pages) {
        assert!(page.contains("takes too long to load"), "{page}");
    }
    // Nobody listens on a port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}/client.json", listener.local_addr().unwrap());
    drop(listener);
    assert!(refused(&flow, &closed).await.contains("cannot be reached"));
}

#[tokio::test]
async fn a_document_is_believed_as_long_as_its_headers_say() {
    let (flow, host) = start().await;
    let id = host.id("client.json");
    assert_eq!(authorize(&flow, &id).await.status(), StatusCode::SEE_OTHER);
    let mut changed = host.document("client.json");
    changed["redirect_uris"] = json!(["https://elsewhere.example/callback"]);
    host.put_json("client.json", &changed, "no-store");
    flow.gateway.clock.advance(Duration::from_secs(59));
    assert_eq!(authorize(&flow, &id).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(host.asked("client.json"), 1);
    flow.gateway.clock.advance(Duration::from_secs(2));
    assert!(refused(&flow, &id).await.contains("had not registered"));
    assert_eq!(host.asked("client.json"), 2);
    refused(&flow, &id).await;
    assert_eq!(host.asked("client.json"), 3, "what must not be stored is not");
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused() {
    let host = Host::start().await;
    let flow = flow(&host, &["--demo"]).await;
    host.put_json("client.json", &host.document("client.json"), "max-age=60");
    for (id, why) in [
        (host.id("client.json"), "is not an https address"),
        (host.id("client.json").replace("http:", "https:"), "not public"),
        (host.id("client.json").replace("http://127.0.0.1", "https://localhost"), "not public"),
        ("https://169.254.169.254/latest/meta-data".to_owned(), "not public"),
        ("https://[::ffff:7f00:1]/client.json".to_owned(), "not public"),
        ("https://10.0.0.1/client.json".to_owned(), "not public"),
        ("http://app.example/client.json".to_owned(), "is not an https address"),
        ("https://app.example/a/../client.json".to_owned(), "as it must be written"),
        ("https://app.example/%2e%2e/client.json".to_owned(), "as it must be written"),
        ("https://app.example/client.json#x".to_owned(), "fragment"),
        ("https://claude.ai@app.example/client.json".to_owned(), "user name"),
        ("https://app.example".to_owned(), "as it must be written"),
    ] {
        let page = refused(&flow, &id).await;
        assert!(page.contains(why), "{id}: {page}");
    }
    assert_eq!(host.asked("client.json"), 0);
}

#[tokio::test]
async fn the_operator_decides_whose_documents_count() {
    let host = Host::start().await;
    host.put_json("client.json", &host.document("client.json"), "max-age=60");
    let supported = async |flow: &Flow| {
        let document: Value = flow.browser.get_json("/.well-known/oauth-authorization-server").await;
        document["client_id_metadata_document_supported"] == true
    };
    let with_hosts = |hosts| [&LOOPBACK[..], &["--client-metadata-hosts", hosts]].concat();
    for (hosts, is_supported) in [("none", false), ("claude.ai,vscode.dev", true)] {
        let flow = flow(&host, &with_hosts(hosts)).await;
        assert_eq!(supported(&flow).await, is_supported);
        let page = refused(&flow, &host.id("client.json")).await;
        assert!(page.contains("does not accept apps that are described at 127.0.0.1"), "{page}");
        let answer = flow.token(&flow.refreshing("x")).await;
        assert_eq!(error_of(answer).await, (401, "invalid_client".to_owned()));
    }
    assert_eq!(host.asked("client.json"), 0);
    let flow = flow(&host, &with_hosts("claude.ai,127.0.0.1")).await;
    assert!(supported(&flow).await);
    assert_eq!(authorize(&flow, &host.id("client.json")).await.status(), StatusCode::SEE_OTHER);
    assert!(REDIRECT_URI.starts_with("http://localhost:"));
}

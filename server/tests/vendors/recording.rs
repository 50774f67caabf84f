//! A server that expects exact requests, in order, and fails the test on anything else.
//!
//! Method, raw path, query, every header that is not the transport's own, and body must be as expected; a surplus
//! header is a failure as well; of those that clients set by themselves, only an expected one must be right. What is
//! expected is written in the tests, from the vendors' public documentation.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

/// Headers that HTTP clients set by themselves.
const TRANSPORT_HEADERS: [&str; 5] = ["host", "accept", "accept-encoding", "user-agent", "content-length"];

/// One request that must come, and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    body: Sent,
    status: u16,
    answer: String,
}

/// A request body.
#[derive(Debug, Clone, PartialEq)]
enum Sent {
    Nothing,
    Json(Value),
    Form(Vec<(String, String)>),
    /// Name and content of each part: JSON where it is declared as that, otherwise a text.
    Parts(Vec<(String, Value)>),
}

impl Expected {
    /// A request without query, headers and body, answered by `{}`.
    pub(crate) fn new(method: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            query: Vec::new(),
            headers: BTreeMap::new(),
            body: Sent::Nothing,
            status: 200,
            answer: "{}".to_owned(),
        }
    }

    pub(crate) fn query(self, pairs: &[(&str, &str)]) -> Self {
        self.pairs(owned(pairs))
    }

    pub(crate) fn pairs(mut self, pairs: Vec<(String, String)>) -> Self {
        self.query = pairs;
        self
    }

    pub(crate) fn headers(mut self, pairs: &[(&str, &str)]) -> Self {
        self.headers.extend(owned(pairs));
        self
    }

    pub(crate) fn json(mut self, content_type: &str, body: Value) -> Self {
        self.body = Sent::Json(body);
        self.headers(&[("content-type", content_type)])
    }

    pub(crate) fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        self.body = Sent::Form(owned(pairs));
        self.headers(&[("content-type", "application/x-www-form-urlencoded")])
    }

    /// A multipart body (RFC 7578).
    pub(crate) fn parts(mut self, parts: Vec<(String, Value)>) -> Self {
        self.body = Sent::Parts(parts);
        self
    }

    pub(crate) fn answer(mut self, status: u16, answer: &Value) -> Self {
        self.status = status;
        self.answer = answer.to_string();
        self
    }

    /// What differs between this and what came.
    fn differences(&self, came: &Came) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, expected: String, came: String| {
            if expected != came {
                found.push(format!("{what}: expected {expected}, came {came}"));
            }
        };
        compare("method", self.method.clone(), came.method.clone());
        compare("path", self.path.clone(), came.path.clone());
        compare("query", format!("{:?}", sorted(&self.query)), format!("{:?}", sorted(&came.query)));
        let mut headers = came.headers.clone();
        headers
            .retain(|name, _| !TRANSPORT_HEADERS.contains(&name.as_str()) || self.headers.contains_key(name));
        if matches!(self.body, Sent::Parts(_)) {
            headers.remove("content-type");
        }
        compare("headers", format!("{:?}", self.headers), format!("{headers:?}"));
        let body = match &self.body {
            Sent::Parts(_) => Sent::Parts(came.parts()),
            Sent::Form(_) => Sent::Form(url::form_urlencoded::parse(&came.body).into_owned().collect()),
            _ if came.body.is_empty() => Sent::Nothing,
            _ => serde_json::from_slice(&came.body).map_or(Sent::Nothing, Sent::Json),
        };
        if self.body != body {
            found.push(format!(
                "body: expected {:?}, came {:?}",
                self.body,
                String::from_utf8_lossy(&came.body)
            ));
        }
        found
    }
}

/// A request that came.
struct Came {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Came {
    fn parts(&self) -> Vec<(String, Value)> {
        let kind = self.headers.get("content-type").map(String::as_str).unwrap_or_default();
        let Some(boundary) = kind.strip_prefix("multipart/form-data; boundary=") else { return Vec::new() };
        let text = String::from_utf8_lossy(&self.body);
        let border = format!("--{boundary}");
        let parts = text.split(&border).filter_map(|part| part.split_once("\r\n\r\n"));
        parts
            .map(|(head, content)| {
                let name = head.split("name=\"").nth(1).and_then(|rest| rest.split('"').next());
                let content = content.trim_end_matches("\r\n");
                let content = match head.contains("application/json") {
                    true => serde_json::from_str(content).unwrap_or_default(),
                    false => Value::String(content.to_owned()),
                };
                (name.unwrap_or_default().to_owned(), content)
            })
            .collect()
    }
}

#[derive(Default)]
struct Script {
    expected: VecDeque<Expected>,
    failures: Vec<String>,
}

/// The server; it stops with the test's runtime.
pub(crate) struct Recording {
    pub(crate) url: String,
    script: Arc<Mutex<Script>>,
}

impl Recording {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script::default()));
        let router = Router::new().fallback(receive).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, script }
    }

    /// Adds a request that must come next.
    pub(crate) fn expect(&self, expected: Expected) {
        self.script.lock().unwrap().expected.push_back(expected);
    }

    /// What came otherwise than expected, or did not come, since the last time.
    pub(crate) fn take_failures(&self) -> Vec<String> {
        let mut script = self.script.lock().unwrap();
        let script = &mut *script;
        let missing = script.expected.drain(..).map(|expected| format!("{} never came", expected.path));
        script.failures.drain(..).chain(missing).collect()
    }

    /// Fails if something came that was not expected, or did not come that was.
    #[track_caller]
    pub(crate) fn check(&self, context: &str) {
        let mut script = self.script.lock().unwrap();
        assert!(script.failures.is_empty(), "{context}: {:#?}", script.failures);
        let missing: Vec<_> = script.expected.drain(..).map(|expected| expected.path).collect();
        assert!(missing.is_empty(), "{context}: never came: {missing:?}");
    }
}

async fn receive(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1024 * 1024).await.unwrap_or_default().to_vec();
    let query = head.uri.query().unwrap_or_default();
    let headers = head.headers.iter();
    let came = Came {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("?").to_owned()))
            .collect(),
        body,
    };
    let mut script = script.lock().unwrap();
    let Some(expected) = script.expected.pop_front() else {
        script.failures.push(format!("nothing was expected, came {} {}", came.method, came.path));
        return answer(StatusCode::NOT_IMPLEMENTED, "{}");
    };
    let differences = expected.differences(&came);
    if differences.is_empty() {
        return answer(StatusCode::from_u16(expected.status).unwrap(), &expected.answer);
    }
    script.failures.extend(differences);
    answer(StatusCode::NOT_IMPLEMENTED, "{}")
}

fn answer(status: StatusCode, body: &str) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Body::from(body.to_owned())).unwrap()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn sorted(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let mut pairs = pairs.to_vec();
    pairs.sort();
    pairs
}

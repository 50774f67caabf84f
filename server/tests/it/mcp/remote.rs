//! An MCP server that is a vendor, and whose behaviour the test decides: of 2026-07-28 or with sessions, for the keys of
//! two tenants, with tools that are good, bad and slow. It says what it was asked, and hears who hangs up. What it answers is
//! in `answers`.

mod answers;

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, http::StatusCode};
use futures::channel::mpsc::UnboundedSender;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};

use crate::gateway::{Browser, Gateway};

const MANIFEST: &str = r##"
slug = "acme-mcp"
name = "Acme"
kind = "mcp"
category = "rmm"
summary = "A remote MCP server for tests."
color = "#123456"
initials = "A"
fields = [{ name = "key", label = "Key", kind = "secret", required = true }]
auth = { headers = { X-Acme-Key = "{key}" } }
mcp = { hidden_tools = ["*_navigate"] }
base_url = { template = "ADDRESS/mcp" }
limits = { deadline_seconds = 20 }
"##;

/// The keys that are good, and whose they are.
pub(crate) const KEYS: [(&str, &str); 2] = [("key-of-ada", "ada"), ("key-of-bob", "bob")];

struct Inner {
    has_sessions: bool,
    sessions: Mutex<HashSet<String>>,
    /// What a server answers to an unknown session.
    lost: StatusCode,
    is_down: AtomicBool,
    is_hanging: AtomicBool,
    /// Only lists of tools hang.
    is_list_hanging: AtomicBool,
    /// The tool `write` fails in the words of a lost session.
    is_desk_closed: AtomicBool,
    /// Streams are opened, and begin with this.
    greeting: Mutex<Option<Value>>,
    /// With the `_meta` of what is said there.
    streams: Mutex<Vec<(UnboundedSender<Value>, Value)>>,
    writes: AtomicUsize,
    begun: AtomicUsize,
    lists: AtomicUsize,
    tools: Mutex<Vec<Value>>,
    hanging: mpsc::UnboundedSender<&'static str>,
}

/// The server; it ends with the test.
pub(crate) struct Remote {
    inner: Arc<Inner>,
    address: String,
    /// `begun` and `hung up`, of what is slow or hangs; `streaming` and `stream ended`; `replied`, to a request of the server.
    pub(crate) events: mpsc::UnboundedReceiver<&'static str>,
}

/// Tells when something is given up.
struct Hanging(mpsc::UnboundedSender<&'static str>, &'static str);

impl Drop for Hanging {
    fn drop(&mut self) {
        let _ = self.0.send(self.1);
    }
}

impl Remote {
    /// Of 2026-07-28: every request stands for itself.
    pub(crate) async fn modern() -> Self {
        Self::start(false, StatusCode::NOT_FOUND).await
    }

    /// Of 2025-11-25, with sessions; `lost` is the answer to one that it does not know.
    pub(crate) async fn with_sessions(lost: StatusCode) -> Self {
        Self::start(true, lost).await
    }

    async fn start(has_sessions: bool, lost: StatusCode) -> Self {
        let (hanging, events) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            has_sessions,
            sessions: Mutex::default(),
            lost,
            is_down: AtomicBool::new(false),
            is_hanging: AtomicBool::new(false),
            is_list_hanging: AtomicBool::new(false),
            is_desk_closed: AtomicBool::new(false),
            greeting: Mutex::default(),
            streams: Mutex::default(),
            writes: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            lists: AtomicUsize::new(0),
            tools: Mutex::new(answers::tools()),
            hanging,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answers::answer).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { inner, address, events }
    }

    /// A gateway that knows the server.
    pub(crate) async fn gateway(&self) -> Gateway {
        self.gateway_of(MANIFEST).await
    }

    /// A gateway that waits for it no longer than a second.
    pub(crate) async fn hasty_gateway(&self) -> Gateway {
        self.gateway_of(&MANIFEST.replace("deadline_seconds = 20", "deadline_seconds = 1")).await
    }

    async fn gateway_of(&self, manifest: &str) -> Gateway {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("acme-mcp.toml"), manifest.replace("ADDRESS", &self.address))
            .unwrap();
        let path = folder.path().to_str().unwrap();
        Gateway::start_with(&["--demo", "--vendors-dir", path, "--vendor-networks", "127.0.0.0/8"]).await
    }

    /// Adds tools that are not even of the protocol's form.
    pub(crate) fn spoil(&self) {
        let malformed = [json!({"name": "no_schema"}), json!({"name": ["no", "text"], "inputSchema": 7})];
        self.inner.tools.lock().unwrap().extend(malformed);
    }

    /// The server starts anew: it knows no session any more.
    pub(crate) fn forget_sessions(&self) {
        self.inner.sessions.lock().unwrap().clear();
    }

    /// From now on everything fails; or not any more.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.inner.is_down.store(is_down, Ordering::SeqCst);
    }

    /// From now on nothing is answered.
    pub(crate) fn hang(&self) {
        self.inner.is_hanging.store(true, Ordering::SeqCst);
    }

    /// From now on nothing is answered to who asks for the tools.
    pub(crate) fn hang_lists(&self) {
        self.inner.is_list_hanging.store(true, Ordering::SeqCst);
    }

    /// From now on it has these tools.
    pub(crate) fn offer(&self, tools: Vec<Value>) {
        *self.inner.tools.lock().unwrap() = tools;
    }

    /// From now on whoever wants a stream gets one; that of a session begins with a request.
    pub(crate) fn open_streams(&self) {
        *self.inner.greeting.lock().unwrap() = Some(json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}));
    }

    /// Says on every stream that its tools have changed.
    pub(crate) fn announce(&self) {
        for (stream, meta) in &*self.inner.streams.lock().unwrap() {
            let method = "notifications/tools/list_changed";
            let news = json!({"jsonrpc": "2.0", "method": method, "params": {"_meta": meta}});
            // Who has hung up hears nothing.
            let _ = stream.unbounded_send(news);
        }
    }

    /// Waits for an event.
    pub(crate) async fn hear(&mut self, event: &str) {
        let heard = async { while self.events.recv().await.expect("the server is there") != event {} };
        let heard = tokio::time::timeout(Duration::from_secs(20), heard).await;
        assert!(heard.is_ok(), "never heard: {event}");
    }

    /// From now on the tool `write` fails, after it has written, in the words of a lost session.
    pub(crate) fn close_desk(&self) {
        self.inner.is_desk_closed.store(true, Ordering::SeqCst);
    }

    /// How often the tool `write` was called.
    pub(crate) fn writes(&self) -> usize {
        self.inner.writes.load(Ordering::SeqCst)
    }

    /// How often somebody began a connection, and asked for the tools.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.inner.begun.load(Ordering::SeqCst), self.inner.lists.load(Ordering::SeqCst))
    }
}

/// Connects; the status of the answer.
pub(crate) async fn connect(browser: &Browser, key: &str) -> StatusCode {
    browser.put("/api/connections/acme-mcp", &json!({"fields": {"key": key}})).await.status()
}

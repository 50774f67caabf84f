//! One connection for each credential: what the server said at its beginning, and its session if it has one. It is kept
//! while it is used, so that a call is one request. Nothing of it is shared by two credentials.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use moka::future::Cache;
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ClientCapabilities, ClientConfig, Implementation,
    ProtocolVersion,
};
use rmcp::service::{ClientInitializeError, ServiceError};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, NotificationContext, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, RoleClient};
use serde_json::{Map, Value};
use tokio::sync::broadcast;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::flow::REPLY_TIMEOUT;
use super::listing::{self, Listed};
use super::news;
use super::wire::Wire;
use crate::vendors::error::CallError;
use crate::vendors::tokens::CredentialKey;

/// Connections kept; the least used go first. What is not used for so long is closed.
const MAX_CONNECTIONS: u64 = 1000;
const IDLE: Duration = Duration::from_mins(5);
/// No message is read beyond this, in bytes after decompression.
const MAX_MESSAGE: usize = 4 * 1024 * 1024;
/// rmcp remembers every tool that was ever listed on a connection: after so many bytes of lists there is a new one.
const MAX_LISTED: usize = 16 * 1024 * 1024;
/// How many changed lists may wait to be heard of.
const CHANGES: usize = 256;

/// The connections of every credential.
pub(crate) struct Connections {
    kept: Cache<CredentialKey, Arc<Connection>>,
    /// Credentials whose server said that its tools have changed.
    changed: broadcast::Sender<CredentialKey>,
    /// How often credentials were forgotten.
    forgotten: AtomicU64,
}

/// A connection to one server with one credential.
pub(super) struct Connection {
    service: RunningService<RoleClient, Listener>,
    /// Bytes of the lists that were read on it.
    listed: AtomicUsize,
    /// Ends its requests and streams with it.
    _alive: DropGuard,
}

/// What the gateway is to a server: a client that can do nothing but call tools.
struct Listener {
    credential: CredentialKey,
    changed: broadcast::Sender<CredentialKey>,
}

impl ClientHandler for Listener {
    fn get_info(&self) -> ClientConfig {
        let own = Implementation::new("msp-mcp-gateway", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), own)
    }

    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        // Nobody listens: then nobody keeps a list.
        let _ = self.changed.send(self.credential);
    }
}

impl Connections {
    pub(crate) fn new() -> Self {
        let kept = Cache::builder()
            .max_capacity(MAX_CONNECTIONS)
            .time_to_idle(IDLE)
            .support_invalidation_closures()
            .build();
        Self { kept, changed: broadcast::Sender::new(CHANGES), forgotten: AtomicU64::new(0) }
    }

    /// Credentials whose server says from now on that its tools have changed.
    pub(crate) fn changed(&self) -> broadcast::Receiver<CredentialKey> {
        self.changed.subscribe()
    }

    /// The connection of a credential, opened by `open` if there is none. Callers at the same moment wait for one.
    pub(super) async fn get(
        &self,
        key: CredentialKey,
        open: impl Future<Output = Result<Connection, CallError>>,
    ) -> Result<Arc<Connection>, CallError> {
        if self.kept.get(&key).await.is_some_and(|kept| kept.is_over()) {
            self.close(key).await;
        }
        let forgotten = self.forgotten.load(Ordering::Acquire);
        let open = async { open.await.map(Arc::new) };
        let opened = self.kept.try_get_with(key, open).await.map_err(|error| CallError::clone(&error));
        if self.forgotten.load(Ordering::Acquire) != forgotten {
            // It may be this credential, which was not there yet to be forgotten.
            self.close(key).await;
        }
        opened
    }

    /// Ends the connection of a credential; the next call makes a new one.
    pub(super) async fn close(&self, key: CredentialKey) {
        self.kept.invalidate(&key).await;
    }

    /// Ends the connection of a credential that is there no more, also one that just begins.
    pub(super) async fn end(&self, key: CredentialKey) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.close(key).await;
        self.close_idle().await;
    }

    /// Ends all connections.
    pub(super) async fn end_all(&self) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.kept.invalidate_all();
        self.close_idle().await;
    }

    /// Ends all connections of a credential, in every version.
    pub(crate) fn forget(&self, id: Uuid) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.kept
            .invalidate_entries_if(move |key, _| key.id == id)
            .expect("the cache was built with support for invalidation closures");
    }

    /// Ends what is not used any more, and what was taken out: a cache does that only when it is asked for something.
    pub(crate) async fn close_idle(&self) {
        self.kept.run_pending_tasks().await;
    }

    /// Opens a connection: 2026-07-28 if the server speaks it, else a session of 2025-11-25 or before.
    pub(super) async fn open(
        &self,
        http: reqwest::Client,
        url: &str,
        headers: HashMap<HeaderName, HeaderValue>,
        key: CredentialKey,
    ) -> Result<Connection, ClientInitializeError> {
        let config = StreamableHttpClientTransportConfig::with_uri(url)
            .custom_headers(headers)
            .max_json_response_size(MAX_MESSAGE)
            .max_sse_event_size(MAX_MESSAGE)
            .control_request_timeout(REPLY_TIMEOUT);
        let alive = CancellationToken::new();
        let transport = StreamableHttpClientTransport::with_client(Wire::new(http, alive.clone()), config);
        // Who gives up waiting drops it.
        let (until_end, alive) = (alive.clone(), alive.drop_guard());
        let lifecycle = ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            legacy_version: Some(ProtocolVersion::V_2025_11_25),
        };
        let listener = Listener { credential: key, changed: self.changed.clone() };
        let service = listener.serve_with_lifecycle(transport, lifecycle).await?;
        let connection = Connection { service, listed: AtomicUsize::new(0), _alive: alive };
        if connection.is_modern() && connection.has_news() {
            let changed = self.changed.clone();
            let tell = move || {
                // Nobody listens: then nobody keeps a list.
                let _ = changed.send(key);
            };
            tokio::spawn(news::listen(connection.service.peer().clone(), until_end, tell));
        }
        Ok(connection)
    }
}

impl Connection {
    /// The tools of the server.
    pub(super) async fn list(&self) -> Result<Result<Listed, CallError>, ServiceError> {
        let listed = listing::read(self.service.peer(), self.is_modern()).await?;
        if let Ok(listed) = &listed {
            self.listed.fetch_add(listed.bytes.max(1), Ordering::Relaxed);
        }
        Ok(listed)
    }

    /// Whether the server chose a revision that is spoken here; if not, there is nothing to say (MCP 2025-11-25, basic/lifecycle,
    /// "Version Negotiation").
    pub(super) fn is_understood(&self) -> bool {
        let info = self.service.peer().peer_info();
        info.is_some_and(|info| ProtocolVersion::KNOWN_VERSIONS.contains(&info.protocol_version))
    }

    /// Arguments are repeated as headers from 2026-07-28 on.
    fn is_modern(&self) -> bool {
        let info = self.service.peer().peer_info();
        info.is_some_and(|info| info.protocol_version >= ProtocolVersion::V_2026_07_28)
    }

    /// Whether the server tells when its tools have changed.
    fn has_news(&self) -> bool {
        let info = self.service.peer().peer_info();
        info.and_then(|info| info.capabilities.tools.as_ref()?.list_changed).unwrap_or(false)
    }

    /// Whether the tools were listed on this connection.
    pub(super) fn has_listed(&self) -> bool {
        self.listed.load(Ordering::Relaxed) > 0
    }

    /// Not to be used any more.
    fn is_over(&self) -> bool {
        self.service.is_transport_closed() || self.listed.load(Ordering::Relaxed) > MAX_LISTED
    }

    /// Calls a tool. Who drops this cancels the call at the server.
    pub(super) async fn call(
        &self,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Result<CallToolResponse, ServiceError> {
        let params = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments);
        self.service.peer().call_tool_once(params).await
    }
}

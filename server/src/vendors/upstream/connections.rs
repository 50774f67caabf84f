//! One connection for each credential: what the server said at its beginning, and its session if it has one. It is kept
//! while it is used, so that a call is one request. Nothing of it is shared by two credentials.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::future::Cache;
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ClientCapabilities, ClientConfig, ClientRequest, CustomResult,
    Implementation, ListToolsRequest, PaginatedRequestParams, ProtocolVersion, ServerResult,
};
use rmcp::service::{ClientInitializeError, ServiceError};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, NotificationContext, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, RoleClient};
use serde_json::{Map, Value};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::tools::MAX_TOOLS;
use super::wire::Wire;
use crate::vendors::error::CallError;
use crate::vendors::tokens::CredentialKey;

/// Connections kept; the least used go first. What is not used for so long is closed.
const MAX_CONNECTIONS: u64 = 1000;
const IDLE: Duration = Duration::from_mins(5);
/// No message is read beyond this, in bytes after decompression.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;
/// A list of tools is not read beyond this: pages, and bytes of JSON in all.
const MAX_PAGES: usize = 20;
const MAX_LIST: usize = 4 * 1024 * 1024;
/// How many changed lists may wait to be heard of.
const CHANGES: usize = 256;

/// The connections of every credential.
pub(crate) struct Connections {
    kept: Cache<CredentialKey, Arc<Connection>>,
    /// Credentials whose server said that its tools have changed.
    changed: broadcast::Sender<Uuid>,
}

/// A connection to one server with one credential.
pub(super) struct Connection {
    service: RunningService<RoleClient, Listener>,
    has_listed: AtomicBool,
}

/// The tools of a server.
pub(super) struct Listed {
    /// As it wrote them; one that is not of the protocol's form is there as well.
    pub(super) tools: Vec<Value>,
    /// Calls can repeat arguments as headers where they must: rmcp does so for lists that it could read whole.
    pub(super) repeats_headers: bool,
}

/// What the gateway is to a server: a client that can do nothing but call tools.
struct Listener {
    credential: Uuid,
    changed: broadcast::Sender<Uuid>,
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
        Self { kept, changed: broadcast::Sender::new(CHANGES) }
    }

    /// Credentials whose server says from now on that its tools have changed.
    pub(crate) fn changed(&self) -> broadcast::Receiver<Uuid> {
        self.changed.subscribe()
    }

    /// The connection of a credential, opened by `open` if there is none. Callers at the same moment wait for one.
    pub(super) async fn get(
        &self,
        key: CredentialKey,
        open: impl Future<Output = Result<Connection, CallError>>,
    ) -> Result<Arc<Connection>, CallError> {
        if self.kept.get(&key).await.is_some_and(|kept| kept.service.is_transport_closed()) {
            self.close(key).await;
        }
        let open = async { open.await.map(Arc::new) };
        self.kept.try_get_with(key, open).await.map_err(|error| CallError::clone(&error))
    }

    /// Ends the connection of a credential; the next call makes a new one.
    pub(super) async fn close(&self, key: CredentialKey) {
        self.kept.invalidate(&key).await;
    }

    /// Ends all connections of a credential, in every version.
    pub(crate) fn forget(&self, id: Uuid) {
        self.kept
            .invalidate_entries_if(move |key, _| key.id == id)
            .expect("the cache was built with support for invalidation closures");
    }

    /// Ends what is not used any more: a cache does that only when it is asked for something.
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
            .max_sse_event_size(MAX_MESSAGE);
        let transport = StreamableHttpClientTransport::with_client(Wire(http), config);
        let lifecycle = ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            legacy_version: Some(ProtocolVersion::V_2025_11_25),
        };
        let listener = Listener { credential: key.id, changed: self.changed.clone() };
        let service = listener.serve_with_lifecycle(transport, lifecycle).await?;
        Ok(Connection { service, has_listed: AtomicBool::new(false) })
    }
}

impl Connection {
    /// Every tool of the server.
    pub(super) async fn list(&self) -> Result<Result<Listed, CallError>, ServiceError> {
        let (mut tools, mut is_whole, mut bytes, mut cursor) = (Vec::new(), true, 0, None);
        for _ in 0..MAX_PAGES {
            let params = PaginatedRequestParams::default().with_cursor(cursor.take());
            let request = ClientRequest::ListToolsRequest(ListToolsRequest::with_param(params));
            let (page, next, is_good) = page(self.service.send_request(request).await?)?;
            is_whole &= is_good;
            bytes += page.iter().map(|tool| tool.to_string().len()).sum::<usize>();
            if bytes > MAX_LIST {
                return Ok(Err(CallError::TooLarge { limit: MAX_LIST }));
            }
            tools.extend(page);
            cursor = next;
            if cursor.is_none() || tools.len() > MAX_TOOLS {
                break;
            }
        }
        self.has_listed.store(true, Ordering::Relaxed);
        Ok(Ok(Listed { tools, repeats_headers: is_whole || !self.is_modern() }))
    }

    /// Arguments are repeated as headers from 2026-07-28 on.
    fn is_modern(&self) -> bool {
        let info = self.service.peer().peer_info();
        info.is_some_and(|info| info.protocol_version >= ProtocolVersion::V_2026_07_28)
    }

    /// Whether the tools were listed on this connection.
    pub(super) fn has_listed(&self) -> bool {
        self.has_listed.load(Ordering::Relaxed)
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

/// The tools of a page, the cursor of the next, and whether rmcp could read it. A page with one bad tool is no page to rmcp, but the others count.
fn page(result: ServerResult) -> Result<(Vec<Value>, Option<String>, bool), ServiceError> {
    match result {
        ServerResult::ListToolsResult(page) => {
            let tools = page.tools.iter().map(|tool| serde_json::to_value(tool).unwrap_or_default());
            Ok((tools.collect(), page.next_cursor, true))
        }
        ServerResult::CustomResult(CustomResult(mut page)) => match page.get_mut("tools").map(Value::take) {
            Some(Value::Array(tools)) => {
                Ok((tools, page.get("nextCursor").and_then(Value::as_str).map(str::to_owned), false))
            }
            _ => Err(ServiceError::UnexpectedResponse),
        },
        _ => Err(ServiceError::UnexpectedResponse),
    }
}

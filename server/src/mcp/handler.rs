//! What MCP asks of a server, for both eras: rmcp reads the message and calls one of these.
//!
//! A handler lives for one request (2026-07-28) or one session (before), and belongs to nobody: who calls stands in the
//! HTTP request, where `require_bearer` has put it, and is read again for every message.

use std::{
    borrow::Cow,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::http::request::Parts;
use futures::FutureExt as _;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, DiscoverResult,
        ErrorCode, Extensions, InitializeRequestParams, InitializeResult, ListToolsResult, MetaObject,
        PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig, SubscriptionFilter, Tool,
    },
    service::{RequestContext, SubscriptionContext},
    transport::streamable_http_server::SessionRestoreMarker,
};
use tower_http::request_id::RequestId;

use super::{
    call::Call,
    changes::{self, ToolListWatch},
    connecting::Elicitation,
    discovered, error,
    limits::MAX_STREAMS,
    listing::{Listed, Slot},
    names, tools,
    trace::TraceParent,
    view::{Mode, View},
};
use crate::{oauth::bearer::Caller, state::AppState};

/// The revisions that are served. 2024-11-05 had another transport.
const SUPPORTED: &[ProtocolVersion] = &[
    ProtocolVersion::V_2025_03_26,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2026_07_28,
];
/// How long a client may keep what `server/discover` said: it changes with a release of the gateway only.
const DISCOVER_TTL_MS: u64 = 300_000;
/// How long a client may keep a tool list: a vendor that was just connected should be there soon.
const TOOLS_TTL_MS: u64 = 10_000;
const INSTRUCTIONS: &str = "Tools of the systems that this account has connected: PSA, RMM, documentation, security. \
                            They are named vendor__tool. If a vendor is missing or fails, gateway__list_connections tells \
                            what is connected, what needs attention, and where to fix it.";

/// Largest `initialize` of a session, in bytes of JSON: what it says is kept as long as the session.
const MAX_INITIALIZE: usize = 16 * 1024;

/// One MCP server, for one request or session.
pub(super) struct Handler {
    pub(super) state: AppState,
    /// This session hears of changes of its caller's tools.
    is_told: AtomicBool,
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_tool_list_changed().build())
            .with_server_info(self.state.mcp.implementation.clone())
            .with_instructions(INSTRUCTIONS)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(SUPPORTED)
    }

    async fn discover(&self, _context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        Ok(DiscoverResult::from_server_info(SUPPORTED.to_vec(), self.get_info())
            .with_ttl_ms(DISCOVER_TTL_MS)
            .with_cache_scope(CacheScope::Private))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        // There is one page, so no cursor was ever given out; the empty text is a cursor as well.
        if request.is_some_and(|request| request.cursor.is_some()) {
            return Err(ErrorData::invalid_params("There is no such page: tools/list has one page.", None));
        }
        let caller = caller(&context.extensions)?;
        let usable = discovered::usable(&self.state, caller.standing()).await.map_err(|error| {
            tracing::error!(%error, "connections could not be read");
            error::unavailable()
        })?;
        let view = view(&context.extensions);
        let lists = match view.mode {
            Mode::All => discovered::lists(&self.state, &view, &usable).await,
            Mode::Search => Vec::new(),
        };
        let vendors = usable.into_iter().map(|(vendor, _)| vendor).collect();
        let discovered = lists.iter().map(|list| list.id).collect();
        let listed = Listed { view, vendors, discovered, scopes: caller.scopes };
        let mcp = &self.state.mcp;
        let write = || tools::list(&listed, &self.state.catalog, &lists);
        let written = mcp.written.get(&listed, write).await.map_err(|error| {
            tracing::error!(%error, "a tool list could not be written");
            error::internal()
        })?;
        // The endpoint puts the list in: see `listing.rs`.
        slot(&context.extensions)?.put(written);
        let mut result = ListToolsResult::with_all_items(Vec::new());
        if is_modern(&context) {
            // Only who calls may see it (MCP 2026-07-28, caching).
            result = result.with_ttl_ms(TOOLS_TTL_MS).with_cache_scope(CacheScope::Private);
            result.meta = Some(self.server_info());
        }
        Ok(result)
    }

    fn accepted_subscription_filter(&self, _requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        let mut accepted = SubscriptionFilter::new();
        accepted.tools_list_changed = Some(true);
        Some(accepted)
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        let caller = caller(&subscription.request_context().extensions)?;
        let view = view(&subscription.request_context().extensions);
        let Some(_open) = self.state.mcp.streams.open(caller.grant_id) else {
            let message =
                format!("More than {MAX_STREAMS} subscriptions are open with this token: close some.");
            return Err(ErrorData::invalid_request(message, None));
        };
        let watch = ToolListWatch::start(&self.state, &caller, view).await.map_err(|error| {
            tracing::error!(%error, "connections could not be read");
            error::unavailable()
        })?;
        watch.tell(subscription).await;
        Ok(())
    }

    /// Begins a session, or carries one on that began on another replica. From then on it hears of changes: to wait for
    /// `notifications/initialized` would not do, for any replica may get that, once, twice or never.
    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let caller = caller(&context.extensions)?;
        let is_replay = context.extensions.get::<SessionRestoreMarker>().is_some();
        if !is_replay {
            self.check_beginning(&caller, &request)?;
        }
        let answer = self.negotiate_initialize(&request)?;
        context.peer.set_peer_info(request);
        if !self.is_told.swap(true, Ordering::AcqRel) {
            changes::tell_session(&self.state, caller, view(&context.extensions), context.peer);
        }
        Ok(answer)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.state.mcp.annotated.get(name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let call = Call {
            state: self.state.clone(),
            caller: caller(&context.extensions)?,
            view: view(&context.extensions),
            elicitation: elicitation(&context),
            request_id: request_id(&context.extensions),
            trace: TraceParent::of(&context.meta),
            cancelled: context.ct.clone(),
        };
        let is_modern = is_modern(&context);
        // rmcp would leave a client without any answer if this panicked.
        let result = AssertUnwindSafe(call.run(request)).catch_unwind().await;
        let result = result.unwrap_or_else(|_| Err(error::internal()))?;
        let meta = is_modern.then(|| self.server_info());
        Ok(match result {
            CallToolResponse::Complete(result) => result.with_meta(meta).into(),
            CallToolResponse::InputRequired(mut result) => {
                result.meta = meta;
                result.into()
            }
            other => other,
        })
    }

    /// rmcp hands over here what it knows no method for, and known methods whose parameters are not of their form.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let method = names::printable(&request.method);
        match request.method.as_str() {
            "tools/call" | "tools/list" | "server/discover" | "subscriptions/listen" => {
                Err(ErrorData::invalid_params(format!("The params of {method} are not of their form."), None))
            }
            _ => Err(ErrorData::new(
                ErrorCode::METHOD_NOT_FOUND,
                format!("There is no method {method:?}."),
                None,
            )),
        }
    }
}

impl Handler {
    /// Over the gateway's state.
    pub(super) fn new(state: AppState) -> Self {
        Self { state, is_told: AtomicBool::new(false) }
    }

    /// What a client may begin, and how often. What it has begun is carried on whatever it was.
    fn check_beginning(&self, caller: &Caller, request: &InitializeRequestParams) -> Result<(), ErrorData> {
        if self.state.mcp.limit.check(caller.grant_id).is_err() {
            return Err(ErrorData::invalid_request("Too many requests: please wait a second.", None));
        }
        if serde_json::to_vec(request).map_or(MAX_INITIALIZE, |json| json.len()) >= MAX_INITIALIZE {
            let message = format!("The params of initialize must be smaller than {MAX_INITIALIZE} bytes.");
            return Err(ErrorData::invalid_params(message, None));
        }
        Ok(())
    }

    /// Which server answered (MCP 2026-07-28, basic, `_meta`).
    fn server_info(&self) -> MetaObject {
        self.state.mcp.server_info.clone()
    }
}

/// Whether a request is one of 2026-07-28 or later.
pub(super) fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    context
        .protocol_version()
        .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

fn parts(extensions: &Extensions) -> Option<&Parts> {
    extensions.get::<Parts>()
}

/// Who calls. It is always there: nothing reaches a handler past `require_bearer`.
pub(super) fn caller(extensions: &Extensions) -> Result<Arc<Caller>, ErrorData> {
    parts(extensions).and_then(|parts| parts.extensions.get::<Arc<Caller>>()).cloned().ok_or_else(|| {
        tracing::error!("a message without a caller reached the handler");
        error::internal()
    })
}

/// What the address shows, or the session.
fn view(extensions: &Extensions) -> View {
    parts(extensions).and_then(|parts| parts.extensions.get::<View>()).cloned().unwrap_or_default()
}

fn slot(extensions: &Extensions) -> Result<&Slot, ErrorData> {
    parts(extensions).and_then(|parts| parts.extensions.get::<Slot>()).ok_or_else(|| {
        tracing::error!("a tool list was asked for past the endpoint");
        error::internal()
    })
}

/// How this client can send its user to a page: what it declares in this request, or did in `initialize`.
fn elicitation(context: &RequestContext<RoleServer>) -> Elicitation {
    let capability = context.client_capabilities().and_then(|capabilities| capabilities.elicitation);
    if capability.is_none_or(|elicitation| elicitation.url.is_none()) {
        return Elicitation::None;
    }
    if is_modern(context) {
        Elicitation::InputRequired
    } else if context.protocol_version() == Some(ProtocolVersion::V_2025_11_25) {
        Elicitation::Error
    } else {
        Elicitation::None
    }
}

/// The HTTP request's id; a client may have chosen it.
fn request_id(extensions: &Extensions) -> Option<String> {
    let id = parts(extensions)?.extensions.get::<RequestId>()?;
    id.header_value().to_str().ok().map(names::printable)
}

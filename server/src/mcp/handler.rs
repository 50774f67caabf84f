//! What MCP asks of a server, for both eras: rmcp reads the message and calls one of these.
//!
//! A handler lives for one request (2026-07-28) or one session (before), and belongs to nobody: who calls stands in the
//! HTTP request, where `require_bearer` has put it, and is read again for every message.

use std::{borrow::Cow, panic::AssertUnwindSafe, sync::Arc};

use axum::http::request::Parts;
use futures::FutureExt as _;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, DiscoverResult,
        ErrorCode, Extensions, ListToolsResult, MetaObject, PaginatedRequestParams, ProtocolVersion,
        ServerCapabilities, ServerConfig, SubscriptionFilter, Tool,
    },
    service::{NotificationContext, RequestContext, SubscriptionContext},
};
use tower_http::request_id::RequestId;

use super::{
    call::Call,
    changes::{self, ToolListWatch},
    error, names,
    trace::TraceParent,
};
use crate::{oauth::bearer::Caller, state::AppState, vault::resolve::Verdict};

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

/// One MCP server, for one request or session.
#[derive(Clone)]
pub(super) struct Handler {
    pub(super) state: AppState,
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
        let vendors = self.state.resolver.vendors_of(caller.standing()).await;
        let vendors = vendors.map_err(|error| {
            tracing::error!(%error, "connections could not be read");
            error::unavailable()
        })?;
        let used = |verdict: &Verdict| matches!(verdict, Verdict::Use(_));
        let vendors = vendors.iter().filter(|(_, verdict)| used(verdict)).map(|(vendor, _)| vendor.as_str());
        let mut result = ListToolsResult::with_all_items(self.state.mcp.tools.of(vendors));
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
        let watch = ToolListWatch::start(&self.state, &caller).await.map_err(|error| {
            tracing::error!(%error, "connections could not be read");
            error::unavailable()
        })?;
        watch.tell(subscription).await;
        Ok(())
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        if let Ok(caller) = caller(&context.extensions) {
            changes::tell_session(&self.state, caller, context.peer);
        }
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.state.mcp.tools.with_headers(name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let call = Call {
            state: self.state.clone(),
            caller: caller(&context.extensions)?,
            request_id: request_id(&context.extensions),
            trace: TraceParent::of(&context.meta),
            cancelled: context.ct.clone(),
        };
        let is_modern = is_modern(&context);
        // rmcp would leave a client without any answer if this panicked.
        let result = AssertUnwindSafe(call.run(request)).catch_unwind().await;
        let result = result.unwrap_or_else(|_| Err(error::internal()))?;
        Ok(result.with_meta(is_modern.then(|| self.server_info())).into())
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
        Self { state }
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

/// The HTTP request's id; a client may have chosen it.
fn request_id(extensions: &Extensions) -> Option<String> {
    let id = parts(extensions)?.extensions.get::<RequestId>()?;
    id.header_value().to_str().ok().map(names::printable)
}

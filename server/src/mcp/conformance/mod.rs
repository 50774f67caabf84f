//! The fixture of the official conformance suite (`@modelcontextprotocol/conformance`): tools, prompts and resources under
//! the names that its scenarios call. It is compiled in only with the cargo feature `conformance`, and nothing but
//! `examples/conformance-gateway.rs` asks for that.
//!
//! [`Fixture`] stands where [`Handler`] stands otherwise, and hands everything on to it that is not a fixture's name. So
//! what the suite tests is the gateway: its router, bearer check, header checks, sessions, lists, streams and errors.
//!
//! | file | what |
//! |---|---|
//! | [`tools`] | what `tools/list` shows of the fixture |
//! | [`content`] | tools that answer at once, with every kind of content |
//! | [`input`] | tools that need something of the client first: `input_required` (MCP 2026-07-28, MRTR) |
//! | [`session`] | tools that ask or tell the client while they run: requests in a session, progress, log |
//! | [`connections`] | tools that change which vendors the caller has |
//! | [`prompts`], [`resources`] | what the gateway itself has none of |

#![expect(deprecated, reason = "the suite still calls what the specification has deprecated: logging")]

mod connections;
mod content;
mod input;
mod prompts;
mod resources;
mod session;
mod tools;

use std::borrow::Cow;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, ClientCapabilities, CustomRequest, CustomResult,
        DiscoverResult, GetPromptRequestParams, GetPromptResponse, InitializeRequestParams, InitializeResult,
        ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
        PaginatedRequestParams, ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse,
        ServerCapabilities, ServerConfig, SetLevelRequestMethod, SetLevelRequestParams,
        SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams,
    },
    service::{RequestContext, SubscriptionContext},
};

pub(super) use tools::tools;

use super::handler::{Handler, is_modern};
use crate::state::AppState;

/// The gateway's handler, with the fixture before it.
pub(super) struct Fixture {
    gateway: Handler,
}

impl Fixture {
    /// In front of the gateway's own handler.
    pub(super) fn new(state: AppState) -> Self {
        Self { gateway: Handler::new(state) }
    }

    /// What sessions are told: with what 2026-07-28 has no more.
    fn session_capabilities() -> ServerCapabilities {
        ServerCapabilities::builder()
            .enable_logging()
            .enable_completions()
            .enable_prompts()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_tools()
            .enable_tool_list_changed()
            .build()
    }

    /// What `server/discover` tells.
    fn capabilities() -> ServerCapabilities {
        ServerCapabilities::builder()
            .enable_completions()
            .enable_prompts()
            .enable_resources()
            .enable_tools()
            .enable_tool_list_changed()
            .build()
    }
}

/// What the client of this request can do.
fn declared(context: &RequestContext<RoleServer>) -> ClientCapabilities {
    context.client_capabilities().unwrap_or_default()
}

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.gateway.get_info();
        info.capabilities = Self::session_capabilities();
        info
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.gateway.supported_protocol_versions()
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let mut result = self.gateway.discover(context).await?;
        result.capabilities = Self::capabilities();
        Ok(result)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.gateway.list_tools(request, context).await
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.gateway.get_tool(name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if !tools::is_fixture(&request.name) {
            return self.gateway.call_tool(request, context).await;
        }
        if let Some(result) = content::answer(&request.name) {
            return Ok(result.into());
        }
        if let Some(answer) = input::answer(&self.gateway.state, &request, &context) {
            return answer;
        }
        if connections::is_here(&request.name) {
            return Ok(connections::answer(&self.gateway.state, &request.name, &context).await?.into());
        }
        Ok(session::answer(&request, &context).await?.into())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.gateway.accepted_subscription_filter(requested)
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        self.gateway.listen(subscription).await
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let mut result = self.gateway.initialize(request, context).await?;
        result.capabilities = Self::session_capabilities();
        Ok(result)
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        self.gateway.on_custom_request(request, context).await
    }

    /// The fixture logs the same at every level.
    async fn set_level(
        &self,
        _request: SetLevelRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if is_modern(&context) {
            return Err(ErrorData::method_not_found::<SetLevelRequestMethod>());
        }
        Ok(())
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(prompts::list(is_modern(&context)))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        prompts::get(&request)
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(resources::list(is_modern(&context)))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(resources::list_templates(is_modern(&context)))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        resources::read(&request.uri, is_modern(&context)).map(Into::into)
    }

    /// Resources of the fixture never change, so there is nothing to remember.
    async fn subscribe(
        &self,
        _request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }
}

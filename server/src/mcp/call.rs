//! `tools/call`, from the name to the answer: rate limit, tool, credential, vendor, audit row, answer.
//!
//! What the model can do something about (wrong arguments, a vendor that refuses) is a result with `isError`; what it
//! cannot is a JSON-RPC error (MCP 2026-07-28, server/tools, "Error Handling"). Either way the row in the audit log is
//! durable before the answer leaves, and it is written as well when the client has hung up.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use gateway_api::audit::Outcome;
use rmcp::model::{CallToolRequestParams, CallToolResponse, ErrorData, JsonObject};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    connecting::{self, Elicitation, Retry, Waiting},
    error,
    finished::{
        Finished, answered, bad, bad_request_state, cancelled, good, own, own_arguments, refused,
        settings_url, too_fast, unresolved,
    },
    meta_tools::{self, SearchError},
    names, step_up,
    trace::TraceParent,
    view::View,
};
use crate::{
    audit::{Event, action},
    health::Finding,
    oauth::{
        bearer::Caller,
        scope::{Scope as OAuthScope, Verdict as ScopeVerdict},
    },
    state::AppState,
    vault::resolve::{Resolution, Resolved},
    vendors::{Tool, Vendor},
};

/// One call and who makes it.
pub(super) struct Call {
    /// Everything.
    pub state: AppState,
    /// Who.
    pub caller: Arc<Caller>,
    /// What the address shows.
    pub view: View,
    /// How the client can send its user to a page.
    pub elicitation: Elicitation,
    /// The HTTP request's id, as in the log.
    pub request_id: Option<String>,
    /// The client's trace, if it sent one.
    pub trace: Option<TraceParent>,
    /// Cancelled when the client does not want the answer any more.
    pub cancelled: CancellationToken,
}

impl Call {
    /// Carries the call out. When this returns, its audit row is durable.
    pub(super) async fn run(self, params: CallToolRequestParams) -> Result<CallToolResponse, ErrorData> {
        let span = tracing::info_span!(
            "tools/call",
            tool = %names::printable(&params.name),
            trace_id = self.trace.as_ref().map(TraceParent::trace_id),
            parent_id = self.trace.as_ref().map(TraceParent::parent_id),
            request_id = self.request_id.as_deref(),
        );
        self.run_and_record(params).instrument(span).await
    }

    async fn run_and_record(self, params: CallToolRequestParams) -> Result<CallToolResponse, ErrorData> {
        let started = Instant::now();
        let asked = params.name.clone();
        let (name, finished) = match meta_tools::unwrap(params) {
            Ok(params) => {
                let retry = Retry { state: params.request_state, responses: params.input_responses };
                let arguments = params.arguments.unwrap_or_default();
                (params.name.clone(), self.finish(&params.name, arguments, &retry).await)
            }
            Err(why) => (asked, own_arguments(why)),
        };
        let event = self.event(&name, &finished, started.elapsed());
        // The writer has logged why.
        self.state.audit.record(event).await.map_err(|_| error::not_recorded())?;
        finished.answer
    }

    async fn finish(&self, name: &str, arguments: JsonObject, retry: &Retry) -> Finished {
        if let Err(wait) = self.state.mcp.limit.check(self.caller.grant_id) {
            return too_fast(wait);
        }
        match name {
            names::LIST_CONNECTIONS => return self.list_connections().await,
            names::SEARCH_TOOLS => return self.search_tools(arguments).await,
            _ => {}
        }
        let Some((vendor, tool)) = self.state.catalog.tool(name) else {
            if let Some(vendor) = self.state.catalog.discovering(name) {
                return self.finish_discovered(vendor, name, arguments, retry).await;
            }
            let vendor = names::vendor_part(name).map(names::printable);
            return self.not_available(name, "unknown_tool", vendor);
        };
        if !self.view.has_vendor(&vendor.slug) {
            return self.not_available(name, "not_at_this_endpoint", Some(vendor.slug.clone()));
        }
        let waiting = Waiting { state: &self.state, caller: &self.caller, tool: name, arguments: &arguments };
        if retry.state.as_deref().is_some_and(|state| !waiting.is_state(state)) {
            return bad_request_state(vendor);
        }
        if let Some(finished) = self.beyond_scope(vendor, tool) {
            return finished;
        }
        let standing = self.caller.standing();
        match self.state.resolver.resolve(&self.state.vault, standing, &vendor.slug).await {
            Ok(Resolution::Use(resolved)) => self.ask(vendor, tool, &resolved, arguments).await,
            Ok(Resolution::Refused(reason)) => refused(vendor, reason, &settings_url(&self.state)),
            Ok(Resolution::NotConnected) => self.not_connected(vendor, &waiting, retry),
            Err(error) => unresolved(vendor, &error, &settings_url(&self.state)),
        }
    }

    /// The refusal, if the app may not call this tool. What it can still ask for is usually told before, by
    /// `step_up.rs`; what its person declined is told here, where a model reads it.
    pub(super) fn beyond_scope(&self, vendor: &Vendor, tool: &Tool) -> Option<Finished> {
        let (why, reason) = match self.caller.scopes.verdict(tool.risk) {
            ScopeVerdict::Allowed => return None,
            ScopeVerdict::Declined => ("was not allowed by its user when it was connected", "scope_declined"),
            ScopeVerdict::NotAsked => ("is more than its access token is good for", step_up::REASON),
        };
        let text = format!(
            "{}: nothing was sent. For this tool the app needs the permission {}, which {why}. To change that: revoke the \
             app under \u{201c}Authorized apps\u{201d} at {}, connect it again, and leave the permission ticked.",
            vendor.name,
            OAuthScope::of(tool.risk).as_str(),
            settings_url(&self.state)
        );
        Some(Finished {
            answer: Ok(bad(text)),
            outcome: Outcome::Denied,
            reason: Some(reason.to_owned()),
            vendor: Some(vendor.slug.clone()),
            credential_scope: None,
        })
    }

    pub(super) async fn ask(
        &self,
        vendor: &Vendor,
        tool: &Tool,
        resolved: &Resolved,
        arguments: JsonObject,
    ) -> Finished {
        let key = resolved.connection.key();
        let result = tokio::select! {
            // An answer that is there is given, also when the client hangs up at the same moment.
            biased;
            result = self.state.vendors.call(vendor, tool, &resolved.credentials, key, arguments) => result,
            () = self.cancelled.cancelled() => return cancelled(vendor, resolved.scope),
        };
        self.state.health.note(&resolved.connection, Finding::of(&result, vendor.ip_allowlist), true);
        answered(vendor, resolved.scope, result, &settings_url(&self.state))
    }

    /// Asks the person to connect the vendor, by their app if it can: once for each call.
    pub(super) fn not_connected(&self, vendor: &Vendor, waiting: &Waiting<'_>, retry: &Retry) -> Finished {
        let settings_url = settings_url(&self.state);
        let answer = if retry.state.is_some() {
            Ok(bad(connecting::still_not_connected(vendor, retry, &settings_url)))
        } else {
            match (self.elicitation, self.caller.user_id) {
                (Elicitation::InputRequired, Some(user)) => Ok(waiting.input_required(vendor, user).into()),
                (Elicitation::Error, Some(user)) => Err(waiting.error(vendor, user)),
                // Behind a service client there is nobody to be asked.
                (_, None) => Ok(bad(connecting::not_shared(vendor, &self.state.config.public_url))),
                (Elicitation::None, Some(_)) => Ok(bad(connecting::not_connected(vendor, &settings_url))),
            }
        };
        Finished {
            answer,
            outcome: Outcome::Denied,
            reason: Some("not_connected".to_owned()),
            vendor: Some(vendor.slug.clone()),
            credential_scope: None,
        }
    }

    async fn search_tools(&self, arguments: JsonObject) -> Finished {
        match meta_tools::search_tools(&self.state, &self.caller, &self.view, arguments).await {
            Ok(text) => own(Ok(good(text)), Outcome::Ok, None),
            Err(SearchError::Arguments(why)) => own_arguments(why),
            Err(SearchError::Store(error)) => {
                tracing::error!(%error, "connections could not be read");
                own(Err(error::unavailable()), Outcome::Error, Some("database"))
            }
        }
    }

    async fn list_connections(&self) -> Finished {
        match meta_tools::list_connections(&self.state, &self.caller, &self.view).await {
            Ok(text) => own(Ok(good(text)), Outcome::Ok, None),
            Err(error) => {
                tracing::error!(%error, "connections could not be read");
                own(Err(error::unavailable()), Outcome::Error, Some("database"))
            }
        }
    }

    pub(super) fn not_available(&self, name: &str, reason: &str, vendor: Option<String>) -> Finished {
        Finished {
            answer: Err(error::not_available(name, &settings_url(&self.state))),
            outcome: Outcome::Denied,
            reason: Some(reason.to_owned()),
            vendor,
            credential_scope: None,
        }
    }

    fn event(&self, tool: &str, finished: &Finished, duration: Duration) -> Event {
        Event {
            vendor: finished.vendor.clone(),
            tool: Some(names::printable(tool)),
            outcome: Some(finished.outcome),
            reason: finished.reason.clone(),
            credential_scope: finished.credential_scope,
            duration: Some(duration),
            request_id: self.request_id.clone(),
            ..event_of(&self.caller)
        }
    }
}

/// A tool call of this caller, for the audit log; what became of it is still missing.
pub(super) fn event_of(caller: &Caller) -> Event {
    Event {
        organization: Some(caller.organization_id),
        user: caller.user_id,
        actor: caller.user_name.clone(),
        client: Some((caller.client_id.clone(), caller.client_name.clone())),
        action: action::TOOL_CALL,
        ..Event::default()
    }
}

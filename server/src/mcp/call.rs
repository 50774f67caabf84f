//! `tools/call`, from the name to the answer: rate limit, tool, credential, vendor, audit row, answer.
//!
//! What the model can do something about (wrong arguments, a vendor that refuses) is a result with `isError`; what it
//! cannot is a JSON-RPC error (MCP 2026-07-28, server/tools, "Error Handling"). Either way the row in the audit log is
//! durable before the answer leaves, and it is written as well when the client has hung up.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use gateway_api::{audit::Outcome, connections::Scope};
use rmcp::model::{CallToolRequestParams, CallToolResult, ContentBlock, ErrorData, JsonObject};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{error, meta_tools, names, trace::TraceParent};
use crate::{
    audit::{Event, action},
    health::Finding,
    oauth::bearer::Caller,
    state::AppState,
    vault::resolve::{Reason, Resolution, ResolveError, Resolved},
    vendors::{Answer, CallError, Tool, Vendor, Verdict},
};

/// One call and who makes it.
pub(super) struct Call {
    /// Everything.
    pub state: AppState,
    /// Who.
    pub caller: Arc<Caller>,
    /// The HTTP request's id, as in the log.
    pub request_id: Option<String>,
    /// The client's trace, if it sent one.
    pub trace: Option<TraceParent>,
    /// Cancelled when the client does not want the answer any more.
    pub cancelled: CancellationToken,
}

/// What came of a call: the answer, and what the audit log says about it.
struct Finished {
    answer: Result<CallToolResult, ErrorData>,
    outcome: Outcome,
    reason: Option<String>,
    vendor: Option<String>,
    credential_scope: Option<Scope>,
}

impl Call {
    /// Carries the call out. When this returns, its audit row is durable.
    pub(super) async fn run(self, params: CallToolRequestParams) -> Result<CallToolResult, ErrorData> {
        let span = tracing::info_span!(
            "tools/call",
            tool = %names::printable(&params.name),
            trace_id = self.trace.as_ref().map(TraceParent::trace_id),
            parent_id = self.trace.as_ref().map(TraceParent::parent_id),
            request_id = self.request_id.as_deref(),
        );
        self.run_and_record(params).instrument(span).await
    }

    async fn run_and_record(self, params: CallToolRequestParams) -> Result<CallToolResult, ErrorData> {
        let started = Instant::now();
        let finished = self.finish(&params.name, params.arguments.unwrap_or_default()).await;
        let event = self.event(&params.name, &finished, started.elapsed());
        // The writer has logged why.
        self.state.audit.record(event).await.map_err(|_| error::not_recorded())?;
        finished.answer
    }

    async fn finish(&self, name: &str, arguments: JsonObject) -> Finished {
        if let Err(wait) = self.state.mcp.limit.check(self.caller.grant_id) {
            return too_fast(wait);
        }
        if name == names::LIST_CONNECTIONS {
            return self.list_connections().await;
        }
        let Some((vendor, tool)) = self.state.catalog.tool(name) else {
            let vendor = names::vendor_part(name).map(names::printable);
            return self.not_available(name, "unknown_tool", vendor);
        };
        let standing = self.caller.standing();
        match self.state.resolver.resolve(&self.state.vault, standing, &vendor.slug).await {
            Ok(Resolution::Use(resolved)) => self.ask(vendor, tool, &resolved, arguments).await,
            Ok(Resolution::Refused(reason)) => refused(vendor, reason, &settings_url(&self.state)),
            Ok(Resolution::NotConnected) => {
                self.not_available(name, "not_connected", Some(vendor.slug.clone()))
            }
            Err(error) => unresolved(vendor, &error, &settings_url(&self.state)),
        }
    }

    async fn ask(
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

    async fn list_connections(&self) -> Finished {
        let result = meta_tools::list_connections(&self.state, &self.caller).await;
        let (answer, outcome, reason) = match result {
            Ok(text) => (Ok(good(text)), Outcome::Ok, None),
            Err(error) => {
                tracing::error!(%error, "connections could not be read");
                (Err(error::unavailable()), Outcome::Error, Some("database".to_owned()))
            }
        };
        Finished { answer, outcome, reason, vendor: None, credential_scope: None }
    }

    fn not_available(&self, name: &str, reason: &str, vendor: Option<String>) -> Finished {
        Finished {
            answer: Err(error::not_available(name, &settings_url(&self.state))),
            outcome: Outcome::Denied,
            reason: Some(reason.to_owned()),
            vendor,
            credential_scope: None,
        }
    }

    fn event(&self, tool: &str, finished: &Finished, duration: Duration) -> Event {
        let caller = &self.caller;
        Event {
            organization: Some(caller.organization_id),
            user: Some(caller.user_id),
            actor: caller.user_name.clone(),
            client: Some((caller.client_id.clone(), caller.client_name.clone())),
            action: action::TOOL_CALL,
            vendor: finished.vendor.clone(),
            tool: Some(names::printable(tool)),
            target: None,
            outcome: Some(finished.outcome),
            reason: finished.reason.clone(),
            credential_scope: finished.credential_scope,
            duration: Some(duration),
            request_id: self.request_id.clone(),
        }
    }
}

/// Where people connect vendors.
pub(super) fn settings_url(state: &AppState) -> String {
    format!("{}/settings", state.config.public_url)
}

fn good(text: String) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

fn bad(text: String) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(text)])
}

fn too_fast(wait: Duration) -> Finished {
    let seconds = wait.as_secs_f32().ceil().max(1.0);
    let text = format!("Too many calls at once: nothing was sent. Wait {seconds} s, then call again.");
    Finished {
        answer: Ok(bad(text)),
        outcome: Outcome::Denied,
        reason: Some("rate_limited_by_gateway".to_owned()),
        vendor: None,
        credential_scope: None,
    }
}

/// Nobody reads the answer; the row is what matters.
fn cancelled(vendor: &Vendor, scope: Scope) -> Finished {
    let text = format!("Cancelled. {} may have carried it out all the same.", vendor.name);
    Finished {
        answer: Ok(bad(text)),
        outcome: Outcome::Error,
        reason: Some("cancelled".to_owned()),
        vendor: Some(vendor.slug.clone()),
        credential_scope: Some(scope),
    }
}

fn answered(
    vendor: &Vendor,
    scope: Scope,
    result: Result<Answer, CallError>,
    settings_url: &str,
) -> Finished {
    let (answer, outcome, reason) = match result {
        Ok(answer) => (good(answer.text), Outcome::Ok, None),
        Err(error) => (bad(explain(vendor, &error, settings_url)), Outcome::Error, Some(reason(&error))),
    };
    let vendor = Some(vendor.slug.clone());
    Finished { answer: Ok(answer), outcome, reason, vendor, credential_scope: Some(scope) }
}

/// What happened, and what to do about it.
fn explain(vendor: &Vendor, error: &CallError, settings_url: &str) -> String {
    let text = format!("{}: {}", vendor.name, error.explain());
    if error.verdict() == Verdict::BadCredential { format!("{text} {settings_url}") } else { text }
}

/// For the audit log: the kind and the status, nothing that a vendor or a model wrote.
fn reason(error: &CallError) -> String {
    error
        .status()
        .map_or_else(|| error.code().to_owned(), |status| format!("{} (HTTP {status})", error.code()))
}

/// There are credentials, but none that this caller's calls use: the model can tell its user what to do.
fn refused(vendor: &Vendor, why: Reason, settings_url: &str) -> Finished {
    Finished {
        answer: Ok(bad(format!("{}: no credential is used. {why} {settings_url}", vendor.name))),
        outcome: Outcome::Denied,
        reason: Some(why.code().to_owned()),
        vendor: Some(vendor.slug.clone()),
        credential_scope: None,
    }
}

fn unresolved(vendor: &Vendor, error: &ResolveError, settings_url: &str) -> Finished {
    tracing::error!(%error, vendor = vendor.slug, "a credential could not be resolved");
    let (answer, reason) = match error {
        ResolveError::Store(_) => (Err(error::unavailable()), "database"),
        ResolveError::Vault(_) | ResolveError::Format(_) => {
            let text = format!(
                "{}: the stored credential cannot be opened. Ask the gateway's operator, or connect it again: \
                 {settings_url}",
                vendor.name
            );
            (Ok(bad(text)), "credential_unreadable")
        }
    };
    Finished {
        answer,
        outcome: Outcome::Error,
        reason: Some(reason.to_owned()),
        vendor: Some(vendor.slug.clone()),
        credential_scope: None,
    }
}

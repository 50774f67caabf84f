//! Tools that are asked from their vendor, an MCP server, with the caller's credential: which of them a caller has, and a
//! call of one. What is asked and kept is in [`crate::discovery`].

use std::sync::Arc;

use gateway_api::audit::Outcome;
use gateway_store::StoreError;
use rmcp::model::JsonObject;

use super::{
    call::Call,
    connecting::{Retry, Waiting},
    finished::{Finished, bad, bad_request_state, refused, settings_url, unresolved},
    view::View,
};
use crate::{
    discovery,
    oauth::{bearer::Caller, scope::Verdict as ScopeVerdict},
    state::AppState,
    vault::resolve::{HeldConnection, Resolution, Standing, Verdict},
    vendors::{Risk, ToolList, ToolListId, Vendor},
};

/// A vendor, by its slug, and the connection to it that a caller uses.
pub(super) type Usable = (String, Arc<HeldConnection>);

/// The connections that the calls of `standing` use, in the order of the vendors' slugs.
pub(super) async fn usable(state: &AppState, standing: Standing) -> Result<Vec<Usable>, StoreError> {
    let vendors = state.resolver.vendors_of(standing).await?;
    let used = vendors.into_iter().filter_map(|(vendor, verdict)| match verdict {
        Verdict::Use(choice) => Some((vendor, choice.connection)),
        Verdict::Refused(_) => None,
    });
    Ok(used.collect())
}

/// Those of them that are asked for their tools, and can be reached at an address.
fn asked<'u>(
    state: &AppState,
    view: &View,
    usable: &'u [Usable],
) -> impl Iterator<Item = &'u Arc<HeldConnection>> {
    let is_asked =
        |slug: &str| state.catalog.vendor(slug).is_some_and(|vendor| vendor.has_discovered_tools());
    usable
        .iter()
        .filter(move |(slug, _)| view.has_vendor(slug) && is_asked(slug))
        .map(|(_, connection)| connection)
}

/// Their tools. What was never heard is waited for a moment, all at the same time.
pub(super) async fn lists(state: &AppState, view: &View, usable: &[Usable]) -> Vec<Arc<ToolList>> {
    let lists = asked(state, view, usable).map(|connection| discovery::tools(state, connection));
    futures::future::join_all(lists).await.into_iter().flatten().collect()
}

/// Which lists they have now, without asking anybody.
pub(super) fn last_ids(state: &AppState, view: &View, usable: &[Usable]) -> Vec<ToolListId> {
    asked(state, view, usable)
        .filter_map(|connection| state.discovery.last(connection.key()).map(|list| list.id))
        .collect()
}

/// The risk of a tool that is in a caller's list, if the call goes further than its token: for `step_up.rs`.
pub(super) async fn risk_not_asked(state: &AppState, caller: &Caller, name: &str) -> Option<(String, Risk)> {
    let vendor = state.catalog.discovering(name)?;
    let verdicts = state.resolver.vendors_of(caller.standing()).await.ok()?;
    let (_, verdict) = verdicts.into_iter().find(|(slug, _)| *slug == vendor.slug)?;
    let (connection, _) = verdict.parts();
    let risk = state.discovery.last(connection?.key())?.tool(name)?.risk;
    (caller.scopes.verdict(risk) == ScopeVerdict::NotAsked).then(|| (vendor.slug.clone(), risk))
}

impl Call {
    /// A call of a tool that its vendor must be asked for.
    pub(super) async fn finish_discovered(
        &self,
        vendor: &Vendor,
        name: &str,
        arguments: JsonObject,
        retry: &Retry,
    ) -> Finished {
        if !self.view.has_vendor(&vendor.slug) {
            return self.not_available(name, "not_at_this_endpoint", Some(vendor.slug.clone()));
        }
        let waiting = Waiting { state: &self.state, caller: &self.caller, tool: name, arguments: &arguments };
        if retry.state.as_deref().is_some_and(|state| !waiting.is_state(state)) {
            return bad_request_state(vendor);
        }
        let standing = self.caller.standing();
        let resolved = match self.state.resolver.resolve(&self.state.vault, standing, &vendor.slug).await {
            Ok(Resolution::Use(resolved)) => resolved,
            Ok(Resolution::Refused(reason)) => return refused(vendor, reason, &settings_url(&self.state)),
            Ok(Resolution::NotConnected) => return self.not_connected(vendor, &waiting, retry),
            Err(error) => return unresolved(vendor, &error, &settings_url(&self.state)),
        };
        let Some(list) = discovery::tools(&self.state, &resolved.connection).await else {
            return unheard(vendor, self.state.discovery.problem(resolved.connection.key()));
        };
        let Some(tool) = list.tool(name) else {
            return self.not_available(name, "unknown_tool", Some(vendor.slug.clone()));
        };
        match self.beyond_scope(vendor, tool) {
            Some(finished) => finished,
            None => self.ask(vendor, tool, &resolved, arguments).await,
        }
    }
}

/// The server has never told its tools.
fn unheard(vendor: &Vendor, problem: Option<String>) -> Finished {
    let why = problem.unwrap_or_else(|| "It has not answered yet: try again in a moment.".to_owned());
    Finished {
        answer: Ok(bad(format!("{}: nothing was sent, for its tools are not known. {why}", vendor.name))),
        outcome: Outcome::Error,
        reason: Some("tools_not_known".to_owned()),
        vendor: Some(vendor.slug.clone()),
        credential_scope: None,
    }
}

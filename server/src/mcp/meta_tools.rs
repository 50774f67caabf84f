//! The gateway's own tools: what the account has, what of it needs attention, and where to change it.

use gateway_store::StoreError;
use serde::Serialize;

use super::call;
use crate::{oauth::bearer::Caller, state::AppState, vault::resolve::Verdict};

/// What `gateway__list_connections` answers.
#[derive(Debug, Serialize)]
struct Overview<'a> {
    /// By vendor.
    connections: Vec<Connection<'a>>,
    /// What else there is.
    not_connected: Vec<Vendor<'a>>,
    /// Where people connect, replace and disconnect.
    settings: String,
}

#[derive(Debug, Serialize)]
struct Connection<'a> {
    vendor: &'a str,
    name: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    /// Whose credential a call uses; none if there are some, but none may be used.
    credential: Option<&'static str>,
    /// Why that one, or none.
    why: String,
    tools: usize,
    /// What must be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs_attention: Option<String>,
}

#[derive(Debug, Serialize)]
struct Vendor<'a> {
    #[serde(rename = "vendor")]
    slug: &'a str,
    name: &'a str,
    category: &'a str,
}

/// Every vendor, as JSON text.
pub(super) async fn list_connections(state: &AppState, caller: &Caller) -> Result<String, StoreError> {
    let verdicts = state.resolver.vendors_of(caller.standing()).await?;
    let is_connected = |slug: &str| verdicts.iter().any(|(vendor, _)| vendor == slug);
    let not_connected = state
        .catalog
        .vendors()
        .filter(|vendor| !is_connected(&vendor.slug))
        .map(|vendor| Vendor { slug: &vendor.slug, name: &vendor.name, category: &vendor.category })
        .collect();
    let connections = verdicts.iter().map(|(vendor, verdict)| connection(state, vendor, verdict)).collect();
    let overview = Overview { connections, not_connected, settings: settings_url(state, caller) };
    Ok(serde_json::to_string(&overview).unwrap_or_default())
}

/// A service client uses what the team shares, and nothing else.
fn settings_url(state: &AppState, caller: &Caller) -> String {
    match caller.user_id {
        Some(_) => call::settings_url(state),
        None => format!("{}/team", state.config.public_url),
    }
}

fn connection<'a>(state: &'a AppState, slug: &'a str, verdict: &'a Verdict) -> Connection<'a> {
    let vendor = state.catalog.vendor(slug);
    let (used, reason) = verdict.parts();
    let row = used.map(|used| &used.row);
    let needs_attention = match (row, vendor) {
        (_, None) => {
            Some("The gateway has no manifest for this vendor any more: ask its operator.".to_owned())
        }
        (Some(row), _) => row.problem.clone(),
        (None, _) => Some(reason.to_string()),
    };
    Connection {
        vendor: slug,
        name: vendor.map_or(slug, |vendor| vendor.name.as_str()),
        state: if needs_attention.is_some() { "needs_attention" } else { "connected" },
        account: row.and_then(|row| row.account.as_deref()),
        credential: row.map(|row| row.scope.as_str()),
        why: reason.to_string(),
        tools: row.map_or(0, |_| state.mcp.tools.count(slug)),
        needs_attention,
    }
}

//! The gateway's own tools: what the account has, what of it needs attention, and where to change it.

use gateway_store::StoreError;
use serde::Serialize;

use super::call::settings_url;
use crate::{oauth::bearer::Caller, state::AppState, vault::resolve::Choice};

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
    /// Whose credential a call uses.
    credential: &'static str,
    /// Why that one.
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
    let choices = state.resolver.connections_of(caller.user_id, caller.organization_id).await?;
    let is_connected = |slug: &str| choices.iter().any(|choice| choice.connection.row.vendor == slug);
    let not_connected = state
        .catalog
        .vendors()
        .filter(|vendor| !is_connected(&vendor.slug))
        .map(|vendor| Vendor { slug: &vendor.slug, name: &vendor.name, category: &vendor.category })
        .collect();
    let connections = choices.iter().map(|choice| connection(state, choice)).collect();
    let overview = Overview { connections, not_connected, settings: settings_url(state) };
    Ok(serde_json::to_string(&overview).unwrap_or_default())
}

fn connection<'a>(state: &'a AppState, choice: &'a Choice) -> Connection<'a> {
    let row = &choice.connection.row;
    let vendor = state.catalog.vendor(&row.vendor);
    let needs_attention = match (&row.problem, vendor) {
        (_, None) => {
            Some("The gateway has no manifest for this vendor any more: ask its operator.".to_owned())
        }
        (Some(problem), _) => Some(problem.clone()),
        (None, Some(_)) => None,
    };
    Connection {
        vendor: &row.vendor,
        name: vendor.map_or(row.vendor.as_str(), |vendor| vendor.name.as_str()),
        state: if needs_attention.is_some() { "needs_attention" } else { "connected" },
        account: row.account.as_deref(),
        credential: row.scope.as_str(),
        why: choice.reason.to_string(),
        tools: state.mcp.tools.count(&row.vendor),
        needs_attention,
    }
}

//! The gateway's own tools: what the account has, what of it needs attention, and where to change it; and how to find and
//! call tools without having them all listed.

use std::sync::Arc;

use gateway_store::StoreError;
use rmcp::model::{CallToolRequestParams, JsonObject, Tool, ToolAnnotations};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    discovered, finished, names,
    search::{self, SearchIndex},
    step_up,
    view::{self, Mode, View},
};
use crate::{
    oauth::bearer::Caller,
    state::AppState,
    vault::resolve::Verdict,
    vendors::{self, ToolList},
};

/// How many tools a search answers with, if it does not say.
const FOUND: usize = 10;
/// How many it can ask for.
const MAX_FOUND: usize = 50;
/// The longest query, in bytes.
const MAX_QUERY: usize = 1_000;

/// Those that an address lists, sorted by name. A vendor's endpoint has few tools to search in.
pub(super) fn shown(view: &View) -> Vec<Tool> {
    match (view.mode, &view.vendor) {
        (Mode::Search, _) => vec![call_tool(), list_connections_tool(), search_tools_tool()],
        (Mode::All, None) => vec![list_connections_tool(), search_tools_tool()],
        (Mode::All, Some(_)) => vec![list_connections_tool()],
    }
}

fn own(name: &'static str, title: &str, description: &'static str, schema: Value) -> Tool {
    let Value::Object(schema) = schema else { unreachable!("every schema below is an object") };
    Tool::new(name, description, Arc::new(schema)).with_title(title)
}

fn list_connections_tool() -> Tool {
    own(
        names::LIST_CONNECTIONS,
        "List connections",
        "Lists connected vendors: account, state, whose credential is used and why, what needs attention; and vendors \
         that could be connected.",
        json!({"type": "object", "additionalProperties": false}),
    )
    .with_annotations(ToolAnnotations::new().read_only(true).open_world(false))
}

fn search_tools_tool() -> Tool {
    own(
        names::SEARCH_TOOLS,
        "Search tools",
        "Finds tools of the connected vendors by words. Answers with a JSON array of name, description and inputSchema, \
         the best first.",
        json!({"type": "object", "additionalProperties": false, "required": ["query"], "properties": {
            "query": {"type": "string", "minLength": 1, "maxLength": MAX_QUERY,
                "description": "What the tool should do, in a few words; a vendor's name helps."},
            "limit": {"type": "integer", "minimum": 1, "maximum": MAX_FOUND, "default": FOUND,
                "description": "How many tools at most."},
            "vendor": {"type": "string", "description": "Only tools of this vendor (its slug)."},
        }}),
    )
    .with_annotations(ToolAnnotations::new().read_only(true).open_world(false))
}

fn call_tool() -> Tool {
    own(
        names::CALL_TOOL,
        "Call a tool",
        "Calls a tool that gateway__search_tools has found, with arguments as its inputSchema says. It may change or \
         delete things at the vendor: what it does depends on the tool.",
        json!({"type": "object", "additionalProperties": false, "required": ["name"], "properties": {
            "name": {"type": "string", "description": "The tool's name, vendor__tool."},
            "arguments": {"type": "object", "description": "Its arguments."},
        }}),
    )
    .with_annotations(ToolAnnotations::new().read_only(false).destructive(true).open_world(true))
}

/// The arguments of `gateway__call_tool`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    name: String,
    #[serde(default)]
    arguments: Option<JsonObject>,
}

/// The call that is really meant: `gateway__call_tool` stands for the tool that it names, for every check and for the
/// audit log.
///
/// # Errors
/// What is wrong with its arguments, for the model.
pub(super) fn unwrap(params: CallToolRequestParams) -> Result<CallToolRequestParams, String> {
    if params.name != names::CALL_TOOL {
        return Ok(params);
    }
    let arguments = Value::Object(params.arguments.clone().unwrap_or_default());
    let Wrapped { name, arguments } = serde_json::from_value(arguments)
        .map_err(|error| format!("{}: the arguments do not fit: {error}.", names::CALL_TOOL))?;
    if name == names::CALL_TOOL {
        return Err(format!("{name} cannot call itself: name the tool that it should call."));
    }
    let mut inner = params;
    inner.name = name.into();
    inner.arguments = arguments;
    Ok(inner)
}

/// The arguments of `gateway__search_tools`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    query: String,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    vendor: Option<String>,
}

/// A tool that was found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: JsonObject,
}

/// Why a search cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum SearchError {
    /// What to do better, for the model.
    #[error("{0}")]
    Arguments(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The tools that fit, of those the caller can use at this address, as JSON text.
pub(super) async fn search_tools(
    state: &AppState,
    caller: &Caller,
    view: &View,
    arguments: JsonObject,
) -> Result<String, SearchError> {
    let search = read_search(state, arguments)?;
    let limit = search.limit.unwrap_or(FOUND);
    let usable = discovered::usable(state, caller.standing()).await?;
    let lists = discovered::lists(state, view, &usable).await;
    let indexes: Vec<_> = lists.iter().filter_map(|list| index_of(state, list)).collect();
    let wanted = |vendor: &str| search.vendor.as_deref().is_none_or(|only| only == vendor);
    let may_use = |vendor: &str, tool: &str| {
        wanted(vendor)
            && view.has_vendor(vendor)
            && usable.iter().any(|(known, _)| known == vendor)
            && step_up::is_listed(&state.catalog, caller.scopes, tool)
    };
    let is_listed = |vendor: &str, tool: &str| {
        let known = lists.iter().find_map(|list| list.tool(tool));
        wanted(vendor) && known.is_some_and(|known| caller.scopes.lists(known.risk))
    };
    let mut hits = state.mcp.search.hits(&search.query, may_use);
    hits.extend(indexes.iter().flat_map(|index| index.hits(&search.query, is_listed)));
    let found: Vec<Found> = search::best(hits, limit)
        .into_iter()
        .map(|tool| Found {
            name: &tool.name,
            description: &tool.description,
            input_schema: tool.input_schema.object(),
        })
        .collect();
    Ok(serde_json::to_string(&found).unwrap_or_default())
}

/// What is searched of a list that a vendor was asked for.
fn index_of(state: &AppState, list: &ToolList) -> Option<Arc<SearchIndex>> {
    let vendor = state.catalog.discovering(&list.tools.first()?.full_name)?;
    let make = || Arc::new(SearchIndex::of(std::iter::once((&**vendor, list.tools.as_slice()))));
    Some(state.mcp.discovered_search.get_with(list.id, make))
}

fn read_search(state: &AppState, arguments: JsonObject) -> Result<Search, SearchError> {
    let refuse = |why: String| SearchError::Arguments(format!("{}: {why}", names::SEARCH_TOOLS));
    let search: Search = serde_json::from_value(Value::Object(arguments))
        .map_err(|error| refuse(format!("the arguments do not fit: {error}.")))?;
    if search.query.trim().is_empty() || search.query.len() > MAX_QUERY {
        return Err(refuse(format!("query must have 1 to {MAX_QUERY} characters.")));
    }
    if search.limit.is_some_and(|limit| !(1..=MAX_FOUND).contains(&limit)) {
        return Err(refuse(format!("limit must be from 1 to {MAX_FOUND}.")));
    }
    if let Some(slug) = &search.vendor
        && state.catalog.vendor(slug).is_none()
    {
        let hint = view::suggest(&state.catalog, slug)
            .map_or_else(String::new, |known| format!(" Did you mean {known:?}?"));
        return Err(refuse(format!("there is no such vendor.{hint}")));
    }
    Ok(search)
}

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
    /// Tools that its server offers and that are not passed on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOut>,
    /// What must be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs_attention: Option<String>,
}

#[derive(Debug, Serialize)]
struct LeftOut {
    tool: String,
    reason: String,
}

impl LeftOut {
    fn of(left_out: &vendors::LeftOut) -> Self {
        Self { tool: left_out.name.clone(), reason: left_out.reason.clone() }
    }
}

#[derive(Debug, Serialize)]
struct Vendor<'a> {
    #[serde(rename = "vendor")]
    slug: &'a str,
    name: &'a str,
    category: &'a str,
}

/// Every vendor of this address, as JSON text: an app whose token opens one vendor's endpoint hears of no other.
pub(super) async fn list_connections(
    state: &AppState,
    caller: &Caller,
    view: &View,
) -> Result<String, StoreError> {
    let mut verdicts = state.resolver.vendors_of(caller.standing()).await?;
    verdicts.retain(|(vendor, _)| view.has_vendor(vendor));
    let is_connected = |slug: &str| verdicts.iter().any(|(vendor, _)| vendor == slug);
    let not_connected = state
        .catalog
        .vendors()
        .filter(|vendor| view.has_vendor(&vendor.slug) && !is_connected(&vendor.slug))
        .map(|vendor| Vendor { slug: &vendor.slug, name: &vendor.name, category: &vendor.category })
        .collect();
    let connections = verdicts.iter().map(|(vendor, verdict)| connection(state, vendor, verdict)).collect();
    let overview = Overview { connections, not_connected, settings: settings_url(state, caller) };
    Ok(serde_json::to_string(&overview).unwrap_or_default())
}

/// A service client uses what the team shares, and nothing else.
fn settings_url(state: &AppState, caller: &Caller) -> String {
    match caller.user_id {
        Some(_) => finished::settings_url(state),
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
        (Some(row), _) => row.problem.clone().or_else(|| state.discovery.problem(used?.key())),
        (None, _) => Some(reason.to_string()),
    };
    let list = used.and_then(|used| state.discovery.last(used.key()));
    Connection {
        vendor: slug,
        name: vendor.map_or(slug, |vendor| vendor.name.as_str()),
        state: if needs_attention.is_some() { "needs_attention" } else { "connected" },
        account: row.and_then(|row| row.account.as_deref()),
        credential: row.map(|row| row.scope.as_str()),
        why: reason.to_string(),
        tools: row.map_or(0, |_| {
            let of_catalogue = || vendor.map_or(0, |vendor| vendor.tools.len());
            list.as_ref().map_or_else(of_catalogue, |list| list.tools.len())
        }),
        left_out: list.map(|list| list.left_out.iter().map(LeftOut::of).collect()).unwrap_or_default(),
        needs_attention,
    }
}

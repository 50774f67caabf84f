//! The catalogue's tools as MCP shows them, made once at start. A vendor is never asked for its tools.

use std::{collections::HashMap, sync::Arc};

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::Value;

use super::names;
use crate::vendors::{self, Catalog, Risk};

/// The annotation that asks clients to repeat an argument as a header (MCP 2026-07-28, streamable HTTP).
const HEADER_ANNOTATION: &str = "x-mcp-header";

/// Every tool, ready to be listed.
#[derive(Debug)]
pub(super) struct ToolLists {
    /// The vendor's slug -> its tools, sorted by name.
    by_vendor: HashMap<String, Arc<[Tool]>>,
    own: Vec<Tool>,
    /// The tools whose arguments are repeated in headers, which the transport must compare.
    with_headers: HashMap<String, Tool>,
}

impl ToolLists {
    /// Of all vendors.
    pub(super) fn new(catalog: &Catalog) -> Self {
        let by_vendor: HashMap<_, Arc<[Tool]>> = catalog
            .vendors()
            .map(|vendor| (vendor.slug.clone(), vendor.tools.iter().map(shown).collect()))
            .collect();
        let own = own();
        let with_headers = by_vendor
            .values()
            .flat_map(|tools| tools.iter())
            .chain(&own)
            .filter(|tool| has_header_annotation(&tool.input_schema))
            .map(|tool| (tool.name.to_string(), tool.clone()))
            .collect();
        Self { by_vendor, own, with_headers }
    }

    /// The tools of these vendors and the gateway's own, sorted by name.
    pub(super) fn of<'v>(&self, vendors: impl Iterator<Item = &'v str>) -> Vec<Tool> {
        let mut tools: Vec<_> = vendors
            .filter_map(|vendor| self.by_vendor.get(vendor))
            .flat_map(|tools| tools.iter().cloned())
            .collect();
        tools.extend_from_slice(&self.own);
        tools.sort_by(|one, other| one.name.cmp(&other.name));
        tools
    }

    /// How many tools a vendor has.
    pub(super) fn count(&self, vendor: &str) -> usize {
        self.by_vendor.get(vendor).map_or(0, |tools| tools.len())
    }

    /// A tool whose arguments are repeated in headers.
    pub(super) fn with_headers(&self, name: &str) -> Option<&Tool> {
        self.with_headers.get(name)
    }
}

fn shown(tool: &vendors::Tool) -> Tool {
    Tool::new(tool.full_name.clone(), tool.description.clone(), Arc::clone(&tool.input_schema))
        .with_title(tool.title.clone())
        .with_annotations(annotations(tool.risk, tool.idempotent))
}

/// What a client may tell its user before the call. Vendors are the open world: others change them, too.
fn annotations(risk: Risk, is_idempotent: bool) -> ToolAnnotations {
    let hints = ToolAnnotations::new().read_only(risk == Risk::Read).open_world(true);
    match risk {
        Risk::Read => hints,
        Risk::Write => hints.destructive(false).idempotent(is_idempotent),
        Risk::Delete | Risk::Admin => hints.destructive(true).idempotent(is_idempotent),
    }
}

/// The gateway's own tools.
fn own() -> Vec<Tool> {
    let own = vec![list_connections()];
    #[cfg(feature = "conformance")]
    let own = [own, super::conformance::tools()].concat();
    own
}

fn list_connections() -> Tool {
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), Value::from("object"));
    schema.insert("additionalProperties".to_owned(), Value::from(false));
    Tool::new(
        names::LIST_CONNECTIONS,
        "Lists connected vendors: account, state, whose credential is used and why, what needs attention; and vendors \
         that could be connected.",
        schema,
    )
    .with_title("List connections")
    .with_annotations(ToolAnnotations::new().read_only(true).open_world(false))
}

fn has_header_annotation(schema: &JsonObject) -> bool {
    let Some(Value::Object(properties)) = schema.get("properties") else { return false };
    properties
        .values()
        .filter_map(Value::as_object)
        .any(|property| property.contains_key(HEADER_ANNOTATION) || has_header_annotation(property))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn risk_becomes_hints() {
        let shown = |risk| serde_json::to_value(annotations(risk, true)).unwrap();
        assert_eq!(shown(Risk::Read), json!({"readOnlyHint": true, "openWorldHint": true}));
        let write = json!({"readOnlyHint": false, "destructiveHint": false, "idempotentHint": true, "openWorldHint": true});
        assert_eq!(shown(Risk::Write), write);
        for risk in [Risk::Delete, Risk::Admin] {
            assert_eq!(shown(risk)["destructiveHint"], json!(true), "{risk:?}");
        }
    }

    #[test]
    fn lists_are_sorted_and_hold_only_what_is_asked_for() {
        let lists = ToolLists::new(&Catalog::load(None, None).0);
        let names = |vendors: &[&str]| -> Vec<String> {
            lists.of(vendors.iter().copied()).iter().map(|tool| tool.name.to_string()).collect()
        };
        assert_eq!(names(&[]), [names::LIST_CONNECTIONS]);
        assert_eq!(names(&["nobody"]), [names::LIST_CONNECTIONS]);
        let two = names(&["itglue", "autotask"]);
        assert!(two.is_sorted());
        assert_eq!(two, names(&["autotask", "itglue"]));
        assert_eq!(two.len(), lists.count("itglue") + lists.count("autotask") + 1);
        assert!(
            two.iter()
                .all(|name| ["itglue", "autotask", "gateway"].contains(&names::vendor_part(name).unwrap()))
        );
    }

    #[test]
    fn every_tool_fits_the_protocol() {
        let catalog = Catalog::load(None, None).0;
        let lists = ToolLists::new(&catalog);
        for tool in lists.of(catalog.vendors().map(|vendor| vendor.slug.as_str())) {
            let is_good = |c: char| c.is_ascii_alphanumeric() || c == '_';
            assert!(tool.name.len() <= 48 && tool.name.chars().all(is_good), "{}", tool.name);
            assert_eq!(tool.input_schema["type"], "object", "{}", tool.name);
            assert_eq!(tool.input_schema["additionalProperties"], false, "{}", tool.name);
            let description = tool.description.as_deref().unwrap_or_default();
            assert!((1..=200).contains(&description.chars().count()), "{}", tool.name);
        }
    }

    #[test]
    fn header_annotations_are_found_at_any_depth() {
        let schema = |property: Value| {
            json!({"type": "object", "properties": {"a": property}}).as_object().unwrap().clone()
        };
        assert!(!has_header_annotation(&schema(json!({"type": "string"}))));
        assert!(has_header_annotation(&schema(json!({"type": "string", "x-mcp-header": "A"}))));
        let nested = json!({"type": "object", "properties": {"b": {"x-mcp-header": "B"}}});
        assert!(has_header_annotation(&schema(nested)));
    }
}

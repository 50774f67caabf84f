//! The vendors' tools as MCP shows them: those of the catalogue, and those that vendors were asked for.

use std::{borrow::Borrow, collections::HashMap, sync::Arc};

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::Value;

use super::{listing::Listed, meta_tools, view::Mode};
use crate::vendors::{self, Catalog, Risk, ToolList};

/// The annotation that asks clients to repeat an argument as a header (MCP 2026-07-28, streamable HTTP).
const HEADER_ANNOTATION: &str = "x-mcp-header";

/// The tools whose arguments are repeated in headers, which the transport must compare, by full name.
#[derive(Debug)]
pub(super) struct AnnotatedTools(HashMap<String, Tool>);

impl AnnotatedTools {
    /// Of all vendors.
    pub(super) fn new(catalog: &Catalog) -> Self {
        let tools = catalog.vendors().flat_map(|vendor| &vendor.tools);
        // Most texts need not be read to see that they have none.
        let annotated = tools.filter(|tool| tool.input_schema.as_str().contains(HEADER_ANNOTATION));
        let annotated = annotated.map(shown).chain(fixture());
        let annotated = annotated.filter(|tool| has_header_annotation(&tool.input_schema));
        Self(annotated.map(|tool| (tool.name.to_string(), tool)).collect())
    }

    /// One of them.
    pub(super) fn get(&self, name: &str) -> Option<&Tool> {
        self.0.get(name)
    }
}

/// What `tools/list` answers, sorted by name: clients and models keep what they know while the order is the same
/// (MCP 2026-07-28, server/tools).
pub(super) fn list(listed: &Listed, catalog: &Catalog, discovered: &[impl Borrow<ToolList>]) -> Vec<Tool> {
    let mut tools = meta_tools::shown(&listed.view);
    tools.extend(fixture());
    let is_listed = |tool: &&vendors::Tool| listed.scopes.lists(tool.risk);
    if listed.view.mode == Mode::All {
        let vendors = listed.vendors.iter().filter(|vendor| listed.view.has_vendor(vendor));
        let vendors = vendors.filter_map(|vendor| catalog.vendor(vendor));
        tools.extend(vendors.flat_map(|vendor| &vendor.tools).filter(is_listed).map(shown));
    }
    let discovered = discovered.iter().flat_map(|list| &list.borrow().tools);
    tools.extend(discovered.filter(is_listed).map(shown));
    tools.sort_by(|one, other| one.name.cmp(&other.name));
    tools
}

/// A vendor's tool as MCP shows it.
pub(super) fn shown(tool: &vendors::Tool) -> Tool {
    Tool::new(tool.full_name.clone(), tool.description.clone(), Arc::new(tool.input_schema.object()))
        .with_title(tool.title.clone())
        .with_annotations(annotations(tool.risk, tool.may_destroy(), tool.idempotent))
}

/// What a client may tell its user before the call. Vendors are the open world: others change them, too.
fn annotations(risk: Risk, may_destroy: bool, is_idempotent: bool) -> ToolAnnotations {
    let hints = ToolAnnotations::new().read_only(risk == Risk::Read).open_world(true);
    match risk {
        Risk::Read => hints,
        _ => hints.destructive(may_destroy).idempotent(is_idempotent),
    }
}

/// The tools of the conformance suite; none in a gateway that somebody uses.
fn fixture() -> Vec<Tool> {
    #[cfg(feature = "conformance")]
    let tools = super::conformance::tools();
    #[cfg(not(feature = "conformance"))]
    let tools = Vec::new();
    tools
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

    use super::{
        super::{names, view::View},
        *,
    };
    use crate::oauth::scope::Scopes;

    #[test]
    fn risk_becomes_hints() {
        let shown = |risk| serde_json::to_value(annotations(risk, risk != Risk::Write, true)).unwrap();
        assert_eq!(shown(Risk::Read), json!({"readOnlyHint": true, "openWorldHint": true}));
        let write = json!({"readOnlyHint": false, "destructiveHint": false, "idempotentHint": true, "openWorldHint": true});
        assert_eq!(shown(Risk::Write), write);
        for risk in [Risk::Delete, Risk::Admin] {
            assert_eq!(shown(risk)["destructiveHint"], json!(true), "{risk:?}");
        }
    }

    const NONE: &[Arc<ToolList>] = &[];

    fn listed(vendors: &[&str], view: View) -> Listed {
        let vendors = vendors.iter().map(|vendor| (*vendor).to_owned()).collect();
        Listed { view, vendors, discovered: Vec::new(), scopes: Scopes::of_grant("mcp:admin", "") }
    }

    #[test]
    fn lists_are_sorted_and_hold_only_what_is_asked_for() {
        let catalog = Catalog::load(None, None).0;
        let count = |vendor: &str| catalog.vendor(vendor).unwrap().tools.len();
        let names = |vendors: &[&str], view: View| -> Vec<String> {
            list(&listed(vendors, view), &catalog, NONE).iter().map(|tool| tool.name.to_string()).collect()
        };
        let all = |vendors: &[&str]| names(vendors, View::default());
        assert_eq!(all(&[]), [names::LIST_CONNECTIONS, names::SEARCH_TOOLS]);
        assert_eq!(all(&["nobody"]), all(&[]));
        let two = all(&["itglue", "autotask"]);
        assert!(two.is_sorted());
        assert_eq!(two, all(&["autotask", "itglue"]));
        assert_eq!(two.len(), count("itglue") + count("autotask") + 2);
        assert!(
            two.iter()
                .all(|name| ["itglue", "autotask", "gateway"].contains(&names::vendor_part(name).unwrap()))
        );
        let one = View { vendor: Some("itglue".to_owned()), mode: Mode::All };
        assert_eq!(names(&["itglue", "autotask"], one).len(), count("itglue") + 1);
        let search = View { vendor: None, mode: Mode::Search };
        assert_eq!(
            names(&["itglue", "autotask"], search),
            [names::CALL_TOOL, names::LIST_CONNECTIONS, names::SEARCH_TOOLS]
        );
    }

    #[test]
    fn every_tool_fits_the_protocol() {
        let catalog = Catalog::load(None, None).0;
        let vendors: Vec<&str> = catalog.vendors().map(|vendor| vendor.slug.as_str()).collect();
        for tool in list(&listed(&vendors, View::default()), &catalog, NONE) {
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

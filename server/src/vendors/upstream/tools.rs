//! The tools of an MCP server, as far as they can be believed. What cannot is left out with the reason; the rest stays.
//!
//! Names must fit clients, texts are shortened and lose characters that hide something, schemas must be small, right, and
//! refer to nothing outside of themselves. Annotations are hints of somebody else: they choose the scope that a call needs,
//! and what is not said counts as writing.

use std::collections::BTreeSet;

use rmcp::model::ToolAnnotations;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::RemoteTool;
use super::listing::Listed;
use super::names::full_name;
use super::schema;
use super::text::{one_line, readable};
use crate::vendors::manifest::AnswerKind;
use crate::vendors::paging::Paging;
use crate::vendors::redact::Redactor;
use crate::vendors::refusal::shorten;
use crate::vendors::schema::{Arguments, SchemaText};
use crate::vendors::upstream::McpServer;
use crate::vendors::vendor::{Action, Risk, Tool, Vendor};

/// More tools than this are left out.
pub(super) const MAX_TOOLS: usize = 500;
/// Longest title and description, in characters; what is longer is shortened.
const MAX_TITLE: usize = 60;
const MAX_DESCRIPTION: usize = 1000;
/// Longest reason and name of what was left out, in characters.
const MAX_REASON: usize = 300;
/// The name under which those are left out that nobody read.
const OTHERS: &str = "(others)";

/// Tells one list from every other: the SHA-256 of what is shown of it.
pub type ToolListId = [u8; 32];

/// The tools that a server offers to one credential.
#[derive(Debug)]
pub struct ToolList {
    /// Sorted by full name.
    pub tools: Vec<Tool>,
    /// What the server offers as well, but cannot be passed on.
    pub left_out: Vec<LeftOut>,
    /// The same for lists that show the same.
    pub id: ToolListId,
    /// How large it is, about: bytes of JSON.
    pub bytes: usize,
}

/// A tool that is not passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name at the server.
    pub name: String,
    /// Why, as a part of a sentence.
    pub reason: String,
}

impl ToolList {
    /// Of what the server listed, tool by tool.
    pub(super) fn new(vendor: &Vendor, server: &McpServer, listed: Listed, redactor: &Redactor) -> Self {
        let (mut tools, mut left_out, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for entry in listed.tools {
            let name = entry.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            if server.hidden_tools.iter().any(|pattern| pattern.matches(&name)) {
                continue;
            }
            match read(&vendor.slug, &name, &entry, redactor) {
                Ok(tool) if needs_headers(&tool) && !listed.repeats_headers => {
                    let reason = "some of its arguments must be repeated as headers, which needs a list without malformed tools";
                    left_out.push(without(&name, reason, redactor));
                }
                Ok(tool) if seen.insert(tool.full_name.clone()) => tools.push(tool),
                Ok(tool) => {
                    left_out.push(without(&name, &format!("there is another {}", tool.full_name), redactor));
                }
                Err(reason) => left_out.push(without(&name, &reason, redactor)),
            }
        }
        if listed.is_cut {
            let reason = format!("the server offers more than the {MAX_TOOLS} tools that are read");
            left_out.push(LeftOut { name: OTHERS.to_owned(), reason });
        }
        tools.sort_by(|one, other| one.full_name.cmp(&other.full_name));
        let id = id_of(&tools);
        Self { tools, left_out, id, bytes: listed.bytes }
    }

    /// A tool by its full name.
    pub fn tool(&self, full_name: &str) -> Option<&Tool> {
        let place = self.tools.binary_search_by(|tool| tool.full_name.as_str().cmp(full_name)).ok()?;
        self.tools.get(place)
    }
}

fn needs_headers(tool: &Tool) -> bool {
    matches!(&tool.action, Action::Remote(remote) if remote.has_headers)
}

fn without(name: &str, reason: &str, redactor: &Redactor) -> LeftOut {
    let line = |text: &str| shorten(&one_line(&redactor.clean(readable(text))), MAX_REASON);
    LeftOut { name: line(name), reason: line(reason) }
}

fn id_of(tools: &[Tool]) -> ToolListId {
    let mut hash = Sha256::new();
    for tool in tools {
        let shown = (
            (&tool.full_name, &tool.title, &tool.description, tool.input_schema.as_str()),
            (format!("{:?}", tool.risk), tool.may_destroy(), tool.idempotent),
        );
        hash.update(serde_json::to_vec(&shown).unwrap_or_default());
        hash.update([0]);
    }
    hash.finalize().into()
}

fn read(slug: &str, name: &str, entry: &Value, redactor: &Redactor) -> Result<Tool, String> {
    if redactor.clean(name.to_owned()) != name {
        return Err("its name holds the credential".to_owned());
    }
    let full_name = full_name(slug, name)?;
    let hints = entry.get("annotations").cloned().unwrap_or_default();
    let hints: ToolAnnotations = serde_json::from_value(hints).unwrap_or_default();
    // Without secrets after what hides in them.
    let clean = |text: &str| redactor.clean(readable(text));
    let text = |member: &str| entry.get(member).and_then(Value::as_str).map(clean);
    let title = text("title").or_else(|| hints.title.as_deref().map(clean)).unwrap_or_default();
    let title = if title.is_empty() { name.to_owned() } else { one_line(&title) };
    let description = text("description").filter(|text| !text.is_empty()).unwrap_or_else(|| title.clone());
    let (schema, has_headers) = schema::read(entry.get("inputSchema"), redactor)?;
    let risk = risk(&hints);
    Ok(Tool {
        full_name,
        name: name.to_owned(),
        title: shorten(&title, MAX_TITLE),
        description: shorten(&description, MAX_DESCRIPTION),
        arguments: Arguments::unchecked(),
        input_schema: SchemaText::new(&schema),
        risk,
        idempotent: risk == Risk::Read || hints.idempotent_hint == Some(true),
        uncertain: None,
        action: Action::Remote(RemoteTool {
            name: name.into(),
            is_harmless: hints.destructive_hint == Some(false),
            has_headers,
        }),
        result: None,
        answer: AnswerKind::Text,
        hidden: Vec::new(),
        paging: Paging::default(),
        has_fields: false,
    })
}

/// The scope that a call needs.
fn risk(hints: &ToolAnnotations) -> Risk {
    match (hints.read_only_hint, hints.destructive_hint) {
        // It cannot be both; the worse one is believed.
        (_, Some(true)) => Risk::Delete,
        (Some(true), _) => Risk::Read,
        _ => Risk::Write,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::schema::{HEADER_ANNOTATION, MAX_SCHEMA};
    use super::*;
    use crate::vendors::schema::Compiled;
    use crate::vendors::testing;

    fn listed(tools: Value) -> ToolList {
        let vendor = testing::vendor(testing::MCP);
        let super::super::Upstream::Mcp(server) = &vendor.upstream else { panic!("not of kind mcp") };
        let credentials = [("key".to_owned(), "hunter2".to_owned())].into_iter().collect();
        let Value::Array(tools) = tools else { panic!("no list") };
        let listed = Listed { tools, is_cut: false, repeats_headers: true, bytes: 0 };
        ToolList::new(&vendor, server, listed, &Redactor::new(&vendor, &credentials, None))
    }

    #[expect(clippy::needless_pass_by_value, reason = "json! values read better at the call")]
    fn reason(tool: Value) -> String {
        let list = listed(json!([tool, {"name": "good", "inputSchema": {"type": "object"}}]));
        assert_eq!(list.tools.len(), 1, "the rest stays");
        list.left_out.first().unwrap().reason.clone()
    }

    #[test]
    fn what_cannot_be_used_is_left_out() {
        let object = json!({"type": "object"});
        assert!(reason(json!({"name": "a b", "inputSchema": object})).contains("characters"));
        assert!(reason(json!({"name": "a".repeat(60), "inputSchema": object})).contains("at most 48"));
        assert!(reason(json!({"inputSchema": object})).contains("no name"));
        assert!(reason(json!({"name": "good", "inputSchema": object})).contains("there is another"));
        assert!(reason(json!("text")).contains("no name"));
        assert!(reason(json!({"name": "x"})).contains("no schema"));
        assert!(reason(json!({"name": "x", "inputSchema": {"type": "string"}})).contains("type object"));
        let wrong = json!({"type": "object", "properties": {"a": {"type": "nonsense"}}});
        assert!(reason(json!({"name": "x", "inputSchema": wrong})).contains("is wrong"));
        let network = json!({"type": "object", "properties": {"a": {"$ref": "https://evil.example/s.json"}}});
        assert!(reason(json!({"name": "x", "inputSchema": network})).contains("evil.example"));
        for hidden in
            [json!({"type": "object", "a\u{200b}b": 1}), json!({"type": "object", "enum": ["\u{e0041}"]})]
        {
            assert!(reason(json!({"name": "x", "inputSchema": hidden})).contains("nobody sees"));
        }
        let large = json!({"type": "object", "description": "x".repeat(MAX_SCHEMA)});
        assert!(reason(json!({"name": "x", "inputSchema": large})).contains("larger"));
    }

    /// Compiled, or checked against, this would take longer than anybody can wait.
    #[test]
    fn schemas_are_not_compiled() {
        let either = |level: u32| json!({"$ref": format!("#/$defs/a{level}")});
        let definitions = (0..200_u32)
            .map(|level| (format!("a{level}"), json!({"anyOf": [either(level + 1), either(level + 1)]})))
            .chain([("a200".to_owned(), json!({"pattern": "(\\w{1000}){1000}"}))]);
        let definitions = Value::Object(definitions.collect());
        let schema = json!({"type": "object", "properties": {"a": either(0)}, "$defs": definitions});
        let list = listed(json!([{"name": "x", "inputSchema": schema}]));
        let arguments = json!({"a": "b"}).as_object().unwrap().clone();
        assert_eq!(list.tools[0].arguments.check(arguments.clone(), &Compiled::new()), Ok(arguments));
    }

    #[test]
    fn hidden_tools_are_not_mentioned() {
        let object = json!({"type": "object"});
        let list = listed(json!([{"name": "acme_navigate", "inputSchema": object}, {"name": "acme_back"}]));
        assert!(list.tools.is_empty() && list.left_out.is_empty());
    }

    #[test]
    fn hints_choose_the_scope() {
        let risk_of = |hints: Value| {
            let tool = json!({"name": "x", "inputSchema": {"type": "object"}, "annotations": hints});
            let list = listed(json!([tool]));
            (list.tools[0].risk, list.tools[0].may_destroy())
        };
        assert_eq!(risk_of(json!({})), (Risk::Write, true));
        assert_eq!(risk_of(json!("nonsense")), (Risk::Write, true));
        assert_eq!(risk_of(json!({"destructiveHint": false})), (Risk::Write, false));
        assert_eq!(risk_of(json!({"readOnlyHint": true})), (Risk::Read, false));
        assert_eq!(risk_of(json!({"readOnlyHint": true, "destructiveHint": true})), (Risk::Delete, true));
    }

    #[test]
    fn texts_and_schemas_are_made_harmless() {
        let list = listed(json!([{
            "name": "get-thing", "description": "Get.\u{200b}\u{1b}[31m hun\u{200b}ter2 \u{e0041}",
            "inputSchema": {"type": "object", "description": "Not hunt\u{200d}er2", "properties": {
                "zone": {"type": "string", "x-mcp-header": "Zone"}, "b": {"$ref": "#/$defs/b"}},
                "$defs": {"b": {"type": "integer"}}}}]));
        let tool = &list.tools[0];
        assert_eq!((tool.full_name.as_str(), tool.title.as_str()), ("sample__get_thing", "get-thing"));
        assert_eq!(tool.description, "Get.[31m [redacted]");
        let schema = tool.input_schema.object();
        assert_eq!(schema["description"], "Not [redacted]");
        assert!(schema["properties"]["zone"].get(HEADER_ANNOTATION).is_none());
        assert!(
            matches!(&tool.action, Action::Remote(remote) if remote.has_headers && &*remote.name == "get-thing")
        );
        assert!(list.tool("sample__get_thing").is_some() && list.tool("sample__x").is_none());
    }

    #[test]
    fn the_id_tells_lists_apart() {
        let of = |description: &str| {
            listed(json!([{"name": "x", "description": description, "inputSchema": {"type": "object"}}])).id
        };
        assert_eq!(of("one"), of("one"));
        assert_ne!(of("one"), of("two"));
        let hinted = |hints: Value| {
            listed(json!([{"name": "x", "inputSchema": {"type": "object"}, "annotations": hints}])).id
        };
        assert_ne!(hinted(json!({})), hinted(json!({"destructiveHint": true})), "they need other scopes");
    }
}

//! Schemas of a document as plain JSON Schema: references replaced, `allOf` merged, what says nothing dropped.
//!
//! What a manifest cannot hold (null, endless recursion, hundreds of members) is cut, and said.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Map, Value};

use super::document::{Document, Target};
use super::keywords::{self, MAX_VALUES, merge, type_only};
use super::text::shorten;

/// Levels of members below the schema itself. A model does not need more, and pays for every word of it.
const MAX_LEVELS: usize = 4;

/// Schemas in one parameter or body.
const MAX_SCHEMAS: usize = 200;

/// References, `allOf` and levels inside each other.
const MAX_STACK: usize = 48;

/// Longest description of a member.
const MAX_DESCRIPTION: usize = 120;

/// Formats that are checked, and do no harm where a vendor means it less strictly.
const FORMATS: [&str; 8] = ["date-time", "date", "email", "uuid", "uri", "hostname", "ipv4", "ipv6"];

/// Expands schemas of one operation.
pub(super) struct Schemas<'d, 'n> {
    document: &'d Document,
    decide: &'n mut BTreeSet<String>,
    stack: Vec<*const Value>,
    count: usize,
}

impl<'d, 'n> Schemas<'d, 'n> {
    /// `decide` collects what a person must look at.
    pub(super) fn new(document: &'d Document, decide: &'n mut BTreeSet<String>) -> Self {
        Self { document, decide, stack: Vec::new(), count: 0 }
    }

    /// The whole schema. An empty one allows anything.
    pub(super) fn expand(&mut self, schema: &'d Value) -> Map<String, Value> {
        self.count = 0;
        self.schema(schema, 0)
    }

    fn schema(&mut self, schema: &'d Value, level: usize) -> Map<String, Value> {
        let target = match self.document.resolve(schema) {
            Target::Value(target) => target,
            broken => {
                self.decide.extend(broken.reason());
                return Map::new();
            }
        };
        let Some(source) = target.as_object() else { return Map::new() };
        let address = std::ptr::from_ref(target);
        self.count += 1;
        if self.stack.contains(&address) || self.stack.len() >= MAX_STACK || self.count > MAX_SCHEMAS {
            self.decide.insert("a schema was cut, where it repeats itself or is very large".into());
            return type_only(source);
        }
        self.stack.push(address);
        let mut expanded = self.members(source, level);
        self.stack.pop();
        if let Some(description) = schema.get("description").and_then(Value::as_str) {
            expanded.insert("description".into(), shorten(description, MAX_DESCRIPTION).into());
        }
        expanded
    }

    fn members(&mut self, source: &'d Map<String, Value>, level: usize) -> Map<String, Value> {
        let mut out = Map::new();
        for part in source.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            merge(&mut out, self.schema(part, level));
        }
        let own = self.own(source, level);
        merge(&mut out, own);
        if let Some(choice) = self.choice(source, level) {
            merge(&mut out, choice);
        }
        out
    }

    /// The keywords of a schema itself.
    fn own(&mut self, source: &'d Map<String, Value>, level: usize) -> Map<String, Value> {
        let mut out = keywords::plain(source);
        if keywords::is_long_enumeration(source) {
            self.decide.insert(format!("an enumeration of more than {MAX_VALUES} values was left out"));
        }
        self.texts(source, &mut out);
        if level >= MAX_LEVELS {
            if source.contains_key("properties") || source.contains_key("items") {
                self.decide.insert("a schema was cut, where it repeats itself or is very large".into());
            }
            return out;
        }
        if let Some(items) = source.get("items").filter(|items| items.is_object()) {
            let items = self.schema(items, level + 1);
            out.insert("items".into(), Value::Object(items));
        }
        if let Some(properties) = source.get("properties").and_then(Value::as_object) {
            self.properties(source, properties, level, &mut out);
        }
        match source.get("additionalProperties") {
            Some(Value::Bool(is_open)) => {
                out.insert("additionalProperties".into(), (*is_open).into());
            }
            Some(schema @ Value::Object(_)) => {
                let schema = self.schema(schema, level + 1);
                out.insert("additionalProperties".into(), Value::Object(schema));
            }
            _ => {}
        }
        out
    }

    fn properties(
        &mut self,
        source: &'d Map<String, Value>,
        properties: &'d Map<String, Value>,
        level: usize,
        out: &mut Map<String, Value>,
    ) {
        let mut members = Map::new();
        for (name, schema) in properties {
            let is_read_only = |schema: &Value| schema.get("readOnly").is_some_and(|is| is == true);
            let resolved = self.document.object(schema);
            if is_read_only(schema)
                || resolved.is_some_and(|schema| schema.get("readOnly").is_some_and(|is| is == true))
            {
                continue;
            }
            members.insert(name.clone(), Value::Object(self.schema(schema, level + 1)));
        }
        let required = source.get("required").and_then(Value::as_array).into_iter().flatten();
        let required: Vec<_> = required
            .filter(|name| name.as_str().is_some_and(|name| members.contains_key(name)))
            .cloned()
            .collect();
        out.insert("properties".into(), Value::Object(members));
        if !required.is_empty() {
            out.insert("required".into(), Value::Array(required));
        }
    }

    /// Checks and shortens what is text.
    fn texts(&mut self, source: &Map<String, Value>, out: &mut Map<String, Value>) {
        let text = |key: &str| source.get(key).and_then(Value::as_str);
        if let Some(format) = text("format").filter(|format| FORMATS.contains(format)) {
            out.insert("format".into(), format.into());
        }
        if text("format").is_some_and(|format| format == "binary") {
            out.insert("contentEncoding".into(), "binary".into());
        }
        match text("pattern").map(Regex::new) {
            Some(Ok(pattern)) => {
                out.insert("pattern".into(), pattern.as_str().into());
            }
            Some(Err(_)) => {
                self.decide
                    .insert("a pattern was left out: it is none of this engine (no look-around)".into());
            }
            None => {}
        }
        if let Some(description) = text("description").filter(|text| !text.trim().is_empty()) {
            out.insert("description".into(), shorten(description, MAX_DESCRIPTION).into());
        }
    }

    /// `oneOf` or `anyOf` without null; a single choice is no choice.
    fn choice(&mut self, source: &'d Map<String, Value>, level: usize) -> Option<Map<String, Value>> {
        let key = ["oneOf", "anyOf"].into_iter().find(|key| source.contains_key(*key));
        let variants = key.and_then(|key| source.get(key)?.as_array());
        let variants = variants?;
        let mut expanded = Vec::new();
        for variant in variants.iter().filter(|variant| variant.get("type").is_none_or(|kind| kind != "null"))
        {
            expanded.push(self.schema(variant, level));
        }
        if expanded.len() <= 1 {
            return expanded.pop();
        }
        let mut out = Map::new();
        let kinds: BTreeSet<_> =
            expanded.iter().filter_map(|variant| variant.get("type")?.as_str()).collect();
        if let (1, true) = (kinds.len(), expanded.iter().all(|variant| variant.contains_key("type"))) {
            out.extend(kinds.first().map(|kind| ("type".to_owned(), Value::from(*kind))));
        }
        // Not oneOf: what was left out may have told the variants apart.
        out.insert("anyOf".into(), expanded.into_iter().map(Value::Object).collect());
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expand(schemas: &str) -> (Value, BTreeSet<String>) {
        let document = Document::read(&format!("openapi: 3.1.0\npaths: {{}}\n{schemas}")).unwrap();
        let mut decide = BTreeSet::new();
        let schema = Schemas::new(&document, &mut decide).expand(document.get("x").unwrap());
        (Value::Object(schema), decide)
    }

    #[test]
    fn merges_and_cleans() {
        let (schema, decide) = expand(
            "x: {allOf: [{$ref: '#/base'}, {type: object, required: [b, gone], properties: {b: {type: [integer, 'null'], exclusiveMinimum: 0, example: 3}}}]}\nbase: {required: [a], properties: {a: {type: string, nullable: true, format: int64, pattern: '(?=x)'}, id: {readOnly: true, type: string}}}",
        );
        assert_eq!(
            schema,
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer", "minimum": 1}}, "required": ["a", "b"]})
        );
        assert!(decide.first().unwrap().contains("pattern"));
    }

    #[test]
    fn recursion_is_cut_and_said() {
        let (schema, decide) =
            expand("x: {type: object, properties: {child: {$ref: '#/x'}, name: {type: string}}}");
        assert_eq!(schema["properties"]["child"], json!({"type": "object"}));
        assert!(decide.first().unwrap().contains("repeats itself"));
        let (schema, _) = expand("x: {allOf: [{$ref: '#/x'}], properties: {a: {type: string}}}");
        assert_eq!(schema["properties"]["a"]["type"], "string");
    }

    #[test]
    fn long_enumerations_are_left_out_and_that_is_said() {
        let of = |count: usize| {
            let values: Vec<String> = (0..count).map(|value| format!("v{value}")).collect();
            expand(&format!("x: {{type: string, enum: [{}]}}", values.join(", ")))
        };
        let (schema, decide) = of(60);
        assert_eq!((schema["enum"].as_array().unwrap().len(), decide.len()), (60, 0));
        let (schema, decide) = of(61);
        assert!(schema.get("enum").is_none() && decide.first().unwrap().contains("more than 60 values"));
    }

    #[test]
    fn choices_and_strangers() {
        let (schema, _) = expand("x: {anyOf: [{type: string, maxLength: 3}, {type: 'null'}]}");
        assert_eq!(schema, json!({"type": "string", "maxLength": 3}));
        let (schema, _) = expand("x: {oneOf: [{type: string}, {type: integer}]}");
        assert_eq!(schema, json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}));
        let (schema, decide) = expand("x: {$ref: 'other.yaml#/a'}");
        assert_eq!((schema, decide.len()), (json!({}), 1));
    }
}

//! Parameters of an operation -> parameters of a tool, with what a manifest can say of their schemas.

use std::collections::BTreeSet;

use reqwest::header::HeaderName;
use serde_json::{Map, Value, json};

use super::document::Document;
use super::draft::Param;
use super::names;
use super::operations::Operation;
use super::schema::Schemas;
use super::text::{sentence, shorten, title};
use crate::vendors::schema::{Arguments, object_schema};

/// Longest description of a parameter.
const MAX_DESCRIPTION: usize = 220;

/// Keywords that a parameter may have besides `type` and `description`.
const KEYWORDS: [&str; 13] = [
    "default",
    "enum",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "items",
    "properties",
    "additionalProperties",
];

/// Headers that are no parameters (OpenAPI 3.1, Parameter Object: they are ignored).
const IGNORED: [&str; 3] = ["accept", "content-type", "authorization"];

/// What the parameters of one operation have become.
pub(super) struct Parameters<'d, 'n> {
    document: &'d Document,
    decide: &'n mut BTreeSet<String>,
    taken: BTreeSet<String>,
    found: Vec<Param>,
}

impl<'d, 'n> Parameters<'d, 'n> {
    pub(super) fn new(document: &'d Document, decide: &'n mut BTreeSet<String>) -> Self {
        Self { document, decide, taken: BTreeSet::new(), found: Vec::new() }
    }

    /// Adds those of path, query and headers; `secrets` are the headers and query parts that sign requests.
    pub(super) fn read(&mut self, operation: &Operation<'d>, secrets: &[String]) {
        for parameter in &operation.parameters {
            let text = |key: &str| parameter.get(key).and_then(Value::as_str);
            let Some(name) = text("name").filter(|name| !name.is_empty()) else { continue };
            let required = parameter.get("required").is_some_and(|is| is == true);
            let is_secret = secrets.iter().any(|secret| secret.eq_ignore_ascii_case(name));
            let is_old = parameter.get("deprecated").is_some_and(|is| is == true) && !required;
            match text("in") {
                Some("path") if operation.path.contains(&format!("{{{name}}}")) => {
                    self.add(parameter, name, "path", true);
                }
                Some("query" | "header") if is_secret || is_old => {}
                Some("query") => self.query(parameter, name, required),
                Some("header") if HeaderName::from_bytes(name.as_bytes()).is_err() => {
                    self.decide.insert(format!("`{name}` cannot be the name of a header: it was left out"));
                }
                Some("header") if !IGNORED.contains(&name.to_lowercase().as_str()) => {
                    self.add(parameter, name, "header", required);
                }
                Some("cookie") if required => {
                    self.decide
                        .insert(format!("the document wants the cookie `{name}`, which a tool cannot send"));
                }
                _ => {}
            }
        }
    }

    /// The path in the terms of templates; placeholders that the document does not describe become parameters.
    pub(super) fn path(&mut self, path: &str) -> Option<String> {
        let (mut out, mut rest) = (String::new(), path);
        while let Some((before, placeholder)) = rest.split_once('{') {
            let (wire, after) = placeholder.split_once('}')?;
            out.push_str(before);
            let known = self.found.iter().find(|param| param.place == "path" && param.wire == wire);
            let name = if let Some(param) = known {
                param.name.clone()
            } else {
                self.decide.insert(format!("the document does not describe `{wire}` of the path"));
                self.push(&Map::new(), wire, "path", true, None)
            };
            out.extend(["{", &name, "}"]);
            rest = after;
        }
        out.push_str(rest);
        (!out.contains(['?', '#']) && balanced(&out)).then_some(out)
    }

    /// A member of the body.
    pub(super) fn body(&mut self, schema: &Map<String, Value>, wire: &str, required: bool) -> String {
        self.push(schema, wire, "body", required, None)
    }

    pub(super) fn into_params(self) -> Vec<Param> {
        self.found
    }

    /// Expands a schema of this operation.
    pub(super) fn expand(&mut self, schema: &'d Value) -> Map<String, Value> {
        Schemas::new(self.document, self.decide).expand(schema)
    }

    pub(super) fn decide(&mut self, what: impl Into<String>) {
        self.decide.insert(what.into());
    }

    /// A query parameter; an object becomes one parameter for each of its members.
    fn query(&mut self, parameter: &'d Map<String, Value>, name: &str, required: bool) {
        let style = parameter.get("style").and_then(Value::as_str).unwrap_or("form");
        let explode = parameter.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
        let schema = self.schema_of(parameter);
        let is = |kind: &str| schema.get("type").is_some_and(|found| found == kind);
        if let Some(properties) =
            schema.get("properties").and_then(Value::as_object).filter(|_| explode || style == "deepObject")
        {
            for (member, schema) in properties {
                let wire = if style == "deepObject" { format!("{name}[{member}]") } else { member.clone() };
                if let Some(schema) = schema.as_object() {
                    self.push(schema, &wire, "query", false, None);
                }
            }
            return;
        }
        if is("object") {
            self.decide(format!("how the object `{name}` stands in the query: here it is JSON text"));
        } else if is("array") && !["form", "deepObject"].contains(&style) {
            self.decide(format!(
                "`{name}` wants its items in the style {style}: here they are joined by commas"
            ));
        }
        let repeat = is("array") && style == "form" && explode;
        let description = parameter.get("description").and_then(Value::as_str);
        let added = self.push(&schema, name, "query", required, description);
        if let Some(param) = self.found.iter_mut().find(|param| param.name == added) {
            param.repeat = repeat && param.schema.get("type").is_some_and(|kind| kind == "array");
        }
    }

    fn add(&mut self, parameter: &'d Map<String, Value>, name: &str, place: &'static str, required: bool) {
        let schema = self.schema_of(parameter);
        self.push(&schema, name, place, required, parameter.get("description").and_then(Value::as_str));
    }

    fn schema_of(&mut self, parameter: &'d Map<String, Value>) -> Map<String, Value> {
        if let Some(schema) = parameter.get("schema") {
            return self.expand(schema);
        }
        // OpenAPI 3: `content` instead of `schema`, a value that is itself a document.
        if parameter.contains_key("content") {
            self.decide("a parameter is a JSON text of its own: its form is not checked");
        }
        Map::new()
    }

    fn push(
        &mut self,
        schema: &Map<String, Value>,
        wire: &str,
        place: &'static str,
        required: bool,
        description: Option<&str>,
    ) -> String {
        let is_same = |param: &&Param| param.place == place && param.wire.eq_ignore_ascii_case(wire);
        let twin = self.found.iter().find(is_same).filter(|twin| place == "header" || twin.wire == wire);
        if let Some(twin) = twin.map(|twin| twin.name.clone()) {
            self.decide(format!("two things are called `{wire}` in the {place}: the second was left out"));
            return twin;
        }
        let name = names::unique(wire, "param", &mut self.taken);
        let description = description
            .or(schema.get("description").and_then(Value::as_str))
            .map(|text| sentence(&shorten(text, MAX_DESCRIPTION - 1)))
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| format!("{}.", title(&names::snake(wire))));
        let description = if description == "." { "Value.".to_owned() } else { description };
        let schema = self.narrow(schema, wire, place, required, description);
        let repeat = false;
        let (wire, known) = (wire.to_owned(), name.clone());
        self.found.push(Param { name, place, wire, required, repeat, schema });
        known
    }

    /// What a manifest can say: one type, and the keywords it knows.
    fn narrow(
        &mut self,
        schema: &Map<String, Value>,
        wire: &str,
        place: &str,
        required: bool,
        description: String,
    ) -> Map<String, Value> {
        let mut out = Map::new();
        out.insert("type".into(), self.one_type(schema, wire, place).into());
        out.insert("description".into(), description.into());
        for key in KEYWORDS {
            if let Some(value) = schema.get(key).filter(|_| key != "default" || !required) {
                out.insert(key.into(), value.clone());
            }
        }
        if place == "body" {
            // A default is always sent: in an update it would overwrite what is there.
            out.remove("default");
        }
        for key in ["default", "pattern", "format", "enum", "items", "properties", "additionalProperties"] {
            if check(&out).is_ok() {
                break;
            }
            if out.remove(key).is_some() {
                self.decide(format!("`{key}` of `{wire}` was left out: it does not fit its schema"));
            }
        }
        out
    }

    fn one_type(&mut self, schema: &Map<String, Value>, wire: &str, place: &str) -> String {
        match schema.get("type") {
            Some(Value::String(kind)) => return kind.clone(),
            None if !schema.contains_key("anyOf") && place != "body" => return "string".into(),
            _ => {}
        }
        let listed = schema.get("type").and_then(|kinds| kinds.get(0)?.as_str());
        let variants = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        let kinds: Vec<&str> =
            listed.into_iter().chain(variants.filter_map(|variant| variant.get("type")?.as_str())).collect();
        let kind = match (place, kinds.first()) {
            // In an address everything is text.
            ("body", Some(kind)) => *kind,
            ("body", None) => "object",
            _ => "string",
        };
        self.decide(format!("`{wire}` may be of several types or of any: here it is {kind}"));
        kind.to_owned()
    }
}

fn check(schema: &Map<String, Value>) -> Result<(), String> {
    Arguments::check_schema(&object_schema([("x", schema, false)].into_iter()))
}

/// Every brace opens a name, or closes one.
fn balanced(path: &str) -> bool {
    let is_open = path.chars().try_fold(false, |is_open, c| match (is_open, c) {
        (false, '{') => Some(true),
        (true, '}') => Some(false),
        (_, '{' | '}') => None,
        (is_open, _) => Some(is_open),
    });
    is_open == Some(false)
}

/// The schema of a part of a form that is a file, or several, which no tool can send.
pub(super) fn is_file(schema: &Map<String, Value>) -> bool {
    let is_binary = |schema: &Map<String, Value>| schema.get("contentEncoding") == Some(&json!("binary"));
    is_binary(schema) || schema.get("items").and_then(Value::as_object).is_some_and(is_binary)
}

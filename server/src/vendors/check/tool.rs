//! The tools of a manifest: names, parameters with their places, templates, schema.

use std::collections::BTreeSet;
use std::sync::Arc;

use reqwest::Method;
use reqwest::header::HeaderName;
use serde_json::Value;

use super::problems::Problems;
use super::texts::{check_names, check_pointer, check_text, headers, is_name, pairs, template};
use crate::vendors::answer::Paging;
use crate::vendors::body::Node;
use crate::vendors::manifest::{Manifest, PagingEntry, ParamEntry, Place, ToolEntry};
use crate::vendors::request::{Operation, QueryItem, QueryValue};
use crate::vendors::schema::{Arguments, object_schema};
use crate::vendors::select;
use crate::vendors::template::{Braces, Text};
use crate::vendors::vendor::{Risk, Tool};

/// Claude puts its own prefix in front and breaks above 64.
const MAX_FULL_NAME: usize = 48;

/// Longest description of a tool and of a parameter, in characters.
const MAX_DESCRIPTION: usize = 160;

/// Longest title.
const MAX_TITLE: usize = 60;

/// JSON Schema keywords a parameter may have.
const KEYWORDS: [&str; 15] = [
    "type",
    "description",
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

pub(super) fn compile_all(manifest: &Manifest, fields: &[&str], problems: &mut Problems<'_>) -> Vec<Tool> {
    let mut seen = BTreeSet::new();
    let mut tools = Vec::new();
    for (index, entry) in manifest.tools.iter().enumerate() {
        if !seen.insert(&entry.name) {
            problems.add(&format!("/tools/{index}/name"), format!("there is another tool `{}`", entry.name));
        }
        let tool = Compiler { entry, index, fields, problems }.compile(&manifest.slug, &manifest.paging);
        tools.extend(tool);
    }
    tools.sort_by(|a, b| a.full_name.cmp(&b.full_name));
    tools
}

/// Works on one tool.
struct Compiler<'m, 't, 'p> {
    entry: &'m ToolEntry,
    index: usize,
    fields: &'m [&'m str],
    problems: &'p mut Problems<'t>,
}

impl Compiler<'_, '_, '_> {
    fn compile(mut self, slug: &str, paging: &PagingEntry) -> Option<Tool> {
        let full_name = format!("{}__{}", slug.replace('-', "_"), self.entry.name);
        self.check_identity(&full_name);
        self.check_params();
        let has_fields = self.has_fields(paging);
        let fields = has_fields.then(select::schema);
        let params =
            self.entry.params.iter().map(|param| (param.name.as_str(), &param.schema, param.required));
        let schema = object_schema(params.chain(fields.iter().map(|schema| (select::FIELDS, schema, false))));
        let arguments = Arguments::new(&schema).map_err(|message| self.problem("params", message)).ok();
        let operation = self.operation();
        if let Some(pointer) = &self.entry.result {
            check_pointer(self.problems, &format!("/tools/{}/result", self.index), pointer);
        }
        Some(Tool {
            full_name,
            name: self.entry.name.clone(),
            title: self.entry.title.clone(),
            description: self.entry.description.clone(),
            input_schema: Arc::new(schema),
            risk: self.entry.risk,
            idempotent: self
                .entry
                .idempotent
                .unwrap_or(self.entry.risk == Risk::Read || self.entry.method != "POST"),
            arguments: arguments?,
            operation: operation?,
            result: self.entry.result.clone(),
            answer: self.entry.answer,
            paging: self.paging(paging),
            has_fields,
        })
    }

    /// Whether the gateway adds its own choice of members: to tools that list, if the vendor has no such parameter.
    fn has_fields(&self, paging: &PagingEntry) -> bool {
        let Paging { size, page, after, .. } = self.paging(paging);
        let verbs = ["list_", "search_", "query_", "find_"];
        let lists = size.is_some()
            || page.is_some()
            || after.is_some()
            || verbs.iter().any(|verb| self.entry.name.starts_with(verb));
        let is_free = self.entry.params.iter().all(|param| param.name != select::FIELDS);
        lists && is_free && self.entry.risk == Risk::Read && self.entry.result.is_some()
    }

    fn problem(&mut self, key: &str, message: impl Into<String>) {
        self.problems.add(&format!("/tools/{}/{key}", self.index), message);
    }

    fn check_identity(&mut self, full_name: &str) {
        let name = &self.entry.name;
        if !is_name(name) {
            self.problem("name", format!("`{name}` cannot be the name of a tool: use [a-z0-9_]"));
        }
        if full_name.len() > MAX_FULL_NAME {
            let message = format!(
                "`{full_name}` has {} characters, at most {MAX_FULL_NAME} are allowed",
                full_name.len()
            );
            self.problem("name", message);
        }
        let place = |key: &str| format!("/tools/{}/{key}", self.index);
        check_text(self.problems, &place("title"), &self.entry.title, MAX_TITLE);
        check_text(self.problems, &place("description"), &self.entry.description, MAX_DESCRIPTION);
        if self.entry.risk == Risk::Read && !matches!(self.entry.method.as_str(), "GET" | "POST") {
            self.problem("risk", format!("a {} does not only read", self.entry.method));
        }
    }

    fn check_params(&mut self) {
        let mut names = BTreeSet::new();
        for (position, param) in self.entry.params.iter().enumerate() {
            let place = format!("params/{position}/name");
            if !names.insert(&param.name) {
                self.problem(&place, format!("there is another parameter `{}`", param.name));
            }
            if !is_name(&param.name) {
                self.problem(
                    &place,
                    format!("`{}` cannot be the name of a parameter: use [a-z0-9_]", param.name),
                );
            }
            self.check_param(position, param);
        }
    }

    fn check_param(&mut self, position: usize, param: &ParamEntry) {
        let key = |name: &str| format!("params/{position}/{name}");
        for keyword in param.schema.keys().filter(|keyword| !KEYWORDS.contains(&keyword.as_str())) {
            let message = format!(
                "unknown key `{keyword}`; besides name, in, as, required, repeat: {}",
                KEYWORDS.join(", ")
            );
            self.problem(&key(keyword), message);
        }
        if !param.schema.get("type").is_some_and(Value::is_string) {
            self.problem(&key("type"), "a parameter needs a type");
        }
        let description = param.schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let place = format!("/tools/{}/{}", self.index, key("description"));
        check_text(self.problems, &place, description, MAX_DESCRIPTION);
        if param.required && param.schema.contains_key("default") {
            self.problem(&key("default"), "a required parameter needs no default");
        }
        let is_array = param.schema.get("type").is_some_and(|kind| kind == "array");
        if param.repeat && (param.place != Place::Query || !is_array) {
            self.problem(&key("repeat"), "only an array in the query can be repeated");
        }
        let wire_unused =
            param.place == Place::Path || (param.place == Place::Body && self.entry.body.is_some());
        if param.wire.is_some() && wire_unused {
            self.problem(&key("as"), "has no effect: the template says where the value goes");
        }
    }

    fn operation(&mut self) -> Option<Operation> {
        let credentials: Vec<_> = self.fields.iter().map(|name| format!("cred.{name}")).collect();
        let params = |places: &[Place]| {
            let params = self.entry.params.iter().filter(|param| places.contains(&param.place));
            params
                .map(|param| param.name.as_str())
                .chain(credentials.iter().map(String::as_str))
                .collect::<Vec<_>>()
        };
        let in_path = params(&[Place::Path]);
        let everywhere = params(&[Place::Path, Place::Query, Place::Header, Place::Body]);
        let place = |key: &str| format!("/tools/{}/{key}", self.index);

        let method = match self.entry.method.as_str() {
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE" => {
                Method::from_bytes(self.entry.method.as_bytes()).ok()
            }
            _ => None,
        };
        if method.is_none() {
            self.problems.add(&place("method"), "must be GET, POST, PUT, PATCH or DELETE");
        }
        let path = template(self.problems, &place("path"), &self.entry.path, &in_path);
        if !self.entry.path.starts_with('/') && !self.entry.path.is_empty() {
            self.problems.add(&place("path"), "must start with /");
        }
        let fixed = pairs(self.problems, &place("query"), &self.entry.query, &everywhere);
        let mut header_templates =
            headers(self.problems, &place("headers"), &self.entry.headers, &everywhere);
        header_templates.extend(self.param_headers());
        let body = self.body(&everywhere);
        let path = path?;
        self.check_path_params(&path);
        let fixed = fixed.into_iter().map(|(name, text)| QueryItem { name, value: QueryValue::Fixed(text) });
        let query = fixed.chain(self.query_params()).collect();
        Some(Operation { method: method?, path, query, headers: header_templates, body })
    }

    /// A parameter in the path is needed there, or the request has no address.
    fn check_path_params(&mut self, path: &Text) {
        let used = path.names();
        for (position, param) in
            self.entry.params.iter().enumerate().filter(|(_, param)| param.place == Place::Path)
        {
            let key = format!("params/{position}/name");
            if !used.contains(&param.name.as_str()) {
                self.problem(&key, format!("the path has no {{{}}}", param.name));
            }
            if !param.required && !param.schema.contains_key("default") {
                self.problem(&key, format!("`{}` stands in the path, so it must be required", param.name));
            }
        }
    }

    fn query_params(&self) -> impl Iterator<Item = QueryItem> {
        let params = self.entry.params.iter().filter(|param| param.place == Place::Query);
        params.map(|param| QueryItem {
            name: param.wire.as_deref().unwrap_or(&param.name).into(),
            value: QueryValue::Argument { name: param.name.as_str().into(), repeat: param.repeat },
        })
    }

    fn param_headers(&mut self) -> Vec<(HeaderName, Text)> {
        let mut parsed = Vec::new();
        for (position, param) in
            self.entry.params.iter().enumerate().filter(|(_, param)| param.place == Place::Header)
        {
            let name = param.wire.as_deref().unwrap_or(&param.name);
            match (
                HeaderName::from_bytes(name.as_bytes()),
                Text::parse(&format!("{{{}}}", param.name), Braces::Strict),
            ) {
                (Ok(name), Ok(text)) => parsed.push((name, text)),
                _ => self.problem(&format!("params/{position}/as"), format!("`{name}` is no header name")),
            }
        }
        parsed
    }

    /// The body template; without one, a flat object of the body parameters by wire name.
    fn body(&mut self, known: &[&str]) -> Option<Node> {
        let entry = self.entry;
        let params = entry.params.iter().enumerate().filter(|(_, param)| param.place == Place::Body);
        let Some(source) = &entry.body else {
            let members: Vec<_> = params
                .map(|(_, param)| {
                    let name = param.wire.as_deref().unwrap_or(&param.name);
                    (name.into(), Node::Argument(param.name.as_str().into()))
                })
                .collect();
            return (!members.is_empty()).then_some(Node::Object(members));
        };
        let node = Node::parse(source).map_err(|message| self.problem("body", message)).ok()?;
        let used = node.names();
        check_names(self.problems, &format!("/tools/{}/body", self.index), &used, known);
        for (position, param) in params {
            if !used.contains(&param.name.as_str()) {
                self.problem(
                    &format!("params/{position}/name"),
                    format!("the body has no {{{}}}", param.name),
                );
            }
        }
        if entry.method == "GET" {
            self.problem("body", "a GET has no body");
        }
        Some(node)
    }

    /// What of the vendor's paging this tool has.
    fn paging(&self, paging: &PagingEntry) -> Paging {
        let has = |name: &String| self.entry.params.iter().any(|param| param.name == *name);
        Paging {
            size: paging.size.clone().filter(has),
            page: paging.page.clone().filter(has),
            after: paging.after.clone().filter(|after| has(&after.parameter)),
        }
    }
}

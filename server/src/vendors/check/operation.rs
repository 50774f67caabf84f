//! The request of a tool: method, path, query, headers, body.

use reqwest::Method;
use reqwest::header::HeaderName;

use super::problems::Problems;
use super::texts::{check_names, headers, pairs, template};
use super::tool::Compiler;
use crate::vendors::body::Node;
use crate::vendors::manifest::{Encoding, Place};
use crate::vendors::request::{Operation, QueryItem, QueryValue};
use crate::vendors::template::{Braces, Text};

impl Compiler<'_, '_, '_> {
    pub(super) fn operation(&mut self) -> Option<Operation> {
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

        let method = method(self.problems, &place("method"), &self.entry.method);
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
        let (encoding, anonymous) = (self.entry.encoding, self.entry.anonymous);
        Some(Operation { method: method?, path, query, headers: header_templates, body, encoding, anonymous })
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

    /// Those that no fixed part of the query is made of.
    fn query_params(&self) -> impl Iterator<Item = QueryItem> {
        let params = self.entry.params.iter().filter(|param| param.place == Place::Query);
        let params = params.filter(|param| !self.entry.is_in_query(&param.name));
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
            return (!members.is_empty()).then_some(Node::Object { members, only_if: Vec::new() });
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
        let is_named = |name: &str| name.chars().all(|c| c.is_ascii_graphic() && c != '"');
        let has_parts = match &node {
            Node::Object { members, .. } => members.iter().all(|(name, _)| is_named(name)),
            _ => false,
        };
        if entry.encoding != Encoding::Json && !has_parts {
            self.problem(
                "encoding",
                "the body must be an object: its members are the parts, with plain names",
            );
        }
        Some(node)
    }
}

/// A method that vendors use.
pub(super) fn method(problems: &mut Problems<'_>, place: &str, method: &str) -> Option<Method> {
    if ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method) {
        return Method::from_bytes(method.as_bytes()).ok();
    }
    problems.add(place, "must be GET, POST, PUT, PATCH or DELETE");
    None
}

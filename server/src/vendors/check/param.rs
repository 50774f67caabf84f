//! The parameters of a tool: names, places and schemas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::texts::{check_text, is_name};
use super::tool::Compiler;
use crate::vendors::manifest::{ParamEntry, Place};

/// Longest description of a parameter, which may have to teach a filter language.
const MAX_PARAM_DESCRIPTION: usize = 220;

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

impl Compiler<'_, '_, '_> {
    pub(super) fn check_params(&mut self) {
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
        self.check_wire_names();
    }

    /// No two things of a request are sent under one name: the vendor would read one of them.
    fn check_wire_names(&mut self) {
        let entry = self.entry;
        let mut sent: BTreeMap<(Place, String), String> = BTreeMap::new();
        let fixed = entry.query.keys().map(|name| (Place::Query, name.clone()));
        let headers = entry.headers.keys().map(|name| (Place::Header, name.to_lowercase()));
        sent.extend(fixed.chain(headers).map(|place| (place, "a fixed part".to_owned())));
        for (position, param) in entry.params.iter().enumerate() {
            let wire = param.wire.as_deref().unwrap_or(&param.name);
            let is_sent_by_name = match param.place {
                Place::Path => false,
                Place::Query => !entry.is_in_query(&param.name),
                Place::Header => true,
                Place::Body => entry.body.is_none(),
            };
            if !is_sent_by_name {
                continue;
            }
            // Names of headers are the same in any case (RFC 9110, section 5.1).
            let wire = if param.place == Place::Header { wire.to_lowercase() } else { wire.to_owned() };
            let key = if param.wire.is_some() { "as" } else { "name" };
            if let Some(other) = sent.insert((param.place, wire.clone()), format!("`{}`", param.name)) {
                self.problem(
                    &format!("params/{position}/{key}"),
                    format!("{other} is sent as `{wire}`, too"),
                );
            }
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
        check_text(self.problems, &place, description, MAX_PARAM_DESCRIPTION);
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
}

//! The parameters of a tool: names, places and schemas.

use std::collections::BTreeSet;

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

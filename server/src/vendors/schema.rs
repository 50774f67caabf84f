//! The arguments of a tool: their JSON Schema (draft 2020-12), compiled once, and their defaults.

use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value, json};

use super::error::{ArgumentProblem, CallError};

/// At most this many problems are reported at once.
const MAX_PROBLEMS: usize = 10;

/// The compiled schema of one tool.
#[derive(Debug)]
pub(crate) struct Arguments {
    validator: Validator,
    defaults: Vec<(String, Value)>,
}

impl Arguments {
    /// Compiles an object schema; the error says what is wrong with it.
    pub(crate) fn new(schema: &Map<String, Value>) -> Result<Self, String> {
        let mut defaults = Vec::new();
        if let Some(Value::Object(properties)) = schema.get("properties") {
            for (name, property) in properties {
                if let Some(default) = property.get("default") {
                    compile(property)?
                        .validate(default)
                        .map_err(|error| format!("default of `{name}`: {error}"))?;
                    defaults.push((name.clone(), default.clone()));
                }
            }
        }
        Ok(Self { validator: compile(&Value::Object(schema.clone()))?, defaults })
    }

    /// Checks arguments against the schema and puts in the defaults of those that are absent.
    pub(crate) fn check(&self, arguments: Map<String, Value>) -> Result<Map<String, Value>, CallError> {
        let arguments = Value::Object(arguments);
        if !self.validator.is_valid(&arguments) {
            let problems =
                self.validator.iter_errors(&arguments).take(MAX_PROBLEMS).map(|error| ArgumentProblem {
                    pointer: error.instance_path().to_string(),
                    message: error.masked().to_string(),
                });
            return Err(CallError::Arguments(problems.collect()));
        }
        let Value::Object(mut arguments) = arguments else { return Ok(Map::new()) };
        for (name, default) in &self.defaults {
            if !arguments.contains_key(name) {
                arguments.insert(name.clone(), default.clone());
            }
        }
        Ok(arguments)
    }
}

/// The schema of a tool's arguments. A parameter with a default is never required.
pub(crate) fn object_schema<'p>(
    properties: impl Iterator<Item = (&'p str, &'p Map<String, Value>, bool)>,
) -> Map<String, Value> {
    let mut members = Map::new();
    let mut required = Vec::new();
    for (name, schema, is_required) in properties {
        members.insert(name.to_owned(), Value::Object(schema.clone()));
        if is_required {
            required.push(Value::from(name));
        }
    }
    let mut object = Map::new();
    object.insert("type".into(), json!("object"));
    object.insert("properties".into(), Value::Object(members));
    if !required.is_empty() {
        object.insert("required".into(), Value::Array(required));
    }
    object.insert("additionalProperties".into(), json!(false));
    object
}

/// Offline (no `$ref` is ever fetched), formats asserted, and patterns on the engine that cannot backtrack.
fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::draft202012::options()
        .offline()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments() -> Arguments {
        let id = json!({"type": "integer", "minimum": 1});
        let day = json!({"type": "string", "format": "date-time"});
        let size = json!({"type": "integer", "default": 25, "maximum": 100});
        let properties = [("id", &id, true), ("day", &day, false), ("size", &size, false)];
        let schema = object_schema(
            properties.iter().map(|(name, schema, required)| (*name, schema.as_object().unwrap(), *required)),
        );
        Arguments::new(&schema).unwrap()
    }

    #[expect(clippy::needless_pass_by_value, reason = "json! values read better at the call")]
    fn check(arguments: Value) -> Result<Value, CallError> {
        self::arguments().check(arguments.as_object().unwrap().clone()).map(Value::Object)
    }

    #[test]
    fn puts_in_defaults() {
        assert_eq!(check(json!({"id": 3})).unwrap(), json!({"id": 3, "size": 25}));
        assert_eq!(check(json!({"id": 3, "size": 5})).unwrap(), json!({"id": 3, "size": 5}));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        for bad in [
            json!({}),
            json!({"id": "3"}),
            json!({"id": 0}),
            json!({"id": 1, "other": 1}),
            json!({"id": 1, "day": "tomorrow"}),
            json!({"id": 1, "size": null}),
        ] {
            assert!(matches!(check(bad.clone()), Err(CallError::Arguments(_))), "{bad}");
        }
        let Err(error) = check(json!({"id": "secret text", "size": 1000})) else { panic!("accepted") };
        assert_eq!(
            error.to_string(),
            "invalid arguments: id: value is not of type \"integer\"; size: value is greater than the maximum of 100"
        );
    }

    #[test]
    fn refuses_bad_schemas() {
        let schema =
            |property: Value| object_schema([("x", property.as_object().unwrap(), false)].into_iter());
        assert!(Arguments::new(&schema(json!({"type": "nonsense"}))).is_err());
        assert!(Arguments::new(&schema(json!({"type": "integer", "default": "a"}))).is_err());
        assert!(Arguments::new(&schema(json!({"$ref": "https://example.com/schema.json"}))).is_err());
    }
}

//! The arguments of a tool: their JSON Schema (draft 2020-12), kept as text and compiled when it is first needed, and
//! their defaults.

use std::sync::Arc;

use jsonschema::{PatternOptions, Validator};
use moka::sync::Cache;
use serde_json::{Map, Value, json};

use super::error::{ArgumentProblem, CallError};

/// At most this many problems are reported at once.
const MAX_PROBLEMS: usize = 10;

/// A JSON Schema of an object, kept as its JSON text: a tree takes ten times the memory, and it is needed only when a list
/// is written, or a tool is called for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaText(Arc<str>);

impl SchemaText {
    /// Of a tree.
    pub(crate) fn new(schema: &Map<String, Value>) -> Self {
        Self(serde_json::to_string(schema).unwrap_or_default().into())
    }

    /// As a tree.
    pub fn object(&self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// As JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Compiled schemas that are kept: they take many times the memory of their text, and most tools are seldom called or never.
const MAX_COMPILED: u64 = 256;

/// The compiled schemas of the tools that are called, by where their text stands in memory; the least used go first.
#[derive(Debug)]
pub(crate) struct Compiled(Cache<usize, (SchemaText, Arc<Validator>)>);

impl Compiled {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self(Cache::new(MAX_COMPILED))
    }

    fn of(&self, schema: &SchemaText) -> Result<Arc<Validator>, CallError> {
        // What is kept keeps its text, so no other text can stand there meanwhile.
        let place = schema.0.as_ptr() as usize;
        if let Some((_, validator)) = self.0.get(&place) {
            return Ok(validator);
        }
        let validator = compile(&Value::Object(schema.object()))
            .map_err(|reason| CallError::Broken(format!("the schema of this tool is wrong: {reason}")))?;
        let validator = Arc::new(validator);
        self.0.insert(place, (schema.clone(), Arc::clone(&validator)));
        Ok(validator)
    }
}

/// What the arguments of one tool must be.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// `None` if somebody else checks them.
    schema: Option<SchemaText>,
    defaults: Vec<(String, Value)>,
}

impl Arguments {
    /// The arguments of an object schema that was checked, or will be, as a tree and as text.
    pub(crate) fn new(schema: &Map<String, Value>, text: SchemaText) -> Self {
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let defaults = properties
            .filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone())))
            .collect();
        Self { schema: Some(text), defaults }
    }

    /// Arguments that whoever gets them checks: a schema of a stranger is never compiled.
    pub(crate) fn unchecked() -> Self {
        Self { schema: None, defaults: Vec::new() }
    }

    /// What is wrong with a schema, if anything is.
    pub(crate) fn check_schema(schema: &Map<String, Value>) -> Result<(), String> {
        compile(&Value::Object(schema.clone()))?;
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if let Some(default) = property.get("default") {
                compile(property)?
                    .validate(default)
                    .map_err(|error| format!("default of `{name}`: {error}"))?;
            }
        }
        Ok(())
    }

    /// Checks arguments against the schema and puts in the defaults of those that are absent.
    pub(crate) fn check(
        &self,
        arguments: Map<String, Value>,
        compiled: &Compiled,
    ) -> Result<Map<String, Value>, CallError> {
        let Some(schema) = &self.schema else { return Ok(arguments) };
        let validator = compiled.of(schema)?;
        let arguments = Value::Object(arguments);
        if !validator.is_valid(&arguments) {
            let problems =
                validator.iter_errors(&arguments).take(MAX_PROBLEMS).map(|error| ArgumentProblem {
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
        Arguments::check_schema(&schema).unwrap();
        Arguments::new(&schema, SchemaText::new(&schema))
    }

    #[expect(clippy::needless_pass_by_value, reason = "json! values read better at the call")]
    fn check(arguments: Value) -> Result<Value, CallError> {
        let arguments = arguments.as_object().unwrap().clone();
        self::arguments().check(arguments, &Compiled::new()).map(Value::Object)
    }

    #[test]
    fn the_text_is_the_tree() {
        let schema = json!({"type": "object", "properties": {"b": {"default": 1.5}, "a": {"enum": ["ä\n"]}}});
        let schema = schema.as_object().unwrap();
        let text = SchemaText::new(schema);
        assert_eq!(&text.object(), schema);
        let order: Vec<_> = text.object()["properties"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(order, ["b", "a"], "the author's order");
    }

    #[test]
    fn what_is_compiled_is_kept_for_each_tool_and_not_without_end() {
        let compiled = Compiled::new();
        let tools: Vec<_> = (0..2 * MAX_COMPILED).map(|_| arguments()).collect();
        for tool in &tools {
            assert!(tool.check(Map::new(), &compiled).is_err(), "`id` is required");
        }
        let kept = |tool: &Arguments| Arc::strong_count(&tool.schema.as_ref().unwrap().0);
        // The cache lets go bit by bit.
        (0..10).for_each(|_| compiled.0.run_pending_tasks());
        assert_eq!(compiled.0.entry_count(), MAX_COMPILED);
        assert_eq!(tools.iter().filter(|tool| kept(tool) > 1).count() as u64, MAX_COMPILED);
        let schema = tools[0].schema.as_ref().unwrap();
        assert!(Arc::ptr_eq(&compiled.of(schema).unwrap(), &compiled.of(schema).unwrap()));
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
        assert!(Arguments::check_schema(&schema(json!({"type": "nonsense"}))).is_err());
        assert!(Arguments::check_schema(&schema(json!({"type": "integer", "default": "a"}))).is_err());
        let network = json!({"$ref": "https://example.com/schema.json"});
        assert!(Arguments::check_schema(&schema(network)).is_err());
    }
}

//! Keywords of a single schema: which are kept, and in which form.

use serde_json::{Map, Value, json};

/// Most values of an enumeration.
pub(super) const MAX_VALUES: usize = 60;

/// Keywords that are copied as they are, if they are numbers.
const NUMBERS: [&str; 6] = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"];

/// Type, limits and values of a schema.
pub(super) fn plain(source: &Map<String, Value>) -> Map<String, Value> {
    let mut out = type_only(source);
    for key in NUMBERS {
        if let Some(number) = source.get(key).filter(|number| is_small(number)) {
            out.insert(key.into(), number.clone());
        }
    }
    exclusive(source, &mut out);
    values(source, &mut out);
    out
}

/// The type alone, without null; told by what else is there if it is not said.
pub(super) fn type_only(source: &Map<String, Value>) -> Map<String, Value> {
    let kinds: Vec<&str> = match source.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
        }
        _ if source.contains_key("properties") || source.contains_key("additionalProperties") => {
            vec!["object"]
        }
        _ if source.contains_key("items") => vec!["array"],
        _ => Vec::new(),
    };
    let known = ["string", "integer", "number", "boolean", "array", "object"];
    let kinds: Vec<&str> = kinds.into_iter().filter(|kind| known.contains(kind)).collect();
    let kind = match kinds.as_slice() {
        [] => return Map::new(),
        [kind] => json!(kind),
        kinds => json!(kinds),
    };
    Map::from_iter([("type".to_owned(), kind)])
}

/// What TOML can hold, and a count that means something.
fn is_small(number: &Value) -> bool {
    number.as_i64().is_some()
        || number.as_f64().is_some_and(|number| number.is_finite() && number.abs() < 9e15)
}

/// `exclusiveMinimum` of both dialects (3.0: a flag, 3.1: the bound), for integers.
fn exclusive(source: &Map<String, Value>, out: &mut Map<String, Value>) {
    let is_integer = out.get("type").is_some_and(|kind| kind == "integer");
    for (key, bound, step) in [("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)] {
        let limit = match source.get(key) {
            Some(Value::Bool(true)) => source.get(bound),
            Some(limit @ Value::Number(_)) => Some(limit),
            _ => None,
        };
        if let Some(limit) = limit.and_then(Value::as_i64).filter(|_| is_integer) {
            out.insert(bound.into(), limit.saturating_add(step).into());
        }
    }
}

/// `enum`, `const` and `default`, without null.
fn values(source: &Map<String, Value>, out: &mut Map<String, Value>) {
    let fixed = source.get("const").map(std::slice::from_ref);
    let listed = source.get("enum").and_then(Value::as_array).map(Vec::as_slice);
    let values: Vec<Value> =
        listed.or(fixed).into_iter().flatten().filter(|value| is_plain(value)).cloned().collect();
    if !values.is_empty() && values.len() <= MAX_VALUES {
        if !out.contains_key("type") && values.iter().all(Value::is_string) {
            out.insert("type".into(), "string".into());
        }
        out.insert("enum".into(), Value::Array(values));
    }
    if let Some(default) = source.get("default").filter(|value| is_plain(value)) {
        out.insert("default".into(), default.clone());
    }
}

/// Whether [`plain`] leaves out the values of an enumeration, because nobody would read them.
pub(super) fn is_long_enumeration(source: &Map<String, Value>) -> bool {
    let values = source.get("enum").and_then(Value::as_array);
    values.is_some_and(|values| values.iter().filter(|value| is_plain(value)).count() > MAX_VALUES)
}

/// A value that TOML can hold and that is no structure.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::String(_) | Value::Bool(_) => true,
        Value::Number(_) => is_small(value),
        Value::Array(items) => items.iter().all(|item| !item.is_array() && is_plain(item)),
        Value::Null | Value::Object(_) => false,
    }
}

/// Adds a part of `allOf`: members and what is required add up, of anything else the later says more.
pub(super) fn merge(into: &mut Map<String, Value>, part: Map<String, Value>) {
    for (key, value) in part {
        match (key.as_str(), into.get_mut(&key), value) {
            ("properties", Some(Value::Object(known)), Value::Object(more)) => known.extend(more),
            ("required", Some(Value::Array(known)), Value::Array(more)) => {
                let new: Vec<_> = more.into_iter().filter(|name| !known.contains(name)).collect();
                known.extend(new);
            }
            (_, _, value) => {
                into.insert(key, value);
            }
        }
    }
}

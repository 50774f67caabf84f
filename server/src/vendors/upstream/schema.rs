//! The schema of a tool's arguments, as its server wrote it: small, right in its form, readable, and referring to nothing
//! outside of itself.

use serde_json::{Map, Value};

use super::text::{is_readable, readable};
use crate::vendors::redact::Redactor;

/// Largest schema, in bytes of JSON.
pub(super) const MAX_SCHEMA: usize = 32 * 1024;
/// The annotation that asks clients to repeat an argument as a header (MCP 2026-07-28, streamable HTTP).
pub(super) const HEADER_ANNOTATION: &str = "x-mcp-header";
/// Members of a schema that name another one.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];
/// Members of a schema that are text for readers.
const TEXTS: [&str; 3] = ["title", "description", "$comment"];
const HIDDEN: &str = "the schema of its arguments has characters that nobody sees";

/// The schema as it is shown, without header annotations: what a client sends us it sends to us, not to the server. And
/// whether there were any. The error says why it cannot be used.
///
/// Only its form is checked. Compiling it, or checking arguments against it, can take a server's schema of a few kilobytes
/// any time and memory; the server checks the arguments itself.
pub(super) fn read(
    schema: Option<&Value>,
    redactor: &Redactor,
) -> Result<(Map<String, Value>, bool), String> {
    let Some(Value::Object(schema)) = schema else {
        return Err("it has no schema of its arguments".to_owned());
    };
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return Err("the schema of its arguments is not of the type object".to_owned());
    }
    let mut schema = Value::Object(schema.clone());
    make_readable(&mut schema)?;
    let text = schema.to_string();
    if text.len() > MAX_SCHEMA {
        return Err(format!("the schema of its arguments is larger than {MAX_SCHEMA} bytes"));
    }
    // A server that repeats the credential in a description would show it to every model.
    let mut schema: Value = serde_json::from_str(&redactor.clean(text))
        .map_err(|_| "it holds the credential where it cannot be taken out".to_owned())?;
    if let Some(reference) = foreign_reference(&schema) {
        return Err(format!("the schema of its arguments refers to {reference}, which is not followed"));
    }
    let has_headers = take_headers(&mut schema);
    jsonschema::draft202012::meta::validate(&schema)
        .map_err(|reason| format!("the schema of its arguments is wrong: {reason}"))?;
    let Value::Object(schema) = schema else { return Err("it has no schema of its arguments".to_owned()) };
    Ok((schema, has_headers))
}

/// Texts lose what people do not see; it has no place anywhere else.
fn make_readable(schema: &mut Value) -> Result<(), String> {
    match schema {
        Value::Object(members) => members.iter_mut().try_for_each(|(name, value)| match value {
            Value::String(text) if TEXTS.contains(&name.as_str()) => {
                *text = readable(text);
                Ok(())
            }
            value if is_readable(name) => make_readable(value),
            _ => Err(HIDDEN.to_owned()),
        }),
        Value::Array(items) => items.iter_mut().try_for_each(make_readable),
        Value::String(text) if !is_readable(text) => Err(HIDDEN.to_owned()),
        _ => Ok(()),
    }
}

/// A reference to anything but a place in the schema itself.
fn foreign_reference(schema: &Value) -> Option<&str> {
    match schema {
        Value::Object(members) => members.iter().find_map(|(name, value)| match value {
            Value::String(target) if REFERENCES.contains(&name.as_str()) && !target.starts_with('#') => {
                Some(target.as_str())
            }
            value => foreign_reference(value),
        }),
        Value::Array(items) => items.iter().find_map(foreign_reference),
        _ => None,
    }
}

/// Takes the annotations out; whether there were any.
fn take_headers(schema: &mut Value) -> bool {
    match schema {
        Value::Object(members) => {
            let is_annotated = members.get(HEADER_ANNOTATION).is_some_and(Value::is_string);
            if is_annotated {
                members.shift_remove(HEADER_ANNOTATION);
            }
            members.values_mut().map(take_headers).fold(is_annotated, |any, one| any | one)
        }
        Value::Array(items) => items.iter_mut().map(take_headers).fold(false, |any, one| any | one),
        _ => false,
    }
}

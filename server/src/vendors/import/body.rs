//! The body of an operation: its members become parameters, or the whole of it one.

use serde_json::{Map, Value};

use super::document::{Document, Target};
use super::names;
use super::operations::Operation;
use super::params::{Parameters, is_file};

/// Members above which a person should choose.
const MANY: usize = 25;

/// What the body says of the tool.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) template: Option<Value>,
    pub(super) encoding: Option<&'static str>,
}

/// Why an operation cannot become a tool.
pub(super) type Unusable = String;

/// Reads the body; its members are added to the parameters.
pub(super) fn read<'d>(
    document: &'d Document,
    operation: &Operation<'d>,
    parameters: &mut Parameters<'d, '_>,
) -> Result<Body, Unusable> {
    let Some(body) = operation.members.get("requestBody") else { return Ok(Body::default()) };
    let target = document.resolve(body);
    let Target::Value(body) = target else { return Err(target.reason().unwrap_or_default()) };
    let required = body.get("required").is_some_and(|is| is == true);
    let Some(content) = body.get("content").and_then(Value::as_object).filter(|content| !content.is_empty())
    else {
        return Ok(Body::default());
    };
    let Some((kind, media, encoding)) = choose(content) else {
        let kinds: Vec<_> = content.keys().map(String::as_str).collect();
        return without(&format!("its body is {}", kinds.join(", ")), required, parameters);
    };
    if operation.method == "GET" {
        return without("a GET with a body", required, parameters);
    }
    if encoding.is_none() && kind != "application/json" {
        parameters.decide(format!("the body is sent as application/json, the document says {kind}: `content_type` in [request] changes it for every tool"));
    }
    let schema = media.get("schema").map(|schema| parameters.expand(schema)).unwrap_or_default();
    let name = body.get("x-name").and_then(Value::as_str).unwrap_or("body");
    let description = body.get("description").cloned();
    let members = Members { schema, name, description, required };
    Ok(Body { template: members.add(encoding, parameters), encoding })
}

/// What becomes of an operation whose body no tool can send.
fn without(why: &str, required: bool, parameters: &mut Parameters<'_, '_>) -> Result<Body, Unusable> {
    if required {
        return Err(why.to_owned());
    }
    parameters.decide(format!("{why}, which a tool cannot send: it was left out"));
    Ok(Body::default())
}

/// The kind of body that a tool can send best.
fn choose(content: &Map<String, Value>) -> Option<(&str, &Value, Option<&'static str>)> {
    let find = |wanted: &dyn Fn(&str) -> bool| {
        content.iter().find(|(kind, _)| wanted(kind.split(';').next().unwrap_or_default().trim()))
    };
    let json = find(&|kind| kind == "application/json")
        .or_else(|| find(&|kind| kind.ends_with("+json") || kind.ends_with("/json") || kind == "*/*"));
    if let Some((kind, media)) = json {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        return Some((if kind == "*/*" { "application/json" } else { kind }, media, None));
    }
    for (wanted, encoding) in
        [("application/x-www-form-urlencoded", "form"), ("multipart/form-data", "multipart")]
    {
        if let Some((kind, media)) = find(&|kind| kind == wanted) {
            return Some((kind, media, Some(encoding)));
        }
    }
    None
}

struct Members<'b> {
    schema: Map<String, Value>,
    name: &'b str,
    description: Option<Value>,
    required: bool,
}

impl Members<'_> {
    /// Adds the parameters; the template, where the body is not simply an object of them.
    fn add(self, encoding: Option<&'static str>, parameters: &mut Parameters<'_, '_>) -> Option<Value> {
        let properties =
            self.schema.get("properties").and_then(Value::as_object).filter(|found| !found.is_empty());
        let Some(properties) =
            properties.filter(|_| !self.schema.contains_key("anyOf") || encoding.is_some())
        else {
            return self.whole(encoding, parameters);
        };
        if properties.len() > MANY {
            parameters
                .decide(format!("{} members in the body: keep those that a model needs", properties.len()));
        }
        let required: Vec<&str> = self
            .schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (wire, schema) in properties {
            let Some(schema) = schema.as_object() else { continue };
            if is_file(schema) {
                parameters.decide(format!("`{wire}` is a file, which a tool cannot send: it was left out"));
                continue;
            }
            parameters.body(schema, wire, required.contains(&wire.as_str()));
        }
        None
    }

    /// One parameter that is the whole body: a list, a map, or one of several forms.
    fn whole(mut self, encoding: Option<&'static str>, parameters: &mut Parameters<'_, '_>) -> Option<Value> {
        if encoding.is_some() {
            parameters.decide("the document does not say what stands in the form");
            return None;
        }
        if self.schema.contains_key("anyOf") {
            parameters.decide("the body has one of several forms: it is not checked before it is sent");
            self.schema.retain(|key, _| key == "type");
        }
        if let Some(description) = self.description {
            self.schema.insert("description".into(), description);
        }
        let wire = if names::snake(self.name).is_empty() { "body" } else { self.name };
        let name = parameters.body(&self.schema, wire, self.required);
        Some(format!("{{{name}}}").into())
    }
}

//! Swagger 2.0 -> the shape of OpenAPI 3: what the import reads of a document, and no more.
//!
//! The old members stay where they are, so that references to `#/definitions/...` keep their meaning.
//! <https://swagger.io/specification/v2/>

use serde_json::{Map, Value, json};

use super::document::Document;
use super::operations::METHODS;

/// Keys of a parameter that are not those of its schema.
const NOT_SCHEMA: [&str; 6] =
    ["name", "in", "required", "description", "collectionFormat", "allowEmptyValue"];

/// The members of the document in the new shape.
pub(super) fn upgrade(document: &Document) -> Map<String, Value> {
    let mut root = document.root().clone();
    root.insert("servers".into(), servers(&root));
    let schemes = root.get("securityDefinitions").and_then(Value::as_object).cloned().unwrap_or_default();
    let schemes: Map<_, _> =
        schemes.into_iter().map(|(name, scheme)| (name, security_scheme(scheme))).collect();
    root.insert("components".into(), json!({ "securitySchemes": schemes }));
    let consumes = root.get("consumes").cloned();
    let produces = root.get("produces").cloned();
    let paths = root.get_mut("paths").and_then(Value::as_object_mut);
    for item in paths.into_iter().flat_map(|paths| paths.values_mut()) {
        if item.get("$ref").is_some()
            && let Some(whole) = document.object(item).cloned()
        {
            *item = Value::Object(whole);
        }
        let Some(item) = item.as_object_mut() else { continue };
        let shared = item.remove("parameters").unwrap_or_default();
        for (method, _) in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
            let own = operation.remove("parameters").unwrap_or_default();
            let types = operation.get("consumes").or(consumes.as_ref()).cloned();
            let answers = operation.get("produces").or(produces.as_ref()).cloned();
            parameters(document, operation, &shared, &own, types.as_ref());
            responses(document, operation, answers.as_ref());
        }
    }
    root
}

fn servers(root: &Map<String, Value>) -> Value {
    let path = root.get("basePath").and_then(Value::as_str).unwrap_or_default();
    let Some(host) = root.get("host").and_then(Value::as_str) else {
        return if path.is_empty() { json!([]) } else { json!([{ "url": path }]) };
    };
    let schemes = root.get("schemes").and_then(Value::as_array);
    let is_plain = schemes.is_some_and(|schemes| !schemes.is_empty() && !schemes.contains(&json!("https")));
    let scheme = if is_plain { "http" } else { "https" };
    json!([{ "url": format!("{scheme}://{host}{path}") }])
}

fn security_scheme(scheme: Value) -> Value {
    match scheme.get("type").and_then(Value::as_str) {
        Some("basic") => {
            json!({ "type": "http", "scheme": "basic", "description": scheme.get("description") })
        }
        Some("oauth2") => {
            let flow = match scheme.get("flow").and_then(Value::as_str) {
                Some("application") => "clientCredentials",
                Some("accessCode") => "authorizationCode",
                Some("password") => "password",
                _ => "implicit",
            };
            json!({ "type": "oauth2", "description": scheme.get("description"), "flows": { flow: {
                "tokenUrl": scheme.get("tokenUrl"), "scopes": scheme.get("scopes"),
            } } })
        }
        _ => scheme,
    }
}

/// Parameters of the path and of the operation; those of the body become `requestBody`.
fn parameters(
    document: &Document,
    operation: &mut Map<String, Value>,
    shared: &Value,
    own: &Value,
    types: Option<&Value>,
) {
    let (mut kept, mut form, mut body) = (Vec::new(), Vec::new(), None);
    for parameter in [shared, own].into_iter().filter_map(Value::as_array).flatten() {
        let Some(parameter) = document.object(parameter) else {
            kept.push(parameter.clone());
            continue;
        };
        match parameter.get("in").and_then(Value::as_str) {
            Some("body") => body = Some(parameter.clone()),
            Some("formData") => form.push(parameter.clone()),
            _ => kept.push(query_or_path(parameter)),
        }
    }
    let json_type = types
        .and_then(Value::as_array)
        .and_then(|types| types.iter().filter_map(Value::as_str).find(|kind| kind.contains("json")))
        .or(types.and_then(|types| types.get(0)).and_then(Value::as_str))
        .unwrap_or("application/json");
    if let Some(body) = body {
        operation.insert(
            "requestBody".into(),
            json!({
                "required": body.get("required"),
                "description": body.get("description"),
                "x-name": body.get("name"),
                "content": { json_type: { "schema": body.get("schema") } },
            }),
        );
    } else if !form.is_empty() {
        operation.insert("requestBody".into(), form_body(&form, types));
    }
    operation.insert("parameters".into(), Value::Array(kept));
}

/// A parameter whose schema stands in itself.
fn query_or_path(parameter: &Map<String, Value>) -> Value {
    let schema: Map<_, _> = schema_of(parameter);
    let mut upgraded: Map<_, _> = parameter
        .iter()
        .filter(|(key, _)| ["name", "in", "required", "description"].contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let (style, explode) = match parameter.get("collectionFormat").and_then(Value::as_str) {
        Some("multi") => ("form", true),
        Some("ssv") => ("spaceDelimited", false),
        Some("pipes") => ("pipeDelimited", false),
        Some("tsv") => ("tabDelimited", false),
        _ => ("form", false),
    };
    if parameter.get("in").is_some_and(|place| place == "query") {
        upgraded.insert("style".into(), style.into());
        upgraded.insert("explode".into(), explode.into());
    }
    upgraded.insert("schema".into(), Value::Object(schema));
    Value::Object(upgraded)
}

fn schema_of(parameter: &Map<String, Value>) -> Map<String, Value> {
    parameter
        .iter()
        .filter(|(key, _)| !NOT_SCHEMA.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn form_body(form: &[Map<String, Value>], types: Option<&Value>) -> Value {
    let is_file = |parameter: &Map<String, Value>| parameter.get("type").is_some_and(|kind| kind == "file");
    let multipart = "multipart/form-data";
    let says_multipart =
        types.and_then(Value::as_array).is_some_and(|types| types.contains(&Value::from(multipart)));
    let kind = if says_multipart || form.iter().any(is_file) {
        multipart
    } else {
        "application/x-www-form-urlencoded"
    };
    let mut properties = Map::new();
    let mut required = Vec::new();
    for parameter in form {
        let Some(name) = parameter.get("name").and_then(Value::as_str) else { continue };
        let mut schema = schema_of(parameter);
        if is_file(parameter) {
            schema.insert("type".into(), "string".into());
            schema.insert("format".into(), "binary".into());
        }
        if let Some(description) = parameter.get("description") {
            schema.insert("description".into(), description.clone());
        }
        if parameter.get("required").is_some_and(|required| required == true) {
            required.push(name);
        }
        properties.insert(name.to_owned(), Value::Object(schema));
    }
    json!({ "content": { kind: { "schema": { "type": "object", "properties": properties, "required": required } } } })
}

fn responses(document: &Document, operation: &mut Map<String, Value>, types: Option<&Value>) {
    let kind =
        types.and_then(|types| types.get(0)).and_then(Value::as_str).unwrap_or("application/json").to_owned();
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    for response in responses.values_mut() {
        let schema = document.object(response).and_then(|response| response.get("schema")).cloned();
        *response = match schema {
            Some(schema) => json!({ "content": { kind.as_str(): { "schema": schema } } }),
            None => json!({}),
        };
    }
}

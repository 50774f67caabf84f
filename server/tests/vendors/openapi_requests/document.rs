//! A document of `../openapi/`, of OpenAPI 3.0 or Swagger 2.0, and what it says of a request.

use std::collections::BTreeSet;
use std::path::Path;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// A request, as it came or must come.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent {
    /// Upper-case.
    pub(super) method: String,
    /// Percent-encoded.
    pub(super) path: String,
    /// A list is there once per item.
    pub(super) query: Vec<(String, String)>,
    /// Names, in lower case; none if nobody looks at headers.
    pub(super) headers: Option<BTreeSet<String>>,
    pub(super) body: Option<Body>,
}

/// The body of a request.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Json(Value),
    /// Form or multipart: texts, and JSON where it is declared as that.
    Parts(Map<String, Value>),
}

/// A document, and the path under which its paths stand.
pub(super) struct Document {
    root: Value,
    base: String,
}

/// Path item, operation, and the values in the path by name.
type Found<'d> = (&'d Value, &'d Value, Vec<(String, String)>);

/// How a list stands in a query.
#[derive(PartialEq, Eq)]
enum List {
    /// Once per item.
    Repeated,
    /// One text, with commas.
    Joined,
    /// It is no list.
    No,
}

impl Document {
    pub(super) fn read(file: &str, base: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors/openapi").join(file);
        let mut root: Value = serde_saphyr::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        allow_null(&mut root);
        Self { root, base: base.to_owned() }
    }

    /// Whether the document has this operation at all. `/a/own` is none of `/a/{id}` where an id is a number.
    pub(super) fn has(&self, sent: &Sent) -> bool {
        self.operation(sent).is_some_and(|(item, operation, values)| {
            self.wrong_values(&self.declared(item, operation), "path", &values).is_empty()
        })
    }

    /// What is wrong with a request; nothing if it is as the document says.
    pub(super) fn problems(&self, sent: &Sent) -> Vec<String> {
        let Some((item, operation, values)) = self.operation(sent) else {
            return vec![format!("there is no {} {}", sent.method, sent.path)];
        };
        let declared = self.declared(item, operation);
        let mut problems = self.wrong_values(&declared, "path", &values);
        problems.extend(self.wrong_values(&declared, "query", &sent.query));
        problems.extend(sent.headers.iter().flat_map(|names| missing_headers(&declared, names)));
        problems.extend(self.wrong_body(operation, &declared, sent.body.as_ref()));
        problems
    }

    /// Path item, operation and the values in the path. Of several templates that fit the most literal one counts (OpenAPI
    /// 3.0.3, "Paths Object").
    fn operation(&self, sent: &Sent) -> Option<Found<'_>> {
        let path = sent.path.strip_prefix(&self.base)?;
        let method = sent.method.to_lowercase();
        let paths = self.root["paths"].as_object().unwrap();
        let fitting = paths
            .iter()
            .filter_map(|(template, item)| Some((item, item.get(&method)?, path_values(template, path)?)));
        fitting.min_by_key(|(_, _, values)| values.len())
    }

    /// The parameters of a path item and of its operation.
    fn declared<'d>(&'d self, item: &'d Value, operation: &'d Value) -> Vec<&'d Value> {
        let lists = [item.get("parameters"), operation.get("parameters")];
        let declared = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
        declared.map(|parameter| self.resolve(parameter)).collect()
    }

    /// What a reference inside the document leads to.
    fn resolve<'d>(&'d self, value: &'d Value) -> &'d Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let pointer = reference.strip_prefix('#').unwrap();
                self.resolve(self.root.pointer(pointer).unwrap_or_else(|| panic!("{reference}")))
            }
            None => value,
        }
    }

    fn wrong_values(&self, declared: &[&Value], place: &str, sent: &[(String, String)]) -> Vec<String> {
        let own: Vec<&Value> =
            declared.iter().filter(|parameter| parameter["in"] == place).copied().collect();
        let known: BTreeSet<&str> = own.iter().map(|parameter| name_of(parameter)).collect();
        let unknown = sent.iter().filter(|(name, _)| !known.contains(name.as_str()));
        let mut problems: Vec<_> = unknown.map(|(name, _)| format!("{place} has no {name}")).collect();
        for parameter in own {
            let name = name_of(parameter);
            let values: Vec<&str> =
                sent.iter().filter(|(sent, _)| sent == name).map(|(_, value)| value.as_str()).collect();
            if values.is_empty() && parameter["required"] == true {
                problems.push(format!("{place} needs {name}"));
            }
            let schema = self.resolve(parameter.get("schema").unwrap_or(parameter));
            let list = list_of(parameter, schema);
            if values.len() > 1 && list != List::Repeated {
                problems.push(format!("{name} comes {} times", values.len()));
            }
            let schema = if list == List::No { schema } else { self.resolve(&schema["items"]) };
            let items = values.iter().flat_map(|value| match list {
                List::Joined => value.split(',').collect(),
                List::Repeated | List::No => vec![*value],
            });
            let wrong = items.flat_map(|value| self.errors(&simple(schema), &typed(schema, value)));
            problems.extend(wrong.map(|error| format!("{name}: {error}")));
        }
        problems
    }

    fn wrong_body(&self, operation: &Value, declared: &[&Value], sent: Option<&Body>) -> Vec<String> {
        let swagger2 = declared.iter().find(|parameter| parameter["in"] == "body").copied();
        let body = operation.get("requestBody").map(|body| self.resolve(body)).or(swagger2);
        let (declared, sent) = match (body, sent) {
            (None, Some(_)) => return vec!["there is no body".to_owned()],
            (Some(body), None) if body["required"] == true => return vec!["a body is needed".to_owned()],
            (None | Some(_), None) => return Vec::new(),
            (Some(body), Some(sent)) => (body, sent),
        };
        let kinds = match sent {
            Body::Json(_) => ["application/json", "application/json"],
            Body::Parts(_) => ["application/x-www-form-urlencoded", "multipart/form-data"],
        };
        let content = |kind: &str| declared.get("content")?.get(kind)?.get("schema");
        let schema = declared.get("schema").or_else(|| kinds.into_iter().find_map(content));
        match (schema, sent) {
            (None, _) => vec![format!("there is no body of the kind {}", kinds[0])],
            (Some(schema), Body::Json(value)) => self.wrong_json(schema, value),
            (Some(schema), Body::Parts(parts)) => {
                let member = |name: &str| {
                    let properties = self.resolve(schema).get("properties")?;
                    Some(self.resolve(properties.get(name)?))
                };
                let typed = parts.iter().map(|(name, value)| {
                    let text = value.as_str().zip(member(name));
                    (name.clone(), text.map_or(value.clone(), |(text, schema)| typed(schema, text)))
                });
                self.wrong_json(schema, &Value::Object(typed.collect()))
            }
        }
    }

    fn wrong_json(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut problems = self.errors(schema, value);
        self.find_unknown(schema, value, "", &mut problems);
        problems
    }

    /// Members that no part of a schema names: a document that says nothing more about them allows them, and means to have
    /// named all.
    fn find_unknown(&self, schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
        let mut properties = Map::new();
        let is_open = self.collect(schema, &mut properties);
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let place = format!("{place}/{name}");
                    match properties.get(name) {
                        Some(schema) => self.find_unknown(schema, value, &place, problems),
                        None if is_open => {}
                        None => problems.push(format!("{place} is unknown")),
                    }
                }
            }
            Value::Array(items) => {
                let Some(schema) = self.resolve(schema).get("items") else { return };
                for (index, item) in items.iter().enumerate() {
                    self.find_unknown(schema, item, &format!("{place}/{index}"), problems);
                }
            }
            _ => {}
        }
    }

    /// The properties of a schema and of what it is made of; whether others may be there.
    fn collect(&self, schema: &Value, into: &mut Map<String, Value>) -> bool {
        let schema = self.resolve(schema);
        let own = schema.get("properties").and_then(Value::as_object);
        into.extend(own.into_iter().flatten().map(|(name, schema)| (name.clone(), schema.clone())));
        let parts: Vec<_> = schema.get("allOf").and_then(Value::as_array).into_iter().flatten().collect();
        let has_choice = schema.get("oneOf").is_some() || schema.get("anyOf").is_some();
        let says_more = schema.get("additionalProperties").is_some_and(|more| more != false);
        let is_bare = own.is_none() && parts.is_empty();
        parts.into_iter().fold(has_choice || says_more || is_bare, |is_open, part| {
            // A part without members of its own adds none.
            let is_part_open = self.collect(part, into) && part.get("additionalProperties").is_some();
            is_open || is_part_open
        })
    }

    /// Against a schema that may refer to the document's definitions.
    fn errors(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut whole = json!({"allOf": [schema]});
        for place in ["definitions", "components"] {
            if let Some(shared) = self.root.get(place) {
                whole[place] = shared.clone();
            }
        }
        let options = jsonschema::draft4::options().offline().should_validate_formats(true);
        let validator = options.build(&whole).unwrap();
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}

fn name_of(parameter: &Value) -> &str {
    parameter["name"].as_str().unwrap()
}

fn missing_headers(declared: &[&Value], sent: &BTreeSet<String>) -> Vec<String> {
    let required = declared.iter().filter(|parameter| {
        parameter["in"] == "header"
            && parameter["required"] == true
            && !sent.contains(&name_of(parameter).to_lowercase())
    });
    required.map(|parameter| format!("header needs {}", name_of(parameter))).collect()
}

/// OpenAPI 3.0.3, "Parameter Object"; Swagger 2.0, "Parameter Object".
fn list_of(parameter: &Value, schema: &Value) -> List {
    let is_list = schema["type"] == "array" || schema["type"][0] == "array";
    if !is_list {
        return List::No;
    }
    let is_swagger2 = parameter.get("schema").is_none();
    let is_repeated = match is_swagger2 {
        true => parameter["collectionFormat"] == "multi",
        false => parameter["explode"] != false,
    };
    if is_repeated { List::Repeated } else { List::Joined }
}

/// `nullable` as JSON Schema has it.
fn allow_null(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(allow_null),
        Value::Object(members) => {
            members.values_mut().for_each(allow_null);
            if members.get("nullable") == Some(&Value::Bool(true)) {
                if let Some(kind) = members.get_mut("type") {
                    *kind = json!([kind.take(), "null"]);
                }
                if let Some(Value::Array(values)) = members.get_mut("enum") {
                    values.push(Value::Null);
                }
            }
        }
        _ => {}
    }
}

/// The values of a path's `{name}`s, or `None` if it is another path.
fn path_values(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (own, sent): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    if own.len() != sent.len() {
        return None;
    }
    let mut values = Vec::new();
    for (own, sent) in own.into_iter().zip(sent) {
        if let Some((before, name, after)) = named(own) {
            let value = sent.strip_prefix(before)?.strip_suffix(after)?;
            values.push((name.to_owned(), percent_decode_str(value).decode_utf8_lossy().into_owned()));
        } else if own != sent {
            return None;
        }
    }
    Some(values)
}

/// The `{name}` of a segment, of which it has at most one, with what stands before and after it.
fn named(segment: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = segment.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// The keywords of a parameter that are JSON Schema (Swagger 2.0, "Parameter Object"), or of a parameter's schema.
fn simple(schema: &Value) -> Value {
    let keywords = ["type", "format", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength"];
    let own = schema.as_object().into_iter().flatten();
    Value::Object(
        own.filter(|(name, _)| keywords.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

/// The text of a path or query as the type that it stands for; a text if it is none.
fn typed(schema: &Value, text: &str) -> Value {
    match schema["type"].as_str().or(schema["type"][0].as_str()) {
        Some("string") | None => Value::from(text),
        Some(_) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
    }
}

#[test]
fn what_differs_from_a_document_is_seen() {
    let document = Document {
        root: serde_saphyr::from_str(
            "paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {parameters: [{name: states, in: query, schema: {type: array, items: {enum: [new, old]}}}, {name: ids, in: query, explode: false, schema: {type: array, items: {type: integer}}}, {name: X-Key, in: header, required: true}]}
    put: {requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}
  /a/own: {get: {}}
  /b/{id}.json: {get: {parameters: [{name: id, in: path, required: true, schema: {type: integer}}]}}
components: {schemas: {A: {allOf: [{type: object, required: [name], properties: {name: {type: string}}}, {properties: {parts: {type: array, items: {type: object, properties: {x: {type: integer, nullable: true}}}}}}]}}}
",
        )
        .unwrap(),
        base: "/v1".to_owned(),
    };
    let document = Document {
        root: {
            let mut root = document.root;
            allow_null(&mut root);
            root
        },
        ..document
    };
    let get = |path: &str, query: &[(&str, &str)], headers: &[&str]| {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let headers = Some(headers.iter().map(|name| (*name).to_owned()).collect());
        document
            .problems(&Sent { method: "GET".into(), path: path.into(), query, headers, body: None })
            .join("; ")
    };
    let key = ["x-key"];
    assert_eq!(get("/v1/a/7", &[("states", "new"), ("states", "old"), ("ids", "1,2")], &key), "");
    assert_eq!(get("/v1/a/own", &[], &[]), "", "the most literal path");
    assert!(get("/a/7", &[], &key).contains("there is no GET"));
    assert!(get("/v1/a/x", &[], &key).contains("integer"));
    assert!(get("/v1/a/7", &[("states", "gone")], &key).contains("states"));
    assert!(get("/v1/a/7", &[("ids", "1"), ("ids", "2")], &key).contains("2 times"));
    assert!(get("/v1/a/7", &[("ids", "1,x")], &key).contains("integer"));
    assert!(get("/v1/a/7", &[("x", "1")], &key).contains("query has no x"));
    assert!(get("/v1/a/7", &[], &[]).contains("header needs X-Key"));
    assert_eq!(get("/v1/b/7.json", &[], &[]), "", "a value is a part of a segment");
    assert!(get("/v1/b/7", &[], &[]).contains("there is no GET"));
    let has = |path: &str| document.has(&Sent { method: "GET".into(), path: path.into(), ..Sent::default() });
    assert!(has("/v1/a/7") && has("/v1/a/own"));
    assert!(!has("/v1/a/x"), "no id");
    let put = |body: Option<Body>| {
        let sent = Sent { method: "PUT".into(), path: "/v1/a/7".into(), body, ..Sent::default() };
        document.problems(&sent).join("; ")
    };
    let json = |value: Value| put(Some(Body::Json(value)));
    assert_eq!(json(json!({"name": "a", "parts": [{"x": 1}, {"x": null}]})), "");
    assert!(json(json!({"parts": []})).contains("name"));
    assert_eq!(
        json(json!({"name": "a", "nam": 1, "parts": [{"y": 1}]})),
        "/nam is unknown; /parts/0/y is unknown"
    );
    assert!(json(json!({"name": "a", "parts": [{"x": "1"}]})).contains("integer"));
    assert!(
        put(None).contains("needed") && put(Some(Body::Parts(Map::new()))).contains("no body of the kind")
    );
}

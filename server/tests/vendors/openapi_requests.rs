//! What the gateway sends, against the vendor's own OpenAPI document (Swagger 2.0): the operation is there, every parameter
//! is known and of its type, what is required comes, and the body fits its schema, as a validator of JSON Schema says.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::Method;
use axum::{Json, Router, body};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::rig::{Rig, loopback, manifest};

/// Where Alertmanager serves what the document describes; it does not say so itself.
const BASE: &str = "/api/v2";

/// A request as it came.
#[derive(Debug, Clone)]
struct Sent {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Value>,
}

/// A document of `openapi/`.
struct Document(Value);

impl Document {
    fn read(file: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors/openapi").join(file);
        Self(serde_saphyr::from_str(&std::fs::read_to_string(file).unwrap()).unwrap())
    }

    /// What is wrong with a request; nothing if it is as the document says.
    fn problems(&self, sent: &Sent) -> Vec<String> {
        let paths = self.0["paths"].as_object().unwrap();
        let found = sent.path.strip_prefix(BASE).and_then(|path| {
            paths.iter().find_map(|(template, item)| Some((item, path_values(template, path)?)))
        });
        let method = sent.method.as_str().to_lowercase();
        let Some((item, values)) = found.filter(|(item, _)| item.get(&method).is_some()) else {
            return vec![format!("there is no {} {}", sent.method, sent.path)];
        };
        let declared = [item.get("parameters"), item[&method].get("parameters")];
        let declared: Vec<&Value> =
            declared.into_iter().flatten().filter_map(Value::as_array).flatten().collect();
        let mut problems = self.wrong_values(&declared, "path", &values);
        problems.extend(self.wrong_values(&declared, "query", &sent.query));
        problems.extend(self.wrong_body(&declared, sent.body.as_ref()));
        problems
    }

    fn wrong_values(&self, declared: &[&Value], place: &str, sent: &[(String, String)]) -> Vec<String> {
        let own: Vec<&Value> =
            declared.iter().filter(|parameter| parameter["in"] == place).copied().collect();
        let name_of = |parameter: &Value| parameter["name"].as_str().unwrap().to_owned();
        let known: BTreeSet<String> = own.iter().map(|parameter| name_of(parameter)).collect();
        let unknown = sent.iter().filter(|(name, _)| !known.contains(name));
        let mut problems: Vec<_> = unknown.map(|(name, _)| format!("{place} has no {name}")).collect();
        for parameter in own {
            let name = name_of(parameter);
            let values: Vec<&str> =
                sent.iter().filter(|(sent, _)| *sent == name).map(|(_, value)| value.as_str()).collect();
            if values.is_empty() && parameter["required"] == true {
                problems.push(format!("{place} needs {name}"));
            }
            let is_list = parameter["type"] == "array" && parameter["collectionFormat"] == "multi";
            if values.len() > 1 && !is_list {
                problems.push(format!("{name} comes {} times", values.len()));
            }
            let schema = if is_list { &parameter["items"] } else { parameter };
            let wrong = values.iter().flat_map(|value| self.errors(&simple(schema), &typed(schema, value)));
            problems.extend(wrong.map(|error| format!("{name}: {error}")));
        }
        problems
    }

    fn wrong_body(&self, declared: &[&Value], sent: Option<&Value>) -> Vec<String> {
        let body = declared.iter().find(|parameter| parameter["in"] == "body");
        match (body, sent) {
            (None, Some(_)) => vec!["there is no body".to_owned()],
            (Some(parameter), None) if parameter["required"] == true => vec!["a body is needed".to_owned()],
            (_, None) => Vec::new(),
            (Some(parameter), Some(sent)) => self.errors(&parameter["schema"], sent),
        }
    }

    /// Against a schema that may refer to the document's definitions.
    fn errors(&self, schema: &Value, value: &Value) -> Vec<String> {
        let whole = json!({"allOf": [schema], "definitions": self.0["definitions"]});
        let options = jsonschema::draft4::options().offline().should_validate_formats(true);
        let validator = options.build(&whole).unwrap();
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}

/// The values of a path's `{name}`s, or `None` if it is another path.
fn path_values(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (own, sent): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let name = |own: &str| Some(own.strip_prefix('{')?.strip_suffix('}')?.to_owned());
    let is_same = own.len() == sent.len()
        && own.iter().zip(&sent).all(|(own, sent)| name(own).is_some() || own == sent);
    is_same
        .then(|| own.iter().zip(sent).filter_map(|(own, sent)| Some((name(own)?, sent.to_owned()))).collect())
}

/// The keywords of a parameter that are JSON Schema (Swagger 2.0, "Parameter Object").
fn simple(parameter: &Value) -> Value {
    let keywords = ["type", "format", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength"];
    let own = parameter.as_object().unwrap().iter().filter(|(name, _)| keywords.contains(&name.as_str()));
    Value::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// The text of a path or query as the type that it stands for; a text if it is none.
fn typed(schema: &Value, text: &str) -> Value {
    match schema["type"].as_str() {
        Some("string") | None => Value::from(text),
        Some(_) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
    }
}

async fn take(State(sent): State<Arc<Mutex<Vec<Sent>>>>, request: Request) -> Json<Value> {
    let (parts, body) = request.into_parts();
    let bytes = body::to_bytes(body, 1 << 20).await.unwrap();
    let query = serde_urlencoded::from_str(parts.uri.query().unwrap_or_default()).unwrap();
    let body = (!bytes.is_empty()).then(|| serde_json::from_slice(&bytes).unwrap());
    let answer = if parts.method == Method::GET { json!([]) } else { json!({"silenceID": "x"}) };
    sent.lock().unwrap().push(Sent { method: parts.method, path: parts.uri.path().to_owned(), query, body });
    Json(answer)
}

const ID: &str = "6a1b2c3d-0000-4000-8000-000000000001";

/// Every tool of the manifest, with every argument it has.
fn calls() -> Vec<(&'static str, Value)> {
    let filter = json!(["severity=\"critical\"", "instance=~\"wéb.*&\""]);
    let (starts_at, ends_at) = ("2026-01-31T10:00:00Z", "2026-01-31T12:00:00+01:00");
    let matchers = json!([{"name": "alertname", "value": "x", "isRegex": false, "isEqual": true}]);
    let silence = json!({"matchers": matchers, "starts_at": starts_at, "ends_at": ends_at, "created_by": "Ada", "comment": "c"});
    let with = |base: &Value, more: Value| {
        let (Value::Object(mut base), Value::Object(more)) = (base.clone(), more) else { unreachable!() };
        base.extend(more);
        Value::Object(base)
    };
    let mut by_name = with(&silence, json!({"alert_name": "x"}));
    by_name.as_object_mut().unwrap().remove("matchers");
    let states =
        json!({"filter": filter, "receiver": "o.*", "active": true, "silenced": false, "inhibited": true});
    vec![
        ("get_status", json!({})),
        ("list_receivers", json!({})),
        ("list_alerts", with(&states, json!({"unprocessed": false}))),
        ("list_firing_alerts", json!({"filter": filter})),
        ("list_alert_groups", states),
        ("list_silences", json!({"filter": filter})),
        ("get_silence", json!({"silence_id": ID})),
        ("create_silence", silence.clone()),
        ("silence_alert", by_name),
        ("update_silence", with(&silence, json!({"silence_id": ID}))),
        ("expire_silence", json!({"silence_id": ID})),
        (
            "send_alert",
            json!({"labels": {"alertname": "x"}, "annotations": {"summary": "s"}, "starts_at": starts_at,
                "ends_at": ends_at, "generator_url": "https://example.com/graph"}),
        ),
    ]
}

#[tokio::test]
async fn what_alertmanager_is_sent_is_what_its_document_says() {
    let sent = Arc::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = Router::new().fallback(take).with_state(Arc::clone(&sent));
    tokio::spawn(async move { axum::serve(listener, server).await.unwrap() });
    let rig =
        Rig::from_text("alertmanager", &manifest("alertmanager", &[]), loopback(), &[("base_url", &url)]);
    let document = Document::read("alertmanager.yaml");
    let calls = calls();
    rig.assert_all_exercised(calls.iter().map(|(tool, _)| *tool));
    for (tool, arguments) in calls {
        let schema = rig.vendor.tools.iter().find(|found| found.name == tool).unwrap().input_schema.object();
        let names = |object: &Map<String, Value>| -> BTreeSet<String> { object.keys().cloned().collect() };
        let mut known = names(schema["properties"].as_object().unwrap());
        known.remove("fields");
        assert_eq!(names(arguments.as_object().unwrap()), known, "{tool}: every argument is given");
        rig.call(tool, arguments).await.unwrap_or_else(|error| panic!("{tool}: {error}"));
        let requests: Vec<Sent> = std::mem::take(&mut sent.lock().unwrap());
        assert_eq!(requests.len(), 1, "{tool}");
        assert_eq!(document.problems(&requests[0]), [""; 0], "{tool}: {requests:?}");
    }
}

#[test]
fn what_differs_from_the_document_is_seen() {
    let document = Document::read("alertmanager.yaml");
    let sent = |method: Method, path: &str, query: &[(&str, &str)], body: Option<Value>| {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        document.problems(&Sent { method, path: format!("{BASE}{path}"), query, body }).join("; ")
    };
    assert_eq!(
        sent(Method::GET, "/alerts", &[("active", "true"), ("filter", "a"), ("filter", "b")], None),
        ""
    );
    assert!(sent(Method::GET, "/alarms", &[], None).contains("there is no GET"));
    assert!(sent(Method::PUT, "/silences", &[], None).contains("there is no PUT"));
    assert!(sent(Method::GET, "/alerts", &[("state", "x")], None).contains("query has no state"));
    assert!(sent(Method::GET, "/alerts", &[("active", "maybe")], None).contains("boolean"));
    assert!(sent(Method::GET, "/alerts", &[("receiver", "a"), ("receiver", "b")], None).contains("2 times"));
    assert!(sent(Method::GET, "/status", &[], Some(json!({}))).contains("no body"));
    assert!(sent(Method::POST, "/silences", &[], None).contains("needed"));
    let silence = json!({"matchers": [{"name": "a", "value": "b"}], "startsAt": "soon", "comment": "c", "createdBy": "A"});
    let told = sent(Method::POST, "/silences", &[], Some(silence));
    assert!(told.contains("isRegex") && told.contains("endsAt") && told.contains("date-time"), "{told}");
}

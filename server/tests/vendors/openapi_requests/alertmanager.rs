//! What the gateway sends to Alertmanager, every argument of every tool, against its own document (Swagger 2.0).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::Method;
use axum::{Json, Router, body};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use super::document::{Body, Document, Sent};
use crate::rig::{Rig, loopback, manifest};

/// Where Alertmanager serves what the document describes; it does not say so itself.
const BASE: &str = "/api/v2";

async fn take(State(sent): State<Arc<Mutex<Vec<Sent>>>>, request: Request) -> Json<Value> {
    let (parts, body) = request.into_parts();
    let bytes = body::to_bytes(body, 1 << 20).await.unwrap();
    let query = serde_urlencoded::from_str(parts.uri.query().unwrap_or_default()).unwrap();
    let body = (!bytes.is_empty()).then(|| Body::Json(serde_json::from_slice(&bytes).unwrap()));
    let answer = if parts.method == Method::GET { json!([]) } else { json!({"silenceID": "x"}) };
    let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
    sent.lock().unwrap().push(Sent { method, path, query, headers: None, body });
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
    let document = Document::read("alertmanager.yaml", BASE);
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
    let document = Document::read("alertmanager.yaml", BASE);
    let sent = |method: Method, path: &str, query: &[(&str, &str)], body: Option<Value>| {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (method, path, body) = (method.to_string(), format!("{BASE}{path}"), body.map(Body::Json));
        document.problems(&Sent { method, path, query, headers: None, body }).join("; ")
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

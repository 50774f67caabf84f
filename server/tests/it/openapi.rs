//! The OpenAPI document: a snapshot, and its truth about who gets in.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::gateway::Gateway;

/// What works without a session.
const PUBLIC: [(&str, &str); 6] = [
    ("GET", "/api/invitations/{token}"),
    ("GET", "/api/sign-in"),
    ("POST", "/api/session"),
    ("DELETE", "/api/session"),
    ("POST", "/api/setup"),
    ("POST", "/api/accounts"),
];

fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let path = path.clone();
        let methods: Vec<_> = item.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(move |method| (method.to_uppercase(), path.clone()))
    };
    paths.iter().flat_map(of_path).collect()
}

#[tokio::test]
async fn the_document_is_what_it_was() {
    let gateway = Gateway::start().await;
    let document: Value = gateway.browser().get_json("/api/openapi.json").await;
    insta::assert_json_snapshot!("openapi", document, { ".info.version" => "[version]" });
}

#[tokio::test]
async fn every_operation_wants_a_session_but_for_those_that_sign_in() {
    let gateway = Gateway::start().await;
    let nobody = gateway.browser();
    let document: Value = nobody.get_json("/api/openapi.json").await;
    let operations = operations(&document);
    assert!(operations.len() >= 18, "{operations:?}");
    for (method, path) in operations {
        if PUBLIC.contains(&(method.as_str(), path.as_str())) {
            continue;
        }
        let path = path.replace("{vendor}", "demo").replace("{id}", "0199c1c4-7a5e-7000-8000-000000000001");
        let parsed = Method::from_bytes(method.as_bytes()).unwrap();
        let body = (parsed != Method::GET && parsed != Method::DELETE).then(|| json!({}));
        let answer = nobody.send(parsed, &path, body.as_ref()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
    }
}

//! Errors are JSON on every path of programs, in the dialect of that path, whatever is wrong with the request.

use reqwest::{Method, Response, StatusCode, header};
use serde_json::Value;

use crate::gateway::Gateway;

/// A path of each kind, with the methods that it has.
const PATHS: [(&str, &[&str]); 37] = [
    ("/api", &[]),
    ("/api/", &[]),
    ("/api/nothing", &[]),
    ("/api/me", &["GET"]),
    ("/api/me/password", &["PUT"]),
    ("/api/session", &["POST", "PATCH", "DELETE"]),
    ("/api/sessions", &["DELETE"]),
    ("/api/sign-in", &["GET"]),
    ("/api/setup", &["POST"]),
    ("/api/accounts", &["POST"]),
    ("/api/vendors", &["GET"]),
    ("/api/connections", &["GET"]),
    ("/api/connections/x", &["PUT", "DELETE"]),
    ("/api/connections/x/test", &["POST"]),
    ("/api/organizations", &["POST"]),
    ("/api/organizations/x", &["GET", "PATCH", "DELETE"]),
    ("/api/organizations/x/members/x", &["PATCH", "DELETE"]),
    ("/api/organizations/x/invitations", &["GET", "POST"]),
    ("/api/invitations/x", &["GET"]),
    ("/api/invitations/x/accept", &["POST"]),
    ("/api/events", &["GET"]),
    ("/api/grants", &["GET"]),
    ("/api/grants/x", &["DELETE"]),
    ("/api/consents/x", &["GET", "POST"]),
    ("/api/openapi.json", &["GET"]),
    ("/health", &["GET"]),
    ("/ready", &["GET"]),
    ("/v1", &[]),
    ("/v1/", &[]),
    ("/v1/nothing", &[]),
    ("/v1/mcp", &[]),
    ("/token", &["POST"]),
    ("/token/x", &[]),
    ("/register", &["POST"]),
    ("/revoke", &["POST"]),
    ("/.well-known", &[]),
    ("/.well-known/jwks.json", &["GET"]),
];
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "PROPFIND"];
/// Content type and body.
const BODIES: [(&str, &[u8]); 8] = [
    ("application/json", b"{"),
    ("application/json", b"[]"),
    ("application/json", b"{\"a\": \"\\u0000\"}"),
    ("application/json", b"\xff\xfe"),
    ("text/plain", b"{}"),
    ("application/x-www-form-urlencoded", b"a=%00&a=%FF&client_id=%00"),
    ("multipart/form-data", b""),
    ("", b"{}"),
];

/// Fails unless the answer is an error in the dialect of its path, or none.
async fn check(path: &str, what: &str, is_head: bool, answer: Response) {
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return;
    }
    assert!(!status.is_server_error(), "{what} {path}: {status}");
    let kind = answer.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
    let is_problem = path.starts_with("/api") || path == "/health" || path == "/ready";
    let expected = if is_problem { "application/problem+json" } else { "application/json" };
    assert_eq!(kind.as_deref(), Some(expected), "{what} {path}: {status}");
    if status == StatusCode::METHOD_NOT_ALLOWED {
        assert!(answer.headers().contains_key(header::ALLOW), "{what} {path}: RFC 9110 section 15.5.6");
    }
    if is_head {
        return;
    }
    let body: Value = answer.json().await.unwrap();
    let is_of_its_kind = if is_problem {
        body["status"] == status.as_u16() && body["code"].is_string()
    } else if path.starts_with("/v1") && path != "/v1/mcp" {
        body["jsonrpc"] == "2.0" && body["error"]["code"].is_i64()
    } else {
        body["error"].is_string() && body["error_description"].is_string()
    };
    assert!(is_of_its_kind, "{what} {path}: {status} {body}");
}

#[tokio::test]
async fn wrong_methods_are_errors_of_the_dialect() {
    let gateway = Gateway::start().await;
    let http = gateway.browser().http;
    for (path, has) in PATHS {
        for method in METHODS {
            let is_there = has.contains(&method) || method == "HEAD" && has.contains(&"GET");
            let request = http.request(method.parse::<Method>().unwrap(), format!("{}{path}", gateway.url));
            let answer = request.header(header::ACCEPT, "text/html,*/*").send().await.unwrap();
            if !is_there {
                assert!(answer.status().is_client_error(), "{method} {path}: {}", answer.status());
            }
            check(path, method, method == "HEAD", answer).await;
        }
    }
}

#[tokio::test]
async fn wrong_bodies_are_errors_of_the_dialect() {
    let gateway = Gateway::start().await;
    let http = gateway.browser().http;
    let large = vec![b' '; 2 << 20];
    let mut too_large = 0;
    for (path, has) in PATHS {
        for method in has.iter().filter(|method| **method != "GET") {
            let bodies = BODIES.into_iter().chain([("application/json", large.as_slice())]);
            for (kind, body) in bodies {
                let method = method.parse::<Method>().unwrap();
                let mut request = http.request(method, format!("{}{path}", gateway.url)).body(body.to_vec());
                if !kind.is_empty() {
                    request = request.header(header::CONTENT_TYPE, kind);
                }
                // A server may answer a body that is too large before it has read it.
                let Ok(answer) = request.send().await else { continue };
                too_large += u32::from(answer.status() == StatusCode::PAYLOAD_TOO_LARGE);
                check(path, kind, false, answer).await;
            }
        }
    }
    assert!(too_large >= 3, "only {too_large} answers said that the body is too large");
}

#[tokio::test]
async fn malformed_addresses_are_errors_of_the_dialect() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    for path in [
        "/api/grants/%FF",
        "/api/grants/%00",
        "/api/connections/%FF",
        "/api/connections/%00",
        "/api/connections/%zz",
        "/api/organizations/%FF/members",
        "/api/organizations/%00",
        "/api/invitations/%FF",
        "/api/invitations/%00",
        "/api/consents/%C0%80",
        "/api/%FF",
        "/v1/%FF/mcp",
        "/v1/%00",
        "/token/%FF",
        "/.well-known/%FF",
        "/.well-known/oauth-authorization-server/%00",
    ] {
        for method in [Method::GET, Method::DELETE] {
            let answer = browser.send(method.clone(), path, None).await;
            assert!(answer.status().is_client_error(), "{method} {path}: {}", answer.status());
            check(path, method.as_str(), false, answer).await;
        }
    }
    let answer = browser.get("/authorize?client_id=%00&redirect_uri=%FF").await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(answer.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    let answer = browser.get("/auth/oidc/x/callback?state=a&state=b").await;
    assert!(answer.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn a_nul_is_a_mistake_of_the_client() {
    let gateway = Gateway::start().await;
    let http = gateway.browser().http;
    for path in ["/token", "/revoke"] {
        for field in ["client_id", "grant_type", "code", "refresh_token", "token", "scope"] {
            let form =
                [("client_id", "x"), ("grant_type", "refresh_token"), ("refresh_token", "x"), ("token", "x")];
            let form = form.map(|(name, value)| (name, if name == field { "a\0b" } else { value }));
            let answer = http.post(format!("{}{path}", gateway.url)).form(&form).send().await.unwrap();
            assert!(matches!(answer.status().as_u16(), 400 | 401), "{path} {field}: {}", answer.status());
        }
    }
    for metadata in [
        serde_json::json!({"redirect_uris": ["http://localhost/a\0b"]}),
        serde_json::json!({"redirect_uris": ["http://localhost/a"], "client_name": "a\0b"}),
        serde_json::json!({"redirect_uris": ["http://localhost/a"], "software_id": "a\0b", "scope": "\0"}),
    ] {
        let answer = http.post(format!("{}/register", gateway.url)).json(&metadata).send().await.unwrap();
        assert!(matches!(answer.status().as_u16(), 201 | 400), "{metadata}: {}", answer.status());
    }
}

#[tokio::test]
async fn a_program_that_asks_for_a_page_is_told_in_json() {
    let gateway = Gateway::start().await;
    let http = gateway.browser().http;
    for (path, status) in [("/authorize", 400), ("/nothing", 404), ("/vendors/nobody", 404)] {
        let ask = |accept: &'static str| {
            http.get(format!("{}{path}", gateway.url)).header(header::ACCEPT, accept).send()
        };
        let answer = ask("application/json, text/plain, */*").await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()[header::CONTENT_TYPE]),
            (status, &"application/json".parse().unwrap()),
            "{path}"
        );
        let body: Value = answer.json().await.unwrap();
        assert!(body["error"].is_string() && body["error_description"].is_string(), "{path}: {body}");
        // What is wrong with an authorization request is told in sentences to whoever takes them.
        let anything = if status == 404 { "application/json" } else { "text/html" };
        for (accept, kind) in [("text/html,application/json", "text/html"), ("*/*", anything)] {
            let answer = ask(accept).await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{path}");
            let answered = answer.headers()[header::CONTENT_TYPE].to_str().unwrap();
            assert!(answered.starts_with(kind), "{path} {accept}: {answered}");
        }
    }
}

//! Vendors that tell the credential back: nobody sees it, in whatever form.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gateway_server::vendors::CallError;
use serde_json::json;

use super::{KEY, MANIFEST, get, rig, serve, serve_fixed};
use crate::rig::{Rig, loopback};

#[tokio::test]
async fn echoes_the_credential() {
    let url = serve(|request| async move {
        let key = request.headers()["authorization"].to_str().unwrap().to_owned();
        Response::builder()
            .header("content-type", "application/json")
            .body(Body::from(json!({ "you sent": key }).to_string()))
            .unwrap()
    })
    .await;
    assert_eq!(get(&url).await.unwrap(), r#"{"you sent":"Bearer [redacted]"}"#);
}

#[tokio::test]
async fn echoes_it_in_every_form() {
    let forms = [
        KEY.to_owned(),
        url::form_urlencoded::byte_serialize(KEY.as_bytes()).collect(),
        url::form_urlencoded::byte_serialize(KEY.as_bytes()).collect::<String>().to_lowercase(),
        STANDARD.encode(KEY),
        STANDARD.encode(format!("user:{KEY}")),
        URL_SAFE_NO_PAD.encode(format!("{{\"key\":\"{KEY}\"}}")),
        KEY.replace('&', "\\u0026"),
        KEY.replace('&', "\\u0026").replace('+', "\\u002B"),
        KEY.replace('/', "\\/").replace('+', "\\u002b"),
        KEY.bytes().map(|byte| format!("\\u{byte:04X}")).collect::<Vec<_>>().concat(),
        KEY.replace('/', "\\/"),
        KEY.replace('&', "&amp;"),
    ];
    let answer = Arc::new(Mutex::new((200, String::new())));
    let told = Arc::clone(&answer);
    let url = serve(move |_| {
        let (status, body) = told.lock().unwrap().clone();
        let answer = Response::builder().status(status).header("content-type", "application/json");
        async move { answer.body(Body::from(body)).unwrap() }
    })
    .await;
    let rig = rig(&url);
    for form in forms {
        for (status, body) in [
            (200, format!("{{\"you\": \"{form}\"}}")),
            (401, format!("{{\"message\": \"bad key {form}\"}}")),
            (400, format!("bad key {form}")),
            (500, format!("{{\"error\": {{\"detail\": \"{form}\"}}}}")),
            // Where it is cut, half of it would be left.
            (422, format!("{{\"message\": \"{}{form}\"}}", "x".repeat(300 - form.len() / 2))),
        ] {
            *answer.lock().unwrap() = (status, body.clone());
            let seen = match rig.call("get_it", json!({})).await {
                Ok(answer) => answer.text,
                Err(error) => format!("{error:?} {}", error.explain()),
            };
            assert!(!seen.contains("hunter2"), "{status} {body}: {seen}");
            assert!(!seen.contains(&form[..form.len() / 2]), "{status} {body}: {seen}");
        }
    }
}

/// What reads JSON and writes it anew makes plain what was escaped: choosing members, hiding some, the account's name.
#[tokio::test]
async fn escapes_it_as_dotnet_does() {
    let key = "hunter2\"secret/k\u{e4}y+`";
    let echo = r"hunter2\u0022secret/k\u00E4y\u002B\u0060";
    let body = format!(r#"{{"rows":[{{"id":1,"note":"Key {echo}","password":"x"}}],"account":"{echo}"}}"#);
    let url = serve(move |_| {
        let body = body.clone();
        async move {
            let answer = Response::builder().header("content-type", "application/json");
            answer.body(Body::from(body)).unwrap()
        }
    })
    .await;
    let manifest = MANIFEST.replace("{ path = \"/me\" }", "{ path = \"/me\", account = \"/account\" }");
    let form = [("base_url", url.as_str()), ("key", key)];
    let rig = Rig::from_text("bad", &manifest, loopback(), &form);
    let text = async |tool, arguments| rig.call(tool, arguments).await.unwrap().text;
    let cleaned = r#"{"rows":[{"id":1,"note":"Key [redacted]","password":"x"}],"account":"[redacted]"}"#;
    assert_eq!(text("get_it", json!({})).await, cleaned);
    let hidden = r#"{"rows":[{"id":1,"note":"Key [redacted]"}],"account":"[redacted]"}"#;
    assert_eq!(text("list_accounts", json!({})).await, hidden);
    let chosen = r#"{"rows":[{"note":"Key [redacted]"}],"account":"[redacted]"}"#;
    assert_eq!(text("list_accounts", json!({"fields": ["note"]})).await, chosen);
    assert_eq!(rig.validate().await.unwrap().account.as_deref(), Some("[redacted]"));
}

#[tokio::test]
async fn echoes_it_beside_the_body() {
    let page = format!("<html><head><title>{KEY}</title></head></html>");
    let url = serve_fixed(200, &[("content-type", "text/html")], page).await;
    let error = get(&url).await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    // A key that can stand in the name of a host, where the origin of a redirect would tell it.
    let key = "hunter2secretkey";
    let url = serve(move |_| async move {
        let answer =
            Response::builder().status(302).header("location", format!("https://{key}.evil.example/"));
        answer.body(Body::empty()).unwrap()
    })
    .await;
    let rig = Rig::from_text("bad", MANIFEST, loopback(), &[("base_url", &url), ("key", key)]);
    let error = rig.call("get_it", json!({})).await.unwrap_err();
    let expected = CallError::Redirected { status: 302, location: "https://[redacted].evil.example".into() };
    assert_eq!(error, expected);
}

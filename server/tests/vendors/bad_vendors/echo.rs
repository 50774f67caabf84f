//! Vendors that tell the credential back: nobody sees it, in whatever form.

use axum::body::Body;
use axum::http::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gateway_server::vendors::CallError;
use serde_json::json;

use super::{KEY, MANIFEST, get, serve};
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

/// The key in one form, echoed with this status and type; what the caller sees of it.
async fn echoed(status: u16, content_type: &'static str, body: String) -> Result<String, CallError> {
    let url = serve(move |_| {
        let body = body.clone();
        async move {
            let answer = Response::builder().status(status).header("content-type", content_type);
            answer.body(Body::from(body)).unwrap()
        }
    })
    .await;
    get(&url).await
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
        KEY.replace('/', "\\/"),
        KEY.replace('&', "&amp;"),
    ];
    for form in forms {
        for (status, body) in [
            (200, format!("{{\"you\": \"{form}\"}}")),
            (401, format!("{{\"message\": \"bad key {form}\"}}")),
            (400, format!("bad key {form}")),
            (500, format!("{{\"error\": {{\"detail\": \"{form}\"}}}}")),
            // Where it is cut, half of it would be left.
            (422, format!("{{\"message\": \"{}{form}\"}}", "x".repeat(300 - form.len() / 2))),
        ] {
            let seen = match echoed(status, "application/json", body.clone()).await {
                Ok(text) => text,
                Err(error) => format!("{error:?} {}", error.explain()),
            };
            assert!(!seen.contains("hunter2"), "{status} {body}: {seen}");
            assert!(!seen.contains(&form[..form.len() / 2]), "{status} {body}: {seen}");
        }
    }
}

#[tokio::test]
async fn echoes_it_beside_the_body() {
    let page = format!("<html><head><title>{KEY}</title></head></html>");
    let error = echoed(200, "text/html", page).await.unwrap_err();
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

//! Directories of addresses that answer with something else than one: credentials go nowhere then.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gateway_server::vendors::CallError;
use serde_json::{Value, json};

use super::moved::discovering;
use super::tokens::json_answer;
use super::{KEY, serve, with_manifest};

/// What a call says whose directory answers this; twice, for nothing may be remembered.
async fn call(answer: Value) -> CallError {
    let lookups = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&lookups);
    let directory = serve(move |request| {
        counter.fetch_add(1, Ordering::SeqCst);
        assert!(!format!("{request:?}").contains("hunter2"), "a lookup needs no credential");
        let answer = answer.clone();
        async move { json_answer(200, &answer) }
    })
    .await;
    let rig = with_manifest(&discovering(&directory), "http://127.0.0.1:1");
    let error = rig.call("get_it", json!({})).await.unwrap_err();
    assert_eq!(rig.call("get_it", json!({})).await.unwrap_err(), error);
    assert_eq!(lookups.load(Ordering::SeqCst), 2, "something was remembered: {error}");
    assert!(!format!("{error:?} {}", error.explain()).contains(KEY));
    error
}

#[tokio::test]
async fn no_account() {
    for answer in [json!({"url": null}), json!({}), json!([]), json!("text"), json!(7)] {
        let error = call(answer.clone()).await;
        assert!(matches!(error, CallError::Credential(_)), "{answer}: {error}");
    }
}

#[tokio::test]
async fn no_text() {
    for url in [json!(7), json!(true), json!(["http://127.0.0.1"]), json!({"href": "http://127.0.0.1"})] {
        let error = call(json!({"url": url})).await;
        assert!(matches!(error, CallError::Broken(_)), "{url}: {error}");
    }
}

#[tokio::test]
async fn no_address_of_the_vendors() {
    for url in [
        "",
        "not an address",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//127.0.0.1/",
        "http://127.0.0.1.evil.example/",
        "http://evil.example/127.0.0.1",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://user:password@127.0.0.1/",
        "http://127.0.0.1/?redirect=",
        "http://127.0.0.1/#",
    ] {
        let error = call(json!({"url": url})).await;
        assert!(matches!(error, CallError::Broken(_)), "{url}: {error}");
    }
}

/// Also where the manifest itself would believe it, the network guard does not.
#[tokio::test]
async fn a_private_address() {
    let directory = serve(|_| async { json_answer(200, &json!({"url": "http://169.254.169.254/"})) }).await;
    let text = discovering(&directory).replace("\"127.0.0.1\"", "\"169.254.169.254\"");
    let error = with_manifest(&text, "http://127.0.0.1:1").call("get_it", json!({})).await.unwrap_err();
    assert!(matches!(&error, CallError::Blocked { host } if host == "169.254.169.254"), "{error}");
}

//! Answers with parts that nobody may see, in JSON that is not quite right: they stay hidden, or nothing is shown.

use gateway_server::vendors::CallError;
use serde_json::json;

use super::{MANIFEST, rig, serve_fixed};
use crate::rig::{Rig, loopback};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

#[tokio::test]
async fn broken_json_is_not_shown() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for row in [
        // Half of an emoji, as programs cut it that count in UTF-16.
        r#"{"name": "\ud83d", "password": "pw-1"}"#.to_owned(),
        "{\"name\": \"a\u{1}b\", \"password\": \"pw-1\"}".to_owned(),
        format!(r#"{{"deep": {deep}, "password": "pw-1"}}"#),
        r#"{"password": "pw-1"}]} <!-- "#.to_owned(),
        r#"{"password": "pw-1", }"#.to_owned(),
    ] {
        let url = serve_fixed(200, &JSON, format!(r#"{{"rows": [{row}]}}"#)).await;
        for arguments in [json!({}), json!({"fields": ["name"]}), json!({"fields": ["password"]})] {
            let error = rig(&url).call("list_accounts", arguments).await.unwrap_err();
            assert!(matches!(error, CallError::Broken(_)), "{row}: {error:?}");
            assert!(!error.explain().contains("pw-1"), "{row}: {error:?}");
        }
    }
}

/// A secret of digits may stand in a number by chance.
#[tokio::test]
async fn a_secret_in_a_number_breaks_nothing() {
    let url = serve_fixed(200, &JSON, r#"{"rows": [{"id": 91234567, "password": "pw-1"}]}"#).await;
    let form = [("base_url", url.as_str()), ("key", "123456")];
    let rig = Rig::from_text("bad", MANIFEST, loopback(), &form);
    let answer = rig.call("list_accounts", json!({})).await.unwrap();
    assert_eq!(answer.text, r#"{"rows":[{"id":"[redacted]"}]}"#);
}

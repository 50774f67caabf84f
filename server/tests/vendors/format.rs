//! What the format can say beyond plain REST: logins, conditional values, discovered paths, multipart, failures with a
//! good status, hidden members.

use gateway_server::vendors::{CallError, Verdict};
use serde_json::json;

use crate::recording::{Expected, Recording};
use crate::rig::{Rig, loopback};

const MANIFEST: &str = r##"
slug = "sample"
name = "Sample"
category = "test"
summary = "For tests."
color = "#000000"
initials = "S"
fields = [
  { name = "address", label = "Address", kind = "url", required = true },
  { name = "user", label = "User", kind = "text", required = true },
  { name = "secret", label = "Secret", kind = "secret", required = true },
  { name = "style", label = "Style", kind = "select", default = "body", options = [{ value = "body", label = "B" }, { value = "header", label = "H" }] },
]
validation = { method = "POST", path = "/rpc", anonymous = true, body = { method = "check", token = "{cred.secret}" }, account = "/result/name" }
failure = { pointer = "/error", message = "/error/data", unauthorized = "Not authori[sz]ed" }
[[values]]
name = "in_body"
template = "{secret}"
when = { style = "body" }
[[values]]
name = "in_header"
template = "Key {b64({user}:{secret})}"
when = { style = "header" }
[base_url]
template = "{address}/{release}/api"
[base_url.discover]
assign = "release"
url = "{address}/info"
query = { account = "{user}" }
answer = "/path"
pattern = '^v[0-9]+/?$'
[auth.login]
url = "/login"
headers = { X-Client = "{user}" }
json = { User = "{user}", Password = "{secret}", Extra = "{in_header}" }
token = "/session/token"
lifetime_seconds = 600
[auth.headers]
X-Session = "{access_token}"
X-Key = "{in_header}"
[[tools]]
name = "call"
title = "Call"
description = "Calls."
risk = "read"
method = "POST"
path = "/rpc"
hide = ["password", "/result/key"]
body = { method = "get", token = "{cred.in_body}" }
[[tools]]
name = "upload"
title = "Upload"
description = "Uploads."
risk = "write"
method = "POST"
path = "/notes/{id}"
encoding = "multipart"
query = { q = '"{text}"' }
params = [
  { name = "id", in = "path", type = "integer", required = true, description = "Id." },
  { name = "text", in = "query", type = "string", description = "Text." },
  { name = "note", in = "body", type = "string", description = "Note." },
  { name = "public", in = "body", type = "boolean", default = true, description = "Public." },
]
body = { comment = { "$if" = "{note}", body = "{note}", public = "{public}" }, name = "{id}" }
"##;

fn rig(server: &Recording, style: &str) -> Rig {
    rig_of(server, style, MANIFEST)
}

fn rig_of(server: &Recording, style: &str, manifest: &str) -> Rig {
    let form = [("address", server.url.as_str()), ("user", "u1"), ("secret", "s3cret/key"), ("style", style)];
    Rig::from_text("sample", manifest, loopback(), &form)
}

/// The look-up of the path, and the login.
fn begin(server: &Recording, style: &str) {
    let lookup = Expected::new("GET", "/info").query(&[("account", "u1")]);
    server.expect(lookup.answer(200, &json!({"path": "v7/"})));
    let mut body = json!({"User": "u1", "Password": "s3cret/key"});
    if style == "header" {
        body["Extra"] = json!("Key dTE6czNjcmV0L2tleQ==");
    }
    let login = Expected::new("POST", "/v7/api/login").headers(&[("x-client", "u1")]);
    server.expect(login.json("application/json", body).answer(201, &json!({"session": {"token": "tok-42"}})));
}

fn call(style: &str) -> Expected {
    let expected = Expected::new("POST", "/v7/api/rpc").headers(&[("x-session", "tok-42")]);
    match style {
        "body" => expected.json("application/json", json!({"method": "get", "token": "s3cret/key"})),
        _ => expected
            .headers(&[("x-key", "Key dTE6czNjcmV0L2tleQ==")])
            .json("application/json", json!({"method": "get"})),
    }
}

#[tokio::test]
async fn the_credential_in_the_body_or_in_a_header() {
    for style in ["body", "header"] {
        let server = Recording::start().await;
        let rig = rig(&server, style);
        begin(&server, style);
        let echo = json!({"result": {"key": 1, "list": [{"id": 2, "password": "p"}], "echo": "dTE6czNjcmV0L2tleQ== tok-42"}});
        server.expect(call(style).answer(200, &echo));
        let answer = rig.call("call", json!({})).await;
        server.check(style);
        let seen = answer.unwrap().text;
        assert!(seen.starts_with(r#"{"result":{"list":[{"id":2}],"echo":"#), "{seen}");
        assert!(!seen.contains("tok-42") && (style == "body" || !seen.contains("dTE6")), "{seen}");
    }
}

#[tokio::test]
async fn multipart_and_quoted_queries() {
    let server = Recording::start().await;
    let rig = rig(&server, "body");
    begin(&server, "body");
    let upload = || Expected::new("POST", "/v7/api/notes/5").headers(&[("x-session", "tok-42")]);
    let comment = json!({"body": "a \"b\"\nc", "public": true});
    server.expect(
        upload()
            .query(&[("q", "\"x y\"")])
            .parts(vec![("comment".into(), comment), ("name".into(), json!(5))]),
    );
    server.expect(upload().parts(vec![("name".into(), json!(5))]));
    let full = rig.call("upload", json!({"id": 5, "text": "x y", "note": "a \"b\"\nc"})).await;
    let empty = rig.call("upload", json!({"id": 5})).await;
    server.check("upload");
    assert!(full.is_ok() && empty.is_ok());
}

/// The validation, which needs no login.
fn check() -> Expected {
    let body = json!({"method": "check", "token": "s3cret/key"});
    Expected::new("POST", "/v7/api/rpc").json("application/json", body)
}

#[tokio::test]
async fn what_comes_then_must_be_good_as_well() {
    let server = Recording::start().await;
    let account = r#"account = "/result/name""#;
    let call_too =
        r#"then = { method = "POST", path = "/rpc", body = { method = "get", token = "{cred.in_body}" } }"#;
    let manifest = MANIFEST.replace(account, &format!("{account}, {call_too}"));
    let rig = rig_of(&server, "body", &manifest);
    let known = || check().answer(200, &json!({"result": {"name": "Ada"}}));
    let lookup = Expected::new("GET", "/info").query(&[("account", "u1")]);
    server.expect(lookup.answer(200, &json!({"path": "v7/"})));
    server.expect(known());
    let login = Expected::new("POST", "/v7/api/login").headers(&[("x-client", "u1")]);
    let login = login.json("application/json", json!({"User": "u1", "Password": "s3cret/key"}));
    server.expect(login.answer(201, &json!({"session": {"token": "tok-42"}})));
    server.expect(call("body").answer(200, &json!({"error": {"data": "Not authorized."}})));
    let refused = rig.validate().await.unwrap_err();
    server.check("refused by the second");
    assert_eq!(refused.verdict(), Verdict::BadCredential);
    server.expect(known());
    server.expect(call("body").answer(200, &json!({"result": 3})));
    let validated = rig.validate().await;
    server.check("both are good");
    assert_eq!(validated.unwrap().account.as_deref(), Some("Ada"));
    server.expect(check().answer(200, &json!({"error": {"data": "Not authorized."}})));
    assert!(rig.validate().await.is_err());
    server.check("after a bad first one nothing comes");
}

#[tokio::test]
async fn failures_with_a_good_status() {
    let server = Recording::start().await;
    let rig = rig(&server, "body");
    let lookup = Expected::new("GET", "/info").query(&[("account", "u1")]);
    server.expect(lookup.answer(200, &json!({"path": "v7/"})));
    server.expect(check().answer(200, &json!({"error": {"message": "Invalid.", "data": "Not authorized."}})));
    let refused = rig.validate().await.unwrap_err();
    server.check("refused");
    assert_eq!(
        (refused.verdict(), refused.vendor_message()),
        (Verdict::BadCredential, Some("Not authorized."))
    );
    server.expect(check().answer(200, &json!({"error": {"data": "Down for maintenance."}})));
    let broken = rig.validate().await.unwrap_err();
    assert_eq!(broken, CallError::Rejected { status: 200, message: Some("Down for maintenance.".into()) });
    assert_eq!(broken.verdict(), Verdict::CouldNotTell);
    server.expect(check().answer(200, &json!({"result": {"name": "Ada"}})));
    assert_eq!(rig.validate().await.unwrap().account.as_deref(), Some("Ada"));
    server.check("accepted");
}

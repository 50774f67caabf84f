//! Client credentials, keys in the query and headers per tool, all in one vendor: tokens, and what unset fields leave.

use gateway_server::vendors::{CredentialKey, Verdict};
use serde_json::json;
use uuid::Uuid;

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
  { name = "client_id", label = "Client", kind = "text", required = true },
  { name = "client_secret", label = "Secret", kind = "secret", required = true },
  { name = "tenant", label = "Tenant", kind = "text" },
]
base_url = { template = "{address}/v1" }
validation = { path = "/tenants/{cred.client_id}" }
[auth]
query = { tenant = "{tenant}" }
headers = { X-Token = "{access_token}" }
[auth.oauth2]
grant = "client_credentials"
token_url = "{address}/token"
client_id = "{client_id}"
client_secret = "{client_secret}"
scope = "read write"
form = { audience = "{tenant}" }
token = "/data/token"
[request]
headers = { Accept-Language = "en" }
[[tools]]
name = "query_hosts"
title = "Query hosts"
description = "Finds hosts."
risk = "read"
method = "POST"
path = "/tenants/{cred.client_id}/hosts"
query = { mode = "{mode}" }
headers = { X-HTTP-Method-Override = "GET" }
params = [
  { name = "mode", in = "header", as = "X-Mode", type = "string", description = "Mode." },
  { name = "names", in = "query", as = "name[]", type = "array", items = { type = "string" }, repeat = true, description = "Names." },
]
"##;

fn rig(server: &Recording, tenant: &str) -> Rig {
    let form = [
        ("address", server.url.as_str()),
        ("client_id", "id/1"),
        ("client_secret", "s3cret&+ä"),
        ("tenant", tenant),
    ];
    Rig::from_text("sample", MANIFEST, loopback(), &form)
}

fn token_request(more: &[(&str, &str)], token: &str) -> Expected {
    let form = [("grant_type", "client_credentials"), ("client_id", "id/1"), ("client_secret", "s3cret&+ä")];
    let form = [&form[..], more].concat();
    Expected::new("POST", "/token").form(&form).answer(200, &json!({"data": {"token": token}}))
}

#[tokio::test]
async fn client_credentials_and_everything_else() {
    let server = Recording::start().await;
    let rig = rig(&server, "t1");
    server.expect(token_request(&[("audience", "t1"), ("scope", "read write")], "tok-1"));
    let headers = [
        ("x-token", "tok-1"),
        ("accept-language", "en"),
        ("x-http-method-override", "GET"),
        ("x-mode", "fast"),
    ];
    let query = [("mode", "fast"), ("name[]", "a b"), ("name[]", "c"), ("tenant", "t1")];
    server.expect(Expected::new("POST", "/v1/tenants/id%2F1/hosts").query(&query).headers(&headers));
    let result = rig.call("query_hosts", json!({"mode": "fast", "names": ["a b", "c"]})).await;
    server.check("query_hosts");
    assert_eq!(result.unwrap().text, "{}");
}

#[tokio::test]
async fn unset_optional_fields_leave_no_trace() {
    let server = Recording::start().await;
    let rig = rig(&server, "");
    server.expect(token_request(&[("scope", "read write")], "tok-1"));
    server.expect(
        Expected::new("GET", "/v1/tenants/id%2F1")
            .headers(&[("x-token", "tok-1"), ("accept-language", "en")]),
    );
    let result = rig.validate().await;
    server.check("validation");
    assert_eq!(result.unwrap().account, None);
}

#[tokio::test]
async fn a_replaced_credential_never_meets_the_old_token() {
    let server = Recording::start().await;
    let mut rig = rig(&server, "");
    for token in ["tok-1", "tok-2"] {
        server.expect(token_request(&[("scope", "read write")], token));
        server.expect(
            Expected::new("GET", "/v1/tenants/id%2F1")
                .headers(&[("x-token", token), ("accept-language", "en")]),
        );
        let result = rig.validate().await;
        server.check(token);
        assert!(result.is_ok());
        rig.key.version += 1;
    }
    rig.key = CredentialKey { id: Uuid::from_u128(8), version: 1 };
    server.expect(token_request(&[("scope", "read write")], "").answer(200, &json!({"data": {}})));
    assert_eq!(rig.validate().await.unwrap_err().verdict(), Verdict::CouldNotTell);
    server.check("no token");
}

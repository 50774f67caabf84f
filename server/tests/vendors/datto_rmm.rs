//! Datto RMM: its tools against the vendor's OpenAPI document (`/api/v3/api-docs` of each platform) and
//! <https://rmm.datto.com/help/en/Content/2SETUP/APIv2.htm> (password grant with the client `public-client:public`).

use gateway_server::vendors::{CallError, Verdict};
use serde_json::{Value, json};

use crate::recording::{Expected, Recording};
use crate::rig::Rig;

const FORM: [(&str, &str); 3] =
    [("platform", "merlot"), ("api_key", "KEY12345"), ("api_secret_key", "SECRET67890")];

fn rig(server: &Recording) -> Rig {
    let replace = [
        ("https://merlot-api.centrastage.net", server.url.as_str()),
        ("https://{platform}-api.centrastage.net", server.url.as_str()),
    ];
    Rig::redirected("datto-rmm", &replace, &FORM)
}

fn token_request() -> Expected {
    // base64 of public-client:public, as printed in the vendor's own example
    let client = [("authorization", "Basic cHVibGljLWNsaWVudDpwdWJsaWM=")];
    let form = [("grant_type", "password"), ("username", "KEY12345"), ("password", "SECRET67890")];
    Expected::new("POST", "/auth/oauth/token").headers(&client).form(&form)
}

fn token(value: &str) -> Expected {
    token_request()
        .answer(200, &json!({"access_token": value, "token_type": "bearer", "expires_in": 360_000}))
}

fn request(method: &'static str, path: &str) -> Expected {
    with_token(method, path, "first-token")
}

fn with_token(method: &'static str, path: &str, token: &str) -> Expected {
    Expected::new(method, format!("/api/v2{path}")).headers(&[("authorization", &format!("Bearer {token}"))])
}

fn send(method: &'static str, path: &str, body: Value) -> Expected {
    request(method, path).json("application/json", body)
}

fn get(path: &str) -> Expected {
    request("GET", path)
}

fn devices_and_sites() -> Vec<(&'static str, Value, Expected)> {
    vec![
        ("get_account", json!({}), get("/account")),
        (
            "list_devices",
            json!({"hostname": "SRV", "site_name": "HQ Nord", "device_type": "Server", "operating_system": "Windows", "filter_id": 3, "page": 2, "max": 250}),
            get("/account/devices").query(&[
                ("hostname", "SRV"),
                ("siteName", "HQ Nord"),
                ("deviceType", "Server"),
                ("operatingSystem", "Windows"),
                ("filterId", "3"),
                ("page", "2"),
                ("max", "250"),
            ]),
        ),
        ("get_device", json!({"device_uid": "d-1"}), get("/device/d-1")),
        (
            "find_device_by_mac",
            json!({"mac_address": "0A1B2C3D4E5F"}),
            get("/device/macAddress/0A1B2C3D4E5F"),
        ),
        (
            "list_site_devices",
            json!({"site_uid": "s-1", "filter_id": 4}),
            get("/site/s-1/devices").query(&[("filterId", "4")]),
        ),
        ("list_sites", json!({"site_name": "HQ"}), get("/account/sites").query(&[("siteName", "HQ")])),
        ("get_site", json!({"site_uid": "s/1?x#y"}), get("/site/s%2F1%3Fx%23y")),
        (
            "create_site",
            json!({"name": "New", "on_demand": false, "splashtop_auto_install": true}),
            send("PUT", "/site", json!({"name": "New", "onDemand": false, "splashtopAutoInstall": true})),
        ),
        (
            "update_site",
            json!({"site_uid": "s-1", "name": "Old", "notes": "n"}),
            send("POST", "/site/s-1", json!({"name": "Old", "notes": "n"})),
        ),
    ]
}

fn alerts_and_jobs() -> Vec<(&'static str, Value, Expected)> {
    vec![
        (
            "list_open_alerts",
            json!({"muted": false, "max": 10}),
            get("/account/alerts/open").query(&[("muted", "false"), ("max", "10")]),
        ),
        ("list_device_open_alerts", json!({"device_uid": "d-1"}), get("/device/d-1/alerts/open")),
        ("get_alert", json!({"alert_uid": "a-1"}), get("/alert/a-1")),
        ("resolve_alert", json!({"alert_uid": "a-1"}), request("POST", "/alert/a-1/resolve")),
        ("get_device_audit", json!({"device_uid": "d-1"}), get("/audit/device/d-1")),
        (
            "list_device_software",
            json!({"device_uid": "d-1", "page": 3}),
            get("/audit/device/d-1/software").query(&[("page", "3")]),
        ),
        ("list_components", json!({}), get("/account/components")),
        (
            "run_quick_job",
            json!({"device_uid": "d-1", "job_name": "Restart", "component_uid": "c-1", "variables": [{"name": "a", "value": "b"}]}),
            send(
                "PUT",
                "/device/d-1/quickjob",
                json!({"jobName": "Restart", "jobComponent": {"componentUid": "c-1", "variables": [{"name": "a", "value": "b"}]}}),
            ),
        ),
        ("get_job", json!({"job_uid": "j-1"}), get("/job/j-1")),
        ("get_job_results", json!({"job_uid": "j-1", "device_uid": "d-1"}), get("/job/j-1/results/d-1")),
        (
            "set_device_udfs",
            json!({"device_uid": "d-1", "udfs": {"udf1": "x", "udf2": ""}}),
            send("POST", "/device/d-1/udf", json!({"udf1": "x", "udf2": ""})),
        ),
        (
            "move_device",
            json!({"device_uid": "d-1", "site_uid": "s-2"}),
            request("PUT", "/device/d-1/site/s-2"),
        ),
        (
            "search_activity_logs",
            json!({"from": "2026-01-01T00:00:00Z", "entities": ["device", "user"], "site_ids": [1, 2], "order": "desc", "size": 50}),
            get("/activity-logs").query(&[
                ("from", "2026-01-01T00:00:00Z"),
                ("entities", "device,user"),
                ("siteIds", "1,2"),
                ("order", "desc"),
                ("size", "50"),
            ]),
        ),
    ]
}

#[tokio::test]
async fn tools_with_one_token() {
    let server = Recording::start().await;
    let rig = rig(&server);
    let cases: Vec<_> = devices_and_sites().into_iter().chain(alerts_and_jobs()).collect();
    server.expect(token("first-token"));
    for (tool, arguments, expected) in cases {
        server.expect(expected);
        let result = rig.call(tool, arguments).await;
        server.check(tool);
        assert_eq!(result.unwrap().text, "{}");
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let server = Recording::start().await;
    let rig = rig(&server);
    let refused = json!({"timestamp": 1, "status": 401, "error": "Unauthorized", "path": "/api/v2/account"});
    server.expect(token("first-token"));
    server.expect(get("/account").answer(401, &refused));
    server.expect(token("second-token"));
    server.expect(with_token("GET", "/account", "second-token").answer(200, &json!({"name": "Bright MSP"})));
    assert_eq!(rig.validate().await.unwrap().account.as_deref(), Some("Bright MSP"));

    server.expect(with_token("GET", "/account", "second-token").answer(401, &refused));
    server.expect(token("third-token"));
    server.expect(with_token("GET", "/account", "third-token").answer(401, &refused));
    let error = rig.call("get_account", json!({})).await.unwrap_err();
    // It was accepted a moment ago.
    assert_eq!(error, CallError::NotPermitted { status: 401, message: Some("Unauthorized".into()) });
    server.check("renewal");
}

#[tokio::test]
async fn wrong_keys_are_refused_by_the_token_endpoint() {
    let server = Recording::start().await;
    let rig = rig(&server);
    server.expect(
        token_request()
            .answer(400, &json!({"error": "invalid_grant", "error_description": "Bad credentials"})),
    );
    let refused = rig.validate().await.unwrap_err();
    assert_eq!(
        (refused.verdict(), refused.vendor_message()),
        (Verdict::BadCredential, Some("Bad credentials"))
    );
    server.expect(token_request().answer(500, &json!({})));
    assert_eq!(rig.validate().await.unwrap_err().verdict(), Verdict::CouldNotTell);
    server.check("wrong keys");
}

#[tokio::test]
async fn concurrent_calls_share_one_token_request() {
    let server = Recording::start().await;
    let rig = rig(&server);
    server.expect(token("first-token"));
    (0..12).for_each(|_| server.expect(get("/account")));
    let calls = (0..12).map(|_| rig.call("get_account", json!({})));
    assert!(futures::future::join_all(calls).await.iter().all(Result::is_ok));
    server.check("single flight");
}

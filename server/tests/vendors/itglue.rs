//! IT Glue: its tools against what <https://api.itglue.com/developer/> documents (JSON:API; filters in brackets with
//! underscores, with hyphens for flexible assets; attributes with hyphens).

use gateway_server::vendors::{CallError, Verdict};
use serde_json::{Value, json};

use crate::recording::{Expected, Recording};
use crate::rig::Rig;

const KEY: &str = "ITG.0123456789abcdef";
const JSON_API: &str = "application/vnd.api+json";

fn rig(server: &Recording) -> Rig {
    Rig::redirected(
        "itglue",
        &[("https://api.itglue.com\"", &format!("{}\"", server.url))],
        &[("api_key", KEY)],
    )
}

fn get(path: &str) -> Expected {
    Expected::new("GET", path).headers(&[("x-api-key", KEY)])
}

fn send(method: &'static str, path: &str, kind: &str, attributes: &Value) -> Expected {
    let body = json!({"data": {"type": kind, "attributes": attributes}});
    Expected::new(method, path).headers(&[("x-api-key", KEY)]).json(JSON_API, body)
}

/// A list request: pages are asked for explicitly, from 1, 50 at a time.
fn list(path: &str, filters: &[(&str, &str)]) -> Expected {
    get(path).query(&[filters, &[("page[number]", "1"), ("page[size]", "50")]].concat())
}

fn reads() -> Vec<(&'static str, Value, Expected)> {
    vec![
        (
            "search_organizations",
            json!({"name": "Acme & Söhne", "primary": "false", "psa_id": "12", "psa_integration_type": "manage", "sort": "-name", "page_number": 3, "page_size": 1000}),
            get("/organizations").query(&[
                ("filter[name]", "Acme & Söhne"),
                ("filter[primary]", "false"),
                ("filter[psa_id]", "12"),
                ("filter[psa_integration_type]", "manage"),
                ("sort", "-name"),
                ("page[number]", "3"),
                ("page[size]", "1000"),
            ]),
        ),
        (
            "get_organization",
            json!({"id": 42, "include": "locations"}),
            get("/organizations/42").query(&[("include", "locations")]),
        ),
        (
            "search_configurations",
            json!({"organization_id": 42, "serial_number": "SN 1", "archived": false, "rmm_id": "9", "rmm_integration_type": "aem"}),
            list(
                "/configurations",
                &[
                    ("filter[organization_id]", "42"),
                    ("filter[serial_number]", "SN 1"),
                    ("filter[archived]", "false"),
                    ("filter[rmm_id]", "9"),
                    ("filter[rmm_integration_type]", "aem"),
                ],
            ),
        ),
        ("get_configuration", json!({"id": 7}), get("/configurations/7")),
        (
            "search_contacts",
            json!({"last_name": "O'Neil", "primary_email": "a+b@example.com", "important": true}),
            list(
                "/contacts",
                &[
                    ("filter[last_name]", "O'Neil"),
                    ("filter[primary_email]", "a+b@example.com"),
                    ("filter[important]", "true"),
                ],
            ),
        ),
        ("get_contact", json!({"id": 8}), get("/contacts/8")),
    ]
}

fn document_reads() -> Vec<(&'static str, Value, Expected)> {
    vec![
        (
            "search_passwords",
            json!({"organization_id": 42, "url": "https://example.com/?a=b&c"}),
            list(
                "/passwords",
                &[("filter[organization_id]", "42"), ("filter[url]", "https://example.com/?a=b&c")],
            ),
        ),
        ("get_password_details", json!({"id": 5}), get("/passwords/5").query(&[("show_password", "false")])),
        (
            "reveal_password",
            json!({"id": 5, "version_id": 2}),
            get("/passwords/5").query(&[("show_password", "true"), ("version_id", "2")]),
        ),
        (
            "search_documents",
            json!({"organization_id": 42, "name": "Runbook"}),
            list(
                "/organizations/42/relationships/documents",
                &[("filter[name]", "Runbook"), ("filter[document_folder_id]", "null")],
            ),
        ),
        (
            "get_document",
            json!({"organization_id": 42, "id": 3}),
            get("/organizations/42/relationships/documents/3"),
        ),
        ("list_document_sections", json!({"document_id": 3}), get("/documents/3/relationships/sections")),
        (
            "list_flexible_asset_types",
            json!({"enabled": true, "include": "flexible_asset_fields"}),
            list(
                "/flexible_asset_types",
                &[("filter[enabled]", "true"), ("include", "flexible_asset_fields")],
            ),
        ),
        (
            "search_flexible_assets",
            json!({"flexible_asset_type_id": 11, "organization_id": 42}),
            list(
                "/flexible_assets",
                &[("filter[flexible-asset-type-id]", "11"), ("filter[organization-id]", "42")],
            ),
        ),
        (
            "search_expirations",
            json!({"expiration_range": "2026-01-01,2026-12-31"}),
            list("/expirations", &[("filter[range][expiration_date]", "2026-01-01,2026-12-31")]),
        ),
    ]
}

fn writes() -> Vec<(&'static str, Value, Expected)> {
    vec![
        (
            "create_organization",
            json!({"name": "Acme", "organization_type_id": 1, "quick_notes": "<p>hi</p>"}),
            send(
                "POST",
                "/organizations",
                "organizations",
                &json!({"name": "Acme", "organization-type-id": 1, "quick-notes": "<p>hi</p>"}),
            ),
        ),
        (
            "update_organization",
            json!({"id": 42, "alert": "On hold", "parent_id": 2}),
            send("PATCH", "/organizations/42", "organizations", &json!({"alert": "On hold", "parent-id": 2})),
        ),
        (
            "create_configuration",
            json!({"organization_id": 42, "name": "SRV01", "configuration_type_id": 3, "primary_ip": "192.0.2.1", "restricted": false}),
            send(
                "POST",
                "/configurations",
                "configurations",
                &json!({
                    "organization-id": 42, "name": "SRV01", "configuration-type-id": 3, "primary-ip": "192.0.2.1", "restricted": false
                }),
            ),
        ),
        (
            "update_configuration",
            json!({"id": 7, "hostname": "srv01", "warranty_expires_at": "2027-01-01", "archived": true}),
            send(
                "PATCH",
                "/configurations/7",
                "configurations",
                &json!({"hostname": "srv01", "warranty-expires-at": "2027-01-01", "archived": true}),
            ),
        ),
        (
            "create_flexible_asset",
            json!({"organization_id": 42, "flexible_asset_type_id": 11, "traits": {"name": "VLAN {id}", "tag": 10}}),
            send(
                "POST",
                "/flexible_assets",
                "flexible-assets",
                &json!({
                    "organization-id": 42, "flexible-asset-type-id": 11, "traits": {"name": "VLAN {id}", "tag": 10}
                }),
            ),
        ),
    ]
}

#[tokio::test]
async fn tools() {
    let server = Recording::start().await;
    let rig = rig(&server);
    let cases: Vec<_> = reads().into_iter().chain(document_reads()).chain(writes()).collect();
    for (tool, arguments, expected) in cases {
        server.expect(expected.answer(200, &json!({"data": []})));
        let result = rig.call(tool, arguments).await;
        server.check(tool);
        assert_eq!(result.unwrap().text, r#"{"data":[]}"#);
    }
}

#[tokio::test]
async fn validation() {
    let server = Recording::start().await;
    let rig = rig(&server);
    let expected = || get("/organizations").query(&[("page[size]", "1"), ("filter[primary]", "true")]);
    server.expect(expected().answer(200, &json!({"data": [{"attributes": {"name": "Bright MSP"}}]})));
    assert_eq!(rig.validate().await.unwrap().account.as_deref(), Some("Bright MSP"));
    server.expect(expected().answer(200, &json!({"data": []})));
    assert_eq!(rig.validate().await.unwrap().account, None);
    server.expect(expected().answer(
        403,
        &json!({"errors": [{"title": "Forbidden", "detail": format!("Bad key {KEY}"), "status": "403"}]}),
    ));
    let refused = rig.validate().await.unwrap_err();
    assert_eq!(
        (refused.verdict(), refused.vendor_message()),
        (Verdict::BadCredential, Some("Bad key [redacted]"))
    );
    server.expect(expected().answer(503, &json!({})));
    assert_eq!(rig.validate().await.unwrap_err().verdict(), Verdict::CouldNotTell);
    server.check("validation");
}

#[tokio::test]
async fn refusals_and_long_lists() {
    let server = Recording::start().await;
    let rig = rig(&server);
    server.expect(
        get("/organizations/1").answer(404, &json!({"errors": [{"title": "Not Found", "status": "404"}]})),
    );
    let missing = rig.call("get_organization", json!({"id": 1})).await.unwrap_err();
    assert_eq!(missing, CallError::NotFound { status: 404, message: Some("Not Found".into()) });

    let organizations: Vec<_> =
        (0..400).map(|id| json!({"id": id, "attributes": {"name": "x".repeat(500)}})).collect();
    server.expect(
        list("/organizations", &[])
            .answer(200, &json!({"data": organizations, "meta": {"total-count": 400}})),
    );
    let answer = rig.call("search_organizations", json!({})).await.unwrap();
    let (json, note) = answer.text.split_once("\n\n").unwrap();
    let kept: Value = serde_json::from_str(json).unwrap();
    let shown = kept["data"].as_array().unwrap().len();
    assert!(answer.truncated && json.len() <= 64 * 1024 && shown > 50, "{shown}");
    assert_eq!(kept["meta"]["total-count"], 400);
    assert_eq!(
        note,
        format!(
            "[Cut to fit: {shown} of 400 items of this page are shown; for the rest call again with page_size={shown}, page_number=2.]"
        )
    );
    server.check("refusals");
}

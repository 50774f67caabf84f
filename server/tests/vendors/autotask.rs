//! Autotask: its tools against the REST API pages of <https://autotask.net/help/developerhelp/> (entity paths,
//! queries as POST with `filter`, `MaxRecords` and `IncludeFields`, three headers on every request, zone lookup).

use gateway_server::vendors::{CallError, Verdict};
use serde_json::{Value, json};

use crate::recording::{Expected, Recording};
use crate::rig::Rig;

const FORM: [(&str, &str); 3] =
    [("username", "api+user@EXAMPLE.COM"), ("secret", "s3cret!value"), ("integration_code", "TRACKING42")];
const V1: &str = "/ATServicesRest/V1.0";

fn rig(server: &Recording) -> Rig {
    let lookup = format!("{}/ATServicesRest", server.url);
    let replace = [
        ("https://webservices.autotask.net/ATServicesRest", lookup.as_str()),
        ("\".autotask.net\"", "\"127.0.0.1\""),
    ];
    Rig::redirected("autotask", &replace, &FORM)
}

/// The lookup is sent without credentials.
fn zone_lookup() -> Expected {
    Expected::new("GET", "/ATServicesRest/V1.0/zoneInformation").query(&[("user", "api+user@EXAMPLE.COM")])
}

fn request(method: &'static str, path: &str) -> Expected {
    let headers = [
        ("apiintegrationcode", "TRACKING42"),
        ("username", "api+user@EXAMPLE.COM"),
        ("secret", "s3cret!value"),
    ];
    Expected::new(method, format!("{V1}{path}")).headers(&headers)
}

fn send(method: &'static str, path: &str, body: Value) -> Expected {
    request(method, path).json("application/json", body)
}

/// A query with its conditions after the one on the id.
fn query(entity: &str, conditions: &[(&str, &str, Value)]) -> Expected {
    send("POST", &format!("/{entity}/query"), json!({"MaxRecords": 25, "filter": filter(conditions)}))
}

fn filter(conditions: &[(&str, &str, Value)]) -> Vec<Value> {
    let id = [("gte", "id", json!(0))];
    id.iter()
        .chain(conditions)
        .map(|(op, field, value)| json!({"op": op, "field": field, "value": value}))
        .collect()
}

fn ticket_queries() -> Vec<(&'static str, Value, Expected)> {
    vec![
        (
            "search_tickets",
            json!({
                "title_contains": "backup", "company_id": 0, "status_not": 5, "created_after": "2026-01-01T00:00:00Z",
                "created_before": "2026-02-01T00:00:00Z", "due_before": "2026-03-01T00:00:00Z",
                "filter": [{"op": "exist", "field": "contractID"}], "include_fields": ["id", "title"], "max_records": 500, "min_id": 12
            }),
            send(
                "POST",
                "/Tickets/query",
                json!({
                    "MaxRecords": 500,
                    "IncludeFields": ["id", "title"],
                    "filter": [
                        {"op": "gte", "field": "id", "value": 12},
                        {"op": "contains", "field": "title", "value": "backup"},
                        {"op": "eq", "field": "companyID", "value": 0},
                        {"op": "noteq", "field": "status", "value": 5},
                        {"op": "gte", "field": "createDate", "value": "2026-01-01T00:00:00Z"},
                        {"op": "lt", "field": "createDate", "value": "2026-02-01T00:00:00Z"},
                        {"op": "lte", "field": "dueDateTime", "value": "2026-03-01T00:00:00Z"},
                        {"op": "exist", "field": "contractID"}
                    ]
                }),
            ),
        ),
        (
            "count_tickets",
            json!({"queue_id": 8, "assigned_resource_id": 30}),
            send(
                "POST",
                "/Tickets/query/count",
                json!({"filter": filter(&[("eq", "queueID", json!(8)), ("eq", "assignedResourceID", json!(30))])}),
            ),
        ),
        (
            "search_ticket_notes",
            json!({"ticket_id": 77, "publish": 1}),
            query("TicketNotes", &[("eq", "ticketID", json!(77)), ("eq", "publish", json!(1))]),
        ),
        (
            "search_time_entries",
            json!({"resource_id": 30, "worked_from": "2026-01-01", "worked_to": "2026-01-31", "is_non_billable": true}),
            query(
                "TimeEntries",
                &[
                    ("eq", "resourceID", json!(30)),
                    ("gte", "dateWorked", json!("2026-01-01")),
                    ("lte", "dateWorked", json!("2026-01-31")),
                    ("eq", "isNonBillable", json!(true)),
                ],
            ),
        ),
    ]
}

fn other_queries() -> Vec<(&'static str, Value, Expected)> {
    vec![
        (
            "search_companies",
            json!({"name_contains": "Acme", "is_active": true}),
            query(
                "Companies",
                &[("contains", "companyName", json!("Acme")), ("eq", "isActive", json!(true))],
            ),
        ),
        (
            "search_contacts",
            json!({"last_name": "Finch", "email": "ada@example.com", "is_active": 1}),
            query(
                "Contacts",
                &[
                    ("contains", "lastName", json!("Finch")),
                    ("eq", "emailAddress", json!("ada@example.com")),
                    ("eq", "isActive", json!(1)),
                ],
            ),
        ),
        (
            "search_configuration_items",
            json!({"serial_number": "SN1", "rmm_device_uid": "u-1", "warranty_expires_before": "2026-06-30"}),
            query(
                "ConfigurationItems",
                &[
                    ("eq", "serialNumber", json!("SN1")),
                    ("eq", "rmmDeviceUid", json!("u-1")),
                    ("lte", "warrantyExpirationDate", json!("2026-06-30")),
                ],
            ),
        ),
        (
            "search_contracts",
            json!({"company_id": 9, "ends_before": "2026-12-31", "ends_after": "2026-01-01"}),
            query(
                "Contracts",
                &[
                    ("eq", "companyID", json!(9)),
                    ("lte", "endDate", json!("2026-12-31")),
                    ("gte", "endDate", json!("2026-01-01")),
                ],
            ),
        ),
        (
            "search_resources",
            json!({"email": "tech@example.com"}),
            query("Resources", &[("eq", "email", json!("tech@example.com"))]),
        ),
    ]
}

fn records() -> Vec<(&'static str, Value, Expected)> {
    vec![
        ("get_ticket", json!({"id": 77}), request("GET", "/Tickets/77")),
        (
            "create_ticket",
            json!({"title": "VPN", "company_id": 9, "status": 1, "priority": 2, "queue_id": 8, "estimated_hours": 1.5,
                   "due_date_time": "2026-02-01T12:00:00Z", "user_defined_fields": [{"name": "Site", "value": "HQ"}]}),
            send(
                "POST",
                "/Tickets",
                json!({"title": "VPN", "companyID": 9, "status": 1, "priority": 2, "queueID": 8, "estimatedHours": 1.5,
                   "dueDateTime": "2026-02-01T12:00:00Z", "userDefinedFields": [{"name": "Site", "value": "HQ"}]}),
            ),
        ),
        (
            "update_ticket",
            json!({"id": 77, "status": 5, "resolution": "Done"}),
            send("PATCH", "/Tickets", json!({"id": 77, "status": 5, "resolution": "Done"})),
        ),
        (
            "create_ticket_note",
            json!({"ticket_id": 77, "title": "Call", "description": "Called back", "note_type": 1, "publish": 2}),
            send(
                "POST",
                "/Tickets/77/Notes",
                json!({"ticketID": 77, "title": "Call", "description": "Called back", "noteType": 1, "publish": 2}),
            ),
        ),
        (
            "create_time_entry",
            json!({"resource_id": 30, "ticket_id": 77, "role_id": 4, "hours_worked": 0.25, "date_worked": "2026-01-31T00:00:00Z", "summary_notes": "Fixed", "is_non_billable": false}),
            send(
                "POST",
                "/TimeEntries",
                json!({"resourceID": 30, "ticketID": 77, "roleID": 4, "hoursWorked": 0.25, "dateWorked": "2026-01-31T00:00:00Z", "summaryNotes": "Fixed", "isNonBillable": false}),
            ),
        ),
        ("delete_time_entry", json!({"id": 5}), request("DELETE", "/TimeEntries/5")),
        ("get_company", json!({"id": 0}), request("GET", "/Companies/0")),
        (
            "create_company",
            json!({"company_name": "Acme", "company_type": 1, "phone": "555-0100", "owner_resource_id": 30, "web_address": "https://acme.example"}),
            send(
                "POST",
                "/Companies",
                json!({"companyName": "Acme", "companyType": 1, "phone": "555-0100", "ownerResourceID": 30, "webAddress": "https://acme.example"}),
            ),
        ),
        ("get_contact", json!({"id": 6}), request("GET", "/Contacts/6")),
        (
            "create_contact",
            json!({"company_id": 9, "first_name": "Ada", "last_name": "Finch", "email": "ada@example.com", "primary_contact": true}),
            send(
                "POST",
                "/Companies/9/Contacts",
                json!({"companyID": 9, "firstName": "Ada", "lastName": "Finch", "isActive": 1, "emailAddress": "ada@example.com", "primaryContact": true}),
            ),
        ),
        (
            "list_entity_fields",
            json!({"entity": "Tickets"}),
            request("GET", "/Tickets/entityInformation/fields"),
        ),
        ("get_api_usage", json!({}), request("GET", "/ThresholdInformation")),
    ]
}

#[tokio::test]
async fn tools_after_one_zone_lookup() {
    let server = Recording::start().await;
    let rig = rig(&server);
    let cases: Vec<_> = ticket_queries().into_iter().chain(other_queries()).chain(records()).collect();
    server.expect(zone_lookup().answer(
        200,
        &json!({"zoneName": "America East", "url": format!("{}/ATServicesRest/", server.url), "ci": 1}),
    ));
    for (tool, arguments, expected) in cases {
        server.expect(expected.answer(200, &json!({"items": [], "pageDetails": {"nextPageUrl": null}})));
        let result = rig.call(tool, arguments).await;
        server.check(tool);
        result.unwrap_or_else(|error| panic!("{tool}: {error}"));
    }
}

#[tokio::test]
async fn validation_and_forgetting() {
    let server = Recording::start().await;
    let rig = rig(&server);
    let zone = json!({"url": format!("{}/ATServicesRest/", server.url)});
    server.expect(zone_lookup().answer(200, &zone));
    server.expect(
        request("GET", "/Companies/0").answer(200, &json!({"item": {"id": 0, "companyName": "Bright MSP"}})),
    );
    assert_eq!(rig.validate().await.unwrap().account.as_deref(), Some("Bright MSP"));
    server.expect(
        request("GET", "/Companies/0").answer(
            401,
            &json!({"errors": ["The logged in Resource does not have the adequate permissions"]}),
        ),
    );
    let refused = rig.validate().await.unwrap_err();
    assert_eq!(refused.verdict(), Verdict::BadCredential);
    assert_eq!(
        refused.vendor_message(),
        Some("The logged in Resource does not have the adequate permissions")
    );
    rig.client.forget(rig.key.id);
    server
        .expect(zone_lookup().answer(500, &json!({"errors": ["Zone information could not be determined"]})));
    let unknown = rig.validate().await.unwrap_err();
    assert_eq!(
        (unknown.verdict(), unknown.vendor_message()),
        (Verdict::CouldNotTell, Some("Zone information could not be determined"))
    );
    server.check("validation");
}

#[tokio::test]
async fn credentials_go_to_no_foreign_zone() {
    let server = Recording::start().await;
    let rig = rig(&server);
    server.expect(
        zone_lookup()
            .answer(200, &json!({"url": "https://webservices5.autotask.net.evil.example/ATServicesRest/"})),
    );
    assert!(matches!(rig.validate().await, Err(CallError::Broken(_))));
    server.check("foreign zone");
}

#[tokio::test]
async fn a_long_answer_says_how_to_go_on() {
    let server = Recording::start().await;
    let rig = rig(&server);
    server.expect(zone_lookup().answer(200, &json!({"url": format!("{}/ATServicesRest/", server.url)})));
    let items: Vec<_> =
        (0..100).map(|id| json!({"id": 5000 + id, "description": "y".repeat(1000)})).collect();
    server.expect(query("Tickets", &[]).answer(200, &json!({"items": items, "pageDetails": {"count": 100}})));
    let answer = rig.call("search_tickets", json!({})).await.unwrap();
    let (json, note) = answer.text.split_once("\n\n").unwrap();
    let kept: Value = serde_json::from_str(json).unwrap();
    let last = kept["items"].as_array().unwrap().last().unwrap()["id"].as_i64().unwrap();
    assert!(answer.truncated && note.contains(&format!("call again with min_id={}", last + 1)), "{note}");
    server.check("long answer");
}

/// A wrong value is told with 500, which is not a server that is down.
#[tokio::test]
async fn wrong_values_do_not_stop_the_others() {
    let server = Recording::start().await;
    let rig = rig(&server);
    server.expect(zone_lookup().answer(200, &json!({"url": format!("{}/ATServicesRest/", server.url)})));
    for _ in 0..8 {
        let fault = json!({"errors": ["PickList value 99 is not valid for field status"]});
        server.expect(query("Tickets", &[]).answer(500, &fault));
        let error = rig.call("search_tickets", json!({})).await.unwrap_err();
        let message = Some("PickList value 99 is not valid for field status".to_owned());
        assert_eq!(error, CallError::Rejected { status: 500, message });
        assert!(error.remedy().starts_with("Correct what the vendor complains about"));
    }
    server.expect(query("Tickets", &[]).answer(200, &json!({"items": []})));
    rig.call("search_tickets", json!({})).await.unwrap();
    server.check("wrong values");
}

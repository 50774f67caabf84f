//! The demo ticket desk, through its manifest.

use gateway_server::demo::{self, Demo};
use gateway_server::vendors::{CallError, Catalog, NetworkSettings, Verdict};
use serde_json::json;

use crate::rig::Rig;

fn rig(demo: &Demo, key: &str) -> Rig {
    let (catalog, problems) = Catalog::load(None, Some(&demo.base_url));
    assert!(problems.is_empty(), "{problems:#?}");
    // loopback is closed but for the desk itself
    let settings = NetworkSettings { demo: Some(demo.address), ..NetworkSettings::default() };
    Rig::new(&catalog, "demo", settings, &[("api_key", key)])
}

#[tokio::test]
async fn the_whole_way() {
    let demo = demo::start().await.unwrap();
    let refused = rig(&demo, "wrong").validate().await.unwrap_err();
    assert_eq!(refused.verdict(), Verdict::BadCredential);
    assert_eq!(refused.vendor_message(), Some("the API key is wrong; the demo's key is demo-key"));

    let rig = rig(&demo, &demo.api_key);
    assert_eq!(rig.validate().await.unwrap().account.as_deref(), Some("Demo ticket desk"));
    assert_eq!(rig.json("get_summary", json!({})).await["tickets"]["new"], 4);
    let found = rig.json("search_tickets", json!({"text": "vpn", "status": "in_progress"})).await;
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &json!(1003)));
    assert_eq!(rig.json("list_customers", json!({"text": "harbor"})).await["items"][0]["id"], 2);
    assert_eq!(
        rig.json("get_customer", json!({"customer_id": 2})).await["devices"].as_array().unwrap().len(),
        3
    );
    assert_eq!(
        rig.json("list_devices", json!({"online": false})).await["items"].as_array().unwrap().len(),
        3
    );
    assert_eq!(rig.json("get_device", json!({"device_id": 21})).await["hostname"], "HARBOR-FW");

    let created = rig
        .json(
            "create_ticket",
            json!({"customer_id": 2, "subject": "Test", "device_id": 21, "priority": "high"}),
        )
        .await;
    let id = created["id"].as_u64().unwrap();
    assert_eq!(
        rig.json("update_ticket", json!({"ticket_id": id, "status": "closed", "assignee": "Casey"})).await["status"],
        "closed"
    );
    assert_eq!(rig.json("add_comment", json!({"ticket_id": id, "text": "Done"})).await["internal"], false);
    assert_eq!(rig.json("get_ticket", json!({"ticket_id": id})).await["comments"][0]["text"], "Done");
    assert_eq!(
        rig.call("delete_ticket", json!({"ticket_id": id})).await.unwrap().text,
        "Done (HTTP 204 No Content, no content)."
    );
    let gone = rig.call("get_ticket", json!({"ticket_id": id})).await.unwrap_err();
    assert_eq!(
        gone,
        CallError::NotFound { status: 404, message: Some("there is no ticket with this id".into()) }
    );
    let wrong = rig.call("create_ticket", json!({"customer_id": 99, "subject": "x"})).await.unwrap_err();
    assert_eq!(wrong.vendor_message(), Some("customer_id: there is no such customer"));
    rig.assert_all_exercised([
        "get_summary",
        "search_tickets",
        "list_customers",
        "get_customer",
        "list_devices",
        "get_device",
        "create_ticket",
        "update_ticket",
        "add_comment",
        "get_ticket",
        "delete_ticket",
    ]);
}

//! Personal connections, from the form to the sealed row, against the demo ticket desk over real HTTP.

use gateway_api::{
    Page,
    connections::{ConnectionState, ConnectionView, Scope, TestResult},
    ids::UserId,
    me::Me,
    vendors::VendorView,
};
use gateway_store::connections::{self as rows, Owner};
use reqwest::StatusCode;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::gateway::{Browser, Gateway, problem};

const KEY: &str = gateway_server::demo::API_KEY;

fn demo_form(key: &str) -> Value {
    json!({"fields": {"api_key": key}})
}

async fn connections(browser: &Browser) -> Vec<ConnectionView> {
    browser.get_json::<Page<ConnectionView>>("/api/connections").await.items
}

async fn user_id(browser: &Browser) -> UserId {
    browser.get_json::<Me>("/api/me").await.user.id
}

#[tokio::test]
async fn the_catalogue_has_forms_and_no_secrets() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let vendors: Page<VendorView> = browser.get_json("/api/vendors").await;
    let slugs: Vec<_> = vendors.items.iter().map(|vendor| vendor.slug.as_str()).collect();
    for slug in ["alertmanager", "autotask", "datto-rmm", "demo", "itglue"] {
        let vendor = vendors.items.iter().find(|vendor| vendor.slug == slug);
        let vendor = vendor.unwrap_or_else(|| panic!("{slug} is not in {slugs:?}"));
        assert!(vendor.tool_count >= Some(8), "{slug} has {:?} tools", vendor.tool_count);
        assert!(!vendor.fields.is_empty(), "{slug}");
    }
    assert_eq!(problem(gateway.browser().get("/api/vendors").await).await.0, 401);
}

#[tokio::test]
async fn the_demo_vendor_is_there_only_with_demo() {
    let gateway = Gateway::start_with(&[]).await;
    let browser = gateway.member("ada@msp.example").await;
    let vendors: Page<VendorView> = browser.get_json("/api/vendors").await;
    assert!(vendors.items.iter().all(|vendor| vendor.slug != "demo"));
    assert_eq!(problem(browser.put("/api/connections/demo", &demo_form(KEY)).await).await.0, 404);
}

#[tokio::test]
async fn refused_credentials_are_not_stored() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let (status, code, body) =
        problem(browser.put("/api/connections/demo", &demo_form("hunter2-wrong")).await).await;
    assert_eq!((status, code.as_str()), (422, "vendor_refused"));
    assert!(!body.to_string().contains("hunter2"), "the key is not repeated: {body}");
    assert!(connections(&browser).await.is_empty());

    let missing = problem(browser.put("/api/connections/demo", &json!({"fields": {}})).await).await;
    assert_eq!((missing.0, &missing.2["errors"][0]["field"]), (422, &json!("fields.api_key")));
    let unknown = json!({"fields": {"api_key": KEY, "more": "x"}});
    assert_eq!(problem(browser.put("/api/connections/demo", &unknown).await).await.0, 422);
    assert_eq!(problem(browser.put("/api/connections/nobody", &demo_form(KEY)).await).await.0, 404);
    let audit = gateway.audit(&browser).await;
    assert_eq!((audit[0].action.as_str(), audit[0].outcome.as_str()), ("connection.put", "error"));
    assert!(!format!("{audit:?}").contains("hunter2"));
}

#[tokio::test]
async fn connect_test_replace_disconnect() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let created = browser.put("/api/connections/demo", &demo_form(KEY)).await;
    assert_eq!(created.status(), StatusCode::CREATED);
    let text = created.text().await.unwrap();
    assert!(!text.contains(KEY), "no secret in the answer: {text}");
    let first: ConnectionView = serde_json::from_str(&text).unwrap();
    assert_eq!((first.scope, first.state), (Scope::Personal, ConnectionState::Connected));

    let test = browser.send(reqwest::Method::POST, "/api/connections/demo/test", None).await;
    assert!(test.json::<TestResult>().await.unwrap().is_ok);

    let replaced = browser.put("/api/connections/demo", &demo_form(KEY)).await;
    assert_eq!(replaced.status(), StatusCode::OK);
    assert_eq!(replaced.json::<ConnectionView>().await.unwrap().id, first.id);
    assert_eq!(connections(&browser).await.len(), 1);

    assert_eq!(browser.delete("/api/connections/demo").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(problem(browser.delete("/api/connections/demo").await).await.0, 404);
    let test = browser.send(reqwest::Method::POST, "/api/connections/demo/test", None).await;
    assert_eq!(problem(test).await.0, 404);
    let actions: Vec<_> = gateway.audit(&browser).await.into_iter().map(|row| row.action).collect();
    assert_eq!(
        actions,
        ["connection.delete", "connection.put", "connection.test", "connection.put", "session.create"]
    );
}

#[tokio::test]
async fn what_is_stored_is_sealed_for_its_place() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    browser.put("/api/connections/demo", &demo_form(KEY)).await;
    let owner = Owner::personal(user_id(&browser).await);
    let mut connection = gateway.state.database.read().await.unwrap();
    let row = rows::find(&mut connection, owner, "demo").await.unwrap().unwrap();
    assert!(!row.sealed.windows(KEY.len()).any(|window| window == KEY.as_bytes()));

    let key = gateway.state.vault.key_of(owner, &row.key_id).await.unwrap();
    let place = gateway_server::vault::Place { owner, vendor: "demo", id: row.id };
    assert!(key.open(place, &row.sealed).is_ok());
    let elsewhere = gateway_server::vault::Place { vendor: "itglue", ..place };
    assert!(key.open(elsewhere, &row.sealed).is_err());
}

#[tokio::test]
async fn a_vendor_that_changes_its_mind_needs_attention() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let vendor = MockServer::start().await;
    let status = json!({"cluster": {}, "versionInfo": {"version": "0.25.0"}, "config": {}, "uptime": ""});
    let good =
        Mock::given(path("/api/v2/status")).respond_with(ResponseTemplate::new(200).set_body_json(status));
    let good = good.mount_as_scoped(&vendor).await;
    let form = json!({"fields": {"base_url": vendor.uri(), "username": "gateway", "password": "hunter2"}});
    assert_eq!(browser.put("/api/connections/alertmanager", &form).await.status(), StatusCode::CREATED);
    drop(good);
    Mock::given(path("/api/v2/status")).respond_with(ResponseTemplate::new(401)).mount(&vendor).await;

    let test = browser.send(reqwest::Method::POST, "/api/connections/alertmanager/test", None).await;
    let result: TestResult = test.json().await.unwrap();
    assert!(!result.is_ok);
    assert_eq!(result.connection.state, ConnectionState::NeedsAttention);
    let listed = connections(&browser).await;
    assert_eq!(listed[0].state, ConnectionState::NeedsAttention);
    assert!(listed[0].reason.as_ref().unwrap().contains("401"), "{:?}", listed[0].reason);
}

#[tokio::test]
async fn free_has_room_for_three() {
    let gateway = Gateway::start().await;
    let vendor = MockServer::start().await;
    Mock::given(path("/api/v2/status"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"versionInfo": {"version": "1"}})))
        .mount(&vendor)
        .await;
    let browser = gateway.member("ada@msp.example").await;
    let owner = Owner::personal(user_id(&browser).await);
    // Two connections of vendors that this gateway cannot reach from a test.
    for slug in ["autotask", "itglue"] {
        let mut transaction = gateway.state.database.write().await.unwrap();
        let new = rows::NewConnection {
            id: gateway.clock.new_id(),
            vendor: slug.to_owned(),
            key_id: "k1".to_owned(),
            sealed: vec![1],
            account: None,
            created_by: UserId::from_uuid(owner.id),
            now: gateway.clock.now(),
        };
        rows::put(&mut transaction, owner, &new).await.unwrap();
        transaction.commit().await.unwrap();
    }
    // Two at the same time: one of them is the third.
    let alertmanager = json!({"fields": {"base_url": vendor.uri()}});
    let demo = demo_form(KEY);
    let (one, other) = tokio::join!(
        browser.put("/api/connections/alertmanager", &alertmanager),
        browser.put("/api/connections/demo", &demo)
    );
    let mut codes = [one.status().as_u16(), other.status().as_u16()];
    codes.sort_unstable();
    assert_eq!(codes, [201, 403]);
    let refused = if one.status() == StatusCode::FORBIDDEN { one } else { other };
    assert_eq!(problem(refused).await.1, "plan_required");
    assert_eq!(connections(&browser).await.len(), 3);
    let me: Me = browser.get_json("/api/me").await;
    assert_eq!(me.plan.personal_connections_used, 3);
}

#[tokio::test]
async fn connections_of_others_do_not_exist() {
    let gateway = Gateway::start().await;
    let ada = gateway.member("ada@msp.example").await;
    ada.put("/api/connections/demo", &demo_form(KEY)).await;
    let bob = gateway.member("bob@msp.example").await;
    assert!(connections(&bob).await.is_empty());
    assert_eq!(problem(bob.delete("/api/connections/demo").await).await.0, 404);
    assert_eq!(connections(&ada).await.len(), 1);
}

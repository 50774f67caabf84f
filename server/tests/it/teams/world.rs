//! What the tests of teams begin with: owners, codes, colleagues.

use std::time::Duration;

use gateway_api::{
    Page,
    ids::{GrantId, OrganizationId, UserId},
    invitations::InvitationView,
    me::Me,
    members::MemberView,
    plans::Plan,
};
use gateway_server::clock::{hash_token, random_token};
use gateway_store::{
    Event, Topic,
    grants::{self, Grant},
    organizations,
    upgrade_codes::{self, NewUpgradeCode},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    gateway::{Browser, Gateway, PASSWORD},
    mcp::client::{Client, text},
};

/// The key of the built-in ticket desk.
pub(crate) const KEY: &str = gateway_server::demo::API_KEY;

/// The form of the built-in ticket desk.
pub(crate) fn demo_form() -> Value {
    json!({"fields": {"api_key": KEY}})
}

/// As `mcp-gateway code create --uses N` does it.
pub(crate) async fn new_code(gateway: &Gateway, uses: i32) -> String {
    new_code_until(gateway, uses, None).await
}

/// As `mcp-gateway code create --uses N --expires-in` does it.
pub(crate) async fn new_code_until(gateway: &Gateway, uses: i32, good_for: Option<Duration>) -> String {
    let code = random_token();
    let new = NewUpgradeCode {
        id: gateway.clock.new_id(),
        code_hash: hash_token(&code),
        max_uses: uses,
        created_at: gateway.clock.now(),
        expires_at: good_for.map(|duration| gateway.clock.now().plus(duration)),
    };
    let mut transaction = gateway.state.database.write().await.unwrap();
    upgrade_codes::insert(&mut transaction, &new).await.unwrap();
    transaction.commit().await.unwrap();
    code
}

/// A new team on Pro; its path in the API. The browser's session works in it.
pub(crate) async fn create_pro_team(gateway: &Gateway, owner: &Browser, name: &str) -> String {
    let code = new_code(gateway, 1).await;
    let answer = owner.post("/api/organizations", &json!({"name": name, "upgrade_code": code})).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let made: Value = answer.json().await.unwrap();
    assert_eq!(made["plan"], "pro");
    format!("/api/organizations/{}", made["id"].as_str().unwrap())
}

/// The token of a new invite link.
pub(crate) async fn invite(owner: &Browser, team: &str, max_uses: u32) -> String {
    let answer = owner.post(&format!("{team}/invitations"), &json!({"max_uses": max_uses})).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let made: Value = answer.json().await.unwrap();
    made["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// Somebody with an account who has joined the team; their session works in it.
pub(crate) async fn colleague(gateway: &Gateway, owner: &Browser, team: &str, email: &str) -> Browser {
    let browser = gateway.person(email).await;
    let token = invite(owner, team, 1).await;
    let answer = browser.post(&format!("/api/invitations/{token}/accept"), &json!({})).await;
    assert_eq!(answer.status(), StatusCode::OK);
    browser
}

/// Signs up with an invitation, as a new person in a fresh browser.
pub(crate) async fn sign_up(gateway: &Gateway, email: &str, invitation: &str) -> Browser {
    let browser = gateway.browser();
    let account =
        json!({"name": "Bob Builder", "email": email, "password": PASSWORD, "invitation": invitation});
    assert_eq!(browser.post("/api/accounts", &account).await.status(), StatusCode::CREATED);
    browser
}

pub(crate) async fn me(browser: &Browser) -> Me {
    browser.get_json("/api/me").await
}

pub(crate) async fn user_id(browser: &Browser) -> UserId {
    me(browser).await.user.id
}

pub(crate) async fn organization_id(browser: &Browser) -> OrganizationId {
    me(browser).await.organization_id
}

/// The id in the team's path.
pub(crate) fn organization_of(team: &str) -> OrganizationId {
    team.split('/').nth(3).unwrap().parse().unwrap()
}

/// As the operator does it.
pub(crate) async fn set_plan(gateway: &Gateway, team: &str, plan: Plan) {
    let id = organization_of(team);
    let mut transaction = gateway.state.database.write().await.unwrap();
    assert!(organizations::set_plan(&mut transaction, id, plan).await.unwrap());
    gateway.state.commit(transaction, &[Event::Changed(Topic::Organization, id.uuid())]).await.unwrap();
}

/// A new sub-team; its path in the API.
pub(crate) async fn create_sub_team(owner: &Browser, team: &str, name: &str) -> String {
    let answer = owner.post(&format!("{team}/teams"), &json!({"name": name})).await;
    assert_eq!(answer.status(), StatusCode::CREATED, "{name}");
    let made: Value = answer.json().await.unwrap();
    format!("{team}/teams/{}", made["id"].as_str().unwrap())
}

/// A new service client: its id and its secret.
pub(crate) async fn create_service_client(owner: &Browser, team: &str) -> (String, String) {
    let answer = owner.post(&format!("{team}/service-clients"), &json!({"name": "Nightly report"})).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let made: Value = answer.json().await.unwrap();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("client_id"), text("client_secret"))
}

/// Puts a member into a sub-team.
pub(crate) async fn put_into(owner: &Browser, sub_team: &str, user: UserId) {
    let answer = owner.put(&format!("{sub_team}/members/{user}"), &json!({})).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

/// Connects the ticket desk for whom the path names: `/api`, an organization's or a sub-team's.
pub(crate) async fn connect_demo(browser: &Browser, path: &str) {
    let answer = browser.put(&format!("{path}/connections/demo"), &demo_form()).await;
    assert!([StatusCode::OK, StatusCode::CREATED].contains(&answer.status()), "{}", answer.status());
}

/// The opposite.
pub(crate) async fn disconnect_demo(browser: &Browser, path: &str) {
    let answer = browser.delete(&format!("{path}/connections/demo")).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

/// Whose credential of the ticket desk the client's calls use, as it is told.
pub(crate) async fn scope_of_demo(client: &Client) -> Value {
    let overview = client.call("gateway__list_connections", json!({})).await;
    let overview: Value = serde_json::from_str(text(&overview)).unwrap();
    let connections = overview["connections"].as_array().unwrap().clone();
    connections.into_iter().find(|one| one["vendor"] == "demo").unwrap_or(Value::Null)["credential"].clone()
}

/// Who belongs to the team, by name.
pub(crate) async fn member_names(browser: &Browser, team: &str) -> Vec<String> {
    let members: Page<MemberView> = browser.get_json(&format!("{team}/members")).await;
    members.items.into_iter().map(|member| member.name).collect()
}

/// The newest invitation.
pub(crate) async fn newest_invitation(owner: &Browser, team: &str) -> InvitationView {
    let invitations: Page<InvitationView> = owner.get_json(&format!("{team}/invitations")).await;
    invitations.items.into_iter().next().unwrap()
}

/// Accepts an invitation; the status.
pub(crate) async fn accept(browser: &Browser, token: &str) -> u16 {
    browser.post(&format!("/api/invitations/{token}/accept"), &json!({})).await.status().as_u16()
}

/// A live grant of the browser's person for a client, where their session works.
pub(crate) async fn insert_grant(gateway: &Gateway, browser: &Browser) -> GrantId {
    let me = me(browser).await;
    let now = gateway.clock.now();
    let grant = Grant {
        id: gateway.clock.new_id(),
        user_id: me.user.id,
        organization_id: me.organization_id,
        client_id: "client".to_owned(),
        client_name: "Client".to_owned(),
        redirect_uri: "http://localhost/callback".to_owned(),
        scope: "mcp".to_owned(),
        resource: me.mcp_url,
        created_at: now,
        expires_at: now.plus(Duration::from_hours(1)),
        last_used_at: None,
        revoked_at: None,
        declined_scope: String::new(),
    };
    let mut transaction = gateway.state.database.write().await.unwrap();
    grants::insert(&mut transaction, &grant).await.unwrap();
    transaction.commit().await.unwrap();
    grant.id
}

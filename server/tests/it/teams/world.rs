//! What the tests of teams begin with: owners, codes, colleagues.

use gateway_api::{
    ids::{OrganizationId, UserId},
    me::Me,
};
use gateway_server::clock::{hash_token, random_token};
use gateway_store::upgrade_codes::{self, NewUpgradeCode};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::gateway::{Browser, Gateway, PASSWORD};

/// The key of the built-in ticket desk.
pub(crate) const KEY: &str = gateway_server::demo::API_KEY;

/// The form of the built-in ticket desk.
pub(crate) fn demo_form() -> Value {
    json!({"fields": {"api_key": KEY}})
}

/// As `mcp-gateway code create --uses N` does it.
pub(crate) async fn new_code(gateway: &Gateway, uses: i32) -> String {
    let code = random_token();
    let new = NewUpgradeCode {
        id: gateway.clock.new_id(),
        code_hash: hash_token(&code),
        max_uses: uses,
        created_at: gateway.clock.now(),
        expires_at: None,
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
    let browser = gateway.member(email).await;
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

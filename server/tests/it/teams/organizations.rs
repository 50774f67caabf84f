//! Organizations: codes, names, plans, the switcher, the end.

use std::time::Duration;

use gateway_api::{Page, ids::OrganizationId, me::Me, organizations::OrganizationView, plans::Plan};
use gateway_server::clock::hash_token;
use gateway_store::{
    connections::{self, Owner},
    upgrade_codes, vault,
};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::world::{
    accept, colleague, connect_demo, create_pro_team, create_sub_team, invite, me, new_code, new_code_until,
    organization_of, put_into, set_plan, sign_up, user_id,
};
use crate::{
    gateway::{Browser, Gateway, PASSWORD, problem},
    mcp::client::Client,
};

async fn create(browser: &Browser, name: &str, code: &str) -> Response {
    browser.post("/api/organizations", &json!({"name": name, "upgrade_code": code})).await
}

async fn uses_of(gateway: &Gateway, code: &str) -> i32 {
    let mut connection = gateway.state.database.read().await.unwrap();
    upgrade_codes::find_by_hash(&mut connection, &hash_token(code)).await.unwrap().unwrap().used
}

async fn revoked_code(gateway: &Gateway) -> String {
    let code = new_code(gateway, 1).await;
    let mut transaction = gateway.state.database.write().await.unwrap();
    let found = upgrade_codes::find_by_hash(&mut transaction, &hash_token(&code)).await.unwrap().unwrap();
    upgrade_codes::revoke(&mut transaction, found.id, gateway.clock.now()).await.unwrap();
    transaction.commit().await.unwrap();
    code
}

/// What is said of the one wrong field.
async fn refusal(answer: Response, field: &str) -> String {
    let (status, _, body) = problem(answer).await;
    assert_eq!((status, &body["errors"][0]["field"]), (422, &json!(field)), "{body}");
    body["errors"][0]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_team_without_a_code_is_free_and_with_one_pro() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let answer = ada.post("/api/organizations", &json!({"name": " ACME "})).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let made: OrganizationView = answer.json().await.unwrap();
    assert_eq!((made.summary.name.as_str(), made.summary.plan), ("ACME", Plan::Free));
    assert_eq!((made.member_count, made.summary.is_personal), (1, false));
    assert_eq!(me(&ada).await.organization_id, made.summary.id, "the session works in it");

    let empty = create(&ada, "Empty", " ").await;
    assert_eq!(empty.json::<OrganizationView>().await.unwrap().summary.plan, Plan::Free);
    let code = new_code(&gateway, 2).await;
    let pro = create(&ada, "Pro", &format!(" {code}\n")).await;
    assert_eq!(pro.json::<OrganizationView>().await.unwrap().summary.plan, Plan::Pro);
    assert_eq!(uses_of(&gateway, &code).await, 1);
    assert_eq!(me(&ada).await.organizations.len(), 4, "with the personal one");
}

#[tokio::test]
async fn every_bad_code_has_its_own_words_and_creates_nothing() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let home = me(&ada).await.organization_id;
    let used_up = new_code(&gateway, 1).await;
    let other = gateway.person("bob@msp.example").await;
    assert_eq!(create(&other, "Other", &used_up).await.status(), StatusCode::CREATED);
    let expired = new_code_until(&gateway, 1, Some(Duration::from_hours(1))).await;
    gateway.clock.advance(Duration::from_hours(1));
    let revoked = revoked_code(&gateway).await;
    let codes = [("x", "not known"), (&used_up, "used up"), (&expired, "expired"), (&revoked, "withdrawn")];
    for (code, words) in codes {
        let said = refusal(create(&ada, "ACME", code).await, "upgrade_code").await;
        assert!(said.contains(words), "{said}");
        let upgrade = format!("/api/organizations/{home}/upgrade");
        let said = refusal(ada.post(&upgrade, &json!({"code": code})).await, "code").await;
        assert!(said.contains(words), "{said}");
    }
    let me = me(&ada).await;
    assert_eq!((me.organizations.len(), me.organization_id, me.plan.plan), (1, home, Plan::Free));
    assert_eq!(uses_of(&gateway, &used_up).await, 1);
}

#[tokio::test]
async fn the_eleventh_code_within_ten_minutes_is_not_looked_at() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let upgrade = format!("/api/organizations/{}/upgrade", me(&ada).await.organization_id);
    for _ in 0..5 {
        assert_eq!(create(&ada, "ACME", "wrong").await.status(), 422);
        assert_eq!(ada.post(&upgrade, &json!({"code": "wrong"})).await.status(), 422);
    }
    let code = new_code(&gateway, 1).await;
    let answer = create(&ada, "ACME", &code).await;
    assert_eq!(answer.headers()[header::RETRY_AFTER], "600");
    assert_eq!(problem(answer).await.1, "throttled");
    assert_eq!(uses_of(&gateway, &code).await, 0);
    let bob = gateway.person("bob@msp.example").await;
    assert_eq!(create(&bob, "Bob", "wrong").await.status(), 422, "each person for themselves");
    gateway.clock.advance(Duration::from_mins(10));
    assert_eq!(create(&ada, "ACME", &code).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn upgrading_later_uses_a_code_once() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let code = new_code(&gateway, 2).await;
    let upgrade = format!("/api/organizations/{}/upgrade", me(&ada).await.organization_id);
    let said = refusal(ada.post(&upgrade, &json!({"code": " "})).await, "code").await;
    assert!(said.contains("enter"), "{said}");
    let upgraded: OrganizationView =
        ada.post(&upgrade, &json!({"code": format!("{code} ")})).await.json().await.unwrap();
    assert_eq!(upgraded.summary.plan, Plan::Pro);
    assert!(me(&ada).await.plan.has_sharing);
    let (status, _, body) = problem(ada.post(&upgrade, &json!({"code": code})).await).await;
    assert_eq!(status, 409);
    assert!(body["detail"].as_str().unwrap().contains("the code was not used"), "{body}");
    assert_eq!(uses_of(&gateway, &code).await, 1);
    assert_eq!(gateway.audit(&ada).await[0].action, "organization.upgrade");
}

#[tokio::test]
async fn where_everything_is_pro_no_code_is_used() {
    let gateway = Gateway::start_with(&["--default-plan", "pro"]).await;
    let ada = gateway.person("ada@msp.example").await;
    assert_eq!(me(&ada).await.plan.plan, Plan::Pro, "also the personal team");
    let answer = ada.post("/api/organizations", &json!({"name": "ACME"})).await;
    assert_eq!(answer.json::<OrganizationView>().await.unwrap().summary.plan, Plan::Pro);
    let code = new_code(&gateway, 1).await;
    let answer = create(&ada, "With a code", &code).await;
    assert_eq!(answer.json::<OrganizationView>().await.unwrap().summary.plan, Plan::Pro);
    assert_eq!(uses_of(&gateway, &code).await, 0);
}

#[tokio::test]
async fn renaming_is_seen_everywhere_and_written_down() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let answer = ada.patch(&team, &json!({"name": " ACME Ltd "})).await;
    assert_eq!(answer.json::<OrganizationView>().await.unwrap().summary.name, "ACME Ltd");
    assert_eq!(me(&ada).await.organization().unwrap().name, "ACME Ltd");
    let row = gateway.audit(&ada).await.remove(0);
    assert_eq!(
        (row.action.as_str(), row.target.as_deref()),
        ("organization.update", Some("ACME -> ACME Ltd"))
    );
}

/// Names that are kept as they are given.
const GOOD_NAMES: [&str; 6] = [
    "عائشة بنت أحمد",
    "שירות לקוחות",
    "👩‍💻 Team 🚀",
    "<script>alert(1)</script>",
    "O'Neill & Søn; --",
    "ＡＣＭＥ",
];

/// Names that show nothing, break lines, or turn the text after them around.
const BAD_NAMES: [&str; 9] =
    ["", " \t ", "\u{200b}", "\u{3164}\u{2060}", "a\nb", "a\u{0}b", "a\u{7f}", "a\u{202e}b", "\u{2066}a"];

/// Gives a name in every way to an organization and a sub-team; the statuses.
async fn statuses_of_name(owner: &Browser, team: &str, name: &str) -> [u16; 4] {
    let form = json!({"name": name});
    let sub_team = create_sub_team(owner, team, "Sub-team").await;
    let renamed = owner.patch(&sub_team, &form).await.status().as_u16();
    // The name is free again.
    owner.delete(&sub_team).await;
    let made = owner.post(&format!("{team}/teams"), &form).await;
    let answers = [
        owner.post("/api/organizations", &form).await.status().as_u16(),
        owner.patch(team, &form).await.status().as_u16(),
        made.status().as_u16(),
        renamed,
    ];
    if let Some(id) = made.json::<Value>().await.unwrap()["id"].as_str() {
        owner.delete(&format!("{team}/teams/{id}")).await;
    }
    answers
}

#[tokio::test]
async fn names_of_all_scripts_are_kept_and_misleading_ones_refused() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let long = "x".repeat(100);
    for name in GOOD_NAMES.into_iter().chain([long.as_str()]) {
        assert_eq!(statuses_of_name(&ada, &team, name).await, [201, 200, 201, 200], "{name}");
        let view: OrganizationView = ada.get_json(&team).await;
        assert_eq!(view.summary.name, name);
    }
    let too_long = "é".repeat(200);
    for name in BAD_NAMES.into_iter().chain([too_long.as_str()]) {
        assert_eq!(statuses_of_name(&ada, &team, name).await, [422; 4], "{name:?}");
    }
}

#[tokio::test]
async fn people_have_the_same_names_and_one_account_for_an_address_in_any_case() {
    let gateway = Gateway::start_with(&["--sign-up", "open"]).await;
    let form = |name: &str, email: &str| json!({"name": name, "email": email, "password": PASSWORD});
    for (number, name) in GOOD_NAMES.into_iter().enumerate() {
        let browser = gateway.browser();
        let answer = browser.post("/api/accounts", &form(name, &format!("p{number}@msp.example"))).await;
        assert_eq!(answer.status(), StatusCode::CREATED, "{name}");
        assert_eq!(me(&browser).await.user.name, name);
    }
    for name in BAD_NAMES.into_iter().chain(["x".repeat(200).as_str()]) {
        let answer = gateway.browser().post("/api/accounts", &form(name, "bad@msp.example")).await;
        refusal(answer, "name").await;
    }
    let taken = gateway.browser().post("/api/accounts", &form("Twin", " P0@MSP.example ")).await;
    let said = refusal(taken, "email").await;
    assert!(said.contains("Sign in instead"), "{said}");
    let sign_in = json!({"email": "P0@Msp.Example", "password": PASSWORD});
    let browser = gateway.browser();
    assert_eq!(browser.post("/api/session", &sign_in).await.status(), StatusCode::OK);
    assert_eq!(me(&browser).await.user.name, GOOD_NAMES[0]);
}

/// `PostgreSQL` cannot store it; that is no defect of ours to apologize for.
#[tokio::test]
async fn a_nul_in_any_text_is_the_senders_mistake() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let wrong = json!({"email": "a\u{0}@msp.example", "password": PASSWORD});
    let answers = [
        ada.post("/api/session", &wrong).await,
        ada.post(&format!("{team}/invitations"), &json!({"note": "a\u{0}b"})).await,
        ada.delete("/api/connections/a%00b").await,
        ada.send(reqwest::Method::POST, "/api/connections/a%00b/test", None).await,
        ada.delete(&format!("{team}/connections/a%00b")).await,
        ada.get("/api/invitations/a%00b").await,
    ];
    for answer in answers {
        let (status, _, body) = problem(answer).await;
        assert!((400..500).contains(&status), "{body}");
    }
}

#[tokio::test]
async fn a_session_works_in_one_of_several_organizations() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let home = me(&ada).await.organization_id;
    let first = create_pro_team(&gateway, &ada, "First").await;
    let second = create_pro_team(&gateway, &ada, "Second").await;
    assert_eq!(me(&ada).await.organization_id, organization_of(&second));

    let answer = ada.patch("/api/session", &json!({"organization_id": organization_of(&first)})).await;
    let switched: Me = answer.json().await.unwrap();
    assert_eq!((switched.organization().unwrap().name.as_str(), switched.plan.plan), ("First", Plan::Pro));
    let answer = ada.patch("/api/session", &json!({"organization_id": home})).await;
    assert_eq!(answer.json::<Me>().await.unwrap().plan.plan, Plan::Free);
    let view: OrganizationView = ada.get_json(&second).await;
    assert_eq!(view.summary.name, "Second", "paths say where, wherever the session works");

    let bob = gateway.person("bob@msp.example").await;
    let answer = bob.patch("/api/session", &json!({"organization_id": organization_of(&first)})).await;
    assert_eq!(problem(answer).await.0, 404);
}

#[tokio::test]
async fn deleting_asks_for_the_right_name_and_spares_the_personal_team() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let home = format!("/api/organizations/{}", me(&ada).await.organization_id);
    let (status, _, body) = problem(ada.delete(&home).await).await;
    assert_eq!(status, 409);
    assert!(body["detail"].as_str().unwrap().contains("personal"), "{body}");
    let team = create_pro_team(&gateway, &ada, "ACME & Søn").await;
    refusal(ada.delete(&format!("{team}?name=ACME")).await, "name").await;
    refusal(ada.delete(&format!("{team}?name=")).await, "name").await;
    assert_eq!(ada.get(&team).await.status(), StatusCode::OK);
    let answer = ada.delete(&format!("{team}?name=ACME%20%26%20S%C3%B8n")).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(problem(ada.get(&team).await).await.0, 404);
    assert_eq!(problem(ada.delete(&team).await).await.0, 404);
    assert_eq!(me(&ada).await.organizations.len(), 1);
}

#[tokio::test]
async fn what_belongs_to_an_organization_ends_with_it() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let organization = organization_of(&team);
    let bob = colleague(&gateway, &ada, &team, "bob@msp.example").await;
    let sub_team = create_sub_team(&ada, &team, "NOC").await;
    put_into(&ada, &sub_team, user_id(&bob).await).await;
    connect_demo(&ada, &team).await;
    connect_demo(&ada, &sub_team).await;
    connect_demo(&bob, "/api").await;
    let invitation = invite(&ada, &team, 5).await;
    let clients = [Client::connect(&gateway, &ada).await, Client::connect(&gateway, &bob).await];
    for client in &clients {
        assert_eq!(client.call("demo__get_summary", json!({})).await["isError"], false);
    }

    assert_eq!(ada.delete(&team).await.status(), StatusCode::NO_CONTENT);
    for client in &clients {
        assert_eq!(client.modern("tools/list", json!({})).await.status, 401);
    }
    for browser in [&ada, &bob] {
        assert!(me(browser).await.organization().unwrap().is_personal, "the session goes on at home");
        assert_eq!(problem(browser.get(&format!("{team}/connections")).await).await.0, 404);
        assert_eq!(browser.get_json::<Page<Value>>("/api/grants").await.items.len(), 0);
    }
    assert_eq!(problem(gateway.browser().get(&format!("/api/invitations/{invitation}")).await).await.0, 404);
    let own: Page<Value> = bob.get_json("/api/connections").await;
    assert_eq!(own.items.len(), 1, "a personal connection stays its owner's");
    nothing_is_left(&gateway, organization, &sub_team).await;

    let mut connection = gateway.state.database.read().await.unwrap();
    let rows = gateway_store::audit::list(&mut connection, organization, 100).await.unwrap();
    assert_eq!(rows[0].action, "organization.delete");
    assert_eq!((rows[0].actor.as_str(), rows[0].target.as_deref()), ("ada", Some("ACME")));
    assert!(rows.iter().any(|row| row.action == "tool.call"), "what was done before stays as well");
}

/// No sealed value and no salt.
async fn nothing_is_left(gateway: &Gateway, organization: OrganizationId, sub_team: &str) {
    let team = sub_team.rsplit('/').next().unwrap().parse().unwrap();
    let mut connection = gateway.state.database.read().await.unwrap();
    for owner in [Owner::organization(organization), Owner::team(team)] {
        assert!(connections::list(&mut connection, owner).await.unwrap().is_empty(), "{owner:?}");
        let salt = vault::find_salt(&mut connection, owner.scope, owner.id).await.unwrap();
        assert!(salt.is_none(), "{owner:?}");
    }
}

#[tokio::test]
async fn who_belongs_nowhere_else_gets_a_team_of_their_own_again() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let token = invite(&ada, &team, 1).await;
    let bob = sign_up(&gateway, "bob@msp.example", &token).await;
    let home = format!("/api/organizations/{}", me(&bob).await.organization_id);
    // Bob hands his personal team over and leaves it.
    set_plan(&gateway, &home, Plan::Pro).await;
    let to_home = invite(&bob, &home, 1).await;
    assert_eq!(accept(&ada, &to_home).await, 200);
    let promoted =
        bob.patch(&format!("{home}/members/{}", user_id(&ada).await), &json!({"role": "owner"})).await;
    assert_eq!(promoted.status(), StatusCode::OK);
    assert_eq!(accept(&bob, &token).await, 200);
    let left = bob.delete(&format!("{home}/members/{}", user_id(&bob).await)).await;
    assert_eq!(left.status(), StatusCode::OK);
    assert_eq!(me(&bob).await.organizations.len(), 1);

    assert_eq!(ada.delete(&team).await.status(), StatusCode::NO_CONTENT);
    let me = me(&bob).await;
    assert_eq!(me.organizations.len(), 1);
    assert!(me.organization().unwrap().is_personal);
}

//! Members: list, promote, demote, leave, remove. The last owner stays.

use gateway_api::{
    Page,
    members::{MemberView, RemovedMember},
    organizations::Role,
};
use gateway_store::teams;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::world::{
    accept, colleague, connect_demo, create_pro_team, create_sub_team, invite, me, member_names,
    organization_of, put_into, user_id,
};
use crate::{
    gateway::{Browser, Gateway, problem},
    mcp::client::Client,
};

async fn set_role(by: &Browser, team: &str, person: &Browser, role: &str) -> Response {
    by.patch(&format!("{team}/members/{}", user_id(person).await), &json!({"role": role})).await
}

async fn remove(by: &Browser, team: &str, person: &Browser) -> Response {
    by.delete(&format!("{team}/members/{}", user_id(person).await)).await
}

async fn is_last_owner(answer: Response) -> bool {
    let (status, code, body) = problem(answer).await;
    let detail = body["detail"].as_str().unwrap();
    (status, code.as_str()) == (409, "conflict") && detail.contains("A team needs an owner")
}

#[tokio::test]
async fn owners_come_first_then_everybody_by_name() {
    let gateway = Gateway::start().await;
    let owner = gateway.person("zoe@msp.example").await;
    let team = create_pro_team(&gateway, &owner, "ACME").await;
    for email in ["mia@msp.example", "bob@msp.example"] {
        colleague(&gateway, &owner, &team, email).await;
    }
    let members: Page<MemberView> = owner.get_json(&format!("{team}/members")).await;
    let list: Vec<_> =
        members.items.iter().map(|one| (one.name.as_str(), one.email.as_str(), one.role)).collect();
    assert_eq!(
        list,
        [
            ("zoe", "zoe@msp.example", Role::Owner),
            ("bob", "bob@msp.example", Role::Member),
            ("mia", "mia@msp.example", Role::Member)
        ]
    );
    assert_eq!(members.items[0].joined_at, time::OffsetDateTime::from(gateway.clock.now()));
    assert_eq!(owner.get_json::<Value>(&team).await["member_count"], 3);
}

#[tokio::test]
async fn a_promoted_member_manages_and_a_demoted_owner_does_not() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let bob = colleague(&gateway, &ada, &team, "bob@msp.example").await;
    let rename = json!({"name": "Renamed"});
    assert_eq!(problem(bob.patch(&team, &rename).await).await.0, 403);
    let promoted: MemberView = set_role(&ada, &team, &bob, "owner").await.json().await.unwrap();
    assert_eq!(promoted.role, Role::Owner);
    assert_eq!(bob.patch(&team, &rename).await.status(), StatusCode::OK);
    assert_eq!(set_role(&bob, &team, &ada, "member").await.status(), StatusCode::OK, "handed over");
    assert_eq!(problem(ada.patch(&team, &rename).await).await.0, 403);
    let updates = gateway.audit(&bob).await.into_iter().filter(|row| row.action == "member.update");
    let targets: Vec<_> = updates.filter_map(|row| row.target).collect();
    assert_eq!(targets, ["ada: member", "bob: owner"]);
    assert_eq!(set_role(&bob, &team, &bob, "king").await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let bob = colleague(&gateway, &ada, &team, "bob@msp.example").await;
    assert!(is_last_owner(set_role(&ada, &team, &ada, "member").await).await);
    assert!(is_last_owner(remove(&ada, &team, &ada).await).await, "leaving is no way around it");
    assert_eq!(set_role(&ada, &team, &ada, "owner").await.status(), StatusCode::OK, "no change");
    set_role(&ada, &team, &bob, "owner").await;
    assert_eq!(remove(&ada, &team, &ada).await.status(), StatusCode::OK);
    assert_eq!(member_names(&bob, &team).await, ["bob"]);
    assert!(is_last_owner(remove(&bob, &team, &bob).await).await);
    let home = format!("/api/organizations/{}", me(&ada).await.organization_id);
    assert!(is_last_owner(remove(&ada, &home, &ada).await).await, "also at home");
}

#[tokio::test]
async fn strangers_are_neither_promoted_nor_removed() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let stranger = gateway.person("sam@other.example").await;
    assert_eq!(problem(set_role(&ada, &team, &stranger, "owner").await).await.0, 404);
    assert_eq!(problem(remove(&ada, &team, &stranger).await).await.0, 404);
    let nobody = ada.delete(&format!("{team}/members/not-an-id")).await;
    assert_eq!(problem(nobody).await.0, 404);
}

#[tokio::test]
async fn a_member_leaves_by_themselves() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let bob = colleague(&gateway, &ada, &team, "bob@msp.example").await;
    let mia = colleague(&gateway, &ada, &team, "mia@msp.example").await;
    assert_eq!(problem(remove(&bob, &team, &mia).await).await.0, 403, "only themselves");
    let client = Client::connect(&gateway, &bob).await;
    assert_eq!(remove(&bob, &team, &bob).await.status(), StatusCode::OK);
    assert_eq!(client.modern("tools/list", json!({})).await.status, 401);
    assert_eq!(member_names(&ada, &team).await, ["ada", "mia"]);
    let actions: Vec<_> = gateway.audit(&ada).await.into_iter().map(|row| row.action).collect();
    assert!(actions.contains(&"member.leave".to_owned()), "{actions:?}");
    assert_eq!(problem(remove(&bob, &team, &bob).await).await.0, 404, "once");
}

#[tokio::test]
async fn removal_ends_what_was_of_the_team_and_nothing_else() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let bob = colleague(&gateway, &ada, &team, "bob@msp.example").await;
    let user = user_id(&bob).await;
    for name in ["NOC", "Desk"] {
        put_into(&ada, &create_sub_team(&ada, &team, name).await, user).await;
    }
    connect_demo(&bob, "/api").await;
    let here = Client::connect(&gateway, &bob).await;
    let home = me(&bob).await.organizations.iter().find(|one| one.is_personal).unwrap().id;
    bob.patch("/api/session", &json!({"organization_id": home})).await;
    let elsewhere = Client::connect(&gateway, &bob).await;
    for client in [&here, &elsewhere] {
        assert_eq!(client.call("demo__get_summary", json!({})).await["isError"], false);
    }

    let removed: RemovedMember = remove(&ada, &team, &bob).await.json().await.unwrap();
    assert_eq!((removed.name.as_str(), removed.sessions), ("bob", 0), "it works elsewhere now");
    assert_eq!(removed.revoked_apps, ["Claude Code (test)"]);
    assert_eq!(removed.left_teams, ["Desk", "NOC"]);
    assert_eq!(here.modern("tools/list", json!({})).await.status, 401);
    assert_eq!(elsewhere.call("demo__get_summary", json!({})).await["isError"], false);
    assert_eq!(bob.get_json::<Page<Value>>("/api/connections").await.items.len(), 1);
    let places = teams::of_user(&mut gateway.state.database.read().await.unwrap(), user).await.unwrap();
    assert!(places.is_empty());
    assert_eq!(me(&bob).await.organizations.len(), 1);
}

#[tokio::test]
async fn who_comes_back_starts_anew() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let bob = colleague(&gateway, &ada, &team, "bob@msp.example").await;
    set_role(&ada, &team, &bob, "owner").await;
    let sub_team = create_sub_team(&ada, &team, "NOC").await;
    put_into(&ada, &sub_team, user_id(&bob).await).await;
    let client = Client::connect(&gateway, &bob).await;
    remove(&ada, &team, &bob).await;
    assert_eq!(accept(&bob, &invite(&ada, &team, 1).await).await, 200);

    assert_eq!(client.modern("tools/list", json!({})).await.status, 401, "an old token stays dead");
    assert_eq!(me(&bob).await.organization().unwrap().role, Role::Member);
    let teams: Page<Value> = bob.get_json(&format!("{team}/teams")).await;
    assert_eq!(teams.items[0]["members"], json!([]));
    let organization = organization_of(&team);
    assert_eq!(me(&bob).await.organization_id, organization);
}

#[tokio::test]
async fn who_was_removed_needs_a_new_invitation() {
    let gateway = Gateway::start().await;
    let owner = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &owner, "ACME").await;
    let bob = gateway.person("bob@msp.example").await;
    let for_several = invite(&owner, &team, 5).await;
    assert_eq!(accept(&bob, &for_several).await, 200);
    assert_eq!(remove(&owner, &team, &bob).await.status(), StatusCode::OK);
    let again = bob.post(&format!("/api/invitations/{for_several}/accept"), &json!({})).await;
    assert_eq!(problem(again).await.1, "invitation_used_up");
    assert_eq!(member_names(&owner, &team).await.len(), 1);
    let opened: Value = bob.get_json(&format!("/api/invitations/{for_several}")).await;
    assert_eq!(opened["state"], "active", "its other places are still free");
    let anew = invite(&owner, &team, 1).await;
    assert_eq!(accept(&bob, &anew).await, 200);
}

//! Sub-teams: names, who is in them, their connections, their end.

use gateway_api::{
    Page,
    connections::{ConnectionState, ConnectionView, Scope, TestResult},
    plans::Plan,
    teams::TeamView,
};
use gateway_store::{connections::Owner, vault};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::world::{
    colleague, connect_demo, create_pro_team, create_sub_team, demo_form, put_into, scope_of_demo, set_plan,
    user_id,
};
use crate::{
    gateway::{Browser, Gateway, problem},
    mcp::client::Client,
};

async fn sub_teams(browser: &Browser, team: &str) -> Vec<TeamView> {
    browser.get_json::<Page<TeamView>>(&format!("{team}/teams")).await.items
}

async fn shared(browser: &Browser, team: &str) -> Vec<ConnectionView> {
    browser.get_json::<Page<ConnectionView>>(&format!("{team}/connections")).await.items
}

#[tokio::test]
async fn names_are_unique_within_an_organization_whatever_their_case() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let other = create_pro_team(&gateway, &ada, "Other").await;
    let noc = create_sub_team(&ada, &team, "Noc").await;
    create_sub_team(&ada, &other, "NOC").await;
    let desk = create_sub_team(&ada, &team, "desk").await;
    for name in ["NOC", " noc "] {
        let form = json!({"name": name});
        for answer in [ada.post(&format!("{team}/teams"), &form).await, ada.patch(&desk, &form).await] {
            let (status, _, body) = problem(answer).await;
            assert_eq!(status, 422);
            assert!(body["errors"][0]["message"].as_str().unwrap().contains("already"), "{body}");
        }
    }
    assert_eq!(
        ada.patch(&noc, &json!({"name": "NOC"})).await.status(),
        StatusCode::OK,
        "itself is not taken"
    );
    let names: Vec<_> = sub_teams(&ada, &team).await.into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["desk", "NOC"], "by name, whatever its case");
}

#[tokio::test]
async fn members_are_put_in_and_taken_out_once() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let bob = colleague(&gateway, &ada, &team, "bob@msp.example").await;
    let noc = create_sub_team(&ada, &team, "NOC").await;
    let place = format!("{noc}/members/{}", user_id(&bob).await);
    for _ in 0..2 {
        assert_eq!(ada.put(&place, &json!({})).await.status(), StatusCode::NO_CONTENT);
    }
    let seen = sub_teams(&bob, &team).await;
    assert_eq!((seen[0].members.len(), seen[0].members[0].name.as_str()), (1, "bob"));
    for _ in 0..2 {
        assert_eq!(ada.delete(&place).await.status(), StatusCode::NO_CONTENT);
    }
    assert!(sub_teams(&bob, &team).await[0].members.is_empty());
    let rows = gateway.audit(&ada).await;
    let targets: Vec<_> = rows.iter().filter(|row| row.action.starts_with("team.member")).collect();
    let targets: Vec<_> =
        targets.iter().map(|row| (row.action.as_str(), row.target.as_deref().unwrap())).collect();
    assert_eq!(targets, [("team.member.remove", "NOC: bob"), ("team.member.add", "NOC: bob")]);
}

#[tokio::test]
async fn nobody_and_nothing_of_another_organization_gets_in() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let noc = create_sub_team(&ada, &team, "NOC").await;
    let eve = gateway.person("eve@other.example").await;
    let theirs = create_pro_team(&gateway, &eve, "Other").await;
    let their_sub_team = create_sub_team(&eve, &theirs, "Theirs").await;
    let stranger = ada.put(&format!("{noc}/members/{}", user_id(&eve).await), &json!({})).await;
    assert_eq!(problem(stranger).await.0, 404);

    // Another organization's sub-team under the path of one's own.
    let id = their_sub_team.rsplit('/').next().unwrap();
    let crossed = format!("{team}/teams/{id}");
    let ada_id = user_id(&ada).await;
    let answers = [
        ada.patch(&crossed, &json!({"name": "Mine"})).await,
        ada.delete(&crossed).await,
        ada.put(&format!("{crossed}/members/{ada_id}"), &json!({})).await,
        ada.delete(&format!("{crossed}/members/{ada_id}")).await,
        ada.put(&format!("{crossed}/connections/demo"), &demo_form()).await,
        ada.delete(&format!("{crossed}/connections/demo")).await,
        ada.send(Method::POST, &format!("{crossed}/connections/demo/test"), None).await,
    ];
    for answer in answers {
        assert_eq!(problem(answer).await.0, 404);
    }
    assert_eq!(sub_teams(&eve, &theirs).await[0].name, "Theirs");
}

#[tokio::test]
async fn a_sub_teams_connection_is_seen_by_all_and_used_by_its_members() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let noc = create_sub_team(&ada, &team, "NOC").await;
    let answer = ada.put(&format!("{noc}/connections/demo"), &demo_form()).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let text = answer.text().await.unwrap();
    assert!(!text.contains(super::world::KEY), "{text}");
    let bob = colleague(&gateway, &ada, &team, "bob@msp.example").await;
    let seen = shared(&bob, &team).await;
    assert_eq!((seen.len(), seen[0].scope, seen[0].state), (1, Scope::Team, ConnectionState::Connected));
    assert_eq!(seen[0].team.as_ref().unwrap().name, "NOC");
    let test = ada.send(Method::POST, &format!("{noc}/connections/demo/test"), None).await;
    let test: TestResult = test.json().await.unwrap();
    assert!(test.is_ok && test.connection.team.is_some());

    let client = Client::connect(&gateway, &bob).await;
    assert_eq!(scope_of_demo(&client).await, json!(null), "he is not in it");
    put_into(&ada, &noc, user_id(&bob).await).await;
    assert_eq!(scope_of_demo(&client).await, "team");
}

#[tokio::test]
async fn wrong_credentials_are_not_shared() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let noc = create_sub_team(&ada, &team, "NOC").await;
    for place in [&team, &noc] {
        let path = format!("{place}/connections/demo");
        let wrong = json!({"fields": {"api_key": "hunter2-wrong"}});
        assert_eq!(problem(ada.put(&path, &wrong).await).await.1, "vendor_refused");
        assert_eq!(problem(ada.put(&path, &json!({"fields": {}})).await).await.1, "validation_failed");
        assert_eq!(problem(ada.put(&format!("{place}/connections/none"), &demo_form()).await).await.0, 404);
    }
    assert!(shared(&ada, &team).await.is_empty());
    assert!(!format!("{:?}", gateway.audit(&ada).await).contains("hunter2"));
}

#[tokio::test]
async fn a_sub_team_ends_with_its_connections_on_the_next_call() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let noc = create_sub_team(&ada, &team, "NOC").await;
    put_into(&ada, &noc, user_id(&ada).await).await;
    connect_demo(&ada, &team).await;
    connect_demo(&ada, &noc).await;
    let client = Client::connect(&gateway, &ada).await;
    assert_eq!(scope_of_demo(&client).await, "team");
    assert_eq!(ada.delete(&noc).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(scope_of_demo(&client).await, "organization");
    assert_eq!(shared(&ada, &team).await.len(), 1);
    assert_eq!(problem(ada.delete(&noc).await).await.0, 404);
    let owner = Owner::team(noc.rsplit('/').next().unwrap().parse().unwrap());
    let mut connection = gateway.state.database.read().await.unwrap();
    assert!(vault::find_salt(&mut connection, owner.scope, owner.id).await.unwrap().is_none());
}

#[tokio::test]
async fn on_free_sub_teams_can_be_put_in_order_but_not_grow() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let noc = create_sub_team(&ada, &team, "NOC").await;
    connect_demo(&ada, &noc).await;
    set_plan(&gateway, &team, Plan::Free).await;
    let user = user_id(&ada).await;
    let refused = [
        ada.post(&format!("{team}/teams"), &json!({"name": "Desk"})).await,
        ada.put(&format!("{noc}/members/{user}"), &json!({})).await,
        ada.put(&format!("{noc}/connections/demo"), &demo_form()).await,
        ada.send(Method::POST, &format!("{noc}/connections/demo/test"), None).await,
    ];
    for answer in refused {
        assert_eq!(problem(answer).await.1, "plan_required");
    }
    assert_eq!(shared(&ada, &team).await[0].state, ConnectionState::Dormant);
    assert_eq!(ada.patch(&noc, &json!({"name": "Sleeping"})).await.status(), StatusCode::OK);
    assert_eq!(ada.delete(&format!("{noc}/connections/demo")).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(ada.delete(&noc).await.status(), StatusCode::NO_CONTENT);
}

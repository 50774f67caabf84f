//! The same instant: of two who want the last one, one gets it; nothing is half done; no deadlock is seen.

use std::time::Duration;

use gateway_api::{
    Page, connections::ConnectionView, invitations::InvitationState, plans::Plan, teams::TeamView,
};
use gateway_server::clock::hash_token;
use gateway_store::{audit, members, upgrade_codes};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::world::{
    accept, colleague, create_pro_team, create_sub_team, invite, me, member_names, new_code,
    newest_invitation, organization_id, organization_of, set_plan, user_id,
};
use crate::{
    gateway::{Browser, Gateway, problem},
    mcp::{client::Client, upstream::Upstream},
};

/// How often each race is run.
const ROUNDS: usize = 20;

/// A little later, so that the codes of many rounds are not too many.
fn next_round(gateway: &Gateway) {
    gateway.clock.advance(Duration::from_mins(2));
}

fn sorted(one: &Response, other: &Response) -> [u16; 2] {
    let mut both = [one.status().as_u16(), other.status().as_u16()];
    both.sort_unstable();
    both
}

async fn set_role(owner: &Browser, team: &str, person: &Browser, role: &str) {
    let path = format!("{team}/members/{}", user_id(person).await);
    assert_eq!(owner.patch(&path, &json!({"role": role})).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_use_of_a_code_upgrades_one() {
    let gateway = Gateway::start().await;
    let (ada, bob) = (gateway.person("ada@msp.example").await, gateway.person("bob@msp.example").await);
    for round in 0..ROUNDS {
        next_round(&gateway);
        let code = new_code(&gateway, 1).await;
        let before = me(&ada).await.organizations.len() + me(&bob).await.organizations.len();
        let form = json!({"name": "Race", "upgrade_code": code});
        let (one, other) =
            tokio::join!(ada.post("/api/organizations", &form), bob.post("/api/organizations", &form));
        assert_eq!(sorted(&one, &other), [201, 422], "round {round}");
        let lost = if one.status() == 422 { one } else { other };
        let said = problem(lost).await.2["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(said.contains("used up"), "{said}");
        let after = me(&ada).await.organizations.len() + me(&bob).await.organizations.len();
        assert_eq!(after, before + 1, "the loser created nothing");
        let mut connection = gateway.state.database.read().await.unwrap();
        let code = upgrade_codes::find_by_hash(&mut connection, &hash_token(&code)).await.unwrap().unwrap();
        assert_eq!(code.used, 1);
    }
}

/// A team with two owners.
async fn two_owners(gateway: &Gateway) -> (Browser, Browser, String) {
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(gateway, &ada, "ACME").await;
    let bob = colleague(gateway, &ada, &team, "bob@msp.example").await;
    set_role(&ada, &team, &bob, "owner").await;
    (ada, bob, team)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_owners_who_demote_each_other_leave_one() {
    let gateway = Gateway::start().await;
    let (ada, bob, team) = two_owners(&gateway).await;
    let to_ada = format!("{team}/members/{}", user_id(&ada).await);
    let to_bob = format!("{team}/members/{}", user_id(&bob).await);
    let demote = json!({"role": "member"});
    for round in 0..ROUNDS {
        let (one, other) = tokio::join!(ada.patch(&to_bob, &demote), bob.patch(&to_ada, &demote));
        assert_eq!(sorted(&one, &other), [200, 403], "round {round}");
        let (winner, loser) = if one.status() == 200 { (&ada, &bob) } else { (&bob, &ada) };
        set_role(winner, &team, loser, "owner").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_owners_who_step_down_or_leave_leave_one() {
    let gateway = Gateway::start().await;
    let (ada, bob, team) = two_owners(&gateway).await;
    let of_ada = format!("{team}/members/{}", user_id(&ada).await);
    let of_bob = format!("{team}/members/{}", user_id(&bob).await);
    let demote = json!({"role": "member"});
    for round in 0..ROUNDS {
        let is_leaving = round % 2 == 1;
        let (one, other) = if is_leaving {
            tokio::join!(ada.delete(&of_ada), bob.delete(&of_bob))
        } else {
            tokio::join!(ada.patch(&of_ada, &demote), bob.patch(&of_bob, &demote))
        };
        assert_eq!(sorted(&one, &other), [200, 409], "round {round}");
        let (stays, goes) = if one.status() == 409 { (&ada, &bob) } else { (&bob, &ada) };
        if is_leaving {
            assert_eq!(accept(goes, &invite(stays, &team, 1).await).await, 200);
        }
        set_role(stays, &team, goes, "owner").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_invitations_last_place_is_taken_once() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let (bob, mia) = (gateway.person("bob@msp.example").await, gateway.person("mia@msp.example").await);
    for round in 0..ROUNDS {
        let token = invite(&ada, &team, 1).await;
        let accept = format!("/api/invitations/{token}/accept");
        let form = json!({});
        let (one, other) = tokio::join!(bob.post(&accept, &form), mia.post(&accept, &form));
        assert_eq!(sorted(&one, &other), [200, 410], "round {round}");
        let (winner, lost) = if one.status() == 200 { (&bob, other) } else { (&mia, one) };
        assert_eq!(problem(lost).await.1, "invitation_used_up");
        assert_eq!(member_names(&ada, &team).await.len(), 2);
        assert_eq!(newest_invitation(&ada, &team).await.used, 1);
        ada.delete(&format!("{team}/members/{}", user_id(winner).await)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_accepts_twice_at_once_takes_one_place() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let bob = gateway.person("bob@msp.example").await;
    for round in 0..ROUNDS {
        let token = invite(&ada, &team, 5).await;
        let (one, other) = tokio::join!(accept(&bob, &token), accept(&bob, &token));
        assert_eq!([one, other], [200, 200], "round {round}");
        assert_eq!(newest_invitation(&ada, &team).await.used, 1);
        ada.delete(&format!("{team}/members/{}", user_id(&bob).await)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn accepting_while_it_is_revoked_is_one_or_the_other() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let bob = gateway.person("bob@msp.example").await;
    for round in 0..ROUNDS {
        let token = invite(&ada, &team, 2).await;
        let id = newest_invitation(&ada, &team).await.id;
        let revoke = format!("{team}/invitations/{id}");
        let (joined, revoked) = tokio::join!(accept(&bob, &token), ada.delete(&revoke));
        assert_eq!(revoked.status(), StatusCode::NO_CONTENT, "round {round}");
        let invitation = newest_invitation(&ada, &team).await;
        let is_member = member_names(&ada, &team).await.len() == 2;
        assert_eq!(invitation.state, InvitationState::Revoked);
        match joined {
            200 => assert_eq!((invitation.used, is_member), (1, true)),
            410 => assert_eq!((invitation.used, is_member), (0, false)),
            other => panic!("round {round}: {other}"),
        }
        ada.delete(&format!("{team}/members/{}", user_id(&bob).await)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_survives_switching_while_its_person_is_removed() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let bob = gateway.person("bob@msp.example").await;
    let home = organization_id(&bob).await;
    let switch = json!({"organization_id": organization_of(&team)});
    let remove = format!("{team}/members/{}", user_id(&bob).await);
    for round in 0..ROUNDS {
        assert_eq!(accept(&bob, &invite(&ada, &team, 1).await).await, 200);
        bob.patch("/api/session", &json!({"organization_id": home})).await;
        let (switched, removed) = tokio::join!(bob.patch("/api/session", &switch), ada.delete(&remove));
        assert_eq!(removed.status(), StatusCode::OK, "round {round}");
        assert!([200, 404].contains(&switched.status().as_u16()), "{}", switched.status());
        assert_eq!(organization_id(&bob).await, home, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_removed_everywhere_at_once_still_has_a_place() {
    let gateway = Gateway::start().await;
    let (ada, eve) = (gateway.person("ada@msp.example").await, gateway.person("eve@other.example").await);
    for round in 0..ROUNDS {
        next_round(&gateway);
        let teams =
            [create_pro_team(&gateway, &ada, "One").await, create_pro_team(&gateway, &eve, "Other").await];
        let bob = colleague(&gateway, &ada, &teams[0], "bob@msp.example").await;
        assert_eq!(accept(&bob, &invite(&eve, &teams[1], 1).await).await, 200);
        let user = user_id(&bob).await;
        without_home(&gateway, &bob).await;
        let paths = teams.map(|team| format!("{team}/members/{user}"));
        let (one, other) = tokio::join!(ada.delete(&paths[0]), eve.delete(&paths[1]));
        assert_eq!([one.status(), other.status()], [StatusCode::OK; 2], "round {round}");
        let me = me(&bob).await;
        assert_eq!((me.organizations.len(), me.organization().unwrap().is_personal), (1, true));
    }
}

/// Takes the personal team away, as if its person had handed it over and left.
async fn without_home(gateway: &Gateway, browser: &Browser) {
    let me = me(browser).await;
    let home = me.organizations.iter().find(|one| one.is_personal).unwrap().id;
    let mut transaction = gateway.state.database.write().await.unwrap();
    gateway_store::organizations::delete(&mut transaction, home).await.unwrap();
    transaction.commit().await.unwrap();
    let mut connection = gateway.state.database.read().await.unwrap();
    assert!(members::find(&mut connection, home, me.user.id).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn organizations_with_the_same_people_are_deleted_at_once() {
    let gateway = Gateway::start().await;
    let (ada, bob) = (gateway.person("ada@msp.example").await, gateway.person("bob@msp.example").await);
    for round in 0..ROUNDS {
        next_round(&gateway);
        let of_ada = create_pro_team(&gateway, &ada, "Ada's").await;
        let of_bob = create_pro_team(&gateway, &bob, "Bob's").await;
        assert_eq!(accept(&ada, &invite(&bob, &of_bob, 1).await).await, 200);
        assert_eq!(accept(&bob, &invite(&ada, &of_ada, 1).await).await, 200);
        let (one, other) = tokio::join!(ada.delete(&of_ada), bob.delete(&of_bob));
        assert_eq!([one.status(), other.status()], [StatusCode::NO_CONTENT; 2], "round {round}");
        for browser in [&ada, &bob] {
            assert!(me(browser).await.organization().unwrap().is_personal);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_at_once_is_answered() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let bob = gateway.person("bob@msp.example").await;
    for round in 0..ROUNDS {
        next_round(&gateway);
        let team = create_pro_team(&gateway, &ada, "ACME").await;
        let token = invite(&ada, &team, 5).await;
        let noc = create_sub_team(&ada, &team, "NOC").await;
        let place = format!("{noc}/members/{}", user_id(&ada).await);
        let accept = format!("/api/invitations/{token}/accept");
        let (form, name) = (json!({}), json!({"name": "New"}));
        let switch = json!({"organization_id": organization_of(&team)});
        let answers = tokio::join!(
            bob.post(&accept, &form),
            ada.put(&place, &form),
            ada.delete(&team),
            ada.patch("/api/session", &switch),
            ada.patch(&noc, &name),
        );
        let statuses =
            [answers.0, answers.1, answers.2, answers.3, answers.4].map(|one| one.status().as_u16());
        assert_eq!(statuses[2], 204, "round {round}: {statuses:?}");
        assert!(statuses.iter().all(|status| *status < 500), "round {round}: {statuses:?}");
        for browser in [&ada, &bob] {
            assert!(me(browser).await.organization().unwrap().is_personal, "round {round}");
        }
    }
}

/// A team, and the test desk behind it; the owner's client.
async fn with_desk(upstream: &Upstream) -> (Gateway, Browser, String) {
    let (gateway, owner, _) = upstream.connected().await;
    let team = create_pro_team(&gateway, &owner, "ACME").await;
    assert_eq!(owner.delete("/api/connections/desk").await.status(), StatusCode::NO_CONTENT);
    (gateway, owner, team)
}

fn desk_form() -> Value {
    json!({"fields": {"api_key": "the key"}})
}

#[tokio::test]
async fn a_call_that_runs_while_its_organization_is_deleted_ends_well() {
    let upstream = Upstream::start().await;
    let (gateway, owner, team) = with_desk(&upstream).await;
    let (path, form) = (format!("{team}/connections/desk"), desk_form());
    let (connected, ()) = tokio::join!(owner.put(&path, &form), upstream.answer(200, "{}"));
    assert_eq!(connected.status(), StatusCode::CREATED);
    let client = Client::connect(&gateway, &owner).await;
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.call("desk__get_ticket", json!({"id": 3})).await }
    });
    let waiting = upstream.accept().await;
    assert_eq!(owner.delete(&team).await.status(), StatusCode::NO_CONTENT);
    waiting.answer(200, r#"{"id": 3}"#).await;
    let result = call.await.unwrap();
    assert_eq!(result["isError"], false, "{result}");
    assert_eq!(client.modern("tools/list", json!({})).await.status, 401);
    let mut connection = gateway.state.database.read().await.unwrap();
    let rows = audit::list(&mut connection, organization_of(&team), 100).await.unwrap();
    let row = rows.iter().find(|row| row.action == "tool.call").unwrap();
    assert_eq!((row.outcome.as_str(), row.credential_scope.as_deref()), ("ok", Some("organization")));
}

/// Sends `PUT .../connections/desk` and does something else while the vendor looks at the credentials.
async fn put_while<T>(
    upstream: &Upstream,
    browser: &Browser,
    place: &str,
    meanwhile: impl Future<Output = T>,
) -> (u16, String) {
    let (path, form) = (format!("{place}/connections/desk"), desk_form());
    let vendor = async {
        let waiting = upstream.accept().await;
        meanwhile.await;
        waiting.answer(200, "{}").await;
    };
    let (answer, ()) = tokio::join!(browser.put(&path, &form), vendor);
    let (status, code, _) = problem(answer).await;
    (status, code)
}

#[tokio::test]
async fn what_changes_while_the_vendor_is_asked_counts() {
    let upstream = Upstream::start().await;
    let (gateway, owner, team) = with_desk(&upstream).await;
    let bob = colleague(&gateway, &owner, &team, "bob@msp.example").await;
    set_role(&owner, &team, &bob, "owner").await;
    let demote = set_role(&owner, &team, &bob, "member");
    assert_eq!(put_while(&upstream, &bob, &team, demote).await, (403, "forbidden".to_owned()));

    let downgrade = set_plan(&gateway, &team, Plan::Free);
    assert_eq!(put_while(&upstream, &owner, &team, downgrade).await, (403, "plan_required".to_owned()));
    set_plan(&gateway, &team, Plan::Pro).await;

    let noc = create_sub_team(&owner, &team, "NOC").await;
    let end = owner.delete(&noc);
    assert_eq!(put_while(&upstream, &owner, &noc, end).await, (404, "not_found".to_owned()));
    let shared: Page<ConnectionView> = owner.get_json(&format!("{team}/connections")).await;
    assert!(shared.items.is_empty(), "nothing was stored: {shared:?}");

    let end = owner.delete(&team);
    assert_eq!(put_while(&upstream, &owner, &team, end).await, (404, "not_found".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_sub_teams_of_one_name_are_one() {
    let gateway = Gateway::start().await;
    let (ada, bob, team) = two_owners(&gateway).await;
    let path = format!("{team}/teams");
    for round in 0..ROUNDS {
        let (one, other) = (json!({"name": format!("Noc {round}")}), json!({"name": format!("NOC {round}")}));
        let (one, other) = tokio::join!(ada.post(&path, &one), bob.post(&path, &other));
        assert_eq!(sorted(&one, &other), [201, 422], "round {round}");
    }
    let teams: Page<TeamView> = ada.get_json(&path).await;
    assert_eq!(teams.items.len(), ROUNDS);
}

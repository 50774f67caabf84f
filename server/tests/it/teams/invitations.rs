//! Invite links: what they say, whom they let in, and how they end.

use std::time::Duration;

use gateway_api::{
    Page,
    invitations::{CreatedInvitation, InvitationState, InvitationView, OpenedInvitation},
    plans::Plan,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::world::{
    accept, create_pro_team, invite, me, member_names, newest_invitation, set_plan, sign_up, user_id,
};
use crate::gateway::{Browser, Gateway, PASSWORD, problem};

const WEEK: Duration = Duration::from_hours(7 * 24);

async fn open(browser: &Browser, token: &str) -> OpenedInvitation {
    browser.get_json(&format!("/api/invitations/{token}")).await
}

/// Status and code of an acceptance that is refused.
async fn refused(browser: &Browser, token: &str) -> (u16, String) {
    let answer = browser.post(&format!("/api/invitations/{token}/accept"), &json!({})).await;
    let (status, code, body) = problem(answer).await;
    assert!(status == 404 || body["detail"].as_str().is_some_and(|why| why.ends_with('.')), "{body}");
    (status, code)
}

async fn revoke(owner: &Browser, team: &str) {
    let id = newest_invitation(owner, team).await.id;
    assert_eq!(owner.delete(&format!("{team}/invitations/{id}")).await.status(), StatusCode::NO_CONTENT);
}

fn sign_up_form(invitation: Option<&str>) -> Value {
    let mut form = json!({"name": "Bob Builder", "email": "bob@msp.example", "password": PASSWORD});
    if let Some(token) = invitation {
        form["invitation"] = json!(token);
    }
    form
}

#[tokio::test]
async fn a_link_is_shown_once_and_says_who_invites_where_and_why() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let answer = ada.post(&format!("{team}/invitations"), &json!({"note": " <b>Mia</b>, NOC "})).await;
    let made: CreatedInvitation = answer.json().await.unwrap();
    let (start, token) = made.url.rsplit_once('/').unwrap();
    assert_eq!(start, format!("{}/invite", gateway.url));
    assert!(token.len() >= 43, "256 bits: {token}");
    assert_eq!((made.invitation.max_uses, made.invitation.used), (1, 0));

    let list = ada.get(&format!("{team}/invitations")).await.text().await.unwrap();
    assert!(!list.contains(token), "{list}");
    let opened = open(&gateway.browser(), token).await;
    assert_eq!((opened.organization_name.as_str(), opened.invited_by.as_str()), ("ACME", "ada"));
    assert_eq!(opened.note.as_deref(), Some("<b>Mia</b>, NOC"));
    assert_eq!((opened.state, opened.is_member), (InvitationState::Active, false));
    assert_eq!(opened.expires_at, time::OffsetDateTime::from(gateway.clock.now().plus(WEEK)));
    assert!(open(&ada, token).await.is_member);
}

#[tokio::test]
async fn what_a_link_may_be_is_checked() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let path = format!("{team}/invitations");
    let wrong = [
        (json!({"max_uses": 0}), "max_uses"),
        (json!({"max_uses": 101}), "max_uses"),
        (json!({"note": "x".repeat(201)}), "note"),
        (json!({"note": "a\nb"}), "note"),
        (json!({"note": "a\u{202e}b"}), "note"),
    ];
    for (form, field) in wrong {
        let (status, _, body) = problem(ada.post(&path, &form).await).await;
        assert_eq!((status, &body["errors"][0]["field"]), (422, &json!(field)), "{form}");
    }
    for form in [json!({"max_uses": -1}), json!({"max_uses": 1, "role": "owner"})] {
        assert_eq!(problem(ada.post(&path, &form).await).await.0, 400, "{form}");
    }
    let most = json!({"max_uses": 100, "note": "é".repeat(200)});
    assert_eq!(ada.post(&path, &most).await.status(), StatusCode::CREATED);
    let blank: CreatedInvitation = ada.post(&path, &json!({"note": "  "})).await.json().await.unwrap();
    assert_eq!(blank.invitation.note, None);
    let list: Page<InvitationView> = ada.get_json(&path).await;
    assert_eq!(list.items.len(), 2);
}

#[tokio::test]
async fn opening_uses_nothing_up_and_accepting_twice_is_harmless() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let token = invite(&ada, &team, 1).await;
    let bob = gateway.person("bob@msp.example").await;
    for browser in [&bob, &gateway.browser(), &ada] {
        for _ in 0..3 {
            assert_eq!(open(browser, &token).await.state, InvitationState::Active);
        }
    }
    assert_eq!(accept(&ada, &token).await, 200, "an owner who tries the link takes no place");
    assert_eq!(newest_invitation(&ada, &team).await.used, 0);
    for expected in [true, false] {
        let answer = bob.post(&format!("/api/invitations/{token}/accept"), &json!({})).await;
        assert_eq!(answer.json::<Value>().await.unwrap()["is_new"], expected);
    }
    let invitation = newest_invitation(&ada, &team).await;
    assert_eq!((invitation.used, invitation.state), (1, InvitationState::UsedUp));
    assert_eq!((invitation.uses[0].user_id, invitation.uses.len()), (user_id(&bob).await, 1));
    let opened = open(&bob, &token).await;
    assert_eq!((opened.state, opened.is_member), (InvitationState::UsedUp, true));
}

#[tokio::test]
async fn a_link_lets_in_as_many_as_it_says() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let token = invite(&ada, &team, 3).await;
    for name in ["bob", "mia", "tom"] {
        let browser = gateway.person(&format!("{name}@msp.example")).await;
        assert_eq!(accept(&browser, &token).await, 200);
        gateway.clock.advance(Duration::from_mins(1));
    }
    let late = gateway.person("late@msp.example").await;
    assert_eq!(refused(&late, &token).await, (410, "invitation_used_up".to_owned()));
    let names: Vec<_> =
        newest_invitation(&ada, &team).await.uses.into_iter().map(|taken| taken.name).collect();
    assert_eq!(names, ["bob", "mia", "tom"], "in the order they came");
    assert_eq!(member_names(&ada, &team).await, ["ada", "bob", "mia", "tom"]);
}

#[tokio::test]
async fn a_link_ends_after_seven_days() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let token = invite(&ada, &team, 2).await;
    let bob = gateway.person("bob@msp.example").await;
    gateway.clock.advance(WEEK.checked_sub(Duration::from_secs(1)).unwrap());
    assert_eq!(accept(&bob, &token).await, 200, "up to the last second");
    gateway.clock.advance(Duration::from_secs(1));
    let mia = gateway.person("mia@msp.example").await;
    assert_eq!(open(&mia, &token).await.state, InvitationState::Expired);
    assert_eq!(refused(&mia, &token).await, (410, "invitation_expired".to_owned()));
    assert_eq!(newest_invitation(&ada, &team).await.state, InvitationState::Expired);
    assert_eq!(accept(&bob, &token).await, 200, "who is in needs no link");
}

#[tokio::test]
async fn a_revoked_link_lets_nobody_in_and_whoever_is_in_stays() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let token = invite(&ada, &team, 2).await;
    let bob = gateway.person("bob@msp.example").await;
    assert_eq!(accept(&bob, &token).await, 200);
    revoke(&ada, &team).await;
    let mia = gateway.person("mia@msp.example").await;
    assert_eq!(open(&mia, &token).await.state, InvitationState::Revoked);
    assert_eq!(refused(&mia, &token).await, (410, "invitation_revoked".to_owned()));
    assert_eq!(member_names(&ada, &team).await, ["ada", "bob"]);
    let id = newest_invitation(&ada, &team).await.id;
    assert_eq!(problem(ada.delete(&format!("{team}/invitations/{id}")).await).await.0, 404, "once");
    let actions: Vec<_> = gateway.audit(&ada).await.into_iter().map(|row| row.action).collect();
    assert_eq!(actions[..3], ["invitation.revoke", "member.join", "invitation.create"]);
}

#[tokio::test]
async fn links_of_others_cannot_be_seen_or_revoked() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    invite(&ada, &team, 1).await;
    let id = newest_invitation(&ada, &team).await.id;
    let eve = gateway.person("eve@other.example").await;
    let other = create_pro_team(&gateway, &eve, "Other").await;
    assert_eq!(problem(eve.delete(&format!("{other}/invitations/{id}")).await).await.0, 404);
    assert_eq!(newest_invitation(&ada, &team).await.state, InvitationState::Active);
    assert_eq!(refused(&eve, "unknown").await, (404, "not_found".to_owned()));
    assert_eq!(problem(eve.get("/api/invitations/unknown").await).await.0, 404);
}

#[tokio::test]
async fn a_link_sleeps_while_the_team_is_on_free() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let token = invite(&ada, &team, 1).await;
    set_plan(&gateway, &team, Plan::Free).await;
    let bob = gateway.person("bob@msp.example").await;
    assert_eq!(refused(&bob, &token).await, (403, "plan_required".to_owned()));
    assert!(me(&bob).await.organization().unwrap().is_personal);
    set_plan(&gateway, &team, Plan::Pro).await;
    assert_eq!(accept(&bob, &token).await, 200);
}

#[tokio::test]
async fn a_good_link_lets_a_new_person_make_an_account() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let token = invite(&ada, &team, 1).await;
    for form in [sign_up_form(None), sign_up_form(Some("wrong")), sign_up_form(Some(""))] {
        let (status, code, body) = problem(gateway.browser().post("/api/accounts", &form).await).await;
        assert_eq!((status, code.as_str()), (403, "forbidden"));
        assert!(body["detail"].as_str().unwrap().contains("invitation from a colleague"), "{body}");
    }
    let bob = sign_up(&gateway, "bob@msp.example", &token).await;
    assert_eq!(newest_invitation(&ada, &team).await.used, 0, "joining is for the person to accept");
    assert_eq!(member_names(&ada, &team).await, ["ada"]);
    assert_eq!(accept(&bob, &token).await, 200);
    assert_eq!(me(&bob).await.organization().unwrap().name, "ACME");
    assert_eq!(me(&bob).await.organizations.len(), 2);
}

#[tokio::test]
async fn a_link_that_is_no_good_makes_no_account() {
    let gateway = Gateway::start().await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let used_up = invite(&ada, &team, 1).await;
    assert_eq!(accept(&gateway.person("mia@msp.example").await, &used_up).await, 200);
    let expired = invite(&ada, &team, 1).await;
    gateway.clock.advance(WEEK);
    let revoked = invite(&ada, &team, 1).await;
    revoke(&ada, &team).await;
    for token in [&used_up, &expired, &revoked] {
        let answer = gateway.browser().post("/api/accounts", &sign_up_form(Some(token))).await;
        assert_eq!(problem(answer).await.0, 403);
    }
    let sign_in = json!({"email": "bob@msp.example", "password": PASSWORD});
    assert_eq!(problem(gateway.browser().post("/api/session", &sign_in).await).await.0, 401);
}

#[tokio::test]
async fn where_sign_up_is_closed_a_link_is_for_people_with_an_account() {
    let gateway = Gateway::start_with(&["--sign-up", "closed"]).await;
    let ada = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &ada, "ACME").await;
    let token = invite(&ada, &team, 1).await;
    let (status, _, body) =
        problem(gateway.browser().post("/api/accounts", &sign_up_form(Some(&token))).await).await;
    assert_eq!(status, 403);
    assert!(body["detail"].as_str().unwrap().contains("operator"), "{body}");
    let bob = gateway.member("bob@msp.example").await;
    assert_eq!(accept(&bob, &token).await, 200);
}

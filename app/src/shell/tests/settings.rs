//! `/settings`.

use super::*;
use gateway_api::{
    connections::ResolutionView,
    health::{Light, LightState},
    plans::Dormant,
};

#[test]
fn settings_shows_what_is_connected_and_by_whom() {
    let body = body("/settings", &with_lists(vec![connection("alertmanager")]));
    let parts = [
        "Ada &amp; Co",
        "1 of 3 personal connections used",
        "<span class=\"visually-hidden\"> IT Glue</span>",
        "aria-label=\"Test Alertmanager\"",
        "Connected as “ACME”",
        "aria-label=\"Revoke Claude Code\"",
        "read only",
        "Change password",
        "Sign out everywhere",
    ];
    assert_has(&body, &parts);
    assert_lacks(&body, &["<span class=\"visually-hidden\"> Alertmanager</span>"]);
}

#[test]
fn the_limit_is_said_before_the_click() {
    let full = vec![connection("a"), connection("b"), connection("alertmanager")];
    let body = body("/settings", &with_lists(full));
    assert!(body.contains("Free allows no more"), "{body}");
    assert!(body.contains("no longer knows the vendor"), "orphans stay visible");
}

#[test]
fn settings_without_lists_shows_placeholders() {
    assert!(body("/settings", &somebody()).contains("Loading the vendors"));
}

fn shared(vendor: &str, state: ConnectionState) -> ConnectionView {
    ConnectionView { scope: Scope::Organization, state, ..connection(vendor) }
}

fn with_shared(state: ConnectionState, resolution: ResolutionView) -> Bootstrap {
    let mut bootstrap = with_lists(Vec::new());
    bootstrap.data.shared_connections = Some(vec![shared("alertmanager", state)]);
    bootstrap.data.resolution = Some(vec![resolution]);
    bootstrap
}

fn resolved(connection: Option<&str>, reason: &str) -> ResolutionView {
    ResolutionView {
        vendor: "alertmanager".to_owned(),
        connection_id: connection.map(|id| id.parse().unwrap()),
        scope: connection.map(|_| Scope::Organization),
        reason: reason.to_owned(),
    }
}

#[test]
fn a_card_says_which_credential_a_call_uses_and_why() {
    let reason = "Two of your sub-teams have one, so the team’s is used.";
    let working = with_shared(ConnectionState::Connected, resolved(Some(ID), reason));
    let page = body("/settings", &working);
    assert_has(
        &page,
        &[
            "Shared by your team",
            reason,
            "<span class=\"visually-hidden\"> Alertmanager</span>",
            "<bdi>everyone in Ada &amp; Co",
        ],
    );
    assert_lacks(&page, &["Connected as “ACME”", "aria-label=\"Disconnect Alertmanager\""]);

    let mut own = working;
    own.data.connections = Some(vec![connection("alertmanager")]);
    own.data.resolution = Some(vec![resolved(Some(ID), "Your own credentials come first.")]);
    let page = body("/settings", &own);
    assert_has(&page, &["Connected as “ACME”", "Your own credentials come first."]);
    assert_lacks(&page, &["Shared by your team</p>"]);
}

#[test]
fn a_shared_connection_that_is_broken_or_asleep_says_so() {
    let mut broken = with_shared(ConnectionState::NeedsAttention, resolved(Some(ID), "Your team’s."));
    broken.data.shared_connections.as_mut().unwrap()[0].reason = Some("the key was revoked".to_owned());
    assert_has(&body("/settings", &broken), &["Needs attention: the key was revoked"]);
    let asleep = with_shared(ConnectionState::Dormant, resolved(None, "The team’s connection needs Pro."));
    assert_has(&body("/settings", &asleep), &["Needs Pro", "The team’s connection needs Pro."]);
}

#[test]
fn the_lights_say_in_words_what_the_card_does_not() {
    let light = |state, words: &str, why: Option<&str>| Light {
        state,
        words: words.to_owned(),
        why: why.map(str::to_owned),
        at: None,
    };
    let needy = ConnectionView {
        state: ConnectionState::NeedsAttention,
        reason: Some("The key has expired.".to_owned()),
        lights: vec![
            light(LightState::Good, "Vendor reachable", None),
            light(LightState::Bad, "Credential refused", Some("The key has expired.")),
            light(LightState::Bad, "Last call failed", Some("Not found.")),
        ],
        ..connection("alertmanager")
    };
    let page = body("/settings", &with_lists(vec![needy]));
    assert_has(
        &page,
        &["Vendor reachable", "Credential refused", "Last call failed", "Not found.", "Last 30 days"],
    );
    let card = page.split("Credential refused").nth(1).unwrap().split("</article>").next().unwrap();
    assert!(!card.contains("expired"), "the state says it already: {card}");
}

#[test]
fn owners_are_told_what_of_the_team_needs_them() {
    let mut bootstrap = with_shared(ConnectionState::NeedsAttention, resolved(Some(ID), "Your team’s."));
    let me = |role| on_pro(role).me;
    bootstrap.me = me(Role::Owner);
    let page = body("/settings", &bootstrap);
    assert_has(&page, &["1 shared connection needs attention:", "href=\"/team#vendor-alertmanager\""]);
    bootstrap.me = me(Role::Member);
    assert_lacks(&body("/settings", &bootstrap), &["needs attention:"]);
    let good = with_shared(ConnectionState::Connected, resolved(Some(ID), "Your team’s."));
    assert_lacks(&body("/settings", &Bootstrap { me: me(Role::Owner), ..good }), &["needs attention:"]);
}

#[test]
fn what_sleeps_without_pro_is_told() {
    let mut bootstrap = with_lists(Vec::new());
    assert_lacks(&body("/settings", &bootstrap), &["Your team is on Free"]);
    bootstrap.me.as_mut().unwrap().plan.dormant = Dormant { connections: 2, members: 1 };
    let page = body("/settings", &bootstrap);
    assert_has(
        &page,
        &["2 shared connections sleep, 1 member reaches nothing shared", "works again with Pro"],
    );
}

#[test]
fn a_team_can_be_created_upgraded_and_managed() {
    let page = body("/settings", &with_lists(Vec::new()));
    assert_has(
        &page,
        &["aria-label=\"Create a Team\"", "Team name", "aria-label=\"Upgrade\"", "Upgrade to Pro"],
    );
    assert_lacks(&page, &["<summary>Create a Team</summary>"]);
    let page = body("/settings", &Bootstrap { data: with_lists(Vec::new()).data, ..on_pro(Role::Member) });
    assert_has(&page, &["<summary>Create a Team</summary>", "href=\"/team\"", "Member</dd>"]);
    assert_lacks(&page, &["Upgrade to Pro", "href=\"/audit\"", "/team#shared-title"]);
    let page = body("/settings", &Bootstrap { data: with_lists(Vec::new()).data, ..on_pro(Role::Owner) });
    assert_has(&page, &["href=\"/audit\"", "/team#shared-title"]);
}

#[test]
fn who_has_several_teams_can_choose() {
    let mut bootstrap = on_pro(Role::Owner);
    assert_lacks(&body("/connect", &bootstrap), &["<select", "for=\"organization\""]);
    let me = bootstrap.me.as_mut().unwrap();
    let mut other = me.organizations[0].clone();
    other.id = OTHER_ID.parse().unwrap();
    other.name = "Second & Co".to_owned();
    me.organizations.push(other);
    let page = body("/connect", &bootstrap);
    assert_has(
        &page,
        &["<label for=\"organization\" class=\"visually-hidden\">Team</label>", "Second &amp; Co</option>"],
    );
    assert_has(&page, &[&format!("value=\"{ID}\" selected")]);
}

#[test]
fn what_was_done_is_said_in_known_words_only() {
    let bootstrap = on_pro(Role::Member);
    assert_has(&body("/settings?done=joined", &bootstrap), &["Welcome to Ada &amp; Co."]);
    assert_lacks(&body("/settings?done=%3Cb%3E", &bootstrap), &["Welcome", "notice--good"]);
}

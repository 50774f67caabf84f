//! `/team`.

use gateway_api::{
    invitations::{InvitationState, InvitationUse, InvitationView},
    members::MemberView,
    plans::Dormant,
    service_clients::ServiceClientView,
    teams::{TeamMember, TeamRef, TeamView},
};

use super::*;

fn member(id: &str, name: &str, role: Role) -> MemberView {
    MemberView {
        user_id: id.parse().unwrap(),
        name: name.to_owned(),
        email: format!("{}@example.com", name.to_lowercase()),
        role,
        joined_at: moment(),
    }
}

fn invitation(note: Option<&str>, state: InvitationState) -> InvitationView {
    InvitationView {
        id: ID.parse().unwrap(),
        note: note.map(str::to_owned),
        max_uses: 5,
        used: 1,
        state,
        created_by: "Ada".to_owned(),
        created_at: moment(),
        expires_at: moment(),
        uses: vec![InvitationUse {
            user_id: OTHER_ID.parse().unwrap(),
            name: "Bob".to_owned(),
            at: moment(),
        }],
    }
}

fn service_desk() -> TeamView {
    let bob = TeamMember { user_id: OTHER_ID.parse().unwrap(), name: "Bob".to_owned() };
    TeamView {
        id: ID.parse().unwrap(),
        name: "Service Desk".to_owned(),
        members: vec![bob],
        created_at: moment(),
    }
}

fn service_client(name: &str, is_expired: bool) -> ServiceClientView {
    ServiceClientView {
        client_id: ID.parse().unwrap(),
        name: name.to_owned(),
        created_by: "Ada".to_owned(),
        created_at: moment(),
        expires_at: moment(),
        is_expired,
        last_used_at: None,
    }
}

fn data(me: Role) -> PageData {
    let other = if me == Role::Owner { Role::Member } else { Role::Owner };
    PageData {
        vendors: Some(vec![vendor("alertmanager", "Alertmanager"), vendor("itglue", "IT Glue")]),
        members: Some(vec![member(ID, "Ada", me), member(OTHER_ID, "Bob", other)]),
        invitations: Some(vec![
            invitation(Some("For Carol"), InvitationState::Active),
            invitation(None, InvitationState::Expired),
        ]),
        service_clients: Some(vec![service_client("Nightly <report>", false), service_client("Old", true)]),
        teams: Some(vec![service_desk()]),
        shared_connections: Some(vec![ConnectionView {
            scope: Scope::Organization,
            ..connection("alertmanager")
        }]),
        ..PageData::default()
    }
}

#[test]
fn owners_manage_everything() {
    let page = body("/team", &Bootstrap { data: data(Role::Owner), ..on_pro(Role::Owner) });
    assert_has(
        &page,
        &[
            "aria-label=\"Remove Bob\"",
            "aria-label=\"Make owner: Bob\"",
            "bob@example.com",
            "Create Invite Link",
            "aria-label=\"Revoke the invitation For Carol\"",
            "1 of 5 joined",
            "Earlier invitations (1)",
            "<span class=\"visually-hidden\"> IT Glue</span> for Team",
            "aria-label=\"Test Alertmanager\"",
            "aria-label=\"Disconnect Alertmanager\"",
            "Everyone in Ada &amp; Co</option>",
            "Service Desk</option>",
            "aria-label=\"Rename Service Desk\"",
            "aria-label=\"Remove Bob from Service Desk\"",
            "Create Service Client",
            "<bdi>Nightly &lt;report&gt;</bdi>",
            "aria-label=\"Delete Nightly &lt;report&gt;\"",
            "Expired</span>",
            "never used",
            "Rename Team",
            "Delete Team",
        ],
    );
    // The last owner stays; what is over cannot be revoked; what Pro includes is there already.
    assert_lacks(
        &page,
        &["Leave the team", "Make member: Ada", "Revoke the invitation 3 Nov", "What Pro includes"],
    );
}

#[test]
fn members_read_and_may_leave() {
    let page = body("/team", &Bootstrap { data: data(Role::Member), ..on_pro(Role::Member) });
    assert_has(
        &page,
        &["Bob", "aria-label=\"Leave the team\"", "Service Desk", "everyone in Ada &amp; Co", "Alertmanager"],
    );
    assert_lacks(
        &page,
        &[
            "Remove Bob",
            "Create Invite Link",
            "Service clients",
            "For Carol",
            "for Team",
            "Rename",
            "Delete",
            "aria-label=\"Disconnect",
            "Create Sub-team",
        ],
    );
}

#[test]
fn one_of_several_owners_may_step_back() {
    let mut data = data(Role::Owner);
    data.members.as_mut().unwrap()[1].role = Role::Owner;
    let page = body("/team", &Bootstrap { data, ..on_pro(Role::Owner) });
    assert_has(&page, &["Leave the team", "Make member: Ada", "Make member: Bob"]);
    assert_lacks(&page, &["Make owner"]);
}

#[test]
fn free_shows_what_pro_includes_instead() {
    let mut bootstrap = somebody();
    bootstrap.me.as_mut().unwrap().plan.dormant = Dormant { connections: 1, members: 1 };
    bootstrap.data = data(Role::Owner);
    let page = body("/team", &bootstrap);
    assert_has(
        &page,
        &["What Pro includes", "Upgrade to Pro", "Your team is on Free", "Alertmanager", "Service Desk"],
    );
    assert_lacks(
        &page,
        &["Create Invite Link", "for Team", "Create Service Client", "Create Sub-team", "Delete Team"],
    );
    bootstrap.me.as_mut().unwrap().organizations[0].role = Role::Member;
    assert_has(&body("/team", &bootstrap), &["An owner of the team can upgrade it."]);
    assert_lacks(&body("/team", &bootstrap), &["Upgrade to Pro"]);
}

#[test]
fn only_the_first_of_many_members_are_drawn() {
    let mut data = data(Role::Owner);
    let id = |number: usize| format!("0199c1c4-7a5e-7000-8000-{number:012}");
    data.members =
        Some((1..=500).map(|number| member(&id(number), &format!("P{number:03}"), Role::Member)).collect());
    let page = body("/team", &Bootstrap { data, ..on_pro(Role::Owner) });
    assert_has(&page, &["500 members", "Search members", "P050", "Show more members"]);
    assert_lacks(&page, &["aria-label=\"Remove P051\""]);
}

#[test]
fn names_are_text_whatever_they_say() {
    let mut data = data(Role::Owner);
    data.members.as_mut().unwrap()[1].name = "<img src=x>".to_owned();
    let page = body("/team", &Bootstrap { data, ..on_pro(Role::Owner) });
    assert_has(&page, &["<bdi>&lt;img src=x&gt;</bdi>"]);
    assert_lacks(&page, &["<img"]);
}

#[test]
fn a_sub_teams_connection_names_it() {
    let mut data = data(Role::Member);
    let team = TeamRef { id: ID.parse().unwrap(), name: "Service Desk".to_owned() };
    let shared = &mut data.shared_connections.as_mut().unwrap()[0];
    shared.scope = Scope::Team;
    shared.team = Some(team);
    let page = body("/team", &Bootstrap { data, ..on_pro(Role::Member) });
    assert_has(&page, &["for <bdi>Service Desk</bdi>"]);
}

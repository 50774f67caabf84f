//! `/invite/{token}`, and the ways to it through sign-in.

use gateway_api::invitations::{InvitationState, OpenedInvitation};

use super::*;

fn opened(bootstrap: Bootstrap, state: InvitationState, is_member: bool) -> String {
    let invitation = OpenedInvitation {
        organization_name: "Second & Co".to_owned(),
        invited_by: "Bob".to_owned(),
        note: Some("For the night shift".to_owned()),
        state,
        expires_at: moment(),
        is_member,
    };
    let data = PageData { invitation: Some(Ok(invitation)), ..PageData::default() };
    body("/invite/abc", &Bootstrap { data, ..bootstrap })
}

#[test]
fn it_can_be_read_before_sign_in() {
    let page = opened(nobody(), InvitationState::Active, false);
    assert_has(&page, &["Second &amp; Co", "Bob", "For the night shift", "Sign in to accept"]);
    assert_has(&page, &["href=\"/auth/login?return_to=%2Finvite%2Fabc\""]);
    assert_has(&page, &["href=\"/auth/sign-up?return_to=%2Finvite%2Fabc\"", "Create an account"]);
    assert_lacks(&page, &["Accept &amp; Join"]);
    let mut without = nobody();
    without.sign_in.has_local_accounts = false;
    assert_lacks(&opened(without, InvitationState::Active, false), &["Create an account"]);
}

#[test]
fn who_is_signed_in_can_accept_or_be_somebody_else() {
    let page = opened(somebody(), InvitationState::Active, false);
    assert_has(&page, &["Accept &amp; Join Team", "You are signed in as", "ada@example.com"]);
    assert_has(&page, &["Sign out and use another account"]);
    assert_lacks(&page, &["Sign in to accept"]);
}

#[test]
fn each_refusal_has_its_words_and_a_way_on() {
    let cases = [
        (InvitationState::Expired, "This invitation has expired"),
        (InvitationState::Revoked, "This invitation was revoked"),
        (InvitationState::UsedUp, "This invitation is used up"),
    ];
    for (state, title) in cases {
        let page = opened(somebody(), state, false);
        assert_has(&page, &[title, "Go to Settings"]);
        assert_lacks(&page, &["Accept &amp; Join"]);
        assert_has(&opened(nobody(), state, false), &[title, "href=\"/auth/login\""]);
        assert_has(&opened(somebody(), state, true), &["You are already in this team"]);
    }
}

#[test]
fn an_unknown_link_is_explained() {
    let mut bootstrap = nobody();
    bootstrap.data.invitation = Some(Err(problem(404, "not_found", "Not found.")));
    assert_has(&body("/invite/abc", &bootstrap), &["cannot be opened", "ask your colleague"]);
    bootstrap.data.invitation = Some(Err(problem(503, "unavailable", "The database does not answer.")));
    assert_has(&body("/invite/abc", &bootstrap), &["The database does not answer."]);
}

#[test]
fn sign_in_offers_invited_people_an_account() {
    let page = body("/auth/login?return_to=%2Finvite%2Fabc", &nobody());
    assert_has(&page, &["href=\"/auth/sign-up?return_to=%2Finvite%2Fabc\"", "You are invited to a team"]);
    let page = body("/auth/sign-up?return_to=%2Finvite%2Fabc", &nobody());
    assert_has(&page, &["Create account", "With your account you can accept."]);
}

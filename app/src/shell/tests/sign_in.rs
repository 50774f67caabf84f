//! Signing in, signing up and setting up.

use super::*;

#[test]
fn sign_in_keeps_the_way_back_and_offers_what_there_is() {
    let body = body("/auth/login?return_to=%2Fconnect", &nobody());
    assert!(body.contains("href=\"/auth/oidc/entra?return_to=%2Fconnect\""), "{body}");
    assert!(body.contains("Continue with ") && body.contains("Entra ID"));
    assert!(body.contains("for=\"sign-in-email\"") && body.contains("method=\"post\""));
    assert!(!body.contains("Create account"));
}

#[test]
fn a_failed_sign_in_is_explained_in_our_words_only() {
    let body = body("/auth/login?error=%3Cscript%3E", &nobody());
    assert!(body.contains("The sign-in did not work.") && !body.contains("<script"), "{body}");
}

#[test]
fn setup_asks_for_the_account_or_says_where_the_link_is() {
    let mut fresh = nobody();
    fresh.sign_in.needs_setup = true;
    assert!(body("/auth/setup?token=abc", &fresh).contains("Create account"));
    assert!(body("/auth/setup", &fresh).contains("mcp-gateway user create"));
    assert!(body("/auth/setup?token=abc", &nobody()).contains("already set up"));
}

#[test]
fn pages_of_a_person_redirect_nobody_to_sign_in() {
    let page = render(&format!("/consent/{ID}"), &nobody(), &assets());
    assert_eq!(page, Page::Redirect(format!("/auth/login?return_to=%2Fconsent%2F{ID}")));
}

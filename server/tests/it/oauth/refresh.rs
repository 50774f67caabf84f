//! Refresh tokens: rotation, reuse, and the end of a grant. Giving tokens back. Clearing away.

use std::time::Duration;

use futures::future::join_all;
use gateway_api::{Page, grants::GrantView};
use gateway_server::oauth;
use gateway_store::clients;
use reqwest::StatusCode;

use super::flow::{Flow, REDIRECT_URI, error_of, good, post_form, register, with};

/// A retried exchange must come within this time (server/src/oauth/refresh.rs).
const GRACE: Duration = Duration::from_secs(10);
const DAY: Duration = Duration::from_hours(24);

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[tokio::test]
async fn refresh_tokens_rotate() {
    let flow = Flow::start().await;
    let first = flow.tokens().await;
    let second = flow.refresh(&first.refresh_token).await;
    assert_ne!(first.refresh_token, second.refresh_token);
    assert_ne!(first.access_token, second.access_token);
    assert_eq!(flow.call(&first.access_token).await, 200, "the older access token lives until it expires");
    assert_eq!(flow.call(&second.access_token).await, 200);
    let third = flow.refresh(&second.refresh_token).await;
    assert_eq!(flow.call(&third.access_token).await, 200);
    let grants: Page<GrantView> = flow.browser.get_json("/api/grants").await;
    assert_eq!(grants.items.len(), 1, "one family, one grant");
}

#[tokio::test]
async fn a_reused_refresh_token_revokes_the_family() {
    let flow = Flow::start().await;
    let first = flow.tokens().await;
    let second = flow.refresh(&first.refresh_token).await;
    let other_family = flow.tokens().await;
    assert_eq!(flow.call(&second.access_token).await, 200);

    flow.gateway.clock.advance(GRACE);
    let reuse = flow.token(&flow.refreshing(&first.refresh_token)).await;
    assert_eq!(error_of(reuse).await, invalid_grant());
    assert_eq!(flow.call(&second.access_token).await, 401, "the very next call");
    let newest = flow.token(&flow.refreshing(&second.refresh_token)).await;
    assert_eq!(error_of(newest).await, invalid_grant(), "the newest of the family is dead as well");
    assert_eq!(flow.call(&other_family.access_token).await, 200, "another grant of the same client lives");
    let audit = flow.audit("grant.revoke").await;
    assert_eq!(audit.reason.as_deref(), Some("one of its refresh tokens was used twice"));
}

#[tokio::test]
async fn a_refresh_is_bound_to_client_scope_and_resource() {
    let flow = Flow::start().await;
    let tokens = flow.tokens().await;
    let form = flow.refreshing(&tokens.refresh_token);
    let other = register(&flow.gateway, &[REDIRECT_URI]).await;
    for (wrong, code) in [
        (with(&form, "client_id", &other), "invalid_grant"),
        (with(&form, "scope", "mcp:admin"), "invalid_scope"),
        (with(&form, "scope", "mcp"), "invalid_scope"),
        (with(&form, "scope", "openid"), "invalid_scope"),
        (with(&form, "resource", "https://other.example/"), "invalid_target"),
        (with(&form, "refresh_token", "unknown"), "invalid_grant"),
        (with(&form, "refresh_token", &tokens.access_token), "invalid_grant"),
    ] {
        assert_eq!(error_of(flow.token(&wrong).await).await, (400, code.to_owned()), "{wrong:?}");
    }
    let narrowed = good(flow.token(&with(&form, "scope", "mcp:read")).await).await;
    assert_eq!(narrowed.scope, "mcp:read");
    let whole = flow.refresh(&narrowed.refresh_token).await;
    assert_eq!(whole.scope, "mcp:read mcp:write", "the refresh token keeps what was granted");
}

#[tokio::test]
async fn a_grant_lives_as_long_as_it_is_refreshed() {
    let flow = Flow::start().await;
    let first = flow.tokens().await;
    flow.gateway.clock.advance(DAY * 59);
    let second = flow.refresh(&first.refresh_token).await;
    flow.gateway.clock.advance(DAY * 59);
    let third = flow.refresh(&second.refresh_token).await;
    flow.gateway.clock.advance(DAY * 60);
    let late = flow.token(&flow.refreshing(&third.refresh_token)).await;
    assert_eq!(error_of(late).await, invalid_grant());
}

#[tokio::test]
async fn a_client_gives_its_tokens_back() {
    let flow = Flow::start().await;
    let other = register(&flow.gateway, &[REDIRECT_URI]).await;
    for kind in ["refresh_token", "access_token"] {
        let tokens = flow.tokens().await;
        assert_eq!(flow.call(&tokens.access_token).await, 200);
        let token = if kind == "refresh_token" { &tokens.refresh_token } else { &tokens.access_token };
        let form = vec![
            ("token", token.clone()),
            ("token_type_hint", kind.to_owned()),
            ("client_id", flow.client_id.clone()),
        ];
        let foreign = post_form(&flow.gateway, "/revoke", &with(&form, "client_id", &other)).await;
        assert_eq!(error_of(foreign).await, (400, "unauthorized_client".to_owned()));
        assert_eq!(flow.call(&tokens.access_token).await, 200, "it is not another's to give back");
        for _ in 0..2 {
            assert_eq!(post_form(&flow.gateway, "/revoke", &form).await.status(), StatusCode::OK, "{kind}");
        }
        assert_eq!(flow.call(&tokens.access_token).await, 401);
        let refresh = flow.token(&flow.refreshing(&tokens.refresh_token)).await;
        assert_eq!(error_of(refresh).await, invalid_grant());
    }
    let nothing = vec![("client_id", flow.client_id.clone())];
    assert_eq!(error_of(post_form(&flow.gateway, "/revoke", &nothing).await).await.1, "invalid_request");
    let unknown = with(&nothing, "token", "unknown");
    assert_eq!(post_form(&flow.gateway, "/revoke", &unknown).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_is_over_is_cleared_away_and_what_lives_stays() {
    let flow = Flow::start().await;
    let idle = register(&flow.gateway, &[REDIRECT_URI]).await;
    let tokens = flow.tokens().await;
    let state = &flow.gateway.state;
    let is_there = async |id: &str| {
        clients::find(&mut state.database.read().await.unwrap(), id).await.unwrap().is_some()
    };
    oauth::clear(state).await.unwrap();
    assert!(is_there(&idle).await);
    flow.gateway.clock.advance(DAY * 8);
    oauth::clear(state).await.unwrap();
    assert!(!is_there(&idle).await, "it never asked anybody");
    let tokens = flow.refresh(&tokens.refresh_token).await;
    assert_eq!(flow.call(&tokens.access_token).await, 200);
    flow.gateway.clock.advance(DAY * 100);
    oauth::clear(state).await.unwrap();
    assert!(!is_there(&flow.client_id).await, "its last grant is long over");
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let flow = Flow::start().await;
    let first = flow.tokens().await;
    let lost = flow.refresh(&first.refresh_token).await;
    flow.gateway.clock.advance(GRACE.saturating_sub(Duration::from_secs(1)));
    let again = flow.refresh(&first.refresh_token).await;
    assert_ne!(lost.refresh_token, again.refresh_token);
    assert_eq!(flow.call(&again.access_token).await, 200);
    let other = register(&flow.gateway, &[REDIRECT_URI]).await;
    let form = with(&flow.refreshing(&first.refresh_token), "client_id", &other);
    assert_eq!(error_of(flow.token(&form).await).await, invalid_grant(), "only for the same client");

    // The client goes on with the second answer, so the first one is nobody's: who shows it has stolen it.
    let next = flow.refresh(&again.refresh_token).await;
    let stolen = flow.token(&flow.refreshing(&lost.refresh_token)).await;
    assert_eq!(error_of(stolen).await, invalid_grant(), "without any grace");
    assert_eq!(flow.call(&next.access_token).await, 401, "the family is revoked");
}

#[tokio::test]
async fn who_goes_on_has_had_the_answer() {
    let flow = Flow::start().await;
    let first = flow.tokens().await;
    let second = flow.refresh(&first.refresh_token).await;
    flow.gateway.clock.advance(Duration::from_secs(1));
    let third = flow.refresh(&second.refresh_token).await;
    flow.gateway.clock.advance(Duration::from_secs(1));
    let stolen = flow.token(&flow.refreshing(&first.refresh_token)).await;
    assert_eq!(error_of(stolen).await, invalid_grant(), "within ten seconds, but no lost answer");
    assert_eq!(flow.call(&third.access_token).await, 401);
    let newest = flow.token(&flow.refreshing(&third.refresh_token)).await;
    assert_eq!(error_of(newest).await, invalid_grant(), "the family is revoked");
}

#[tokio::test]
async fn a_thief_who_is_first_is_found_out_as_well() {
    let flow = Flow::start().await;
    let first = flow.tokens().await;
    let clients = flow.refresh(&first.refresh_token).await;
    let thiefs = flow.refresh(&first.refresh_token).await;
    let thiefs = flow.refresh(&thiefs.refresh_token).await;
    let client = flow.token(&flow.refreshing(&clients.refresh_token)).await;
    assert_eq!(error_of(client).await, invalid_grant());
    assert_eq!(flow.call(&thiefs.access_token).await, 401);
}

#[tokio::test]
async fn two_exchanges_at_the_same_time_both_work() {
    let flow = Flow::start().await;
    for _ in 0..5 {
        let first = flow.tokens().await;
        let form = flow.refreshing(&first.refresh_token);
        let (one, other) = tokio::join!(flow.token(&form), flow.token(&form));
        let (one, other) = (good(one).await, good(other).await);
        assert_eq!((flow.call(&one.access_token).await, flow.call(&other.access_token).await), (200, 200));
        let next = flow.refresh(&one.refresh_token).await;
        assert_eq!(flow.call(&next.access_token).await, 200);
    }
}

/// How many next tokens there are of one exchange that is tried again and again.
const SIBLINGS: usize = 6;

/// Which answer of a client that was impatient it goes on with, nobody but the client knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_that_asks_several_times_at_once_goes_on_with_any_answer() {
    let flow = Flow::start().await;
    let mut tokens = flow.tokens().await;
    for kept in 0..SIBLINGS {
        let form = flow.refreshing(&tokens.refresh_token);
        let mut answers = join_all((0..SIBLINGS).map(|_| flow.token(&form))).await;
        tokens = good(answers.swap_remove(kept)).await;
        for other in answers {
            good(other).await;
        }
        assert_eq!(flow.call(&tokens.access_token).await, 200);
    }
}

/// They do not wait for each other either, which on PostgreSQL would end with an error of ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_siblings_that_are_exchanged_at_the_same_time_one_is_good() {
    let flow = Flow::start().await;
    for _ in 0..5 {
        let first = flow.tokens().await;
        let mut forms = Vec::new();
        for _ in 0..SIBLINGS {
            forms.push(flow.refreshing(&flow.refresh(&first.refresh_token).await.refresh_token));
        }
        let (good_ones, others): (Vec<_>, Vec<_>) = join_all(forms.iter().map(|form| flow.token(form)))
            .await
            .into_iter()
            .partition(|answer| answer.status() == StatusCode::OK);
        assert_eq!((good_ones.len(), others.len()), (1, SIBLINGS - 1));
        for other in others {
            assert_eq!(error_of(other).await, invalid_grant());
        }
        for tokens in good_ones {
            assert_eq!(flow.call(&good(tokens).await.access_token).await, 401, "the family is revoked");
        }
    }
}

/// Whoever is first: when both have had an answer, there is one at most that anybody can go on with.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_try_and_the_next_exchange_at_the_same_time_leave_one_branch() {
    let flow = Flow::start().await;
    for _ in 0..5 {
        let first = flow.tokens().await;
        let second = flow.refresh(&first.refresh_token).await;
        let (again, next) = (flow.refreshing(&first.refresh_token), flow.refreshing(&second.refresh_token));
        let (again, next) = tokio::join!(flow.token(&again), flow.token(&next));
        if again.status() == StatusCode::OK {
            // It was first, so the exchange that followed left it behind.
            good(next).await;
            let again = flow.refreshing(&good(again).await.refresh_token);
            assert_eq!(error_of(flow.token(&again).await).await, invalid_grant());
        } else {
            assert_eq!(error_of(again).await, invalid_grant());
            let next = flow.refreshing(&good(next).await.refresh_token);
            assert_eq!(error_of(flow.token(&next).await).await, invalid_grant(), "the family is revoked");
        }
    }
}

#[tokio::test]
async fn postgres_only_an_answer_lost_on_one_replica_is_asked_for_on_the_other() {
    let (flow, other) = Flow::start_two().await;
    let first = flow.tokens().await;
    let form = flow.refreshing(&first.refresh_token);
    let (one, two) = tokio::join!(flow.token(&form), post_form(&other, "/token", &form));
    let (one, two) = (good(one).await, good(two).await);
    assert_ne!(one.refresh_token, two.refresh_token);
    for gateway in [&flow.gateway, &other] {
        gateway.clock.advance(GRACE);
    }
    assert_eq!(error_of(post_form(&other, "/token", &form).await).await, invalid_grant());
    assert_eq!(error_of(flow.token(&flow.refreshing(&one.refresh_token)).await).await, invalid_grant());
}

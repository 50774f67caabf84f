//! The layer over the MCP endpoint: who is let in, for how long, and how the rest finds its way.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::Body,
    http::{Request, Response},
    middleware,
    routing::post,
};
use gateway_api::{Page, grants::GrantView, me::Me};
use gateway_server::{
    clock::Clock,
    oauth::{
        bearer::{Caller, require_bearer},
        keys::SigningKeys,
    },
    vault::{MasterKeys, Vault},
};
use gateway_store::{Database, Event, Purpose, Topic, grants};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::flow::Flow;
use crate::gateway::{Gateway, database_url, problem};

/// The layer over a handler that says who called.
async fn ask(gateway: &Gateway, method: &str, authorization: &[&str]) -> Response<Body> {
    let who = async |Extension(caller): Extension<Arc<Caller>>| caller.user_name.clone();
    let router = Router::new()
        .route("/v1/mcp", post(who))
        .layer(middleware::from_fn_with_state(gateway.state.clone(), require_bearer));
    let mut request = Request::builder().method(method).uri("/v1/mcp?access_token=in-the-query");
    for value in authorization {
        request = request.header(header::AUTHORIZATION, *value);
    }
    router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn text(answer: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn without_a_token_the_answer_says_where_to_get_one() {
    let gateway = Gateway::start().await;
    let challenge = format!(
        "Bearer resource_metadata=\"{}/.well-known/oauth-protected-resource/v1/mcp\", scope=\"mcp:read mcp:write\"",
        gateway.url
    );
    for method in ["GET", "POST", "DELETE", "PUT"] {
        let answer = ask(&gateway, method, &[]).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method}");
        assert_eq!(answer.headers()[header::WWW_AUTHENTICATE], challenge);
        let body: Value = serde_json::from_str(&text(answer).await).unwrap();
        assert_eq!(body["error"], "invalid_token");
    }
    let answer = ask(&gateway, "POST", &["Bearer forged"]).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let told = answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert!(told.starts_with(&challenge) && told.contains("error=\"invalid_token\""), "{told}");
    let answer = ask(&gateway, "POST", &["Bearer a", "Bearer b"]).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_token_lets_its_person_in_until_it_expires() {
    let flow = Flow::start().await;
    let tokens = flow.tokens().await;
    let bearer = format!("Bearer {}", tokens.access_token);
    let answer = ask(&flow.gateway, "POST", &[&bearer]).await;
    assert_eq!((answer.status(), text(answer).await.as_str()), (StatusCode::OK, "Ada Lovelace"));
    flow.gateway.clock.advance(Duration::from_secs(899));
    assert_eq!(flow.call(&tokens.access_token).await, 200);
    flow.gateway.clock.advance(Duration::from_secs(1));
    assert_eq!(flow.call(&tokens.access_token).await, 401);
}

#[tokio::test]
async fn the_token_of_another_gateway_is_foreign() {
    let (flow, other) = (Flow::start().await, Flow::start().await);
    assert_eq!(flow.call(&other.tokens().await.access_token).await, 401);
}

#[tokio::test]
async fn an_app_that_is_cut_off_is_out_at_once() {
    let flow = Flow::start().await;
    let tokens = flow.tokens().await;
    assert_eq!(flow.call(&tokens.access_token).await, 200);
    let grants: Page<GrantView> = flow.browser.get_json("/api/grants").await;
    let [grant] = grants.items.as_slice() else { panic!("one grant") };
    assert_eq!(
        (grant.client_name.as_str(), grant.redirect_host.as_str()),
        ("Claude Code (desk)", "localhost:33418")
    );

    let path = format!("/api/grants/{}", grant.id);
    let other = flow.gateway.member("eve@msp.example").await;
    assert_eq!(problem(other.delete(&path).await).await.0, 404, "not theirs");
    assert_eq!(problem(flow.gateway.browser().delete(&path).await).await.0, 401);
    assert_eq!(flow.call(&tokens.access_token).await, 200);
    assert_eq!(flow.browser.delete(&path).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(flow.call(&tokens.access_token).await, 401, "the very next call");
    assert_eq!(problem(flow.browser.delete(&path).await).await.0, 404, "twice");
    assert_eq!(problem(flow.browser.delete("/api/grants/x").await).await.0, 404);
    assert_eq!(flow.audit("grant.revoke").await.actor, "Ada Lovelace");
}

#[tokio::test]
async fn a_warm_call_reads_no_database_and_an_event_is_heard() {
    let flow = Flow::start().await;
    let tokens = flow.tokens().await;
    assert_eq!(flow.call(&tokens.access_token).await, 200);
    let state = &flow.gateway.state;
    let list: Page<GrantView> = flow.browser.get_json("/api/grants").await;
    let id = list.items[0].id;

    let mut transaction = state.database.write().await.unwrap();
    grants::revoke(&mut transaction, id, state.clock.now()).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(flow.call(&tokens.access_token).await, 200, "nobody told us: it is not read again");
    let me: Me = flow.browser.get_json("/api/me").await;
    state.oauth.apply(state, Event::Changed(Topic::User, uuid::Uuid::nil())).await;
    assert_eq!(flow.call(&tokens.access_token).await, 200, "another person");
    for event in [
        Event::Changed(Topic::Grant, id.uuid()),
        Event::Changed(Topic::User, me.user.id.uuid()),
        Event::Changed(Topic::Organization, me.organization_id.uuid()),
        Event::Everything,
    ] {
        state.oauth.apply(state, event).await;
        assert_eq!(flow.call(&tokens.access_token).await, 401, "{event:?}");
    }
}

#[tokio::test]
async fn the_last_use_is_noted() {
    let flow = Flow::start().await;
    let tokens = flow.tokens().await;
    let last_use = async || -> Option<i64> {
        let list: Page<GrantView> = flow.browser.get_json("/api/grants").await;
        list.items[0].last_used_at.map(time::OffsetDateTime::unix_timestamp)
    };
    assert_eq!(last_use().await, None);
    let start = flow.gateway.clock.now().micros() / 1_000_000;
    for (seconds, noted) in [(0, start), (59, start), (60, start + 119)] {
        flow.gateway.clock.advance(Duration::from_secs(seconds));
        assert_eq!(flow.call(&tokens.access_token).await, 200);
        // Nobody waits for it, so it comes a little later; what must not change is looked at after a write in between.
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        while last_use().await != Some(noted) {
            assert!(tokio::time::Instant::now() < deadline, "not noted: {noted}");
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn two_replicas_that_start_at_once_sign_with_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let url = database_url(&folder).await;
    let clock = Clock::system();
    let database = Arc::new(Database::open(&url, Purpose::Command).await.unwrap());
    let keys = MasterKeys::read_or_make(&folder.path().join("master.key")).unwrap();
    let vault = Vault::open(keys, Arc::clone(&database), &clock).await.unwrap();
    let (one, other) = tokio::join!(
        SigningKeys::load_or_make(&database, &vault, &clock),
        SigningKeys::load_or_make(&database, &vault, &clock)
    );
    let later = SigningKeys::load_or_make(&database, &vault, &clock).await.unwrap();
    let set = one.unwrap().jwks();
    assert_eq!(set["keys"].as_array().unwrap().len(), 1);
    assert_eq!(set, other.unwrap().jwks());
    assert_eq!(set, later.jwks());
    assert_ne!(set, json!({"keys": []}));
}

//! The key that signs access tokens is rotated, and nobody notices.

use std::{sync::Arc, time::Duration};

use gateway_server::{
    oauth::{self, keys},
    vault::{MasterKeys, Vault},
};
use gateway_store::{Database, Event, Purpose, signing_keys};
use reqwest::{StatusCode, header};
use serde_json::Value;

use super::flow::{Flow, Tokens};
use crate::gateway::Gateway;

/// As `mcp-gateway keys rotate` does it, in another process: the gateway is not told, as on `SQLite`.
async fn rotate(gateway: &Gateway, is_older_trusted: bool) -> String {
    let database = Arc::new(Database::open(&gateway.database_url, Purpose::Command).await.unwrap());
    let master = MasterKeys::read_or_make(&gateway.master_key_file()).unwrap();
    let vault = Vault::open(master, Arc::clone(&database), &gateway.clock).await.unwrap();
    let next = keys::make_next(&database, &vault, &gateway.clock).await.unwrap();
    let mut transaction = database.write().await.unwrap();
    keys::rotate(&mut transaction, &next, is_older_trusted).await.unwrap();
    transaction.commit().await.unwrap();
    next.id.to_string()
}

async fn published(gateway: &Gateway) -> Vec<String> {
    let answer = gateway.browser().get("/.well-known/jwks.json").await;
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "public, max-age=300");
    let set: Value = answer.json().await.unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(tokens: &Tokens) -> String {
    jsonwebtoken::decode_header(&tokens.access_token).unwrap().kid.unwrap()
}

/// The half minute after which keys are read again.
fn half_a_minute(gateway: &Gateway) {
    gateway.clock.advance(Duration::from_secs(30));
}

#[tokio::test]
async fn old_tokens_live_on_and_new_ones_have_the_new_key() {
    let flow = Flow::start().await;
    let before = flow.tokens().await;
    let first = kid(&before);
    let second = rotate(&flow.gateway, true).await;
    half_a_minute(&flow.gateway);
    assert_eq!(published(&flow.gateway).await, [second.clone(), first.clone()], "the newest first");
    assert_eq!(flow.call(&before.access_token).await, 200);
    let after = flow.refresh(&before.refresh_token).await;
    assert_eq!(kid(&after), second);
    assert_eq!(flow.call(&after.access_token).await, 200);

    flow.gateway.clock.advance(Duration::from_mins(19));
    oauth::clear(&flow.gateway.state).await.unwrap();
    assert_eq!(published(&flow.gateway).await.len(), 2, "something that it signed may still be good");
    flow.gateway.clock.advance(Duration::from_mins(2));
    oauth::clear(&flow.gateway.state).await.unwrap();
    half_a_minute(&flow.gateway);
    assert_eq!(published(&flow.gateway).await, [second]);
}

#[tokio::test]
async fn an_event_is_heard_at_once() {
    let flow = Flow::start().await;
    let second = rotate(&flow.gateway, true).await;
    flow.gateway.state.forget(Event::Everything).await;
    assert_eq!(published(&flow.gateway).await[0], second);
}

#[tokio::test]
async fn a_key_that_became_known_is_good_for_nothing() {
    let flow = Flow::start().await;
    let before = flow.tokens().await;
    assert_eq!(flow.call(&before.access_token).await, 200);
    rotate(&flow.gateway, false).await;
    flow.gateway.state.forget(Event::Everything).await;
    assert_eq!(flow.call(&before.access_token).await, 401, "also when it was verified before");
    let after = flow.refresh(&before.refresh_token).await;
    assert_eq!(flow.call(&after.access_token).await, 200, "and nobody had to sign in");
}

/// On `SQLite` nobody is told. What was verified before the rotation does not outlive the half minute either.
#[tokio::test]
async fn a_key_that_became_known_is_good_for_half_a_minute_where_nobody_is_told() {
    let flow = Flow::start().await;
    let warm = flow.tokens().await;
    assert_eq!(flow.call(&warm.access_token).await, 200);
    rotate(&flow.gateway, false).await;
    half_a_minute(&flow.gateway);
    assert_eq!(flow.call(&warm.access_token).await, 401);
    let after = flow.refresh(&warm.refresh_token).await;
    assert_eq!(flow.call(&after.access_token).await, 200);
}

#[tokio::test]
async fn two_rotations_at_once_make_one_key() {
    let gateway = Gateway::start().await;
    let state = &gateway.state;
    let next = keys::make_next(&state.database, &state.vault, &gateway.clock).await.unwrap();
    let also = keys::make_next(&state.database, &state.vault, &gateway.clock).await.unwrap();
    let mut transaction = state.database.write().await.unwrap();
    assert_eq!(keys::rotate(&mut transaction, &next, true).await.unwrap(), 1);
    transaction.commit().await.unwrap();
    let mut transaction = state.database.write().await.unwrap();
    assert!(keys::rotate(&mut transaction, &also, true).await.is_err());
    drop(transaction);
    let rows = signing_keys::list(&mut state.database.read().await.unwrap()).await.unwrap();
    assert_eq!((rows.len(), rows[0].retired_at, rows[1].retired_at.is_some()), (2, None, true));
}

#[tokio::test]
async fn postgres_only_a_token_of_the_new_key_is_good_where_the_key_is_not_known_yet() {
    let (flow, other) = Flow::start_two().await;
    let before = flow.tokens().await;
    let second = rotate(&flow.gateway, true).await;
    flow.gateway.state.forget(Event::Everything).await;
    let after = flow.refresh(&before.refresh_token).await;
    assert_eq!(kid(&after), second);
    // The other replica was told nothing, and has read the keys more than a second ago.
    other.clock.advance(Duration::from_secs(2));
    for tokens in [&after, &before] {
        let call =
            other.browser().http.get(format!("{}/v1/mcp", other.url)).bearer_auth(&tokens.access_token);
        assert_ne!(call.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }

    // A replica that starts now knows both keys.
    let folder = tempfile::tempdir().unwrap();
    let key = flow.gateway.master_key_file();
    let options = ["--master-key-file", key.to_str().unwrap(), "--public-url", &flow.gateway.url];
    let third = Gateway::start_on(folder, &flow.gateway.database_url, &options).await;
    for tokens in [&after, &before] {
        let call =
            third.browser().http.get(format!("{}/v1/mcp", third.url)).bearer_auth(&tokens.access_token);
        assert_ne!(call.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(published(&third).await.len(), 2);
}

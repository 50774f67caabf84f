//! Who hangs up: in 2026-07-28 the client's disconnect is the cancellation, before it is a notification only.

use std::time::Duration;

use gateway_store::audit::AuditRow;
use serde_json::json;

use super::{
    client::{read, tool_calls},
    upstream::Upstream,
};
use crate::gateway::{Browser, Gateway};

#[tokio::test]
async fn a_client_that_hangs_up_stops_the_vendors_request() {
    let upstream = Upstream::start().await;
    let (gateway, browser, client) = upstream.connected().await;
    let request =
        client.modern_request("tools/call", &json!({"name": "desk__get_ticket", "arguments": {"id": 3}}));
    let call = tokio::spawn(request.send());
    let waiting = upstream.accept().await;
    assert_eq!(waiting.line, "GET /tickets/3 HTTP/1.1");
    call.abort();
    waiting.hung_up().await;
    let row = first_row(&gateway, &browser).await;
    assert_eq!((row.outcome.as_str(), row.reason.as_deref()), ("error", Some("cancelled")));
    assert_eq!(row.tool.as_deref(), Some("desk__get_ticket"));
}

#[tokio::test]
async fn a_notification_cancels_in_a_session() {
    let upstream = Upstream::start().await;
    let (gateway, browser, client) = upstream.connected().await;
    let session = client.initialize("2025-11-25").await;
    let body = json!({"jsonrpc": "2.0", "id": "a", "method": "tools/call",
        "params": {"name": "desk__get_ticket", "arguments": {"id": 3}}});
    let call = tokio::spawn(client.in_session(&session, "2025-11-25", &body).send());
    let waiting = upstream.accept().await;
    let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": {"requestId": "a", "reason": "enough"}});
    let answer = client.in_session(&session, "2025-11-25", &cancel).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    waiting.hung_up().await;
    let row = first_row(&gateway, &browser).await;
    assert_eq!((row.outcome.as_str(), row.reason.as_deref()), ("error", Some("cancelled")));
    let answer = read(call.await.unwrap().unwrap()).await;
    assert_eq!(answer.body, serde_json::Value::Null, "nothing is sent any more, and the stream ends");
}

#[tokio::test]
async fn hanging_up_is_no_cancellation_in_a_session() {
    let upstream = Upstream::start().await;
    let (gateway, browser, client) = upstream.connected().await;
    let session = client.initialize("2025-06-18").await;
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "desk__get_ticket", "arguments": {"id": 3}}});
    let stream = client.in_session(&session, "2025-06-18", &body).send().await.unwrap();
    let waiting = upstream.accept().await;
    drop(stream);
    // The session goes on, and by the time it has answered, the gateway has seen the connection end.
    for _ in 0..3 {
        assert_eq!(client.legacy(&session, "ping", json!({})).await.status, 200);
    }
    waiting.answer(200, "{}").await;
    let row = first_row(&gateway, &browser).await;
    assert_eq!((row.outcome.as_str(), row.reason), ("ok", None));
}

/// The row of the only call, once it is there: nobody is told of it.
async fn first_row(gateway: &Gateway, browser: &Browser) -> AuditRow {
    for _ in 0..500 {
        if let Some(row) = tool_calls(gateway, browser).await.into_iter().next() {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the call was not written down");
}

//! Whether connections work: lights, history, checks that nobody asked for, and what the owner is told.

use std::{collections::BTreeSet, time::Duration};

use gateway_api::{
    connections::{ConnectionState, ConnectionView},
    health::{HealthView, LightState},
};
use gateway_server::health::check;
use gateway_store::health as rows;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    gateway::{Browser, Gateway, PASSWORD, problem},
    mcp::{
        client::{Client, text},
        upstream::Upstream,
    },
    teams::world::{colleague, connect_demo, create_pro_team},
};

const HOUR: Duration = Duration::from_hours(1);

async fn health(browser: &Browser) -> HealthView {
    browser.get_json("/api/connections/desk/health").await
}

async fn connection(browser: &Browser) -> ConnectionView {
    let list: gateway_api::Page<ConnectionView> = browser.get_json("/api/connections").await;
    list.items.into_iter().next().unwrap()
}

fn states(view: &HealthView) -> [LightState; 3] {
    [view.lights[0].state, view.lights[1].state, view.lights[2].state]
}

fn why(view: &HealthView, light: usize) -> &str {
    view.lights[light].why.as_deref().unwrap_or_default()
}

/// A call, answered like this, and so is the proof that a refusal asks for. The client is new, for access tokens do not live
/// as long as these tests.
async fn call(gateway: &Gateway, browser: &Browser, upstream: &Upstream, status: u16, body: &str) {
    let client = Client::connect(gateway, browser).await;
    let answers = async {
        upstream.answer(status, body).await;
        if [401, 403].contains(&status) {
            upstream.answer(status, body).await;
        }
    };
    tokio::join!(client.call("desk__get_ticket", json!({"id": 1})), answers);
}

/// A refusal of one tool, while the credential is accepted.
#[tokio::test]
async fn a_missing_permission_is_no_refused_credential() {
    for status in [401, 403] {
        let upstream = Upstream::start().await;
        let (gateway, browser, _) = upstream.connected().await;
        gateway.clock.advance(HOUR);
        let client = Client::connect(&gateway, &browser).await;
        let answers = async {
            upstream.answer(status, r#"{"message": "no such right"}"#).await;
            let proof = upstream.accept().await;
            assert!(proof.line.contains("/account"), "{}", proof.line);
            proof.answer(200, "{}").await;
        };
        let (told, ()) = tokio::join!(client.call("desk__get_ticket", json!({"id": 1})), answers);
        assert!(text(&told).contains("permission"), "{told}");
        let view = health(&browser).await;
        assert_eq!(states(&view), [LightState::Good, LightState::Good, LightState::Bad], "{status}");
        let now = gateway.clock.now().into();
        assert_eq!(view.lights[1].at, Some(now), "{status}: it was accepted just now");
        assert_eq!(connection(&browser).await.state, ConnectionState::Connected, "{status}");
    }
}

#[tokio::test]
async fn calls_light_the_lights() {
    let upstream = Upstream::start().await;
    let (gateway, browser, _) = upstream.connected().await;
    let new = health(&browser).await;
    assert_eq!(states(&new), [LightState::Good, LightState::Good, LightState::Unknown]);
    assert!(new.days.is_empty() && new.changes.is_empty());

    gateway.clock.advance(HOUR);
    call(&gateway, &browser, &upstream, 200, "{}").await;
    call(&gateway, &browser, &upstream, 404, "{}").await;
    let good = health(&browser).await;
    assert_eq!(states(&good), [LightState::Good, LightState::Good, LightState::Bad]);
    assert!(why(&good, 2).starts_with("Not found"), "{:?}", good.lights);
    assert_eq!(good.days[0].words, "1 good, 1 failed otherwise");

    gateway.clock.advance(24 * HOUR);
    call(&gateway, &browser, &upstream, 401, r#"{"message": "This key has expired"}"#).await;
    let refused = health(&browser).await;
    assert_eq!(states(&refused), [LightState::Good, LightState::Bad, LightState::Bad]);
    assert!(
        !why(&refused, 1).contains("This key"),
        "the vendor's words are for who called: {:?}",
        refused.lights
    );
    assert!(why(&refused, 1).contains("make a new one at the vendor"), "{:?}", refused.lights);
    assert_eq!(
        refused.days.iter().map(|day| day.words.as_str()).collect::<Vec<_>>(),
        ["1 refused", "1 good, 1 failed otherwise"]
    );
    assert_eq!(refused.days[0].date, "2026-11-24");
    let shown = connection(&browser).await;
    assert_eq!(shown.state, ConnectionState::NeedsAttention);
    assert_eq!(shown.lights, refused.lights);
    assert!(refused.changes[0].reason.as_ref().unwrap().contains("expired"));

    gateway.clock.advance(HOUR);
    call(&gateway, &browser, &upstream, 200, "{}").await;
    let again = health(&browser).await;
    assert_eq!(states(&again), [LightState::Good; 3]);
    assert_eq!(again.changes.iter().map(|change| change.reason.is_some()).collect::<Vec<_>>(), [false, true]);
    assert_eq!(connection(&browser).await.state, ConnectionState::Connected);
}

#[tokio::test]
async fn a_vendor_that_stays_away_needs_attention() {
    let upstream = Upstream::start().await;
    let (gateway, browser, _) = upstream.connected().await;
    for absences in 1..=3 {
        gateway.clock.advance(HOUR);
        call(&gateway, &browser, &upstream, 502, "<html>").await;
        let view = health(&browser).await;
        assert_eq!(view.lights[0].state, LightState::Bad);
        let is_needy = connection(&browser).await.state == ConnectionState::NeedsAttention;
        assert_eq!(is_needy, absences == 3, "{absences}");
    }
    let client = Client::connect(&gateway, &browser).await;
    let told = client.call("gateway__list_connections", json!({})).await;
    let told: Value = serde_json::from_str(text(&told)).unwrap();
    let attention = told["connections"][0]["needs_attention"].as_str().unwrap();
    assert!(attention.contains("HTTP 502") && attention.contains("try again later"), "{attention}");
    gateway.clock.advance(HOUR);
    call(&gateway, &browser, &upstream, 200, "{}").await;
    assert_eq!(states(&health(&browser).await), [LightState::Good; 3]);
    assert_eq!(connection(&browser).await.state, ConnectionState::Connected);
}

#[tokio::test]
async fn a_persons_test_is_written_down() {
    let upstream = Upstream::start().await;
    let (gateway, browser, _) = upstream.connected().await;
    gateway.clock.advance(HOUR);
    let nothing = json!({});
    let test = async |status, body: &str| {
        let (answer, ()) =
            tokio::join!(browser.post("/api/connections/desk/test", &nothing), upstream.answer(status, body));
        let result: Value = answer.json().await.unwrap();
        result
    };
    let refused = test(403, r#"{"message": "IP address not allowed"}"#).await;
    assert_eq!(refused["connection"]["state"], "needs_attention");
    assert_eq!(refused["connection"]["lights"][1]["state"], "bad");
    assert!(refused["message"].as_str().unwrap().contains("allow-list"), "{refused}");
    gateway.clock.advance(HOUR);
    assert_eq!(test(200, "{}").await["connection"]["lights"][1]["state"], "good");
    let limited = test(429, "{}").await;
    assert_eq!((&limited["is_ok"], &limited["connection"]["state"]), (&json!(false), &json!("connected")));
    let view = health(&browser).await;
    assert_eq!(view.changes.len(), 2, "{:?}", view.changes);
    assert_eq!(view.days[0].words, "1 good, 1 refused, 1 limited by the vendor");
}

#[tokio::test]
async fn what_nobody_uses_is_checked_now_and_then() {
    let upstream = Upstream::start().await;
    let (gateway, browser, _) = upstream.connected().await;
    let due = async || check::run_due(&gateway.state).await.unwrap();
    assert_eq!(due().await, 0, "it gets its turn within the next hours");
    gateway.clock.advance(7 * HOUR);
    // Several look at the same time; one asks.
    let (one, other, third, ()) = tokio::join!(due(), due(), due(), upstream.answer(200, "{}"));
    assert_eq!(one + other + third, 1);
    let view = health(&browser).await;
    assert_eq!(states(&view), [LightState::Good, LightState::Good, LightState::Unknown]);
    assert_eq!(view.days[0].good, 1);
    assert_eq!(due().await, 0);

    gateway.clock.advance(7 * HOUR);
    call(&gateway, &browser, &upstream, 200, "{}").await;
    health(&browser).await;
    assert_eq!(due().await, 0, "a call has just told");

    gateway.clock.advance(9 * HOUR);
    let (asked, ()) = tokio::join!(due(), upstream.answer(401, r#"{"message": "revoked"}"#));
    assert_eq!(asked, 1);
    assert_eq!(health(&browser).await.lights[1].state, LightState::Bad);
    assert_eq!(connection(&browser).await.state, ConnectionState::NeedsAttention);
    for _ in 0..3 {
        gateway.clock.advance(3 * HOUR);
        assert_eq!(due().await, 0, "wrong sign-ins lock accounts");
    }
    gateway.clock.advance(24 * HOUR);
    let (asked, ()) = tokio::join!(due(), upstream.answer(200, "{}"));
    assert_eq!(asked, 1);
    health(&browser).await;
    assert_eq!(connection(&browser).await.state, ConnectionState::Connected);
}

#[tokio::test]
async fn who_does_not_answer_is_asked_again_soon() {
    let upstream = Upstream::start().await;
    let (gateway, browser, _) = upstream.connected().await;
    let due = async || check::run_due(&gateway.state).await.unwrap();
    due().await;
    gateway.clock.advance(7 * HOUR);
    for _ in 0..3 {
        let (asked, ()) = tokio::join!(due(), upstream.answer(503, ""));
        assert_eq!(asked, 1);
        health(&browser).await;
        assert_eq!(due().await, 0);
        gateway.clock.advance(Duration::from_mins(16));
    }
    assert_eq!(connection(&browser).await.state, ConnectionState::NeedsAttention);
    let (asked, ()) = tokio::join!(due(), upstream.answer(200, "{}"));
    assert_eq!(asked, 1, "also when it needs attention");
    health(&browser).await;
    assert_eq!(connection(&browser).await.state, ConnectionState::Connected);
}

#[tokio::test]
async fn checks_are_spread_over_time() {
    const CONNECTIONS: usize = 8;
    let upstream = Upstream::start().await;
    let (gateway, _, _) = upstream.connected().await;
    for number in 1..CONNECTIONS {
        let browser = gateway.person(&format!("person{number}@msp.example")).await;
        upstream.put(&browser, "the key").await;
    }
    let next = async || {
        let mut connection = gateway.state.database.read().await.unwrap();
        let later = gateway.clock.now().plus(100 * HOUR);
        let due = rows::due(&mut connection, later, 100).await.unwrap();
        assert_eq!(due.len(), CONNECTIONS);
        due.into_iter().map(|(_, health)| health.next_check_at).collect::<BTreeSet<_>>()
    };
    // All are new at the same moment, and so are their checks due within the same hours; but not together.
    assert_eq!(check::run_due(&gateway.state).await.unwrap(), 0);
    let first = next().await;
    assert_eq!(first.len(), CONNECTIONS, "two have the same moment");
    let (earliest, latest) = (*first.first().unwrap(), *first.last().unwrap());
    assert!(earliest.until(latest) > HOUR / 6 && gateway.clock.now().until(latest) <= 6 * HOUR);
    // All are checked in one go: the next are spread again.
    gateway.clock.advance(7 * HOUR);
    let answers = async {
        for _ in 0..CONNECTIONS {
            upstream.answer(200, "{}").await;
        }
    };
    let (asked, ()) = tokio::join!(check::run_due(&gateway.state), answers);
    assert_eq!(asked.unwrap(), CONNECTIONS);
    let second = next().await;
    assert_eq!(second.len(), CONNECTIONS, "two have the same moment");
    let (earliest, latest) = (*second.first().unwrap(), *second.last().unwrap());
    let now = gateway.clock.now();
    assert!(now.until(earliest) >= HOUR * 4 && now.until(latest) <= HOUR * 8);
    assert!(earliest.until(latest) > HOUR / 6);
}

#[tokio::test]
async fn history_ends_after_thirty_days_and_with_its_connection() {
    let upstream = Upstream::start().await;
    let (gateway, browser, _) = upstream.connected().await;
    call(&gateway, &browser, &upstream, 401, "{}").await;
    assert_eq!(health(&browser).await.days.len(), 1);
    let account = json!({"email": "ada@msp.example", "password": PASSWORD});
    // Sessions do not live as long as this.
    let later = async |days: u32| {
        gateway.clock.advance(days * 24 * HOUR);
        let browser = gateway.browser();
        assert_eq!(browser.post("/api/session", &account).await.status(), StatusCode::OK);
        browser
    };
    let browser = later(29).await;
    assert_eq!(check::prune(&gateway.state).await.unwrap(), 0);
    let young = health(&browser).await;
    assert_eq!((young.days.len(), young.changes.len()), (1, 1), "after 29 days");
    assert_eq!((young.days[0].date.as_str(), young.days[0].words.as_str()), ("2026-11-23", "1 refused"));
    let browser = later(2).await;
    let old = health(&browser).await;
    assert!(old.days.is_empty() && old.changes.is_empty(), "after 31 days");
    assert_eq!(check::prune(&gateway.state).await.unwrap(), 2);
    assert_eq!(check::prune(&gateway.state).await.unwrap(), 0);
    assert_eq!(browser.delete("/api/connections/desk").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(problem(browser.get("/api/connections/desk/health").await).await.0, 404);
}

/// Who limits the rate is there and has accepted the credential: nothing needs attention, and nothing is called broken.
#[tokio::test]
async fn lights_of_who_is_rate_limited() {
    let upstream = Upstream::start().await;
    let (gateway, browser, _) = upstream.connected().await;
    gateway.clock.advance(HOUR);
    call(&gateway, &browser, &upstream, 429, r#"{"message": "Too many requests"}"#).await;
    let limited = health(&browser).await;
    assert_eq!(states(&limited), [LightState::Good, LightState::Good, LightState::Bad]);
    let told = why(&limited, 2);
    assert!(told.contains("limits the rate") && told.to_lowercase().contains("wait"), "{told}");
    assert_eq!(limited.days[0].words, "1 limited by the vendor");
    let shown = connection(&browser).await;
    assert_eq!((shown.state, limited.changes.len()), (ConnectionState::Connected, 0));
}

#[tokio::test]
async fn members_see_how_the_teams_connection_is() {
    let gateway = Gateway::start().await;
    let owner = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &owner, "ACME").await;
    connect_demo(&owner, &team).await;
    let bob = colleague(&gateway, &owner, &team, "bob@msp.example").await;
    let view: HealthView = bob.get_json(&format!("{team}/connections/demo/health")).await;
    assert_eq!(states(&view)[1], LightState::Good);
    let shared: gateway_api::Page<ConnectionView> = bob.get_json(&format!("{team}/connections")).await;
    assert_eq!(shared.items[0].lights, view.lights);
}

/// Connecting while the vendor limits the rate: that is not a vendor that cannot be reached.
#[tokio::test]
async fn who_connects_is_told_when_to_try_again() {
    let upstream = Upstream::start().await;
    let (gateway, browser, _) = upstream.connected().await;
    let form = json!({"fields": {"api_key": "another key"}});
    let limited = async {
        let head = [("retry-after", "90")];
        upstream.accept().await.answer_with(429, &head, r#"{"message": "Too many requests"}"#).await;
    };
    let (answer, ()) = tokio::join!(browser.put("/api/connections/desk", &form), limited);
    assert_eq!(answer.headers()["retry-after"], "90");
    let (status, code, body) = problem(answer).await;
    assert_eq!((status, code.as_str(), &body["retry_after"]), (429, "vendor_limited", &json!(90)));
    let told = body["detail"].as_str().unwrap();
    assert!(told.contains("Too many requests") && told.contains("Wait 90 seconds"), "{told}");
    assert_eq!(connection(&browser).await.state, ConnectionState::Connected, "nothing was stored");
    let audit = gateway.audit(&browser).await;
    assert!(!audit[0].reason.as_ref().unwrap().contains("Too many"), "the vendor's words are for who asked");
}

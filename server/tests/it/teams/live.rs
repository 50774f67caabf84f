//! `GET /api/events`: who hears what.
//!
//! A stream is read until an event that the test itself sends to one person alone, so that what was not sent is known
//! without waiting. On `PostgreSQL` every event comes twice, from this process and from the server; therefore sets.

use std::{collections::BTreeSet, time::Duration};

use gateway_store::{Event, Topic};
use reqwest::{Response, StatusCode};
use serde_json::json;

use super::world::{
    colleague, connect_demo, create_pro_team, create_sub_team, insert_grant, me, put_into, set_plan, user_id,
};
use crate::gateway::{Browser, Gateway};

const PATIENCE: Duration = Duration::from_secs(20);

/// What an open page hears.
struct Stream {
    answer: Response,
    unread: String,
}

impl Stream {
    async fn open(browser: &Browser) -> Self {
        let answer = browser.get("/api/events").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, unread: String::new() }
    }

    /// The next event; none if the stream is over.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.unread.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.unread = rest;
                let name = event.lines().find_map(|line| line.strip_prefix("event:"));
                match name {
                    Some(name) => return Some(name.trim().to_owned()),
                    // A comment that keeps the connection open.
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk()).await.expect("nothing is heard");
            self.unread.push_str(std::str::from_utf8(&chunk.ok()??).unwrap());
        }
    }

    /// Everything until an event of this name has come so many times, without it.
    async fn until(&mut self, last: &str, mut times: usize) -> BTreeSet<String> {
        let mut heard = BTreeSet::new();
        while times > 0 {
            let event = self.next().await.expect("the stream goes on");
            if event == last {
                times -= 1;
            } else {
                heard.insert(event);
            }
        }
        heard
    }
}

/// A team with an owner and a member, and somebody else; all of them have a page open.
struct World {
    gateway: Gateway,
    team: String,
    owner: Browser,
    people: [Browser; 3],
    streams: [Stream; 3],
}

impl World {
    async fn build() -> Self {
        let gateway = Gateway::start().await;
        let owner = gateway.person("ada@msp.example").await;
        let team = create_pro_team(&gateway, &owner, "ACME").await;
        let bob = colleague(&gateway, &owner, &team, "bob@msp.example").await;
        let eve = gateway.person("eve@other.example").await;
        create_pro_team(&gateway, &eve, "Other").await;
        settle(&gateway).await;
        let people = [owner.clone(), bob, eve];
        let streams =
            [Stream::open(&people[0]).await, Stream::open(&people[1]).await, Stream::open(&people[2]).await];
        Self { gateway, team, owner, people, streams }
    }

    /// What owner, member and stranger heard so far.
    async fn heard(&mut self) -> [String; 3] {
        for person in &self.people {
            let grant = insert_grant(&self.gateway, person).await;
            publish(&self.gateway, Event::Changed(Topic::Grant, grant.uuid())).await;
        }
        settle(&self.gateway).await;
        let mut all = [const { String::new() }; 3];
        for (stream, heard) in self.streams.iter_mut().zip(&mut all) {
            let names = stream.until("grants", copies(&self.gateway)).await;
            *heard = names.into_iter().collect::<Vec<_>>().join(" ");
        }
        all
    }
}

async fn publish(gateway: &Gateway, event: Event) {
    let transaction = gateway.state.database.write().await.unwrap();
    gateway.state.commit(transaction, &[event]).await.unwrap();
}

/// How often an event comes.
fn copies(gateway: &Gateway) -> usize {
    if gateway.state.database.engine_name() == "sqlite" { 1 } else { 2 }
}

/// Waits until every event so far has come as often as it does.
async fn settle(gateway: &Gateway) {
    let mut events = gateway.state.database.subscribe();
    loop {
        let marker = Event::Changed(Topic::Grant, gateway.clock.new_uuid());
        publish(gateway, marker).await;
        let mut heard = 0;
        while heard < copies(gateway) {
            match events.recv().await.unwrap() {
                event if event == marker => heard += 1,
                // The gateway begins to listen to the server only now; the marker may have been missed.
                Event::Everything => break,
                Event::Changed(..) => {}
            }
        }
        if heard == copies(gateway) {
            return;
        }
    }
}

#[tokio::test]
async fn a_shared_connection_is_heard_by_the_whole_team() {
    let mut world = World::build().await;
    connect_demo(&world.owner, &world.team).await;
    assert_eq!(world.heard().await, ["connections", "connections", ""]);
}

#[tokio::test]
async fn a_sub_team_that_is_made_later_is_heard_as_well() {
    let mut world = World::build().await;
    let sub_team = create_sub_team(&world.owner, &world.team, "NOC").await;
    assert_eq!(world.heard().await, ["connections organization", "connections organization", ""]);
    connect_demo(&world.owner, &sub_team).await;
    let heard = world.heard().await;
    assert!(heard[1].contains("connections"), "{heard:?}");
    assert_eq!(heard[2], "");
}

#[tokio::test]
async fn a_personal_connection_is_heard_by_its_owner_alone() {
    let mut world = World::build().await;
    connect_demo(&world.people[1], "/api").await;
    assert_eq!(world.heard().await, ["", "connections", ""]);
}

#[tokio::test]
async fn name_plan_members_and_invitations_are_the_organizations() {
    let mut world = World::build().await;
    assert_eq!(world.owner.patch(&world.team, &json!({"name": "New"})).await.status(), StatusCode::OK);
    assert_eq!(world.heard().await, ["connections organization", "connections organization", ""]);
    set_plan(&world.gateway, &world.team, gateway_api::plans::Plan::Free).await;
    let heard = world.heard().await;
    assert!(heard[..2].iter().all(|heard| heard.contains("organization")), "{heard:?}");
    assert_eq!(heard[2], "");
}

#[tokio::test]
async fn who_is_put_into_a_sub_team_hears_of_themselves() {
    let mut world = World::build().await;
    let sub_team = create_sub_team(&world.owner, &world.team, "NOC").await;
    world.heard().await;
    put_into(&world.owner, &sub_team, user_id(&world.people[1]).await).await;
    let heard = world.heard().await;
    assert!(heard[1].contains("me") && heard[1].contains("connections"), "{heard:?}");
    assert!(!heard[0].contains("me"), "{heard:?}");
    assert_eq!(heard[2], "");
}

#[tokio::test]
async fn a_grant_is_heard_by_its_person_alone() {
    let mut world = World::build().await;
    let grant = insert_grant(&world.gateway, &world.people[1]).await;
    let cut_off = world.people[1].delete(&format!("/api/grants/{grant}")).await;
    assert_eq!(cut_off.status(), StatusCode::NO_CONTENT);
    for (number, expected) in [false, true, false].into_iter().enumerate() {
        let user = user_id(&world.people[number]).await;
        publish(&world.gateway, Event::Changed(Topic::User, user.uuid())).await;
        let heard = world.streams[number].until("me", 1).await;
        assert_eq!(heard.contains("grants"), expected, "{number}: {heard:?}");
    }
}

#[tokio::test]
async fn who_was_removed_hears_it_and_then_nothing_of_the_team() {
    let mut world = World::build().await;
    let bob = user_id(&world.people[1]).await;
    assert_eq!(world.owner.delete(&format!("{}/members/{bob}", world.team)).await.status(), StatusCode::OK);
    let heard = world.heard().await;
    assert!(heard[0].contains("organization") && heard[1].contains("me"), "{heard:?}");
    assert_eq!(heard[2], "");
    connect_demo(&world.owner, &world.team).await;
    world.owner.patch(&world.team, &json!({"name": "Without Bob"})).await;
    let heard = world.heard().await;
    assert_eq!(heard[1], "", "not of a team that is no longer his");
    assert!(me(&world.people[1]).await.organization().unwrap().is_personal);
}

#[tokio::test]
async fn a_page_follows_its_session_into_another_organization() {
    let mut world = World::build().await;
    let other = create_pro_team(&world.gateway, &world.people[1], "Bob's own").await;
    world.heard().await;
    world.people[1].patch(&other, &json!({"name": "Renamed"})).await;
    let heard = world.heard().await;
    assert!(heard[1].contains("organization"), "{heard:?}");
    assert_eq!([heard[0].as_str(), heard[2].as_str()], ["", ""]);
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    for path in ["/api/session", "/api/sessions"] {
        let mut world = World::build().await;
        let bob = world.people[1].clone();
        assert_eq!(bob.delete(path).await.status(), StatusCode::NO_CONTENT);
        while world.streams[1].next().await.is_some() {}
        assert_eq!(bob.get("/api/events").await.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}

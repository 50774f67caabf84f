//! Vendors that move an account to another server, whose address is discovered: the old one says so in one of many ways, or
//! is not there any more.

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gateway_server::vendors::{CallError, CredentialKey};
use serde_json::json;
use uuid::Uuid;

use super::tokens::json_answer;
use super::{MANIFEST, serve, with_manifest};
use crate::rig::Rig;

/// A vendor whose address is asked for at `directory`.
pub(super) fn discovering(directory: &str) -> String {
    MANIFEST
        .replace(
            "base_url = { template = \"{base_url}\" }",
            &format!(
                "base_url = {{ template = \"{{zone}}\", discover = {{ assign = \"zone\", url = \"{directory}/zone\", \
                 answer = \"/url\", host_suffix = \"127.0.0.1\" }} }}"
            ),
        )
        .replace("  { name = \"key\"", "  { name = \"zone\", label = \"Zone\", kind = \"url\" },\n  { name = \"key\"")
}

/// A server of the vendor, whose answers to everything have this status.
struct Zone {
    url: String,
    status: Arc<AtomicU16>,
    asked: Arc<AtomicUsize>,
}

impl Zone {
    async fn start(name: &'static str) -> Self {
        let (status, asked) = (Arc::new(AtomicU16::new(200)), Arc::new(AtomicUsize::new(0)));
        let (now, counter) = (Arc::clone(&status), Arc::clone(&asked));
        let url = serve(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            let status = now.load(Ordering::SeqCst);
            async move { json_answer(status, &json!({"zone": name})) }
        })
        .await;
        Self { url, status, asked }
    }

    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }
}

/// A vendor with two servers, and the directory that names one of them.
struct World {
    one: Zone,
    other: Zone,
    named: Arc<Mutex<String>>,
    lookups: Arc<AtomicUsize>,
    rig: Rig,
}

impl World {
    async fn start() -> Self {
        let (one, other) = (Zone::start("one").await, Zone::start("other").await);
        let named = Arc::new(Mutex::new(one.url.clone()));
        let lookups = Arc::new(AtomicUsize::new(0));
        let (name, counter) = (Arc::clone(&named), Arc::clone(&lookups));
        let directory = serve(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            let zone = name.lock().unwrap().clone();
            async move { json_answer(200, &json!({"url": zone})) }
        })
        .await;
        let rig = with_manifest(&discovering(&directory), &one.url);
        Self { one, other, named, lookups, rig }
    }

    /// The account moves: the first server answers this from now on.
    fn moves(&self, status: u16) {
        self.one.status.store(status, Ordering::SeqCst);
        self.named.lock().unwrap().clone_from(&self.other.url);
    }

    fn lookups(&self) -> usize {
        self.lookups.swap(0, Ordering::SeqCst)
    }

    async fn zone(&self) -> String {
        self.rig.json("get_it", json!({})).await["zone"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_read_finds_the_new_address() {
    for status in [301, 307, 404, 410, 421] {
        let world = World::start().await;
        assert_eq!((world.zone().await.as_str(), world.lookups()), ("one", 1));
        world.moves(status);
        assert_eq!(world.zone().await, "other", "{status}");
        assert_eq!((world.one.asked(), world.other.asked(), world.lookups()), (2, 1, 1), "{status}");
        assert_eq!(
            (world.zone().await.as_str(), world.lookups()),
            ("other", 0),
            "{status}: it is remembered"
        );
        world.rig.validate().await.unwrap();
    }
}

#[tokio::test]
async fn a_write_is_not_repeated_but_the_next_call_finds_it() {
    for status in [301, 404, 421] {
        let world = World::start().await;
        assert_eq!(world.zone().await, "one");
        world.moves(status);
        let error = world.rig.call("do_it", json!({})).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!((world.one.asked(), world.other.asked()), (2, 0), "{status}: a write was repeated");
        world.rig.call("do_it", json!({})).await.unwrap();
        assert_eq!((world.one.asked(), world.other.asked(), world.lookups()), (0, 1, 2), "{status}");
    }
}

#[tokio::test]
async fn who_is_refused_is_not_asked_again_at_once() {
    let world = World::start().await;
    assert_eq!(world.zone().await, "one");
    world.moves(401);
    let error = world.rig.call("get_it", json!({})).await.unwrap_err();
    assert!(matches!(error, CallError::NotPermitted { .. }), "the proof goes to the new address: {error}");
    assert!(error.remedy().starts_with("Call again"), "{}", error.remedy());
    assert_eq!((world.one.asked(), world.other.asked()), (2, 1), "the call itself is not repeated");
    assert_eq!(world.zone().await, "other");
}

#[tokio::test]
async fn a_server_that_is_gone() {
    let world = World::start().await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    *world.named.lock().unwrap() = format!("http://{gone}");
    let error = world.rig.call("get_it", json!({})).await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable { .. }), "{error}");
    assert_eq!(world.lookups(), 2, "once more, and the directory still says the same");
    world.moves(200);
    assert_eq!(world.zone().await, "other");
}

#[tokio::test]
async fn a_record_that_is_not_there_costs_one_lookup_a_minute() {
    let world = World::start().await;
    assert_eq!((world.zone().await.as_str(), world.lookups()), ("one", 1));
    world.one.status.store(404, Ordering::SeqCst);
    for _ in 0..20 {
        let error = world.rig.call("get_it", json!({})).await.unwrap_err();
        assert!(matches!(error, CallError::NotFound { .. }), "{error}");
    }
    assert_eq!(
        (world.one.asked(), world.lookups()),
        (21, 1),
        "it is the same address, so it is not asked again"
    );
}

#[tokio::test]
async fn a_directory_that_fails_does_not_hide_the_answer() {
    let world = World::start().await;
    assert_eq!(world.zone().await, "one");
    world.moves(421);
    *world.named.lock().unwrap() = "https://evil.example".to_owned();
    let error = world.rig.call("get_it", json!({})).await.unwrap_err();
    assert_eq!(error.status(), Some(421), "{error}");
    let error = world.rig.call("get_it", json!({})).await.unwrap_err();
    assert!(matches!(error, CallError::Broken(_)), "and it is asked with the next call: {error}");
    assert_eq!(world.one.asked(), 2, "credentials go to no foreign address");
}

#[tokio::test]
async fn another_credential_keeps_its_address() {
    let mut world = World::start().await;
    assert_eq!(world.zone().await, "one");
    let mine = world.rig.key;
    world.rig.key = CredentialKey { id: Uuid::from_u128(8), version: 1 };
    assert_eq!((world.zone().await.as_str(), world.lookups()), ("one", 2));
    world.moves(421);
    assert_eq!((world.zone().await.as_str(), world.lookups()), ("other", 1));
    world.one.status.store(200, Ordering::SeqCst);
    world.rig.key = mine;
    assert_eq!((world.zone().await.as_str(), world.lookups()), ("one", 0), "its account has not moved");
}

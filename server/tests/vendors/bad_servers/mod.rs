//! MCP servers that answer badly: each row of [`rows`] is one of them and the typed outcome that the gateway makes of it.
//! How the server is spoken to otherwise stands in `it/mcp/`.

mod odd;
mod rows;
mod server;

use std::time::{Duration, Instant};

use gateway_server::vendors::{Answer, CallError, NetworkSettings, ToolList};
use serde_json::{Map, json};

use crate::rig::{Rig, loopback};
use server::{Script, Server};

const MANIFEST: &str = r##"
slug = "bad"
name = "Bad"
kind = "mcp"
category = "test"
summary = "Misbehaves by MCP."
color = "#000000"
initials = "B"
fields = [
  { name = "base_url", label = "Address", kind = "url", required = true },
  { name = "key", label = "Key", kind = "secret", required = true },
]
auth = { headers = { X-Key = "{key}" } }
base_url = { template = "{base_url}" }
"##;

const KEY: &str = "hunter2&secret/key+";
/// No row waits longer for a server.
const DEADLINE: Duration = Duration::from_millis(1500);

fn rig(url: &str) -> Rig {
    let settings = NetworkSettings { deadline: DEADLINE, ..loopback() };
    Rig::from_text("bad", MANIFEST, settings, &[("base_url", url), ("key", KEY)])
}

impl Rig {
    async fn list(&self) -> Result<ToolList, CallError> {
        self.client.list_tools(&self.vendor, &self.credentials, self.key).await
    }

    async fn call_listed(&self, list: &ToolList, tool: &str) -> Result<Answer, CallError> {
        let tool = list.tool(tool).unwrap_or_else(|| panic!("{list:?}"));
        self.client.call(&self.vendor, tool, &self.credentials, self.key, Map::new()).await
    }
}

/// No error tells the key, and none takes longer than its deadline.
#[track_caller]
fn check<T>(name: &str, started: Instant, result: Result<T, CallError>, expected: fn(&CallError) -> bool) {
    let Err(error) = result else { panic!("{name}: it was taken for good") };
    assert!(expected(&error), "{name}: {error:?}");
    let told = format!("{error:?} {}", error.explain());
    assert!(!told.contains("hunter2"), "{name}: {told}");
    assert!(started.elapsed() < DEADLINE * 4, "{name}: {:?}", started.elapsed());
}

#[tokio::test]
async fn beginnings() {
    for (name, script, expected) in rows::beginnings() {
        let server = Server::start(script).await;
        let started = Instant::now();
        check(name, started, rig(&server.url).list().await, expected);
        check(name, started, rig(&server.url).validate().await, expected);
    }
}

#[tokio::test]
async fn lists() {
    for (name, script, expected) in rows::lists() {
        let server = Server::start(script).await;
        check(name, Instant::now(), rig(&server.url).list().await, expected);
    }
}

#[tokio::test]
async fn calls() {
    for (name, script, expected) in rows::calls() {
        let server = Server::start(script).await;
        let rig = rig(&server.url);
        let list = rig.list().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        check(name, Instant::now(), rig.call_listed(&list, "bad__write").await, expected);
        assert_eq!(server.writes(), 1, "{name}: a write was repeated");
    }
}

#[tokio::test]
async fn endless_lists() {
    for (name, script) in odd::endless_lists() {
        let server = Server::start(script).await;
        let list = rig(&server.url).list().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(server.asked("tools/list") <= 20, "{name}: {} pages", server.asked("tools/list"));
        assert!(list.tools.len() <= 500 && list.left_out.len() <= 501, "{name}");
        assert!(list.left_out.iter().any(|left| left.reason.contains("more than")), "{name}");
    }
}

#[tokio::test]
async fn answers_that_are_odd_but_good() {
    for (name, script, expected) in odd::odd_answers() {
        let server = Server::start(script).await;
        let rig = rig(&server.url);
        let list = rig.list().await.unwrap();
        let answer =
            rig.call_listed(&list, "bad__read").await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(expected(&answer), "{name}: {} bytes: {:.200}", answer.text.len(), answer.text);
    }
}

/// A server that has lost a session, and says so with 400 and the id of the request: a reader begins anew, a writer is told,
/// and the next call of either finds a new session.
#[tokio::test]
async fn a_lost_session_with_the_requests_id() {
    let server = Server::start(Script { has_sessions: true, ..Script::default() }).await;
    let rig = rig(&server.url);
    let list = rig.list().await.unwrap();
    server.lose_sessions();
    assert_eq!(rig.call_listed(&list, "bad__read").await.unwrap().text, "done");
    server.lose_sessions();
    assert_eq!(rig.list().await.unwrap().tools.len(), 2);
    server.lose_sessions();
    let error = rig.call_listed(&list, "bad__write").await.unwrap_err();
    assert!(matches!(&error, CallError::Said { message } if message.contains("session")), "{error}");
    assert_eq!(server.writes(), 0, "a write was repeated");
    assert_eq!(rig.call_listed(&list, "bad__write").await.unwrap().text, "done");
    assert_eq!((server.writes(), server.asked("initialize")), (1, 4));
}

/// The manifest of a server whose address is discovered.
#[tokio::test]
async fn a_server_that_moves() {
    for status in [301, 404, 421] {
        let (one, other) = (Server::start(Script::default()).await, Server::start(Script::default()).await);
        let named = std::sync::Arc::new(std::sync::Mutex::new(one.url.clone()));
        let name = std::sync::Arc::clone(&named);
        let directory = crate::bad_vendors::serve(move |_| {
            let url = name.lock().unwrap().clone();
            async move { crate::bad_vendors::json_answer(200, &json!({"url": url})) }
        })
        .await;
        let discovered = format!(
            "base_url = {{ template = \"{{server}}\", discover = {{ assign = \"server\", url = \"{directory}\", answer = \"/url\", \
             host_suffix = \"127.0.0.1\" }} }}"
        );
        let text = MANIFEST.replace("base_url = { template = \"{base_url}\" }", &discovered).replace(
            "  { name = \"key\"",
            "  { name = \"server\", label = \"Server\", kind = \"url\" },\n  { name = \"key\"",
        );
        let rig =
            Rig::from_text("bad", &text, loopback(), &[("base_url", "http://127.0.0.1:1"), ("key", KEY)]);
        let list = rig.list().await.unwrap();
        one.fail_with(status);
        named.lock().unwrap().clone_from(&other.url);
        assert!(rig.call_listed(&list, "bad__write").await.is_err());
        assert_eq!((one.writes(), other.writes()), (0, 0), "{status}: a write was repeated");
        assert_eq!(rig.call_listed(&list, "bad__write").await.unwrap().text, "done", "{status}");
        other.fail_with(status);
        one.fail_with(200);
        named.lock().unwrap().clone_from(&one.url);
        if status == 404 {
            // Doubted a moment ago: believed for a minute.
            continue;
        }
        assert_eq!(
            rig.call_listed(&list, "bad__read").await.unwrap().text,
            "done",
            "{status}: a read finds it"
        );
    }
}

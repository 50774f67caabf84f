//! `notifications/tools/list_changed`, in both eras.

use gateway_api::plans::Plan;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    client::Client,
    messages::Messages,
    remote::{KEYS, Remote, connect},
};
use crate::{
    gateway::{Browser, Gateway},
    teams::world::{
        self, colleague, create_pro_team, create_sub_team, demo_form, disconnect_demo, put_into, set_plan,
        user_id,
    },
};

async fn connect_demo(browser: &Browser) {
    assert!(browser.put("/api/connections/demo", &demo_form()).await.status().is_success());
}

#[tokio::test]
async fn a_subscription_hears_of_another_list_and_of_nothing_else() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let discovered = client.modern("server/discover", json!({})).await;
    assert_eq!(discovered.body["result"]["capabilities"]["tools"]["listChanged"], true);
    let params = json!({"notifications": {"toolsListChanged": true, "promptsListChanged": true}});
    let answer = client.modern_request("subscriptions/listen", &params).send().await.unwrap();
    assert_eq!(answer.headers()["x-accel-buffering"], "no");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut messages = Messages::of(answer);
    let first = messages.next().await;
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(first["params"]["notifications"], json!({"toolsListChanged": true}), "only what we have");

    connect_demo(&browser).await;
    let changed = messages.next().await;
    assert_eq!(changed["method"], "notifications/tools/list_changed");
    assert_eq!(changed["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], 7);
    assert!(
        !messages.text.contains("id:")
            && first["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == 7
    );
    // Other credentials, the same tools: nothing to tell. What is told next is the end of the tools.
    connect_demo(&browser).await;
    browser.delete("/api/connections/demo").await;
    assert_eq!(messages.next().await["method"], "notifications/tools/list_changed");
    assert!(!client.tool_names().await.iter().any(|name| name.starts_with("demo__")));
    connect_demo(&browser).await;
    assert_eq!(messages.next().await["method"], "notifications/tools/list_changed");
    assert!(client.tool_names().await.iter().any(|name| name.starts_with("demo__")));
}

#[tokio::test]
async fn a_session_of_the_older_revisions_hears_of_it_on_its_stream() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let client = Client::connect(&gateway, &browser).await;
    let session = client.initialize("2025-11-25").await;
    let stream = client.request(Method::GET).header("Mcp-Session-Id", &session).send().await.unwrap();
    let mut messages = Messages::of(stream);
    connect_demo(&browser).await;
    assert_eq!(messages.next().await["method"], "notifications/tools/list_changed");
}

#[tokio::test]
async fn members_hear_of_what_their_team_connects_and_of_the_end() {
    let gateway = Gateway::start().await;
    let owner = gateway.member("ada@msp.example").await;
    let team = create_pro_team(&gateway, &owner, "ACME").await;
    let colleague = colleague(&gateway, &owner, &team, "bob@msp.example").await;
    let client = Client::connect(&gateway, &colleague).await;
    let params = json!({"notifications": {"toolsListChanged": true}});
    let answer = client.modern_request("subscriptions/listen", &params).send().await.unwrap();
    let mut messages = Messages::of(answer);
    assert_eq!(messages.next().await["method"], "notifications/subscriptions/acknowledged");
    let shared = format!("{team}/connections/demo");
    assert_eq!(owner.put(&shared, &demo_form()).await.status(), StatusCode::CREATED);
    assert_eq!(messages.next().await["method"], "notifications/tools/list_changed");
    let me: gateway_api::me::Me = colleague.get_json("/api/me").await;
    owner.delete(&format!("{team}/members/{}", me.user.id)).await;
    let last = messages.next().await;
    assert!(last["result"].is_object(), "the subscription ends: {last}");
    assert_eq!(messages.next().await, Value::Null);
}

/// Both eras of one person.
struct Listener {
    client: Client,
    streams: [Messages; 2],
}

impl Listener {
    async fn new(gateway: &Gateway, browser: &Browser) -> Self {
        let client = Client::connect(gateway, browser).await;
        let params = json!({"notifications": {"toolsListChanged": true}});
        let answer = client.modern_request("subscriptions/listen", &params).send().await.unwrap();
        let mut subscription = Messages::of(answer);
        assert_eq!(subscription.next().await["method"], "notifications/subscriptions/acknowledged");
        let session = client.initialize("2025-11-25").await;
        let stream = client.request(Method::GET).header("Mcp-Session-Id", &session).send().await.unwrap();
        Self { client, streams: [subscription, Messages::of(stream)] }
    }

    /// Waits until both have heard; then the list must be the new one.
    async fn hears(&mut self, what: &str, has_demo: bool) {
        let names = self.hears_list(what).await;
        assert_eq!(names.iter().any(|name| name.starts_with("demo__")), has_demo, "{what}: {names:?}");
    }

    /// Waits until both have heard; the list then.
    async fn hears_list(&mut self, what: &str) -> Vec<String> {
        for stream in &mut self.streams {
            assert_eq!(stream.next().await["method"], "notifications/tools/list_changed", "{what}");
        }
        self.client.tool_names().await
    }
}

#[tokio::test]
async fn everything_that_changes_a_list_is_heard_by_those_whose_list_it_is() {
    let gateway = Gateway::start().await;
    let owner = gateway.member("ada@msp.example").await;
    let team = create_pro_team(&gateway, &owner, "ACME").await;
    let bob = colleague(&gateway, &owner, &team, "bob@msp.example").await;
    let carol = colleague(&gateway, &owner, &team, "carol@msp.example").await;
    let sub_team = create_sub_team(&owner, &team, "Night shift").await;
    let id = user_id(&bob).await;
    let mut hearing = Listener::new(&gateway, &bob).await;
    let mut other = Listener::new(&gateway, &carol).await;

    world::connect_demo(&owner, &sub_team).await;
    put_into(&owner, &sub_team, id).await;
    hearing.hears("put into a sub-team", true).await;
    let place = format!("{sub_team}/members/{id}");
    assert_eq!(owner.delete(&place).await.status(), StatusCode::NO_CONTENT);
    hearing.hears("taken out of the sub-team", false).await;
    put_into(&owner, &sub_team, id).await;
    hearing.hears("put into it again", true).await;
    disconnect_demo(&owner, &sub_team).await;
    hearing.hears("the sub-team's connection ends", false).await;
    world::connect_demo(&owner, &sub_team).await;
    hearing.hears("the sub-team connects", true).await;
    set_plan(&gateway, &team, Plan::Free).await;
    hearing.hears("a plan without sub-teams", false).await;
    set_plan(&gateway, &team, Plan::Pro).await;
    hearing.hears("the plan is back", true).await;
    assert!(owner.delete(&sub_team).await.status().is_success());
    hearing.hears("the sub-team is deleted", false).await;

    let place = format!("{team}/members/{}", user_id(&carol).await);
    assert_eq!(owner.delete(&place).await.status(), StatusCode::OK);
    let first = other.streams[0].next().await;
    assert!(first["result"].is_object(), "nothing of this was about somebody else's list: {first}");
}

/// A vendor that is an MCP server says that its tools have changed: whose list that alters hears of it without asking.
async fn is_passed_on(mut remote: Remote) {
    let gateway = remote.gateway().await;
    let [ada, bob] = [gateway.person("ada@msp.example").await, gateway.person("bob@msp.example").await];
    assert_eq!(connect(&ada, KEYS[0].0).await, StatusCode::CREATED);
    connect_demo(&bob).await;
    // Whoever asks for the list opens the connection that the server speaks on.
    remote.open_streams();
    let names = Client::connect(&gateway, &ada).await.tool_names().await;
    assert!(names.contains(&"acme_mcp__write".to_owned()), "{names:?}");
    remote.hear("streaming").await;
    let mut hearing = Listener::new(&gateway, &ada).await;
    let mut other = Listener::new(&gateway, &bob).await;

    let reboot = json!({"name": "reboot", "description": "Reboots.", "inputSchema": {"type": "object"}});
    remote.offer(vec![reboot]);
    // Who says it twice is asked once.
    let (_, lists) = remote.counts();
    remote.announce();
    remote.announce();
    let names = hearing.hears_list("the server has other tools").await;
    let of_acme: Vec<_> = names.iter().filter(|name| name.starts_with("acme_mcp__")).collect();
    assert_eq!(of_acme, ["acme_mcp__reboot"]);
    assert_eq!(remote.counts().1, lists + 1);

    assert!(bob.delete("/api/connections/demo").await.status().is_success());
    other.hears("the first that this person hears", false).await;
}

#[tokio::test]
async fn what_a_vendors_own_server_announces_is_passed_on() {
    is_passed_on(Remote::with_sessions(StatusCode::NOT_FOUND).await).await;
}

#[tokio::test]
async fn what_a_vendors_own_server_announces_to_subscribers_is_passed_on() {
    is_passed_on(Remote::modern().await).await;
}

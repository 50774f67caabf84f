//! A tool of a vendor that is not connected: how its user is asked to connect it.

use std::time::Duration;

use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use super::client::{Answer, Client, MODERN, modern_body, read, text, tool_calls};
use crate::{
    gateway::{Browser, Gateway},
    teams::world::demo_form,
};

const TOOL: &str = "demo__get_ticket";

struct World {
    gateway: Gateway,
    browser: Browser,
    client: Client,
}

impl World {
    async fn start() -> Self {
        let gateway = Gateway::start().await;
        let browser = gateway.member("ada@msp.example").await;
        let client = Client::connect(&gateway, &browser).await;
        Self { gateway, browser, client }
    }

    async fn connect_demo(&self) {
        assert_eq!(
            self.browser.put("/api/connections/demo", &demo_form()).await.status(),
            StatusCode::CREATED
        );
    }

    async fn newest_reason(&self) -> Option<String> {
        tool_calls(&self.gateway, &self.browser).await[0].reason.clone()
    }
}

/// A call by a client that can send its user to a page.
async fn call(client: &Client, params: Value) -> Answer {
    call_with(client, params, json!({"elicitation": {"url": {}}})).await
}

async fn call_with(client: &Client, params: Value, capabilities: Value) -> Answer {
    let mut body = modern_body("tools/call", &params);
    body["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] = capabilities;
    let request =
        client.post(&body).header("MCP-Protocol-Version", MODERN).header("Mcp-Method", "tools/call");
    read(request.header("Mcp-Name", params["name"].as_str().unwrap()).send().await.unwrap()).await
}

fn ticket(id: u32) -> Value {
    json!({"name": TOOL, "arguments": {"ticket_id": id}})
}

/// The same call again, with what the client was given and what its user said.
fn retry(asked: &Value, params: &Value, action: &str) -> Value {
    let mut params = params.clone();
    params["requestState"] = asked["requestState"].clone();
    params["inputResponses"] = json!({"connect": {"action": action}});
    params
}

fn url(asked: &Value) -> &str {
    asked["inputRequests"]["connect"]["params"]["url"].as_str().unwrap()
}

#[tokio::test]
async fn the_client_is_asked_and_its_retry_is_carried_out() {
    let world = World::start().await;
    let answer = call(&world.client, ticket(1001)).await;
    let asked = &answer.body["result"];
    assert_eq!((answer.status, &asked["resultType"]), (200, &json!("input_required")), "{}", answer.body);
    assert!(asked.get("ttlMs").is_none() && asked.get("content").is_none());
    let request = &asked["inputRequests"]["connect"];
    assert_eq!(
        (&request["method"], &request["params"]["mode"]),
        (&json!("elicitation/create"), &json!("url"))
    );
    let me: gateway_api::me::Me = world.browser.get_json("/api/me").await;
    let shown = answer.body.to_string();
    assert!(url(asked).starts_with(&format!("{}/connect/demo?ticket=", world.gateway.url)), "{shown}");
    assert!(!shown.contains("ada@") && !shown.contains(&me.user.id.to_string()), "nothing personal: {shown}");
    assert_eq!(world.newest_reason().await.as_deref(), Some("not_connected"));

    for (action, hint) in [("accept", "Wait"), ("decline", "chose not"), ("cancel", "chose not")] {
        let again = call(&world.client, retry(asked, &ticket(1001), action)).await;
        let result = &again.body["result"];
        assert_eq!(
            (&result["isError"], &result["resultType"]),
            (&json!(true), &json!("complete")),
            "{action}"
        );
        assert!(text(result).contains(hint) && text(result).contains("/settings?connect=demo"), "{result}");
    }
    world.connect_demo().await;
    let done = call(&world.client, retry(asked, &ticket(1001), "accept")).await;
    assert_eq!(done.body["result"]["isError"], false, "{}", done.body);
    assert_eq!(world.newest_reason().await, None);
}

#[tokio::test]
async fn a_request_state_is_for_this_call_alone() {
    let world = World::start().await;
    let asked = call(&world.client, ticket(1001)).await.body["result"].clone();
    world.connect_demo().await;

    let other_app = Client::connect(&world.gateway, &world.browser).await;
    let bob = world.gateway.member("bob@msp.example").await;
    let other_person = Client::connect(&world.gateway, &bob).await;
    let good = retry(&asked, &ticket(1001), "accept");
    let other_call = retry(&asked, &ticket(1002), "accept");
    let other_tool =
        retry(&asked, &json!({"name": "demo__search_tickets", "arguments": {"ticket_id": 1001}}), "accept");
    let mut forged = good.clone();
    forged["requestState"] = json!(format!("{}A", good["requestState"].as_str().unwrap()));
    let mut invented = good.clone();
    invented["requestState"] = json!("eyJhbGciOiJub25lIn0");
    for (who, params) in [
        (&other_app, &good),
        (&other_person, &good),
        (&world.client, &other_call),
        (&world.client, &other_tool),
        (&world.client, &forged),
        (&world.client, &invented),
    ] {
        let answer = call(who, params.clone()).await;
        assert_eq!(answer.body["error"]["code"], -32602, "{params}: {}", answer.body);
    }
    assert_eq!(world.newest_reason().await.as_deref(), Some("bad_request_state"));
    world.gateway.clock.advance(Duration::from_secs(14 * 60));
    assert_eq!(call(&world.client, good.clone()).await.body["result"]["isError"], false);
    world.gateway.clock.advance(Duration::from_secs(59));
    assert_eq!(call(&world.client, good.clone()).await.body["result"]["isError"], false);
}

#[tokio::test]
async fn the_link_works_for_its_person_alone() {
    let world = World::start().await;
    let asked = call(&world.client, ticket(1001)).await.body["result"].clone();
    let link = url(&asked).strip_prefix(&world.gateway.url).unwrap().to_owned();

    let answer = world.browser.get(&link).await;
    assert_eq!(
        (answer.status(), &answer.headers()[header::LOCATION]),
        (StatusCode::SEE_OTHER, &"/settings?connect=demo".parse().unwrap())
    );
    assert_eq!(answer.headers()[header::REFERRER_POLICY], "no-referrer");

    let nobody = world.gateway.browser().get(&link).await;
    let login = nobody.headers()[header::LOCATION].to_str().unwrap();
    assert_eq!(nobody.status(), StatusCode::SEE_OTHER);
    assert!(login.starts_with("/auth/login?return_to=%2Fconnect%2Fdemo%3Fticket%3D"), "{login}");

    let bob = world.gateway.member("bob@msp.example").await;
    let refused = bob.get(&link).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let page = refused.text().await.unwrap();
    assert!(page.contains("This link is not for you"), "{page}");

    let itglue = link.replace("/connect/demo", "/connect/itglue");
    assert_eq!(world.browser.get(&itglue).await.status(), StatusCode::FORBIDDEN, "for one vendor");
    assert_eq!(world.browser.get("/connect/demo").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(world.browser.get("/connect/nobody").await.status(), StatusCode::NOT_FOUND);
    world.gateway.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(world.browser.get(&link).await.status(), StatusCode::FORBIDDEN, "too old");
}

#[tokio::test]
async fn clients_that_cannot_ask_are_told_in_words() {
    let world = World::start().await;
    for capabilities in [json!({}), json!({"elicitation": {}}), json!({"elicitation": {"form": {}}})] {
        let answer = call_with(&world.client, ticket(1001), capabilities).await;
        let result = &answer.body["result"];
        assert_eq!((&result["isError"], &result["resultType"]), (&json!(true), &json!("complete")));
        let link = format!("{}/settings?connect=demo", world.gateway.url);
        assert!(text(result).contains(&link), "{result}");
    }
    assert_eq!(world.newest_reason().await.as_deref(), Some("not_connected"));
}

#[tokio::test]
async fn older_revisions_have_an_error_for_it_or_only_words() {
    let world = World::start().await;
    let capabilities = json!({"elicitation": {"form": {}, "url": {}}});
    let session = world.client.initialize_with("2025-11-25", capabilities.clone()).await;
    let answer = world.client.legacy(&session, "tools/call", ticket(1001)).await;
    let error = &answer.body["error"];
    assert_eq!(error["code"], -32042, "{}", answer.body);
    let elicitation = &error["data"]["elicitations"][0];
    assert_eq!(elicitation["mode"], "url");
    assert!(elicitation["elicitationId"].is_string() && elicitation["message"].is_string());
    let link = elicitation["url"].as_str().unwrap().strip_prefix(&world.gateway.url).unwrap().to_owned();
    assert_eq!(world.browser.get(&link).await.status(), StatusCode::SEE_OTHER);

    let without = world.client.initialize("2025-11-25").await;
    let answer = world.client.legacy(&without, "tools/call", ticket(1001)).await;
    assert_eq!(answer.body["result"]["isError"], true);
    let older = world.client.initialize_with("2025-06-18", capabilities).await;
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": ticket(1001)});
    let answer = read(world.client.in_session(&older, "2025-06-18", &body).send().await.unwrap()).await;
    assert_eq!(answer.body["result"]["isError"], true, "that revision knows no such error: {}", answer.body);
    world.connect_demo().await;
    let answer = world.client.legacy(&session, "tools/call", ticket(1001)).await;
    assert_eq!(answer.body["result"]["isError"], false);
}

//! Service clients: programs that an owner lets in by a secret, without a person.

use std::time::Duration;

use gateway_api::{Page, plans::Plan, service_clients::ServiceClientView};
use gateway_server::clock::hash_token;
use gateway_store::service_clients;
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::flow::{Flow, Parameters, error_of, post_form, with, without};
use crate::{
    gateway::{Browser, Gateway, problem},
    mcp::client::{Client, text, tool_calls},
    teams::world::{
        connect_demo, create_pro_team, create_service_client, create_sub_team, disconnect_demo, put_into,
        set_plan, user_id,
    },
};

const CALL: &str = "demo__get_summary";

/// A team on Pro that shares the ticket desk, and a service client of it.
struct World {
    gateway: Gateway,
    owner: Browser,
    team: String,
    id: String,
    secret: String,
}

impl World {
    async fn build() -> Self {
        Self::build_on(Gateway::start().await).await
    }

    async fn build_on(gateway: Gateway) -> Self {
        let owner = gateway.person("olivia@acme.example").await;
        let team = create_pro_team(&gateway, &owner, "ACME").await;
        connect_demo(&owner, &team).await;
        let (id, secret) = create_service_client(&owner, &team).await;
        Self { gateway, owner, team, id, secret }
    }

    /// What the program sends, with its secret in the form.
    fn request(&self) -> Parameters {
        vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.id.clone()),
            ("client_secret", self.secret.clone()),
        ]
    }

    async fn ask(&self, parameters: &Parameters) -> Response {
        post_form(&self.gateway, "/token", parameters).await
    }

    async fn token(&self) -> String {
        let answer = self.ask(&self.request()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body: Value = answer.json().await.unwrap();
        body["access_token"].as_str().unwrap().to_owned()
    }

    /// The program, with a token.
    async fn client(&self) -> Client {
        let url = format!("{}/v1/mcp", self.gateway.url);
        Client { http: self.gateway.browser().http, url, token: self.token().await }
    }

    async fn list(&self) -> Vec<ServiceClientView> {
        let page: Page<ServiceClientView> =
            self.owner.get_json(&format!("{}/service-clients", self.team)).await;
        page.items
    }

    fn path(&self) -> String {
        format!("{}/service-clients/{}", self.team, self.id)
    }
}

async fn status(client: &Client) -> u16 {
    client.modern("tools/list", json!({})).await.status
}

#[tokio::test]
async fn the_secret_is_shown_once_and_stored_as_its_hash() {
    let world = World::build().await;
    assert_eq!(world.secret.len(), 43);
    let listed = world.owner.get(&format!("{}/service-clients", world.team)).await.text().await.unwrap();
    assert!(listed.contains(&world.id) && !listed.contains(&world.secret), "{listed}");
    let [one] = world.list().await.try_into().unwrap();
    assert_eq!((one.name.as_str(), one.created_by.as_str()), ("Nightly report", "olivia"));
    assert_eq!((one.expires_at - one.created_at).whole_days(), 365);
    assert_eq!((one.is_expired, one.last_used_at), (false, None));
    let mut connection = world.gateway.state.database.read().await.unwrap();
    let now = world.gateway.clock.now();
    let (row, _) =
        service_clients::find_live(&mut connection, world.id.parse().unwrap(), now).await.unwrap().unwrap();
    assert_eq!(row.secret_hash, hash_token(&world.secret));
    let rows = world.gateway.audit(&world.owner).await;
    let made = rows.iter().find(|row| row.action == "service_client.create").unwrap();
    assert_eq!((made.actor.as_str(), made.outcome.as_str()), ("olivia", "ok"));
    assert!(made.target.as_deref().unwrap().contains("Nightly report"));
}

#[tokio::test]
async fn a_secret_gets_a_token_and_no_refresh_token() {
    let world = World::build().await;
    let answer = world.ask(&world.request()).await;
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let mut body: Value = answer.json().await.unwrap();
    assert!(body["access_token"].take().is_string());
    assert!(body["scope"].take().as_str().unwrap().starts_with("mcp"));
    let expected = json!({"access_token": null, "token_type": "Bearer", "expires_in": 900, "scope": null});
    assert_eq!(body, expected);
    let request = world.gateway.browser().http.post(format!("{}/token", world.gateway.url));
    let basic = request.basic_auth(&world.id, Some(&world.secret)).form(&[
        ("grant_type", "client_credentials"),
        ("resource", &format!("{}/v1/mcp", world.gateway.url)),
    ]);
    assert_eq!(basic.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn it_calls_with_what_the_team_shares_and_under_its_own_name() {
    let world = World::build().await;
    let client = world.client().await;
    assert!(client.tool_names().await.contains(&CALL.to_owned()));
    assert_eq!(client.call(CALL, json!({})).await["isError"], false);
    let row = tool_calls(&world.gateway, &world.owner).await.remove(0);
    assert_eq!((row.actor.as_str(), row.user_id), ("Nightly report", None));
    assert_eq!(row.client_id.as_deref(), Some(world.id.as_str()));
    assert_eq!(row.credential_scope.as_deref(), Some("organization"));
    let overview = client.call("gateway__list_connections", json!({})).await;
    let overview: Value = serde_json::from_str(text(&overview)).unwrap();
    let desk = &overview["connections"][0];
    assert_eq!((&desk["vendor"], &desk["credential"]), (&json!("demo"), &json!("organization")));
    assert!(desk["why"].as_str().unwrap().contains("service clients"));
    assert_eq!(overview["settings"], format!("{}/team", world.gateway.url));
    // A person's first call is still to come.
    let connect: Value = world.owner.get_json("/api/connect").await;
    assert_eq!(connect["last_call"], Value::Null);
    // Written beside the calls: asked until it is there.
    for _ in 0..1000 {
        if world.list().await[0].last_used_at.is_some() {
            return;
        }
    }
    panic!("its use is not noted");
}

#[tokio::test]
async fn credentials_of_people_and_sub_teams_are_not_for_it() {
    let world = World::build().await;
    let client = world.client().await;
    disconnect_demo(&world.owner, &world.team).await;
    connect_demo(&world.owner, "/api").await;
    let sub_team = create_sub_team(&world.owner, &world.team, "NOC").await;
    put_into(&world.owner, &sub_team, user_id(&world.owner).await).await;
    connect_demo(&world.owner, &sub_team).await;
    assert!(!client.tool_names().await.contains(&CALL.to_owned()));
    let refused = client.modern("tools/call", json!({"name": CALL, "arguments": {}})).await;
    assert_eq!(refused.body["error"]["code"], -32602);
    connect_demo(&world.owner, &world.team).await;
    assert_eq!(client.call(CALL, json!({})).await["isError"], false, "at once");
}

#[tokio::test]
async fn it_may_speak_an_older_revision() {
    let world = World::build().await;
    let client = world.client().await;
    let session = client.initialize("2025-11-25").await;
    let answer = client.legacy(&session, "tools/call", json!({"name": CALL, "arguments": {}})).await;
    assert_eq!(answer.body["result"]["isError"], false);
    let (other, secret) = create_service_client(&world.owner, &world.team).await;
    let request = with(&with(&world.request(), "client_id", &other), "client_secret", &secret);
    let body: Value = world.ask(&request).await.json().await.unwrap();
    let token = body["access_token"].as_str().unwrap().to_owned();
    let other = Client { token, ..client };
    assert_eq!(
        other.legacy(&session, "tools/list", json!({})).await.status,
        404,
        "the session is not its own"
    );
}

#[tokio::test]
async fn deleting_it_refuses_its_next_call() {
    let world = World::build().await;
    let client = world.client().await;
    assert_eq!(status(&client).await, 200);
    assert_eq!(world.owner.delete(&world.path()).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(status(&client).await, 401);
    assert_eq!(error_of(world.ask(&world.request()).await).await, (401, "invalid_client".to_owned()));
    assert_eq!(world.owner.delete(&world.path()).await.status(), StatusCode::NOT_FOUND);
    let rows = world.gateway.audit(&world.owner).await;
    assert!(rows.iter().any(|row| row.action == "service_client.delete"));
}

#[tokio::test]
async fn it_ends_with_its_time() {
    let world = World::build().await;
    let path = format!("{}/service-clients", world.team);
    let answer = world.owner.post(&path, &json!({"name": "Short", "expires_in_days": 1})).await;
    let made: Value = answer.json().await.unwrap();
    let request = with(&world.request(), "client_id", made["client_id"].as_str().unwrap());
    let request = with(&request, "client_secret", made["client_secret"].as_str().unwrap());
    world.gateway.clock.advance(Duration::from_hours(24) - Duration::from_secs(10));
    let body: Value = world.ask(&request).await.json().await.unwrap();
    assert_eq!(body["expires_in"], 10, "no token outlives the secret");
    let url = format!("{}/v1/mcp", world.gateway.url);
    let token = body["access_token"].as_str().unwrap().to_owned();
    let client = Client { http: world.gateway.browser().http, url, token };
    assert_eq!(status(&client).await, 200);
    world.gateway.clock.advance(Duration::from_secs(11));
    assert_eq!(status(&client).await, 401);
    assert_eq!(error_of(world.ask(&request).await).await, (401, "invalid_client".to_owned()));
    assert!(world.list().await.iter().find(|one| one.name == "Short").unwrap().is_expired);
}

#[tokio::test]
async fn it_sleeps_while_the_plan_does_not_include_it() {
    let world = World::build().await;
    let client = world.client().await;
    assert_eq!(status(&client).await, 200);
    set_plan(&world.gateway, &world.team, Plan::Free).await;
    assert_eq!(status(&client).await, 401);
    assert_eq!(error_of(world.ask(&world.request()).await).await, (400, "unauthorized_client".to_owned()));
    set_plan(&world.gateway, &world.team, Plan::Pro).await;
    assert_eq!(status(&client).await, 200);
}

#[tokio::test]
async fn it_ends_with_its_organization() {
    let world = World::build().await;
    let client = world.client().await;
    assert_eq!(status(&client).await, 200);
    assert_eq!(world.owner.delete(&world.team).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(status(&client).await, 401);
    assert_eq!(error_of(world.ask(&world.request()).await).await, (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn bad_token_requests_are_told_so() {
    let world = World::build().await;
    let good = world.request();
    for (wrong, status, code) in [
        (with(&good, "client_secret", "wrong"), 401, "invalid_client"),
        (without(&good, "client_secret"), 401, "invalid_client"),
        (with(&good, "client_id", "unknown"), 401, "invalid_client"),
        (without(&good, "client_id"), 400, "invalid_request"),
        (with(&good, "grant_type", "authorization_code"), 400, "unauthorized_client"),
        (with(&good, "grant_type", "refresh_token"), 400, "unauthorized_client"),
        (with(&good, "grant_type", "password"), 400, "unsupported_grant_type"),
        (without(&good, "grant_type"), 400, "invalid_request"),
        (with(&good, "scope", "mcp:everything"), 400, "invalid_scope"),
        (with(&good, "resource", "https://other.example/v1/mcp"), 400, "invalid_target"),
    ] {
        let answer = world.ask(&wrong).await;
        assert_eq!(answer.headers().contains_key(header::WWW_AUTHENTICATE), status == 401);
        assert_eq!(error_of(answer).await, (status, code.to_owned()), "{:?}", &wrong[..1]);
    }
    let token = world.token().await;
    let back = with(&without(&good, "grant_type"), "token", &token);
    let answer = post_form(&world.gateway, "/revoke", &back).await;
    assert_eq!(error_of(answer).await, (400, "unsupported_token_type".to_owned()));
    let unknown = with(&back, "token", "unknown");
    assert_eq!(post_form(&world.gateway, "/revoke", &unknown).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn bad_forms_are_told_so() {
    let world = World::build().await;
    let path = format!("{}/service-clients", world.team);
    for (form, field) in [
        (json!({"name": " "}), "name"),
        (json!({"name": "x".repeat(101)}), "name"),
        (json!({"name": "a\u{202e}b"}), "name"),
        (json!({"name": "a\nb"}), "name"),
        (json!({"name": "x", "expires_in_days": 0}), "expires_in_days"),
        (json!({"name": "x", "expires_in_days": 3651}), "expires_in_days"),
    ] {
        let (status, _, body) = problem(world.owner.post(&path, &form).await).await;
        assert_eq!((status, &body["errors"][0]["field"]), (422, &json!(field)), "{form}");
    }
    assert_eq!(world.list().await.len(), 1);
}

#[tokio::test]
async fn a_team_has_so_many_and_no_more() {
    let world = World::build().await;
    for _ in 1..100 {
        create_service_client(&world.owner, &world.team).await;
    }
    let path = format!("{}/service-clients", world.team);
    let (status, code, _) = problem(world.owner.post(&path, &json!({"name": "x"})).await).await;
    assert_eq!((status, code.as_str()), (409, "conflict"));
}

#[tokio::test]
async fn who_pastes_its_id_into_an_app_is_told_what_to_do() {
    let World { gateway, owner, id, .. } = World::build().await;
    let flow = Flow { gateway, browser: owner, client_id: id };
    let answer = flow.authorize(&flow.browser, &flow.request()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(!answer.headers().contains_key(header::LOCATION));
    let page = answer.text().await.unwrap();
    assert!(page.contains("A service client does not sign people in"), "{page}");
    assert!(page.contains(&flow.mcp_url()), "{page}");
}

#[tokio::test]
async fn postgres_only_what_ends_it_is_heard_on_every_replica() {
    let (one, other) = Gateway::start_two().await;
    let world = World::build_on(one).await;
    let client = world.client().await;
    let elsewhere = Client { url: format!("{}/v1/mcp", other.url), ..client };
    assert_eq!(elsewhere.call(CALL, json!({})).await["isError"], false);
    let soon = async |expected: u16| {
        for _ in 0..1000 {
            if status(&elsewhere).await == expected {
                return;
            }
        }
        panic!("the other replica does not answer {expected}");
    };
    set_plan(&world.gateway, &world.team, Plan::Free).await;
    soon(401).await;
    set_plan(&world.gateway, &world.team, Plan::Pro).await;
    soon(200).await;
    assert_eq!(world.owner.delete(&world.path()).await.status(), StatusCode::NO_CONTENT);
    soon(401).await;
}

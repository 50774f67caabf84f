//! Two gateways on one database: what one of them changes, the other one knows a moment later. `PostgreSQL` alone has
//! several.

use gateway_api::{
    Page,
    connections::{ResolutionView, Scope},
    plans::Plan,
};
use reqwest::StatusCode;
use serde_json::json;

use super::world::{colleague, connect_demo, create_pro_team, create_sub_team, put_into, set_plan, user_id};
use crate::{
    gateway::{Browser, Gateway},
    mcp::client::Client,
};

/// A team on two replicas; the member's client speaks to the other one, where everything is warm.
struct World {
    one: Gateway,
    other: Gateway,
    owner: Browser,
    bob: Browser,
    elsewhere: Client,
    team: String,
}

impl World {
    async fn build() -> Self {
        let (one, other) = Gateway::start_two().await;
        let owner = one.person("ada@msp.example").await;
        let team = create_pro_team(&one, &owner, "ACME").await;
        connect_demo(&owner, &team).await;
        let bob = colleague(&one, &owner, &team, "bob@msp.example").await;
        let client = Client::connect(&one, &bob).await;
        let elsewhere = Client { url: format!("{}/v1/mcp", other.url), ..client };
        assert_eq!(elsewhere.call("demo__get_summary", json!({})).await["isError"], false);
        Self { one, other, owner, bob, elsewhere, team }
    }
}

/// Asks again until it is so; each question takes its time, so there is no other waiting.
async fn soon(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..1000 {
        if is_so().await {
            return;
        }
    }
    panic!("the other replica does not know: {what}");
}

#[tokio::test]
async fn postgres_only_who_was_removed_is_refused_everywhere() {
    let world = World::build().await;
    let path = format!("{}/members/{}", world.team, user_id(&world.bob).await);
    assert_eq!(world.owner.delete(&path).await.status(), StatusCode::OK);
    let is_refused = async || world.elsewhere.modern("tools/list", json!({})).await.status == 401;
    soon("the removal", is_refused).await;
}

#[tokio::test]
async fn postgres_only_a_deleted_organization_is_gone_everywhere() {
    let world = World::build().await;
    assert_eq!(world.owner.delete(&world.team).await.status(), StatusCode::NO_CONTENT);
    let is_refused = async || world.elsewhere.modern("tools/list", json!({})).await.status == 401;
    soon("the end", is_refused).await;
}

#[tokio::test]
async fn postgres_only_plan_places_and_connections_change_everywhere() {
    let world = World::build().await;
    let has_tools = async || world.elsewhere.tool_names().await.contains(&"demo__get_summary".to_owned());
    set_plan(&world.one, &world.team, Plan::Free).await;
    soon("the plan", async || !has_tools().await).await;
    set_plan(&world.one, &world.team, Plan::Pro).await;
    soon("the plan again", has_tools).await;
    let sub_team = create_sub_team(&world.owner, &world.team, "NOC").await;
    put_into(&world.owner, &sub_team, user_id(&world.bob).await).await;
    connect_demo(&world.owner, &sub_team).await;
    // Asked by the page: calls in a row would be too many.
    let bob = world.other.same_browser(&world.bob);
    let scope = async || {
        let page: Page<ResolutionView> = bob.get_json(&format!("{}/resolution", world.team)).await;
        page.items[0].scope
    };
    let is_teams = async || scope().await == Some(Scope::Team);
    soon("the sub-team's connection", is_teams).await;
    assert_eq!(world.owner.delete(&sub_team).await.status(), StatusCode::NO_CONTENT);
    let is_organizations = async || scope().await == Some(Scope::Organization);
    soon("the sub-team's end", is_organizations).await;
}

#[tokio::test]
async fn postgres_only_one_session_is_good_everywhere() {
    let world = World::build().await;
    let elsewhere = world.other.same_browser(&world.bob);
    assert_eq!(elsewhere.get(&world.team).await.status(), StatusCode::OK);
    assert_eq!(world.bob.delete("/api/session").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(elsewhere.get(&world.team).await.status(), StatusCode::UNAUTHORIZED);
}

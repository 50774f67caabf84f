//! Which credential a call uses: end to end through MCP, for every combination, and on the very next call after a change.

use gateway_api::{
    Page,
    connections::{ConnectionState, ConnectionView, ResolutionView, Scope},
    ids::OrganizationId,
    plans::Plan,
};
use gateway_store::audit::{self, AuditRow};
use serde_json::{Value, json};

use super::world::{
    colleague, connect_demo, create_pro_team, create_sub_team, disconnect_demo, me, new_code,
    organization_of, put_into, scope_of_demo, set_plan, user_id,
};
use crate::{
    gateway::{Browser, Gateway},
    mcp::client::{Client, text},
};

/// A team with three sub-teams. Bob is in the first two; the third has a credential that is never his.
struct World {
    gateway: Gateway,
    owner: Browser,
    bob: Browser,
    client: Client,
    team: String,
    sub_teams: [String; 3],
}

/// What there is for Bob.
#[derive(Debug, Clone, Copy)]
struct Stored {
    personal: bool,
    /// How many of his sub-teams have one.
    sub_teams: usize,
    organization: bool,
}

/// What came of a call of Bob's.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    /// Carried out with a credential of this scope.
    Used(&'static str),
    /// Answered with an explanation; the reason in the audit log.
    Refused(&'static str),
    /// There is no such tool for him.
    NotAvailable,
}

impl World {
    async fn build() -> Self {
        let gateway = Gateway::start().await;
        let owner = gateway.person("ada@msp.example").await;
        let team = create_pro_team(&gateway, &owner, "ACME").await;
        let bob = colleague(&gateway, &owner, &team, "bob@msp.example").await;
        let client = Client::connect(&gateway, &bob).await;
        let mut sub_teams = [const { String::new() }; 3];
        for (sub_team, name) in sub_teams.iter_mut().zip(["One", "Two", "Three"]) {
            *sub_team = create_sub_team(&owner, &team, name).await;
        }
        for sub_team in &sub_teams[..2] {
            put_into(&owner, sub_team, user_id(&bob).await).await;
        }
        connect_demo(&owner, &sub_teams[2]).await;
        Self { gateway, owner, bob, client, team, sub_teams }
    }

    fn organization(&self) -> OrganizationId {
        organization_of(&self.team)
    }

    /// Connects and disconnects until exactly this is stored.
    async fn store(&self, stored: Stored) {
        set(&self.bob, "/api", stored.personal).await;
        set(&self.owner, &self.team, stored.organization).await;
        for (number, sub_team) in self.sub_teams[..2].iter().enumerate() {
            set(&self.owner, sub_team, number < stored.sub_teams).await;
        }
    }

    /// Lets Bob call, and compares what he is told, what is listed and what is written down.
    async fn call(&self) -> Call {
        let answer = self.client.modern("tools/call", json!({"name": "demo__get_summary"})).await;
        let row = self.newest_row().await;
        assert_eq!(row.tool.as_deref(), Some("demo__get_summary"));
        let is_listed = self.client.tool_names().await.contains(&"demo__get_summary".to_owned());
        let told = scope_of_demo(&self.client).await;
        assert_eq!(self.resolved().await, told, "the page and the tool say the same");
        let result = &answer.body["result"];
        if row.reason.as_deref() == Some("not_connected") {
            assert_eq!((&result["isError"], row.outcome.as_str()), (&Value::Bool(true), "denied"));
            assert_eq!((is_listed, told, row.credential_scope), (false, Value::Null, None));
            return Call::NotAvailable;
        }
        if result["isError"] == true {
            assert_eq!((row.outcome.as_str(), is_listed, told), ("denied", false, Value::Null));
            assert!(text(result).contains("/settings"), "{result}");
            assert_eq!(row.credential_scope, None);
            return Call::Refused(known(&row.reason.unwrap()));
        }
        let scope = row.credential_scope.unwrap();
        assert_eq!((row.outcome.as_str(), is_listed, told), ("ok", true, json!(scope)));
        Call::Used(known(&scope))
    }

    async fn newest_row(&self) -> AuditRow {
        let mut connection = self.gateway.state.database.read().await.unwrap();
        let user = user_id(&self.bob).await;
        audit::last_tool_call(&mut connection, self.organization(), user).await.unwrap().unwrap()
    }

    /// Whose credential is used, as Settings shows it.
    async fn resolved(&self) -> Value {
        let page: Page<ResolutionView> = self.bob.get_json(&format!("{}/resolution", self.team)).await;
        let demo = page.items.into_iter().find(|one| one.vendor == "demo");
        json!(demo.and_then(|demo| demo.scope).map(Scope::as_str))
    }

    async fn set_plan(&self, plan: Plan) {
        set_plan(&self.gateway, &self.team, plan).await;
    }
}

fn known(word: &str) -> &'static str {
    const WORDS: [&str; 5] = ["personal", "team", "organization", "several_teams", "plan_required"];
    WORDS.into_iter().find(|known| *known == word).unwrap_or_else(|| panic!("{word}"))
}

async fn set(browser: &Browser, place: &str, is_stored: bool) {
    if is_stored {
        connect_demo(browser, place).await;
    } else {
        // Whether there was one does not matter.
        browser.delete(&format!("{place}/connections/demo")).await;
    }
}

/// Personal, else the only sub-team's, else the organization's.
fn expected(stored: Stored, plan: Plan) -> Call {
    match (stored, plan) {
        (Stored { personal: true, .. }, _) => Call::Used("personal"),
        (Stored { sub_teams: 0, organization: false, .. }, _) => Call::NotAvailable,
        (_, Plan::Free) => Call::Refused("plan_required"),
        (Stored { sub_teams: 1, .. }, Plan::Pro) => Call::Used("team"),
        (Stored { organization: true, .. }, Plan::Pro) => Call::Used("organization"),
        (_, Plan::Pro) => Call::Refused("several_teams"),
    }
}

#[tokio::test]
async fn every_combination_on_every_plan() {
    let world = World::build().await;
    for organization in [false, true] {
        for sub_teams in 0..=2 {
            for personal in [false, true] {
                let stored = Stored { personal, sub_teams, organization };
                world.store(stored).await;
                for plan in [Plan::Pro, Plan::Free] {
                    world.set_plan(plan).await;
                    assert_eq!(world.call().await, expected(stored, plan), "{stored:?} on {plan:?}");
                }
                world.set_plan(Plan::Pro).await;
            }
        }
    }
}

#[tokio::test]
async fn every_change_counts_on_the_next_call() {
    let world = World::build().await;
    let (owner, bob, [one, two, three]) = (&world.owner, &world.bob, &world.sub_teams);
    let user = user_id(bob).await;
    let out_of = async |sub_team: &str| {
        assert_eq!(owner.delete(&format!("{sub_team}/members/{user}")).await.status(), 204);
    };
    assert_eq!(world.call().await, Call::NotAvailable);
    connect_demo(owner, one).await;
    assert_eq!(world.call().await, Call::Used("team"));
    connect_demo(owner, two).await;
    assert_eq!(world.call().await, Call::Refused("several_teams"));
    connect_demo(owner, &world.team).await;
    assert_eq!(world.call().await, Call::Used("organization"));
    out_of(two).await;
    assert_eq!(world.call().await, Call::Used("team"));
    put_into(owner, three, user).await;
    assert_eq!(world.call().await, Call::Used("organization"));
    assert_eq!(owner.delete(one).await.status(), 204);
    assert_eq!(world.call().await, Call::Used("team"), "the third is the only one now");
    connect_demo(bob, "/api").await;
    assert_eq!(world.call().await, Call::Used("personal"));
    out_of(three).await;
    disconnect_demo(bob, "/api").await;
    assert_eq!(world.call().await, Call::Used("organization"));
    disconnect_demo(owner, &world.team).await;
    assert_eq!(world.call().await, Call::NotAvailable);
}

#[tokio::test]
async fn back_on_free_what_is_shared_sleeps_and_wakes_again() {
    let world = World::build().await;
    connect_demo(&world.owner, &world.team).await;
    assert_eq!(world.call().await, Call::Used("organization"));
    world.set_plan(Plan::Free).await;
    assert_eq!(world.call().await, Call::Refused("plan_required"));
    let answer = world.client.call("demo__get_summary", json!({})).await;
    assert!(text(&answer).contains("upgrade") && text(&answer).contains("sleeps"), "{answer}");
    for browser in [&world.owner, &world.bob] {
        let plan = me(browser).await.plan;
        assert_eq!((plan.dormant.connections, plan.dormant.members), (2, 1));
        assert!(!plan.has_sharing);
    }
    let shared: Page<ConnectionView> = world.bob.get_json(&format!("{}/connections", world.team)).await;
    assert!(shared.items.iter().all(|one| one.state == ConnectionState::Dormant) && shared.items.len() == 2);

    let code = new_code(&world.gateway, 1).await;
    let upgrade = format!("{}/upgrade", world.team);
    assert_eq!(world.owner.post(&upgrade, &json!({"code": code})).await.status(), 200);
    assert_eq!(world.call().await, Call::Used("organization"));
    assert!(me(&world.bob).await.plan.dormant.is_empty());
}

#[tokio::test]
async fn a_credential_of_one_organization_is_never_used_in_another() {
    let world = World::build().await;
    connect_demo(&world.owner, &world.team).await;
    let other = create_pro_team(&world.gateway, &world.bob, "Bob's own").await;
    let elsewhere = Client::connect(&world.gateway, &world.bob).await;
    assert_eq!(scope_of_demo(&elsewhere).await, Value::Null);
    assert!(!elsewhere.tool_names().await.contains(&"demo__get_summary".to_owned()));
    // Wherever his browser works, the token says where the client does.
    assert_eq!(world.call().await, Call::Used("organization"));
    connect_demo(&world.bob, &other).await;
    disconnect_demo(&world.owner, &world.team).await;
    assert_eq!(scope_of_demo(&elsewhere).await, "organization");
    assert_eq!(world.call().await, Call::NotAvailable);
}

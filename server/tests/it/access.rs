//! Who may do what: every operation of the OpenAPI document, asked by every kind of caller.
//!
//! [`TABLE`] and the document name the same operations, or a test fails. Every request is good in all but who sends it,
//! in a world made for it alone: what is refused is refused for that reason.

use std::collections::BTreeSet;

use gateway_api::{invitations::InvitationView, plans::Plan};
use gateway_store::users::{self, User};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{
    gateway::{Browser, Gateway, PASSWORD, problem},
    mcp::client::Client,
    teams::world::{
        colleague, connect_demo, create_pro_team, create_service_client, create_sub_team, demo_form,
        insert_grant, invite, me, new_code, newest_invitation, organization_of, put_into, set_plan, user_id,
    },
};

/// The callers, in the order of the table's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Without a session.
    Nobody,
    /// An owner, but of another organization.
    Stranger,
    /// A member until a moment ago.
    Removed,
    Member,
    Owner,
    /// An owner of an organization that went back to Free with all it had.
    FreeOwner,
}

/// Method, path, and the status for each kind of caller; `plan` is 403 with the code `plan_required`.
#[rustfmt::skip]
const TABLE: [(&str, &str, &str); 57] = [
    //                                                                        nobody stranger removed member owner Free
    ("GET", "/api/sign-in",                                                     "200 200 200 200 200 200"),
    ("POST", "/api/session",                                                    "200 200 200 200 200 200"),
    ("PATCH", "/api/session",                                                   "401 404 404 200 200 200"),
    ("DELETE", "/api/session",                                                  "204 204 204 204 204 204"),
    ("DELETE", "/api/sessions",                                                 "401 204 204 204 204 204"),
    // Its time is over once there is an account (sign_in.rs).
    ("POST", "/api/setup",                                                      "403 403 403 403 403 403"),
    ("POST", "/api/accounts",                                                   "201 201 201 201 201 201"),
    ("GET", "/api/me",                                                          "401 200 200 200 200 200"),
    ("PUT", "/api/me/password",                                                 "401 204 204 204 204 204"),
    ("GET", "/api/vendors",                                                     "401 200 200 200 200 200"),
    ("GET", "/api/vendors/{vendor}",                                            "401 200 200 200 200 200"),
    ("GET", "/api/connect",                                                     "401 200 200 200 200 200"),
    ("POST", "/api/connect/check",                                              "401 200 200 200 200 200"),
    ("GET", "/api/events",                                                      "401 200 200 200 200 200"),
    ("GET", "/api/connections",                                                 "401 200 200 200 200 200"),
    ("PUT", "/api/connections/{vendor}",                                        "401 201 201 201 201 201"),
    ("DELETE", "/api/connections/{vendor}",                                     "401 204 204 204 204 204"),
    ("POST", "/api/connections/{vendor}/test",                                  "401 200 200 200 200 200"),
    ("GET", "/api/connections/{vendor}/health",                                 "401 200 200 200 200 200"),
    ("GET", "/api/grants",                                                      "401 200 200 200 200 200"),
    // The grant is the member's own: owners have no say in it.
    ("DELETE", "/api/grants/{id}",                                              "401 404 404 204 404 404"),
    // The request waits in the caller's browser, and is about the organization.
    ("GET", "/api/consents/{id}",                                               "401 200 200 200 200 200"),
    ("POST", "/api/consents/{id}",                                              "401 422 422 200 200 200"),
    ("POST", "/api/organizations",                                              "401 201 201 201 201 201"),
    ("GET", "/api/organizations/{org}",                                         "401 404 404 200 200 200"),
    ("PATCH", "/api/organizations/{org}",                                       "401 404 404 403 200 200"),
    ("DELETE", "/api/organizations/{org}",                                      "401 404 404 403 204 204"),
    ("POST", "/api/organizations/{org}/upgrade",                                "401 404 404 403 409 200"),
    ("GET", "/api/organizations/{org}/members",                                 "401 404 404 200 200 200"),
    ("PATCH", "/api/organizations/{org}/members/{user}",                        "401 404 404 403 200 200"),
    ("DELETE", "/api/organizations/{org}/members/{user}",                       "401 404 404 403 200 200"),
    ("GET", "/api/organizations/{org}/audit",                                   "401 404 404 403 200 plan"),
    ("GET", "/api/organizations/{org}/audit.csv",                               "401 404 404 403 200 plan"),
    ("GET", "/api/organizations/{org}/invitations",                             "401 404 404 403 200 200"),
    ("POST", "/api/organizations/{org}/invitations",                            "401 404 404 403 201 plan"),
    ("DELETE", "/api/organizations/{org}/invitations/{id}",                     "401 404 404 403 204 204"),
    ("GET", "/api/organizations/{org}/service-clients",                         "401 404 404 403 200 200"),
    ("POST", "/api/organizations/{org}/service-clients",                        "401 404 404 403 201 plan"),
    ("DELETE", "/api/organizations/{org}/service-clients/{id}",                 "401 404 404 403 204 204"),
    // A link is for whoever holds it.
    ("GET", "/api/invitations/{token}",                                         "200 200 200 200 200 200"),
    ("POST", "/api/invitations/{token}/accept",                                 "401 200 200 200 200 200"),
    ("GET", "/api/organizations/{org}/teams",                                   "401 404 404 200 200 200"),
    ("POST", "/api/organizations/{org}/teams",                                  "401 404 404 403 201 plan"),
    ("PATCH", "/api/organizations/{org}/teams/{team}",                          "401 404 404 403 200 200"),
    ("DELETE", "/api/organizations/{org}/teams/{team}",                         "401 404 404 403 204 204"),
    ("PUT", "/api/organizations/{org}/teams/{team}/members/{user}",             "401 404 404 403 204 plan"),
    ("DELETE", "/api/organizations/{org}/teams/{team}/members/{user}",          "401 404 404 403 204 204"),
    ("GET", "/api/organizations/{org}/resolution",                              "401 404 404 200 200 200"),
    ("GET", "/api/organizations/{org}/connections",                             "401 404 404 200 200 200"),
    ("PUT", "/api/organizations/{org}/connections/{vendor}",                    "401 404 404 403 201 plan"),
    ("DELETE", "/api/organizations/{org}/connections/{vendor}",                 "401 404 404 403 204 204"),
    ("POST", "/api/organizations/{org}/connections/{vendor}/test",              "401 404 404 403 200 plan"),
    ("GET", "/api/organizations/{org}/connections/{vendor}/health",             "401 404 404 200 200 200"),
    ("PUT", "/api/organizations/{org}/teams/{team}/connections/{vendor}",       "401 404 404 403 201 plan"),
    ("DELETE", "/api/organizations/{org}/teams/{team}/connections/{vendor}",    "401 404 404 403 204 204"),
    ("POST", "/api/organizations/{org}/teams/{team}/connections/{vendor}/test", "401 404 404 403 200 plan"),
    ("GET", "/api/organizations/{org}/teams/{team}/connections/{vendor}/health", "401 404 404 200 200 200"),
];

#[tokio::test]
async fn the_table_and_the_document_name_the_same_operations() {
    let gateway = Gateway::start().await;
    let document: Value = gateway.browser().get_json("/api/openapi.json").await;
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys();
        documented.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let in_table: BTreeSet<_> = TABLE.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let without_row: Vec<_> = documented.difference(&in_table).collect();
    assert!(without_row.is_empty(), "operations without a row in the table: {without_row:?}");
    let without_operation: Vec<_> = in_table.difference(&documented).collect();
    assert!(without_operation.is_empty(), "rows without an operation: {without_operation:?}");
    assert_eq!(in_table.len(), TABLE.len(), "a row is there twice");
}

#[tokio::test]
async fn what_nobody_may() {
    walk(Who::Nobody).await;
}

#[tokio::test]
async fn what_a_stranger_may() {
    walk(Who::Stranger).await;
}

#[tokio::test]
async fn what_a_removed_member_may() {
    walk(Who::Removed).await;
}

#[tokio::test]
async fn what_a_member_may() {
    walk(Who::Member).await;
}

#[tokio::test]
async fn what_an_owner_may() {
    walk(Who::Owner).await;
}

#[tokio::test]
async fn what_an_owner_on_free_may() {
    walk(Who::FreeOwner).await;
}

/// Sends every request of the table, and tells of all that were answered otherwise.
async fn walk(who: Who) {
    let gateway = Gateway::start().await;
    let mut wrong = Vec::new();
    for (method, path, answers) in TABLE {
        let expected = answers.split(' ').nth(who as usize).unwrap();
        let answer = brief(World::build(&gateway, who).await.ask(method, path).await).await;
        if answer != expected {
            wrong.push(format!("{method} {path}: {answer}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{who:?}:\n{}", wrong.join("\n"));
}

/// An answer as the table writes it. A refusal has the code of its status.
async fn brief(answer: Response) -> String {
    if answer.status().is_success() {
        return answer.status().as_u16().to_string();
    }
    let (status, code, _) = problem(answer).await;
    match (status, code.as_str()) {
        (403, "plan_required") => "plan".to_owned(),
        (401, "not_signed_in")
        | (403, "forbidden")
        | (404, "not_found")
        | (409, "conflict")
        | (422, "validation_failed") => status.to_string(),
        _ => format!("{status} {code}"),
    }
}

/// An organization on Pro, its owner, and who asks.
struct World<'a> {
    gateway: &'a Gateway,
    who: Who,
    owner: Browser,
    caller: Browser,
    team: String,
}

impl<'a> World<'a> {
    async fn build(gateway: &'a Gateway, who: Who) -> Self {
        let owner = gateway.person("olivia@acme.example").await;
        let team = create_pro_team(gateway, &owner, "ACME").await;
        let caller = match who {
            Who::Nobody => gateway.browser(),
            Who::Stranger => stranger(gateway).await,
            Who::Removed => removed(gateway, &owner, &team).await,
            Who::Member => colleague(gateway, &owner, &team, "mia@acme.example").await,
            Who::Owner | Who::FreeOwner => owner.clone(),
        };
        Self { gateway, who, owner, caller, team }
    }

    /// Makes what the request needs, and sends it.
    async fn ask(&self, method: &str, template: &str) -> Response {
        let path = self.address(method, template).await;
        let body = self.body(method, template).await;
        if self.who == Who::FreeOwner {
            set_plan(self.gateway, &self.team, Plan::Free).await;
        }
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.caller.send(method, &path, body.as_ref()).await
    }

    /// The path, with what it names made before.
    async fn address(&self, method: &str, template: &str) -> String {
        let organization = organization_of(&self.team).to_string();
        let mut path = template.replace("{org}", &organization).replace("{vendor}", "demo");
        if path.contains("{team}") {
            let sub_team = create_sub_team(&self.owner, &self.team, "NOC").await;
            path = path.replace("{team}", last(&sub_team));
        }
        if path.contains("{user}") {
            path = self.with_user(method, &path).await;
        }
        if path.contains("{token}") {
            path = path.replace("{token}", &invite(&self.owner, &self.team, 1).await);
        }
        if path.contains("{id}") {
            path = path.replace("{id}", &self.id(template).await);
        }
        if template.contains("connections/{vendor}") && method != "PUT" {
            self.connect(path.split("/connections/").next().unwrap()).await;
        }
        path
    }

    /// A colleague; if they are to leave a sub-team, they are in it.
    async fn with_user(&self, method: &str, path: &str) -> String {
        let person = colleague(self.gateway, &self.owner, &self.team, "tom@acme.example").await;
        let user = user_id(&person).await;
        if method == "DELETE" && path.contains("/teams/") {
            put_into(&self.owner, path.split("/members/").next().unwrap(), user).await;
        }
        path.replace("{user}", &user.to_string())
    }

    async fn id(&self, template: &str) -> String {
        if template.starts_with("/api/grants") {
            let member = match self.who {
                Who::Member => self.caller.clone(),
                _ => colleague(self.gateway, &self.owner, &self.team, "mia@acme.example").await,
            };
            return insert_grant(self.gateway, &member).await.to_string();
        }
        if template.starts_with("/api/consents") {
            let browser = if self.who == Who::Nobody { &self.owner } else { &self.caller };
            return Client::ask_consent(self.gateway, browser).await.1;
        }
        if template.contains("/service-clients/") {
            return create_service_client(&self.owner, &self.team).await.0;
        }
        invite(&self.owner, &self.team, 1).await;
        let InvitationView { id, .. } = newest_invitation(&self.owner, &self.team).await;
        id.to_string()
    }

    /// Connects what is to be tested or disconnected. A person's own is the caller's.
    async fn connect(&self, place: &str) {
        match (place, self.who) {
            ("/api", Who::Nobody) => {}
            ("/api", _) => connect_demo(&self.caller, place).await,
            _ => connect_demo(&self.owner, place).await,
        }
    }

    async fn body(&self, method: &str, template: &str) -> Option<Value> {
        let name = template.trim_start_matches("/api/").replace("organizations/{org}/", "");
        let organization = organization_of(&self.team);
        Some(match (method, name.as_str()) {
            ("POST", "session") => {
                self.gateway.create_account("ada@acme.example").await;
                json!({"email": "ada@acme.example", "password": PASSWORD})
            }
            ("PATCH", "session") => json!({"organization_id": organization}),
            ("POST", "setup") => self.first_account(),
            ("POST", "accounts") => self.account().await,
            ("PUT", "me/password") => self.passwords().await,
            ("POST", "consents/{id}") => json!({"is_allowed": true, "organization_id": organization}),
            ("POST", "organizations" | "teams") | ("PATCH", "organizations/{org}" | "teams/{team}") => {
                json!({"name": "A new name"})
            }
            ("POST", "upgrade") => json!({"code": new_code(self.gateway, 1).await}),
            ("PATCH", "members/{user}") => json!({"role": "owner"}),
            ("POST", "service-clients") => json!({"name": "Nightly report", "expires_in_days": 30}),
            ("POST", "invitations") => json!({"max_uses": 2, "note": "the night shift"}),
            ("PUT", path) if path.ends_with("{vendor}") => demo_form(),
            _ => return None,
        })
    }

    fn first_account(&self) -> Value {
        let token = self.gateway.announcement.split("token=").nth(1).unwrap().trim();
        json!({"token": token, "name": "Eve", "email": "eve@acme.example", "password": PASSWORD})
    }

    async fn account(&self) -> Value {
        let token = invite(&self.owner, &self.team, 1).await;
        json!({"name": "Nia", "email": "nia@acme.example", "password": PASSWORD, "invitation": token})
    }

    /// Gives the caller a password, to change it.
    async fn passwords(&self) -> Value {
        if self.who != Who::Nobody {
            let user = me(&self.caller).await.user;
            let user = User {
                id: user.id,
                name: user.name,
                email: user.email,
                created_at: self.gateway.clock.now(),
            };
            let hash = self.gateway.state.passwords.hash(PASSWORD.into()).await.unwrap();
            let mut transaction = self.gateway.state.database.write().await.unwrap();
            users::insert_local_account(&mut transaction, &user, &hash).await.unwrap();
            transaction.commit().await.unwrap();
        }
        json!({"current_password": PASSWORD, "new_password": "another long password"})
    }
}

async fn stranger(gateway: &Gateway) -> Browser {
    let browser = gateway.person("sam@other.example").await;
    create_pro_team(gateway, &browser, "Other").await;
    browser
}

async fn removed(gateway: &Gateway, owner: &Browser, team: &str) -> Browser {
    let browser = colleague(gateway, owner, team, "rex@acme.example").await;
    let user = user_id(&browser).await;
    assert_eq!(owner.delete(&format!("{team}/members/{user}")).await.status(), 200);
    browser
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

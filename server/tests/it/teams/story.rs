//! The whole story: a code, a team, a shared vendor, an invitation, a colleague's call, and the end of it.

use gateway_api::{Page, connections::ConnectionView, invitations::OpenedInvitation, members::MemberView};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::world::{create_pro_team, demo_form, invite, me, scope_of_demo, sign_up, user_id};
use crate::{
    gateway::{Gateway, problem},
    mcp::client::Client,
};

#[tokio::test]
async fn a_colleague_joins_calls_overrides_and_is_removed() {
    let gateway = Gateway::start().await;
    let owner = gateway.member("ada@msp.example").await;
    let team = create_pro_team(&gateway, &owner, "ACME").await;
    let answer = owner.put(&format!("{team}/connections/demo"), &demo_form()).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let shared: ConnectionView = answer.json().await.unwrap();
    assert_eq!(shared.scope, gateway_api::connections::Scope::Organization);
    let token = invite(&owner, &team, 1).await;

    let opened: OpenedInvitation = gateway.browser().get_json(&format!("/api/invitations/{token}")).await;
    assert_eq!((opened.organization_name.as_str(), opened.invited_by.as_str()), ("ACME", "Ada Lovelace"));
    let colleague = sign_up(&gateway, "bob@msp.example", &token).await;
    assert!(me(&colleague).await.organization().unwrap().is_personal, "signing up does not join");
    let accept = format!("/api/invitations/{token}/accept");
    let accepted: Value = colleague.post(&accept, &json!({})).await.json().await.unwrap();
    assert_eq!((&accepted["is_new"], &accepted["organization"]["name"]), (&json!(true), &json!("ACME")));
    let again: Value = colleague.post(&accept, &json!({})).await.json().await.unwrap();
    assert_eq!(again["is_new"], false);

    let client = Client::connect(&gateway, &colleague).await;
    let call = client.call("demo__get_summary", json!({})).await;
    assert_eq!(call["isError"], false, "{call}");
    assert_eq!(scope_of_demo(&client).await, "organization");
    assert_eq!(colleague.put("/api/connections/demo", &demo_form()).await.status(), StatusCode::CREATED);
    assert_eq!(scope_of_demo(&client).await, "personal");
    assert_eq!(colleague.delete("/api/connections/demo").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(scope_of_demo(&client).await, "organization");

    let members: Page<MemberView> = owner.get_json(&format!("{team}/members")).await;
    let names: Vec<_> = members.items.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["Ada Lovelace", "Bob Builder"]);
    let bob = user_id(&colleague).await;
    let removed: Value = owner.delete(&format!("{team}/members/{bob}")).await.json().await.unwrap();
    assert_eq!(removed["revoked_apps"], json!(["Claude Code (test)"]));
    assert_eq!(removed["sessions"], 1);
    let refused = client.modern("tools/list", json!({})).await;
    assert_eq!(refused.status, 401);
    assert_eq!(problem(colleague.get(&format!("{team}/members")).await).await.0, 404);
    assert!(me(&colleague).await.organization().unwrap().is_personal, "the session goes on elsewhere");

    let audit = gateway.audit(&owner).await;
    let actions: Vec<_> = audit.iter().rev().map(|row| row.action.as_str()).collect();
    for action in [
        "organization.create",
        "connection.put",
        "invitation.create",
        "member.join",
        "tool.call",
        "member.remove",
        "grant.revoke",
    ] {
        assert!(actions.contains(&action), "{action} is not in {actions:?}");
    }
}

//! What was allowed ends: for whoever changes their password, for whoever leaves, and on every replica.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use gateway_api::{Page, grants::GrantView};
use reqwest::StatusCode;
use serde_json::json;

use super::flow::{Flow, Tokens, error_of, post_form, register};
use crate::{
    gateway::{Browser, Gateway, PASSWORD},
    teams::world::{accept, colleague, create_pro_team, create_service_client, invite, user_id},
};

const NEW_PASSWORD: &str = "a completely different one";

fn change() -> serde_json::Value {
    json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD})
}

#[tokio::test]
async fn a_changed_password_cuts_every_app_off() {
    let flow = Flow::start().await;
    let tokens = flow.tokens().await;
    let code = flow.code().await;
    assert_eq!(flow.call(&tokens.access_token).await, 200);
    let answer = flow.browser.put("/api/me/password", &change()).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(flow.call(&tokens.access_token).await, 401, "the very next call");
    let refresh = flow.token(&flow.refreshing(&tokens.refresh_token)).await;
    assert_eq!(error_of(refresh).await, (400, "invalid_grant".to_owned()));
    let late = flow.token(&flow.exchange(&code)).await;
    assert_eq!(error_of(late).await, (400, "invalid_grant".to_owned()), "what was allowed before, too");
    let grants: Page<GrantView> = flow.browser.get_json("/api/grants").await;
    assert!(grants.items.is_empty());
    assert_eq!(flow.audit("grant.revoke").await.reason.as_deref(), Some("password changed"));
    assert_eq!(flow.call(&flow.tokens().await.access_token).await, 200, "and may be allowed again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_that_is_exchanged_while_its_person_is_removed_gives_nothing() {
    let gateway = Gateway::start().await;
    let owner = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &owner, "ACME").await;
    let bob = colleague(&gateway, &owner, &team, "bob@msp.example").await;
    let client_id = register(&gateway, &[super::flow::REDIRECT_URI]).await;
    let flow = Flow { gateway, browser: bob, client_id };
    let member = format!("{team}/members/{}", user_id(&flow.browser).await);
    for round in 0..15 {
        let exchange = flow.exchange(&flow.code().await);
        let (removed, exchanged) = tokio::join!(owner.delete(&member), flow.token(&exchange));
        assert_eq!(removed.status(), StatusCode::OK, "round {round}");
        let token = match exchanged.status() {
            StatusCode::OK => Some(exchanged.json::<Tokens>().await.unwrap()),
            _ => None,
        };
        assert_eq!(accept(&flow.browser, &invite(&owner, &team, 1).await).await, 200);
        if let Some(token) = token {
            assert_eq!(flow.call(&token.access_token).await, 401, "round {round}: it revived");
        }
        let again = flow.token(&exchange).await;
        assert_eq!(again.status(), StatusCode::BAD_REQUEST, "round {round}: the code is spent");
    }
}

#[tokio::test]
async fn a_code_of_before_the_removal_is_void() {
    let gateway = Gateway::start().await;
    let owner = gateway.person("ada@msp.example").await;
    let team = create_pro_team(&gateway, &owner, "ACME").await;
    let bob = colleague(&gateway, &owner, &team, "bob@msp.example").await;
    let client_id = register(&gateway, &[super::flow::REDIRECT_URI]).await;
    let flow = Flow { gateway, browser: bob, client_id };
    let code = flow.code().await;
    let member = format!("{team}/members/{}", user_id(&flow.browser).await);
    assert_eq!(owner.delete(&member).await.status(), StatusCode::OK);
    assert_eq!(accept(&flow.browser, &invite(&owner, &team, 1).await).await, 200);
    let late = flow.token(&flow.exchange(&code)).await;
    assert_eq!(error_of(late).await, (400, "invalid_grant".to_owned()));
}

/// A replica in a process of its own; it ends with the test.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn start(gateway: &Gateway, folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-gateway"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--public-url", &gateway.url, "--master-key-file"]);
        command.arg(gateway.master_key_file());
        command.env("MCP_GATEWAY_DATA_DIR", folder).env("MCP_GATEWAY_DATABASE_URL", &gateway.database_url);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next().unwrap().unwrap().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, url }
    }

    /// Whether a call with this token is let in; the body is no message, so nothing is done.
    async fn lets_in(&self, browser: &Browser, token: &str) -> bool {
        let call = browser.http.post(format!("{}/v1/mcp", self.url)).bearer_auth(token).body("{}");
        call.send().await.unwrap().status() != StatusCode::UNAUTHORIZED
    }

    /// Asks until it is refused; how long that took.
    async fn refuses(&self, browser: &Browser, token: &str) -> Duration {
        let start = Instant::now();
        while self.lets_in(browser, token).await {
            assert!(start.elapsed() < Duration::from_secs(10), "still let in after {:?}", start.elapsed());
        }
        start.elapsed()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn postgres_only_what_ends_here_ends_in_the_other_process() {
    // The other process has the system's clock, so this one must have it as well.
    let gateway = Gateway::start_now().await;
    let folder = tempfile::tempdir().unwrap();
    let other = Process::start(&gateway, folder.path());
    let browser = gateway.member("ada@msp.example").await;
    let client_id = register(&gateway, &[super::flow::REDIRECT_URI]).await;
    let flow = Flow { gateway, browser, client_id };
    let mut took = Vec::new();

    let tokens = flow.tokens().await;
    assert!(other.lets_in(&flow.browser, &tokens.access_token).await);
    let grants: Page<GrantView> = flow.browser.get_json("/api/grants").await;
    let path = format!("/api/grants/{}", grants.items[0].id);
    assert_eq!(flow.browser.delete(&path).await.status(), StatusCode::NO_CONTENT);
    took.push(("app revoked", other.refuses(&flow.browser, &tokens.access_token).await));

    let tokens = flow.tokens().await;
    assert!(other.lets_in(&flow.browser, &tokens.access_token).await);
    let back = vec![("client_id", flow.client_id.clone()), ("token", tokens.refresh_token.clone())];
    assert_eq!(post_form(&flow.gateway, "/revoke", &back).await.status(), StatusCode::OK);
    took.push(("token given back", other.refuses(&flow.browser, &tokens.access_token).await));

    let tokens = flow.tokens().await;
    assert!(other.lets_in(&flow.browser, &tokens.access_token).await);
    assert_eq!(flow.browser.put("/api/me/password", &change()).await.status(), StatusCode::NO_CONTENT);
    took.push(("password changed", other.refuses(&flow.browser, &tokens.access_token).await));

    let owner = flow.gateway.person("olga@msp.example").await;
    let team = create_pro_team(&flow.gateway, &owner, "ACME").await;
    assert_eq!(accept(&flow.browser, &invite(&owner, &team, 1).await).await, 200);
    let tokens = flow.tokens().await;
    assert!(other.lets_in(&flow.browser, &tokens.access_token).await);
    let member = format!("{team}/members/{}", user_id(&flow.browser).await);
    assert_eq!(owner.delete(&member).await.status(), StatusCode::OK);
    took.push(("person removed", other.refuses(&flow.browser, &tokens.access_token).await));

    let (id, secret) = create_service_client(&owner, &team).await;
    let request = vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", id.clone()),
        ("client_secret", secret),
    ];
    let answer: serde_json::Value = post_form(&flow.gateway, "/token", &request).await.json().await.unwrap();
    let token = answer["access_token"].as_str().unwrap();
    assert!(other.lets_in(&owner, token).await);
    let deleted = owner.delete(&format!("{team}/service-clients/{id}")).await;
    assert!(deleted.status().is_success(), "{}", deleted.status());
    took.push(("service client deleted", other.refuses(&owner, token).await));
    assert!(took.iter().all(|(_, time)| *time < Duration::from_secs(1)), "{took:?}");
}

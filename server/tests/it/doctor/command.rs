//! `mcp-gateway doctor`: what it prints, and how it ends.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Output, Stdio},
};

use gateway_api::{
    Page,
    connect::{CheckOutcome, ConnectionCheck},
    grants::GrantView,
    me::Me,
};
use reqwest::header;
use serde_json::{Value, json};

use crate::{
    gateway::{Browser, Gateway},
    mcp::client::with_demo,
};

/// Runs beside the gateway of this process.
async fn doctor(arguments: &[&str], token: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-gateway"));
    command.arg("doctor").args(arguments).env_remove("MCP_GATEWAY_TOKEN");
    if let Some(token) = token {
        command.env("MCP_GATEWAY_TOKEN", token);
    }
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn good_is_zero_and_bad_is_one() {
    let gateway = Gateway::start().await;
    let (_, client) = with_demo(&gateway, "ada@msp.example").await;

    let good = doctor(&[&gateway.url], Some(&client.token)).await;
    assert_eq!(good.status.code(), Some(0), "{}", said(&good));
    assert!(said(&good).contains("ok      tools/list: "), "{}", said(&good));
    assert!(said(&good).contains("0 failed, 0 not tried"), "{}", said(&good));
    assert!(!said(&good).contains(&client.token), "a token is never printed");

    let bad = doctor(&[&gateway.url, "--token", "nonsense"], None).await;
    assert_eq!(bad.status.code(), Some(1), "{}", said(&bad));
    assert!(said(&bad).contains("FAILED  server/discover (2026-07-28): The gateway refuses this token."));
    assert!(said(&bad).contains("What to do: It has expired"), "{}", said(&bad));
    assert!(said(&bad).contains("clients cannot connect"), "{}", said(&bad));
    assert!(!said(&bad).contains("nonsense"), "{}", said(&bad));

    let json = doctor(&[&gateway.url, "--json"], None).await;
    let found: ConnectionCheck = serde_json::from_slice(&json.stdout).unwrap();
    assert!(found.is_good && found.steps[9].outcome == CheckOutcome::Skipped);
}

/// `--sign-in`, with somebody who answers in this browser.
async fn signed_in(gateway: &Gateway, browser: &Browser, is_allowed: bool) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-gateway"));
    command.args(["doctor", &gateway.url, "--sign-in"]).env_remove("MCP_GATEWAY_TOKEN");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let asked = tokio::task::spawn_blocking(move || {
        let mut lines = told.by_ref().lines().map(Result::unwrap);
        let url = lines.find(|line| line.starts_with("  http")).unwrap().trim().to_owned();
        (url, told)
    });
    let (url, mut told) = asked.await.unwrap();
    let page = browser.http.get(url).send().await.unwrap();
    let id = page.headers()[header::LOCATION].to_str().unwrap().strip_prefix("/consent/").unwrap().to_owned();
    let me: Me = browser.get_json("/api/me").await;
    let decision = json!({"is_allowed": is_allowed, "organization_id": me.organization_id});
    let decided: Value = browser.post(&format!("/api/consents/{id}"), &decision).await.json().await.unwrap();
    let back = browser.http.get(decided["redirect_to"].as_str().unwrap()).send().await.unwrap();
    assert!(back.text().await.unwrap().contains("goes on in the terminal"));
    let ended = tokio::task::spawn_blocking(move || {
        let mut rest = String::new();
        told.read_to_string(&mut rest).unwrap();
        let mut output = child.wait_with_output().unwrap();
        output.stderr = rest.into_bytes();
        output
    });
    ended.await.unwrap()
}

#[tokio::test]
async fn somebody_signs_in_for_it() {
    let gateway = Gateway::start().await;
    let browser = with_demo(&gateway, "ada@msp.example").await.0;
    let before: Page<GrantView> = browser.get_json("/api/grants").await;

    let good = signed_in(&gateway, &browser, true).await;
    assert_eq!(good.status.code(), Some(0), "{}", said(&good));
    assert!(said(&good).contains("ok      tools/list: "), "{}", said(&good));
    assert!(said(&good).contains("ok      Revocation: The token was given back"), "{}", said(&good));
    assert!(said(&good).contains("0 failed, 0 not tried"), "{}", said(&good));
    assert!(!said(&good).contains("eyJ"), "a token is never printed");
    let after: Page<GrantView> = browser.get_json("/api/grants").await;
    assert_eq!(after.items.len(), before.items.len(), "nothing stays allowed");
    let rows = gateway.audit(&browser).await;
    assert_eq!(rows[0].action, "grant.revoke");
    assert_eq!(rows[0].client_name.as_deref(), Some("Connection doctor"));

    let denied = signed_in(&gateway, &browser, false).await;
    assert_eq!(denied.status.code(), Some(1), "{}", said(&denied));
    assert!(
        said(&denied).contains("FAILED  Sign-in and consent: The request was denied."),
        "{}",
        said(&denied)
    );
    assert!(said(&denied).contains("-       tools/list: It needs an access token"), "{}", said(&denied));
}

#[tokio::test]
async fn without_a_token_it_says_how_to_go_on() {
    let gateway = Gateway::start().await;
    let found = doctor(&[&gateway.url], None).await;
    assert_eq!(found.status.code(), Some(0), "{}", said(&found));
    assert!(said(&found).contains("-       tools/list: It needs an access token"), "{}", said(&found));
    assert!(said(&found).contains("(--sign-in), or bring a token (--token)"), "{}", said(&found));
    let both = doctor(&[&gateway.url, "--sign-in"], Some("secret")).await;
    assert_eq!(both.status.code(), Some(2), "{}", said(&both));
    assert!(said(&both).contains("cannot be used with"), "{}", said(&both));
    assert!(!said(&both).contains("secret"), "{}", said(&both));
}

#[tokio::test]
async fn what_is_no_address_is_explained() {
    let wrong = doctor(&["ftp://gateway.example"], None).await;
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        said(&wrong).contains("give the gateway's URL, like https://gateway.example"),
        "{}",
        said(&wrong)
    );
    let blank = doctor(&["http://127.0.0.1:9", "--token", "sec ret"], None).await;
    assert!(said(&blank).contains("--token: a token has no blanks"), "{}", said(&blank));
    assert!(!said(&blank).contains("sec ret"), "{}", said(&blank));
}

//! `mcp-gateway doctor`: what it prints, and how it ends.

use std::process::{Command, Output};

use gateway_api::connect::{CheckOutcome, ConnectionCheck};

use crate::{gateway::Gateway, mcp::client::with_demo};

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
    assert!(found.is_good && found.steps[8].outcome == CheckOutcome::Skipped);
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

//! `mcp-gateway doctor`: does a client get through to this gateway, and if not, where does it get stuck?

use std::{fmt::Write as _, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use gateway_api::connect::{CheckOutcome, CheckStep, ConnectionCheck};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{say, table::printable};
use crate::{
    clock::Clock,
    doctor::{self, CLIENT_NAME, Loopback, Request, Target, Walk},
};

/// How long somebody has to sign in.
const PATIENCE: Duration = Duration::from_mins(5);

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// The gateway's address as clients have it, e.g. `https://gateway.example` or `https://gateway.example/v1/mcp`.
    url: Url,
    /// Sign in for the test, to go on to discover and tools/list: prints an address to open in a browser on this
    /// computer, waits up to 5 minutes for somebody to press Allow there, and gives the token back at the end.
    #[arg(long, conflicts_with = "token")]
    sign_in: bool,
    /// An access token, to go on to discover and tools/list without a sign-in. Better in the environment than on the
    /// command line, where other users of this computer can see it. It is sent to this gateway only, and never printed.
    #[arg(long, env = "MCP_GATEWAY_TOKEN", hide_env_values = true, value_parser = parse_token)]
    token: Option<SecretString>,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

/// Cannot fail, so that no error message ever quotes a token.
#[expect(clippy::unnecessary_wraps, reason = "clap asks for a Result")]
fn parse_token(text: &str) -> Result<SecretString, std::convert::Infallible> {
    Ok(SecretString::from(text.trim()))
}

pub(super) async fn run(arguments: Doctor) -> anyhow::Result<()> {
    let target = Target::new(arguments.url)?;
    let token = arguments.token.filter(|token| !token.expose_secret().is_empty());
    if token.as_ref().is_some_and(|token| !token.expose_secret().bytes().all(|byte| byte.is_ascii_graphic()))
    {
        bail!("--token: a token has no blanks and only ASCII characters");
    }
    let check = if arguments.sign_in {
        examine_signed_in(target).await?
    } else {
        doctor::examine(&target, token.as_ref(), Some(&Clock::system())).await?
    };
    if arguments.json {
        say(&format!("{}\n", serde_json::to_string_pretty(&check)?))?;
    } else {
        say(&report(&check))?;
    }
    if !check.is_good {
        bail!("clients cannot connect to {}", check.address);
    }
    Ok(())
}

/// Every step, with somebody at a browser.
async fn examine_signed_in(target: Target) -> anyhow::Result<ConnectionCheck> {
    let loopback = Loopback::open().await.context("no port on this computer to come back to")?;
    let mut walk = Walk::new(target)?;
    if walk.begin(loopback.redirect_uri(), Some(&Clock::system())).await.is_some() {
        let consent = match walk.request() {
            Some(request) => {
                ask(request);
                Some(loopback.answer(request.state(), PATIENCE).await)
            }
            None => None,
        };
        walk.go_on(consent).await;
    }
    Ok(walk.into_check())
}

/// Standard output is for the findings.
#[expect(clippy::print_stderr, reason = "this is the command line")]
fn ask(request: &Request) {
    eprintln!(
        "Open this address in a browser on this computer, sign in, and allow the “{CLIENT_NAME}”:\n\n  {}\n\nWaiting for \
         up to {} minutes.\n",
        request.url(),
        PATIENCE.as_secs() / 60
    );
}

/// The findings, a step after the other. What the other side says is shown without control characters.
fn report(check: &ConnectionCheck) -> String {
    let mut text = format!("{}, step by step as an MCP client comes to it:\n\n", check.address);
    for step in &check.steps {
        let mark = match step.outcome {
            CheckOutcome::Passed => "ok",
            CheckOutcome::Warning => "WARNING",
            CheckOutcome::Failed => "FAILED",
            CheckOutcome::Skipped => "-",
        };
        let CheckStep { name, what, advice, .. } = step;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{mark:8}{name}: {}", printable(what));
        if let Some(advice) = advice {
            let _ = writeln!(text, "        What to do: {}", printable(advice));
        }
    }
    let count = |outcome| check.steps.iter().filter(|step| step.outcome == outcome).count();
    let (failed, skipped) = (count(CheckOutcome::Failed), count(CheckOutcome::Skipped));
    let _ = writeln!(text, "\n{failed} failed, {skipped} not tried");
    text
}

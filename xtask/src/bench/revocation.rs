//! How long an app that was cut off on one replica still gets in on the other: two processes on one PostgreSQL.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::Figure;
use super::client::{Browser, EMAIL, PASSWORD};
use super::gateway::{self, Gateway};
use super::http::Connection;
use crate::postgres::Cluster;

const LIMIT_MS: f64 = 1000.0;
/// How often an app is cut off; the slowest counts.
const ROUNDS: usize = 20;
/// What never ends is no figure.
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures from the moment the revocation is sent, so its own time counts as well.
pub(super) fn measure(binary: &Path) -> Result<Figure> {
    let cluster = Cluster::start()?;
    let folder = || tempfile::tempdir().context("cannot make a folder for a gateway's data");
    let (data, other_data) = (folder()?, folder()?);
    let database = format!("--database-url={}", cluster.url());
    gateway::create_user(binary, data.path(), Some(cluster.url()), (EMAIL, PASSWORD))?;
    let one = Gateway::start_with(binary, data.path(), |command| {
        command.arg(&database);
    })?;
    let other = Gateway::start_with(binary, other_data.path(), |command| {
        command.arg(&database).arg("--master-key-file").arg(data.path().join("master.key"));
        command.arg(format!("--public-url=http://{}", one.address()));
    })?;

    let mut browser = Browser::sign_in(one.address())?;
    let mut elsewhere = Connection::open(other.address())?;
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        times.push(time(&mut browser, &mut elsewhere)?);
    }
    one.stop()?;
    other.stop()?;
    times.sort_by(f64::total_cmp);
    let detail = format!("{ROUNDS} times, median {:.1}", times[times.len() / 2]);
    let value = times.last().copied().unwrap_or_default();
    Ok(Figure {
        name: "revocation to refusal elsewhere, slowest",
        value,
        limit: LIMIT_MS,
        unit: "ms",
        detail,
    })
}

/// One app: let in, cut off here, refused there; in ms.
fn time(browser: &mut Browser, elsewhere: &mut Connection) -> Result<f64> {
    let token = browser.authorize()?;
    if is_refused(elsewhere, &token)? {
        bail!("the other replica does not let the app in");
    }
    let grants = browser.get("/api/grants")?.json()?;
    let id = grants["items"][0]["id"].as_str().context("the app is not listed")?.to_owned();
    let start = Instant::now();
    browser.send("DELETE", &format!("/api/grants/{id}"), &json!({}))?;
    while !is_refused(elsewhere, &token)? {
        if start.elapsed() > PATIENCE {
            bail!("the other replica still lets the app in");
        }
    }
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

fn is_refused(gateway: &mut Connection, token: &str) -> Result<bool> {
    let authorization = format!("Bearer {token}");
    let answer = gateway.exchange("GET", "/v1/mcp", &[("authorization", &authorization)], "")?;
    Ok(answer.status == 401)
}

//! The audit log when it is long: how long an owner waits for a page, by every filter, and what its file costs.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Figure;
use super::client::{Browser, EMAIL, PASSWORD};
use super::gateway::{self, Gateway};
use super::memory;
use crate::engine::Engine;
use crate::postgres::Cluster;
use crate::{step, workspace};

const PAGE_LIMIT_MS: f64 = 100.0;
/// What the whole file may add to the gateway's memory.
const CSV_LIMIT_MB: f64 = 30.0;
/// How often each page is asked for; the median counts. More than five: then PostgreSQL has settled for a plan.
const ROUNDS: usize = 15;

/// What narrows by one thing, and finds much or little of it.
const FILTERS: [&str; 12] = [
    "actor=USER",
    "actor=Person+7",
    "client=00000000-0000-0000-0000-0000000003ef",
    "client=Claude+Code",
    "vendor=vendor-7",
    "tool=vendor-7__tool_7",
    "outcome=ok",
    "outcome=error",
    "outcome=denied",
    "since=2020-01-01&until=2099-01-01",
    "limit=200",
    "cursor=CURSOR",
];
/// What finds nothing.
const NOTHING: [&str; 8] = [
    "actor=00000000-0000-7000-8000-000000000000",
    "actor=Nobody",
    "client=00000000-0000-7000-8000-000000000000",
    "client=None",
    "vendor=none",
    "tool=none",
    "until=2020-01-01",
    "since=2099-01-01",
];
/// Two things that are often there, though seldom or never together: no index has both.
const TOGETHER: [&str; 4] = [
    "vendor=vendor-7&outcome=denied",
    "actor=Person+7&vendor=vendor-7&outcome=error",
    "vendor=vendor-7&tool=vendor-8__tool_7",
    "actor=Person+7&client=Claude+Code",
];

/// Measures an audit log of so many rows.
pub(super) fn measure(binary: &Path, engine: Engine, rows: u32) -> Result<Vec<Figure>> {
    let data = tempfile::tempdir().context("cannot make a folder for the gateway's data")?;
    let cluster = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Cluster::start()?),
    };
    let database = cluster.as_ref().map(Cluster::url);
    gateway::create_user(binary, data.path(), database, (EMAIL, PASSWORD))?;
    let gateway = Gateway::start_with(binary, data.path(), |command| {
        command.args(database.map(|url| format!("--database-url={url}")));
    })?;
    let mut browser = Browser::sign_in(gateway.address())?;
    let me = browser.get("/api/me")?.json()?;
    let organization = me["organization_id"].as_str().context("no organization")?.to_owned();
    let user = me["user"]["id"].as_str().context("no user")?.to_owned();
    let url = database
        .map_or_else(|| format!("sqlite:{}", data.path().join("gateway.sqlite").display()), str::to_owned);
    prepare(binary, data.path(), &url, (&organization, &user), rows)?;

    let mut log = Log { browser, path: format!("/api/organizations/{organization}/audit"), user };
    let pages = pages(&mut log, engine)?;
    let file = file(&mut log, &gateway, engine)?;
    gateway.stop()?;
    Ok(pages.into_iter().chain([file]).collect())
}

/// Gives the organization the plan that reads the log, and the log its rows.
fn prepare(
    binary: &Path,
    data: &Path,
    url: &str,
    (organization, user): (&str, &str),
    rows: u32,
) -> Result<()> {
    gateway::upgrade(binary, data, url, organization)?;
    let mut fill = workspace::cargo();
    fill.args(["run", "--release", "--quiet", "--locked", "--package", "gateway-store"]);
    fill.args(["--example", "fill_audit", "--", organization, user, &rows.to_string()]);
    step::run(fill.env("MCP_GATEWAY_DATABASE_URL", url))
}

/// An owner who reads.
struct Log {
    browser: Browser,
    path: String,
    user: String,
}

impl Log {
    /// The median of several, in ms.
    fn time(&mut self, query: &str) -> Result<f64> {
        let path = format!("{}?{query}", self.path);
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let start = Instant::now();
            self.browser.get(&path)?;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        Ok(times[times.len() / 2])
    }

    fn times(&mut self, queries: &[&str], cursor: &str) -> Result<Vec<(String, f64)>> {
        let fill = |query: &&str| query.replace("USER", &self.user).replace("CURSOR", cursor);
        let queries: Vec<_> = queries.iter().map(fill).collect();
        queries.into_iter().map(|query| Ok((query.clone(), self.time(&query)?))).collect()
    }
}

fn pages(log: &mut Log, engine: Engine) -> Result<[Figure; 3]> {
    let bare = log.time("")?;
    let first: Value = log.browser.get(&log.path.clone())?.json()?;
    let cursor = first["next_cursor"].as_str().context("the log has only one page")?.to_owned();
    let figure = |name, times: &[(String, f64)]| {
        let slowest = times.iter().map(|(_, time)| *time).fold(0.0, f64::max);
        let each = times.iter().map(|(query, time)| format!("{query} {time:.1} = {:.1}x", time / bare));
        let detail = format!("without a filter {bare:.1}; {}", each.collect::<Vec<_>>().join("; "));
        Figure { name, value: slowest, limit: PAGE_LIMIT_MS, unit: "ms", detail }
    };
    let names = match engine {
        Engine::Sqlite => [
            "audit page, SQLite, slowest filter",
            "audit page, SQLite, finds nothing",
            "audit page, SQLite, two filters",
        ],
        Engine::Postgres => [
            "audit page, PostgreSQL, slowest filter",
            "audit page, PostgreSQL, finds nothing",
            "audit page, PostgreSQL, two filters",
        ],
    };
    Ok([
        figure(names[0], &log.times(&FILTERS, &cursor)?),
        figure(names[1], &log.times(&NOTHING, &cursor)?),
        figure(names[2], &log.times(&TOGETHER, &cursor)?),
    ])
}

/// The whole log as CSV.
fn file(log: &mut Log, gateway: &Gateway, engine: Engine) -> Result<Figure> {
    let before = memory::resident(gateway)?;
    let start = Instant::now();
    let file = log.browser.get(&format!("{}.csv", log.path))?;
    let seconds = start.elapsed().as_secs_f64();
    let after = memory::resident(gateway)?;
    let lines = file.line_count();
    let rate = u32::try_from(lines).map_or(f64::INFINITY, f64::from) / seconds;
    let detail = format!(
        "{lines} lines in {seconds:.1} s = {rate:.0} rows/s; VmRSS {before:.1} before, {after:.1} after"
    );
    let name = match engine {
        Engine::Sqlite => "audit CSV, SQLite, memory added",
        Engine::Postgres => "audit CSV, PostgreSQL, memory added",
    };
    Ok(Figure { name, value: after - before, limit: CSV_LIMIT_MB, unit: "MB", detail })
}

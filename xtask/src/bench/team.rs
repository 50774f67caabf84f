//! Manage Team when the team is large: how long the server takes for the page and for each of its lists.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use super::Figure;
use super::client::{Browser, EMAIL, PASSWORD};
use super::gateway::{self, Gateway};
use crate::{step, workspace};

const MEMBERS: usize = 500;
const VENDORS: usize = 60;
const LIMIT_MS: f64 = 50.0;
/// How often each is asked for; the median counts.
const ROUNDS: usize = 15;
/// The manifest that the vendors are made of.
const MODEL: &str = "itglue";

/// Measures on SQLite.
pub(super) fn measure(binary: &Path) -> Result<Figure> {
    let data = tempfile::tempdir().context("cannot make a folder for the gateway's data")?;
    let vendors = data.path().join("vendors");
    make_vendors(&vendors)?;
    gateway::create_user(binary, data.path(), None, (EMAIL, PASSWORD))?;
    let gateway = Gateway::start_with(binary, data.path(), |command| {
        command.arg("--vendors-dir").arg(&vendors);
    })?;
    let mut browser = Browser::sign_in(gateway.address())?;
    let me = browser.get("/api/me")?.json()?;
    let organization = me["organization_id"].as_str().context("no organization")?.to_owned();
    let url = format!("sqlite:{}", data.path().join("gateway.sqlite").display());
    gateway::upgrade(binary, data.path(), &url, &organization)?;
    fill(&url, &organization)?;
    let of = |list: &str| format!("/api/organizations/{organization}/{list}");
    let paths =
        ["/team".to_owned(), of("members"), of("connections"), of("teams"), "/api/vendors".to_owned()];
    let mut times = Vec::new();
    for path in paths {
        times.push((path.rsplit('/').next().unwrap_or_default().to_owned(), time(&mut browser, &path)?));
    }
    gateway.stop()?;
    let value = times.iter().map(|(_, time)| *time).fold(0.0, f64::max);
    let detail = times.iter().map(|(name, time)| format!("{name} {time:.1}")).collect::<Vec<_>>().join("; ");
    Ok(Figure { name: "Manage Team, 500 members, 60 vendors", value, limit: LIMIT_MS, unit: "ms", detail })
}

/// Copies of one manifest under other names, beside the built-in ones.
fn make_vendors(folder: &Path) -> Result<()> {
    workspace::create_dir(folder)?;
    let manifests = workspace::root().join("vendors");
    let model = workspace::read(&manifests.join(format!("{MODEL}.toml")))?;
    let model = String::from_utf8(model).context("a manifest is text")?;
    let built_in = std::fs::read_dir(&manifests).context("cannot list the manifests")?.count();
    for number in 0..VENDORS.saturating_sub(built_in) {
        let slug = format!("bench-{number}");
        let text = model.replacen(&format!("slug = \"{MODEL}\""), &format!("slug = \"{slug}\""), 1);
        workspace::write(&folder.join(format!("{slug}.toml")), &text)?;
    }
    Ok(())
}

fn fill(url: &str, organization: &str) -> Result<()> {
    let mut fill = workspace::cargo();
    fill.args(["run", "--release", "--quiet", "--locked", "--package", "gateway-store"]);
    fill.args(["--example", "fill_team", "--", organization, &MEMBERS.to_string()]);
    step::run(fill.env("MCP_GATEWAY_DATABASE_URL", url))
}

/// The median of several, in ms.
fn time(browser: &mut Browser, path: &str) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        browser.get(path)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

//! `tools/list` for somebody with very many tools.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::client::{Browser, Client, EMAIL, PASSWORD};
use super::gateway::{self, Gateway};
use super::{Figure, milliseconds, upstream};
use crate::workspace;

const LIMIT_MS: f64 = 5.0;
const TOOLS: usize = 1_500;
/// Over which vendors they are spread: a manifest is at most 1 MiB.
const SLUGS: [&str; 3] = ["large-a", "large-b", "large-c"];
/// Lists before the clock counts: the first one is written, the others are answered from it.
const WARM_UP: usize = 5;
const ROUNDS: usize = 101;

/// Measures on SQLite, until the last byte is read.
pub(super) fn measure(binary: &Path) -> Result<Figure> {
    let data = tempfile::tempdir().context("cannot make a folder for the gateway's data")?;
    let vendors = data.path().join("vendors");
    workspace::create_dir(&vendors)?;
    let address = upstream::start()?;
    for slug in SLUGS {
        upstream::write_large_manifest(&vendors, slug, address, TOOLS / SLUGS.len())?;
    }
    gateway::create_user(binary, data.path(), None, (EMAIL, PASSWORD))?;
    let gateway = Gateway::start_with(binary, data.path(), |command| {
        command.arg("--vendors-dir").arg(&vendors).args(["--vendor-networks", "127.0.0.0/8"]);
    })?;
    let mut browser = Browser::sign_in(gateway.address())?;
    for slug in SLUGS {
        browser.connect(slug)?;
    }
    let mut client = Client::allowed_by(&mut browser)?;
    let (mut times, mut bytes) = (Vec::new(), 0);
    for round in 0..WARM_UP + ROUNDS {
        let mut answer = None;
        let time = milliseconds(|| {
            answer = Some(client.list()?);
            Ok(())
        })?;
        let answer = answer.context("it was answered")?.text();
        bytes = answer.len();
        let tools = answer.matches("\"inputSchema\"").count();
        if tools <= TOOLS {
            bail!("only {tools} tools were listed");
        }
        if round >= WARM_UP {
            times.push(time);
        }
    }
    gateway.stop()?;
    times.sort_by(f64::total_cmp);
    let (value, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    let detail = format!("median of {ROUNDS}, {} kB each; p99 {p99:.1}", bytes / 1000);
    Ok(Figure { name: "tools/list with 1,500 tools", value, limit: LIMIT_MS, unit: "ms", detail })
}

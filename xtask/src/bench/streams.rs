//! Many clients that listen: what their streams take, and how soon they hear of another tool list.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::client::{Browser, Client, EMAIL, PASSWORD};
use super::gateway::{self, Gateway};
use super::{Figure, memory, milliseconds, upstream};
use crate::workspace;

const STREAMS: usize = 1_000;
const LIMIT_MB: f64 = 100.0;
const LIMIT_MS: f64 = 1_000.0;

/// Opens the streams with one token, each on a connection of its own, and connects a vendor.
pub(super) fn measure(binary: &Path) -> Result<[Figure; 2]> {
    let data = tempfile::tempdir().context("cannot make a folder for the gateway's data")?;
    let vendors = data.path().join("vendors");
    workspace::create_dir(&vendors)?;
    upstream::write_manifest(&vendors, upstream::start()?)?;
    gateway::create_user(binary, data.path(), None, (EMAIL, PASSWORD))?;
    let gateway = Gateway::start_with(binary, data.path(), |command| {
        command.arg("--vendors-dir").arg(&vendors).args(["--vendor-networks", "127.0.0.0/8"]);
    })?;
    let mut browser = Browser::sign_in(gateway.address())?;
    let mut client = Client::allowed_by(&mut browser)?;
    client.list()?;
    let idle = memory::resident(&gateway)?;
    let mut streams = Vec::with_capacity(STREAMS);
    for _ in 0..STREAMS {
        streams.push(client.listen(gateway.address())?);
    }
    let listening = memory::resident(&gateway)?;
    let reached = milliseconds(|| {
        browser.connect(upstream::SLUG)?;
        for stream in &mut streams {
            let event = stream.next()?;
            if !event.contains("notifications/tools/list_changed") {
                bail!("a stream brought {event}");
            }
        }
        Ok(())
    })?;
    drop(streams);
    gateway.stop()?;
    let detail = format!("VmRSS {listening:.1} with them, {idle:.1} without");
    let memory = listening - idle;
    Ok([
        Figure { name: "1,000 open listen streams", value: memory, limit: LIMIT_MB, unit: "MB", detail },
        Figure {
            name: "list_changed to 1,000 streams",
            value: reached,
            limit: LIMIT_MS,
            unit: "ms",
            detail: "from Connect to the last stream; the vendor's check included".to_owned(),
        },
    ])
}

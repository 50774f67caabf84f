//! What a vendor that hangs does to the calls of another vendor: nothing. Both states are measured in turns, within one
//! run, so that a noisy machine disturbs both alike.

use std::net::SocketAddr;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use super::calls::Spread;
use super::client::{Browser, Client, EMAIL, PASSWORD};
use super::gateway::{self, Gateway};
use super::upstream::{self, SLUG};
use super::{Figure, milliseconds};
use crate::workspace;

const LIMIT_PERCENT: f64 = 5.0;

/// The vendor that hangs, so many calls at the same time, each so long.
const HANGING: &str = "hanging";
const AT_ONCE: usize = 16;
const DELAY: Duration = Duration::from_millis(1500);

/// How often both states follow each other, and how many calls are measured in each: fewer than one app may make at once,
/// and done before the hanging ones are.
const ROUNDS: usize = 8;
const CALLS: usize = 30;

/// By how many percent the median of a vendor's calls grows while another vendor hangs.
pub(super) fn measure(binary: &Path) -> Result<Figure> {
    let data = tempfile::tempdir().context("cannot make a folder for the measured gateway's data")?;
    let data = data.path();
    let vendors = data.join("vendors");
    workspace::create_dir(&vendors)?;
    upstream::write_manifest(&vendors, upstream::start()?)?;
    upstream::write_large_manifest(&vendors, HANGING, upstream::start_slow(DELAY)?, 0)?;
    gateway::create_user(binary, data, None, (EMAIL, PASSWORD))?;
    let gateway = Gateway::start_with(binary, data, |command| {
        command.arg("--vendors-dir").arg(&vendors).args(["--vendor-networks", "127.0.0.0/8"]);
    })?;
    let mut browser = Browser::sign_in(gateway.address())?;
    browser.connect(SLUG)?;
    browser.connect(HANGING)?;
    let (mut quiet, mut beside) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        // One app may make so many calls at once and no more: a new one for each round.
        let mut client = Client::allowed_by(&mut browser)?;
        let times = calls(&mut client)?;
        let hanging = hang(&Client::allowed_by(&mut browser)?, gateway.address())?;
        let times_beside = calls(&mut client)?;
        if hanging.iter().any(JoinHandle::is_finished) {
            return Err(anyhow!("the machine is too slow: the vendor did not hang long enough"));
        }
        for call in hanging {
            call.join().map_err(|_| anyhow!("a hanging call broke"))??;
        }
        // The first round warms up.
        if round > 0 {
            quiet.extend(times);
            beside.extend(times_beside);
        }
    }
    gateway.stop()?;
    let (quiet, beside) = (Spread::of(quiet).median, Spread::of(beside).median);
    let detail = format!(
        "median of {}: {quiet:.2} ms alone, {beside:.2} ms beside {AT_ONCE} calls that hang",
        ROUNDS * CALLS
    );
    let value = (beside / quiet - 1.0) * 100.0;
    Ok(Figure { name: "moved by another vendor that hangs", value, limit: LIMIT_PERCENT, unit: "%", detail })
}

fn calls(client: &mut Client) -> Result<Vec<f64>> {
    (0..CALLS).map(|_| milliseconds(|| client.call())).collect()
}

/// Calls that the vendor keeps waiting; returns once all have been sent.
fn hang(client: &Client, gateway: SocketAddr) -> Result<Vec<JoinHandle<Result<()>>>> {
    let calls = (0..AT_ONCE).map(|_| client.another(gateway)).collect::<Result<Vec<_>>>()?;
    let calls =
        calls.into_iter().map(|mut client| std::thread::spawn(move || client.call_at(HANGING))).collect();
    // Enough for a request on loopback to reach the vendor.
    std::thread::sleep(Duration::from_millis(100));
    Ok(calls)
}

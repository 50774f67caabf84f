//! What a warm `tools/call` adds to a direct call of the same vendor on loopback, with one client: token check,
//! credential, schema check and durable audit row included.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;

use super::Figure;
use super::client::{Client, EMAIL, PASSWORD};
use super::gateway::{self, Gateway};
use super::http::Connection;
use super::{milliseconds, upstream};
use crate::workspace;

const LIMIT_MS: f64 = 2.0;

/// Calls before the clock counts: caches, connections.
const WARM_UP: usize = 50;

/// Measures calls by the gateway and direct calls in turns, so that a noisy machine disturbs both alike.
pub(super) fn measure(binary: &Path, data: &Path, calls: usize) -> Result<Figure> {
    let vendor = upstream::start()?;
    let vendors = data.join("vendors");
    workspace::create_dir(&vendors)?;
    upstream::write_manifest(&vendors, vendor)?;
    gateway::create_user(binary, data, None, (EMAIL, PASSWORD))?;
    let gateway = Gateway::start_with(binary, data, |command| {
        command.arg("--vendors-dir").arg(&vendors).args(["--vendor-networks", "127.0.0.0/8"]);
    })?;

    let mut client = Client::sign_in(gateway.address())?;
    let mut direct = Direct::open(vendor)?;
    let (mut through, mut straight) = (Vec::new(), Vec::new());
    for round in 0..WARM_UP + calls {
        let times = (milliseconds(|| client.call())?, milliseconds(|| direct.call())?);
        if round >= WARM_UP {
            through.push(times.0);
            straight.push(times.1);
        }
    }
    gateway.stop()?;

    let (through, straight) = (Spread::of(through), Spread::of(straight));
    let detail = format!(
        "median of {calls}: {:.2} by the gateway, {:.2} direct; p99 {:.2} and {:.2}",
        through.median, straight.median, through.p99, straight.p99
    );
    let value = through.median - straight.median;
    Ok(Figure { name: "added by a warm tools/call", value, limit: LIMIT_MS, unit: "ms", detail })
}

/// The same request that the gateway sends.
struct Direct(Connection);

impl Direct {
    fn open(vendor: SocketAddr) -> Result<Self> {
        Ok(Direct(Connection::open(vendor)?))
    }

    fn call(&mut self) -> Result<()> {
        self.0.exchange("GET", "/ping", &[("x-api-key", "secret")], "").map(drop)
    }
}

pub(super) struct Spread {
    pub(super) median: f64,
    p99: f64,
}

impl Spread {
    pub(super) fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Spread { median: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_of_a_hundred_times() {
        let spread = Spread::of((1..=100).rev().map(f64::from).collect());
        assert!((spread.median - 51.0).abs() < f64::EPSILON);
        assert!((spread.p99 - 100.0).abs() < f64::EPSILON);
    }
}

//! From the start of the process to ready, on existing data.

use std::path::Path;

use anyhow::Result;

use super::Figure;
use super::gateway::Gateway;

const LIMIT_MS: f64 = 300.0;

/// Starts and stops the gateway several times.
pub(super) fn measure(binary: &Path, data: &Path, runs: u32) -> Result<Figure> {
    let mut times = Vec::new();
    for _ in 0..runs {
        let gateway = Gateway::start(binary, data)?;
        times.push(gateway.time_to_ready.as_secs_f64() * 1000.0);
        gateway.stop()?;
    }
    times.sort_by(f64::total_cmp);
    let detail = format!("median of {runs} starts, {:.0} to {:.0} ms", times[0], times[times.len() - 1]);
    Ok(Figure {
        name: "start to ready, SQLite, existing data",
        value: times[times.len() / 2],
        limit: LIMIT_MS,
        unit: "ms",
        detail,
    })
}

//! Resident memory of a gateway that has served a page and then has nothing to do.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Figure;
use super::gateway::Gateway;

const LIMIT_MB: f64 = 60.0;

/// Time for what runs after the start.
const SETTLE: Duration = Duration::from_secs(2);

/// Starts the gateway, asks for the first page, and reads `VmRSS` (proc(5)) once it is quiet.
pub(super) fn measure(binary: &Path, data: &Path) -> Result<Figure> {
    let detail = "VmRSS after one page".to_owned();
    let value = served(binary, data, None)?;
    Ok(Figure { name: "idle memory", value, limit: LIMIT_MB, unit: "MB", detail })
}

/// The same in MB, perhaps with a folder of more vendors.
pub(super) fn served(binary: &Path, data: &Path, vendors: Option<&Path>) -> Result<f64> {
    let gateway = Gateway::start_with(binary, data, |command| {
        if let Some(folder) = vendors {
            command.arg("--vendors-dir").arg(folder);
        }
    })?;
    let status = gateway.get("/")?;
    if status != 200 {
        bail!("the first page answered {status}");
    }
    std::thread::sleep(SETTLE);
    let megabytes = resident(&gateway)?;
    gateway.stop()?;
    Ok(megabytes)
}

/// What a gateway holds in memory now, in MB.
pub(super) fn resident(gateway: &Gateway) -> Result<f64> {
    let file = format!("/proc/{}/status", gateway.pid());
    let facts =
        std::fs::read_to_string(&file).with_context(|| format!("cannot read {file}: is this Linux?"))?;
    let kib = resident_kib(&facts).with_context(|| format!("{file} has no VmRSS"))?;
    Ok(f64::from(kib) * 1024.0 / 1e6)
}

fn resident_kib(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vm_rss_is_found() {
        assert_eq!(resident_kib("Name:\tmcp-gateway\nVmRSS:\t   34816 kB\nThreads:\t5\n"), Some(34816));
        assert_eq!(resident_kib("Name:\tmcp-gateway\n"), None);
    }
}

//! What the vendors' manifests cost: time at start, and memory.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::gateway::Gateway;
use super::{Figure, memory};
use crate::workspace;

const LOAD_LIMIT_MS: f64 = 50.0;
const MEMORY_LIMIT_KB: f64 = 200.0;

/// The log line of `server/src/serve.rs` that says how long they took.
const LOADED: &str = "the vendors are loaded";

/// How often each manifest is there once more: so many vendors that the noise of `VmRSS` is small beside them.
const COPIES: usize = 8;

/// Loads what is in the binary, several times; then copies of it from a folder, and compares the memory.
pub(super) fn measure(binary: &Path, data: &Path, runs: u32) -> Result<Vec<Figure>> {
    Ok(vec![load(binary, data, runs)?, memory(binary, data)?])
}

fn load(binary: &Path, data: &Path, runs: u32) -> Result<Figure> {
    let mut times = Vec::new();
    let mut vendors = 0;
    for _ in 0..runs {
        Gateway::start(binary, data)?.stop()?;
        let log = text_of(&data.join("bench.log"))?;
        let line = log.lines().find(|line| line.contains(LOADED)).context("the log does not say it")?;
        let microseconds = number(line, "microseconds").context("the log line has no time")?;
        vendors = number(line, "vendors").context("the log line has no count")?;
        times.push(f64::from(microseconds) / 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let detail =
        format!("{vendors} vendors; median of {runs}, {:.1} to {:.1} ms", times[0], times[times.len() - 1]);
    Ok(Figure {
        name: "all manifests load",
        value: times[times.len() / 2],
        limit: LOAD_LIMIT_MS,
        unit: "ms",
        detail,
    })
}

fn memory(binary: &Path, data: &Path) -> Result<Figure> {
    let folder = tempfile::tempdir().context("cannot make a folder for manifests")?;
    let copies = copy_manifests(folder.path())?;
    let without = memory::served(binary, data, None)?;
    let with = memory::served(binary, data, Some(folder.path()))?;
    let log = text_of(&data.join("bench.log"))?;
    if log.contains("manifest was skipped") {
        bail!("a copied manifest was not taken:\n{log}");
    }
    let kilobytes = (with - without) * 1000.0 / f64::from(copies);
    let detail = format!("VmRSS with {copies} more vendors, {without:.1} to {with:.1} MB");
    Ok(Figure { name: "memory per vendor", value: kilobytes, limit: MEMORY_LIMIT_KB, unit: "kB", detail })
}

/// Writes each manifest of the repository [`COPIES`] times, under slugs of their own; how many these are.
fn copy_manifests(folder: &Path) -> Result<u32> {
    let source = workspace::root().join("vendors");
    let entries = std::fs::read_dir(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let mut written = 0;
    for entry in entries {
        let text = text_of(&entry.context("cannot read the folder of manifests")?.path())?;
        for _ in 0..COPIES {
            // Short: a tool's name, which begins with it, has at most 48 characters.
            let slug = format!("v{written}");
            // The demo vendor is there with `--demo` only.
            let Some(copy) = renamed(&text, &slug) else { break };
            workspace::write(&folder.join(format!("{slug}.toml")), copy)?;
            written += 1;
        }
    }
    Ok(written)
}

fn text_of(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The manifest with another slug; none of the demo vendor's.
fn renamed(manifest: &str, slug: &str) -> Option<String> {
    let line = manifest.lines().find(|line| line.starts_with("slug = "))?;
    (line != "slug = \"demo\"").then(|| manifest.replacen(line, &format!("slug = \"{slug}\""), 1))
}

/// The field `name=` of a log line.
fn number(line: &str, name: &str) -> Option<u32> {
    let (_, rest) = line.split_once(&format!(" {name}="))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_line_is_read() {
        let line =
            "2026-11-23T12:00:00Z  INFO the vendors are loaded vendors=26 tools=760 microseconds=12345";
        assert_eq!(number(line, "vendors"), Some(26));
        assert_eq!(number(line, "microseconds"), Some(12345));
        assert_eq!(number(line, "seconds"), None);
    }

    #[test]
    fn copies_have_slugs_of_their_own() {
        assert_eq!(
            renamed("# x\nslug = \"a\"\nname = \"A\"", "v1").unwrap(),
            "# x\nslug = \"v1\"\nname = \"A\""
        );
        assert_eq!(renamed("slug = \"demo\"", "v1"), None);
    }
}

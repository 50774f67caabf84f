//! `cargo xtask bench`: the figures we promise, measured on the release. One file per figure.
//!
//! Machines differ and are noisy: quote ratios and sizes. A figure beyond its limit is marked; it is an error only with
//! `--strict`, before a release.

mod audit;
mod calls;
mod client;
mod gateway;
mod hanging;
mod http;
mod listing;
mod manifests;
mod memory;
mod revocation;
mod start;
mod streams;
mod team;
mod transfer;
mod upstream;

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::engine::Engine;
use crate::{release, step};

use gateway::Gateway;

/// What follows `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How often each timed figure is measured; the median counts
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Measure what `cargo xtask build` made last, without building
    #[arg(long)]
    no_build: bool,
    /// How many tool calls are measured; one app may make 240 at once (server/src/mcp/limits.rs)
    #[arg(long, default_value_t = 200, value_parser = parse_calls)]
    calls: usize,
    /// How many rows the measured audit log has, on each engine; 0 leaves it out
    #[arg(long, default_value_t = 1_000_000)]
    audit_rows: u32,
    /// End with an error if a figure is beyond its limit
    #[arg(long)]
    strict: bool,
}

fn parse_calls(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(calls) if (10..=200).contains(&calls) => Ok(calls),
        _ => Err("a number from 10 to 200 is wanted".into()),
    }
}

/// One measured value and what was promised.
struct Figure {
    name: &'static str,
    value: f64,
    limit: f64,
    unit: &'static str,
    /// How it came about: the spread, the parts.
    detail: String,
}

impl Figure {
    fn is_within(&self) -> bool {
        self.value <= self.limit
    }
}

/// How long work takes, in ms.
fn milliseconds(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

/// Builds the release and measures it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let release = if options.no_build { release::last()? } else { release::build()? };
    let data = tempfile::tempdir().context("cannot make a folder for the measured gateway's data")?;
    // The first start makes the keys and the database; it is not measured.
    step::step("bench: first start", || Gateway::start(&release.binary, data.path())?.stop())?;
    let mut figures = vec![
        step::step("bench: start to ready", || start::measure(&release.binary, data.path(), options.runs))?,
        step::step("bench: idle memory", || memory::measure(&release.binary, data.path()))?,
        step::step("bench: UI transferred", || transfer::measure(&release.ui))?,
        step::step("bench: tools/call", || calls::measure(&release.binary, data.path(), options.calls))?,
    ];
    let what = "bench: manifests";
    figures.extend(step::step(what, || manifests::measure(&release.binary, data.path(), options.runs))?);
    figures.push(step::step("bench: a hanging vendor", || hanging::measure(&release.binary))?);
    figures.push(step::step("bench: tools/list", || listing::measure(&release.binary))?);
    figures.extend(step::step("bench: open streams", || streams::measure(&release.binary))?);
    figures.push(step::step("bench: a large team", || team::measure(&release.binary))?);
    let what = "bench: revocation on two replicas";
    figures.push(step::step(what, || revocation::measure(&release.binary))?);
    if options.audit_rows > 0 {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let what = format!("bench: audit log on {}", engine.name());
            figures
                .extend(step::step(&what, || audit::measure(&release.binary, engine, options.audit_rows))?);
        }
    }
    println!();
    for figure in &figures {
        println!("{}", line(figure));
    }
    match beyond(&figures) {
        0 => Ok(()),
        number if options.strict => bail!("{number} of {} figures are beyond their limits", figures.len()),
        _ => Ok(()),
    }
}

/// How many figures are beyond their limits.
fn beyond(figures: &[Figure]) -> usize {
    figures.iter().filter(|figure| !figure.is_within()).count()
}

fn line(figure: &Figure) -> String {
    let Figure { name, value, limit, unit, detail } = figure;
    let verdict = if figure.is_within() { "within" } else { "ABOVE" };
    format!("{name:40} {value:8.1} {unit:3} {verdict:6} the limit of {limit} {unit}  ({detail})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_beyond_its_limit_is_marked() {
        let mut figure =
            Figure { name: "start", value: 120.0, limit: 300.0, unit: "ms", detail: "5 runs".into() };
        assert!(line(&figure).contains("within the limit of 300 ms"));
        assert_eq!(beyond(std::slice::from_ref(&figure)), 0);
        figure.value = 301.0;
        assert!(line(&figure).contains("ABOVE  the limit of 300 ms"));
        assert_eq!(beyond(&[figure]), 1);
    }
}

//! `cargo xtask conformance`: the official conformance suite of MCP (`@modelcontextprotocol/conformance`) in both eras and
//! against the authorization server, and the official Inspector over every tool.
//!
//! The tests belong to `end2end/conformance/`; here is what they need: Node, the npm packages, a database, and the gateway
//! with the suite's fixture compiled in, which no other build carries ([`check_plain`]).

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::engine::{Engine, RunningEngine};
use crate::test::{Report, Results, Runner};
use crate::tools::node::Node;
use crate::{e2e, server};

/// Stands in the binary if, and only if, the fixture is compiled in.
const FIXTURE: &str = "test_input_required_result_";

/// What follows `cargo xtask conformance`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only on this database; both without it
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// More options for Playwright, after `--`: for example `-- --grep tools-call`
    #[arg(last = true, value_name = "OPTIONS")]
    playwright: Vec<String>,
}

/// Builds the gateway with the fixture, and runs everything on the wanted engines.
pub(crate) fn run(options: &Options) -> ExitCode {
    let mut report = Report::default();
    let engines =
        options.engine.map_or_else(|| vec![Engine::Sqlite, Engine::Postgres], |engine| vec![engine]);
    add_steps(&mut report, &engines, &options.playwright);
    report.close()
}

/// The steps, for `cargo xtask test` as well.
pub(crate) fn add_steps(report: &mut Report, engines: &[Engine], playwright: &[String]) {
    let suites = report.value("conformance: what it needs", Suites::prepare);
    for engine in engines {
        let name = format!("conformance on {}", engine.name());
        match &suites {
            Some(suites) => report.tests(&name, || suites.run(*engine, playwright)),
            None => report.leave_out(&name, "something it needs is missing"),
        }
    }
}

/// Makes sure that a gateway which somebody may use has nothing of the fixture in it.
pub(crate) fn check_plain(gateway: &Path) -> Result<()> {
    let has_fixture = has_fixture(gateway)?;
    ensure!(!has_fixture, "{} carries the fixture of the conformance suite", gateway.display());
    Ok(())
}

/// Everything the tests need, found or installed.
struct Suites {
    node: Node,
    gateway: PathBuf,
}

impl Suites {
    fn prepare() -> Result<Self> {
        let gateway = server::build_conformance()?;
        // Otherwise `check_plain` would look for the wrong thing.
        ensure!(has_fixture(&gateway)?, "{} does not carry the fixture", gateway.display());
        let node = Node::find_or_install()?;
        e2e::install_packages(&node, &e2e::folder())?;
        Ok(Suites { node, gateway })
    }

    fn run(&self, engine: Engine, playwright: &[String]) -> Result<Results> {
        let engine = RunningEngine::start(engine)?;
        let mut command = self.node.npm()?;
        command.current_dir(e2e::folder()).args(["run", "conformance", "--"]).args(playwright);
        command.env("GATEWAY_BIN", &self.gateway);
        engine.configure(&mut command);
        Runner::Playwright.run(&mut command)
    }
}

/// Asks grep, which reads the hundreds of megabytes of a development build at once.
fn has_fixture(gateway: &Path) -> Result<bool> {
    let mut grep = Command::new("grep");
    grep.args(["--quiet", "--binary-files=text", "--fixed-strings", "--", FIXTURE]).arg(gateway);
    let status = grep.env("LC_ALL", "C").status().context("cannot start grep")?;
    match status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => bail!("grep cannot read {}", gateway.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_with_a_fixture_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gateway");
        std::fs::write(&file, b"\0gateway__list_connections\0").unwrap();
        check_plain(&file).unwrap();
        std::fs::write(&file, b"\0test_input_required_result_prompt\0").unwrap();
        assert!(check_plain(&file).is_err());
        assert!(check_plain(&folder.path().join("nowhere")).is_err());
    }
}

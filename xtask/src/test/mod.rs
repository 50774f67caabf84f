//! `cargo xtask test`: everything that must hold before a change is good.
//!
//! One step after the other, whatever the earlier ones said; only what cannot be done without an earlier result is
//! left out then, and counts as failed. The last line is `N passed, N failed`, for people and for CI.

mod counts;
mod failures;
mod report;
mod runner;

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::e2e::Suite;
use crate::engine::{Engine, RunningEngine};
use crate::tools::systems::Systems;
use crate::ui::{self, Mode};
use crate::{conformance, licences, lint, server, step, workspace};

use counts::Counts;
pub(crate) use report::Report;
pub(crate) use runner::{Results, Runner};

/// What follows `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only what a developer runs every few minutes: formatting, clippy, unit tests, integration tests on SQLite
    #[arg(long)]
    fast: bool,
}

/// Runs the steps and closes with the sum.
pub(crate) fn run(options: &Options) -> ExitCode {
    let mut report = Report::default();
    lint::check_code(&mut report);
    if !options.fast {
        lint::check_fixture(&mut report);
        report.check("licences, bans, sources", licences::check);
    }
    let is_built = report.check("compile the tests", compile);
    let systems = report.value("the vendors' systems that run here", Systems::find_or_install);
    run_tests(&mut report, is_built, systems.as_ref(), Engine::Sqlite);
    if !options.fast {
        run_tests(&mut report, is_built, systems.as_ref(), Engine::Postgres);
        run_conformance(&mut report, is_built);
        run_end_to_end(&mut report, is_built);
    }
    report.close()
}

/// The packages of every native test build. They are always chosen together, so that cargo resolves their features
/// together and compiles each dependency once.
const NATIVE: [&str; 3] = ["--workspace", "--exclude", workspace::BROWSER_ONLY];

fn compile() -> Result<()> {
    step::run(workspace::cargo().arg("build").args(NATIVE).args(["--all-targets", "--locked"]))
}

fn run_tests(report: &mut Report, is_built: bool, systems: Option<&Systems>, engine: Engine) {
    let name = match engine {
        Engine::Sqlite => "unit tests, and integration tests on SQLite",
        Engine::Postgres => "integration tests on PostgreSQL",
    };
    if !is_built {
        return report.leave_out(name, "the tests do not compile");
    }
    report.tests(name, || {
        let engine = RunningEngine::start(engine)?;
        let runner = Runner::for_rust();
        let mut command = runner.rust_command(&NATIVE, engine.engine());
        engine.configure(&mut command);
        if let Some(systems) = systems {
            systems.configure(&mut command);
        }
        runner.run(&mut command)
    });
}

fn run_conformance(report: &mut Report, is_built: bool) {
    if !is_built {
        return report.leave_out("conformance", "the server does not compile");
    }
    report.check("the plain gateway carries no fixture", || conformance::check_plain(&server::dev_binary()));
    conformance::add_steps(report, &[Engine::Sqlite, Engine::Postgres], &[]);
}

fn run_end_to_end(report: &mut Report, is_built: bool) {
    let is_ui_built = report.check("UI", || ui::build(Mode::Dev).map(drop));
    let suite = report.value("end to end: what it needs", || {
        anyhow::ensure!(is_built && is_ui_built, "the server or the UI does not compile");
        // The gateway was compiled together with the tests.
        Suite::prepare(server::dev_binary()).context("the end-to-end tests cannot run")
    });
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let name = format!("end to end on {}", engine.name());
        match &suite {
            Some(suite) => report.tests(&name, || suite.run(engine, &[])),
            None => report.leave_out(&name, "something it needs is missing"),
        }
    }
}

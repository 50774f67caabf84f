//! `cargo xtask fuzz-api`: schemathesis on `/api/openapi.json` for longer than `cargo xtask test` gives it, for nights.

use std::process::ExitCode;

use anyhow::Result;

use crate::e2e::Suite;
use crate::engine::Engine;
use crate::server;
use crate::test::Report;
use crate::ui::{self, Mode};

/// What follows `cargo xtask fuzz-api`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How long, on each database
    #[arg(long, default_value_t = 10)]
    minutes: u32,
    /// Only on this database; both without it
    #[arg(long, value_enum)]
    engine: Option<Engine>,
}

/// Builds what is needed, and runs that one test of `end2end/`.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    ui::build(Mode::Dev)?;
    let suite = Suite::prepare(server::build_dev()?)?.fuzzing_api_for(options.minutes * 60);
    let mut report = Report::default();
    for engine in options.engine.map_or_else(|| vec![Engine::Sqlite, Engine::Postgres], |engine| vec![engine])
    {
        let name = format!("schemathesis on {}, {} min", engine.name(), options.minutes);
        report.tests(&name, || suite.run(engine, &["schemathesis".to_owned()]));
    }
    Ok(report.close())
}

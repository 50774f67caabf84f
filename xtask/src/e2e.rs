//! `cargo xtask e2e`: the stories of `end2end/`, in a real browser, against real software.
//!
//! The tests are Playwright's and belong to `end2end/`; here is only what they need: Node, their npm packages, Chromium,
//! Prometheus Alertmanager, the Python programs, a database, and the gateway itself.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::engine::{Engine, RunningEngine};
use crate::stamp::{Inputs, unless_current};
use crate::test::{Report, Results, Runner};
use crate::tools::{self, node::Node};
use crate::ui::{self, Mode};
use crate::{server, step, workspace};

/// What follows `cargo xtask e2e`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only on this database; both without it
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// More options for Playwright, after `--`: for example `-- --grep invite --headed`
    #[arg(last = true, value_name = "OPTIONS")]
    playwright: Vec<String>,
}

/// Builds UI and server, and runs the tests on the wanted engines.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    ui::build(Mode::Dev)?;
    let gateway = server::build_dev()?;
    let suite = Suite::prepare(gateway)?;
    let mut report = Report::default();
    for engine in options.engine.map_or_else(|| vec![Engine::Sqlite, Engine::Postgres], |engine| vec![engine])
    {
        report.tests(&format!("end to end on {}", engine.name()), || suite.run(engine, &options.playwright));
    }
    Ok(report.close())
}

/// Everything the tests need, found or installed.
pub(crate) struct Suite {
    node: Node,
    gateway: PathBuf,
    chromium: PathBuf,
    alertmanager: PathBuf,
    python_environment: PathBuf,
    /// How long schemathesis goes on; as the test itself says without it.
    api_fuzz_seconds: Option<u32>,
}

impl Suite {
    /// Finds or installs all of it; the packages of `end2end/` only when its lockfile changed.
    pub(crate) fn prepare(gateway: PathBuf) -> Result<Self> {
        let node = Node::find_or_install()?;
        install_packages(&node, &folder())?;
        let chromium = tools::program("chromium", "chromium", "CHROMIUM")?;
        let alertmanager =
            tools::program("prometheus-alertmanager", "prometheus-alertmanager", "ALERTMANAGER")?;
        let python_environment = tools::python::environment(&folder().join("python/requirements.txt"))?;
        Ok(Suite { node, gateway, chromium, alertmanager, python_environment, api_fuzz_seconds: None })
    }

    /// The same with more time for schemathesis.
    pub(crate) fn fuzzing_api_for(self, seconds: u32) -> Self {
        Suite { api_fuzz_seconds: Some(seconds), ..self }
    }

    /// Runs the tests on one engine.
    pub(crate) fn run(&self, engine: Engine, playwright: &[String]) -> Result<Results> {
        let engine = RunningEngine::start(engine)?;
        let mut command = self.node.npm()?;
        command.current_dir(folder()).args(["test", "--"]).args(playwright);
        command.env("GATEWAY_BIN", &self.gateway);
        command.env("CHROMIUM", &self.chromium).env("ALERTMANAGER", &self.alertmanager);
        command.env("PYTHON_ENVIRONMENT", &self.python_environment);
        if let Some(seconds) = self.api_fuzz_seconds {
            command.env("API_FUZZ_SECONDS", seconds.to_string());
        }
        engine.configure(&mut command);
        Runner::Playwright.run(&mut command)
    }
}

/// Where the tests are.
pub(crate) fn folder() -> PathBuf {
    workspace::root().join("end2end")
}

/// Installs the packages of the tests, if their lockfile changed.
pub(crate) fn install_packages(node: &Node, folder: &Path) -> Result<()> {
    let lockfile = folder.join("package-lock.json");
    if !lockfile.exists() {
        bail!("{} is missing: the end-to-end tests have no pinned packages to install", lockfile.display());
    }
    let mut inputs = Inputs::new();
    inputs.add("package.json", &workspace::read(&folder.join("package.json"))?);
    inputs.add("package-lock.json", &workspace::read(&lockfile)?);
    let modules = folder.join("node_modules");
    unless_current(&modules.join(".xtask-stamp"), &inputs.stamp(), &[&modules], || {
        step::step("npm ci in end2end", || {
            let mut npm = node.npm()?;
            npm.current_dir(folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
            // The browser is Debian's; Playwright's own would be downloaded from elsewhere.
            step::run(npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
        })
    })
}

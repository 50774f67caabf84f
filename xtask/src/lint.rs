//! `cargo xtask lint`: formatting, clippy, licences. Warnings are errors.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::test::Report;
use crate::tools::on_path;
use crate::tools::wasm_target::WasmToolchain;
use crate::{licences, server, step, workspace};

/// Runs all checks, and shows all that is wrong, not only the first.
pub(crate) fn run() -> ExitCode {
    let mut report = Report::default();
    check_code(&mut report);
    check_fixture(&mut report);
    report.check("licences, bans, sources", licences::check);
    report.close()
}

/// Formatting and clippy, natively and for the browser.
pub(crate) fn check_code(report: &mut Report) {
    report.check("formatting", formatting);
    report.check("clippy", clippy);
    report.check("clippy for the browser", clippy_for_the_browser);
}

fn formatting() -> Result<()> {
    ensure_component("fmt", "rustfmt")?;
    step::run(workspace::cargo().args(["fmt", "--all", "--check"]))
        .context("some files are not formatted: please run `cargo fmt --all`")
}

fn clippy() -> Result<()> {
    ensure_component("clippy", "clippy")?;
    let mut cargo = workspace::cargo();
    cargo.args(["clippy", "--workspace", "--exclude", workspace::BROWSER_ONLY, "--all-targets", "--locked"]);
    step::run(cargo.args(["--", "--deny", "warnings"]))
}

/// Clippy once more, for what is compiled only for the conformance suite.
pub(crate) fn check_fixture(report: &mut Report) {
    report.check("clippy of the conformance fixture", clippy_of_the_fixture);
}

fn clippy_of_the_fixture() -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo.args(["clippy", "--workspace", "--exclude", workspace::BROWSER_ONLY, "--locked"]);
    step::run(cargo.args(server::CONFORMANCE).args(["--", "--deny", "warnings"]))
}

/// The UI is compiled twice, and each time other parts of it are there to be looked at.
fn clippy_for_the_browser() -> Result<()> {
    let toolchain = WasmToolchain::find_or_install()?;
    if toolchain == WasmToolchain::Debian {
        println!("    not done: Debian's compiler, which is used here for WebAssembly, comes without clippy");
        return Ok(());
    }
    let mut cargo = toolchain.cargo("clippy");
    cargo.args(["--package", workspace::BROWSER_ONLY, "--package", "gateway-app", "--locked"]);
    step::run(cargo.args(["--", "--deny", "warnings"]))
}

/// `cargo fmt` and `cargo clippy` are rustup components that a minimal installation leaves out.
fn ensure_component(subcommand: &str, component: &str) -> Result<()> {
    if step::succeeds(workspace::cargo().args([subcommand, "--version"])) {
        return Ok(());
    }
    let advice = || format!("`cargo {subcommand}` is missing: please run `rustup component add {component}`");
    let rustup = on_path("rustup").with_context(advice)?;
    step::run(Command::new(rustup).args(["component", "add", component])).with_context(advice)
}

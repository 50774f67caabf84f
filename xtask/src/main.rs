//! `cargo xtask`: builds, runs and tests the gateway, with nothing to install by hand.
//!
//! Only the commands are here; each one is told in the file of its name: [`run`], [`release`], [`test`], [`e2e`],
//! [`conformance`], [`lint`], [`bench`], [`fuzz`], [`fuzz_api`]. They share [`ui`] (WebAssembly, styles, hashed names), [`server`]
//! (the native build), [`tools`] (finding and installing what is missing) and [`step`] (running commands and showing their time).

mod bench;
mod conformance;
mod e2e;
mod engine;
mod fuzz;
mod fuzz_api;
mod licences;
mod lint;
mod postgres;
mod release;
mod run;
mod server;
mod stamp;
mod step;
mod test;
mod tools;
mod ui;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs and tests the MSP MCP Gateway.
///
/// Everything that a command needs and that is missing is installed (rustup, apt-get as root or with sudo, npm), or
/// named together with what to do about it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build UI and server, then start `mcp-gateway serve --demo` on <http://127.0.0.1:8080> with its data in ./data
    Run(run::Options),
    /// Build the release: one self-contained target/release/mcp-gateway with the optimised UI inside
    Build,
    /// Run everything: formatting, lints, licences, all tests on SQLite and PostgreSQL, then the browser
    Test(test::Options),
    /// Build UI and server, then run the end-to-end tests of end2end/ in a real browser
    E2e(e2e::Options),
    /// Build the gateway with the fixture of the official MCP conformance suite, and run that suite and the Inspector
    Conformance(conformance::Options),
    /// Check formatting, clippy (native and WebAssembly, warnings are errors) and licences
    Lint,
    /// Feed arbitrary bytes to what reads messages, manifests and addresses (cargo-fuzz)
    Fuzz(fuzz::Options),
    /// Try requests of every kind on the JSON API, as its OpenAPI document allows and forbids them (schemathesis)
    FuzzApi(fuzz_api::Options),
    /// Measure the release: start, memory, downloads, tool calls, lists, streams, revocation, a long audit log
    Bench(bench::Options),
}

#[expect(clippy::print_stderr, reason = "an error goes to standard error")]
fn main() -> ExitCode {
    match carry_out(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            // The chain of reasons, without the backtrace that `Debug` would add: it is for a person.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run(options) => run::run(&options)?,
        Command::Build => release::build().map(drop)?,
        Command::Test(options) => return Ok(test::run(&options)),
        Command::E2e(options) => return e2e::run(&options),
        Command::Conformance(options) => return Ok(conformance::run(&options)),
        Command::Lint => return Ok(lint::run()),
        Command::Fuzz(options) => fuzz::run(&options)?,
        Command::FuzzApi(options) => return fuzz_api::run(&options),
        Command::Bench(options) => bench::run(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}

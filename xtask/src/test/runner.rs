//! The test runners: nextest where it is installed, else `cargo test`; Playwright for the browser.

use std::process::Command;

use anyhow::{Result, bail};

use super::counts::{self, Counts};
use super::failures::{self, Failure};
use crate::engine::Engine;
use crate::{step, workspace};

/// A program that runs tests and says how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runner {
    /// `cargo nextest run`: one process per test, quicker, stops tests that hang.
    Nextest,
    /// `cargo test`: comes with Rust.
    CargoTest,
    /// `npm test` in `end2end/`.
    Playwright,
}

/// What a runner said of its tests.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) counts: Counts,
    pub(crate) failures: Vec<Failure>,
}

impl Runner {
    /// The better one of those that are here; neither is installed for it.
    pub(crate) fn for_rust() -> Self {
        let has_nextest = step::succeeds(workspace::cargo().args(["nextest", "--version"]));
        if has_nextest { Runner::Nextest } else { Runner::CargoTest }
    }

    /// The command for the Rust tests of these packages. On PostgreSQL nextest runs only the crates that touch a
    /// database again (.config/nextest.toml); `cargo test` runs all again, because another choice of packages would
    /// compile anew. Either leaves out what is true on the other engine alone.
    pub(crate) fn rust_command(self, packages: &[&str], engine: Engine) -> Command {
        let mut command = workspace::cargo();
        if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
            command.args(["--color", "always"]);
        }
        if self == Runner::Nextest {
            let profile = match engine {
                Engine::Sqlite => "default",
                Engine::Postgres => "postgres",
            };
            command.args(["nextest", "run", "--no-fail-fast", "--profile", profile]);
            command.args(packages).arg("--locked");
        } else {
            let others = match engine {
                Engine::Sqlite => "postgres_only_",
                Engine::Postgres => "sqlite_only_",
            };
            command.arg("test").args(packages).args(["--all-targets", "--no-fail-fast", "--locked"]);
            command.args(["--", "--skip", others]);
        }
        command
    }

    /// Runs the tests, counts, and keeps what failed. A runner that fails without a failed test counts as one failure;
    /// one that ran nothing is an error.
    pub(crate) fn run(self, command: &mut Command) -> Result<Results> {
        let mut counts = Counts::default();
        let mut failures = failures::Reader::default();
        let status = step::watch(command, |line| {
            failures.read(self, line);
            if let Some(more) = self.read(line) {
                counts.add(more);
            }
        })?;
        if !status.success() && counts.failed == 0 {
            bail!("`{}` failed ({status}) without naming a failed test", step::show(command));
        }
        if counts == Counts::default() {
            bail!("`{}` ran no test", step::show(command));
        }
        Ok(Results { counts, failures: failures.end() })
    }

    fn read(self, line: &str) -> Option<Counts> {
        match self {
            Runner::Nextest => counts::from_nextest(line),
            Runner::CargoTest => counts::from_libtest(line),
            Runner::Playwright => counts::from_playwright(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(runner: Runner, script: &str) -> Result<Results> {
        runner.run(Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn counts_of_several_binaries_are_added() {
        let line =
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        let counts = run(Runner::CargoTest, &format!("echo '{line}'; echo '{line}'")).unwrap().counts;
        assert_eq!(counts, Counts { passed: 6, failed: 0, skipped: 2 });
    }

    #[test]
    fn failed_tests_are_counted_not_an_error() {
        let script = "echo '  1) [tests] › one'; echo '  1 failed'; echo '  4 passed (3.0s)'; exit 1";
        let results = run(Runner::Playwright, script).unwrap();
        assert_eq!(results.counts, Counts { passed: 4, failed: 1, skipped: 0 });
        assert_eq!(results.failures[0].name, "[tests] › one");
    }

    #[test]
    fn a_crash_and_an_empty_run_are_errors() {
        assert!(run(Runner::Playwright, "echo '  4 passed (3.0s)'; exit 1").is_err());
        assert!(run(Runner::Nextest, "true").unwrap_err().to_string().contains("ran no test"));
    }
}

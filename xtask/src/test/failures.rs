//! Reading which tests failed, and why: a log of CI is often kept from its end only, so the summary repeats it there.

use super::Runner;

/// How many lines of what a failed test said are repeated.
const LINES: usize = 12;

/// A test that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    /// As its runner calls it.
    pub(crate) name: String,
    /// The beginning of its complaint.
    pub(crate) said: Vec<String>,
}

/// Picks the failures out of what a runner prints.
#[derive(Default)]
pub(crate) struct Reader {
    failures: Vec<Failure>,
    part: Part,
}

/// Where in the story of a failure the next line is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    /// Not in one, or after its end.
    #[default]
    Outside,
    /// Named, and nothing of interest said yet.
    Before,
    /// The complaint itself.
    Complaint,
}

impl Reader {
    /// Takes the next line, which has no colours.
    pub(crate) fn read(&mut self, runner: Runner, line: &str) {
        if let Some(name) = name(runner, line) {
            let is_repeated = self.failures.iter().any(|failure| failure.name == name);
            self.part = if is_repeated { Part::Outside } else { Part::Before };
            if !is_repeated {
                self.failures.push(Failure { name: name.to_owned(), said: Vec::new() });
            }
            return;
        }
        if self.part == Part::Before && begins_complaint(runner, line) {
            self.part = Part::Complaint;
        }
        if self.part == Part::Complaint {
            self.keep(line);
        }
    }

    /// All of them, in the order in which they were told.
    pub(crate) fn end(self) -> Vec<Failure> {
        self.failures
    }

    fn keep(&mut self, line: &str) {
        let Some(failure) = self.failures.last_mut() else { return };
        if ends_complaint(line) || failure.said.len() == LINES {
            self.part = Part::Outside;
        } else if !line.trim().is_empty() {
            failure.said.push(line.trim_end().to_owned());
        }
    }
}

/// The test that a line says has failed.
fn name(runner: Runner, line: &str) -> Option<&str> {
    match runner {
        // `        FAIL [   0.009s] ( 1/20) gateway-server auth::tests::one`; TIMEOUT, SIGABRT and others likewise.
        Runner::Nextest => {
            let (outcome, rest) = line.trim_start().split_once(" [")?;
            let is_failure =
                ["FAIL", "TIMEOUT", "LEAK-FAIL"].contains(&outcome) || outcome.starts_with("SIG");
            let (_, test) = rest.split_once("] ")?;
            let test = test.trim_start();
            let test = if test.starts_with('(') { test.split_once(") ")?.1 } else { test };
            is_failure.then_some(test.trim())
        }
        // `---- auth::tests::one stdout ----`
        Runner::CargoTest => line.strip_prefix("---- ")?.strip_suffix(" stdout ----"),
        // `  1) [tests] › tests/story.spec.ts:3:1 › sign in ─────`
        Runner::Playwright => {
            let (number, test) = line.strip_prefix("  ")?.split_once(") ")?;
            number.parse::<u32>().ok()?;
            Some(test.trim_end_matches(['─', ' ']))
        }
    }
}

fn begins_complaint(runner: Runner, line: &str) -> bool {
    match runner {
        Runner::Nextest | Runner::CargoTest => line.contains(" panicked at ") || line.contains("Error: "),
        Runner::Playwright => !line.trim().is_empty(),
    }
}

fn ends_complaint(line: &str) -> bool {
    let line = line.trim();
    ["Call log:", "stack backtrace:"].contains(&line)
        || line.starts_with("note: run with `RUST_BACKTRACE")
        || line.starts_with("attachment #")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(runner: Runner, output: &str) -> Vec<Failure> {
        let mut reader = Reader::default();
        for line in output.lines() {
            reader.read(runner, line);
        }
        reader.end()
    }

    fn failure(name: &str, said: &[&str]) -> Failure {
        Failure { name: name.to_owned(), said: said.iter().map(|line| (*line).to_owned()).collect() }
    }

    #[test]
    fn nextest_tells_a_failure_twice() {
        let output = "        PASS [   0.004s] (  1/912) xtask step::tests::fine
        FAIL [   0.022s] (  2/912) gateway-server auth::throttle::tests::a_household
  stdout ───
    test auth::throttle::tests::a_household ... FAILED
  stderr ───
    thread 'auth::throttle::tests::a_household' (94) panicked at server/src/auth/throttle.rs:73:9:
    assertion `left == right` failed
    note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
     SIGABRT [   1.000s] (  3/912) gateway-server::it mcp::dies
     Summary [   1.2s] 3 tests run: 1 passed, 2 failed, 0 skipped
        FAIL [   0.022s] (  2/912) gateway-server auth::throttle::tests::a_household
";
        let said = [
            "    thread 'auth::throttle::tests::a_household' (94) panicked at server/src/auth/throttle.rs:73:9:",
            "    assertion `left == right` failed",
        ];
        assert_eq!(
            read(Runner::Nextest, output),
            [
                failure("gateway-server auth::throttle::tests::a_household", &said),
                failure("gateway-server::it mcp::dies", &[])
            ]
        );
    }

    #[test]
    fn libtest_tells_them_at_the_end() {
        let output = "test step::tests::wrong ... FAILED
failures:
---- step::tests::wrong stdout ----
thread 'step::tests::wrong' (1) panicked at xtask/src/step.rs:1:1:
no
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
";
        let said = ["thread 'step::tests::wrong' (1) panicked at xtask/src/step.rs:1:1:", "no"];
        assert_eq!(read(Runner::CargoTest, output), [failure("step::tests::wrong", &said)]);
    }

    #[test]
    fn playwright_is_cut_before_its_call_log() {
        let output = "  ✘   1 [tests] › tests/story.spec.ts:3:1 › sign in (1.0s)
  1) [tests] › tests/story.spec.ts:3:1 › sign in ─────────

    Error: expect(locator).toHaveCount(expected) failed

    Expected: 0
    Call log:
      - waiting
  1 failed
    [tests] › tests/story.spec.ts:3:1 › sign in ─────────
";
        let said = ["    Error: expect(locator).toHaveCount(expected) failed", "    Expected: 0"];
        assert_eq!(
            read(Runner::Playwright, output),
            [failure("[tests] › tests/story.spec.ts:3:1 › sign in", &said)]
        );
    }

    #[test]
    fn a_long_complaint_is_cut() {
        let lines = "    more\n".repeat(30);
        let failures = read(Runner::Playwright, &format!("  1) [tests] › one\n{lines}"));
        assert_eq!(failures[0].said.len(), LINES);
    }
}

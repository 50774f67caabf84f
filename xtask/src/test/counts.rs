//! Reading the closing lines of the test runners.

use std::fmt;

/// How many tests a runner ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// Adds another runner's counts.
    pub(crate) fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Sorts a number under what a runner calls it. Words that are no result of a test are left aside.
    fn count(&mut self, number: u64, word: &str) {
        match word {
            "passed" | "flaky" => self.passed += number,
            "failed" | "exec failed" | "timed out" | "interrupted" | "did not run" => self.failed += number,
            "skipped" | "ignored" => self.skipped += number,
            _ => {}
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(formatter, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// nextest: `Summary [   1.2s] 12 tests run: 10 passed (1 slow, 1 leaky), 1 failed, 1 timed out, 2 skipped`.
pub(crate) fn from_nextest(line: &str) -> Option<Counts> {
    let (_, results) = line.trim_start().strip_prefix("Summary [")?.split_once(" run: ")?;
    Some(from_list(&without_parentheses(results), ','))
}

/// libtest: `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s`.
pub(crate) fn from_libtest(line: &str) -> Option<Counts> {
    let (_, results) = line.strip_prefix("test result: ")?.split_once(". ")?;
    Some(from_list(results, ';'))
}

/// Playwright's list and line reporters close with one line per result: `  12 passed (1.2m)`, `  1 failed`.
pub(crate) fn from_playwright(line: &str) -> Option<Counts> {
    let text = without_parentheses(line.strip_prefix("  ")?);
    let (number, word) = text.trim_end().split_once(' ')?;
    let mut counts = Counts::default();
    counts.count(number.parse().ok()?, word);
    (counts != Counts::default()).then_some(counts)
}

fn from_list(results: &str, separator: char) -> Counts {
    let mut counts = Counts::default();
    for result in results.split(separator) {
        if let Some((number, word)) = result.trim().split_once(' ')
            && let Ok(number) = number.parse()
        {
            counts.count(number, word);
        }
    }
    counts
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    let outside = text.chars().filter(|character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    });
    outside.collect::<String>().replace(" ,", ",").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn nextest() {
        let read = from_nextest;
        assert_eq!(
            read("     Summary [   0.012s] 12 tests run: 12 passed, 0 skipped"),
            Some(counts(12, 0, 0))
        );
        assert_eq!(
            read(
                "     Summary [  1.2s] 9/12 tests run: 6 passed (1 slow, 2 leaky), 1 failed, 1 exec failed, 1 timed out, 4 skipped"
            ),
            Some(counts(6, 3, 4))
        );
        assert_eq!(
            read("     Summary [   0.1s] 1 test run: 1 passed (1 flaky), 3 skipped"),
            Some(counts(1, 0, 3))
        );
        assert_eq!(read("        PASS [   0.004s] xtask counts::tests::nextest"), None);
    }

    #[test]
    fn libtest() {
        let line = "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.00s";
        assert_eq!(from_libtest(line), Some(counts(3, 2, 1)));
        assert_eq!(from_libtest("test counts::tests::libtest ... ok"), None);
    }

    #[test]
    fn playwright() {
        assert_eq!(from_playwright("  12 passed (1.2m)"), Some(counts(12, 0, 0)));
        assert_eq!(from_playwright("  1 failed"), Some(counts(0, 1, 0)));
        assert_eq!(from_playwright("  2 did not run"), Some(counts(0, 2, 0)));
        assert_eq!(from_playwright("  1 flaky"), Some(counts(1, 0, 0)));
        assert_eq!(from_playwright("  3 skipped"), Some(counts(0, 0, 3)));
        assert_eq!(from_playwright("  1) [chromium] › story.spec.ts:3:1 › sign in ────"), None);
        assert_eq!(from_playwright("Running 12 tests using 2 workers"), None);
    }
}

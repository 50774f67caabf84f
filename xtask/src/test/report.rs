//! What happened, step by step, and the sum at the end.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use super::failures::Failure;
use super::{Counts, Results};
use crate::step;

/// The steps so far.
#[derive(Default)]
pub(crate) struct Report {
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    took: Duration,
    outcome: Outcome,
}

enum Outcome {
    Done,
    Tested(Results),
    Failed(String),
    LeftOut(String),
}

impl Report {
    /// A step that is right or wrong; says which.
    pub(crate) fn check(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        self.value(name, work).is_some()
    }

    /// A step that makes something.
    pub(crate) fn value<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let (result, took) = step::timed(name, work);
        match result {
            Ok(value) => {
                self.add(name, took, Outcome::Done);
                Some(value)
            }
            Err(error) => {
                self.add(name, took, Outcome::Failed(format!("{error:#}")));
                None
            }
        }
    }

    /// A step that counts tests.
    pub(crate) fn tests(&mut self, name: &str, work: impl FnOnce() -> Result<Results>) {
        let (result, took) = step::timed(name, work);
        let outcome = match result {
            Ok(results) => Outcome::Tested(results),
            Err(error) => Outcome::Failed(format!("{error:#}")),
        };
        self.add(name, took, outcome);
    }

    /// A required step that could not be tried.
    pub(crate) fn leave_out(&mut self, name: &str, reason: &str) {
        self.add(name, Duration::ZERO, Outcome::LeftOut(reason.to_owned()));
    }

    /// Prints what failed, the summary, and as the very last line `N passed, N failed`.
    pub(crate) fn close(self) -> ExitCode {
        for line in self.entries.iter().flat_map(failures) {
            println!("{line}");
        }
        println!("\nSummary");
        for entry in &self.entries {
            println!("{}", line(entry));
        }
        let sum = self.sum();
        println!("{} passed, {} failed", sum.passed, sum.failed);
        if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn add(&mut self, name: &str, took: Duration, outcome: Outcome) {
        let took_text = step::seconds(took);
        match &outcome {
            Outcome::Done => println!("    {name}: done in {took_text}"),
            Outcome::Tested(results) => println!("    {name}: {} in {took_text}", results.counts),
            Outcome::Failed(reason) => println!("    {name}: FAILED in {took_text}: {reason}"),
            Outcome::LeftOut(reason) => println!("==> {name}: not run: {reason}"),
        }
        self.entries.push(Entry { name: name.to_owned(), took, outcome });
    }

    /// Tests, and each step that failed as a whole as one failure.
    fn sum(&self) -> Counts {
        let mut sum = Counts::default();
        for entry in &self.entries {
            match &entry.outcome {
                Outcome::Done => {}
                Outcome::Tested(results) => sum.add(results.counts),
                Outcome::Failed(_) | Outcome::LeftOut(_) => sum.failed += 1,
            }
        }
        sum
    }
}

/// The failed tests of one step with what they said, line by line, to be read where the output ends.
fn failures(entry: &Entry) -> Vec<String> {
    let failures: &[Failure] = match &entry.outcome {
        Outcome::Tested(results) => &results.failures,
        Outcome::Done | Outcome::Failed(_) | Outcome::LeftOut(_) => &[],
    };
    let told = failures.iter().flat_map(|Failure { name, said }| {
        [String::new(), format!("FAILED {}: {name}", entry.name)].into_iter().chain(said.iter().cloned())
    });
    told.collect()
}

fn line(entry: &Entry) -> String {
    let (mark, detail) = match &entry.outcome {
        Outcome::Done => ("ok    ", String::new()),
        Outcome::Tested(Results { counts, .. }) if counts.failed == 0 => ("ok    ", counts.to_string()),
        Outcome::Tested(Results { counts, .. }) => ("FAILED", counts.to_string()),
        Outcome::Failed(reason) => ("FAILED", reason.lines().next().unwrap_or_default().to_owned()),
        Outcome::LeftOut(reason) => ("NOT RUN", reason.clone()),
    };
    format!("  {mark:7} {:>12}  {}  {detail}", step::seconds(entry.took), entry.name).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(passed: u64, failures: Vec<Failure>) -> Results {
        let failed = u64::try_from(failures.len()).unwrap();
        Results { counts: Counts { passed, failed, skipped: 2 }, failures }
    }

    fn one_failure() -> Failure {
        Failure { name: "a::b".to_owned(), said: vec!["  expected 1, got 2".to_owned()] }
    }

    #[test]
    fn failed_and_missing_steps_count_as_failures() {
        let mut report = Report::default();
        assert!(report.check("fine", || Ok(())));
        assert!(!report.check("wrong", || anyhow::bail!("no")));
        report.tests("some", || Ok(results(5, vec![one_failure()])));
        report.leave_out("never", "no browser");
        assert_eq!(report.sum(), Counts { passed: 5, failed: 3, skipped: 2 });
        assert_eq!(format!("{:?}", report.close()), format!("{:?}", ExitCode::FAILURE));
    }

    #[test]
    fn each_line_says_how_it_went() {
        let outcome = Outcome::Tested(results(5, Vec::new()));
        let entry = Entry { name: "unit".into(), took: Duration::from_millis(1500), outcome };
        assert_eq!(line(&entry), "  ok             1.5 s  unit  5 passed, 0 failed, 2 skipped");
        let entry = Entry {
            name: "e2e".into(),
            took: Duration::ZERO,
            outcome: Outcome::LeftOut("no browser".into()),
        };
        assert_eq!(line(&entry), "  NOT RUN        0.0 s  e2e  no browser");
    }
    #[test]
    fn what_failed_is_told_again_at_the_end() {
        let outcome = Outcome::Tested(results(5, vec![one_failure()]));
        let entry = Entry { name: "unit".into(), took: Duration::ZERO, outcome };
        assert_eq!(failures(&entry), ["", "FAILED unit: a::b", "  expected 1, got 2"]);
    }
}

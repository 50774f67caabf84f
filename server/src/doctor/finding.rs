//! What a step finds, and how findings become the answer.

use gateway_api::connect::{CheckOutcome, CheckStep, ConnectionCheck};

use super::STEPS;

/// What happened at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    outcome: CheckOutcome,
    what: String,
    advice: Option<String>,
}

impl Finding {
    /// All is well.
    pub(super) fn passed(what: impl Into<String>) -> Self {
        Self { outcome: CheckOutcome::Passed, what: what.into(), advice: None }
    }

    /// Clients get through, but something should be done.
    pub(super) fn warning(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { outcome: CheckOutcome::Warning, what: what.into(), advice: Some(advice.into()) }
    }

    /// Clients do not get through.
    pub(super) fn failed(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { outcome: CheckOutcome::Failed, what: what.into(), advice: Some(advice.into()) }
    }

    /// The same, with how it went on.
    pub(super) fn followed_by(self, sentence: &str) -> Self {
        Self { what: format!("{} {sentence}", self.what), ..self }
    }

    /// The same where clients get through all the same.
    pub(super) fn into_warning(self) -> Self {
        Self { outcome: CheckOutcome::Warning, ..self }
    }
}

/// What a step says, and what the next one needs to know; or why it failed.
pub(super) type Found<T> = Result<(Finding, T), Finding>;

/// The findings so far.
#[derive(Debug, Default)]
pub(super) struct Steps {
    findings: Vec<Finding>,
}

impl Steps {
    /// Notes a step; what the next one needs, unless it failed.
    pub(super) fn add<T>(&mut self, found: Found<T>) -> Option<T> {
        match found {
            Ok((finding, known)) => {
                self.findings.push(finding);
                Some(known)
            }
            Err(finding) => {
                self.findings.push(finding);
                None
            }
        }
    }

    /// Notes that the steps before this number were not tried.
    pub(super) fn skip_to(&mut self, end: usize, why: &str) {
        while self.findings.len() < end {
            self.findings.push(Finding {
                outcome: CheckOutcome::Skipped,
                what: why.to_owned(),
                advice: None,
            });
        }
    }

    /// Whether there is a finding for every step.
    pub(super) fn is_complete(&self) -> bool {
        self.findings.len() == STEPS.len()
    }

    /// All steps with their names.
    pub(super) fn into_check(mut self, address: &str) -> ConnectionCheck {
        self.skip_to(STEPS.len(), "It needs what went wrong before.");
        let steps = STEPS.iter().zip(self.findings).map(|(name, finding)| CheckStep {
            name: (*name).to_owned(),
            outcome: finding.outcome,
            what: finding.what,
            advice: finding.advice,
        });
        let steps: Vec<_> = steps.collect();
        let is_good = steps.iter().all(|step| step.outcome != CheckOutcome::Failed);
        ConnectionCheck { address: address.to_owned(), is_good, steps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_told_of() {
        let mut steps = Steps::default();
        assert_eq!(steps.add(Ok((Finding::passed("fine"), 7))), Some(7));
        assert_eq!(steps.add::<()>(Err(Finding::failed("broken", "mend it"))), None);
        let check = steps.into_check("https://g.example/v1/mcp");
        assert!(!check.is_good);
        assert_eq!(check.steps.len(), STEPS.len());
        assert_eq!(check.steps[0].name, "Reach the gateway");
        assert_eq!(check.steps[1].advice.as_deref(), Some("mend it"));
        assert!(check.steps[2..].iter().all(|step| step.outcome == CheckOutcome::Skipped));
    }
}

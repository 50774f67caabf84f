//! Stops calls that would fail anyway: after several failures in a row nothing is sent for a short while, then one call
//! tries, and the others follow if it works. One for each credential, so that nobody else's trouble stops a call.
//!
//! A state machine without a clock or a lock: [`super::pace`] gives it both.

use std::time::{Duration, Instant};

/// So many failures in a row open the breaker.
const FAILURES: u32 = 5;

/// How long the breaker stays open at first; every failed try doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// It never stays open longer.
const MAX_PAUSE: Duration = Duration::from_mins(1);

/// How long others are asked to wait while one call tries.
const WHILE_TRYING: Duration = Duration::from_secs(1);

/// A failure that opened a breaker, and how long it still is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) why: String,
    pub(crate) wait: Duration,
}

/// The breaker of one credential.
#[derive(Debug, Default)]
pub(crate) struct Breaker(State);

#[derive(Debug)]
enum State {
    /// Calls go through.
    Closed { failures: u32 },
    /// Nothing is sent.
    Open { until: Instant, pause: Duration, why: String },
    /// One call tries.
    Trying { pause: Duration, why: String },
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// Whether a call may be made; true if it is the one that tries.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<bool, Refused> {
        match &mut self.0 {
            State::Closed { .. } => Ok(false),
            State::Open { until, pause, why } if *until <= now => {
                self.0 = State::Trying { pause: *pause, why: std::mem::take(why) };
                Ok(true)
            }
            State::Open { until, why, .. } => Err(Refused { why: why.clone(), wait: *until - now }),
            State::Trying { why, .. } => Err(Refused { why: why.clone(), wait: WHILE_TRYING }),
        }
    }

    /// The vendor answered.
    pub(crate) fn succeeded(&mut self) {
        self.0 = State::default();
    }

    /// The vendor did not answer, or answered that it failed. What others began before the breaker opened changes nothing.
    pub(crate) fn failed(&mut self, now: Instant, was_trying: bool, reason: &str) {
        let open = |pause: Duration| State::Open { until: now + pause, pause, why: reason.to_owned() };
        match &mut self.0 {
            State::Closed { failures } if *failures + 1 < FAILURES => *failures += 1,
            State::Closed { .. } => self.0 = open(FIRST_PAUSE),
            State::Trying { pause, .. } if was_trying => self.0 = open((*pause * 2).min(MAX_PAUSE)),
            State::Open { .. } | State::Trying { .. } => {}
        }
    }

    /// The call that tried was given up before it knew: the next one tries.
    pub(crate) fn gave_up(&mut self, now: Instant) {
        if let State::Trying { pause, why } = &mut self.0 {
            self.0 = State::Open { until: now, pause: *pause, why: std::mem::take(why) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert_eq!(breaker.admit(now), Ok(false));
            breaker.failed(now, false, "refused");
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let refused = Refused { why: "refused".into(), wait: FIRST_PAUSE };
        assert_eq!(breaker.admit(now), Err(refused));
        let mut flapping = Breaker::default();
        for _ in 0..10 {
            (0..FAILURES - 1).for_each(|_| flapping.failed(now, false, "x"));
            flapping.succeeded();
        }
        assert_eq!(flapping.admit(now), Ok(false));
    }

    #[test]
    fn one_call_tries() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let later = now + FIRST_PAUSE;
        assert_eq!(breaker.admit(later), Ok(true));
        assert!(breaker.admit(later).is_err_and(|refused| refused.wait == WHILE_TRYING));
        breaker.failed(later, false, "begun before it opened");
        assert!(breaker.admit(later).is_err_and(|refused| refused.wait == WHILE_TRYING));
        breaker.succeeded();
        assert_eq!(breaker.admit(later), Ok(false));
    }

    #[test]
    fn failed_tries_wait_longer_and_given_up_ones_do_not() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        for pause in [5, 10, 20, 40, 60, 60] {
            now += Duration::from_millis(pause * 1000 - 1);
            assert!(breaker.admit(now).is_err(), "{pause}");
            now += Duration::from_millis(1);
            assert_eq!(breaker.admit(now), Ok(true), "{pause}");
            breaker.gave_up(now);
            assert_eq!(breaker.admit(now), Ok(true), "{pause}");
            breaker.failed(now, true, "still");
        }
    }
}

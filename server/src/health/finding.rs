//! What one request says about a connection.

use crate::vendors::{CallError, Verdict};

/// Longest text that is kept, in characters.
const MAX_TEXT: usize = 400;

/// What an answer, or its absence, says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It works.
    Good,
    /// The credential is refused, or unusable: why, and what to do.
    Refused {
        /// In sentences.
        why: String,
        /// The vendor said so itself.
        is_vendors: bool,
    },
    /// The vendor did not answer, or failed: how, and what to do.
    Unreachable(String),
    /// The vendor answered that it was asked too often.
    Limited(String),
    /// The vendor accepts the credential, but not for what was asked.
    NotPermitted(String),
    /// The vendor answered something else that was not wanted.
    Failed(String),
    /// Nothing was sent.
    Nothing,
}

impl Finding {
    /// Of a call or a check.
    pub fn of<T>(result: &Result<T, CallError>, has_ip_allowlist: bool) -> Self {
        let Err(error) = result else { return Self::Good };
        let why = || words(error, has_ip_allowlist);
        match error {
            CallError::Arguments(_) | CallError::Held { .. } => Self::Nothing,
            CallError::Unreachable { .. } | CallError::Timeout { .. } | CallError::Failed { .. } => {
                Self::Unreachable(why())
            }
            CallError::RateLimited { .. } => Self::Limited(why()),
            CallError::NotPermitted { .. } => Self::NotPermitted(why()),
            _ if error.verdict() == Verdict::BadCredential => {
                Self::Refused { why: why(), is_vendors: error.status().is_some() }
            }
            _ => Self::Failed(why()),
        }
    }

    /// What was wrong, in words.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Self::Good | Self::Nothing => None,
            Self::Refused { why, .. }
            | Self::Unreachable(why)
            | Self::Limited(why)
            | Self::NotPermitted(why)
            | Self::Failed(why) => Some(why),
        }
    }
}

/// What happened and what to do, in our own words: everybody who uses the connection reads it, and a vendor may repeat what one
/// of them asked. With a hint where the vendor may have refused our address and not the credential.
fn words(error: &CallError, has_ip_allowlist: bool) -> String {
    let mut words = error.summary();
    if has_ip_allowlist && error.status() == Some(403) && !words.contains("allow-list") {
        words.push_str(" This vendor has IP allow-lists: the gateway's address must be on it.");
    }
    match words.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(error: CallError) -> Finding {
        Finding::of(&Err::<(), _>(error), true)
    }

    #[test]
    fn refusals_and_absences() {
        assert_eq!(Finding::of(&Ok(()), false), Finding::Good);
        assert_eq!(of(CallError::Arguments(Vec::new())), Finding::Nothing);
        let refused = of(CallError::Unauthorized { status: 401, message: Some("token expired".into()) });
        assert!(
            matches!(&refused, Finding::Refused { why, is_vendors: true } if why.contains("has expired") && !why.contains("token")),
            "{refused:?}"
        );
        let ours = of(CallError::Credential("x".into()));
        assert!(matches!(ours, Finding::Refused { is_vendors: false, .. }));
        let address = of(CallError::Unauthorized { status: 403, message: None });
        assert!(address.problem().unwrap().contains("allow-list"), "{address:?}");
        assert!(matches!(of(CallError::Failed { status: 503, message: None }), Finding::Unreachable(_)));
        assert!(matches!(of(CallError::Rejected { status: 500, message: None }), Finding::Failed(_)));
        let permission = of(CallError::NotPermitted { status: 401, message: None });
        assert!(matches!(permission, Finding::NotPermitted(_)));
        let limited = CallError::RateLimited { status: 429, message: None, retry_after: None };
        assert!(matches!(of(limited), Finding::Limited(_)));
        let long = of(CallError::Credential("é".repeat(900)));
        assert_eq!(long.problem().unwrap().chars().count(), MAX_TEXT + 1);
    }
}

//! What to do about an error, in one sentence; about a refused credential, from the vendor's own words.

use std::time::Duration;

use super::error::{CallError, Hold};

/// What is meant by a vendor that limits the rate and does not say for how long.
const UNSAID_WAIT: Duration = Duration::from_mins(1);

/// One kind of refusal: the words that tell it, and the remedy.
const KINDS: [(&[&str], &str); 4] = [
    (
        &[
            "ip address",
            "ip restrict",
            "ip not",
            "allowlist",
            "allow-list",
            "allow list",
            "whitelist",
            "not allowed from",
        ],
        "Add the gateway's IP address to the vendor's allow-list.",
    ),
    (
        &["expired", "expiry", "has lapsed"],
        "The credential has expired: make a new one at the vendor, then replace it in the gateway's settings.",
    ),
    (
        &["locked"],
        "The account is locked: unlock it at the vendor, then test the connection in the gateway's settings.",
    ),
    (
        &["revoked", "disabled", "deactivated", "inactive", "suspended", "deleted"],
        "The credential was revoked or its user disabled: make a new one at the vendor, then replace it in the gateway's \
         settings.",
    ),
];

impl CallError {
    /// What happened and what to do about it, in sentences for a person or a model.
    pub fn explain(&self) -> String {
        sentences(self.to_string(), &self.remedy())
    }

    /// The same without a word of the vendor's: for everybody who uses the credential, and not only for who called. An answer
    /// may repeat what one of them asked.
    pub fn summary(&self) -> String {
        sentences(self.in_our_words(), &self.remedy())
    }

    /// What happened, by kind and status.
    pub(crate) fn in_our_words(&self) -> String {
        match self {
            Self::NotJson { status, .. } => format!("the answer is not JSON (HTTP {status})"),
            Self::Redirected { status, .. } => {
                format!("the vendor redirected (HTTP {status}), which is not followed")
            }
            Self::Said { .. } => "a tool of the vendor's server failed".to_owned(),
            Self::Broken(_) => "the answer could not be read".to_owned(),
            _ => self.clone().without_message().to_string(),
        }
    }

    /// How long to wait before the next try, where nothing else is wrong.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(retry_after.unwrap_or(UNSAID_WAIT)),
            Self::Held { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    /// What the person or the model can do about it, in one sentence.
    pub fn remedy(&self) -> String {
        if let Self::Unauthorized { message, .. } | Self::Forbidden { message, .. } = self
            && let Some(remedy) = of_refusal(message.as_deref())
        {
            return remedy.into();
        }
        match self {
            Self::Arguments(_) => "Correct the arguments and call again.".into(),
            Self::Credential(_) | Self::Unauthorized { .. } => {
                "Check the credential at the vendor, then replace it in the gateway's settings.".into()
            }
            Self::Blocked { .. } => {
                "Use a public address; the operator can allow networks with --vendor-networks.".into()
            }
            Self::Unreachable { .. } => {
                "Check the address, and whether the vendor is up; then try again.".into()
            }
            Self::Timeout { ip_allowlist: true, .. } => {
                "Try again; if it stays so, add the gateway's IP address to the vendor's allow-list.".into()
            }
            Self::Timeout { .. } => "Try again, or ask for less at once.".into(),
            Self::Forbidden { status: 401, .. } => {
                "Test the connection in the gateway's settings; if it is good, give the vendor's API user the permission.".into()
            }
            // A moved account and a token that has just ended look like this, too.
            Self::NotPermitted { status: 401, .. } => {
                "Call again; if it stays so, give the vendor's API user the permission for this.".into()
            }
            Self::Forbidden { .. } | Self::NotPermitted { .. } => {
                "Give the vendor's API user the permission for this.".into()
            }
            Self::Held { why: Hold::Refused, wait } => format!(
                "Replace the credential in the gateway's settings: a new one is tried at once, this one again in {} seconds.",
                whole_seconds(*wait)
            ),
            Self::NotFound { .. } => {
                "Check the id (search for the record first), or the address in the connection.".into()
            }
            Self::RateLimited { retry_after: None, .. } => "Wait a minute, then call again.".into(),
            Self::RateLimited { retry_after: Some(wait), .. } | Self::Held { wait, .. } => {
                format!("Wait {} seconds, then call again.", whole_seconds(*wait))
            }
            Self::Rejected { .. } | Self::Said { .. } => {
                "Correct what the vendor complains about and call again.".into()
            }
            Self::Failed { .. } | Self::Broken(_) => "The trouble is at the vendor: try again later.".into(),
            Self::Redirected { .. } | Self::NotJson { .. } => {
                "Check the address in the connection: an API answers there with JSON.".into()
            }
            Self::TooLarge { .. } => "Ask for less: a filter, a smaller page.".into(),
        }
    }
}

fn sentences(mut what: String, remedy: &str) -> String {
    if let Some(first) = what.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    format!("{}. {remedy}", what.trim_end_matches('.'))
}

/// Rounded up; nobody waits for none.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// What the person can do, if the vendor's words tell.
fn of_refusal(message: Option<&str>) -> Option<&'static str> {
    let message = message?.to_lowercase();
    let tells = |words: &[&str]| words.iter().any(|word| message.contains(word));
    KINDS.iter().find(|(words, _)| tells(words)).map(|(_, remedy)| *remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_may_read_has_no_word_of_the_vendor() {
        let message = || Some("canary: key expired".to_owned());
        let errors = [
            CallError::Unauthorized { status: 401, message: message() },
            CallError::Forbidden { status: 403, message: message() },
            CallError::NotPermitted { status: 403, message: message() },
            CallError::NotFound { status: 404, message: message() },
            CallError::RateLimited { status: 429, message: message(), retry_after: None },
            CallError::Rejected { status: 400, message: message() },
            CallError::Failed { status: 500, message: message() },
            CallError::Redirected { status: 302, location: "https://canary.example".into() },
            CallError::NotJson { status: 200, found: "an HTML page (\"canary\")".into() },
            CallError::Said { message: "canary".into() },
            CallError::Broken("canary".into()),
        ];
        for error in errors {
            let (all, ours) = (error.explain(), error.summary());
            assert!(all.contains("canary"), "{all}");
            assert!(!ours.contains("canary") && ours.ends_with('.'), "{ours}");
            assert!(error.status().is_none_or(|status| ours.contains(&status.to_string())), "{ours}");
        }
        let refused = CallError::Unauthorized { status: 401, message: message() };
        assert!(refused.summary().contains("has expired"), "what they mean may be told");
    }

    #[test]
    fn by_the_vendors_words() {
        let remedy = |message| of_refusal(Some(message)).unwrap_or("none");
        assert!(remedy("Your API key has Expired").contains("has expired"));
        assert!(remedy("key revoked").contains("revoked"));
        assert!(remedy("Account locked after 5 attempts").contains("unlock"));
        assert!(
            remedy("Access denied: IP address 192.0.2.7 is not in your whitelist").contains("allow-list")
        );
        assert_eq!(remedy("Unauthorized"), "none");
        assert_eq!(of_refusal(None), None);
    }
}

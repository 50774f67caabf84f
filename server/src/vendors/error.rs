//! What can go wrong between a tool call and a vendor's answer.
//!
//! [`CallError`] knows nothing of our own HTTP server or of MCP: the surfaces turn it into their dialect with
//! [`CallError::code`], its `Display` text (what happened) and [`CallError::remedy`] (what to do about it, in
//! [`super::remedy`]).
//! No variant ever holds a credential: texts that come from a vendor are redacted before they get here.

use std::time::Duration;

/// One argument (or the whole of them) that does not fit the tool's schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgumentProblem {
    /// JSON pointer into the arguments; empty for the arguments as a whole.
    pub pointer: String,
    /// What is wrong, in words.
    pub message: String,
}

/// Why the gateway itself holds a call back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Hold {
    /// The vendor's rate, or its requests at once, are used up by this credential.
    #[error("this credential has used up what the vendor allows")]
    Budget,
    /// The vendor asked to wait.
    #[error("the vendor asked to wait")]
    Asked,
    /// The last calls with this credential failed, all in the same way.
    #[error("the last calls failed ({0})")]
    Failing(String),
    /// The vendor has refused this credential several times in a row.
    #[error("the vendor has refused this credential several times, and more would lock its account")]
    Refused,
    /// The first request was turned away (its token had ended, the account has moved), and there is no room for a second one.
    #[error(
        "the vendor turned the first request away, and this credential has used up what it allows for a second one"
    )]
    Again,
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The arguments do not fit the tool's schema; nothing was sent.
    #[error("invalid arguments: {}", join(.0))]
    Arguments(Vec<ArgumentProblem>),
    /// The stored credential cannot make a request (a field is missing or has no valid form); nothing was sent.
    #[error("the stored credential cannot be used: {0}")]
    Credential(String),
    /// The gateway holds the call back, so that it stays a good citizen; nothing was sent, or nothing that was carried out.
    #[error("{}{why}", if *.why == Hold::Again { "" } else { "nothing was sent: " })]
    Held {
        /// Why.
        why: Hold,
        /// How long to wait.
        wait: Duration,
    },
    /// The network guard refused the address; nothing was sent.
    #[error("the address of {host} is not allowed: only public addresses are")]
    Blocked {
        /// Host as it stands in the URL.
        host: String,
    },
    /// No connection: name unknown, refused, reset, TLS failure.
    #[error("no connection to {host}: {reason}")]
    Unreachable {
        /// Host as it stands in the URL.
        host: String,
        /// The innermost reason.
        reason: String,
    },
    /// The vendor did not answer in time.
    #[error("no answer from {host} within {} s", .after.as_secs_f32())]
    Timeout {
        /// Host as it stands in the URL.
        host: String,
        /// The deadline that passed.
        after: Duration,
        /// The vendor is known to have IP allow-lists, which often look like this.
        ip_allowlist: bool,
    },
    /// The vendor says that the credential is wrong.
    #[error("the vendor refused the credential (HTTP {status}){}", said(.message.as_deref()))]
    Unauthorized {
        /// HTTP status.
        status: u16,
        /// The vendor's own words, if it said any.
        message: Option<String>,
    },
    /// The vendor does not permit this; whether it accepts the credential at all, it did not say.
    #[error("the vendor does not permit this (HTTP {status}){}", said(.message.as_deref()))]
    Forbidden {
        /// HTTP status.
        status: u16,
        /// The vendor's own words, if it said any.
        message: Option<String>,
    },
    /// The vendor accepts the credential, as it has just said, but not for this.
    #[error("the vendor accepts the credential, but not for this (HTTP {status}){}", said(.message.as_deref()))]
    NotPermitted {
        /// HTTP status.
        status: u16,
        /// The vendor's own words, if it said any.
        message: Option<String>,
    },
    /// The record is not there.
    #[error("not found (HTTP {status}){}", said(.message.as_deref()))]
    NotFound {
        /// HTTP status.
        status: u16,
        /// The vendor's own words, if it said any.
        message: Option<String>,
    },
    /// Too many requests.
    #[error("the vendor limits the rate (HTTP {status}){}", said(.message.as_deref()))]
    RateLimited {
        /// HTTP status.
        status: u16,
        /// The vendor's own words, if it said any.
        message: Option<String>,
        /// How long to wait, where the vendor said so (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// The vendor did not like the request.
    #[error("the vendor rejected the request (HTTP {status}){}", said(.message.as_deref()))]
    Rejected {
        /// HTTP status.
        status: u16,
        /// The vendor's own words, if it said any.
        message: Option<String>,
    },
    /// The vendor failed (5xx).
    #[error("the vendor failed (HTTP {status}){}", said(.message.as_deref()))]
    Failed {
        /// HTTP status.
        status: u16,
        /// The vendor's own words, if it said any.
        message: Option<String>,
    },
    /// The vendor redirected to where nothing is sent, for credentials go to the vendor's own hosts only.
    #[error("the vendor redirected to {location} (HTTP {status}), which is not followed")]
    Redirected {
        /// HTTP status.
        status: u16,
        /// Scheme and host of the target.
        location: String,
    },
    /// Something else than JSON came back with a good status.
    #[error("the answer is not JSON but {found} (HTTP {status})")]
    NotJson {
        /// HTTP status.
        status: u16,
        /// What it is: `an HTML page ("Sign in")`, `text/plain`, ...
        found: String,
    },
    /// The body is larger than what is read from a vendor.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes after decompression.
        limit: usize,
    },
    /// A tool of the vendor's MCP server says that it failed, or the server refused the call.
    #[error("the vendor's server says: {message}")]
    Said {
        /// Its words.
        message: String,
    },
    /// The answer broke off, or could not be decoded.
    #[error("the answer could not be read: {0}")]
    Broken(String),
}

/// What a failed validation says about the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The vendor (or the check before it) says that the credential is bad.
    BadCredential,
    /// The vendor could not be asked, or its answer tells nothing about the credential.
    CouldNotTell,
}

impl CallError {
    /// Stable name of the kind, for audit rows and machine-readable answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Arguments(_) => "invalid_arguments",
            Self::Credential(_) => "credential_unusable",
            Self::Held { why: Hold::Budget | Hold::Again, .. } => "rate_budget",
            Self::Held { why: Hold::Asked, .. } => "vendor_asked_to_wait",
            Self::Held { why: Hold::Failing(_), .. } => "breaker_open",
            Self::Held { why: Hold::Refused, .. } => "credential_held",
            Self::Blocked { .. } => "address_not_allowed",
            Self::Unreachable { .. } => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::Unauthorized { .. } => "credential_refused",
            Self::Forbidden { .. } => "forbidden",
            Self::NotPermitted { .. } => "not_permitted",
            Self::NotFound { .. } => "not_found",
            Self::RateLimited { .. } => "rate_limited",
            Self::Rejected { .. } => "rejected",
            Self::Failed { .. } => "vendor_failed",
            Self::Redirected { .. } => "redirected",
            Self::NotJson { .. } => "not_json",
            Self::TooLarge { .. } => "too_large",
            Self::Said { .. } => "tool_error",
            Self::Broken(_) => "broken_answer",
        }
    }

    /// HTTP status of the vendor's answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Unauthorized { status, .. }
            | Self::Forbidden { status, .. }
            | Self::NotPermitted { status, .. }
            | Self::NotFound { status, .. }
            | Self::RateLimited { status, .. }
            | Self::Rejected { status, .. }
            | Self::Failed { status, .. }
            | Self::Redirected { status, .. }
            | Self::NotJson { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The vendor's own words, if it said any.
    pub fn vendor_message(&self) -> Option<&str> {
        match self {
            Self::Unauthorized { message, .. }
            | Self::Forbidden { message, .. }
            | Self::NotPermitted { message, .. }
            | Self::NotFound { message, .. }
            | Self::RateLimited { message, .. }
            | Self::Rejected { message, .. }
            | Self::Failed { message, .. } => message.as_deref(),
            _ => None,
        }
    }

    /// Without the vendor's own words.
    pub(crate) fn without_message(mut self) -> Self {
        match &mut self {
            Self::Unauthorized { message, .. }
            | Self::Forbidden { message, .. }
            | Self::NotPermitted { message, .. }
            | Self::NotFound { message, .. }
            | Self::RateLimited { message, .. }
            | Self::Rejected { message, .. }
            | Self::Failed { message, .. } => *message = None,
            _ => {}
        }
        self
    }

    /// Whether a failed [`validate`](super::VendorClient::validate) proves the credential bad.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Unauthorized { .. }
            | Self::Credential(_)
            | Self::Blocked { .. }
            | Self::Held { why: Hold::Refused, .. } => Verdict::BadCredential,
            _ => Verdict::CouldNotTell,
        }
    }
}

fn said(message: Option<&str>) -> String {
    message.map(|text| format!(": {text}")).unwrap_or_default()
}

fn join(problems: &[ArgumentProblem]) -> String {
    let texts: Vec<_> = problems
        .iter()
        .map(|problem| match problem.pointer.as_str() {
            "" => problem.message.clone(),
            pointer => format!("{}: {}", pointer.trim_start_matches('/'), problem.message),
        })
        .collect();
    texts.join("; ")
}

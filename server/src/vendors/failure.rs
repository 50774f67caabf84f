//! Failures that a status does not tell, or tells wrong: a good status around an error, or 500 for "not found".
//!
//! GraphQL and JSON-RPC answer errors with status 200; others hide a wrong key or a rate limit behind another status.
//! The manifest says where such an error stands, and which words make it what kind.

use regex::Regex;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::cut::find;
use super::error::CallError;
use super::redact::Redactor;
use super::refusal::{cleaned, refusal, text_of};
use super::retry_after::retry_after;

/// How a vendor's failures are told.
#[derive(Debug, Default)]
pub(crate) struct Failure {
    /// JSON pointer to what makes a good status a failure.
    pub(crate) pointer: Option<String>,
    /// It does by having this value; without one, by being there.
    pub(crate) is: Option<Value>,
    /// JSON pointers to the most telling words, the first that has some.
    pub(crate) message: Vec<String>,
    /// What the body means, the first that matches.
    pub(crate) kinds: Vec<(Kind, Regex)>,
}

/// What kind of failure some words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unauthorized,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
}

impl Failure {
    /// The error in an answer with a good status, if it is one.
    pub(crate) fn find(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        redactor: &Redactor,
    ) -> Option<CallError> {
        let pointer = self.pointer.as_deref()?;
        let found = find(std::str::from_utf8(body).ok()?, pointer)?;
        let is_failure = match &self.is {
            Some(value) => serde_json::from_str::<Value>(found).is_ok_and(|found| found == *value),
            None => !["null", "false", "0", "\"\"", "[]", "{}"].contains(&found.trim()),
        };
        is_failure.then(|| self.error(status, headers, body, redactor))
    }

    /// The error that a body tells.
    pub(crate) fn error(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        redactor: &Redactor,
    ) -> CallError {
        let error = match refusal(status, headers, body, redactor) {
            CallError::Failed { status: code, message } if status.is_success() => {
                CallError::Rejected { status: code, message }
            }
            error => error,
        };
        let told = self.told(&cleaned(body, redactor)).map(|text| redactor.clean(text));
        let message = told.or_else(|| error.vendor_message().map(str::to_owned));
        let text = String::from_utf8_lossy(body);
        let kind = self.kinds.iter().find(|(_, words)| words.is_match(&text)).map(|(kind, _)| *kind);
        let status = status.as_u16();
        match (kind, error) {
            (Some(Kind::Unauthorized), _) | (None, CallError::Unauthorized { .. }) => {
                CallError::Unauthorized { status, message }
            }
            (Some(Kind::Forbidden), _) | (None, CallError::Forbidden { .. }) => {
                CallError::Forbidden { status, message }
            }
            (Some(Kind::NotFound), _) | (None, CallError::NotFound { .. }) => {
                CallError::NotFound { status, message }
            }
            (Some(Kind::RateLimited), _) | (None, CallError::RateLimited { .. }) => {
                CallError::RateLimited { status, message, retry_after: retry_after(headers) }
            }
            (Some(Kind::Rejected), _) | (None, CallError::Rejected { .. }) => {
                CallError::Rejected { status, message }
            }
            (None, CallError::Failed { .. }) => CallError::Failed { status, message },
            (None, other) => other,
        }
    }

    fn told(&self, body: &str) -> Option<String> {
        if self.message.is_empty() {
            return None;
        }
        let body: Value = serde_json::from_str(body).ok()?;
        self.message.iter().find_map(|pointer| text_of(body.pointer(pointer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::testing;

    fn error(part: &str, status: u16, body: &str) -> Option<CallError> {
        let field = "fields = [{ name = \"key\", label = \"Key\", kind = \"secret\" }]\n";
        let vendor = testing::vendor(&format!("{field}{part}"));
        let redactor =
            Redactor::new(&vendor, &[("key".to_owned(), "hunter2".to_owned())].into_iter().collect(), None);
        let status = StatusCode::from_u16(status).unwrap();
        let headers = HeaderMap::new();
        match status.is_success() {
            true => vendor.failure.find(status, &headers, body.as_bytes(), &redactor),
            false => Some(vendor.failure.error(status, &headers, body.as_bytes(), &redactor)),
        }
    }

    #[test]
    fn json_rpc() {
        let part = "[failure]\npointer = \"/error\"\nmessage = \"/error/data\"\nunauthorized = 'Not authori[sz]ed'\n";
        assert_eq!(error(part, 200, r#"{"jsonrpc":"2.0","result":[],"id":1}"#), None);
        assert_eq!(error(part, 200, r#"{"result":1,"error":null}"#), None);
        let body =
            r#"{"error":{"code":-32602,"message":"Invalid params.","data":"Not authorized. hunter2"}}"#;
        let message = Some("Not authorized. [redacted]".to_owned());
        assert_eq!(error(part, 200, body), Some(CallError::Unauthorized { status: 200, message }));
        let body = r#"{"error":{"code":-32602,"message":"Invalid params.","data":"No groups."}}"#;
        let message = Some("No groups.".to_owned());
        assert_eq!(error(part, 200, body), Some(CallError::Rejected { status: 200, message }));
    }

    #[test]
    fn a_member_with_a_value() {
        let part = "[failure]\npointer = \"/Success\"\nis = false\nmessage = \"/Message\"\n";
        assert_eq!(error(part, 200, r#"{"Success":true,"Data":[]}"#), None);
        let message = Some("no such environment".to_owned());
        assert_eq!(
            error(part, 200, r#"{"Success":false,"Message":"no such environment"}"#),
            Some(CallError::Rejected { status: 200, message })
        );
    }

    #[test]
    fn the_first_place_with_words() {
        let part = "[failure]\nmessage = [\"/results/0/errors\", \"/results/0/status\", \"/status\"]\n";
        let said = |body| error(part, 409, body).unwrap().vendor_message().map(str::to_owned);
        let both = r#"{"results":[{"errors":["exists already"],"status":"not created"}]}"#;
        assert_eq!(said(both).as_deref(), Some("exists already"));
        assert_eq!(said(r#"{"results":[{"errors":[],"status":"is UP"}]}"#).as_deref(), Some("is UP"));
        assert_eq!(said(r#"{"error":401,"status":"who are you?"}"#).as_deref(), Some("who are you?"));
        assert_eq!(said("{}"), None);
    }

    #[test]
    fn a_status_that_tells_wrong() {
        let part = "[failure]\nrate_limited = '(?i)rate limit'\nnot_found = '^\\{\"results\":\\[\\]\\}$'\nrejected = 'could not be created'\n";
        let found = |status, body| error(part, status, body).unwrap().code();
        assert_eq!(found(403, r#"{"errors":[{"title":"Rate limit exceeded"}]}"#), "rate_limited");
        assert_eq!(found(500, r#"{"results":[]}"#), "not_found");
        assert_eq!(found(500, r#"{"status":"Object could not be created."}"#), "rejected");
        assert_eq!(found(500, r#"{"status":"out of memory"}"#), "vendor_failed");
        assert_eq!(found(403, r#"{"errors":[{"title":"Forbidden"}]}"#), "forbidden");
        assert_eq!(found(401, ""), "credential_refused");
        assert_eq!(found(302, ""), "redirected");
    }
}

//! Failures that a status does not tell, or tells wrong: a good status around an error, or 500 for "not found".
//!
//! GraphQL and JSON-RPC answer errors with status 200; others hide a wrong key or a rate limit behind another status.
//! The manifest says where such an error stands, and which words make it what kind.

use std::time::Duration;

use regex::Regex;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::cut::find;
use super::error::CallError;
use super::redact::Redactor;
use super::refusal::{cleaned, refusal, text_of};
use super::retry_after::{retry_after, retry_after_in};

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
    pub(crate) kinds: Vec<Words>,
    /// JSON pointer to the seconds to wait.
    pub(crate) retry_after: Option<String>,
}

/// Words that tell a kind of failure.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) kind: Kind,
    pub(crate) pattern: Regex,
    /// They count with these statuses; with any, if there are none.
    pub(crate) statuses: Vec<u16>,
}

impl Words {
    fn tell(&self, status: StatusCode, body: &str) -> bool {
        let counts = self.statuses.is_empty() || self.statuses.contains(&status.as_u16());
        counts && self.pattern.is_match(body)
    }
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
        let kind = self.kinds.iter().find(|words| words.tell(status, &text)).map(|words| words.kind);
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
                CallError::RateLimited { status, message, retry_after: self.wait(headers, body) }
            }
            (Some(Kind::Rejected), _) | (None, CallError::Rejected { .. }) => {
                CallError::Rejected { status, message }
            }
            (None, CallError::Failed { .. }) => CallError::Failed { status, message },
            (None, other) => other,
        }
    }

    /// How long the vendor asks to wait.
    fn wait(&self, headers: &HeaderMap, body: &[u8]) -> Option<Duration> {
        let in_body = || retry_after_in(body, self.retry_after.as_deref()?);
        retry_after(headers).or_else(in_body)
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

    /// Some vendors answer wrong arguments as if they had failed themselves.
    #[test]
    fn words_with_some_statuses_only() {
        let part = "[failure]\nrejected = { pattern = '\"errors\"', statuses = [500] }\n";
        let found = |status| error(part, status, r#"{"errors":["Wrong picklist value"]}"#).unwrap();
        let message = Some("Wrong picklist value".to_owned());
        assert_eq!(found(500), CallError::Rejected { status: 500, message });
        assert_eq!((found(502).code(), found(401).code()), ("vendor_failed", "credential_refused"));
        assert_eq!(error(part, 500, "<html>").unwrap().code(), "vendor_failed");
    }

    #[test]
    fn a_wait_in_the_body() {
        let part = "[failure]\nretry_after = \"/error/wait\"\n";
        let wait = |body| match error(part, 429, body) {
            Some(CallError::RateLimited { retry_after, .. }) => retry_after,
            other => panic!("{other:?}"),
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(wait(r#"{"error":{"wait":17}}"#), seconds(17));
        assert_eq!(wait(r#"{"error":{"wait":"2.5"}}"#), Some(Duration::from_millis(2500)));
        for nonsense in [
            "{}",
            "",
            r#"{"error":{"wait":-1}}"#,
            r#"{"error":{"wait":"soon"}}"#,
            r#"{"error":{"wait":1e300}}"#,
        ] {
            assert_eq!(wait(nonsense), None, "{nonsense}");
        }
    }
}

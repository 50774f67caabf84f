//! What proves a credential, what counts as a failure, and what the vendor allows.

use std::time::Duration;

use super::operation::method;
use super::problems::Problems;
use super::texts::{check_names, check_pointer, headers, pairs, pattern, template};
use crate::vendors::body::Node;
use crate::vendors::failure::{Failure, Kind, Words};
use crate::vendors::manifest::{
    Encoding, FailureEntry, LimitsEntry, RateEntry, StatusWords, ValidationEntry, WordsEntry,
};
use crate::vendors::request::{Operation, QueryItem, QueryValue};
use crate::vendors::vendor::{Budget, Rate, Validation};

/// Deadline of a call where the manifest names none.
const DEADLINE_SECONDS: u64 = 30;

/// Answer budget where the manifest names none, in bytes.
const ANSWER_BYTES: usize = 64 * 1024;

/// The `[validation]` part.
pub(super) fn compile_validation(
    entry: &ValidationEntry,
    names: &[&str],
    problems: &mut Problems<'_>,
) -> Option<Validation> {
    let credentials: Vec<_> = names.iter().map(|name| format!("cred.{name}")).collect();
    let known: Vec<_> = credentials.iter().map(String::as_str).collect();
    compile_proof("/validation", entry, &known, problems)
}

/// The validation, or what comes `then`.
fn compile_proof(
    at: &str,
    entry: &ValidationEntry,
    known: &[&str],
    problems: &mut Problems<'_>,
) -> Option<Validation> {
    let place = |key: &str| format!("{at}/{key}");
    if !entry.path.starts_with('/') && !entry.path.is_empty() {
        problems.add(&place("path"), "must start with /, or be empty");
    }
    if let Some(status) = entry.good.iter().find(|status| !(200..300).contains(*status)) {
        problems.add(&place("good"), format!("{status} is not a good status"));
    }
    if let Some(status) = entry.bad_key.iter().find(|status| !(400..600).contains(*status)) {
        problems.add(&place("bad_key"), format!("{status} is not an error status"));
    }
    if let Some(pointer) = &entry.account {
        check_pointer(problems, &place("account"), pointer);
    }
    let query = pairs(problems, &place("query"), &entry.query, known);
    let body = entry
        .body
        .as_ref()
        .and_then(|source| Node::parse(source).map_err(|message| problems.add(&place("body"), message)).ok());
    if let Some(body) = &body {
        check_names(problems, &place("body"), &body.names(), known);
    }
    let then = entry.then.as_ref().map(|then| compile_proof(&place("then"), then, known, problems));
    let operation = Operation {
        method: method(problems, &place("method"), &entry.method)?,
        path: template(problems, &place("path"), &entry.path, known)?,
        query: query
            .into_iter()
            .map(|(name, text)| QueryItem { name, value: QueryValue::Fixed(text) })
            .collect(),
        headers: headers(problems, &place("headers"), &entry.headers, known),
        body,
        encoding: Encoding::Json,
        anonymous: entry.anonymous,
    };
    Some(Validation {
        operation,
        good: entry.good.clone(),
        bad_key: entry.bad_key.clone(),
        account: entry.account.clone(),
        then: then.flatten().map(Box::new),
    })
}

/// The `[failure]` part.
pub(super) fn compile_failure(entry: &FailureEntry, problems: &mut Problems<'_>) -> Failure {
    if let Some(pointer) = &entry.pointer {
        check_pointer(problems, "/failure/pointer", pointer);
    }
    let message = entry.message.as_ref().map(|pointers| pointers.as_slice().to_vec()).unwrap_or_default();
    for pointer in &message {
        check_pointer(problems, "/failure/message", pointer);
    }
    if entry.is.is_some() && entry.pointer.is_none() {
        problems.add("/failure/is", "needs a `pointer` to what has this value");
    }
    if let Some(pointer) = &entry.retry_after {
        check_pointer(problems, "/failure/retry_after", pointer);
    }
    let kinds = [
        (Kind::Unauthorized, "unauthorized", &entry.unauthorized),
        (Kind::RateLimited, "rate_limited", &entry.rate_limited),
        (Kind::Forbidden, "forbidden", &entry.forbidden),
        (Kind::NotFound, "not_found", &entry.not_found),
        (Kind::Rejected, "rejected", &entry.rejected),
    ];
    let kinds = kinds.into_iter().filter_map(|(kind, name, entry)| {
        compile_words(kind, &format!("/failure/{name}"), entry.as_ref()?, problems)
    });
    Failure {
        pointer: entry.pointer.clone(),
        is: entry.is.clone(),
        message,
        kinds: kinds.collect(),
        retry_after: entry.retry_after.clone(),
    }
}

fn compile_words(kind: Kind, place: &str, entry: &WordsEntry, problems: &mut Problems<'_>) -> Option<Words> {
    let (source, statuses) = match entry {
        WordsEntry::Always(source) => (source, Vec::new()),
        WordsEntry::With(StatusWords { pattern, statuses }) => {
            if statuses.is_empty() || statuses.iter().any(|status| !(400..600).contains(status)) {
                problems.add(&format!("{place}/statuses"), "must be error statuses, at least one");
            }
            (pattern, statuses.clone())
        }
    };
    Some(Words { kind, pattern: pattern(problems, place, source)?, statuses })
}

/// Deadline, answer budget and rate of the `[limits]` part.
pub(super) fn compile_limits(entry: &LimitsEntry, problems: &mut Problems<'_>) -> (Duration, usize, Budget) {
    let answer_bytes = entry.answer_bytes.unwrap_or(ANSWER_BYTES);
    if !(1024..=1024 * 1024).contains(&answer_bytes) {
        problems.add("/limits/answer_bytes", "must be between 1024 and 1048576");
    }
    let deadline = entry.deadline_seconds.unwrap_or(DEADLINE_SECONDS);
    if !(1..=120).contains(&deadline) {
        problems.add("/limits/deadline_seconds", "must be between 1 and 120");
    }
    let requests = match (entry.requests, entry.per_seconds) {
        (Some(requests), Some(per_seconds)) => {
            compile_rate(RateEntry { requests, per_seconds }, "/limits", problems)
        }
        (None, None) => None,
        _ => {
            problems.add("/limits", "`requests` and `per_seconds` stand together");
            None
        }
    };
    if entry.concurrent == Some(0) {
        problems.add("/limits/concurrent", "must be at least 1");
    }
    let writes = entry.writes.and_then(|rate| compile_rate(rate, "/limits/writes", problems));
    let gateway = entry.gateway.and_then(|rate| compile_rate(rate, "/limits/gateway", problems));
    let budget = Budget { requests, writes, gateway, concurrent: entry.concurrent };
    (Duration::from_secs(deadline), answer_bytes, budget)
}

fn compile_rate(entry: RateEntry, place: &str, problems: &mut Problems<'_>) -> Option<Rate> {
    let RateEntry { requests, per_seconds } = entry;
    if requests == 0 || per_seconds == 0 {
        problems.add(place, "`requests` and `per_seconds` are at least 1");
        return None;
    }
    Some(Rate { requests, window: Duration::from_secs(per_seconds.into()) })
}

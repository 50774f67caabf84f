//! What comes of a `tools/call`: the answer for the model, and what the audit log says about it.

use std::time::Duration;

use gateway_api::{audit::Outcome, connections::Scope};
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, ErrorData};

use super::error;
use crate::{
    state::AppState,
    vault::resolve::{Reason, ResolveError},
    vendors::{Answer, CallError, Vendor, Verdict},
};

/// What came of a call: the answer, and what the audit log says about it.
pub(super) struct Finished {
    pub answer: Result<CallToolResponse, ErrorData>,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub vendor: Option<String>,
    pub credential_scope: Option<Scope>,
}

/// Where people connect vendors.
pub(super) fn settings_url(state: &AppState) -> String {
    format!("{}/settings", state.config.public_url)
}

pub(super) fn good(text: String) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(text)]).into()
}

pub(super) fn bad(text: String) -> CallToolResponse {
    CallToolResult::error(vec![ContentBlock::text(text)]).into()
}

/// Of a tool of the gateway's own.
pub(super) fn own(
    answer: Result<CallToolResponse, ErrorData>,
    outcome: Outcome,
    reason: Option<&str>,
) -> Finished {
    Finished { answer, outcome, reason: reason.map(str::to_owned), vendor: None, credential_scope: None }
}

/// The model can call one of our own tools better.
pub(super) fn own_arguments(why: String) -> Finished {
    own(Ok(bad(why)), Outcome::Error, Some("invalid_arguments"))
}

/// A `requestState` that was not made for this call: another person's, another request's, too old, or invented.
pub(super) fn bad_request_state(vendor: &Vendor) -> Finished {
    let message = "The requestState does not belong to this call, or is too old: call again without it.";
    Finished {
        answer: Err(ErrorData::invalid_params(message, None)),
        outcome: Outcome::Denied,
        reason: Some("bad_request_state".to_owned()),
        vendor: Some(vendor.slug.clone()),
        credential_scope: None,
    }
}

pub(super) fn too_fast(wait: Duration) -> Finished {
    let seconds = wait.as_secs_f32().ceil().max(1.0);
    let text = format!("Too many calls at once: nothing was sent. Wait {seconds} s, then call again.");
    Finished {
        answer: Ok(bad(text)),
        outcome: Outcome::Denied,
        reason: Some("rate_limited_by_gateway".to_owned()),
        vendor: None,
        credential_scope: None,
    }
}

/// Nobody reads the answer; the row is what matters.
pub(super) fn cancelled(vendor: &Vendor, scope: Scope) -> Finished {
    let text = format!("Cancelled. {} may have carried it out all the same.", vendor.name);
    Finished {
        answer: Ok(bad(text)),
        outcome: Outcome::Error,
        reason: Some("cancelled".to_owned()),
        vendor: Some(vendor.slug.clone()),
        credential_scope: Some(scope),
    }
}

pub(super) fn answered(
    vendor: &Vendor,
    scope: Scope,
    result: Result<Answer, CallError>,
    settings_url: &str,
) -> Finished {
    let (answer, outcome, reason) = match result {
        Ok(answer) => (good(answer.text), Outcome::Ok, None),
        Err(error) => (bad(explain(vendor, &error, settings_url)), Outcome::Error, Some(reason(&error))),
    };
    let vendor = Some(vendor.slug.clone());
    Finished { answer: Ok(answer), outcome, reason, vendor, credential_scope: Some(scope) }
}

/// What happened, and what to do about it.
fn explain(vendor: &Vendor, error: &CallError, settings_url: &str) -> String {
    let text = format!("{}: {}", vendor.name, error.explain());
    if error.verdict() == Verdict::BadCredential { format!("{text} {settings_url}") } else { text }
}

/// For the audit log: the kind and the status, nothing that a vendor or a model wrote.
fn reason(error: &CallError) -> String {
    error
        .status()
        .map_or_else(|| error.code().to_owned(), |status| format!("{} (HTTP {status})", error.code()))
}

/// There are credentials, but none that this caller's calls use: the model can tell its user what to do.
pub(super) fn refused(vendor: &Vendor, why: Reason, settings_url: &str) -> Finished {
    Finished {
        answer: Ok(bad(format!("{}: no credential is used. {why} {settings_url}", vendor.name))),
        outcome: Outcome::Denied,
        reason: Some(why.code().to_owned()),
        vendor: Some(vendor.slug.clone()),
        credential_scope: None,
    }
}

pub(super) fn unresolved(vendor: &Vendor, error: &ResolveError, settings_url: &str) -> Finished {
    tracing::error!(%error, vendor = vendor.slug, "a credential could not be resolved");
    let (answer, reason) = match error {
        ResolveError::Store(_) => (Err(error::unavailable()), "database"),
        ResolveError::Vault(_) | ResolveError::Format(_) => {
            let text = format!(
                "{}: the stored credential cannot be opened. Ask the gateway's operator, or connect it again: \
                 {settings_url}",
                vendor.name
            );
            (Ok(bad(text)), "credential_unreadable")
        }
    };
    Finished {
        answer,
        outcome: Outcome::Error,
        reason: Some(reason.to_owned()),
        vendor: Some(vendor.slug.clone()),
        credential_scope: None,
    }
}

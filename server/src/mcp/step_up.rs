//! A tool call that goes further than its token (MCP authorization 2026-07-28, "Step-Up Authorization Flow"): 403 with
//! `insufficient_scope`, so that the client asks its person for more. It must be an HTTP status, so it is said here, before
//! rmcp reads the message, in both eras.
//!
//! This looks only at messages that it understands; `call.rs` looks at the scope again, and that is what protects.

use std::{borrow::Cow, sync::Arc};

use axum::{
    http::{StatusCode, request::Parts},
    response::Response,
};
use gateway_api::audit::Outcome;
use serde::Deserialize;
use tower_http::request_id::RequestId;

use super::{call, discovered, error, names};
use crate::{
    audit::Event,
    oauth::{
        bearer::{Caller, insufficient_scope},
        resource::Address,
        scope::{Scope, Scopes, Verdict},
    },
    state::AppState,
    vendors::Catalog,
};

/// Why, in the audit log.
pub(super) const REASON: &str = "insufficient_scope";

#[derive(Deserialize)]
struct Message<'m> {
    #[serde(borrow)]
    method: Cow<'m, str>,
    #[serde(borrow)]
    params: Option<Named<'m>>,
}

#[derive(Deserialize)]
struct Named<'m> {
    #[serde(borrow)]
    name: Option<Cow<'m, str>>,
}

#[derive(Deserialize)]
struct Outer<'m> {
    #[serde(borrow)]
    params: Inner<'m>,
}

#[derive(Deserialize)]
struct Inner<'m> {
    #[serde(borrow)]
    arguments: Named<'m>,
}

/// The refusal, if this message calls a tool that its token does not cover.
pub(super) async fn refuse(state: &AppState, parts: &Parts, body: &[u8]) -> Option<Response> {
    let caller = parts.extensions.get::<Arc<Caller>>()?;
    if caller.scopes.is_everything() {
        return None;
    }
    let name = called_tool(body)?;
    let (vendor, risk) = match state.catalog.tool(&name) {
        Some((vendor, tool)) if caller.scopes.verdict(tool.risk) == Verdict::NotAsked => {
            (vendor.slug.clone(), tool.risk)
        }
        Some(_) => return None,
        None => discovered::risk_not_asked(state, caller, &name).await?,
    };
    // Who asks too often is told so by the call itself, which is written down as well.
    state.mcp.limit.check(caller.grant_id).ok()?;
    let request_id = parts.extensions.get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let event = Event {
        vendor: Some(vendor),
        tool: Some(names::printable(&name)),
        outcome: Some(Outcome::Denied),
        reason: Some(REASON.to_owned()),
        request_id: request_id.map(str::to_owned),
        ..call::event_of(caller)
    };
    if state.audit.record(event).await.is_err() {
        return Some(error::answer(StatusCode::SERVICE_UNAVAILABLE, None, error::not_recorded()));
    }
    let endpoint = parts.extensions.get::<Address>().cloned().unwrap_or_default();
    Some(insufficient_scope(&state.config, &endpoint, Scope::of(risk)))
}

/// The tool that a `tools/call` names, also inside the gateway's own.
pub(super) fn called_tool(body: &[u8]) -> Option<Cow<'_, str>> {
    let message: Message<'_> = serde_json::from_slice(body).ok()?;
    let name = message.params.filter(|_| message.method == "tools/call")?.name?;
    if name != names::CALL_TOOL {
        return Some(name);
    }
    let outer: Outer<'_> = serde_json::from_slice(body).ok()?;
    outer.params.arguments.name
}

/// Whether the person has not declined the tool. What was never asked for stays, so that it can be.
pub(super) fn is_listed(catalog: &Catalog, scopes: Scopes, tool: &str) -> bool {
    catalog.tool(tool).is_none_or(|(_, known)| scopes.lists(known.risk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_called_tool_is_found() {
        let found = |body: &str| called_tool(body.as_bytes()).map(Cow::into_owned);
        let call =
            |params: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
        let x = Some("x".to_owned());
        assert_eq!(found(&call(r#"{"name":"x","arguments":{"name":7}}"#)), x);
        assert_eq!(found(&call(r#"{"name":"\u0078"}"#)), x);
        assert_eq!(
            found(&call(r#"{"name":"gateway__call_tool","arguments":{"name":"x","arguments":{}}}"#)),
            x
        );
        for other in [
            &call(r#"{"name":"gateway__call_tool"}"#),
            &call(r#"{"name":"a","name":"x"}"#),
            &call("{}"),
            r#"{"method":"tools/list","params":{"name":"x"}}"#,
            r#"{"method":"tools/list"}"#,
            "[]",
            "",
        ] {
            assert_eq!(found(other), None, "{other}");
        }
    }
}

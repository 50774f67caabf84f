//! `GET /api/connect`: has Claude called yet? `POST /api/connect/check`: could it?

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What the Connect Claude page watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectStatus {
    /// The last call of any of this person's MCP clients in this organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_call: Option<LastCall>,
}

/// The newest tool call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastCall {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The client's name.
    pub client_name: String,
    /// The tool's full name.
    pub tool: String,
}

/// What a walk through the first steps of an MCP client found, from the first request to the list of tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionCheck {
    /// The address of the MCP endpoint that was asked.
    pub address: String,
    /// No step failed.
    pub is_good: bool,
    /// Every step, in the order in which a client takes them.
    pub steps: Vec<CheckStep>,
}

/// One step of a client on its way to the tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckStep {
    /// What the step is about, for people: `Registration`.
    pub name: String,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// What happened, as a sentence.
    pub what: String,
    /// What to do about it; absent where nothing needs doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// How a step of a [`ConnectionCheck`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// As it should be.
    Passed,
    /// Clients connect, but something about it will trouble somebody.
    Warning,
    /// Clients do not connect.
    Failed,
    /// Not tried, and why stands in the sentence.
    Skipped,
}

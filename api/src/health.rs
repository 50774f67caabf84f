//! Whether a connection works: three lights, and what happened in the last 30 days. All words are the server's.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// One light of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Light {
    /// How it shines.
    pub state: LightState,
    /// What it says: `Vendor reachable`.
    pub words: String,
    /// What is wrong, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Since when that is known.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub at: Option<OffsetDateTime>,
}

/// How a light shines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LightState {
    /// As it should be.
    Good,
    /// Something is wrong.
    Bad,
    /// Nothing is known yet.
    Unknown,
}

/// `GET /api/connections/{vendor}/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthView {
    /// The vendor, the credential, the last call: in this order.
    pub lights: Vec<Light>,
    /// The days on which the vendor was asked, the newest first; at most 30.
    pub days: Vec<DayView>,
    /// When it began to need attention and when it was good again, the newest first; at most 50 of 30 days.
    pub changes: Vec<ChangeView>,
    /// The tools of a vendor that is asked for them; absent for all others, and before it has answered or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<DiscoveredTools>,
}

/// What a vendor's MCP server offers to a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiscoveredTools {
    /// How many are passed on.
    pub count: u32,
    /// Those that are not.
    pub left_out: Vec<LeftOutTool>,
    /// Why the server did not tell its tools the last time it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A tool that is not passed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeftOutTool {
    /// Its name at the server.
    pub name: String,
    /// Why, as a part of a sentence.
    pub reason: String,
}

/// What happened on one day (of UTC), in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayView {
    /// `2026-11-23`.
    pub date: String,
    /// The same numbers in words: `12 good, 1 refused`.
    pub words: String,
    /// Good answers.
    pub good: i64,
    /// The vendor refused the credential.
    pub refused: i64,
    /// The vendor did not answer, or failed.
    pub unreachable: i64,
    /// The vendor limited the rate.
    pub limited: i64,
    /// Anything else: not found, not permitted, not understood.
    pub failed: i64,
}

/// A connection began to need attention, or was good again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeView {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Why it needs attention; none if it was good again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

//! `GET /api/connect`: has Claude called yet?

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

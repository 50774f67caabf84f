//! `GET /api/grants`, `DELETE /api/grants/{id}`: the MCP clients a person has authorized ("Authorized apps").

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::ids::{GrantId, OrganizationId};

/// An MCP client that may act for this person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrantView {
    /// Its id.
    pub id: GrantId,
    /// The name the client gave itself.
    pub client_name: String,
    /// Where the person was sent after consent, e.g. `localhost` or `claude.ai`.
    pub redirect_host: String,
    /// The organization it works in.
    pub organization_id: OrganizationId,
    /// That organization's name.
    pub organization_name: String,
    /// What it may do, e.g. `mcp:read mcp:write`.
    pub scope: String,
    /// When the person allowed it.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it last called, to the minute.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<OffsetDateTime>,
}

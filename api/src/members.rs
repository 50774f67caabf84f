//! `/api/organizations/{org}/members`: who belongs to an organization, and as what.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{ids::UserId, organizations::Role};

/// A member, as the others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberView {
    /// The person.
    pub user_id: UserId,
    /// How they are called.
    pub name: String,
    /// Their e-mail address, as they or their sign-in service wrote it.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub joined_at: OffsetDateTime,
}

/// `PATCH .../members/{user}`: promote or demote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateMember {
    /// What they may do from now on.
    pub role: Role,
}

/// `DELETE .../members/{user}`: what ended with the membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemovedMember {
    /// Who is no longer a member.
    pub name: String,
    /// The MCP clients that were cut off, by the names they gave themselves.
    pub revoked_apps: Vec<String>,
    /// The sub-teams they are no longer in, by name.
    pub left_teams: Vec<String>,
    /// How many of their browser sessions worked in this organization; those go on in another one of theirs.
    pub sessions: u32,
}

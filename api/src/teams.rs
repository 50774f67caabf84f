//! `/api/organizations/{org}/teams`: sub-teams, the named parts of an organization ("Service Desk", "NOC").

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::ids::{TeamId, UserId};

/// A sub-team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamView {
    /// Its id.
    pub id: TeamId,
    /// Its name; no two in an organization are alike, whatever their case.
    pub name: String,
    /// Who is in it, by name.
    pub members: Vec<TeamMember>,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// A member of a sub-team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamMember {
    /// The person.
    pub user_id: UserId,
    /// How they are called.
    pub name: String,
}

/// A sub-team by name, where it is mentioned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamRef {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

/// `POST .../teams` and `PATCH .../teams/{team}`: the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NameTeam {
    /// 1 to 100 characters.
    pub name: String,
}

//! `GET /api/events`: what changes while a page is open, as server-sent events (WHATWG HTML section 9.2). An event says
//! only what kind of thing changed; who hears it asks again.

use serde::{Deserialize, Serialize};

/// The kind of thing that changed; the `event` field of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Connections that this person's calls may use.
    Connections,
    /// The person: their sessions, memberships, sub-teams.
    Me,
    /// The organization they work in: its name, plan, members, sub-teams, invitations.
    Organization,
    /// The apps they authorized.
    Grants,
}

impl Change {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Connections, Self::Me, Self::Organization, Self::Grants];

    /// As sent: `connections`, `me`, `organization`, `grants`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Me => "me",
            Self::Organization => "organization",
            Self::Grants => "grants",
        }
    }
}

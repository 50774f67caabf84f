//! Whose connections a grid, a card or a dialog is about.

use gateway_api::{
    connections::{ConnectionView, Scope},
    ids::{OrganizationId, TeamId},
};

/// Who holds, or is to hold, a vendor's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The person.
    Personal,
    /// Everyone in the organization.
    Organization(OrganizationId),
    /// Everyone in one of its sub-teams.
    Team(OrganizationId, TeamId),
}

impl Target {
    /// The connection is this one's.
    pub(crate) fn holds(self, connection: &ConnectionView) -> bool {
        match self {
            Self::Personal => connection.scope == Scope::Personal,
            Self::Organization(_) => connection.scope == Scope::Organization,
            Self::Team(_, team) => connection.team.as_ref().is_some_and(|of| of.id == team),
        }
    }

    /// Others use it as well.
    pub(crate) fn is_shared(self) -> bool {
        self != Self::Personal
    }
}

//! `GET /api/me`: who is signed in, where, and what is possible.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{OrganizationId, UserId},
    organizations::OrganizationSummary,
    plans::PlanView,
};

/// The signed-in person and the organization this session works in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The person.
    pub user: UserView,
    /// The organization this session works in; one of `organizations`.
    pub organization_id: OrganizationId,
    /// Every organization of the person, by name.
    pub organizations: Vec<OrganizationSummary>,
    /// What the current organization's plan allows.
    pub plan: PlanView,
    /// The URL to give to an MCP client, e.g. `https://gateway.example/v1/mcp`.
    pub mcp_url: String,
    /// The gateway runs with `--demo`: the built-in ticket desk is there.
    pub is_demo: bool,
}

impl Me {
    /// The organization this session works in.
    pub fn organization(&self) -> Option<&OrganizationSummary> {
        self.organizations.iter().find(|organization| organization.id == self.organization_id)
    }
}

/// A person, as they see themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserView {
    /// Their id.
    pub id: UserId,
    /// How they are called.
    pub name: String,
    /// Their e-mail address, as they wrote it.
    pub email: String,
    /// They can sign in with a password (and so change it).
    pub has_password: bool,
    /// The single sign-on services they have used, by display name.
    pub sign_in_services: Vec<String>,
}

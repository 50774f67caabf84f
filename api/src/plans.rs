//! What an organization's plan includes.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The plan of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// Three personal connections, nothing shared.
    Free,
    /// Everything.
    Pro,
}

impl Plan {
    /// As stored and as sent: `free`, `pro`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Pro => "pro",
        }
    }

    /// As shown: `Free`, `Pro`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Pro => "Pro",
        }
    }
}

impl FromStr for Plan {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "free" => Ok(Self::Free),
            "pro" => Ok(Self::Pro),
            other => Err(format!("unknown plan {other:?}")),
        }
    }
}

/// What the current organization's plan allows, so that the UI can say so before a click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanView {
    /// The plan.
    pub plan: Plan,
    /// How many personal connections a person may have; absent = unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_connections_max: Option<u32>,
    /// How many this person has.
    pub personal_connections_used: u32,
    /// Shared (team) credentials, sub-teams, members and invite links.
    pub has_sharing: bool,
    /// The audit log can be read by owners.
    pub has_audit_log: bool,
    /// What is there but asleep, because the plan no longer includes it; all zero if nothing is.
    pub dormant: Dormant,
}

/// What an organization has beyond its plan. It is kept, and works again with Pro.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dormant {
    /// Shared connections that no call uses.
    pub connections: u32,
    /// Members beside the owners, who reach nothing shared.
    pub members: u32,
}

impl Dormant {
    /// Nothing sleeps.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

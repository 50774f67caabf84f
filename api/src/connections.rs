//! Connections: stored credentials, one set per vendor and owner. `/api/connections` are a person's own;
//! `/api/organizations/{org}/connections` and `.../teams/{team}/connections` are shared.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{health::Light, ids::ConnectionId, teams::TeamRef};

/// Whose credentials a connection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// One person's.
    Personal,
    /// A sub-team's.
    Team,
    /// Everyone's in the organization.
    Organization,
}

impl Scope {
    /// As stored and as sent: `personal`, `team`, `organization`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Team => "team",
            Self::Organization => "organization",
        }
    }
}

impl FromStr for Scope {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "personal" => Ok(Self::Personal),
            "team" => Ok(Self::Team),
            "organization" => Ok(Self::Organization),
            other => Err(format!("unknown scope {other:?}")),
        }
    }
}

/// A connection as shown: never with a value of its credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionView {
    /// Its id; stays the same when the credentials are replaced.
    pub id: ConnectionId,
    /// The vendor's slug.
    pub vendor: String,
    /// The vendor's name. The slug, if the vendor's manifest is no longer there.
    pub vendor_name: String,
    /// Whose it is.
    pub scope: Scope,
    /// Which sub-team's, if it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamRef>,
    /// The account's name at the vendor, where the vendor tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Whether it works, as far as is known.
    pub state: ConnectionState,
    /// Why it needs attention, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The vendor, the credential, the last call: in this order.
    #[serde(default)]
    pub lights: Vec<Light>,
    /// When it was first stored.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When its credentials were last replaced.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// When the vendor last accepted or refused it.
    #[serde(with = "time::serde::rfc3339")]
    pub checked_at: OffsetDateTime,
}

/// Whether a connection works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// The vendor accepted it the last time it was asked.
    Connected,
    /// Something must be done; the reason says what.
    NeedsAttention,
    /// Kept, but no call uses it: the organization's plan does not include shared connections.
    Dormant,
}

/// `GET /api/organizations/{org}/resolution`: which credential this person's calls to a vendor use, and why. Only
/// vendors for which there is any credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResolutionView {
    /// The vendor's slug.
    pub vendor: String,
    /// The connection that is used; none if there are some but none may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<ConnectionId>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Why this one, or why none, as a sentence.
    pub reason: String,
}

/// `PUT /api/connections/{vendor}`: the filled form. Validated with the vendor before anything is stored.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutConnection {
    /// Field name to value, as the vendor's `fields` ask for.
    pub fields: BTreeMap<String, String>,
}

/// `POST /api/connections/{vendor}/test`: what the vendor said just now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TestResult {
    /// The vendor accepted the credentials.
    pub is_ok: bool,
    /// What to show: the account's name, or what the vendor said and what to do.
    pub message: String,
    /// The connection after the test.
    pub connection: ConnectionView,
}

//! Typed identifiers. All are `UUIDv7` (RFC 9562 section 5.7), so they sort by the time they were made.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// An identifier of one kind of thing; an [`Id<User>`] is never taken for an [`Id<Organization>`].
pub struct Id<Kind>(Uuid, PhantomData<fn() -> Kind>);

/// Marks the id of a person.
pub enum User {}
/// Marks the id of an organization (the tenant; "Team" on screen).
pub enum Organization {}
/// Marks the id of a sub-team.
pub enum Team {}
/// Marks the id of an invitation.
pub enum Invitation {}
/// Marks the id of an upgrade code.
pub enum UpgradeCode {}
/// Marks the id of a connection (stored credentials).
pub enum Connection {}
/// Marks the id of a grant: one person's permission for one MCP client in one organization.
pub enum Grant {}
/// Marks the id of a service client.
pub enum ServiceClient {}
/// Marks the id of a pending authorization request (the consent page's).
pub enum AuthorizationRequest {}
/// Marks the id of an audit row.
pub enum AuditEvent {}

/// A person.
pub type UserId = Id<User>;
/// The tenant.
pub type OrganizationId = Id<Organization>;
/// A sub-team: a named part of an organization.
pub type TeamId = Id<Team>;
/// A link that lets people join.
pub type InvitationId = Id<Invitation>;
/// What unlocks Pro.
pub type UpgradeCodeId = Id<UpgradeCode>;
/// Stored credentials.
pub type ConnectionId = Id<Connection>;
/// An approved MCP client.
pub type GrantId = Id<Grant>;
/// A program that an organization lets in by a secret; its OAuth `client_id`.
pub type ServiceClientId = Id<ServiceClient>;
/// A pending authorization request.
pub type AuthorizationRequestId = Id<AuthorizationRequest>;
/// An audit row.
pub type AuditEventId = Id<AuditEvent>;

impl<K> Id<K> {
    /// Gives `uuid` its kind.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

// Written out because the derives would ask the same of `K`, which is only a mark.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::from_uuid)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from_uuid)
    }
}

#[cfg(feature = "openapi")]
impl<K> utoipa::PartialSchema for Id<K> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        String::schema()
    }
}
#[cfg(feature = "openapi")]
impl<K> utoipa::ToSchema for Id<K> {}

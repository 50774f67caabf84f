//! Service clients: `/api/organizations/{org}/service-clients`. Programs that an organization lets in by a secret, without
//! a person: `POST /token` with `grant_type=client_credentials` gives them a token for the MCP endpoint.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::ids::ServiceClientId;

/// A service client, as the owners see it. The secret itself is shown once, in [`CreatedServiceClient`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceClientView {
    /// Its OAuth `client_id`.
    pub client_id: ServiceClientId,
    /// What its calls are listed under in the audit log.
    pub name: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Until when its secret is good.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// That time is over.
    pub is_expired: bool,
    /// When it last called, to the minute.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<OffsetDateTime>,
}

/// `POST .../service-clients`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateServiceClient {
    /// What it is for: up to 100 characters.
    pub name: String,
    /// How many days its secret is good: 1 to 3650; 365 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<u32>,
}

/// The new service client, with its secret. Only the hash of the secret is kept, so it is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedServiceClient {
    /// What it proves itself by, together with its `client_id`.
    pub client_secret: String,
    /// What the list shows of it.
    #[serde(flatten)]
    pub client: ServiceClientView,
}

//! `GET|POST /api/consents/{id}`: an MCP client asks, the person decides.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    ids::{AuthorizationRequestId, OrganizationId},
    organizations::OrganizationSummary,
};

/// What the consent page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentView {
    /// The pending authorization request.
    pub id: AuthorizationRequestId,
    /// The name the client gave itself; anyone can choose any name.
    pub client_name: String,
    /// The client's id.
    pub client_id: String,
    /// The host that vouches for the client, if its id is the address of a client ID metadata document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_host: Option<String>,
    /// Where the person will be sent with the code, e.g. `localhost:33418`. What really says who is asking.
    pub redirect_host: String,
    /// The whole redirect URI.
    pub redirect_uri: String,
    /// The redirect goes to a program on the person's own computer.
    pub is_loopback: bool,
    /// What is asked for; all but what is required can be declined.
    pub permissions: Vec<Permission>,
    /// The organizations the client may be let into; the first is the suggestion.
    pub organizations: Vec<OrganizationSummary>,
    /// The request is gone after this.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// One thing that is asked for. Each includes those before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Permission {
    /// The scope, e.g. `mcp:write`.
    pub scope: String,
    /// What it means.
    pub sentence: String,
    /// It cannot be declined alone.
    pub is_required: bool,
}

/// The person's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsentDecision {
    /// Allow, or deny.
    pub is_allowed: bool,
    /// Where the client may work; one of [`ConsentView::organizations`]. Not needed to deny.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// What is allowed of what was asked for, by scope; without it everything. A scope counts only together with those
    /// before it.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
}

/// Where the browser goes next: back to the client.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentAnswer {
    /// The client's redirect URI with the answer in its query.
    pub redirect_to: String,
}

//! Invitations: links that let a colleague join. `/api/organizations/{org}/invitations` for owners,
//! `/api/invitations/{token}` for whoever holds a link.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    ids::{InvitationId, UserId},
    organizations::OrganizationSummary,
};

/// Whether a link still lets somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// It does.
    Active,
    /// Its seven days are over.
    Expired,
    /// An owner took it back.
    Revoked,
    /// Everybody it was for has joined.
    UsedUp,
}

/// An invitation, as the owners see it. The link itself is shown once, in [`CreatedInvitation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationView {
    /// Its id.
    pub id: InvitationId,
    /// Whom or what it is for, as its maker noted it; the invited person sees it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How many people it may let in.
    pub max_uses: u32,
    /// How many it has let in.
    pub used: u32,
    /// Whether it still does.
    pub state: InvitationState,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Until when it is good.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// Who joined by it, in that order.
    pub uses: Vec<InvitationUse>,
}

/// Somebody who joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationUse {
    /// The person.
    pub user_id: UserId,
    /// How they were called then.
    pub name: String,
    /// When they joined.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// `POST .../invitations`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateInvitation {
    /// How many people it may let in: 1 to 100; one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
    /// Whom or what it is for: up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The new invitation, with its link. Only the hash of the link is kept, so it is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedInvitation {
    /// The link to give to the colleague.
    pub url: String,
    /// What the list shows of it.
    #[serde(flatten)]
    pub invitation: InvitationView,
}

/// `GET /api/invitations/{token}`: what the invited person sees, signed in or not. Looking uses nothing up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenedInvitation {
    /// The organization it leads into.
    pub organization_name: String,
    /// Who invites.
    pub invited_by: String,
    /// What they noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether it still lets somebody in.
    pub state: InvitationState,
    /// Until when it is good.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// Who looks is signed in, and belongs to the organization already.
    pub is_member: bool,
}

/// `POST /api/invitations/{token}/accept`: where the person belongs now. Accepting again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedInvitation {
    /// The organization; the session works in it from now on.
    pub organization: OrganizationSummary,
    /// The person joined just now. False: they were a member already, and the invitation keeps its place.
    pub is_new: bool,
}

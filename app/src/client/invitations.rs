//! Invitations: of an organization, and as whoever holds a link sees them.

use gateway_api::{
    ids::{InvitationId, OrganizationId},
    invitations::{CreateInvitation, InvitationView, OpenedInvitation},
    paths,
    problem::Problem,
};
use gloo_net::http::Method;
use serde::Deserialize;

use super::{get, in_organization, list, post, tell};

/// The link of a new invitation: what is left of [`gateway_api::invitations::CreatedInvitation`] once the list is
/// fetched again.
#[derive(Deserialize)]
pub(crate) struct InvitationLink {
    /// To be given to the colleague.
    pub(crate) url: String,
}

/// `GET .../invitations`.
pub(crate) async fn list_invitations(organization: OrganizationId) -> Result<Vec<InvitationView>, Problem> {
    list(&in_organization(paths::INVITATIONS, organization, &[])).await
}

/// `POST .../invitations`.
pub(crate) async fn create_invitation(
    organization: OrganizationId,
    body: CreateInvitation,
) -> Result<InvitationLink, Problem> {
    post(&in_organization(paths::INVITATIONS, organization, &[]), &body).await
}

/// `DELETE .../invitations/{id}`.
pub(crate) async fn delete_invitation(organization: OrganizationId, id: InvitationId) -> Result<(), Problem> {
    tell(Method::DELETE, &in_organization(paths::INVITATION, organization, &[&id.to_string()]), None).await
}

/// `GET /api/invitations/{token}`.
pub(crate) async fn get_invitation(token: String) -> Result<OpenedInvitation, Problem> {
    get(&paths::fill(paths::OPENED_INVITATION, &[&token])).await
}

/// `POST /api/invitations/{token}/accept`: the session works in that organization from now on.
pub(crate) async fn accept_invitation(token: String) -> Result<(), Problem> {
    tell(Method::POST, &paths::fill(paths::INVITATION_ACCEPT, &[&token]), Some("{}".to_owned())).await
}

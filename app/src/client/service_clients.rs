//! Service clients of an organization.

use gateway_api::{
    ids::{OrganizationId, ServiceClientId},
    paths,
    problem::Problem,
    service_clients::{CreateServiceClient, ServiceClientView},
};
use gloo_net::http::Method;
use serde::Deserialize;

use super::{in_organization, list, post, tell};

/// What is shown once of a new service client: what is left of
/// [`gateway_api::service_clients::CreatedServiceClient`] once the list is fetched again.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct ClientSecret {
    /// Its id.
    pub(crate) client_id: ServiceClientId,
    /// Its secret.
    pub(crate) client_secret: String,
}

/// `GET .../service-clients`.
pub(crate) async fn list_service_clients(
    organization: OrganizationId,
) -> Result<Vec<ServiceClientView>, Problem> {
    list(&in_organization(paths::SERVICE_CLIENTS, organization, &[])).await
}

/// `POST .../service-clients`.
pub(crate) async fn create_service_client(
    organization: OrganizationId,
    body: CreateServiceClient,
) -> Result<ClientSecret, Problem> {
    post(&in_organization(paths::SERVICE_CLIENTS, organization, &[]), &body).await
}

/// `DELETE .../service-clients/{id}`.
pub(crate) async fn delete_service_client(
    organization: OrganizationId,
    id: ServiceClientId,
) -> Result<(), Problem> {
    let path = in_organization(paths::SERVICE_CLIENT, organization, &[&id.to_string()]);
    tell(Method::DELETE, &path, None).await
}

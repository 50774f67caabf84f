//! Organizations: the person's Team.

use gateway_api::{
    ids::OrganizationId,
    organizations::{CreateOrganization, OrganizationSummary, UpdateOrganization, UpgradeOrganization},
    paths,
    problem::Problem,
};
use gloo_net::http::Method;

use super::{in_organization, json, post, tell};

/// `POST /api/organizations`; of the answer, what is also in lists.
pub(crate) async fn create_organization(body: CreateOrganization) -> Result<OrganizationSummary, Problem> {
    post(paths::ORGANIZATIONS, &body).await
}

/// `PATCH /api/organizations/{org}`.
pub(crate) async fn update_organization(organization: OrganizationId, name: String) -> Result<(), Problem> {
    let body = json(&UpdateOrganization { name });
    tell(Method::PATCH, &in_organization(paths::ORGANIZATION, organization, &[]), Some(body)).await
}

/// `DELETE /api/organizations/{org}?name=`: the name proves that it is the one that is meant.
pub(crate) async fn delete_organization(organization: OrganizationId, name: String) -> Result<(), Problem> {
    let address =
        in_organization(paths::ORGANIZATION, organization, &[]) + &paths::fill("?name={name}", &[&name]);
    tell(Method::DELETE, &address, None).await
}

/// `POST /api/organizations/{org}/upgrade`.
pub(crate) async fn upgrade_organization(organization: OrganizationId, code: String) -> Result<(), Problem> {
    let body = json(&UpgradeOrganization { code });
    tell(Method::POST, &in_organization(paths::ORGANIZATION_UPGRADE, organization, &[]), Some(body)).await
}

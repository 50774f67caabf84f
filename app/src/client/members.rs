//! Who belongs to an organization.

use gateway_api::{
    ids::{OrganizationId, UserId},
    members::{MemberView, RemovedMember, UpdateMember},
    organizations::Role,
    paths,
    problem::Problem,
};
use gloo_net::http::Method;

use super::{ask, in_organization, json, list, tell};

/// `GET .../members`.
pub(crate) async fn list_members(organization: OrganizationId) -> Result<Vec<MemberView>, Problem> {
    list(&in_organization(paths::MEMBERS, organization, &[])).await
}

/// `PATCH .../members/{user}`.
pub(crate) async fn update_member(
    organization: OrganizationId,
    user: UserId,
    role: Role,
) -> Result<(), Problem> {
    let body = json(&UpdateMember { role });
    tell(Method::PATCH, &address(organization, user), Some(body)).await
}

/// `DELETE .../members/{user}`.
pub(crate) async fn delete_member(
    organization: OrganizationId,
    user: UserId,
) -> Result<RemovedMember, Problem> {
    ask(Method::DELETE, &address(organization, user), None).await
}

fn address(organization: OrganizationId, user: UserId) -> String {
    in_organization(paths::MEMBER, organization, &[&user.to_string()])
}

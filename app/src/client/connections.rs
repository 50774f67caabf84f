//! Vendors and the credentials for them, whoever holds those.

use gateway_api::{
    connections::{ConnectionView, PutConnection, ResolutionView, TestResult},
    health::HealthView,
    ids::OrganizationId,
    paths,
    problem::Problem,
    vendors::VendorView,
};
use gloo_net::http::Method;

use super::{ask, get, in_organization, json, list, tell};
use crate::target::Target;

/// `GET /api/vendors`.
pub(crate) async fn list_vendors() -> Result<Vec<VendorView>, Problem> {
    list(paths::VENDORS).await
}

/// `GET /api/connections`.
pub(crate) async fn list_connections() -> Result<Vec<ConnectionView>, Problem> {
    list(paths::CONNECTIONS).await
}

/// `GET .../connections`: the organization's own and its sub-teams'.
pub(crate) async fn list_shared_connections(
    organization: OrganizationId,
) -> Result<Vec<ConnectionView>, Problem> {
    list(&in_organization(paths::SHARED_CONNECTIONS, organization, &[])).await
}

/// `GET .../resolution`.
pub(crate) async fn list_resolution(organization: OrganizationId) -> Result<Vec<ResolutionView>, Problem> {
    list(&in_organization(paths::RESOLUTION, organization, &[])).await
}

/// `PUT .../connections/{vendor}`.
pub(crate) async fn put_connection(
    target: Target,
    vendor: String,
    body: PutConnection,
) -> Result<ConnectionView, Problem> {
    ask(Method::PUT, &address(target, &vendor), Some(json(&body))).await
}

/// `POST .../connections/{vendor}/test`.
pub(crate) async fn test_connection(target: Target, vendor: String) -> Result<TestResult, Problem> {
    ask(Method::POST, &(address(target, &vendor) + "/test"), Some("{}".to_owned())).await
}

/// `GET .../connections/{vendor}/health`.
pub(crate) async fn connection_health(target: Target, vendor: String) -> Result<HealthView, Problem> {
    get(&(address(target, &vendor) + "/health")).await
}

/// `DELETE .../connections/{vendor}`.
pub(crate) async fn delete_connection(target: Target, vendor: String) -> Result<(), Problem> {
    tell(Method::DELETE, &address(target, &vendor), None).await
}

fn address(target: Target, vendor: &str) -> String {
    match target {
        Target::Personal => paths::fill(paths::CONNECTION, &[vendor]),
        Target::Organization(organization) => {
            in_organization(paths::SHARED_CONNECTION, organization, &[vendor])
        }
        Target::Team(organization, team) => {
            in_organization(paths::TEAM_CONNECTION, organization, &[&team.to_string(), vendor])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_holder_has_its_own_address() {
        let id = "0199c1c4-7a5e-7000-8000-000000000001";
        let (organization, team) = (id.parse().unwrap(), id.parse().unwrap());
        let test = |target| address(target, "a/b") + "/test";
        assert_eq!(test(Target::Personal), paths::fill(paths::CONNECTION_TEST, &["a/b"]));
        assert_eq!(
            test(Target::Organization(organization)),
            paths::fill(paths::SHARED_CONNECTION_TEST, &[id, "a/b"])
        );
        assert_eq!(
            test(Target::Team(organization, team)),
            paths::fill(paths::TEAM_CONNECTION_TEST, &[id, id, "a/b"])
        );
    }
}

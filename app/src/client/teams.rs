//! Sub-teams and the places in them.

use gateway_api::{
    ids::{OrganizationId, TeamId, UserId},
    paths,
    problem::Problem,
    teams::{NameTeam, TeamView},
};
use gloo_net::http::Method;

use super::{in_organization, json, list, tell};

/// `GET .../teams`.
pub(crate) async fn list_teams(organization: OrganizationId) -> Result<Vec<TeamView>, Problem> {
    list(&in_organization(paths::TEAMS, organization, &[])).await
}

/// `POST .../teams`.
pub(crate) async fn create_team(organization: OrganizationId, name: String) -> Result<(), Problem> {
    let body = json(&NameTeam { name });
    tell(Method::POST, &in_organization(paths::TEAMS, organization, &[]), Some(body)).await
}

/// `PATCH .../teams/{team}`.
pub(crate) async fn rename_team(
    organization: OrganizationId,
    team: TeamId,
    name: String,
) -> Result<(), Problem> {
    let body = json(&NameTeam { name });
    tell(Method::PATCH, &address(paths::TEAM, organization, team, ""), Some(body)).await
}

/// `DELETE .../teams/{team}`.
pub(crate) async fn delete_team(organization: OrganizationId, team: TeamId) -> Result<(), Problem> {
    tell(Method::DELETE, &address(paths::TEAM, organization, team, ""), None).await
}

/// `PUT .../teams/{team}/members/{user}`.
pub(crate) async fn put_team_member(
    organization: OrganizationId,
    team: TeamId,
    user: UserId,
) -> Result<(), Problem> {
    let address = address(paths::TEAM_MEMBER, organization, team, &user.to_string());
    tell(Method::PUT, &address, Some("{}".to_owned())).await
}

/// `DELETE .../teams/{team}/members/{user}`.
pub(crate) async fn delete_team_member(
    organization: OrganizationId,
    team: TeamId,
    user: UserId,
) -> Result<(), Problem> {
    tell(Method::DELETE, &address(paths::TEAM_MEMBER, organization, team, &user.to_string()), None).await
}

fn address(path: &str, organization: OrganizationId, team: TeamId, user: &str) -> String {
    in_organization(path, organization, &[&team.to_string(), user])
}

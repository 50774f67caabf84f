//! `/api/organizations/{org}/connections` and `.../teams/{team}/connections`: credentials that colleagues share. Owners
//! connect and disconnect; members see that they are there and whether they work.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use gateway_api::{
    Page,
    connections::{ConnectionView, PutConnection, ResolutionView, TestResult},
    health::HealthView,
    ids::TeamId,
    problem::Problem,
    teams::TeamRef,
};
use gateway_store::{
    Connection, StoreError,
    connections::{self as rows, Owner},
    teams,
};

use super::{operations, view};
use crate::{
    auth::session::{Member, OrganizationMember, OrganizationOwner},
    error::{ApiError, Body},
    health,
    state::AppState,
    vault::resolve::{Standing, Verdict},
};

/// Everything shared in the organization, by vendor: its own connections and its sub-teams'.
#[utoipa::path(get, path = "/api/organizations/{org}/connections", tag = "shared connections",
    params(("org" = String, Path, description = "the organization's id")), responses(
    (status = 200, body = Page<ConnectionView>), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn list_shared_connections(
    State(state): State<AppState>,
    OrganizationMember(member): OrganizationMember,
) -> Result<Json<Page<ConnectionView>>, ApiError> {
    let mut connection = state.database.read().await?;
    Ok(Json(Page::whole(views(&state, &mut connection, &member).await?)))
}

/// The list, also for the pages that the server renders.
pub async fn views(
    state: &AppState,
    connection: &mut Connection,
    member: &Member,
) -> Result<Vec<ConnectionView>, StoreError> {
    let teams = teams::list(connection, member.organization.id).await?;
    let names: HashMap<_, _> =
        teams.into_iter().map(|team| (team.id.uuid(), TeamRef { id: team.id, name: team.name })).collect();
    let found = rows::list_shared(connection, member.organization.id).await?;
    let health = health::view::of_all(connection, &found).await?;
    let view = |row: rows::ConnectionRow| {
        let team = names.get(&row.owner_id).cloned();
        ConnectionView { team, ..view(state, member, &health, row) }
    };
    Ok(found.into_iter().map(view).collect())
}

/// Which credential the person's own calls use, for every vendor that there is one for, and why.
#[utoipa::path(get, path = "/api/organizations/{org}/resolution", tag = "shared connections",
    params(("org" = String, Path, description = "the organization's id")), responses(
    (status = 200, body = Page<ResolutionView>), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn list_resolution(
    State(state): State<AppState>,
    OrganizationMember(member): OrganizationMember,
) -> Result<Json<Page<ResolutionView>>, ApiError> {
    Ok(Json(Page::whole(resolution(&state, &member).await?)))
}

/// The list, also for the pages that the server renders.
pub async fn resolution(state: &AppState, member: &Member) -> Result<Vec<ResolutionView>, StoreError> {
    let standing = Standing {
        user: Some(member.user.id),
        organization: member.organization.id,
        plan: member.organization.plan,
    };
    let vendors = state.resolver.vendors_of(standing).await?;
    let view = |(vendor, verdict): &(String, Verdict)| {
        let (used, reason) = verdict.parts();
        ResolutionView {
            vendor: vendor.clone(),
            connection_id: used.map(|used| used.row.id),
            scope: used.map(|used| used.owner.scope),
            reason: reason.to_string(),
        }
    };
    Ok(vendors.iter().map(view).collect())
}

/// Connect a vendor for everyone in the organization, or replace the credentials. The vendor is asked first.
#[utoipa::path(put, path = "/api/organizations/{org}/connections/{vendor}", tag = "shared connections", params(
    ("org" = String, Path, description = "the organization's id"),
    ("vendor" = String, Path, description = "the vendor's slug")), request_body = PutConnection, responses(
    (status = 200, description = "replaced", body = ConnectionView),
    (status = 201, description = "connected", body = ConnectionView),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)))]
pub async fn put_shared_connection(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, vendor)): Path<(String, String)>,
    Body(form): Body<PutConnection>,
) -> Result<(StatusCode, Json<ConnectionView>), ApiError> {
    let owner = Owner::organization(member.organization.id);
    operations::put(&state, member, owner, &vendor, form).await
}

/// Ask the vendor whether it still accepts the organization's credentials.
#[utoipa::path(post, path = "/api/organizations/{org}/connections/{vendor}/test", tag = "shared connections", params(
    ("org" = String, Path, description = "the organization's id"),
    ("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 200, body = TestResult), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)))]
pub async fn test_shared_connection(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, vendor)): Path<(String, String)>,
) -> Result<Json<TestResult>, ApiError> {
    let owner = Owner::organization(member.organization.id);
    operations::test(&state, member, owner, vendor).await
}

/// Whether the vendor answers, the organization's credentials are accepted and the last call was good; and the last 30
/// days.
#[utoipa::path(get, path = "/api/organizations/{org}/connections/{vendor}/health", tag = "shared connections", params(
    ("org" = String, Path, description = "the organization's id"),
    ("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 200, body = HealthView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get_shared_connection_health(
    State(state): State<AppState>,
    OrganizationMember(member): OrganizationMember,
    Path((_org, vendor)): Path<(String, String)>,
) -> Result<Json<HealthView>, ApiError> {
    operations::health(&state, Owner::organization(member.organization.id), &vendor).await
}

/// Disconnect a vendor for everyone in the organization. Possible on every plan.
#[utoipa::path(delete, path = "/api/organizations/{org}/connections/{vendor}", tag = "shared connections", params(
    ("org" = String, Path, description = "the organization's id"),
    ("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete_shared_connection(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, vendor)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let owner = Owner::organization(member.organization.id);
    operations::delete(&state, member, owner, &vendor).await
}

/// Connect a vendor for a sub-team, or replace the credentials. The vendor is asked first.
#[utoipa::path(put, path = "/api/organizations/{org}/teams/{team}/connections/{vendor}", tag = "shared connections", params(
    ("org" = String, Path, description = "the organization's id"),
    ("team" = String, Path, description = "the sub-team's id"),
    ("vendor" = String, Path, description = "the vendor's slug")), request_body = PutConnection, responses(
    (status = 200, description = "replaced", body = ConnectionView),
    (status = 201, description = "connected", body = ConnectionView),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)))]
pub async fn put_team_connection(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, team, vendor)): Path<(String, String, String)>,
    Body(form): Body<PutConnection>,
) -> Result<(StatusCode, Json<ConnectionView>), ApiError> {
    let (owner, team) = team_owner(&state, &member, &team).await?;
    let (status, Json(view)) = operations::put(&state, member, owner, &vendor, form).await?;
    Ok((status, Json(ConnectionView { team: Some(team), ..view })))
}

/// Ask the vendor whether it still accepts the sub-team's credentials.
#[utoipa::path(post, path = "/api/organizations/{org}/teams/{team}/connections/{vendor}/test", tag = "shared connections",
    params(("org" = String, Path, description = "the organization's id"),
    ("team" = String, Path, description = "the sub-team's id"),
    ("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 200, body = TestResult), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)))]
pub async fn test_team_connection(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, team, vendor)): Path<(String, String, String)>,
) -> Result<Json<TestResult>, ApiError> {
    let (owner, team) = team_owner(&state, &member, &team).await?;
    let Json(mut result) = operations::test(&state, member, owner, vendor).await?;
    result.connection.team = Some(team);
    Ok(Json(result))
}

/// Whether the vendor answers, the sub-team's credentials are accepted and the last call was good; and the last 30 days.
#[utoipa::path(get, path = "/api/organizations/{org}/teams/{team}/connections/{vendor}/health", tag = "shared connections",
    params(("org" = String, Path, description = "the organization's id"),
    ("team" = String, Path, description = "the sub-team's id"),
    ("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 200, body = HealthView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get_team_connection_health(
    State(state): State<AppState>,
    OrganizationMember(member): OrganizationMember,
    Path((_org, team, vendor)): Path<(String, String, String)>,
) -> Result<Json<HealthView>, ApiError> {
    let (owner, _) = team_owner(&state, &member, &team).await?;
    operations::health(&state, owner, &vendor).await
}

/// Disconnect a vendor for a sub-team. Possible on every plan.
#[utoipa::path(delete, path = "/api/organizations/{org}/teams/{team}/connections/{vendor}", tag = "shared connections",
    params(("org" = String, Path, description = "the organization's id"),
    ("team" = String, Path, description = "the sub-team's id"),
    ("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete_team_connection(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, team, vendor)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    let (owner, _) = team_owner(&state, &member, &team).await?;
    operations::delete(&state, member, owner, &vendor).await
}

/// The sub-team must be one of the organization's.
async fn team_owner(state: &AppState, member: &Member, team: &str) -> Result<(Owner, TeamRef), ApiError> {
    let id: TeamId = team.parse().map_err(|_| ApiError::NotFound)?;
    let team = teams::find(&mut state.database.read().await?, member.organization.id, id).await?;
    let team = team.ok_or(ApiError::NotFound)?;
    Ok((Owner::team(id), TeamRef { id, name: team.name }))
}

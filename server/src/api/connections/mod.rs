//! Connections. Here: `/api/connections`, a person's own. What is shared stands in [`shared`]; what storing, testing and
//! deleting mean, whosever it is, in [`operations`].

mod operations;
pub mod shared;

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use gateway_api::{
    Page,
    connections::{ConnectionState, ConnectionView, PutConnection, Scope, TestResult},
    health::HealthView,
    ids::ConnectionId,
    problem::Problem,
};
use gateway_store::{
    Connection, StoreError,
    connections::{self as rows, ConnectionRow, Owner},
    health::HealthRow,
};

use crate::{
    auth::session::Member,
    error::{ApiError, Body},
    health,
    plans::{self, Feature},
    state::AppState,
};

/// The person's connections, by vendor.
#[utoipa::path(get, path = "/api/connections", tag = "connections", responses(
    (status = 200, body = Page<ConnectionView>), (status = 401, body = Problem)))]
pub async fn list_connections(
    State(state): State<AppState>,
    member: Member,
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
    let found = rows::list(connection, Owner::personal(member.user.id)).await?;
    let health = health::view::of_all(connection, &found).await?;
    Ok(found.into_iter().map(|row| view(state, member, &health, row)).collect())
}

/// Connect a vendor, or replace its credentials. The vendor is asked first; if it refuses, nothing is stored.
#[utoipa::path(put, path = "/api/connections/{vendor}", tag = "connections",
    params(("vendor" = String, Path, description = "the vendor's slug")), request_body = PutConnection, responses(
    (status = 200, description = "replaced", body = ConnectionView),
    (status = 201, description = "connected", body = ConnectionView),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)))]
pub async fn put_connection(
    State(state): State<AppState>,
    member: Member,
    Path(vendor): Path<String>,
    Body(form): Body<PutConnection>,
) -> Result<(StatusCode, Json<ConnectionView>), ApiError> {
    let owner = Owner::personal(member.user.id);
    operations::put(&state, member, owner, &vendor, form).await
}

/// Ask the vendor whether it still accepts the stored credentials.
#[utoipa::path(post, path = "/api/connections/{vendor}/test", tag = "connections",
    params(("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 200, body = TestResult), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn test_connection(
    State(state): State<AppState>,
    member: Member,
    Path(vendor): Path<String>,
) -> Result<Json<TestResult>, ApiError> {
    let owner = Owner::personal(member.user.id);
    operations::test(&state, member, owner, vendor).await
}

/// Whether the vendor answers, the credentials are accepted and the last call was good; and the last 30 days.
#[utoipa::path(get, path = "/api/connections/{vendor}/health", tag = "connections",
    params(("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 200, body = HealthView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get_connection_health(
    State(state): State<AppState>,
    member: Member,
    Path(vendor): Path<String>,
) -> Result<Json<HealthView>, ApiError> {
    operations::health(&state, Owner::personal(member.user.id), &vendor).await
}

/// Disconnect a vendor: the stored credentials are deleted.
#[utoipa::path(delete, path = "/api/connections/{vendor}", tag = "connections",
    params(("vendor" = String, Path, description = "the vendor's slug")), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn delete_connection(
    State(state): State<AppState>,
    member: Member,
    Path(vendor): Path<String>,
) -> Result<StatusCode, ApiError> {
    let owner = Owner::personal(member.user.id);
    operations::delete(&state, member, owner, &vendor).await
}

/// A connection that was written just now, as `member` sees it.
async fn fresh_view(
    state: &AppState,
    member: &Member,
    row: ConnectionRow,
) -> Result<ConnectionView, StoreError> {
    let mut connection = state.database.read().await?;
    let health = health::view::of_all(&mut connection, std::slice::from_ref(&row)).await?;
    Ok(view(state, member, &health, row))
}

/// A connection as `member` sees it. Of which sub-team it is, is for the caller to say.
fn view(
    state: &AppState,
    member: &Member,
    health: &HashMap<ConnectionId, HealthRow>,
    row: ConnectionRow,
) -> ConnectionView {
    let vendor_name = state.catalog.vendor(&row.vendor).map(|vendor| vendor.name.clone());
    let sleeps = row.scope != Scope::Personal
        && !plans::includes(member.organization.plan, Feature::SharedConnections);
    ConnectionView {
        lights: health::view::lights(&row, health.get(&row.id)),
        id: row.id,
        vendor_name: vendor_name.unwrap_or_else(|| row.vendor.clone()),
        vendor: row.vendor,
        scope: row.scope,
        team: None,
        account: row.account,
        state: match &row.problem {
            _ if sleeps => ConnectionState::Dormant,
            Some(_) => ConnectionState::NeedsAttention,
            None => ConnectionState::Connected,
        },
        reason: row.problem,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        checked_at: row.checked_at.into(),
    }
}

//! `GET /api/grants`, `DELETE /api/grants/{id}`: the MCP clients that act for a person ("Authorized apps").

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use gateway_api::{
    Page,
    grants::GrantView,
    ids::{GrantId, UserId},
    problem::Problem,
};
use gateway_store::{Connection, StoreError, grants as rows};

use crate::{
    audit,
    auth::session::Member,
    error::ApiError,
    oauth::{grants::record_revocation, redirect},
    state::AppState,
};

/// The person's authorized apps in all organizations, the newest first.
#[utoipa::path(get, path = "/api/grants", tag = "grants", responses(
    (status = 200, body = Page<GrantView>), (status = 401, body = Problem)))]
pub async fn list_grants(
    State(state): State<AppState>,
    member: Member,
) -> Result<Json<Page<GrantView>>, ApiError> {
    let mut connection = state.database.read().await?;
    Ok(Json(Page::whole(views(&state, &mut connection, member.user.id).await?)))
}

/// The list, also for the pages that the server renders.
pub async fn views(
    state: &AppState,
    connection: &mut Connection,
    user: UserId,
) -> Result<Vec<GrantView>, StoreError> {
    let found = rows::list_live(connection, user, state.clock.now()).await?;
    let view = |(grant, organization): (rows::Grant, gateway_store::organizations::Organization)| GrantView {
        id: grant.id,
        client_name: grant.client_name,
        redirect_host: redirect::host(&grant.redirect_uri),
        organization_id: organization.id,
        organization_name: organization.name,
        scope: grant.scope,
        created_at: grant.created_at.into(),
        last_used_at: grant.last_used_at.map(Into::into),
    };
    Ok(found.into_iter().map(view).collect())
}

/// Cut an app off: its very next call is refused.
#[utoipa::path(delete, path = "/api/grants/{id}", tag = "grants",
    params(("id" = GrantId, Path, description = "the grant")), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn delete_grant(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id: GrantId = id.parse().map_err(|_| ApiError::NotFound)?;
    let mut transaction = state.database.write().await?;
    let grant = rows::revoke_of_user(&mut transaction, member.user.id, id, state.clock.now()).await?;
    let grant = grant.ok_or(ApiError::NotFound)?;
    record_revocation(&state.clock, &mut transaction, &grant, audit::Event::by(&member)).await?;
    transaction.commit().await?;
    state.oauth.live_grants().forget(id).await;
    Ok(StatusCode::NO_CONTENT)
}

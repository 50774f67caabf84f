//! `GET /api/connect`: has Claude called yet?

use axum::{Json, extract::State};
use gateway_api::{
    connect::{ConnectStatus, LastCall},
    problem::Problem,
};
use gateway_store::audit as rows;

use crate::{auth::session::Member, error::ApiError, state::AppState};

/// The newest call of this person's MCP clients in this organization.
#[utoipa::path(get, path = "/api/connect", tag = "connect", responses(
    (status = 200, body = ConnectStatus), (status = 401, body = Problem)))]
pub async fn get_connect_status(
    State(state): State<AppState>,
    member: Member,
) -> Result<Json<ConnectStatus>, ApiError> {
    let mut connection = state.database.read().await?;
    let newest = rows::last_tool_call(&mut connection, member.organization.id, member.user.id).await?;
    let last_call = newest.map(|row| LastCall {
        at: row.at.into(),
        client_name: row.client_name.unwrap_or_default(),
        tool: row.tool.unwrap_or_default(),
    });
    Ok(Json(ConnectStatus { last_call }))
}

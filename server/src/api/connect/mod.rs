//! `GET /api/connect`: has Claude called yet? `POST /api/connect/check`: could it? How that is tried in a person's name is
//! `self_test.rs`.

mod self_test;

use axum::{Json, extract::State};
use gateway_api::{
    connect::{CheckOutcome, ConnectStatus, ConnectionCheck, LastCall},
    problem::Problem,
};
use gateway_store::audit as rows;
use tracing::Instrument as _;

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

/// Takes the steps of an MCP client towards this gateway's own public URL, in the name of who asks for it, and says what
/// happened at each. What the client is given for it is read-only, for their organization, and ends with the last step.
#[utoipa::path(post, path = "/api/connect/check", tag = "connect", responses(
    (status = 200, body = ConnectionCheck), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn check_connection(
    State(state): State<AppState>,
    member: Member,
) -> Result<Json<ConnectionCheck>, ApiError> {
    let allowed = state.connection_checks.check(member.user.id);
    allowed.map_err(|wait| ApiError::Throttled(wait.as_secs()))?;
    // Who hangs up does not keep it from clearing up.
    let testing = tokio::spawn(async move { self_test::run(&state, &member).await }.in_current_span());
    let mut check = testing.await.map_err(|error| ApiError::Internal(error.to_string()))??;
    if let Some(first) = check.steps.first_mut().filter(|step| step.outcome == CheckOutcome::Failed) {
        let advice = first.advice.get_or_insert_default();
        advice.push_str(
            " If other computers reach this address, it is only the gateway that cannot reach itself (its router does \
             not lead back in): then run `mcp-gateway doctor` on another computer instead.",
        );
    }
    Ok(Json(check))
}

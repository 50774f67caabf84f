//! temp
use crate::state::AppState;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use gateway_api::ids::*;
use std::sync::Arc;
/// c
#[derive(Debug, Clone)]
pub struct Caller {
    /// x
    pub user_id: UserId,
    /// x
    pub user_name: String,
    /// x
    pub organization_id: OrganizationId,
    /// x
    pub grant_id: GrantId,
    /// x
    pub client_id: String,
    /// x
    pub client_name: String,
    /// x
    pub scope: String,
}
/// x
pub async fn require_bearer(State(_state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(token) = request.headers().get("authorization").and_then(|v| v.to_str().ok()) else {
        return (StatusCode::UNAUTHORIZED, [("www-authenticate", "Bearer")]).into_response();
    };
    let ids: Vec<&str> = token.trim_start_matches("Bearer ").split(',').collect();
    let caller = Caller {
        user_id: ids[0].parse().unwrap(),
        user_name: "Ann".into(),
        organization_id: ids[1].parse().unwrap(),
        grant_id: ids[2].parse().unwrap(),
        client_id: "c".into(),
        client_name: "Claude".into(),
        scope: "mcp".into(),
    };
    request.extensions_mut().insert(Arc::new(caller));
    next.run(request).await
}

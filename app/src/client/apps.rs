//! MCP clients: the ones that ask, the ones that are allowed, and their calls.

use gateway_api::{
    connect::{ConnectStatus, ConnectionCheck},
    consent::{ConsentAnswer, ConsentDecision, ConsentView},
    grants::GrantView,
    ids::{AuthorizationRequestId, GrantId},
    paths,
    problem::Problem,
};
use gloo_net::http::Method;

use super::{ask, get, list, post, tell};

/// `GET /api/grants`.
pub(crate) async fn list_grants() -> Result<Vec<GrantView>, Problem> {
    list(paths::GRANTS).await
}

/// `DELETE /api/grants/{id}`.
pub(crate) async fn delete_grant(id: GrantId) -> Result<(), Problem> {
    tell(Method::DELETE, &paths::fill(paths::GRANT, &[&id.to_string()]), None).await
}

/// `GET /api/consents/{id}`.
pub(crate) async fn get_consent(id: AuthorizationRequestId) -> Result<ConsentView, Problem> {
    get(&paths::fill(paths::CONSENT, &[&id.to_string()])).await
}

/// `POST /api/consents/{id}`.
pub(crate) async fn decide_consent(
    id: AuthorizationRequestId,
    body: ConsentDecision,
) -> Result<ConsentAnswer, Problem> {
    post(&paths::fill(paths::CONSENT, &[&id.to_string()]), &body).await
}

/// `GET /api/connect`.
pub(crate) async fn get_connect_status() -> Result<ConnectStatus, Problem> {
    get(paths::CONNECT).await
}

/// `POST /api/connect/check`.
pub(crate) async fn check_connection() -> Result<ConnectionCheck, Problem> {
    ask(Method::POST, paths::CONNECT_CHECK, None).await
}

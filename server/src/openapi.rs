//! The OpenAPI document of `/api`, gathered from the handlers themselves.

use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{api, state::AppState};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "MSP MCP Gateway",
        description = "The JSON API behind the gateway's own pages. Sign in with POST /api/session; the answer sets a \
                       session cookie. Every error is application/problem+json with a stable `code`."
    ),
    tags(
        (name = "me", description = "The signed-in person"),
        (name = "session", description = "Signing in and out"),
        (name = "accounts", description = "Local accounts"),
        (name = "vendors", description = "What can be connected"),
        (name = "connections", description = "A person's own credentials"),
        (name = "grants", description = "Authorized apps: the MCP clients that act for a person"),
        (name = "consents", description = "MCP clients that ask for permission"),
        (name = "connect", description = "Connecting Claude"),
        (name = "audit", description = "Who did what in an organization")
    )
)]
struct Document;

/// Every operation of `/api`, as routes and as their description. The table of contents of the JSON API.
pub fn api_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(api::me::get_me))
        .routes(routes!(api::password::change_password))
        .routes(routes!(api::session::get_sign_in_options))
        .routes(routes!(api::session::create_session, api::session::delete_session))
        .routes(routes!(api::session::delete_sessions))
        .routes(routes!(api::accounts::create_first_account))
        .routes(routes!(api::accounts::create_account))
        .routes(routes!(api::vendors::list_vendors))
        .routes(routes!(api::connections::list_connections))
        .routes(routes!(api::connections::put_connection, api::connections::delete_connection))
        .routes(routes!(api::connections::test_connection))
        .routes(routes!(api::consent::get_consent, api::consent::answer_consent))
        .routes(routes!(api::grants::list_grants))
        .routes(routes!(api::grants::delete_grant))
        .routes(routes!(api::connect::get_connect_status))
        .routes(routes!(api::audit::list_audit))
        .routes(routes!(api::audit::export_audit))
}

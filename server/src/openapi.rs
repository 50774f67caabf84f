//! The OpenAPI document of `/api`, gathered from the handlers themselves.

mod problems;

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
        (name = "organizations", description = "Teams: plan, name, end"),
        (name = "members", description = "Who belongs to an organization"),
        (name = "invitations", description = "Links that let colleagues join"),
        (name = "service clients", description = "Programs of an organization, which work without a person"),
        (name = "teams", description = "Sub-teams"),
        (name = "shared connections", description = "Credentials that an organization or a sub-team shares"),
        (name = "events", description = "What changes, as it changes"),
        (name = "grants", description = "Authorized apps: the MCP clients that act for a person"),
        (name = "consents", description = "MCP clients that ask for permission"),
        (name = "connect", description = "Connecting Claude"),
        (name = "audit", description = "Who did what in an organization")
    )
)]
struct Document;

/// Every operation of `/api`, as routes and as their description. The table of contents of the JSON API.
pub fn api_routes() -> OpenApiRouter<AppState> {
    let mut routes = routes();
    problems::describe(routes.get_openapi_mut());
    routes
}

fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(api::me::get_me))
        .routes(routes!(api::password::change_password))
        .routes(routes!(api::session::get_sign_in_options))
        .routes(routes!(
            api::session::create_session,
            api::session::update_session,
            api::session::delete_session
        ))
        .routes(routes!(api::session::delete_sessions))
        .routes(routes!(api::accounts::create_first_account))
        .routes(routes!(api::accounts::create_account))
        .routes(routes!(api::vendors::list_vendors))
        .routes(routes!(api::vendors::get_vendor))
        .routes(routes!(api::connections::list_connections))
        .routes(routes!(api::connections::put_connection, api::connections::delete_connection))
        .routes(routes!(api::connections::test_connection))
        .routes(routes!(api::connections::get_connection_health))
        .routes(routes!(api::organizations::create_organization))
        .routes(routes!(
            api::organizations::get_organization,
            api::organizations::update_organization,
            api::organizations::delete_organization
        ))
        .routes(routes!(api::organizations::upgrade_organization))
        .routes(routes!(api::members::list_members))
        .routes(routes!(api::members::update_member, api::members::delete_member))
        .routes(routes!(api::invitations::list_invitations, api::invitations::create_invitation))
        .routes(routes!(api::invitations::delete_invitation))
        .routes(routes!(api::invitations::get_invitation))
        .routes(routes!(api::invitations::accept_invitation))
        .routes(routes!(
            api::service_clients::list_service_clients,
            api::service_clients::create_service_client
        ))
        .routes(routes!(api::service_clients::delete_service_client))
        .routes(routes!(api::teams::list_teams, api::teams::create_team))
        .routes(routes!(api::teams::update_team, api::teams::delete_team))
        .routes(routes!(api::teams::put_team_member, api::teams::delete_team_member))
        .routes(routes!(api::connections::shared::list_shared_connections))
        .routes(routes!(
            api::connections::shared::put_shared_connection,
            api::connections::shared::delete_shared_connection
        ))
        .routes(routes!(api::connections::shared::test_shared_connection))
        .routes(routes!(api::connections::shared::get_shared_connection_health))
        .routes(routes!(
            api::connections::shared::put_team_connection,
            api::connections::shared::delete_team_connection
        ))
        .routes(routes!(api::connections::shared::test_team_connection))
        .routes(routes!(api::connections::shared::get_team_connection_health))
        .routes(routes!(api::connections::shared::list_resolution))
        .routes(routes!(api::events::get_events))
        .routes(routes!(api::consent::get_consent, api::consent::answer_consent))
        .routes(routes!(api::grants::list_grants))
        .routes(routes!(api::grants::delete_grant))
        .routes(routes!(api::connect::get_connect_status))
        .routes(routes!(api::connect::check_connection))
        .routes(routes!(api::audit::list_audit))
        .routes(routes!(api::audit::export_audit))
}

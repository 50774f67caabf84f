//! `GET /api/me`.

use axum::{Json, extract::State};
use gateway_api::{
    me::{Me, UserView},
    organizations::{OrganizationSummary, Role},
    plans::Dormant,
    problem::Problem,
};
use gateway_store::{
    Connection,
    connections::{self, Owner},
    members,
    organizations::{self, Membership, Organization},
    users,
};

use crate::{
    auth::session::Member,
    error::ApiError,
    plans::{self, Feature},
    state::AppState,
};

/// Who is signed in, where they work, and what is possible there.
#[utoipa::path(get, path = "/api/me", tag = "me", responses(
    (status = 200, body = Me), (status = 401, body = Problem)))]
pub async fn get_me(State(state): State<AppState>, member: Member) -> Result<Json<Me>, ApiError> {
    let mut connection = state.database.read().await?;
    Ok(Json(me(&state, &mut connection, &member).await?))
}

/// The answer, also for the pages that the server renders.
pub async fn me(state: &AppState, connection: &mut Connection, member: &Member) -> Result<Me, ApiError> {
    let user = &member.user;
    let places = organizations::of_user(connection, user.id).await?;
    let connection_count = connections::count(connection, Owner::personal(user.id)).await?;
    let has_password = users::local_account_of(connection, user.id).await?.is_some();
    let issuers = users::issuers_of(connection, user.id).await?;
    Ok(Me {
        user: UserView {
            id: user.id,
            name: user.name.clone(),
            email: user.email.clone(),
            has_password,
            sign_in_services: issuers.into_iter().map(|issuer| service_name(state, issuer)).collect(),
        },
        organization_id: member.organization.id,
        organizations: places.into_iter().map(summary).collect(),
        plan: plans::view(member.organization.plan, connection_count, dormant(connection, member).await?),
        mcp_url: state.config.mcp_url(),
        is_demo: state.config.is_demo,
    })
}

/// What sleeps because the plan does not include it.
async fn dormant(connection: &mut Connection, member: &Member) -> Result<Dormant, ApiError> {
    let organization = &member.organization;
    if plans::includes(organization.plan, Feature::SharedConnections) {
        return Ok(Dormant::default());
    }
    Ok(Dormant {
        connections: connections::count_shared(connection, organization.id).await?,
        members: members::count(connection, organization.id, Role::Member).await?,
    })
}

/// An organization as one of its members sees it.
pub fn summary((organization, membership): (Organization, Membership)) -> OrganizationSummary {
    OrganizationSummary {
        id: organization.id,
        name: organization.name,
        plan: organization.plan,
        is_personal: organization.is_personal,
        role: membership.role,
    }
}

/// The name on its button; the issuer itself, if the service is no longer configured.
fn service_name(state: &AppState, issuer: String) -> String {
    let service = state.services.iter().find(|service| service.issuer == issuer);
    service.map_or(issuer, |service| service.name.clone())
}

//! `POST /api/organizations`, `GET|PATCH|DELETE /api/organizations/{org}`, `POST .../upgrade`.

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use gateway_api::{
    connections::Scope,
    organizations::{CreateOrganization, OrganizationView, Role, UpdateOrganization, UpgradeOrganization},
    plans::Plan,
    problem::Problem,
};
use gateway_store::{
    Connection, Event, Topic, Transaction, connections, members,
    organizations::{self as rows, Membership, Organization},
    sessions, teams,
    upgrade_codes::{self, CodeRefusal},
    vault as salts,
};
use serde::Deserialize;

use super::me::summary;
use crate::{
    audit::{self, action},
    auth::{
        people,
        session::{Member, OrganizationMember, OrganizationOwner},
        throttle,
    },
    clock::hash_token,
    error::{ApiError, Body},
    names,
    state::AppState,
};

/// Create a team, with an upgrade code at once on the plan Pro. The session works in it from now on.
#[utoipa::path(post, path = "/api/organizations", tag = "organizations", request_body = CreateOrganization, responses(
    (status = 201, body = OrganizationView), (status = 401, body = Problem), (status = 422, body = Problem),
    (status = 429, body = Problem)))]
pub async fn create_organization(
    State(state): State<AppState>,
    member: Member,
    Body(form): Body<CreateOrganization>,
) -> Result<(StatusCode, Json<OrganizationView>), ApiError> {
    let name = check_name(&form.name)?;
    let code = form.upgrade_code.as_deref().map(str::trim).filter(|code| !code.is_empty());
    if code.is_some() {
        throttle::attempt(&state, &throttle::code_bucket(member.user.id), throttle::CODES).await?;
    }
    let organization = Organization {
        id: state.clock.new_id(),
        name,
        plan: if code.is_some() { Plan::Pro } else { state.config.default_plan },
        is_personal: false,
        created_at: state.clock.now(),
    };
    let mut transaction = state.database.write().await?;
    people::found(&mut transaction, &organization, member.user.id).await?;
    // Where everything is Pro, no code is needed and none is used.
    if let Some(code) = code.filter(|_| state.config.default_plan != Plan::Pro) {
        redeem(&state, &mut transaction, &organization, code, "upgrade_code").await?;
    }
    sessions::set_organization(&mut transaction, &member.session.token_hash, organization.id).await?;
    let member = Member { organization, role: Role::Owner, ..member };
    let event = audit::Event {
        action: action::ORGANIZATION_CREATE,
        target: Some(member.organization.name.clone()),
        ..audit::Event::by(&member)
    };
    event.write(&state.clock, &mut transaction).await?;
    let view = view(&mut transaction, &member).await?;
    state.commit(transaction, &[Event::Changed(Topic::User, member.user.id.uuid())]).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// One of the person's organizations.
#[utoipa::path(get, path = "/api/organizations/{org}", tag = "organizations",
    params(("org" = String, Path, description = "the organization's id")), responses(
    (status = 200, body = OrganizationView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get_organization(
    State(state): State<AppState>,
    OrganizationMember(member): OrganizationMember,
) -> Result<Json<OrganizationView>, ApiError> {
    Ok(Json(view(&mut state.database.read().await?, &member).await?))
}

/// Rename an organization.
#[utoipa::path(patch, path = "/api/organizations/{org}", tag = "organizations",
    params(("org" = String, Path, description = "the organization's id")), request_body = UpdateOrganization, responses(
    (status = 200, body = OrganizationView), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn update_organization(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Body(form): Body<UpdateOrganization>,
) -> Result<Json<OrganizationView>, ApiError> {
    let name = check_name(&form.name)?;
    let mut transaction = state.database.write().await?;
    let mut member = member.lock_organization(&mut transaction).await?;
    rows::rename(&mut transaction, member.organization.id, &name).await?;
    let event = audit::Event {
        action: action::ORGANIZATION_UPDATE,
        target: Some(format!("{} -> {name}", member.organization.name)),
        ..audit::Event::by(&member)
    };
    event.write(&state.clock, &mut transaction).await?;
    member.organization.name = name;
    let view = view(&mut transaction, &member).await?;
    state.commit(transaction, &[Event::Changed(Topic::Organization, member.organization.id.uuid())]).await?;
    Ok(Json(view))
}

/// Upgrade an organization to the plan Pro with a code.
#[utoipa::path(post, path = "/api/organizations/{org}/upgrade", tag = "organizations",
    params(("org" = String, Path, description = "the organization's id")), request_body = UpgradeOrganization, responses(
    (status = 200, body = OrganizationView), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem),
    (status = 429, body = Problem)))]
pub async fn upgrade_organization(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Body(form): Body<UpgradeOrganization>,
) -> Result<Json<OrganizationView>, ApiError> {
    let code = form.code.trim();
    if code.is_empty() {
        return Err(ApiError::field("code", "Please enter your invite code."));
    }
    throttle::attempt(&state, &throttle::code_bucket(member.user.id), throttle::CODES).await?;
    let mut transaction = state.database.write().await?;
    let mut member = member.lock_organization(&mut transaction).await?;
    if member.organization.plan == Plan::Pro {
        return Err(ApiError::Conflict("This team is on the plan Pro already; the code was not used."));
    }
    redeem(&state, &mut transaction, &member.organization, code, "code").await?;
    rows::set_plan(&mut transaction, member.organization.id, Plan::Pro).await?;
    member.organization.plan = Plan::Pro;
    let event = audit::Event { action: action::ORGANIZATION_UPGRADE, ..audit::Event::by(&member) };
    event.write(&state.clock, &mut transaction).await?;
    let view = view(&mut transaction, &member).await?;
    state.commit(transaction, &[Event::Changed(Topic::Organization, member.organization.id.uuid())]).await?;
    Ok(Json(view))
}

/// What may be said along with a deletion.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeleteParameters {
    /// The organization's name, as a check that this one is meant.
    name: Option<String>,
}

/// Delete an organization with its shared credentials, sub-teams, invitations and tokens. Personal connections stay
/// their owners'. The audit log stays with the gateway's operator.
#[utoipa::path(delete, path = "/api/organizations/{org}", tag = "organizations", params(
    ("org" = String, Path, description = "the organization's id"),
    ("name" = Option<String>, Query, description = "its name; if given, it must be the right one")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn delete_organization(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Query(parameters): Query<DeleteParameters>,
) -> Result<StatusCode, ApiError> {
    let mut transaction = state.database.write().await?;
    let member = member.lock_organization(&mut transaction).await?;
    let organization = &member.organization;
    if organization.is_personal {
        return Err(ApiError::Conflict(
            "This is your personal team, which everybody has; only teams that were created can be deleted.",
        ));
    }
    if parameters.name.is_some_and(|name| name.trim() != organization.name) {
        return Err(ApiError::field("name", "This is not the team’s name."));
    }
    let mut changed = vec![Event::Changed(Topic::Organization, organization.id.uuid())];
    let mut people = members::list(&mut transaction, organization.id).await?;
    people.sort_by_key(|(user, _)| user.id);
    for (user, _) in people {
        people::move_on(&state, &mut transaction, &user, organization.id).await?;
        changed.push(Event::Changed(Topic::User, user.id.uuid()));
    }
    let deleted = connections::delete_shared(&mut transaction, organization.id).await?;
    changed.extend(deleted.iter().map(|row| Event::Changed(Topic::Connections, row.owner_id)));
    for team in teams::list(&mut transaction, organization.id).await? {
        salts::delete_salt(&mut transaction, Scope::Team, team.id.uuid()).await?;
    }
    salts::delete_salt(&mut transaction, Scope::Organization, organization.id.uuid()).await?;
    rows::delete(&mut transaction, organization.id).await?;
    let event = audit::Event {
        action: action::ORGANIZATION_DELETE,
        target: Some(organization.name.clone()),
        ..audit::Event::by(&member)
    };
    event.write(&state.clock, &mut transaction).await?;
    state.commit(transaction, &changed).await?;
    for row in deleted {
        state.vendors.forget(row.id.uuid());
    }
    tracing::info!(organization = %organization.id, "an organization was deleted");
    Ok(StatusCode::NO_CONTENT)
}

fn check_name(name: &str) -> Result<String, ApiError> {
    names::check(name, "Please enter a team name.").map_err(|why| ApiError::field("name", why))
}

/// Uses one use of a code up; the refusals differ, so that people know what to do.
async fn redeem(
    state: &AppState,
    transaction: &mut Transaction,
    organization: &Organization,
    code: &str,
    field: &str,
) -> Result<(), ApiError> {
    let now = state.clock.now();
    let redeemed = upgrade_codes::redeem(transaction, &hash_token(code), organization.id, now).await?;
    let Err(refusal) = redeemed else { return Ok(()) };
    Err(ApiError::field(
        field,
        match refusal {
            CodeRefusal::Unknown => "This invite code is not known. Please check it for typing errors.",
            CodeRefusal::Expired => "This invite code has expired. Please ask for a new one.",
            CodeRefusal::UsedUp => "This invite code has been used up. Please ask for a new one.",
            CodeRefusal::Revoked => "This invite code was withdrawn. Please ask for a new one.",
        },
    ))
}

async fn view(connection: &mut Connection, member: &Member) -> Result<OrganizationView, ApiError> {
    let organization = &member.organization;
    let owners = members::count(connection, organization.id, Role::Owner).await?;
    let others = members::count(connection, organization.id, Role::Member).await?;
    let membership = Membership {
        organization_id: organization.id,
        user_id: member.user.id,
        role: member.role,
        joined_at: organization.created_at,
    };
    Ok(OrganizationView {
        summary: summary((organization.clone(), membership)),
        member_count: owners + others,
        created_at: organization.created_at.into(),
    })
}

//! `/api/organizations/{org}/members`: who belongs to an organization.

use axum::{
    Json,
    extract::{Path, State},
};
use gateway_api::{
    Page,
    ids::{OrganizationId, UserId},
    members::{MemberView, RemovedMember, UpdateMember},
    problem::Problem,
};
use gateway_store::{
    Connection, Event, StoreError, Topic, Transaction, codes, grants,
    members::{self as rows, Change},
    organizations::Membership,
    teams,
    users::User,
};

use crate::{
    audit::{self, action},
    auth::{
        people,
        session::{OrganizationMember, OrganizationOwner},
    },
    error::{ApiError, Body},
    oauth::grants::record_revocation,
    state::AppState,
};

const LAST_OWNER: ApiError = ApiError::Conflict("A team needs an owner. Make somebody else an owner first.");

/// Everybody who belongs to the organization: owners first, then by name.
#[utoipa::path(get, path = "/api/organizations/{org}/members", tag = "members",
    params(("org" = String, Path, description = "the organization's id")), responses(
    (status = 200, body = Page<MemberView>), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn list_members(
    State(state): State<AppState>,
    OrganizationMember(member): OrganizationMember,
) -> Result<Json<Page<MemberView>>, ApiError> {
    let mut connection = state.database.read().await?;
    Ok(Json(Page::whole(views(&mut connection, member.organization.id).await?)))
}

/// The list, also for the pages that the server renders.
pub async fn views(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<MemberView>, StoreError> {
    Ok(rows::list(connection, organization).await?.into_iter().map(view).collect())
}

/// Make a member an owner, or an owner a member. The last owner stays one.
#[utoipa::path(patch, path = "/api/organizations/{org}/members/{user}", tag = "members", params(
    ("org" = String, Path, description = "the organization's id"),
    ("user" = String, Path, description = "the person's id")), request_body = UpdateMember, responses(
    (status = 200, body = MemberView), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn update_member(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, user)): Path<(String, String)>,
    Body(form): Body<UpdateMember>,
) -> Result<Json<MemberView>, ApiError> {
    let user: UserId = user.parse().map_err(|_| ApiError::NotFound)?;
    let mut transaction = state.database.write().await?;
    let member = member.lock_organization(&mut transaction).await?;
    let organization = member.organization.id;
    match rows::set_role(&mut transaction, organization, user, form.role).await? {
        Change::Done => {}
        Change::NotThere => return Err(ApiError::NotFound),
        Change::LastOwner => return Err(LAST_OWNER),
    }
    let changed = rows::find(&mut transaction, organization, user).await?.ok_or(ApiError::NotFound)?;
    let event = audit::Event {
        action: action::MEMBER_UPDATE,
        target: Some(format!("{}: {}", changed.0.name, form.role.as_str())),
        ..audit::Event::by(&member)
    };
    event.write(&state.clock, &mut transaction).await?;
    state.commit(transaction, &changes(organization, user)).await?;
    Ok(Json(view(changed)))
}

/// Remove a member, or leave. Their apps for this organization are cut off at once; their personal connections and their
/// other organizations stay theirs. The answer says what ended.
#[utoipa::path(delete, path = "/api/organizations/{org}/members/{user}", tag = "members", params(
    ("org" = String, Path, description = "the organization's id"),
    ("user" = String, Path, description = "the person's id")), responses(
    (status = 200, body = RemovedMember), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete_member(
    State(state): State<AppState>,
    OrganizationMember(member): OrganizationMember,
    Path((_org, user)): Path<(String, String)>,
) -> Result<Json<RemovedMember>, ApiError> {
    let user: UserId = user.parse().map_err(|_| ApiError::NotFound)?;
    if user != member.user.id {
        member.require_owner()?;
    }
    let mut transaction = state.database.write().await?;
    let member = member.lock_organization(&mut transaction).await?;
    let organization = member.organization.id;
    let (person, _) = rows::find(&mut transaction, organization, user).await?.ok_or(ApiError::NotFound)?;
    // Before the membership goes, since they go with it.
    let left_teams = team_names(&mut transaction, organization, user).await?;
    match rows::delete(&mut transaction, organization, user).await? {
        Change::Done => {}
        Change::NotThere => return Err(ApiError::NotFound),
        Change::LastOwner => return Err(LAST_OWNER),
    }
    let sessions = people::move_on(&state, &mut transaction, &person, organization).await?;
    // Codes first: what is being redeemed at this moment is a grant then.
    codes::delete_unredeemed(&mut transaction, user, Some(organization)).await?;
    let revoked =
        grants::revoke_all_of_user(&mut transaction, user, Some(organization), state.clock.now()).await?;
    for grant in &revoked {
        let by = audit::Event { reason: Some("membership ended".to_owned()), ..audit::Event::by(&member) };
        record_revocation(&state.clock, &mut transaction, grant, by).await?;
    }
    let event = audit::Event {
        action: if user == member.user.id { action::MEMBER_LEAVE } else { action::MEMBER_REMOVE },
        target: Some(person.name.clone()),
        ..audit::Event::by(&member)
    };
    event.write(&state.clock, &mut transaction).await?;
    state.commit(transaction, &changes(organization, user)).await?;
    Ok(Json(RemovedMember {
        name: person.name,
        revoked_apps: revoked.into_iter().map(|grant| grant.client_name).collect(),
        left_teams,
        sessions: u32::try_from(sessions).unwrap_or(u32::MAX),
    }))
}

async fn team_names(
    transaction: &mut Transaction,
    organization: OrganizationId,
    user: UserId,
) -> Result<Vec<String>, StoreError> {
    let places = teams::of_user(transaction, user).await?;
    let is_in = |team: &teams::Team| places.iter().any(|place| place.team_id == team.id);
    let teams = teams::list(transaction, organization).await?;
    Ok(teams.into_iter().filter(is_in).map(|team| team.name).collect())
}

fn changes(organization: OrganizationId, user: UserId) -> [Event; 2] {
    [Event::Changed(Topic::User, user.uuid()), Event::Changed(Topic::Organization, organization.uuid())]
}

fn view((user, membership): (User, Membership)) -> MemberView {
    MemberView {
        user_id: user.id,
        name: user.name,
        email: user.email,
        role: membership.role,
        joined_at: membership.joined_at.into(),
    }
}

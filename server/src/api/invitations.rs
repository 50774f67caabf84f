//! Invitations: `/api/organizations/{org}/invitations` for owners, `/api/invitations/{token}` for who holds a link.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use gateway_api::{
    Page,
    ids::{InvitationId, OrganizationId},
    invitations::{
        AcceptedInvitation, CreateInvitation, CreatedInvitation, InvitationState, InvitationUse,
        InvitationView, OpenedInvitation,
    },
    organizations::Role,
    problem::Problem,
};
use gateway_store::{
    Connection, Event, StoreError, Topic, Transaction,
    invitations::{self as rows, Invitation, Use},
    members,
    organizations::{self, Membership},
    sessions,
};

use super::me::summary;
use crate::{
    audit::{self, action},
    auth::session::{MaybeMember, Member, OrganizationOwner},
    clock::{hash_token, random_token},
    error::{ApiError, Body},
    names,
    plans::{self, Feature},
    state::AppState,
};

/// A link is good for this long.
const LIFETIME: Duration = Duration::from_hours(7 * 24);
/// How many people one link may let in.
const MAX_USES: u32 = 100;
/// The longest note, in characters.
const MAX_NOTE: usize = 200;

const WITHDRAWN: ApiError =
    ApiError::Gone("invitation_revoked", "This invitation was withdrawn. Please ask for a new one.");

/// The organization's invitations, the newest first, with who joined by them.
#[utoipa::path(get, path = "/api/organizations/{org}/invitations", tag = "invitations",
    params(("org" = String, Path, description = "the organization's id")), responses(
    (status = 200, body = Page<InvitationView>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)))]
pub async fn list_invitations(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
) -> Result<Json<Page<InvitationView>>, ApiError> {
    let mut connection = state.database.read().await?;
    Ok(Json(Page::whole(views(&state, &mut connection, member.organization.id).await?)))
}

/// The list, also for the pages that the server renders.
pub async fn views(
    state: &AppState,
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<InvitationView>, StoreError> {
    let mut uses = rows::list_uses(connection, organization).await?;
    let found = rows::list(connection, organization).await?;
    let view = |(invitation, maker): (Invitation, gateway_store::users::User)| {
        let (of_this, others) = uses.drain(..).partition(|taken| taken.invitation_id == invitation.id);
        uses = others;
        view(state, invitation, maker.name, of_this)
    };
    Ok(found.into_iter().map(view).collect())
}

/// Make an invite link. It is shown this once, and is good for seven days.
#[utoipa::path(post, path = "/api/organizations/{org}/invitations", tag = "invitations",
    params(("org" = String, Path, description = "the organization's id")), request_body = CreateInvitation, responses(
    (status = 201, body = CreatedInvitation), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create_invitation(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Body(form): Body<CreateInvitation>,
) -> Result<(StatusCode, Json<CreatedInvitation>), ApiError> {
    let max_uses = form.max_uses.unwrap_or(1);
    if !(1..=MAX_USES).contains(&max_uses) {
        return Err(ApiError::field("max_uses", "Please choose 1 to 100 people."));
    }
    let note = form.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > MAX_NOTE) {
        return Err(ApiError::field("note", "Please use at most 200 characters."));
    }
    if note.as_deref().is_some_and(names::is_misleading) {
        return Err(ApiError::field("note", "Please use letters, digits and signs only, in one line."));
    }
    let token = random_token();
    let now = state.clock.now();
    let mut transaction = state.database.write().await?;
    let member = member.lock_organization(&mut transaction).await?;
    plans::require(member.organization.plan, Feature::Members)?;
    let invitation = Invitation {
        id: state.clock.new_id(),
        organization_id: member.organization.id,
        token_hash: hash_token(&token),
        note,
        max_uses: i32::try_from(max_uses).unwrap_or(1),
        used: 0,
        created_by: member.user.id,
        created_at: now,
        expires_at: now.plus(LIFETIME),
        revoked_at: None,
    };
    rows::insert(&mut transaction, &invitation).await?;
    record(&state, &mut transaction, &member, action::INVITATION_CREATE, &invitation).await?;
    state.commit(transaction, &[Event::Changed(Topic::Organization, member.organization.id.uuid())]).await?;
    let url = format!("{}/invite/{token}", state.config.public_url);
    let invitation = view(&state, invitation, member.user.name, Vec::new());
    Ok((StatusCode::CREATED, Json(CreatedInvitation { url, invitation })))
}

/// Take an invite link back. Who joined by it stays.
#[utoipa::path(delete, path = "/api/organizations/{org}/invitations/{id}", tag = "invitations", params(
    ("org" = String, Path, description = "the organization's id"),
    ("id" = String, Path, description = "the invitation's id")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete_invitation(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let id: InvitationId = id.parse().map_err(|_| ApiError::NotFound)?;
    let organization = member.organization.id;
    let mut transaction = state.database.write().await?;
    let member = member.lock_organization(&mut transaction).await?;
    let invitation = rows::revoke(&mut transaction, organization, id, state.clock.now()).await?;
    let invitation = invitation.ok_or(ApiError::NotFound)?;
    record(&state, &mut transaction, &member, action::INVITATION_REVOKE, &invitation).await?;
    state.commit(transaction, &[Event::Changed(Topic::Organization, organization.uuid())]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What happened to which invitation, by whom.
async fn record(
    state: &AppState,
    transaction: &mut Transaction,
    member: &Member,
    action: &'static str,
    invitation: &Invitation,
) -> Result<(), StoreError> {
    let target = invitation.note.clone().unwrap_or_else(|| invitation.id.to_string());
    audit::Event::about(member, action, target).write(&state.clock, transaction).await
}

/// What an invite link leads to, for people who are signed in and who are not. Looking uses nothing up.
#[utoipa::path(get, path = "/api/invitations/{token}", tag = "invitations",
    params(("token" = String, Path, description = "from the link")), responses(
    (status = 200, body = OpenedInvitation), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn get_invitation(
    State(state): State<AppState>,
    MaybeMember(member): MaybeMember,
    Path(token): Path<String>,
) -> Result<Json<OpenedInvitation>, ApiError> {
    Ok(Json(opened(&state, &mut state.database.read().await?, member.as_ref(), &token).await?))
}

/// The answer, also for the pages that the server renders.
pub async fn opened(
    state: &AppState,
    connection: &mut Connection,
    member: Option<&Member>,
    token: &str,
) -> Result<OpenedInvitation, ApiError> {
    let found = rows::find(connection, &hash_token(token)).await?;
    let (invitation, maker, organization) = found.ok_or(ApiError::NotFound)?;
    let is_member = match member {
        Some(member) => members::find(connection, organization.id, member.user.id).await?.is_some(),
        None => false,
    };
    Ok(OpenedInvitation {
        organization_name: organization.name,
        invited_by: maker.name,
        state: invitation.state(state.clock.now()),
        note: invitation.note,
        expires_at: invitation.expires_at.into(),
        is_member,
    })
}

/// Accept & Join Team. The session works in the organization from now on. Who is a member already changes nothing.
#[utoipa::path(post, path = "/api/invitations/{token}/accept", tag = "invitations",
    params(("token" = String, Path, description = "from the link")), responses(
    (status = 200, body = AcceptedInvitation), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 410, body = Problem), (status = 429, body = Problem)))]
pub async fn accept_invitation(
    State(state): State<AppState>,
    member: Member,
    Path(token): Path<String>,
) -> Result<Json<AcceptedInvitation>, ApiError> {
    let mut transaction = state.database.write().await?;
    let found = rows::find(&mut transaction, &hash_token(&token)).await?;
    let (invitation, ..) = found.ok_or(ApiError::NotFound)?;
    // The organization first, then the invitation: in the order of everything else that changes its people.
    if !organizations::lock(&mut transaction, invitation.organization_id).await? {
        return Err(ApiError::NotFound);
    }
    let place = members::find(&mut transaction, invitation.organization_id, member.user.id).await?;
    let is_new = place.is_none();
    if is_new {
        join(&state, &mut transaction, &member, &token).await?;
    }
    let organization = invitation.organization_id;
    sessions::set_organization(&mut transaction, &member.session.token_hash, organization).await?;
    let place = organizations::find_for_member(&mut transaction, organization, member.user.id).await?;
    let (organization, membership) = place.ok_or(ApiError::NotFound)?;
    let changed = [
        Event::Changed(Topic::Organization, organization.id.uuid()),
        Event::Changed(Topic::User, member.user.id.uuid()),
    ];
    state.commit(transaction, &changed).await?;
    Ok(Json(AcceptedInvitation { organization: summary((organization, membership)), is_new }))
}

/// Takes a place of the invitation for somebody who is not in yet.
async fn join(
    state: &AppState,
    transaction: &mut Transaction,
    member: &Member,
    token: &str,
) -> Result<(), ApiError> {
    let now = state.clock.now();
    // Read again, now that nobody else changes the organization.
    let found = rows::find(transaction, &hash_token(token)).await?;
    let (invitation, maker, organization) = found.ok_or(ApiError::NotFound)?;
    check_state(invitation.state(now))?;
    plans::require(organization.plan, Feature::Members)?;
    if !rows::take_place(transaction, invitation.id, now).await? {
        return Err(WITHDRAWN);
    }
    let membership = Membership {
        organization_id: organization.id,
        user_id: member.user.id,
        role: Role::Member,
        joined_at: now,
    };
    members::insert(transaction, &membership).await?;
    let taken = Use {
        invitation_id: invitation.id,
        user_id: member.user.id,
        user_name: member.user.name.clone(),
        at: now,
    };
    if !rows::insert_use(transaction, &taken).await? {
        // Whoever was removed does not come back by the link they came with.
        return Err(ApiError::Gone(
            "invitation_used_up",
            "You have joined by this invitation before. Please ask for a new one.",
        ));
    }
    let event = audit::Event {
        organization: Some(organization.id),
        action: action::MEMBER_JOIN,
        target: Some(format!("invited by {}", maker.name)),
        ..audit::Event::by(member)
    };
    event.write(&state.clock, transaction).await?;
    Ok(())
}

fn check_state(state: InvitationState) -> Result<(), ApiError> {
    match state {
        InvitationState::Active => Ok(()),
        InvitationState::Expired => Err(ApiError::Gone(
            "invitation_expired",
            "This invitation has expired: links are good for seven days. Please ask for a new one.",
        )),
        InvitationState::Revoked => Err(WITHDRAWN),
        InvitationState::UsedUp => Err(ApiError::Gone(
            "invitation_used_up",
            "This invitation has been used already. Please ask for one of your own.",
        )),
    }
}

fn view(state: &AppState, invitation: Invitation, created_by: String, uses: Vec<Use>) -> InvitationView {
    let count = |number: i32| u32::try_from(number).unwrap_or_default();
    let taken =
        |taken: Use| InvitationUse { user_id: taken.user_id, name: taken.user_name, at: taken.at.into() };
    InvitationView {
        id: invitation.id,
        max_uses: count(invitation.max_uses),
        used: count(invitation.used),
        state: invitation.state(state.clock.now()),
        note: invitation.note,
        created_by,
        created_at: invitation.created_at.into(),
        expires_at: invitation.expires_at.into(),
        uses: uses.into_iter().map(taken).collect(),
    }
}

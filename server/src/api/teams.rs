//! `/api/organizations/{org}/teams`: sub-teams and who is in them.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use gateway_api::{
    Page,
    connections::Scope,
    ids::{OrganizationId, TeamId, UserId},
    problem::Problem,
    teams::{NameTeam, TeamMember as TeamMemberView, TeamView},
};
use gateway_store::{
    Connection, Event, StoreError, Topic, Transaction,
    connections::{self, Owner},
    members,
    teams::{self as rows, Team, TeamMember},
    vault as salts,
};

use crate::{
    audit::{self, action},
    auth::session::{Member, OrganizationMember, OrganizationOwner},
    error::{ApiError, Body},
    names,
    plans::{self, Feature},
    state::AppState,
};

/// The organization's sub-teams, by name, with who is in them.
#[utoipa::path(get, path = "/api/organizations/{org}/teams", tag = "teams",
    params(("org" = String, Path, description = "the organization's id")), responses(
    (status = 200, body = Page<TeamView>), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn list_teams(
    State(state): State<AppState>,
    OrganizationMember(member): OrganizationMember,
) -> Result<Json<Page<TeamView>>, ApiError> {
    let mut connection = state.database.read().await?;
    Ok(Json(Page::whole(views(&mut connection, member.organization.id).await?)))
}

/// The list, also for the pages that the server renders.
pub async fn views(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<TeamView>, StoreError> {
    let places = rows::list_members(connection, organization).await?;
    let teams = rows::list(connection, organization).await?;
    Ok(teams.into_iter().map(|team| view(team, &places)).collect())
}

/// Make a sub-team.
#[utoipa::path(post, path = "/api/organizations/{org}/teams", tag = "teams",
    params(("org" = String, Path, description = "the organization's id")), request_body = NameTeam, responses(
    (status = 201, body = TeamView), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create_team(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Body(form): Body<NameTeam>,
) -> Result<(StatusCode, Json<TeamView>), ApiError> {
    let name = check_name(&form.name)?;
    let mut transaction = state.database.write().await?;
    let member = member.lock_organization(&mut transaction).await?;
    plans::require(member.organization.plan, Feature::Teams)?;
    let team = Team {
        id: state.clock.new_id(),
        organization_id: member.organization.id,
        name,
        created_at: state.clock.now(),
    };
    rows::insert(&mut transaction, &team).await.map_err(name_taken)?;
    let event = audit::Event::about(&member, action::TEAM_CREATE, team.name.clone());
    event.write(&state.clock, &mut transaction).await?;
    state.commit(transaction, &[of_organization(&member)]).await?;
    Ok((StatusCode::CREATED, Json(view(team, &[]))))
}

/// Rename a sub-team.
#[utoipa::path(patch, path = "/api/organizations/{org}/teams/{team}", tag = "teams", params(
    ("org" = String, Path, description = "the organization's id"),
    ("team" = String, Path, description = "the sub-team's id")), request_body = NameTeam, responses(
    (status = 200, body = TeamView), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn update_team(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, team)): Path<(String, String)>,
    Body(form): Body<NameTeam>,
) -> Result<Json<TeamView>, ApiError> {
    let (id, name) = (parse(&team)?, check_name(&form.name)?);
    let mut transaction = state.database.write().await?;
    let member = member.lock_organization(&mut transaction).await?;
    let team = rows::rename(&mut transaction, member.organization.id, id, &name).await;
    let team = team.map_err(name_taken)?.ok_or(ApiError::NotFound)?;
    let places = rows::list_members(&mut transaction, member.organization.id).await?;
    let event = audit::Event::about(&member, action::TEAM_UPDATE, team.name.clone());
    event.write(&state.clock, &mut transaction).await?;
    state.commit(transaction, &[of_organization(&member)]).await?;
    Ok(Json(view(team, &places)))
}

/// Delete a sub-team with its connections. Its members stay in the organization.
#[utoipa::path(delete, path = "/api/organizations/{org}/teams/{team}", tag = "teams", params(
    ("org" = String, Path, description = "the organization's id"),
    ("team" = String, Path, description = "the sub-team's id")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete_team(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, team)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let id = parse(&team)?;
    let mut transaction = state.database.write().await?;
    let member = member.lock_organization(&mut transaction).await?;
    let places = rows::list_members(&mut transaction, member.organization.id).await?;
    let team = rows::delete(&mut transaction, member.organization.id, id).await?;
    let team = team.ok_or(ApiError::NotFound)?;
    let deleted = connections::delete_all(&mut transaction, Owner::team(id)).await?;
    salts::delete_salt(&mut transaction, Scope::Team, id.uuid()).await?;
    let event = audit::Event::about(&member, action::TEAM_DELETE, team.name);
    event.write(&state.clock, &mut transaction).await?;
    let of_this = places.iter().filter(|(place, _)| place.team_id == id);
    let mut changed: Vec<_> =
        of_this.map(|(place, _)| Event::Changed(Topic::User, place.user_id.uuid())).collect();
    changed.extend([Event::Changed(Topic::Connections, id.uuid()), of_organization(&member)]);
    state.commit(transaction, &changed).await?;
    for row in deleted {
        state.vendors.forget(row.id.uuid());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Put a member of the organization into a sub-team. Who is in it already stays.
#[utoipa::path(put, path = "/api/organizations/{org}/teams/{team}/members/{user}", tag = "teams", params(
    ("org" = String, Path, description = "the organization's id"),
    ("team" = String, Path, description = "the sub-team's id"),
    ("user" = String, Path, description = "the person's id")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn put_team_member(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, team, user)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    let (mut transaction, place) = Place::open(&state, member, &team, &user).await?;
    plans::require(place.owner.organization.plan, Feature::Teams)?;
    if rows::insert_member(&mut transaction, &place.row, state.clock.now()).await? {
        place.commit(&state, transaction, action::TEAM_MEMBER_ADD).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Take a member out of a sub-team. Who is not in it stays out.
#[utoipa::path(delete, path = "/api/organizations/{org}/teams/{team}/members/{user}", tag = "teams", params(
    ("org" = String, Path, description = "the organization's id"),
    ("team" = String, Path, description = "the sub-team's id"),
    ("user" = String, Path, description = "the person's id")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete_team_member(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    Path((_org, team, user)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    let (mut transaction, place) = Place::open(&state, member, &team, &user).await?;
    if rows::delete_member(&mut transaction, &place.row).await? {
        place.commit(&state, transaction, action::TEAM_MEMBER_REMOVE).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A place in a sub-team, taken or not, whom it is about, and who changes it.
struct Place {
    row: TeamMember,
    person: String,
    team: String,
    owner: Member,
}

impl Place {
    /// Begins a unit of work about it. Sub-team and person must be of the owner's organization.
    async fn open(
        state: &AppState,
        owner: Member,
        team: &str,
        user: &str,
    ) -> Result<(Transaction, Self), ApiError> {
        let mut transaction = state.database.write().await?;
        let owner = owner.lock_organization(&mut transaction).await?;
        let organization_id = owner.organization.id;
        let user_id: UserId = user.parse().map_err(|_| ApiError::NotFound)?;
        let team = rows::find(&mut transaction, organization_id, parse(team)?).await?;
        let team = team.ok_or(ApiError::NotFound)?;
        let found = members::find(&mut transaction, organization_id, user_id).await?;
        let (person, _) = found.ok_or(ApiError::NotFound)?;
        let row = TeamMember { team_id: team.id, organization_id, user_id };
        Ok((transaction, Self { row, person: person.name, team: team.name, owner }))
    }

    /// Ends it: the place was taken or given up.
    async fn commit(
        self,
        state: &AppState,
        mut transaction: Transaction,
        action: &'static str,
    ) -> Result<(), ApiError> {
        let target = format!("{}: {}", self.team, self.person);
        audit::Event::about(&self.owner, action, target).write(&state.clock, &mut transaction).await?;
        let changed = Event::Changed(Topic::User, self.row.user_id.uuid());
        state.commit(transaction, &[changed, of_organization(&self.owner)]).await?;
        Ok(())
    }
}

fn of_organization(member: &Member) -> Event {
    Event::Changed(Topic::Organization, member.organization.id.uuid())
}

fn parse(team: &str) -> Result<TeamId, ApiError> {
    team.parse().map_err(|_| ApiError::NotFound)
}

fn check_name(name: &str) -> Result<String, ApiError> {
    names::check(name, "Please enter a name.").map_err(|why| ApiError::field("name", why))
}

fn name_taken(error: StoreError) -> ApiError {
    match error {
        StoreError::Conflict => ApiError::field("name", "There is a sub-team of this name already."),
        other => other.into(),
    }
}

fn view(team: Team, places: &[(TeamMember, String)]) -> TeamView {
    let members = places
        .iter()
        .filter(|(place, _)| place.team_id == team.id)
        .map(|(place, name)| TeamMemberView { user_id: place.user_id, name: name.clone() })
        .collect();
    TeamView { id: team.id, name: team.name, members, created_at: team.created_at.into() }
}

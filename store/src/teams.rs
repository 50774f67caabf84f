//! Sub-teams: the named parts of an organization, and who is in them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::{OrganizationId, TeamId, UserId};

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    schema::{
        team_members,
        teams::{self, table},
        users,
    },
};

/// A sub-team.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = teams)]
pub struct Team {
    /// Its id.
    #[diesel(deserialize_as = Parsed<TeamId>)]
    pub id: TeamId,
    /// Whose part it is.
    #[diesel(deserialize_as = Parsed<OrganizationId>)]
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// A place in a sub-team.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = team_members)]
pub struct TeamMember {
    /// Which sub-team.
    #[diesel(deserialize_as = Parsed<TeamId>)]
    pub team_id: TeamId,
    /// In which organization.
    #[diesel(deserialize_as = Parsed<OrganizationId>)]
    pub organization_id: OrganizationId,
    /// Who.
    #[diesel(deserialize_as = Parsed<UserId>)]
    pub user_id: UserId,
}

/// The key under which a name is unique within an organization.
fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// The sub-teams of an organization, by name.
pub async fn list(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<Team>, StoreError> {
    on!(connection, |c| table
        .filter(teams::organization_id.eq(organization.to_string()))
        .order((teams::name_key, teams::id))
        .select(Team::as_select())
        .load(c)
        .await)
}

/// Everybody who is in a sub-team of an organization, by name: which one, who, and how they are called.
pub async fn list_members(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<(TeamMember, String)>, StoreError> {
    on!(connection, |c| team_members::table
        .inner_join(users::table)
        .filter(team_members::organization_id.eq(organization.to_string()))
        .order((users::name, users::id))
        .select((TeamMember::as_select(), users::name))
        .load(c)
        .await)
}

/// The sub-teams a person is in, in all organizations.
pub async fn of_user(connection: &mut Connection, user: UserId) -> Result<Vec<TeamMember>, StoreError> {
    on!(connection, |c| team_members::table
        .filter(team_members::user_id.eq(user.to_string()))
        .order(team_members::team_id)
        .select(TeamMember::as_select())
        .load(c)
        .await)
}

/// One sub-team of an organization.
pub async fn find(
    connection: &mut Connection,
    organization: OrganizationId,
    id: TeamId,
) -> Result<Option<Team>, StoreError> {
    on!(connection, |c| table
        .filter(teams::organization_id.eq(organization.to_string()))
        .filter(teams::id.eq(id.to_string()))
        .select(Team::as_select())
        .first(c)
        .await
        .optional())
}

/// Stores a sub-team. [`StoreError::Conflict`] if the organization has one of this name.
pub async fn insert(connection: &mut Connection, team: &Team) -> Result<(), StoreError> {
    let row = (
        teams::id.eq(team.id.to_string()),
        teams::organization_id.eq(team.organization_id.to_string()),
        teams::name.eq(&team.name),
        teams::name_key.eq(name_key(&team.name)),
        teams::created_at.eq(team.created_at),
    );
    on!(connection, |c| diesel::insert_into(table).values(row).execute(c).await)?;
    Ok(())
}

/// Renames a sub-team; none if it is not there. [`StoreError::Conflict`] if another one has this name.
pub async fn rename(
    connection: &mut Connection,
    organization: OrganizationId,
    id: TeamId,
    name: &str,
) -> Result<Option<Team>, StoreError> {
    let target = table
        .filter(teams::organization_id.eq(organization.to_string()))
        .filter(teams::id.eq(id.to_string()));
    let change = (teams::name.eq(name), teams::name_key.eq(name_key(name)));
    on!(connection, |c| diesel::update(target)
        .set(change)
        .returning(Team::as_returning())
        .get_result(c)
        .await
        .optional())
}

/// Deletes a sub-team with its places; what it was. Its connections are the caller's to delete.
pub async fn delete(
    connection: &mut Connection,
    organization: OrganizationId,
    id: TeamId,
) -> Result<Option<Team>, StoreError> {
    let target = table
        .filter(teams::organization_id.eq(organization.to_string()))
        .filter(teams::id.eq(id.to_string()));
    on!(connection, |c| diesel::delete(target).returning(Team::as_returning()).get_result(c).await.optional())
}

/// Puts a member of the organization into one of its sub-teams; false if they are in it already.
pub async fn insert_member(
    connection: &mut Connection,
    member: &TeamMember,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = (
        team_members::team_id.eq(member.team_id.to_string()),
        team_members::organization_id.eq(member.organization_id.to_string()),
        team_members::user_id.eq(member.user_id.to_string()),
        team_members::added_at.eq(now),
    );
    let query = diesel::insert_into(team_members::table).values(row).on_conflict_do_nothing();
    Ok(on!(connection, |c| query.execute(c).await)? == 1)
}

/// Takes a person out of a sub-team; false if they were not in it.
pub async fn delete_member(connection: &mut Connection, member: &TeamMember) -> Result<bool, StoreError> {
    let target = team_members::table
        .filter(team_members::team_id.eq(member.team_id.to_string()))
        .filter(team_members::organization_id.eq(member.organization_id.to_string()))
        .filter(team_members::user_id.eq(member.user_id.to_string()));
    Ok(on!(connection, |c| diesel::delete(target).execute(c).await)? == 1)
}

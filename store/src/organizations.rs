//! Organizations (the tenants) and who belongs to them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::{
    ids::{OrganizationId, UserId},
    organizations::Role,
    plans::Plan,
};

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    schema::{memberships, organizations},
};

/// An organization.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Organization {
    /// Its id.
    #[diesel(deserialize_as = Parsed<OrganizationId>)]
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its plan.
    #[diesel(deserialize_as = Parsed<Plan>)]
    pub plan: Plan,
    /// Made at first sign-in for one person alone.
    pub is_personal: bool,
    /// Since when.
    pub created_at: Timestamp,
}

/// A person's place in an organization.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Membership {
    /// Where.
    #[diesel(deserialize_as = Parsed<OrganizationId>)]
    pub organization_id: OrganizationId,
    /// Who.
    #[diesel(deserialize_as = Parsed<UserId>)]
    pub user_id: UserId,
    /// As what.
    #[diesel(deserialize_as = Parsed<Role>)]
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
}

/// Stores a new organization.
pub async fn insert(connection: &mut Connection, organization: &Organization) -> Result<(), StoreError> {
    let row = (
        organizations::id.eq(organization.id.to_string()),
        organizations::name.eq(&organization.name),
        organizations::plan.eq(organization.plan.as_str()),
        organizations::is_personal.eq(organization.is_personal),
        organizations::created_at.eq(organization.created_at),
    );
    on!(connection, |c| diesel::insert_into(organizations::table).values(row).execute(c).await)?;
    Ok(())
}

/// Makes other units of work about this organization wait until this one ends; false if there is none. For checks over
/// several rows, such as how many owners it has. (An update that changes nothing, as in [`crate::users::lock`].)
pub async fn lock(connection: &mut Connection, id: OrganizationId) -> Result<bool, StoreError> {
    let target = organizations::table.find(id.to_string());
    let change = organizations::name.eq(organizations::name);
    Ok(on!(connection, |c| diesel::update(target).set(change).execute(c).await)? == 1)
}

/// Renames an organization.
pub async fn rename(connection: &mut Connection, id: OrganizationId, name: &str) -> Result<(), StoreError> {
    let target = organizations::table.find(id.to_string());
    on!(connection, |c| diesel::update(target).set(organizations::name.eq(name)).execute(c).await)?;
    Ok(())
}

/// Gives an organization a plan; false if there is no such organization.
pub async fn set_plan(
    connection: &mut Connection,
    id: OrganizationId,
    plan: Plan,
) -> Result<bool, StoreError> {
    let target = organizations::table.find(id.to_string());
    let change = organizations::plan.eq(plan.as_str());
    Ok(on!(connection, |c| diesel::update(target).set(change).execute(c).await)? == 1)
}

/// Deletes an organization, and by foreign keys its memberships, sub-teams, invitations, grants and sessions. What only
/// bears its id is the caller's to delete: connections and salts.
pub async fn delete(connection: &mut Connection, id: OrganizationId) -> Result<bool, StoreError> {
    let target = organizations::table.find(id.to_string());
    Ok(on!(connection, |c| diesel::delete(target).execute(c).await)? == 1)
}

/// Every organization of a person with their place in it: the oldest first.
pub async fn of_user(
    connection: &mut Connection,
    user: UserId,
) -> Result<Vec<(Organization, Membership)>, StoreError> {
    on!(connection, |c| memberships::table
        .inner_join(organizations::table)
        .filter(memberships::user_id.eq(user.to_string()))
        .order((memberships::joined_at, memberships::organization_id))
        .select((Organization::as_select(), Membership::as_select()))
        .load(c)
        .await)
}

/// An organization and a person's place in it; none if they do not belong to it, or it does not exist.
pub async fn find_for_member(
    connection: &mut Connection,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<(Organization, Membership)>, StoreError> {
    on!(connection, |c| memberships::table
        .inner_join(organizations::table)
        .filter(memberships::organization_id.eq(organization.to_string()))
        .filter(memberships::user_id.eq(user.to_string()))
        .select((Organization::as_select(), Membership::as_select()))
        .first(c)
        .await
        .optional())
}

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

/// Lets a person in.
pub async fn insert_membership(
    connection: &mut Connection,
    membership: &Membership,
) -> Result<(), StoreError> {
    let row = (
        memberships::organization_id.eq(membership.organization_id.to_string()),
        memberships::user_id.eq(membership.user_id.to_string()),
        memberships::role.eq(membership.role.as_str()),
        memberships::joined_at.eq(membership.joined_at),
    );
    on!(connection, |c| diesel::insert_into(memberships::table).values(row).execute(c).await)?;
    Ok(())
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

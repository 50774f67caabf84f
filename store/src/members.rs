//! Members: who belongs to an organization, and as what. An organization is never left without an owner.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::{
    ids::{OrganizationId, UserId},
    organizations::Role,
};

use crate::{
    Connection, StoreError,
    engine::on,
    organizations::{Membership, lock},
    schema::{
        memberships::{self, table},
        users,
    },
    users::User,
};

/// What became of a change to a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is made.
    Done,
    /// The person does not belong to the organization.
    NotThere,
    /// It would leave the organization without an owner, so it was not made.
    LastOwner,
}

/// Lets a person in.
pub async fn insert(connection: &mut Connection, membership: &Membership) -> Result<(), StoreError> {
    let row = (
        memberships::organization_id.eq(membership.organization_id.to_string()),
        memberships::user_id.eq(membership.user_id.to_string()),
        memberships::role.eq(membership.role.as_str()),
        memberships::joined_at.eq(membership.joined_at),
    );
    on!(connection, |c| diesel::insert_into(table).values(row).execute(c).await)?;
    Ok(())
}

/// All members: owners first, then by name.
pub async fn list(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<(User, Membership)>, StoreError> {
    on!(connection, |c| table
        .inner_join(users::table)
        .filter(memberships::organization_id.eq(organization.to_string()))
        .order((memberships::role.desc(), users::name, users::id))
        .select((User::as_select(), Membership::as_select()))
        .load(c)
        .await)
}

/// One member.
pub async fn find(
    connection: &mut Connection,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<(User, Membership)>, StoreError> {
    on!(connection, |c| table
        .inner_join(users::table)
        .filter(memberships::organization_id.eq(organization.to_string()))
        .filter(memberships::user_id.eq(user.to_string()))
        .select((User::as_select(), Membership::as_select()))
        .first(c)
        .await
        .optional())
}

/// How many people of this role an organization has.
pub async fn count(
    connection: &mut Connection,
    organization: OrganizationId,
    role: Role,
) -> Result<u32, StoreError> {
    let query = table
        .filter(memberships::organization_id.eq(organization.to_string()))
        .filter(memberships::role.eq(role.as_str()))
        .count();
    let count: i64 = on!(connection, |c| query.get_result(c).await)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Promotes or demotes a member.
pub async fn set_role(
    connection: &mut Connection,
    organization: OrganizationId,
    user: UserId,
    role: Role,
) -> Result<Change, StoreError> {
    let allowed = may_lose_owner(connection, organization, user, role == Role::Owner).await?;
    if allowed != Change::Done {
        return Ok(allowed);
    }
    let target = table.find((organization.to_string(), user.to_string()));
    let change = memberships::role.eq(role.as_str());
    on!(connection, |c| diesel::update(target).set(change).execute(c).await)?;
    Ok(Change::Done)
}

/// Ends a membership; the places in sub-teams go with it.
pub async fn delete(
    connection: &mut Connection,
    organization: OrganizationId,
    user: UserId,
) -> Result<Change, StoreError> {
    let allowed = may_lose_owner(connection, organization, user, false).await?;
    if allowed != Change::Done {
        return Ok(allowed);
    }
    let target = table.find((organization.to_string(), user.to_string()));
    on!(connection, |c| diesel::delete(target).execute(c).await)?;
    Ok(Change::Done)
}

/// Whether `user` may stop being an owner, if they are one. Other units of work about the organization's members wait
/// until this one ends, so that of two last owners who go at the same time one stays.
async fn may_lose_owner(
    connection: &mut Connection,
    organization: OrganizationId,
    user: UserId,
    stays_owner: bool,
) -> Result<Change, StoreError> {
    lock(connection, organization).await?;
    let Some((_, membership)) = find(connection, organization, user).await? else {
        return Ok(Change::NotThere);
    };
    let is_last = membership.role == Role::Owner
        && !stays_owner
        && count(connection, organization, Role::Owner).await? == 1;
    Ok(if is_last { Change::LastOwner } else { Change::Done })
}

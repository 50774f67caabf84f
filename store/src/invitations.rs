//! Invitations: links that let people join an organization. Only the SHA-256 of a link's token stands here.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::{
    ids::{InvitationId, OrganizationId, UserId},
    invitations::InvitationState,
};

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    organizations::Organization,
    schema::{
        invitation_uses,
        invitations::{self, table},
        organizations, users,
    },
    users::User,
};

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    /// Its id.
    #[diesel(deserialize_as = Parsed<InvitationId>)]
    pub id: InvitationId,
    /// Where it leads.
    #[diesel(deserialize_as = Parsed<OrganizationId>)]
    pub organization_id: OrganizationId,
    /// SHA-256 of the link's token, in hex.
    pub token_hash: String,
    /// Whom or what it is for.
    pub note: Option<String>,
    /// How many people it may let in.
    pub max_uses: i32,
    /// How many it has let in.
    pub used: i32,
    /// Who made it.
    #[diesel(deserialize_as = Parsed<UserId>)]
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When an owner took it back.
    pub revoked_at: Option<Timestamp>,
}

impl Invitation {
    /// Whether it still lets somebody in.
    pub fn state(&self, now: Timestamp) -> InvitationState {
        if self.revoked_at.is_some() {
            InvitationState::Revoked
        } else if self.used >= self.max_uses {
            InvitationState::UsedUp
        } else if self.expires_at <= now {
            InvitationState::Expired
        } else {
            InvitationState::Active
        }
    }
}

/// Somebody who joined by an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = invitation_uses)]
pub struct Use {
    /// Which one.
    #[diesel(deserialize_as = Parsed<InvitationId>)]
    pub invitation_id: InvitationId,
    /// Who.
    #[diesel(deserialize_as = Parsed<UserId>)]
    pub user_id: UserId,
    /// How they were called then.
    pub user_name: String,
    /// When.
    pub at: Timestamp,
}

/// Stores an invitation.
pub async fn insert(connection: &mut Connection, invitation: &Invitation) -> Result<(), StoreError> {
    let row = (
        invitations::id.eq(invitation.id.to_string()),
        invitations::organization_id.eq(invitation.organization_id.to_string()),
        invitations::token_hash.eq(&invitation.token_hash),
        invitations::note.eq(&invitation.note),
        invitations::max_uses.eq(invitation.max_uses),
        invitations::used.eq(invitation.used),
        invitations::created_by.eq(invitation.created_by.to_string()),
        invitations::created_at.eq(invitation.created_at),
        invitations::expires_at.eq(invitation.expires_at),
        invitations::revoked_at.eq(invitation.revoked_at),
    );
    on!(connection, |c| diesel::insert_into(table).values(row).execute(c).await)?;
    Ok(())
}

/// The invitations of an organization, the newest first, each with who made it.
pub async fn list(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<(Invitation, User)>, StoreError> {
    on!(connection, |c| table
        .inner_join(users::table)
        .filter(invitations::organization_id.eq(organization.to_string()))
        .order(invitations::id.desc())
        .select((Invitation::as_select(), User::as_select()))
        .load(c)
        .await)
}

/// Who joined by the invitations of an organization, in that order.
pub async fn list_uses(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<Use>, StoreError> {
    on!(connection, |c| invitation_uses::table
        .inner_join(table)
        .filter(invitations::organization_id.eq(organization.to_string()))
        .order((invitation_uses::at, invitation_uses::user_id))
        .select(Use::as_select())
        .load(c)
        .await)
}

/// The invitation behind a link, with who made it and where it leads; in whatever state it is.
pub async fn find(
    connection: &mut Connection,
    token_hash: &str,
) -> Result<Option<(Invitation, User, Organization)>, StoreError> {
    on!(connection, |c| table
        .inner_join(users::table)
        .inner_join(organizations::table)
        .filter(invitations::token_hash.eq(token_hash))
        .select((Invitation::as_select(), User::as_select(), Organization::as_select()))
        .first(c)
        .await
        .optional())
}

/// Takes one place of an invitation; false if there is none, or it is not good any more.
pub async fn take_place(
    connection: &mut Connection,
    id: InvitationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let target = table
        .filter(invitations::id.eq(id.to_string()))
        .filter(invitations::used.lt(invitations::max_uses))
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::expires_at.gt(now));
    let change = invitations::used.eq(invitations::used + 1);
    Ok(on!(connection, |c| diesel::update(target).set(change).execute(c).await)? == 1)
}

/// Remembers who took the place; false if they took one of this invitation before.
pub async fn insert_use(connection: &mut Connection, taken: &Use) -> Result<bool, StoreError> {
    let row = (
        invitation_uses::invitation_id.eq(taken.invitation_id.to_string()),
        invitation_uses::user_id.eq(taken.user_id.to_string()),
        invitation_uses::user_name.eq(&taken.user_name),
        invitation_uses::at.eq(taken.at),
    );
    let query = diesel::insert_into(invitation_uses::table).values(row).on_conflict_do_nothing();
    Ok(on!(connection, |c| query.execute(c).await)? == 1)
}

/// Takes an invitation back; what it was, or none if it is not there or was taken back before.
pub async fn revoke(
    connection: &mut Connection,
    organization: OrganizationId,
    id: InvitationId,
    now: Timestamp,
) -> Result<Option<Invitation>, StoreError> {
    let target = table
        .filter(invitations::organization_id.eq(organization.to_string()))
        .filter(invitations::id.eq(id.to_string()))
        .filter(invitations::revoked_at.is_null());
    on!(connection, |c| diesel::update(target)
        .set(invitations::revoked_at.eq(now))
        .returning(Invitation::as_returning())
        .get_result(c)
        .await
        .optional())
}

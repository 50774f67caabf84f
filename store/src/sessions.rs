//! Browser sessions. The cookie holds a random token; only its SHA-256 stands here.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::{OrganizationId, UserId};

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    organizations::{Membership, Organization},
    schema::{memberships, organizations, sessions, users},
    users::User,
};

/// A signed-in browser.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Session {
    /// SHA-256 of the cookie's token, in hex.
    pub token_hash: String,
    /// Who.
    #[diesel(deserialize_as = Parsed<UserId>)]
    pub user_id: UserId,
    /// Where they work now.
    #[diesel(deserialize_as = Parsed<OrganizationId>)]
    pub organization_id: OrganizationId,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Stores a new session.
pub async fn insert(connection: &mut Connection, session: &Session) -> Result<(), StoreError> {
    let row = (
        sessions::token_hash.eq(&session.token_hash),
        sessions::user_id.eq(session.user_id.to_string()),
        sessions::organization_id.eq(session.organization_id.to_string()),
        sessions::created_at.eq(session.created_at),
        sessions::expires_at.eq(session.expires_at),
    );
    on!(connection, |c| diesel::insert_into(sessions::table).values(row).execute(c).await)?;
    Ok(())
}

/// A live session, whose it is, and where they work.
#[derive(Debug, Clone)]
pub struct LiveSession {
    /// The session.
    pub session: Session,
    /// The person.
    pub user: User,
    /// The organization it works in.
    pub organization: Organization,
    /// The person's place in it.
    pub membership: Membership,
}

/// The live session behind a cookie. Read at one moment, for an organization may end, and the session go on in another
/// one, between two.
pub async fn find(
    connection: &mut Connection,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<LiveSession>, StoreError> {
    type Row = (Session, User, Organization, Membership);
    let row: Option<Row> = on!(connection, |c| sessions::table
        .inner_join(users::table)
        .inner_join(organizations::table)
        .inner_join(
            memberships::table.on(memberships::user_id
                .eq(sessions::user_id)
                .and(memberships::organization_id.eq(sessions::organization_id)))
        )
        .filter(sessions::token_hash.eq(token_hash))
        .filter(sessions::expires_at.gt(now))
        .select((Session::as_select(), User::as_select(), Organization::as_select(), Membership::as_select()))
        .first(c)
        .await
        .optional())?;
    Ok(row.map(|(session, user, organization, membership)| LiveSession {
        session,
        user,
        organization,
        membership,
    }))
}

/// Ends one session; false if it was over already.
pub async fn delete(connection: &mut Connection, token_hash: &str) -> Result<bool, StoreError> {
    let target = sessions::table.find(token_hash);
    Ok(on!(connection, |c| diesel::delete(target).execute(c).await)? == 1)
}

/// Ends the sessions of a person, but for `keep`; how many ended.
pub async fn delete_of_user(
    connection: &mut Connection,
    user: UserId,
    keep: Option<&str>,
) -> Result<usize, StoreError> {
    let target = sessions::table
        .filter(sessions::user_id.eq(user.to_string()))
        .filter(sessions::token_hash.ne(keep.unwrap_or_default()));
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

/// Lets a session work in another organization.
pub async fn set_organization(
    connection: &mut Connection,
    token_hash: &str,
    organization: OrganizationId,
) -> Result<(), StoreError> {
    let target = sessions::table.find(token_hash);
    let change = sessions::organization_id.eq(organization.to_string());
    on!(connection, |c| diesel::update(target).set(change).execute(c).await)?;
    Ok(())
}

/// Lets a person's sessions that work in `from` go on in `to`; how many.
pub async fn move_of_user(
    connection: &mut Connection,
    user: UserId,
    from: OrganizationId,
    to: OrganizationId,
) -> Result<usize, StoreError> {
    let target = sessions::table
        .filter(sessions::user_id.eq(user.to_string()))
        .filter(sessions::organization_id.eq(from.to_string()));
    let change = sessions::organization_id.eq(to.to_string());
    on!(connection, |c| diesel::update(target).set(change).execute(c).await)
}

/// Clears away what has expired; how many rows.
pub async fn delete_expired(connection: &mut Connection, now: Timestamp) -> Result<usize, StoreError> {
    let target = sessions::table.filter(sessions::expires_at.le(now));
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

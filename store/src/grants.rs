//! Grants: what a person allowed an MCP client to do in one organization.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::{GrantId, OrganizationId, UserId};

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    organizations::{Membership, Organization},
    schema::{
        grants::{self, table},
        memberships, organizations, users,
    },
    users::User,
};

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = grants)]
pub struct Grant {
    /// Its id: stands in every access token.
    #[diesel(deserialize_as = Parsed<GrantId>)]
    pub id: GrantId,
    /// Who allowed it.
    #[diesel(deserialize_as = Parsed<UserId>)]
    pub user_id: UserId,
    /// Where the client may work.
    #[diesel(deserialize_as = Parsed<OrganizationId>)]
    pub organization_id: OrganizationId,
    /// The client.
    pub client_id: String,
    /// The name it gave itself when it was allowed.
    pub client_name: String,
    /// Where the person was sent after consent.
    pub redirect_uri: String,
    /// What was allowed, separated by blanks.
    pub scope: String,
    /// The protected resource (RFC 8707).
    pub resource: String,
    /// When it was allowed.
    pub created_at: Timestamp,
    /// It ends by itself then, unless the client refreshes its tokens before.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// What was asked for and not allowed, separated by blanks.
    pub declined_scope: String,
}

/// A grant that may be used now, and whom and what it stands for.
#[derive(Debug, Clone)]
pub struct LiveGrant {
    /// The grant.
    pub grant: Grant,
    /// The person.
    pub user: User,
    /// The organization.
    pub organization: Organization,
    /// The person's place in it.
    pub membership: Membership,
}

/// Stores a grant.
pub async fn insert(connection: &mut Connection, grant: &Grant) -> Result<(), StoreError> {
    let row = (
        grants::id.eq(grant.id.to_string()),
        grants::user_id.eq(grant.user_id.to_string()),
        grants::organization_id.eq(grant.organization_id.to_string()),
        grants::client_id.eq(&grant.client_id),
        grants::client_name.eq(&grant.client_name),
        grants::redirect_uri.eq(&grant.redirect_uri),
        grants::scope.eq(&grant.scope),
        grants::resource.eq(&grant.resource),
        grants::created_at.eq(grant.created_at),
        grants::expires_at.eq(grant.expires_at),
        grants::last_used_at.eq(grant.last_used_at),
        grants::revoked_at.eq(grant.revoked_at),
        grants::declined_scope.eq(&grant.declined_scope),
    );
    on!(connection, |c| diesel::insert_into(table).values(row).execute(c).await)?;
    Ok(())
}

/// A grant that is neither revoked nor expired, of a person who still belongs to its organization.
pub async fn find_live(
    connection: &mut Connection,
    id: GrantId,
    now: Timestamp,
) -> Result<Option<LiveGrant>, StoreError> {
    type Row = (Grant, User, Organization, Membership);
    let row: Option<Row> = on!(connection, |c| table
        .inner_join(users::table)
        .inner_join(organizations::table)
        .inner_join(
            memberships::table.on(memberships::user_id
                .eq(grants::user_id)
                .and(memberships::organization_id.eq(grants::organization_id)))
        )
        .filter(grants::id.eq(id.to_string()))
        .filter(grants::revoked_at.is_null())
        .filter(grants::expires_at.gt(now))
        .select((Grant::as_select(), User::as_select(), Organization::as_select(), Membership::as_select()))
        .first(c)
        .await
        .optional())?;
    Ok(row.map(|(grant, user, organization, membership)| LiveGrant { grant, user, organization, membership }))
}

/// The live grants of a person in every organization, the newest first, with the organization's name.
pub async fn list_live(
    connection: &mut Connection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<(Grant, Organization)>, StoreError> {
    on!(connection, |c| table
        .inner_join(organizations::table)
        .filter(grants::user_id.eq(user.to_string()))
        .filter(grants::revoked_at.is_null())
        .filter(grants::expires_at.gt(now))
        .order(grants::id.desc())
        .select((Grant::as_select(), Organization::as_select()))
        .load(c)
        .await)
}

/// Notes that a grant was used, unless that was noted after `noted_before`.
pub async fn touch(
    connection: &mut Connection,
    id: GrantId,
    now: Timestamp,
    noted_before: Timestamp,
) -> Result<(), StoreError> {
    let target = table
        .filter(grants::id.eq(id.to_string()))
        .filter(grants::last_used_at.is_null().or(grants::last_used_at.le(noted_before).assume_not_null()));
    let change = grants::last_used_at.eq(now);
    on!(connection, |c| diesel::update(target).set(change).execute(c).await)?;
    Ok(())
}

/// Lets a grant live on until `expires_at`: its client refreshes its tokens. False if it was revoked.
///
/// Others who refresh tokens of this grant wait until this unit of work ends.
pub async fn extend(
    connection: &mut Connection,
    id: GrantId,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let target = table.filter(grants::id.eq(id.to_string())).filter(grants::revoked_at.is_null());
    let change = grants::expires_at.eq(expires_at);
    Ok(on!(connection, |c| diesel::update(target).set(change).execute(c).await)? == 1)
}

/// Revokes a grant for good; what it was, or none if it was revoked already.
pub async fn revoke(
    connection: &mut Connection,
    id: GrantId,
    now: Timestamp,
) -> Result<Option<Grant>, StoreError> {
    let target = table.filter(grants::id.eq(id.to_string())).filter(grants::revoked_at.is_null());
    on!(connection, |c| diesel::update(target)
        .set(grants::revoked_at.eq(now))
        .returning(Grant::as_returning())
        .get_result(c)
        .await
        .optional())
}

/// [`revoke`], if the grant is this person's.
pub async fn revoke_of_user(
    connection: &mut Connection,
    user: UserId,
    id: GrantId,
    now: Timestamp,
) -> Result<Option<Grant>, StoreError> {
    let target = table
        .filter(grants::id.eq(id.to_string()))
        .filter(grants::user_id.eq(user.to_string()))
        .filter(grants::revoked_at.is_null())
        .filter(grants::expires_at.gt(now));
    on!(connection, |c| diesel::update(target)
        .set(grants::revoked_at.eq(now))
        .returning(Grant::as_returning())
        .get_result(c)
        .await
        .optional())
}

/// Revokes what a person allowed, anywhere or in one organization; what was live until now.
pub async fn revoke_all_of_user(
    connection: &mut Connection,
    user: UserId,
    organization: Option<OrganizationId>,
    now: Timestamp,
) -> Result<Vec<Grant>, StoreError> {
    let live = table
        .filter(grants::user_id.eq(user.to_string()))
        .filter(grants::revoked_at.is_null())
        .filter(grants::expires_at.gt(now));
    on!(connection, |c| {
        let mut target = diesel::update(live).into_boxed();
        if let Some(id) = organization {
            target = target.filter(grants::organization_id.eq(id.to_string()));
        }
        target.set(grants::revoked_at.eq(now)).returning(Grant::as_returning()).get_results(c).await
    })
}

/// Whether a grant, live or ended, is this person's.
pub async fn is_of_user(connection: &mut Connection, user: UserId, id: GrantId) -> Result<bool, StoreError> {
    let found = table.filter(grants::id.eq(id.to_string())).filter(grants::user_id.eq(user.to_string()));
    on!(connection, |c| diesel::select(diesel::dsl::exists(found)).get_result(c).await)
}

/// Whether a person has allowed a client, somewhere, and was sent to this redirect URI then: `(client_id, redirect_uri)`. Only
/// what is neither revoked nor expired counts.
pub async fn has_allowed(
    connection: &mut Connection,
    user: UserId,
    (client_id, redirect_uri): (&str, &str),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let found = table
        .filter(grants::user_id.eq(user.to_string()))
        .filter(grants::client_id.eq(client_id))
        .filter(grants::redirect_uri.eq(redirect_uri))
        .filter(grants::revoked_at.is_null())
        .filter(grants::expires_at.gt(now));
    on!(connection, |c| diesel::select(diesel::dsl::exists(found)).get_result(c).await)
}

/// Clears away grants that ended, by time or by revocation, before `moment`; how many rows.
pub async fn delete_ended(connection: &mut Connection, moment: Timestamp) -> Result<usize, StoreError> {
    let target =
        table.filter(grants::expires_at.lt(moment).or(grants::revoked_at.lt(moment).assume_not_null()));
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

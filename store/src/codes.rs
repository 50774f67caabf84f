//! Authorization codes: single use, short, and remembered for a while after use so that a replay is noticed.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::{GrantId, OrganizationId, UserId};

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    schema::codes::{self, table},
};

/// What a person allowed, until the client fetches its tokens.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = codes)]
pub struct Code {
    /// SHA-256 of the code, in hex.
    pub code_hash: String,
    /// The grant that redeeming it makes.
    #[diesel(deserialize_as = Parsed<GrantId>)]
    pub grant_id: GrantId,
    /// Who allowed it.
    #[diesel(deserialize_as = Parsed<UserId>)]
    pub user_id: UserId,
    /// Where the client may work.
    #[diesel(deserialize_as = Parsed<OrganizationId>)]
    pub organization_id: OrganizationId,
    /// The client it is for.
    pub client_id: String,
    /// The name the client gave itself.
    pub client_name: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What was allowed, separated by blanks.
    pub scope: String,
    /// The protected resource (RFC 8707).
    pub resource: String,
    /// RFC 7636 section 4.2, method S256.
    pub code_challenge: String,
    /// It must be redeemed before.
    pub expires_at: Timestamp,
    /// When it was redeemed.
    pub redeemed_at: Option<Timestamp>,
    /// What was asked for and not allowed, separated by blanks.
    pub declined_scope: String,
}

/// Stores a code.
pub async fn insert(connection: &mut Connection, code: &Code) -> Result<(), StoreError> {
    let row = (
        codes::code_hash.eq(&code.code_hash),
        codes::grant_id.eq(code.grant_id.to_string()),
        codes::user_id.eq(code.user_id.to_string()),
        codes::organization_id.eq(code.organization_id.to_string()),
        codes::client_id.eq(&code.client_id),
        codes::client_name.eq(&code.client_name),
        codes::redirect_uri.eq(&code.redirect_uri),
        codes::scope.eq(&code.scope),
        codes::resource.eq(&code.resource),
        codes::code_challenge.eq(&code.code_challenge),
        codes::expires_at.eq(code.expires_at),
        codes::redeemed_at.eq(code.redeemed_at),
        codes::declined_scope.eq(&code.declined_scope),
    );
    on!(connection, |c| diesel::insert_into(table).values(row).execute(c).await)?;
    Ok(())
}

/// Redeems a live code: each one once.
pub async fn redeem(
    connection: &mut Connection,
    code_hash: &str,
    now: Timestamp,
) -> Result<Option<Code>, StoreError> {
    let target = table
        .filter(codes::code_hash.eq(code_hash))
        .filter(codes::redeemed_at.is_null())
        .filter(codes::expires_at.gt(now));
    on!(connection, |c| diesel::update(target)
        .set(codes::redeemed_at.eq(now))
        .returning(Code::as_returning())
        .get_result(c)
        .await
        .optional())
}

/// A code that was redeemed already: who shows it again replays it.
pub async fn find_redeemed(connection: &mut Connection, code_hash: &str) -> Result<Option<Code>, StoreError> {
    on!(connection, |c| table
        .find(code_hash)
        .filter(codes::redeemed_at.is_not_null())
        .select(Code::as_select())
        .first(c)
        .await
        .optional())
}

/// Takes back the codes of a person that nobody has redeemed: all of them, or those for one organization.
///
/// Waits for whoever redeems one right now. So grants that are revoked after this, in the same unit of work, are all there
/// ever will be of these codes.
pub async fn delete_unredeemed(
    connection: &mut Connection,
    user: UserId,
    organization: Option<OrganizationId>,
) -> Result<usize, StoreError> {
    let of_user = table.filter(codes::user_id.eq(user.to_string())).filter(codes::redeemed_at.is_null());
    match organization {
        None => on!(connection, |c| diesel::delete(of_user).execute(c).await),
        Some(id) => {
            let target = of_user.filter(codes::organization_id.eq(id.to_string()));
            on!(connection, |c| diesel::delete(target).execute(c).await)
        }
    }
}

/// Takes back the code of a grant that has not begun. Waits for whoever redeems it right now, as [`delete_unredeemed`].
pub async fn delete_of_grant(connection: &mut Connection, id: GrantId) -> Result<usize, StoreError> {
    let target = table.filter(codes::grant_id.eq(id.to_string())).filter(codes::redeemed_at.is_null());
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

/// Clears away what expired before `moment`; how many rows.
pub async fn delete_expired(connection: &mut Connection, moment: Timestamp) -> Result<usize, StoreError> {
    let target = table.filter(codes::expires_at.lt(moment));
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

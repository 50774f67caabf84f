//! Refresh tokens: opaque, rotated at every use. The family of a token is its grant; a token whose exchange was tried again
//! has several children, of which one is used further. The others are marked as exchanged with it, and have no children.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::GrantId;

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    schema::refresh_tokens::{self, table},
};

/// A refresh token.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub struct RefreshToken {
    /// SHA-256 of the token, in hex.
    pub token_hash: String,
    /// Its family.
    #[diesel(deserialize_as = Parsed<GrantId>)]
    pub grant_id: GrantId,
    /// When it was issued.
    pub created_at: Timestamp,
    /// It must be used before.
    pub expires_at: Timestamp,
    /// When it was exchanged for the next one; whoever shows it after that reuses it.
    pub rotated_at: Option<Timestamp>,
    /// The token that was exchanged for this one; none for the first of its family.
    pub parent_hash: Option<String>,
}

/// Stores a token.
pub async fn insert(connection: &mut Connection, token: &RefreshToken) -> Result<(), StoreError> {
    let row = (
        refresh_tokens::token_hash.eq(&token.token_hash),
        refresh_tokens::grant_id.eq(token.grant_id.to_string()),
        refresh_tokens::created_at.eq(token.created_at),
        refresh_tokens::expires_at.eq(token.expires_at),
        refresh_tokens::rotated_at.eq(token.rotated_at),
        refresh_tokens::parent_hash.eq(&token.parent_hash),
    );
    on!(connection, |c| diesel::insert_into(table).values(row).execute(c).await)?;
    Ok(())
}

/// A token, whatever its state.
pub async fn find(connection: &mut Connection, token_hash: &str) -> Result<Option<RefreshToken>, StoreError> {
    on!(connection, |c| table.find(token_hash).select(RefreshToken::as_select()).first(c).await.optional())
}

/// Marks a live token as exchanged: each one once. False if somebody was faster.
pub async fn rotate(
    connection: &mut Connection,
    token_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let target = table
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .filter(refresh_tokens::rotated_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now));
    let change = refresh_tokens::rotated_at.eq(now);
    Ok(on!(connection, |c| diesel::update(target).set(change).execute(c).await)? == 1)
}

/// The tokens that a token was exchanged for. None: it is live, or was left behind by [`spend_siblings`].
pub async fn list_children(
    connection: &mut Connection,
    token: &RefreshToken,
) -> Result<Vec<RefreshToken>, StoreError> {
    on!(connection, |c| table
        .filter(refresh_tokens::grant_id.eq(token.grant_id.to_string()))
        .filter(refresh_tokens::parent_hash.eq(&token.token_hash))
        .select(RefreshToken::as_select())
        .load(c)
        .await)
}

/// Marks the other children of a token's parent as exchanged: the client has gone on with this one.
pub async fn spend_siblings(
    connection: &mut Connection,
    token: &RefreshToken,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(parent) = &token.parent_hash else { return Ok(()) };
    let target = table
        .filter(refresh_tokens::grant_id.eq(token.grant_id.to_string()))
        .filter(refresh_tokens::parent_hash.eq(parent))
        .filter(refresh_tokens::rotated_at.is_null());
    let change = refresh_tokens::rotated_at.eq(now);
    on!(connection, |c| diesel::update(target).set(change).execute(c).await)?;
    Ok(())
}

/// Clears away what has expired, and what was exchanged before `rotated_before`; how many rows.
pub async fn delete_expired(
    connection: &mut Connection,
    now: Timestamp,
    rotated_before: Timestamp,
) -> Result<usize, StoreError> {
    let target = table.filter(
        refresh_tokens::expires_at
            .le(now)
            .or(refresh_tokens::rotated_at.lt(rotated_before).assume_not_null()),
    );
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

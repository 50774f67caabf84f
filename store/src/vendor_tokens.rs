//! Access tokens that vendors gave, sealed and shared by all replicas; and who fetches the next one.
//!
//! A row belongs to one connection and goes with it. Its times are those of the gateway's clock.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::ConnectionId;

use crate::{
    Connection, StoreError, Timestamp,
    engine::on,
    schema::vendor_tokens::{self, table},
};

/// A sealed token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedToken {
    /// The master key it was sealed under.
    pub key_id: String,
    /// The ciphertext.
    pub sealed: Vec<u8>,
    /// When the next one must be fetched.
    pub renew_at: Timestamp,
}

/// The token for this version of a connection's credentials, if there is one that is good for longer than `now`.
pub async fn find(
    connection: &mut Connection,
    (id, version): (ConnectionId, i64),
    now: Timestamp,
) -> Result<Option<SealedToken>, StoreError> {
    let query = table
        .find(id.to_string())
        .filter(vendor_tokens::version.eq(version))
        .filter(vendor_tokens::renew_at.gt(now))
        .select((vendor_tokens::key_id, vendor_tokens::sealed, vendor_tokens::renew_at));
    let row: Option<(Option<String>, Option<Vec<u8>>, Timestamp)> =
        on!(connection, |c| query.first(c).await.optional())?;
    Ok(row.and_then(|(key_id, sealed, renew_at)| {
        Some(SealedToken { key_id: key_id?, sealed: sealed?, renew_at })
    }))
}

/// Takes the right to fetch the next token until `until`; false if somebody else has it.
pub async fn lease(
    connection: &mut Connection,
    id: ConnectionId,
    lease: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let empty = (
        vendor_tokens::connection_id.eq(id.to_string()),
        vendor_tokens::version.eq(0),
        vendor_tokens::renew_at.eq(0),
        vendor_tokens::leased_until.eq(0),
    );
    let insert = diesel::insert_into(table).values(empty).on_conflict_do_nothing();
    on!(connection, |c| insert.execute(c).await)?;
    let target = table.find(id.to_string()).filter(vendor_tokens::leased_until.le(now));
    let change = (vendor_tokens::lease_id.eq(lease), vendor_tokens::leased_until.eq(until));
    Ok(on!(connection, |c| diesel::update(target).set(change).execute(c).await)? == 1)
}

/// Puts a new token in place of the old one, and gives the lease back. Nothing happens if it was lost meanwhile.
pub async fn put(
    connection: &mut Connection,
    (id, version): (ConnectionId, i64),
    lease: &str,
    token: &SealedToken,
) -> Result<(), StoreError> {
    let target = table.find(id.to_string()).filter(vendor_tokens::lease_id.eq(lease));
    let change = (
        vendor_tokens::version.eq(version),
        vendor_tokens::key_id.eq(&token.key_id),
        vendor_tokens::sealed.eq(&token.sealed),
        vendor_tokens::renew_at.eq(token.renew_at),
        vendor_tokens::lease_id.eq(None::<String>),
        vendor_tokens::leased_until.eq(0),
    );
    on!(connection, |c| diesel::update(target).set(change).execute(c).await)?;
    Ok(())
}

/// Gives a lease back without a token.
pub async fn release(connection: &mut Connection, id: ConnectionId, lease: &str) -> Result<(), StoreError> {
    let target = table.find(id.to_string()).filter(vendor_tokens::lease_id.eq(lease));
    let change = (vendor_tokens::lease_id.eq(None::<String>), vendor_tokens::leased_until.eq(0));
    on!(connection, |c| diesel::update(target).set(change).execute(c).await)?;
    Ok(())
}

/// Forgets a connection's token: the next call fetches one.
pub async fn delete(connection: &mut Connection, id: ConnectionId) -> Result<(), StoreError> {
    on!(connection, |c| diesel::delete(table.find(id.to_string())).execute(c).await)?;
    Ok(())
}

//! The one-time link for the first account. Only its SHA-256 stands here.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{Connection, StoreError, Timestamp, engine::on, schema::setup_tokens};

/// Stores the token of a new link. Links of earlier starts stay good until they expire.
pub async fn insert(
    connection: &mut Connection,
    token_hash: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let row = (setup_tokens::token_hash.eq(token_hash), setup_tokens::expires_at.eq(expires_at));
    on!(connection, |c| diesel::insert_into(setup_tokens::table).values(row).execute(c).await)?;
    Ok(())
}

/// Uses a link up; false if it is unknown, expired or used.
pub async fn consume(
    connection: &mut Connection,
    token_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let target = setup_tokens::table
        .filter(setup_tokens::token_hash.eq(token_hash))
        .filter(setup_tokens::expires_at.gt(now));
    Ok(on!(connection, |c| diesel::delete(target).execute(c).await)? == 1)
}

/// Makes every link void: there is an account now.
pub async fn delete_all(connection: &mut Connection) -> Result<(), StoreError> {
    on!(connection, |c| diesel::delete(setup_tokens::table).execute(c).await)?;
    Ok(())
}

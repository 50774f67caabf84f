//! Codes that unlock the plan Pro. Operators make them on the command line.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{Connection, StoreError, Timestamp, engine::on, schema::upgrade_codes};

/// A new code.
#[derive(Debug, Clone)]
pub struct NewUpgradeCode {
    /// Its id, for lists.
    pub id: uuid::Uuid,
    /// SHA-256 of the code, in hex.
    pub code_hash: String,
    /// How many organizations it may upgrade.
    pub max_uses: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good; none = for good.
    pub expires_at: Option<Timestamp>,
}

/// Stores a new code.
pub async fn insert(connection: &mut Connection, code: &NewUpgradeCode) -> Result<(), StoreError> {
    let row = (
        upgrade_codes::id.eq(code.id.to_string()),
        upgrade_codes::code_hash.eq(&code.code_hash),
        upgrade_codes::max_uses.eq(code.max_uses),
        upgrade_codes::used.eq(0),
        upgrade_codes::created_at.eq(code.created_at),
        upgrade_codes::expires_at.eq(code.expires_at),
    );
    on!(connection, |c| diesel::insert_into(upgrade_codes::table).values(row).execute(c).await)?;
    Ok(())
}

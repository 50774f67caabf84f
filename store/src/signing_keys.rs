//! The sealed private keys that sign access tokens.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    schema::signing_keys::{self, table},
};

/// A sealed signing key.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = signing_keys)]
pub struct SigningKeyRow {
    /// Its id: the `kid` of the tokens it signs.
    #[diesel(deserialize_as = Parsed<Uuid>)]
    pub id: Uuid,
    /// 1 for the first key, one more for each that follows. The newest signs.
    pub generation: i32,
    /// The master key it was sealed under.
    pub key_id: String,
    /// The ciphertext.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// All keys, the newest first.
pub async fn list(connection: &mut Connection) -> Result<Vec<SigningKeyRow>, StoreError> {
    on!(connection, |c| table
        .order(signing_keys::generation.desc())
        .select(SigningKeyRow::as_select())
        .load(c)
        .await)
}

/// Stores a key, unless there is one of its generation: of two replicas that make one at the same time, one succeeds.
pub async fn insert_if_first(connection: &mut Connection, key: &SigningKeyRow) -> Result<bool, StoreError> {
    let row = (
        signing_keys::id.eq(key.id.to_string()),
        signing_keys::generation.eq(key.generation),
        signing_keys::key_id.eq(&key.key_id),
        signing_keys::sealed.eq(&key.sealed),
        signing_keys::created_at.eq(key.created_at),
    );
    let query = diesel::insert_into(table).values(row).on_conflict_do_nothing();
    Ok(on!(connection, |c| query.execute(c).await)? == 1)
}

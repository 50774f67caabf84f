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
    /// Since when a newer one signs.
    pub retired_at: Option<Timestamp>,
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
pub async fn insert(connection: &mut Connection, key: &SigningKeyRow) -> Result<bool, StoreError> {
    let row = (
        signing_keys::id.eq(key.id.to_string()),
        signing_keys::generation.eq(key.generation),
        signing_keys::key_id.eq(&key.key_id),
        signing_keys::sealed.eq(&key.sealed),
        signing_keys::created_at.eq(key.created_at),
        signing_keys::retired_at.eq(key.retired_at),
    );
    let query = diesel::insert_into(table).values(row).on_conflict_do_nothing();
    Ok(on!(connection, |c| query.execute(c).await)? == 1)
}

/// Retires every key but the newest one, of this generation; how many signed until now.
pub async fn retire_older(
    connection: &mut Connection,
    generation: i32,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let target =
        table.filter(signing_keys::generation.lt(generation)).filter(signing_keys::retired_at.is_null());
    let change = signing_keys::retired_at.eq(now);
    on!(connection, |c| diesel::update(target).set(change).execute(c).await)
}

/// Deletes keys that were retired before `moment`: nothing that they signed is good any more. How many.
pub async fn delete_retired(connection: &mut Connection, moment: Timestamp) -> Result<usize, StoreError> {
    let target = table.filter(signing_keys::retired_at.lt(moment).assume_not_null());
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

/// Deletes every key but the newest one, of this generation: nothing that they signed is good any more.
pub async fn delete_older(connection: &mut Connection, generation: i32) -> Result<(), StoreError> {
    let target = table.filter(signing_keys::generation.lt(generation));
    on!(connection, |c| diesel::delete(target).execute(c).await)?;
    Ok(())
}

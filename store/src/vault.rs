//! What the vault keeps beside the sealed credentials: salts per scope, and a check value per master key.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::connections::Scope;
use uuid::Uuid;

use crate::{
    Connection, StoreError, Timestamp,
    engine::on,
    schema::{master_keys, vault_salts},
};

/// The check value sealed with the master key of this id.
pub async fn master_key_check(
    connection: &mut Connection,
    key_id: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let query = master_keys::table.find(key_id).select(master_keys::check_value);
    on!(connection, |c| query.first(c).await.optional())
}

/// The ids of all master keys ever used on this database.
pub async fn master_key_ids(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    let query = master_keys::table.order(master_keys::created_at).select(master_keys::id);
    on!(connection, |c| query.load(c).await)
}

/// Remembers a master key by its check value; the first one of an id stays.
pub async fn insert_master_key_check(
    connection: &mut Connection,
    key_id: &str,
    check_value: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = (
        master_keys::id.eq(key_id),
        master_keys::check_value.eq(check_value),
        master_keys::created_at.eq(now),
    );
    let query = diesel::insert_into(master_keys::table).values(row).on_conflict_do_nothing();
    on!(connection, |c| query.execute(c).await)?;
    Ok(())
}

/// The salt of a scope.
pub async fn find_salt(
    connection: &mut Connection,
    scope: Scope,
    owner: Uuid,
) -> Result<Option<Vec<u8>>, StoreError> {
    let query = vault_salts::table.find((scope.as_str(), owner.to_string())).select(vault_salts::salt);
    on!(connection, |c| query.first(c).await.optional())
}

/// The salt of a scope; `fresh` becomes it if there was none. Two who come at the same time get the same.
pub async fn find_or_insert_salt(
    connection: &mut Connection,
    scope: Scope,
    owner: Uuid,
    fresh: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let row = (
        vault_salts::scope.eq(scope.as_str()),
        vault_salts::owner_id.eq(owner.to_string()),
        vault_salts::salt.eq(fresh),
    );
    let query = diesel::insert_into(vault_salts::table).values(row).on_conflict_do_nothing();
    on!(connection, |c| query.execute(c).await)?;
    let query = vault_salts::table.find((scope.as_str(), owner.to_string())).select(vault_salts::salt);
    on!(connection, |c| query.first(c).await)
}

/// Forgets the salt of a scope: what was sealed there can never be opened again.
pub async fn delete_salt(connection: &mut Connection, scope: Scope, owner: Uuid) -> Result<(), StoreError> {
    let target = vault_salts::table.find((scope.as_str(), owner.to_string()));
    on!(connection, |c| diesel::delete(target).execute(c).await)?;
    Ok(())
}

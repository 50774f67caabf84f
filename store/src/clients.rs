//! OAuth clients that registered themselves (RFC 7591). Most are public; of a secret only the SHA-256 stands here.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    Connection, StoreError, Timestamp,
    columns::JsonList,
    engine::on,
    schema::{clients, grants},
};

/// A registered client.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// The name it gave itself; anyone can choose any name.
    pub name: String,
    /// Where its authorization responses may go.
    #[diesel(deserialize_as = JsonList)]
    pub redirect_uris: Vec<String>,
    /// When it registered.
    pub created_at: Timestamp,
    /// When it last asked a person; none = never.
    pub last_used_at: Option<Timestamp>,
    /// Its `token_endpoint_auth_method`: `none` for public clients.
    pub auth_method: String,
    /// SHA-256 of its secret, in hex; none for public clients.
    pub secret_hash: Option<String>,
}

/// Stores a new client.
pub async fn insert(connection: &mut Connection, client: &Client) -> Result<(), StoreError> {
    let row = (
        clients::id.eq(&client.id),
        clients::name.eq(&client.name),
        clients::redirect_uris.eq(JsonList::encode(&client.redirect_uris)),
        clients::created_at.eq(client.created_at),
        clients::last_used_at.eq(client.last_used_at),
        clients::auth_method.eq(&client.auth_method),
        clients::secret_hash.eq(&client.secret_hash),
    );
    on!(connection, |c| diesel::insert_into(clients::table).values(row).execute(c).await)?;
    Ok(())
}

/// One client.
pub async fn find(connection: &mut Connection, id: &str) -> Result<Option<Client>, StoreError> {
    on!(connection, |c| clients::table.find(id).select(Client::as_select()).first(c).await.optional())
}

/// Notes that a client asks a person right now.
pub async fn touch(connection: &mut Connection, id: &str, now: Timestamp) -> Result<(), StoreError> {
    let change = clients::last_used_at.eq(now);
    on!(connection, |c| diesel::update(clients::table.find(id)).set(change).execute(c).await)?;
    Ok(())
}

/// Deletes a client; false if there was none. It must register again; its grants stay.
pub async fn delete(connection: &mut Connection, id: &str) -> Result<bool, StoreError> {
    Ok(on!(connection, |c| diesel::delete(clients::table.find(id)).execute(c).await)? == 1)
}

/// Clears away clients without any grant: those that never asked anybody and registered before `never_used_before`, and
/// those that last asked before `unused_before`. How many.
pub async fn delete_unused(
    connection: &mut Connection,
    never_used_before: Timestamp,
    unused_before: Timestamp,
) -> Result<usize, StoreError> {
    let target = clients::table
        .filter(
            clients::last_used_at
                .lt(unused_before)
                .or(clients::last_used_at.is_null().and(clients::created_at.lt(never_used_before)))
                .assume_not_null(),
        )
        .filter(clients::id.ne_all(grants::table.select(grants::client_id)));
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

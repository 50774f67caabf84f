//! People, and the two ways they are known: a local account, or an identity at an OpenID Connect issuer.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::UserId;

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    schema::{identities, local_accounts, users},
};

/// A person.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct User {
    /// Their id.
    #[diesel(deserialize_as = Parsed<UserId>)]
    pub id: UserId,
    /// How they are called.
    pub name: String,
    /// Their e-mail address as they or their issuer wrote it: for people to read, never a key.
    pub email: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// How somebody signs in with e-mail and password.
#[derive(Clone, Queryable, Selectable)]
#[expect(missing_debug_implementations, reason = "a password hash must not reach a log")]
pub struct LocalAccount {
    /// Whose it is.
    #[diesel(deserialize_as = Parsed<UserId>)]
    pub user_id: UserId,
    /// The argon2id hash in PHC string format.
    pub password_hash: String,
}

/// The key under which an e-mail address is unique: trimmed and in lower case.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether anybody has an account.
pub async fn exist(connection: &mut Connection) -> Result<bool, StoreError> {
    on!(connection, |c| diesel::select(diesel::dsl::exists(users::table.select(users::id)))
        .get_result(c)
        .await)
}

/// Stores a new person.
pub async fn insert(connection: &mut Connection, user: &User) -> Result<(), StoreError> {
    let row = (
        users::id.eq(user.id.to_string()),
        users::name.eq(&user.name),
        users::email.eq(&user.email),
        users::created_at.eq(user.created_at),
    );
    on!(connection, |c| diesel::insert_into(users::table).values(row).execute(c).await)?;
    Ok(())
}

/// One person.
pub async fn find(connection: &mut Connection, id: UserId) -> Result<Option<User>, StoreError> {
    on!(connection, |c| users::table.find(id.to_string()).select(User::as_select()).first(c).await.optional())
}

/// Makes other units of work about this person wait until this one ends: for checks over several rows, such as how many
/// connections they have. (An update that changes nothing; `FOR UPDATE` is not in SQLite, where writers wait anyway.)
pub async fn lock(connection: &mut Connection, id: UserId) -> Result<(), StoreError> {
    let target = users::table.find(id.to_string());
    on!(connection, |c| diesel::update(target).set(users::name.eq(users::name)).execute(c).await)?;
    Ok(())
}

/// Gives a person a password. [`StoreError::Conflict`] if the e-mail address already has one.
pub async fn insert_local_account(
    connection: &mut Connection,
    user: &User,
    password_hash: &str,
) -> Result<(), StoreError> {
    let row = (
        local_accounts::user_id.eq(user.id.to_string()),
        local_accounts::email_key.eq(email_key(&user.email)),
        local_accounts::password_hash.eq(password_hash),
        local_accounts::changed_at.eq(user.created_at),
    );
    on!(connection, |c| diesel::insert_into(local_accounts::table).values(row).execute(c).await)?;
    Ok(())
}

/// The local account with this e-mail address, in any case.
pub async fn find_local_account(
    connection: &mut Connection,
    email: &str,
) -> Result<Option<LocalAccount>, StoreError> {
    on!(connection, |c| local_accounts::table
        .filter(local_accounts::email_key.eq(email_key(email)))
        .select(LocalAccount::as_select())
        .first(c)
        .await
        .optional())
}

/// The local account of a person, if they have one.
pub async fn local_account_of(
    connection: &mut Connection,
    id: UserId,
) -> Result<Option<LocalAccount>, StoreError> {
    on!(connection, |c| local_accounts::table
        .find(id.to_string())
        .select(LocalAccount::as_select())
        .first(c)
        .await
        .optional())
}

/// Replaces the password of a local account; false if the person has none.
pub async fn set_password_hash(
    connection: &mut Connection,
    id: UserId,
    password_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let target = local_accounts::table.find(id.to_string());
    let change = (local_accounts::password_hash.eq(password_hash), local_accounts::changed_at.eq(now));
    let changed = on!(connection, |c| diesel::update(target).set(change).execute(c).await)?;
    Ok(changed == 1)
}

/// The person whom `issuer` calls `subject` (OpenID Connect Core 1.0, section 5.7: the only stable key).
pub async fn find_by_identity(
    connection: &mut Connection,
    issuer: &str,
    subject: &str,
) -> Result<Option<User>, StoreError> {
    on!(connection, |c| identities::table
        .inner_join(users::table)
        .filter(identities::issuer.eq(issuer).and(identities::subject.eq(subject)))
        .select(User::as_select())
        .first(c)
        .await
        .optional())
}

/// Remembers how an issuer calls a person.
pub async fn insert_identity(
    connection: &mut Connection,
    id: UserId,
    issuer: &str,
    subject: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = (
        identities::issuer.eq(issuer),
        identities::subject.eq(subject),
        identities::user_id.eq(id.to_string()),
        identities::created_at.eq(now),
    );
    on!(connection, |c| diesel::insert_into(identities::table).values(row).execute(c).await)?;
    Ok(())
}

/// The issuers that know this person.
pub async fn issuers_of(connection: &mut Connection, id: UserId) -> Result<Vec<String>, StoreError> {
    let query = identities::table
        .filter(identities::user_id.eq(id.to_string()))
        .order(identities::issuer)
        .select(identities::issuer);
    on!(connection, |c| query.load(c).await)
}

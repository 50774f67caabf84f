//! Sign-ins on their way through an OpenID Connect provider: what must be remembered until the callback.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{Connection, StoreError, Timestamp, engine::on, schema::sign_in_states};

/// One sign-in on its way.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_states)]
#[expect(missing_debug_implementations, reason = "nonce and verifier must not reach a log")]
pub struct SignInState {
    /// SHA-256 of the `state` parameter, in hex.
    pub state_hash: String,
    /// The slug of the configured service.
    pub service: String,
    /// SHA-256 of the browser's cookie, so that nobody finishes another's sign-in.
    pub browser_hash: String,
    /// OpenID Connect Core section 3.1.2.1.
    pub nonce: String,
    /// RFC 7636 section 4.1.
    pub pkce_verifier: String,
    /// Where to go afterwards, on this server.
    pub return_to: String,
    /// The sign-in must be back before.
    pub expires_at: Timestamp,
}

/// Remembers a sign-in.
pub async fn insert(connection: &mut Connection, state: &SignInState) -> Result<(), StoreError> {
    let query = diesel::insert_into(sign_in_states::table).values(state.clone());
    on!(connection, |c| query.execute(c).await)?;
    Ok(())
}

/// Takes a sign-in out: each one ends once.
pub async fn consume(
    connection: &mut Connection,
    state_hash: &str,
    now: Timestamp,
) -> Result<Option<SignInState>, StoreError> {
    let target = sign_in_states::table
        .filter(sign_in_states::state_hash.eq(state_hash))
        .filter(sign_in_states::expires_at.gt(now));
    on!(connection, |c| diesel::delete(target)
        .returning(SignInState::as_returning())
        .get_result(c)
        .await
        .optional())
}

/// Clears away what has expired; how many rows.
pub async fn delete_expired(connection: &mut Connection, now: Timestamp) -> Result<usize, StoreError> {
    let target = sign_in_states::table.filter(sign_in_states::expires_at.le(now));
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

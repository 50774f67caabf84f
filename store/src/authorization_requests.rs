//! Authorization requests that wait for a person's consent.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::AuthorizationRequestId;

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    schema::authorization_requests::{self, table},
};

/// One pending request (RFC 6749 section 4.1.1), checked already.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = authorization_requests)]
pub struct AuthorizationRequest {
    /// Its id: stands in the consent page's address.
    #[diesel(deserialize_as = Parsed<AuthorizationRequestId>)]
    pub id: AuthorizationRequestId,
    /// SHA-256 of the browser's cookie, so that nobody answers what another browser was asked.
    pub browser_hash: String,
    /// The client.
    pub client_id: String,
    /// The name it gave itself.
    pub client_name: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// The client's own value, given back with the answer.
    pub state: Option<String>,
    /// What is asked for, separated by blanks.
    pub scope: String,
    /// The protected resource (RFC 8707).
    pub resource: String,
    /// RFC 7636 section 4.2, method S256.
    pub code_challenge: String,
    /// The answer must be there before.
    pub expires_at: Timestamp,
}

/// Stores a request.
pub async fn insert(connection: &mut Connection, request: &AuthorizationRequest) -> Result<(), StoreError> {
    let row = (
        authorization_requests::id.eq(request.id.to_string()),
        authorization_requests::browser_hash.eq(&request.browser_hash),
        authorization_requests::client_id.eq(&request.client_id),
        authorization_requests::client_name.eq(&request.client_name),
        authorization_requests::redirect_uri.eq(&request.redirect_uri),
        authorization_requests::state.eq(&request.state),
        authorization_requests::scope.eq(&request.scope),
        authorization_requests::resource.eq(&request.resource),
        authorization_requests::code_challenge.eq(&request.code_challenge),
        authorization_requests::expires_at.eq(request.expires_at),
    );
    on!(connection, |c| diesel::insert_into(table).values(row).execute(c).await)?;
    Ok(())
}

/// A request that waits in this browser.
pub async fn find(
    connection: &mut Connection,
    id: AuthorizationRequestId,
    browser_hash: &str,
    now: Timestamp,
) -> Result<Option<AuthorizationRequest>, StoreError> {
    on!(connection, |c| table
        .find(id.to_string())
        .filter(authorization_requests::browser_hash.eq(browser_hash))
        .filter(authorization_requests::expires_at.gt(now))
        .select(AuthorizationRequest::as_select())
        .first(c)
        .await
        .optional())
}

/// Takes a request out, to answer it: each one is answered once.
pub async fn consume(
    connection: &mut Connection,
    id: AuthorizationRequestId,
    browser_hash: &str,
    now: Timestamp,
) -> Result<Option<AuthorizationRequest>, StoreError> {
    let target = table
        .filter(authorization_requests::id.eq(id.to_string()))
        .filter(authorization_requests::browser_hash.eq(browser_hash))
        .filter(authorization_requests::expires_at.gt(now));
    on!(connection, |c| diesel::delete(target)
        .returning(AuthorizationRequest::as_returning())
        .get_result(c)
        .await
        .optional())
}

/// Clears away what has expired; how many rows.
pub async fn delete_expired(connection: &mut Connection, now: Timestamp) -> Result<usize, StoreError> {
    let target = table.filter(authorization_requests::expires_at.le(now));
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

//! Sessions of MCP clients that speak a revision before 2026-07-28. The client holds the id; only its SHA-256 stands
//! here. With what stands here, any replica carries the session on.

use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;
use gateway_api::ids::{GrantId, UserId};

use crate::{
    Connection, StoreError, Timestamp,
    columns::{MaybeParsed, Parsed},
    engine::on,
    schema::{grants, mcp_sessions, service_clients},
};

/// A session between an MCP client and the gateway.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct McpSession {
    /// SHA-256 of the session id, in hex.
    pub id_hash: String,
    /// Whose it is; nobody's for a service client.
    #[diesel(deserialize_as = MaybeParsed<UserId>)]
    pub user_id: Option<UserId>,
    /// The permission it was opened with; no other reaches it.
    #[diesel(deserialize_as = Parsed<GrantId>)]
    pub grant_id: GrantId,
    /// What the client said in `initialize`, as JSON.
    pub initialize_params: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Stores a new session.
pub async fn insert(connection: &mut Connection, session: &McpSession) -> Result<(), StoreError> {
    let row = (
        mcp_sessions::id_hash.eq(&session.id_hash),
        mcp_sessions::user_id.eq(session.user_id.map(|id| id.to_string())),
        mcp_sessions::grant_id.eq(session.grant_id.to_string()),
        mcp_sessions::initialize_params.eq(&session.initialize_params),
        mcp_sessions::created_at.eq(session.created_at),
        mcp_sessions::expires_at.eq(session.expires_at),
    );
    on!(connection, |c| diesel::insert_into(mcp_sessions::table).values(row).execute(c).await)?;
    Ok(())
}

/// The live session behind an id: neither it nor its grant is over. Whether it is the caller's is for the caller to see: user
/// and grant stand in it.
pub async fn find(
    connection: &mut Connection,
    id_hash: &str,
    now: Timestamp,
) -> Result<Option<McpSession>, StoreError> {
    let grant = grants::table
        .filter(grants::id.eq(mcp_sessions::grant_id))
        .filter(grants::revoked_at.is_null())
        .filter(grants::expires_at.gt(now));
    let service_client = service_clients::table
        .filter(service_clients::id.eq(mcp_sessions::grant_id))
        .filter(service_clients::expires_at.gt(now));
    on!(connection, |c| mcp_sessions::table
        .filter(mcp_sessions::id_hash.eq(id_hash))
        .filter(mcp_sessions::expires_at.gt(now))
        .filter(exists(grant).or(exists(service_client)))
        .select(McpSession::as_select())
        .first(c)
        .await
        .optional())
}

/// Ends a session of a grant; false if it was over already.
pub async fn delete(connection: &mut Connection, grant: GrantId, id_hash: &str) -> Result<bool, StoreError> {
    let target = mcp_sessions::table
        .filter(mcp_sessions::grant_id.eq(grant.to_string()))
        .filter(mcp_sessions::id_hash.eq(id_hash));
    Ok(on!(connection, |c| diesel::delete(target).execute(c).await)? == 1)
}

/// Ends the oldest sessions of a grant, but for the newest `keep`; which ended, by the hashes of their ids.
pub async fn delete_oldest(
    connection: &mut Connection,
    grant: GrantId,
    keep: i64,
) -> Result<Vec<String>, StoreError> {
    let ids = mcp_sessions::table
        .filter(mcp_sessions::grant_id.eq(grant.to_string()))
        .order((mcp_sessions::created_at.desc(), mcp_sessions::id_hash))
        .select(mcp_sessions::id_hash);
    let ids: Vec<String> = on!(connection, |c| ids.load(c).await)?;
    let surplus: Vec<String> = ids.into_iter().skip(usize::try_from(keep).unwrap_or(0)).collect();
    if surplus.is_empty() {
        return Ok(surplus);
    }
    let target = mcp_sessions::table.filter(mcp_sessions::id_hash.eq_any(&surplus));
    on!(connection, |c| diesel::delete(target).execute(c).await)?;
    Ok(surplus)
}

/// Clears away what has expired; how many rows.
pub async fn delete_expired(connection: &mut Connection, now: Timestamp) -> Result<usize, StoreError> {
    let target = mcp_sessions::table.filter(mcp_sessions::expires_at.le(now));
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

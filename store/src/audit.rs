//! Audit rows: written once, never changed.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::{OrganizationId, UserId};

use crate::{Connection, StoreError, Timestamp, engine::on, schema::audit_events};

/// Who did what, where, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub struct AuditRow {
    /// A `UUIDv7`: rows sort by time.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// In which organization; none for what concerns none (a failed sign-in).
    pub organization_id: Option<String>,
    /// Who; none if nobody was signed in.
    pub user_id: Option<String>,
    /// Their name then, or what they called themselves.
    pub actor: String,
    /// The MCP client's id, if one acted for the person.
    pub client_id: Option<String>,
    /// The name it gave itself.
    pub client_name: Option<String>,
    /// Dotted noun and verb, e.g. `tool.call`, `connection.put`.
    pub action: String,
    /// The vendor's slug.
    pub vendor: Option<String>,
    /// The tool's full name, as asked for.
    pub tool: Option<String>,
    /// What else it was about, e.g. a client's or member's name.
    pub target: Option<String>,
    /// `ok`, `error`, `denied`.
    pub outcome: String,
    /// Why not; never with a secret.
    pub reason: Option<String>,
    /// Whose credential was used: `personal`, `team`, `organization`.
    pub credential_scope: Option<String>,
    /// How long it took, in microseconds.
    pub duration_us: Option<i64>,
    /// The request's id, as in the log.
    pub request_id: Option<String>,
}

/// Writes rows, one prepared statement for each; call it in a transaction so that they share one commit.
pub async fn insert(connection: &mut Connection, rows: Vec<AuditRow>) -> Result<(), StoreError> {
    for row in rows {
        on!(connection, |c| diesel::insert_into(audit_events::table).values(row).execute(c).await)?;
    }
    Ok(())
}

/// The newest tool call of a person in an organization.
pub async fn last_tool_call(
    connection: &mut Connection,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<AuditRow>, StoreError> {
    on!(connection, |c| audit_events::table
        .filter(audit_events::user_id.eq(user.to_string()))
        .filter(audit_events::organization_id.eq(organization.to_string()))
        .filter(audit_events::action.eq("tool.call"))
        .order(audit_events::id.desc())
        .select(AuditRow::as_select())
        .first(c)
        .await
        .optional())
}

/// The newest rows of an organization, the newest first.
pub async fn list(
    connection: &mut Connection,
    organization: OrganizationId,
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    on!(connection, |c| audit_events::table
        .filter(audit_events::organization_id.eq(organization.to_string()))
        .order(audit_events::id.desc())
        .limit(limit)
        .select(AuditRow::as_select())
        .load(c)
        .await)
}

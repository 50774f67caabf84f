//! Audit rows: written once, never changed, deleted when they are old enough.
//!
//! Ids are UUIDv7 (RFC 9562 section 5.7), so the order of ids is the order of time, and a stretch of time is a stretch
//! of ids: pages and times are served by the same indexes.

use std::time::Duration;

use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use gateway_api::{
    audit::Outcome,
    ids::{AuditEventId, OrganizationId, UserId},
};

use crate::{Connection, StoreError, Timestamp, engine::on, schema::audit_events};

/// A moment within a millisecond leaves ids of that millisecond on both sides; the rows' own time decides there.
const LAST_MILLISECOND: Duration = Duration::from_micros(999);

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

/// Which rows; what is not given does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Who acted.
    pub actor: Option<Actor>,
    /// Through which MCP client.
    pub client: Option<Client>,
    /// The vendor's slug.
    pub vendor: Option<String>,
    /// The tool's full name.
    pub tool: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Not before this moment.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Older than this row: the last one of the page before.
    pub before: Option<AuditEventId>,
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody with an account.
    Id(UserId),
    /// Exactly the name in the row.
    Name(String),
}

/// Through which MCP client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Client {
    /// Its registration, or the URL it is known by.
    Id(String),
    /// Exactly the name in the row.
    Name(String),
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
    page(connection, organization, &Filter::default(), limit).await
}

/// The newest rows of an organization that the filter lets through, the newest first.
pub async fn page(
    connection: &mut Connection,
    organization: OrganizationId,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    load(connection, Some(organization), filter, limit).await
}

/// [`page`] of everything: of all organizations, also of those that were deleted, and of what concerns none. For the
/// operator.
pub async fn page_of_all(
    connection: &mut Connection,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    load(connection, None, filter, limit).await
}

/// Deletes the oldest rows from before this moment, at most `limit` of them so that the transaction is short; how many
/// there were.
pub async fn delete_before(
    connection: &mut Connection,
    moment: Timestamp,
    limit: i64,
) -> Result<usize, StoreError> {
    let oldest = diesel::alias!(audit_events as oldest);
    let id = oldest.field(audit_events::id);
    let ids = oldest.filter(id.lt(first_id(moment))).order(id).limit(limit).select(id);
    let target = audit_events::table.filter(audit_events::id.eq_any(ids));
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

async fn load(
    connection: &mut Connection,
    organization: Option<OrganizationId>,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    use audit_events::dsl;
    on!(connection, |c| {
        let mut query = audit_events::table.select(AuditRow::as_select()).into_boxed();
        if let Some(organization) = organization {
            query = query.filter(dsl::organization_id.eq(organization.to_string()));
        }
        query = match &filter.actor {
            Some(Actor::Id(id)) => query.filter(dsl::user_id.eq(id.to_string())),
            Some(Actor::Name(name)) => query.filter(dsl::actor.eq(name)),
            None => query,
        };
        query = match &filter.client {
            Some(Client::Id(id)) => query.filter(dsl::client_id.eq(id)),
            Some(Client::Name(name)) => query.filter(dsl::client_name.eq(name)),
            None => query,
        };
        if let Some(vendor) = &filter.vendor {
            query = query.filter(dsl::vendor.eq(vendor));
        }
        if let Some(tool) = &filter.tool {
            query = query.filter(dsl::tool.eq(tool));
        }
        if let Some(outcome) = filter.outcome {
            query = query.filter(dsl::outcome.eq(outcome.as_str()));
            if outcome != Outcome::Ok {
                // In the words of the partial index, or it would not be used.
                query = query.filter(sql::<Bool>("outcome <> 'ok'"));
            }
        }
        if let Some(since) = filter.since {
            query = query.filter(dsl::id.ge(first_id(since))).filter(dsl::at.ge(since));
        }
        if let Some(until) = filter.until {
            query =
                query.filter(dsl::id.lt(first_id(until.plus(LAST_MILLISECOND)))).filter(dsl::at.lt(until));
        }
        if let Some(before) = filter.before {
            query = query.filter(dsl::id.lt(before.to_string()));
        }
        query.order(dsl::id.desc()).limit(limit).load(c).await
    })
}

/// The smallest id of the millisecond in which `moment` lies.
fn first_id(moment: Timestamp) -> String {
    let milliseconds = u64::try_from(moment.micros() / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0; 10]).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_divides_the_ids() {
        let moment = Timestamp::from_micros(1_795_435_200_123_456);
        assert_eq!(first_id(moment), "01a20846-fe7b-7000-8000-000000000000");
        assert_eq!(first_id(Timestamp::from_micros(-1)), "00000000-0000-7000-8000-000000000000");
    }
}

//! What is known about each connection's vendor and credential: lights, counts per day, and when it changed.
//!
//! The tenant key is the connection, which callers have found by its owner. Rows go with their connection.

use diesel::{prelude::*, upsert::excluded};
use diesel_async::RunQueryDsl;
use gateway_api::{connections::Scope, ids::ConnectionId, plans::Plan};
use uuid::Uuid;

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    connections::{ConnectionRow, Owner},
    engine::on,
    schema::{connection_changes, connection_days, connection_health, connections, organizations, teams},
};

/// The lights of a connection; what never happened is none.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = connection_health)]
pub struct HealthRow {
    /// Whose lights.
    #[diesel(deserialize_as = Parsed<ConnectionId>)]
    pub connection_id: ConnectionId,
    /// The vendor last answered.
    pub reached_at: Option<Timestamp>,
    /// The vendor last did not answer, or failed.
    pub unreached_at: Option<Timestamp>,
    /// How.
    pub unreached_why: Option<String>,
    /// The vendor last accepted the credential.
    pub accepted_at: Option<Timestamp>,
    /// The vendor last refused it.
    pub refused_at: Option<Timestamp>,
    /// In which words.
    pub refused_why: Option<String>,
    /// The last call of a tool.
    pub called_at: Option<Timestamp>,
    /// What was wrong with it; none if nothing was.
    pub called_problem: Option<String>,
    /// When somebody should ask the vendor, if nobody has by then.
    pub next_check_at: Timestamp,
}

/// What happened on one day, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = connection_days)]
pub struct DayRow {
    /// Days since 1970-01-01, in UTC.
    pub day: i64,
    /// Good answers.
    pub good: i64,
    /// The vendor refused the credential.
    pub refused: i64,
    /// The vendor did not answer, or failed.
    pub unreachable: i64,
    /// The vendor limited the rate.
    pub limited: i64,
    /// Anything else: not found, not permitted, not understood.
    pub failed: i64,
}

/// A connection began to need attention, or was good again.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = connection_changes)]
pub struct ChangeRow {
    /// When.
    pub at: Timestamp,
    /// Why it needs attention; none if it was good again.
    pub problem: Option<String>,
}

/// What to add: the newest of each light, and counts. None = nothing new.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// See [`HealthRow`].
    pub reached_at: Option<Timestamp>,
    /// When, and how.
    pub unreached: Option<(Timestamp, String)>,
    /// See [`HealthRow`].
    pub accepted_at: Option<Timestamp>,
    /// When, and in which words.
    pub refused: Option<(Timestamp, String)>,
    /// When, and what was wrong.
    pub called: Option<(Timestamp, Option<String>)>,
    /// The counts of each day.
    pub days: Vec<DayRow>,
}

/// The lights of some connections.
pub async fn list(connection: &mut Connection, ids: &[ConnectionId]) -> Result<Vec<HealthRow>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    on!(connection, |c| connection_health::table
        .filter(connection_health::connection_id.eq_any(ids))
        .select(HealthRow::as_select())
        .load(c)
        .await)
}

/// The days of a connection since `first_day`, the newest first.
pub async fn days(
    connection: &mut Connection,
    id: ConnectionId,
    first_day: i64,
) -> Result<Vec<DayRow>, StoreError> {
    on!(connection, |c| connection_days::table
        .filter(connection_days::connection_id.eq(id.to_string()))
        .filter(connection_days::day.ge(first_day))
        .order(connection_days::day.desc())
        .select(DayRow::as_select())
        .load(c)
        .await)
}

/// The newest changes of a connection, the newest first.
pub async fn changes(
    connection: &mut Connection,
    id: ConnectionId,
    limit: i64,
) -> Result<Vec<ChangeRow>, StoreError> {
    on!(connection, |c| connection_changes::table
        .filter(connection_changes::connection_id.eq(id.to_string()))
        .order((connection_changes::at.desc(), connection_changes::id.desc()))
        .limit(limit)
        .select(ChangeRow::as_select())
        .load(c)
        .await)
}

/// Whether a connection is still there.
pub async fn is_there(connection: &mut Connection, id: ConnectionId) -> Result<bool, StoreError> {
    let query = connections::table.find(id.to_string()).count();
    let count: i64 = on!(connection, |c| query.get_result(c).await)?;
    Ok(count == 1)
}

/// Makes the row of a connection, if there is none yet.
pub async fn ensure(
    connection: &mut Connection,
    id: ConnectionId,
    next_check_at: Timestamp,
) -> Result<(), StoreError> {
    let row = (
        connection_health::connection_id.eq(id.to_string()),
        connection_health::next_check_at.eq(next_check_at),
    );
    let insert = diesel::insert_into(connection_health::table).values(row).on_conflict_do_nothing();
    on!(connection, |c| insert.execute(c).await)?;
    Ok(())
}

/// Adds what happened. The row must be there: [`ensure`].
pub async fn add(connection: &mut Connection, id: ConnectionId, news: &News) -> Result<(), StoreError> {
    let target = || connection_health::table.find(id.to_string());
    if let Some(at) = news.reached_at {
        let change = connection_health::reached_at.eq(at);
        on!(connection, |c| diesel::update(target()).set(change).execute(c).await)?;
    }
    if let Some(at) = news.accepted_at {
        let change = connection_health::accepted_at.eq(at);
        on!(connection, |c| diesel::update(target()).set(change).execute(c).await)?;
    }
    if let Some((at, why)) = &news.unreached {
        let change = (connection_health::unreached_at.eq(at), connection_health::unreached_why.eq(why));
        on!(connection, |c| diesel::update(target()).set(change).execute(c).await)?;
    }
    if let Some((at, why)) = &news.refused {
        let change = (connection_health::refused_at.eq(at), connection_health::refused_why.eq(why));
        on!(connection, |c| diesel::update(target()).set(change).execute(c).await)?;
    }
    if let Some((at, problem)) = &news.called {
        let change = (connection_health::called_at.eq(at), connection_health::called_problem.eq(problem));
        on!(connection, |c| diesel::update(target()).set(change).execute(c).await)?;
    }
    for day in &news.days {
        add_day(connection, id, *day).await?;
    }
    Ok(())
}

async fn add_day(connection: &mut Connection, id: ConnectionId, day: DayRow) -> Result<(), StoreError> {
    use connection_days as d;
    let row = (
        d::connection_id.eq(id.to_string()),
        d::day.eq(day.day),
        d::good.eq(day.good),
        d::refused.eq(day.refused),
        d::unreachable.eq(day.unreachable),
        d::limited.eq(day.limited),
        d::failed.eq(day.failed),
    );
    on!(connection, |c| diesel::insert_into(d::table)
        .values(row)
        .on_conflict((d::connection_id, d::day))
        .do_update()
        .set((
            d::good.eq(d::good + excluded(d::good)),
            d::refused.eq(d::refused + excluded(d::refused)),
            d::unreachable.eq(d::unreachable + excluded(d::unreachable)),
            d::limited.eq(d::limited + excluded(d::limited)),
            d::failed.eq(d::failed + excluded(d::failed)),
        ))
        .execute(c)
        .await)?;
    Ok(())
}

/// Writes down that a connection began to need attention, or was good again.
pub async fn insert_change(
    connection: &mut Connection,
    row: Uuid,
    id: ConnectionId,
    at: Timestamp,
    problem: Option<&str>,
) -> Result<(), StoreError> {
    let row = (
        connection_changes::id.eq(row.to_string()),
        connection_changes::connection_id.eq(id.to_string()),
        connection_changes::at.eq(at),
        connection_changes::problem.eq(problem),
    );
    on!(connection, |c| diesel::insert_into(connection_changes::table).values(row).execute(c).await)?;
    Ok(())
}

/// Some connections that have no row yet.
pub async fn without_row(connection: &mut Connection, limit: i64) -> Result<Vec<ConnectionId>, StoreError> {
    let known = connection_health::table.select(connection_health::connection_id);
    let query = connections::table
        .filter(connections::id.ne_all(known))
        .order(connections::id)
        .limit(limit)
        .select(connections::id);
    let ids: Vec<Parsed<ConnectionId>> = on!(connection, |c| query.load(c).await)?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// Some connections whose time to be checked has come, with what is known about them; the longest due first.
pub async fn due(
    connection: &mut Connection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(ConnectionRow, HealthRow)>, StoreError> {
    on!(connection, |c| connections::table
        .inner_join(connection_health::table)
        .filter(connection_health::next_check_at.le(now))
        .order(connection_health::next_check_at)
        .limit(limit)
        .select((ConnectionRow::as_select(), HealthRow::as_select()))
        .load(c)
        .await)
}

/// The plan that a shared connection depends on; none for a person's own, which works on every plan.
pub async fn plan_of(connection: &mut Connection, owner: Owner) -> Result<Option<Plan>, StoreError> {
    let id = owner.id.to_string();
    let plan: Option<Parsed<Plan>> = match owner.scope {
        Scope::Personal => None,
        Scope::Organization => {
            let query = organizations::table.find(id).select(organizations::plan);
            on!(connection, |c| query.first(c).await.optional())?
        }
        Scope::Team => {
            let of_team = teams::table.find(id).select(teams::organization_id);
            let query =
                organizations::table.filter(organizations::id.eq_any(of_team)).select(organizations::plan);
            on!(connection, |c| query.first(c).await.optional())?
        }
    };
    Ok(plan.map(Into::into))
}

/// Moves the next check from `was` to `next`; false if another replica has moved it already: the check is its.
pub async fn claim(
    connection: &mut Connection,
    id: ConnectionId,
    was: Timestamp,
    next: Timestamp,
) -> Result<bool, StoreError> {
    let target =
        connection_health::table.find(id.to_string()).filter(connection_health::next_check_at.eq(was));
    let change = connection_health::next_check_at.eq(next);
    Ok(on!(connection, |c| diesel::update(target).set(change).execute(c).await)? == 1)
}

/// Deletes days before `first_day` and changes before `start`; how many rows.
pub async fn delete_before(
    connection: &mut Connection,
    first_day: i64,
    start: Timestamp,
) -> Result<usize, StoreError> {
    let days = connection_days::table.filter(connection_days::day.lt(first_day));
    let changes = connection_changes::table.filter(connection_changes::at.lt(start));
    let deleted = on!(connection, |c| diesel::delete(days).execute(c).await)?;
    Ok(deleted + on!(connection, |c| diesel::delete(changes).execute(c).await)?)
}

//! The light check of connections that nobody has used for hours: the manifest's validation request, at a random moment, by
//! one replica. A credential that the vendor refused is asked for once a day only: wrong sign-ins lock accounts.

use std::time::Duration;

use futures::StreamExt as _;
use gateway_store::{
    StoreError, Timestamp,
    connections::{ConnectionRow, Owner},
    health::{self as rows, HealthRow},
};

use super::{Finding, record::day_of};
use crate::{
    clock::random_part,
    plans::{self, Feature},
    state::AppState,
};

/// How often to look whose time has come.
const LOOK_EVERY: Duration = Duration::from_mins(5);
/// A connection is checked if nobody heard of it for so long, give or take a fifth.
pub(super) const EVERY: Duration = Duration::from_hours(6);
/// The next check of a credential that was refused.
const AFTER_REFUSAL: Duration = Duration::from_hours(24);
/// The next check of a vendor that did not answer.
const AFTER_ABSENCE: Duration = Duration::from_mins(15);
/// How many connections are read at once, how often in one go, and how many vendors are asked at the same time.
const BATCH: i64 = 100;
const BATCHES: usize = 20;
const AT_ONCE: usize = 4;
/// How long the history reaches back.
pub(super) const HISTORY: Duration = Duration::from_hours(30 * 24);

/// Runs until it is aborted.
pub async fn run(state: AppState) {
    // Replicas that start together look at different moments.
    tokio::time::sleep(random_part(LOOK_EVERY)).await;
    let mut interval = tokio::time::interval(LOOK_EVERY);
    loop {
        interval.tick().await;
        if let Err(error) = run_due(&state).await {
            tracing::warn!(%error, "connections could not be checked");
        }
    }
}

/// Checks what is due; how many vendors were asked.
pub async fn run_due(state: &AppState) -> Result<usize, StoreError> {
    let now = state.clock.now();
    begin(state, now).await?;
    let mut asked = 0;
    for _ in 0..BATCHES {
        let due = rows::due(&mut state.database.read().await?, now, BATCH).await?;
        let is_last = due.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
        asked += check_all(state, due, now).await;
        if is_last {
            break;
        }
    }
    Ok(asked)
}

async fn check_all(state: &AppState, due: Vec<(ConnectionRow, HealthRow)>, now: Timestamp) -> usize {
    let checks = futures::stream::iter(due).map(|(connection, health)| async move {
        let vendor = connection.vendor.clone();
        check_one(state, connection, health, now).await.unwrap_or_else(|error| {
            tracing::warn!(%error, vendor, "a connection could not be checked");
            false
        })
    });
    checks.buffer_unordered(AT_ONCE).filter(|was_asked| std::future::ready(*was_asked)).count().await
}

/// Deletes what is older than the history.
pub async fn prune(state: &AppState) -> Result<usize, StoreError> {
    let start = state.clock.now().minus(HISTORY);
    let mut transaction = state.database.write().await?;
    let deleted = rows::delete_before(&mut transaction, day_of(start) + 1, start).await?;
    transaction.commit().await?;
    Ok(deleted)
}

/// The moment of the next check of a connection that was just heard of.
pub(super) fn next(now: Timestamp) -> Timestamp {
    now.plus(EVERY * 4 / 5).plus(random_part(EVERY * 2 / 5))
}

/// Connections that nothing is known about yet get their turn within the next hours.
async fn begin(state: &AppState, now: Timestamp) -> Result<(), StoreError> {
    let new = rows::without_row(&mut state.database.read().await?, BATCH).await?;
    if new.is_empty() {
        return Ok(());
    }
    let mut transaction = state.database.write().await?;
    for id in new {
        rows::ensure(&mut transaction, id, now.plus(random_part(EVERY))).await?;
    }
    transaction.commit().await
}

/// False if nobody had to be asked, or another replica does.
async fn check_one(
    state: &AppState,
    connection: ConnectionRow,
    health: HealthRow,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let accepted = connection.problem.is_none().then_some(connection.checked_at);
    let was_absent = health.unreached_at > health.reached_at.max(accepted);
    let heard = health.reached_at.max(health.unreached_at).max(Some(connection.checked_at));
    let is_fresh = heard.is_some_and(|heard| heard.until(now) < EVERY / 2);
    let owner = Owner { scope: connection.scope, id: connection.owner_id };
    let plan = rows::plan_of(&mut state.database.read().await?, owner).await?;
    let sleeps = plan.is_some_and(|plan| !plans::includes(plan, Feature::SharedConnections));
    let vendor = state.catalog.vendor(&connection.vendor).filter(|_| !sleeps);
    let is_refused = connection.problem.is_some() && !was_absent;
    let after = if is_refused { now.plus(AFTER_REFUSAL) } else { next(now) };
    let is_ours = claim(state, &health, after).await?;
    let is_too_early = is_refused && heard.is_some_and(|heard| heard.until(now) < AFTER_REFUSAL / 2);
    let (Some(vendor), true, false) = (vendor, is_ours, (is_fresh && !was_absent) || is_too_early) else {
        return Ok(false);
    };
    let Ok((held, credentials)) = state.resolver.open(&state.vault, connection).await else {
        // Whoever calls is told why.
        return Ok(false);
    };
    let result = state.vendors.validate(vendor, &credentials, held.key()).await;
    let finding = Finding::of(&result, vendor.ip_allowlist);
    if matches!(finding, Finding::Unreachable(_)) {
        let claimed = HealthRow { next_check_at: after, ..health };
        claim(state, &claimed, now.plus(AFTER_ABSENCE)).await?;
    }
    state.health.note(&held, finding, false);
    Ok(true)
}

async fn claim(state: &AppState, health: &HealthRow, next: Timestamp) -> Result<bool, StoreError> {
    let mut transaction = state.database.write().await?;
    let is_ours = rows::claim(&mut transaction, health.connection_id, health.next_check_at, next).await?;
    transaction.commit().await?;
    Ok(is_ours)
}

//! What is done now and then: clearing away what has expired.

use std::time::Duration;

use gateway_store::{StoreError, audit, mcp_sessions, sessions, sign_in_states, throttles};

use crate::{health, oauth, state::AppState};

/// How often.
const EVERY: Duration = Duration::from_mins(15);
/// How many audit rows one transaction deletes: some milliseconds, for on `SQLite` tool calls wait for it.
const AUDIT_BATCH: i64 = 100;

/// Runs until it is aborted.
pub async fn run(state: AppState) {
    let mut interval = tokio::time::interval(EVERY);
    loop {
        interval.tick().await;
        if let Err(error) = clear(&state).await {
            tracing::warn!(%error, "expired rows could not be cleared away");
        }
        if let Err(error) = health::check::prune(&state).await {
            tracing::warn!(%error, "the old history of connections could not be deleted");
        }
        if let Err(error) = prune_audit(&state).await {
            tracing::warn!(%error, "old audit rows could not be deleted");
        }
    }
}

/// Deletes rows whose time is over. They are ignored already; this only frees their place.
async fn clear(state: &AppState) -> Result<(), StoreError> {
    let now = state.clock.now();
    let mut transaction = state.database.write().await?;
    sessions::delete_expired(&mut transaction, now).await?;
    mcp_sessions::delete_expired(&mut transaction, now).await?;
    sign_in_states::delete_expired(&mut transaction, now).await?;
    throttles::delete_expired(&mut transaction, now).await?;
    transaction.commit().await?;
    state.limits.forget_idle();
    state.connection_checks.forget_idle();
    oauth::clear(state).await
}

/// Deletes audit rows that are older than the configured retention, a few at a time; how many.
pub async fn prune_audit(state: &AppState) -> Result<usize, StoreError> {
    let Some(retention) = state.config.audit_retention else { return Ok(0) };
    let end = state.clock.now().minus(retention);
    let mut total = 0;
    loop {
        let mut transaction = state.database.write().await?;
        let deleted = audit::delete_before(&mut transaction, end, AUDIT_BATCH).await?;
        transaction.commit().await?;
        total += deleted;
        if deleted == 0 {
            break;
        }
    }
    if total > 0 {
        tracing::info!(rows = total, retention = %humantime::format_duration(retention), "old audit rows were deleted");
    }
    Ok(total)
}

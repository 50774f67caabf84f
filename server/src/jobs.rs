//! What is done now and then: clearing away what has expired.

use std::time::Duration;

use gateway_store::{StoreError, mcp_sessions, sessions, sign_in_states, throttles};

use crate::{oauth, state::AppState};

/// How often.
const EVERY: Duration = Duration::from_mins(15);

/// Runs until it is aborted.
pub async fn run(state: AppState) {
    let mut interval = tokio::time::interval(EVERY);
    loop {
        interval.tick().await;
        if let Err(error) = clear(&state).await {
            tracing::warn!(%error, "expired rows could not be cleared away");
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
    oauth::clear(state).await
}

//! Keeps a connection's state true: a call that the vendor refuses for its credential marks the connection, and one that
//! works clears the mark. Off the hot path: the answer does not wait for it, and nothing is written while nothing changes.

use std::sync::Arc;

use gateway_store::{Event, StoreError, Topic, connections::set_checked_version};

use crate::{
    state::AppState,
    vault::resolve::{HeldConnection, Resolved},
    vendors::{Answer, CallError, Verdict},
};

/// Notes what a call says about its credential.
pub(super) fn note(state: &AppState, resolved: &Resolved, result: &Result<Answer, CallError>) {
    let known = resolved.connection.row.problem.as_deref();
    let problem = match result {
        Ok(_) if known.is_some() => None,
        Err(error) if known.is_none() && error.verdict() == Verdict::BadCredential => Some(error.explain()),
        _ => return,
    };
    let (state, connection) = (state.clone(), Arc::clone(&resolved.connection));
    tokio::spawn(async move {
        if let Err(error) = write(&state, &connection, problem.as_deref()).await {
            // The next call tries again.
            tracing::warn!(%error, vendor = connection.row.vendor, "the state of a connection could not be written");
        }
    });
}

async fn write(
    state: &AppState,
    connection: &HeldConnection,
    problem: Option<&str>,
) -> Result<(), StoreError> {
    let (owner, row) = (connection.owner, &connection.row);
    let mut transaction = state.database.write().await?;
    let version = (row.id, row.version);
    set_checked_version(&mut transaction, owner, version, problem, state.clock.now()).await?;
    let event = Event::Changed(Topic::Connections, owner.id);
    transaction.publish(event);
    transaction.commit().await?;
    state.resolver.apply(event).await;
    Ok(())
}

//! Tools that change which vendors the caller has, as a person does in Settings, only without asking the vendor. What
//! follows is the gateway's own: the event, the caches, the streams, the lists.

use gateway_store::{
    Event, StoreError, Topic,
    connections::{self as rows, NewConnection, Owner},
};
use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolResult, ContentBlock},
    service::RequestContext,
};

use super::{
    super::{error, handler::caller},
    tools::{CONNECT_ALL, TRIGGER_CHANGE},
};
use crate::{
    oauth::bearer::Caller,
    state::AppState,
    vault::{Place, VaultError},
};

/// The vendor that comes and goes.
const VENDOR: &str = "alertmanager";
/// Credentials without a field.
const NONE: &[u8] = b"{}";

#[derive(Debug, thiserror::Error)]
enum ChangeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("a service client has no connections of its own")]
    NoPerson,
}

/// Whether a tool is one of these.
pub(super) fn is_here(name: &str) -> bool {
    [CONNECT_ALL, TRIGGER_CHANGE].contains(&name)
}

/// Carries the tool out.
pub(super) async fn answer(
    state: &AppState,
    name: &str,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    let caller = caller(&context.extensions)?;
    let changed = if name == CONNECT_ALL {
        connect_all(state, &caller).await
    } else {
        connect_or_disconnect(state, &caller).await
    };
    changed.map_err(|error| {
        tracing::error!(%error, "the fixture could not change connections");
        error::internal()
    })?;
    Ok(CallToolResult::success(vec![ContentBlock::text("The tools have changed.")]))
}

async fn connect_all(state: &AppState, caller: &Caller) -> Result<(), ChangeError> {
    let vendors: Vec<&str> = state.catalog.vendors().map(|vendor| vendor.slug.as_str()).collect();
    connect(state, caller, &vendors).await
}

async fn connect_or_disconnect(state: &AppState, caller: &Caller) -> Result<(), ChangeError> {
    let user = caller.user_id.ok_or(ChangeError::NoPerson)?;
    let owner = Owner::personal(user);
    let mut transaction = state.database.write().await?;
    if rows::delete(&mut transaction, owner, VENDOR).await?.is_none() {
        drop(transaction);
        return connect(state, caller, &[VENDOR]).await;
    }
    Ok(state.commit(transaction, &[Event::Changed(Topic::Connections, owner.id)]).await?)
}

async fn connect(state: &AppState, caller: &Caller, vendors: &[&str]) -> Result<(), ChangeError> {
    let user = caller.user_id.ok_or(ChangeError::NoPerson)?;
    let owner = Owner::personal(user);
    let key = state.vault.key(owner).await?;
    let mut transaction = state.database.write().await?;
    for vendor in vendors {
        if rows::find(&mut transaction, owner, vendor).await?.is_some() {
            continue;
        }
        let id = state.clock.new_id();
        let new = NewConnection {
            id,
            vendor: (*vendor).to_owned(),
            key_id: key.key_id().to_owned(),
            sealed: key.seal(Place { owner, vendor, id }, NONE)?,
            account: None,
            created_by: user,
            now: state.clock.now(),
        };
        rows::put(&mut transaction, owner, &new).await?;
    }
    Ok(state.commit(transaction, &[Event::Changed(Topic::Connections, owner.id)]).await?)
}

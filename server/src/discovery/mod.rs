//! The tools of vendors that are MCP servers: asked with each credential, kept here, asked again in the background
//! ([`run`]). A list that was heard once is used until another one is heard, whatever becomes of its server, and nobody's
//! list waits for anybody else's server.
//!
//! Local to this process: after a start, the first who needs a list waits a moment for it; if its server fails, nobody does
//! again.

mod known;

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use gateway_store::{Event, Topic};
use moka::sync::Cache;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use self::known::Known;
use crate::{
    health::Finding,
    state::AppState,
    vault::resolve::HeldConnection,
    vendors::{CredentialKey, ToolList, Verdict},
};

/// Connections whose tools are kept; the least used go first.
const MAX_CONNECTIONS: u64 = 10_000;
/// A list that nobody has used for so long is asked for no more, and then forgotten.
const IDLE: Duration = Duration::from_hours(24);
/// How long somebody waits for a list that was never heard.
const FIRST_WAIT: Duration = Duration::from_secs(3);
/// How often to look whose list is due, and how many servers are asked at the same time.
const LOOK_EVERY: Duration = Duration::from_mins(1);
const AT_ONCE: usize = 4;

/// What is known of the tools of each connection.
#[derive(Debug)]
pub struct Discovery(Cache<CredentialKey, Arc<Known>>);

impl Default for Discovery {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MAX_CONNECTIONS).time_to_idle(IDLE).build())
    }
}

impl Discovery {
    /// The tools as they were last heard, without asking anybody.
    pub fn last(&self, key: CredentialKey) -> Option<Arc<ToolList>> {
        self.0.get(&key)?.list()
    }

    /// Why the server has not told its tools the last time it was asked, in words.
    pub fn problem(&self, key: CredentialKey) -> Option<String> {
        self.0.get(&key)?.problem()
    }

    /// After a change of an owner's connections: what failed is asked again, but nothing in the background before somebody
    /// uses the connection, for it may be gone.
    pub fn apply(&self, event: Event) {
        for (_, known) in &self.0 {
            let is_meant = match event {
                Event::Changed(Topic::Connections, owner) => known.owner() == owner,
                Event::Changed(..) => return,
                Event::Everything => true,
            };
            if is_meant {
                known.doubt();
            }
        }
    }

    fn of(&self, connection: &HeldConnection) -> Arc<Known> {
        self.0.get_with(connection.key(), || Arc::new(Known::new(connection.row.clone())))
    }
}

/// The tools of a connection. If they are due, their server is asked; who has an older list does not wait for that.
pub async fn tools(state: &AppState, connection: &HeldConnection) -> Option<Arc<ToolList>> {
    let known = state.discovery.of(connection);
    let list = known.used();
    if known.is_due() && (list.is_none() || !known.is_asked()) {
        // Goes on when nobody waits for it any more.
        let wait = known.patience(FIRST_WAIT).filter(|_| list.is_none());
        let asked = tokio::spawn(ask(state.clone(), Arc::clone(&known)));
        if let Some(wait) = wait {
            // Not heard in time, or the task failed: there is no list then.
            let _ = tokio::time::timeout(wait, asked).await;
            return known.list();
        }
    }
    list
}

/// Keeps the lists that are used fresh; runs until it is aborted.
pub async fn run(state: AppState) {
    let mut changed = state.vendors.changed_tools();
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            credential = changed.recv() => match credential {
                Ok(id) => hear_of_change(&state, id),
                // Those that were missed are due soon anyway.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            _ = look.tick() => {
                state.vendors.close_idle().await;
                ask_due(&state).await;
            }
        }
    }
}

/// A server says that its tools have changed.
fn hear_of_change(state: &AppState, credential: Uuid) {
    for (key, known) in &state.discovery.0 {
        if key.id == credential && known.has_changed() {
            tokio::spawn(ask(state.clone(), known));
        }
    }
}

async fn ask_due(state: &AppState) {
    let due = state
        .discovery
        .0
        .iter()
        .map(|(_, known)| known)
        .filter(|known| known.is_due() && known.is_in_use(IDLE));
    let due: Vec<_> = due.collect();
    futures::stream::iter(due).for_each_concurrent(AT_ONCE, |known| ask(state.clone(), known)).await;
}

/// Asks the server; callers at the same moment wait for one answer.
async fn ask(state: AppState, known: Arc<Known>) {
    let Some(_asking) = known.begin().await else { return };
    let row = known.row().clone();
    let Some(vendor) = state.catalog.vendor(&row.vendor) else { return };
    let owner = row.owner_id;
    let result = match state.resolver.open(&state.vault, row).await {
        Ok((held, credentials)) => {
            let result = state.vendors.list_tools(vendor, &credentials, held.key()).await;
            state.health.note(&held, Finding::of(&result, vendor.ip_allowlist), false);
            result.map_err(|error| (error.explain(), error.verdict() == Verdict::BadCredential))
        }
        Err(_) => Err(("The stored credential cannot be opened.".to_owned(), true)),
    };
    if let Ok(list) = &result {
        for left_out in &list.left_out {
            tracing::debug!(
                vendor = vendor.slug,
                tool = left_out.name,
                reason = left_out.reason,
                "a tool was left out"
            );
        }
    }
    if known.heard(result) {
        state.mcp.tools_changed(owner);
    }
}

//! The tools of vendors that are MCP servers: asked with each credential, kept here, asked again in the background
//! ([`run`]). A list that was heard once is used until another one is heard, whatever becomes of its server, and nobody's
//! list waits for anybody else's server.
//!
//! Local to this process: after a start, the first who needs a list waits a moment for it; if its server fails, nobody does
//! again.

mod known;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures::{StreamExt as _, stream::FuturesUnordered};
use gateway_api::ids::ConnectionId;
use gateway_store::{Event, StoreError, Topic, connections};
use moka::sync::Cache;
use tokio::sync::broadcast::error::RecvError;

use self::known::Known;
use crate::{
    health::Finding,
    state::{App, AppState},
    vault::resolve::HeldConnection,
    vendors::{CredentialKey, ToolList, Verdict},
};

/// Lists that are kept, in about bytes of JSON, which take a few times that of memory; the least used go first.
const MAX_KEPT: u64 = 64 * 1024 * 1024;
/// A list that nobody has used for so long is asked for no more, and then forgotten.
const IDLE: Duration = Duration::from_hours(24);
/// How long somebody waits for a list that was never heard.
const FIRST_WAIT: Duration = Duration::from_secs(3);
/// How often to look whose list is due, and how many lists of one vendor are asked for at the same time.
const LOOK_EVERY: Duration = Duration::from_mins(1);
const AT_ONCE: usize = 4;

/// What is known of the tools of each connection.
#[derive(Debug)]
pub struct Discovery(Cache<CredentialKey, Arc<Known>>);

impl Default for Discovery {
    fn default() -> Self {
        let kept = Cache::builder().max_capacity(MAX_KEPT).weigher(|_, known: &Arc<Known>| known.weight());
        Self(kept.time_to_idle(IDLE).build())
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
    /// uses the connection, for it may be gone. With a credential that is, no connection stays open.
    pub async fn apply(&self, app: &App, event: Event) {
        let owner = match event {
            Event::Changed(Topic::Connections, owner) => Some(owner),
            Event::Changed(..) => return,
            Event::Everything => None,
        };
        let meant: Vec<_> =
            self.all().filter(|known| owner.is_none_or(|owner| known.owner() == owner)).collect();
        for known in &meant {
            known.doubt();
        }
        if owner.is_none() {
            return app.vendors.close_connections().await;
        }
        for known in meant {
            // Not being able to tell is no reason to go on with it.
            if !is_stored(app, known.key()).await.unwrap_or(false) {
                app.vendors.close_connection(known.key()).await;
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = Arc<Known>> {
        self.0.iter().map(|(_, known)| known)
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

/// Keeps the lists that are used fresh; runs until it is aborted. A vendor whose servers take long makes no other wait.
pub async fn run(state: AppState) {
    let mut changed = state.vendors.changed_tools();
    let mut look = tokio::time::interval(LOOK_EVERY);
    let (mut rounds, mut busy) = (FuturesUnordered::new(), BTreeSet::new());
    loop {
        tokio::select! {
            credential = changed.recv() => match credential {
                Ok(key) => hear_of_change(&state, key),
                // Those that were missed are due soon anyway.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            Some(vendor) = rounds.next() => {
                busy.remove(&vendor);
            }
            _ = look.tick() => {
                state.vendors.close_idle().await;
                for (vendor, due) in due(&state) {
                    if busy.insert(vendor.clone()) {
                        rounds.push(round(state.clone(), vendor, due));
                    }
                }
            }
        }
    }
}

/// A server says that its tools have changed.
fn hear_of_change(state: &AppState, key: CredentialKey) {
    let Some(known) = state.discovery.0.get(&key) else { return };
    if !known.is_in_use(IDLE) {
        return;
    }
    if let Some(wait) = known.has_changed() {
        let state = state.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            if known.is_in_use(IDLE) {
                ask(state, known).await;
            }
        });
    }
}

/// What is used and due, by vendor.
fn due(state: &AppState) -> BTreeMap<String, Vec<Arc<Known>>> {
    let mut due: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for known in state.discovery.all().filter(|known| known.is_due() && known.is_in_use(IDLE)) {
        due.entry(known.row().vendor.clone()).or_default().push(known);
    }
    due
}

/// Asks for lists of one vendor; which one it was.
async fn round(state: AppState, vendor: String, due: Vec<Arc<Known>>) -> String {
    futures::stream::iter(due).for_each_concurrent(AT_ONCE, |known| ask(state.clone(), known)).await;
    vendor
}

/// Whether a credential is there in this version.
async fn is_stored(app: &App, key: CredentialKey) -> Result<bool, StoreError> {
    let version = (ConnectionId::from_uuid(key.id), key.version);
    Ok(connections::place_of(&mut app.database.read().await?, version).await?.is_some())
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
            result.map_err(|error| (error.summary(), error.verdict() == Verdict::BadCredential))
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
        // Weighed anew.
        state.discovery.0.insert(known.key(), Arc::clone(&known));
        state.mcp.tools_changed(owner);
    }
}

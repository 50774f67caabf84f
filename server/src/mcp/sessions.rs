//! Sessions of clients that speak a revision before 2026-07-28 (MCP 2025-11-25, basic/transports, "Session Management").
//!
//! rmcp runs a session in this process ([`LocalSessionManager`]); what another replica needs to carry it on stands in the
//! database. How rmcp asks for both is [`manager`]. A session id is no proof of anything: it works only together with an access token of the grant that opened
//! it ([`Sessions::find_of`]), and for everybody else it does not exist.

mod manager;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use gateway_api::ids::GrantId;
use gateway_store::{
    Database, Event, StoreError, Topic,
    mcp_sessions::{self as rows, McpSession},
};
use moka::future::Cache;
use rmcp::{
    model::InitializeRequestParams,
    transport::streamable_http_server::session::{
        SessionId, SessionManager as _,
        local::{LocalSessionManager, LocalSessionManagerError},
    },
};
use serde::{Deserialize, Serialize};

pub(super) use self::manager::Stored;
use super::{
    restoring::{Turn, Turns},
    view::View,
};
use crate::{
    clock::{Clock, hash_token},
    oauth::bearer::Caller,
};

/// A session ends this long after `initialize`; the client then opens another by itself.
const LIFETIME: Duration = Duration::from_hours(24 * 30);
/// A session that nobody uses leaves the memory of this process; the database still has it.
const IN_MEMORY: Duration = Duration::from_mins(15);
/// Nothing read from the database is believed longer than this.
const REMEMBER: Duration = Duration::from_secs(30);
/// How many sessions one grant has at most; the oldest ends for a new one.
const MAX_PER_GRANT: usize = 32;
/// How many sessions are remembered.
const MAX_REMEMBERED: u64 = 10_000;
/// Longer than every id that was ever given out.
const MAX_ID: usize = 128;

/// The sessions of this replica, and the way to those of all replicas.
pub(super) struct Sessions {
    local: LocalSessionManager,
    database: Arc<Database>,
    clock: Clock,
    /// SHA-256 of the id -> the session.
    known: Cache<String, Arc<Known>>,
    /// Counts events, so that what was read before one is not remembered after it.
    epoch: AtomicU64,
    /// The sessions that run in this process, and whose they are.
    here: Mutex<HashMap<SessionId, GrantId>>,
    turns: Turns,
}

/// A session, read from its row.
struct Known {
    row: McpSession,
    kept: Kept,
}

/// What the row keeps of `initialize`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    /// What the client said.
    #[serde(flatten)]
    params: InitializeRequestParams,
    /// What the address showed that it was sent to.
    #[serde(default)]
    view: View,
}

/// Why a session cannot be opened or used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    /// The session in this process.
    #[error(transparent)]
    Local(#[from] LocalSessionManagerError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the client said in `initialize` cannot be kept, or was not.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A message came past `require_bearer`: a defect.
    #[error("a session without a caller")]
    NoCaller,
}

impl Sessions {
    /// With none in memory.
    pub(super) fn new(database: Arc<Database>, clock: Clock) -> Self {
        let mut local = LocalSessionManager::default();
        local.session_config.keep_alive = Some(IN_MEMORY);
        // Priming events have no data, which clients of the first revisions cannot read.
        local.session_config.sse_retry = None;
        let known = Cache::builder()
            .max_capacity(MAX_REMEMBERED)
            .time_to_live(REMEMBER)
            .support_invalidation_closures()
            .build();
        let (epoch, here, turns) = (AtomicU64::new(0), Mutex::default(), Turns::new());
        Self { local, database, clock, known, epoch, here, turns }
    }

    /// What the session shows, if it is there, the caller's, and opened at the endpoint of this `view`. "Not there" and
    /// "not yours" are the same.
    pub(super) async fn find_of(
        &self,
        caller: &Caller,
        id: &str,
        view: &View,
    ) -> Result<Option<View>, SessionError> {
        let session = self.find(id).await?.filter(|session| {
            session.row.grant_id == caller.grant_id
                && session.row.user_id == caller.user_id
                && session.kept.view.vendor == view.vendor
        });
        Ok(session.map(|session| session.kept.view.clone()))
    }

    /// The turn of a request in this session: see [`Turns`].
    pub(super) async fn turn(&self, id: &str) -> Turn {
        self.turns.take(hash_token(id)).await
    }

    /// Ends the caller's session, on every replica.
    pub(super) async fn end(&self, caller: &Caller, id: &str) -> Result<(), SessionError> {
        let id_hash = hash_token(id);
        let mut transaction = self.database.write().await?;
        rows::delete(&mut transaction, caller.grant_id, &id_hash).await?;
        transaction.publish(Event::Changed(Topic::Grant, caller.grant_id.uuid()));
        transaction.commit().await?;
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.known.invalidate(&id_hash).await;
        Ok(())
    }

    /// Forgets what an event says is no longer true, and closes what runs here and is over, with its stream: what was ended
    /// on another replica, or with its grant.
    pub(super) fn apply(self: &Arc<Self>, event: Event) {
        let of = match event {
            Event::Changed(Topic::Grant, id) => Some(GrantId::from_uuid(id)),
            Event::Everything => None,
            Event::Changed(..) => return,
        };
        self.forget(of);
        let doubted = self.here_of(of);
        if doubted.is_empty() {
            return;
        }
        let sessions = Arc::clone(self);
        tokio::spawn(async move {
            for id in doubted {
                if let Err(error) = sessions.close_if_over(&id).await {
                    tracing::warn!(%error, "a session that may be over could not be looked at");
                }
            }
        });
    }

    /// Nothing of this grant, or of all, is believed any more.
    fn forget(&self, of: Option<GrantId>) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        match of {
            Some(grant) => {
                let of_grant = move |_: &String, session: &Arc<Known>| session.row.grant_id == grant;
                if self.known.invalidate_entries_if(of_grant).is_err() {
                    self.known.invalidate_all();
                }
            }
            None => self.known.invalidate_all(),
        }
    }

    async fn close_if_over(&self, id: &SessionId) -> Result<(), SessionError> {
        if self.find(id).await?.is_none() {
            // rmcp then says that it is closed, see `manager.rs`.
            self.local.close_session(id).await?;
        }
        Ok(())
    }

    fn here(&self) -> MutexGuard<'_, HashMap<SessionId, GrantId>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn here_of(&self, of: Option<GrantId>) -> Vec<SessionId> {
        let here = self.here();
        let meant = here.iter().filter(|(_, grant)| of.is_none_or(|of| of == **grant));
        meant.map(|(id, _)| Arc::clone(id)).collect()
    }

    async fn find(&self, id: &str) -> Result<Option<Arc<Known>>, SessionError> {
        if id.len() > MAX_ID {
            return Ok(None);
        }
        let id_hash = hash_token(id);
        if let Some(session) = self.known.get(&id_hash).await {
            return Ok(Some(session));
        }
        let epoch = self.epoch.load(Ordering::SeqCst);
        let mut connection = self.database.read().await?;
        let Some(row) = rows::find(&mut connection, &id_hash, self.clock.now()).await? else {
            return Ok(None);
        };
        let kept = serde_json::from_str(&row.initialize_params)?;
        let session = Arc::new(Known { row, kept });
        self.known.insert(id_hash.clone(), Arc::clone(&session)).await;
        if self.epoch.load(Ordering::SeqCst) != epoch {
            // Something changed while we read: good for this request, which began before, but for no other.
            self.known.invalidate(&id_hash).await;
        }
        Ok(Some(session))
    }

    /// Makes the session one that every replica knows.
    async fn remember(&self, id: &SessionId, caller: &Caller, kept: Kept) -> Result<(), SessionError> {
        let now = self.clock.now();
        let row = McpSession {
            id_hash: hash_token(id),
            user_id: caller.user_id,
            grant_id: caller.grant_id,
            initialize_params: serde_json::to_string(&kept)?,
            created_at: now,
            expires_at: now.plus(LIFETIME),
        };
        let mut transaction = self.database.write().await?;
        rows::insert(&mut transaction, &row).await?;
        let keep = i64::try_from(MAX_PER_GRANT).unwrap_or(i64::MAX);
        let over = rows::delete_oldest(&mut transaction, caller.grant_id, keep).await?;
        if !over.is_empty() {
            transaction.publish(Event::Changed(Topic::Grant, caller.grant_id.uuid()));
        }
        transaction.commit().await?;
        self.known.insert(row.id_hash.clone(), Arc::new(Known { row, kept })).await;
        self.here().insert(Arc::clone(id), caller.grant_id);
        if !over.is_empty() {
            self.forget(Some(caller.grant_id));
            for id in self.here_of(Some(caller.grant_id)) {
                if over.contains(&hash_token(&id)) {
                    self.local.close_session(&id).await?;
                }
            }
        }
        Ok(())
    }
}

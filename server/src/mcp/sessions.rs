//! Sessions of clients that speak a revision before 2026-07-28 (MCP 2025-11-25, basic/transports, "Session Management").
//!
//! rmcp runs a session in this process ([`LocalSessionManager`]); what another replica needs to carry it on stands in the
//! database. A session id is no proof of anything: it works only together with an access token of the grant that opened
//! it ([`Sessions::is_of`]), and for everybody else it does not exist.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use axum::http::request::Parts;
use futures::Stream;
use gateway_api::ids::GrantId;
use gateway_store::{
    Database, Event, StoreError, Topic,
    mcp_sessions::{self as rows, McpSession},
};
use moka::future::Cache;
use rmcp::{
    model::{ClientJsonRpcMessage, ClientRequest, InitializeRequestParams, ServerJsonRpcMessage},
    transport::streamable_http_server::session::{
        RestoreOutcome, ServerSseMessage, SessionId, SessionManager, SessionRestoreMarker, SessionState,
        SessionStore, SessionStoreError,
        local::{LocalSessionManager, LocalSessionManagerError},
    },
};

use super::restoring::{self, Restoring};
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
    known: Cache<String, Arc<McpSession>>,
    /// What was opened here, the oldest first.
    opened: Mutex<HashMap<GrantId, VecDeque<SessionId>>>,
    restoring: Restoring,
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
    /// What the client said in `initialize` cannot be kept.
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
        Self { local, database, clock, known, opened: Mutex::default(), restoring: Restoring::default() }
    }

    /// Whether the session is there and the caller's. "Not there" and "not yours" are the same.
    pub(super) async fn is_of(&self, caller: &Caller, id: &str) -> Result<bool, StoreError> {
        let session = self.find(id).await?;
        Ok(session
            .is_some_and(|session| session.grant_id == caller.grant_id && session.user_id == caller.user_id))
    }

    /// Ends the caller's session, on every replica.
    pub(super) async fn end(&self, caller: &Caller, id: &str) -> Result<(), StoreError> {
        let id_hash = hash_token(id);
        let mut transaction = self.database.write().await?;
        rows::delete(&mut transaction, caller.grant_id, &id_hash).await?;
        transaction.publish(Event::Changed(Topic::Grant, caller.grant_id.uuid()));
        transaction.commit().await?;
        self.known.invalidate(&id_hash).await;
        Ok(())
    }

    /// Forgets what an event says is no longer true.
    pub(super) fn apply(&self, event: Event) {
        match event {
            Event::Changed(Topic::Grant, id) => {
                let of_grant = move |_: &String, session: &Arc<McpSession>| session.grant_id.uuid() == id;
                if self.known.invalidate_entries_if(of_grant).is_err() {
                    self.known.invalidate_all();
                }
            }
            Event::Everything => self.known.invalidate_all(),
            Event::Changed(..) => {}
        }
    }

    async fn find(&self, id: &str) -> Result<Option<Arc<McpSession>>, StoreError> {
        if id.len() > MAX_ID {
            return Ok(None);
        }
        let id_hash = hash_token(id);
        if let Some(session) = self.known.get(&id_hash).await {
            return Ok(Some(session));
        }
        let mut connection = self.database.read().await?;
        let session = rows::find(&mut connection, &id_hash, self.clock.now()).await?.map(Arc::new);
        if let Some(session) = &session {
            self.known.insert(id_hash, Arc::clone(session)).await;
        }
        Ok(session)
    }

    /// Makes the session one that every replica knows.
    async fn remember(
        &self,
        id: &SessionId,
        caller: &Caller,
        params: &InitializeRequestParams,
    ) -> Result<(), SessionError> {
        let now = self.clock.now();
        let session = McpSession {
            id_hash: hash_token(id),
            user_id: caller.user_id,
            grant_id: caller.grant_id,
            initialize_params: serde_json::to_string(params)?,
            created_at: now,
            expires_at: now.plus(LIFETIME),
        };
        let mut transaction = self.database.write().await?;
        rows::insert(&mut transaction, &session).await?;
        let keep = i64::try_from(MAX_PER_GRANT).unwrap_or(i64::MAX);
        rows::delete_oldest(&mut transaction, caller.grant_id, keep).await?;
        transaction.commit().await?;
        self.known.insert(session.id_hash.clone(), Arc::new(session)).await;
        if let Some(oldest) = self.count(caller.grant_id, id) {
            self.local.close_session(&oldest).await?;
            self.known.invalidate(&hash_token(&oldest)).await;
        }
        Ok(())
    }

    /// Counts a session that was opened here; the one that must make room for it.
    fn count(&self, grant: GrantId, id: &SessionId) -> Option<SessionId> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let of_grant = opened.entry(grant).or_default();
        of_grant.push_back(Arc::clone(id));
        if of_grant.len() > MAX_PER_GRANT { of_grant.pop_front() } else { None }
    }
}

/// `initialize` of a client, not a replay of it on another replica: who sends it, and what they say.
fn opening(
    message: &ClientJsonRpcMessage,
) -> Result<Option<(Arc<Caller>, InitializeRequestParams)>, SessionError> {
    let ClientJsonRpcMessage::Request(request) = message else { return Ok(None) };
    let ClientRequest::InitializeRequest(initialize) = &request.request else { return Ok(None) };
    if initialize.extensions.get::<SessionRestoreMarker>().is_some() {
        return Ok(None);
    }
    let parts = initialize.extensions.get::<Parts>();
    let caller =
        parts.and_then(|parts| parts.extensions.get::<Arc<Caller>>()).ok_or(SessionError::NoCaller)?;
    Ok(Some((Arc::clone(caller), initialize.params.clone())))
}

impl SessionManager for Sessions {
    type Error = SessionError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), SessionError> {
        Ok(self.local.create_session().await?)
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, SessionError> {
        let opening = opening(&message)?;
        let answer = self.local.initialize_session(id, message).await;
        let answer = answer.inspect_err(|_| self.restoring.end(id))?;
        if let Some((caller, params)) = opening
            && let Err(error) = self.remember(id, &caller, &params).await
        {
            // A session that only this replica knows is none.
            self.local.close_session(id).await?;
            return Err(error);
        }
        Ok(answer)
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, SessionError> {
        self.restoring.wait(id).await;
        Ok(self.local.has_session(id).await?)
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), SessionError> {
        Ok(self.local.close_session(id).await?)
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.local.create_stream(id, message).await?)
    }

    async fn accept_message(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<(), SessionError> {
        let is_last = restoring::is_last(&message);
        let outcome = self.local.accept_message(id, message).await;
        if is_last {
            self.restoring.end(id);
        }
        Ok(outcome?)
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.local.create_standalone_stream(id).await?)
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.local.resume(id, last_event_id).await?)
    }

    async fn restore_session(&self, id: SessionId) -> Result<RestoreOutcome<Self::Transport>, SessionError> {
        self.restoring.begin(&id);
        let outcome = self.local.restore_session(Arc::clone(&id)).await;
        if !matches!(outcome, Ok(RestoreOutcome::Restored(_))) {
            self.restoring.end(&id);
        }
        Ok(outcome?)
    }
}

/// The handle that rmcp wants of a store: [`Sessions`] again.
pub(super) struct Stored(pub Arc<Sessions>);

#[async_trait]
impl SessionStore for Stored {
    /// Reached only for sessions that [`Sessions::is_of`] has found to be the caller's.
    async fn load(&self, id: &str) -> Result<Option<SessionState>, SessionStoreError> {
        let Some(session) = self.0.find(id).await? else { return Ok(None) };
        Ok(Some(SessionState::new(serde_json::from_str(&session.initialize_params)?)))
    }

    /// [`SessionManager::initialize_session`] has stored it, with whose it is.
    async fn store(&self, _id: &str, _state: &SessionState) -> Result<(), SessionStoreError> {
        Ok(())
    }

    /// [`Sessions::end`] has deleted it, before the session in this process was closed.
    async fn delete(&self, _id: &str) -> Result<(), SessionStoreError> {
        Ok(())
    }
}

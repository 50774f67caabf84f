//! How rmcp opens, finds and closes sessions: in this process as rmcp does by itself, and for every replica in the database.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::request::Parts;
use futures::Stream;
use rmcp::{
    model::{ClientJsonRpcMessage, ClientRequest, ServerJsonRpcMessage},
    transport::streamable_http_server::session::{
        RestoreOutcome, ServerSseMessage, SessionId, SessionManager, SessionRestoreMarker, SessionState,
        SessionStore, SessionStoreError, local::LocalSessionManager,
    },
};

use super::{Kept, SessionError, Sessions};
use crate::{mcp::view::View, oauth::bearer::Caller};

/// `initialize` of a client, not a replay of it on another replica: who sends it, and what they say.
fn opening(message: &ClientJsonRpcMessage) -> Result<Option<(Arc<Caller>, Kept)>, SessionError> {
    let ClientJsonRpcMessage::Request(request) = message else { return Ok(None) };
    let ClientRequest::InitializeRequest(initialize) = &request.request else { return Ok(None) };
    if initialize.extensions.get::<SessionRestoreMarker>().is_some() {
        return Ok(None);
    }
    let parts = initialize.extensions.get::<Parts>();
    let caller =
        parts.and_then(|parts| parts.extensions.get::<Arc<Caller>>()).ok_or(SessionError::NoCaller)?;
    let view = parts.and_then(|parts| parts.extensions.get::<View>()).cloned().unwrap_or_default();
    Ok(Some((Arc::clone(caller), Kept { params: initialize.params.clone(), view })))
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
        let answer = self.local.initialize_session(id, message).await?;
        let Some((caller, kept)) = opening else { return Ok(answer) };
        if matches!(answer, ServerJsonRpcMessage::Error(_)) {
            // Refused, so it has not begun.
            self.local.close_session(id).await?;
            return Ok(answer);
        }
        if let Err(error) = self.remember(id, &caller, kept).await {
            // A session that only this replica knows is none.
            self.local.close_session(id).await?;
            return Err(error);
        }
        Ok(answer)
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, SessionError> {
        Ok(self.local.has_session(id).await?)
    }

    /// Also called when a session has ended by itself.
    async fn close_session(&self, id: &SessionId) -> Result<(), SessionError> {
        self.here().remove(id);
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
        Ok(self.local.accept_message(id, message).await?)
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
        if let Some(session) = self.find(&id).await? {
            self.here().insert(Arc::clone(&id), session.row.grant_id);
        }
        Ok(self.local.restore_session(id).await?)
    }
}

/// The handle that rmcp wants of a store: [`Sessions`] again.
pub(in crate::mcp) struct Stored(pub Arc<Sessions>);

#[async_trait]
impl SessionStore for Stored {
    /// Reached only for sessions that [`Sessions::find_of`] has found to be the caller's.
    async fn load(&self, id: &str) -> Result<Option<SessionState>, SessionStoreError> {
        let Some(session) = self.0.find(id).await? else { return Ok(None) };
        Ok(Some(SessionState::new(session.kept.params.clone())))
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

//! Sessions on their way back into memory. After a restart, or on another replica, rmcp replays a session's `initialize`
//! when its client comes back. Clients send several requests at once then, and a session breaks when another request
//! reaches it before that replay: here they wait for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rmcp::{
    model::{ClientJsonRpcMessage, ClientNotification},
    transport::streamable_http_server::session::{SessionId, SessionRestoreMarker},
};
use tokio::sync::watch;

/// Nobody waits longer: the replay happens within this process.
const PATIENCE: Duration = Duration::from_secs(5);

/// The sessions whose replay is not over. Dropping the sender says that it is.
#[derive(Default)]
pub(super) struct Restoring(Mutex<HashMap<SessionId, watch::Sender<()>>>);

impl Restoring {
    /// The session comes into memory.
    pub(super) fn begin(&self, id: &SessionId) {
        self.sessions().insert(Arc::clone(id), watch::Sender::new(()));
    }

    /// It is ready, or will never be.
    pub(super) fn end(&self, id: &SessionId) {
        self.sessions().remove(id);
    }

    /// Waits until the session is ready; at once if it is not being restored.
    pub(super) async fn wait(&self, id: &SessionId) {
        let receiver = self.sessions().get(id).map(watch::Sender::subscribe);
        if let Some(mut receiver) = receiver
            && tokio::time::timeout(PATIENCE, receiver.changed()).await.is_err()
        {
            // The request that restored it was given up half-way.
            self.end(id);
        }
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<SessionId, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last message of a replay.
pub(super) fn is_last(message: &ClientJsonRpcMessage) -> bool {
    let ClientJsonRpcMessage::Notification(notification) = message else { return false };
    match &notification.notification {
        ClientNotification::InitializedNotification(initialized) => {
            initialized.extensions.get::<SessionRestoreMarker>().is_some()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn others_wait_until_the_session_is_ready() {
        let restoring = Arc::new(Restoring::default());
        let id: SessionId = "session".into();
        restoring.wait(&id).await;
        restoring.begin(&id);
        let waiting = tokio::spawn({
            let (restoring, id) = (Arc::clone(&restoring), Arc::clone(&id));
            async move { restoring.wait(&id).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        restoring.end(&id);
        waiting.await.unwrap();
    }
}

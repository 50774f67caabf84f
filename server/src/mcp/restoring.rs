//! Sessions on their way back into memory. After a restart, or on another replica, rmcp replays a session's `initialize`
//! when its client comes back. Clients send several requests at once then; a session breaks when another request reaches
//! it before that replay is over, and rmcp fails when two replays follow each other. So the requests of a session are
//! handed over one after the other: rmcp starts what they ask for and returns at once, it does not wait for answers.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// A session that nobody uses is forgotten here after this long.
const IDLE: Duration = Duration::from_mins(1);

/// Whose turn it is, for each session.
pub(super) struct Turns(Cache<String, Arc<Mutex<()>>>);

/// The turn of one request; over when it is dropped.
pub(super) type Turn = OwnedMutexGuard<()>;

impl Turns {
    /// Nobody's.
    pub(super) fn new() -> Self {
        Self(Cache::builder().time_to_idle(IDLE).build())
    }

    /// Waits for the turn of a request in the session of this id's hash.
    pub(super) async fn take(&self, id_hash: String) -> Turn {
        let turns = self.0.get_with(id_hash, async { Arc::default() }).await;
        turns.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_of_a_session_wait_for_each_other_and_for_nobody_else() {
        let turns = Arc::new(Turns::new());
        let first = turns.take("one".to_owned()).await;
        let second = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take("one".to_owned()).await }
        });
        drop(turns.take("other".to_owned()).await);
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        drop(second.await.unwrap());
    }
}

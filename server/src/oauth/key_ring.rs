//! The signing keys of a running gateway, which change while it runs: an operator rotates them (`mcp-gateway keys rotate`).
//!
//! They are read again when an event says that anything may have changed; when they were read [`TRUST`] ago, for on `SQLite`
//! the events of a command are not heard; and when a token names a key that is not among them, which another replica may
//! have begun to use. Of many who want that at once, one reads.

use std::{
    sync::{Arc, PoisonError, RwLock, atomic::AtomicI64, atomic::Ordering},
    time::Duration,
};

use gateway_store::Timestamp;
use tokio::sync::Mutex;

use super::{
    keys::{KeyError, SigningKeys},
    tokens,
};
use crate::{clock::Clock, state::App};

/// How long the keys are believed without asking the database.
const TRUST: Duration = Duration::from_secs(30);
/// Tokens with invented keys do not make us ask more often than this.
const PAUSE: Duration = Duration::from_secs(1);

/// The keys as they were read last.
#[expect(missing_debug_implementations, reason = "keys must not reach a log")]
pub struct KeyRing {
    keys: RwLock<Arc<SigningKeys>>,
    reading: Reading,
}

/// When something was read, and whose turn it is to read it.
struct Reading {
    /// The last time that it was begun, in microseconds.
    begun_at: AtomicI64,
    /// Held while it is read, so that an older answer does not replace a newer one.
    turn: Mutex<()>,
}

impl KeyRing {
    /// Of keys that were read a moment ago.
    pub fn new(keys: SigningKeys, clock: &Clock) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), reading: Reading::new(clock) }
    }

    /// The keys as they are known.
    pub fn current(&self) -> Arc<SigningKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys, not older than [`TRUST`]. If the database cannot be asked, they are those of before.
    pub async fn fresh(&self, app: &App) -> Arc<SigningKeys> {
        self.refresh(app).await;
        self.current()
    }

    /// Makes sure that the keys, and what was verified with them, are not older than [`TRUST`]. Costs nothing if they are not.
    pub async fn refresh(&self, app: &App) {
        self.read_if_older_than(app, TRUST).await;
    }

    /// The keys, with the one that a token names among them, if there is such a key anywhere.
    pub async fn with_key_of(&self, app: &App, token: &str) -> Arc<SigningKeys> {
        let keys = self.fresh(app).await;
        match tokens::kid(token) {
            Some(kid) if keys.find(&kid).is_none() => {
                self.read_if_older_than(app, PAUSE).await;
                self.current()
            }
            _ => keys,
        }
    }

    /// Reads the keys again, and forgets the tokens that were verified with one that is gone.
    pub async fn read_again(&self, app: &App) -> Result<(), KeyError> {
        self.reading.read(&app.clock, || self.read(app)).await
    }

    async fn read_if_older_than(&self, app: &App, age: Duration) {
        let read = self.reading.read_if_older_than(&app.clock, age, || self.read(app));
        if let Some(Err(error)) = read.await {
            tracing::warn!(%error, "the signing keys could not be read again");
        }
    }

    async fn read(&self, app: &App) -> Result<(), KeyError> {
        let keys = Arc::new(SigningKeys::load(&app.database, &app.vault).await?);
        let before = {
            let mut known = self.keys.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *known, Arc::clone(&keys))
        };
        if keys.newest().kid != before.newest().kid {
            tracing::info!(kid = %keys.newest().kid, "another key signs access tokens from now on");
        }
        if before.kids().any(|kid| keys.find(kid).is_none()) {
            app.oauth.verified_tokens().invalidate_all();
        }
        Ok(())
    }
}

impl Reading {
    fn new(clock: &Clock) -> Self {
        Self { begun_at: AtomicI64::new(clock.now().micros()), turn: Mutex::new(()) }
    }

    async fn read<T>(&self, clock: &Clock, read: impl AsyncFnOnce() -> T) -> T {
        let _turn = self.turn.lock().await;
        self.begin(clock);
        read().await
    }

    /// None if that is not needed, or if somebody else read it while this waited for its turn. What counts is when it was
    /// asked, not when its turn came: else, when reading is slow, each of those who wait would read once more.
    async fn read_if_older_than<T>(
        &self,
        clock: &Clock,
        age: Duration,
        read: impl AsyncFnOnce() -> T,
    ) -> Option<T> {
        let since = clock.now().minus(age);
        if self.was_begun_after(since) {
            return None;
        }
        let _turn = self.turn.lock().await;
        if self.was_begun_after(since) {
            return None;
        }
        self.begin(clock);
        Some(read().await)
    }

    fn begin(&self, clock: &Clock) {
        self.begun_at.store(clock.now().micros(), Ordering::SeqCst);
    }

    fn was_begun_after(&self, moment: Timestamp) -> bool {
        self.begun_at.load(Ordering::SeqCst) > moment.micros()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn of_many_one_reads() {
        let clock = Clock::fixed(Timestamp::from_micros(0));
        let reading = Reading::new(&clock);
        let reads = AtomicUsize::new(0);
        let ask = async || {
            let read = async || {
                reads.fetch_add(1, Ordering::SeqCst);
                // A database that is slow.
                clock.advance(PAUSE * 2);
                tokio::task::yield_now().await;
            };
            reading.read_if_older_than(&clock, PAUSE, read).await
        };
        join_all((0..100).map(|_| ask())).await;
        assert_eq!(reads.load(Ordering::SeqCst), 0, "just read");
        clock.advance(PAUSE);
        join_all((0..100).map(|_| ask())).await;
        assert_eq!(reads.load(Ordering::SeqCst), 2, "the first, and one for all who asked while it read");
    }
}

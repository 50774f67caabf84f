//! The signing keys of a running gateway, which change while it runs: an operator rotates them (`mcp-gateway keys rotate`).
//!
//! They are read again when an event says that anything may have changed; when they were read [`TRUST`] ago, for on `SQLite`
//! the events of a command are not heard; and when a token names a key that is not among them, which another replica may
//! have begun to use.

use std::{
    sync::{Arc, PoisonError, RwLock, atomic::AtomicI64, atomic::Ordering},
    time::Duration,
};

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
    /// When, in microseconds.
    read_at: AtomicI64,
    /// Held while they are read, so that an older answer does not replace a newer one.
    reading: Mutex<()>,
}

impl KeyRing {
    /// Of keys that were read a moment ago.
    pub fn new(keys: SigningKeys, clock: &Clock) -> Self {
        Self {
            keys: RwLock::new(Arc::new(keys)),
            read_at: AtomicI64::new(clock.now().micros()),
            reading: Mutex::new(()),
        }
    }

    /// The keys as they are known.
    pub fn current(&self) -> Arc<SigningKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys, not older than [`TRUST`]. If the database cannot be asked, they are those of before.
    pub async fn fresh(&self, app: &App) -> Arc<SigningKeys> {
        self.read_if_older_than(app, TRUST).await
    }

    /// The keys, with the one that a token names among them, if there is such a key anywhere.
    pub async fn with_key_of(&self, app: &App, token: &str) -> Arc<SigningKeys> {
        let keys = self.fresh(app).await;
        match tokens::kid(token) {
            Some(kid) if keys.find(&kid).is_none() => self.read_if_older_than(app, PAUSE).await,
            _ => keys,
        }
    }

    /// Reads the keys again, and forgets the tokens that were verified with one that is gone.
    pub async fn read_again(&self, app: &App) -> Result<(), KeyError> {
        let _reading = self.reading.lock().await;
        self.read_at.store(app.clock.now().micros(), Ordering::SeqCst);
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

    async fn read_if_older_than(&self, app: &App, age: Duration) -> Arc<SigningKeys> {
        let read_at = self.read_at.load(Ordering::SeqCst);
        if read_at <= app.clock.now().minus(age).micros()
            && let Err(error) = self.read_again(app).await
        {
            tracing::warn!(%error, "the signing keys could not be read again");
        }
        self.current()
    }
}

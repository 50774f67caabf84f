//! What is remembered per credential between calls: access tokens and discovered base URLs.
//!
//! Local to this process, bounded, keyed by credential and version: a replaced credential never meets an old token.
//! Fetching is single-flight: callers that need the same token wait for one request, and if the one that sends it
//! hangs up, another takes over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::CallError;

/// Entries kept; the least used go first.
const MAX_ENTRIES: u64 = 10_000;

/// A token is renewed this long before it expires, or after four fifths of a short life.
const RENEW_BEFORE: Duration = Duration::from_mins(1);

/// Identifies one stored credential in one version. Validation before storing uses a fresh random id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CredentialKey {
    /// Id of the connection.
    pub id: Uuid,
    /// Grows each time the credential is replaced.
    pub version: i64,
}

/// A text with a lifetime: an access token or a base URL.
#[derive(Clone)]
pub(crate) struct Remembered {
    pub(crate) value: Arc<Zeroizing<String>>,
    pub(crate) lives: Duration,
}

impl Remembered {
    /// How long it is used: a little less than it lives.
    pub(crate) fn fresh_for(&self) -> Duration {
        self.lives.saturating_sub(RENEW_BEFORE.min(self.lives / 5))
    }
}

/// A bounded map from credential to something that was fetched for it.
pub(crate) struct Memory(Cache<CredentialKey, Remembered>);

impl Memory {
    pub(crate) fn new() -> Self {
        Self(
            Cache::builder()
                .max_capacity(MAX_ENTRIES)
                .expire_after(BeforeExpiry)
                .support_invalidation_closures()
                .build(),
        )
    }

    /// What is remembered.
    pub(crate) async fn get(&self, key: CredentialKey) -> Option<Arc<Zeroizing<String>>> {
        self.0.get(&key).await.map(|remembered| remembered.value)
    }

    /// What is remembered by now, or what `fetch` brings.
    pub(crate) async fn get_or_fetch(
        &self,
        key: CredentialKey,
        fetch: impl Future<Output = Result<Remembered, CallError>>,
    ) -> Result<Arc<Zeroizing<String>>, CallError> {
        let fetched = self.0.try_get_with(key, fetch).await;
        fetched.map(|remembered| remembered.value).map_err(|error| CallError::clone(&error))
    }

    /// Forgets a value that turned out to be wrong, unless another caller has already renewed it.
    pub(crate) async fn forget_value(&self, key: CredentialKey, wrong: &Arc<Zeroizing<String>>) {
        if self.0.get(&key).await.is_some_and(|current| Arc::ptr_eq(&current.value, wrong)) {
            self.0.invalidate(&key).await;
        }
    }

    /// Forgets everything of a credential, in every version.
    pub(crate) fn forget(&self, id: Uuid) {
        self.0
            .invalidate_entries_if(move |key, _| key.id == id)
            .expect("the cache was built with support for invalidation closures");
    }
}

struct BeforeExpiry;

impl Expiry<CredentialKey, Remembered> for BeforeExpiry {
    fn expire_after_create(&self, _: &CredentialKey, value: &Remembered, _: Instant) -> Option<Duration> {
        Some(value.fresh_for())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn key(version: i64) -> CredentialKey {
        CredentialKey { id: Uuid::from_u128(1), version }
    }

    fn token(value: &str, seconds: u64) -> Remembered {
        Remembered { value: Arc::new(Zeroizing::new(value.to_owned())), lives: Duration::from_secs(seconds) }
    }

    #[tokio::test]
    async fn one_fetch_for_many_callers() {
        let memory = Memory::new();
        let fetches = AtomicUsize::new(0);
        let fetch = || async {
            fetches.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(token("t", 600))
        };
        let got = futures::future::join_all((0..20).map(|_| memory.get_or_fetch(key(1), fetch()))).await;
        assert!(got.iter().all(|token| token.as_ref().is_ok_and(|token| token.as_str() == "t")));
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn failures_are_not_remembered() {
        let memory = Memory::new();
        let failed = memory.get_or_fetch(key(1), async { Err(CallError::Broken("x".into())) }).await;
        assert_eq!(failed, Err(CallError::Broken("x".into())));
        assert!(memory.get_or_fetch(key(1), async { Ok(token("t", 600)) }).await.is_ok());
    }

    #[tokio::test]
    async fn forgets() {
        let memory = Memory::new();
        let old = memory.get_or_fetch(key(1), async { Ok(token("old", 600)) }).await.unwrap();
        memory.forget_value(key(1), &old).await;
        let new = memory.get_or_fetch(key(1), async { Ok(token("new", 600)) }).await.unwrap();
        assert_eq!(new.as_str(), "new");
        memory.forget_value(key(1), &old).await;
        let same = memory.get_or_fetch(key(1), async { Ok(token("newer", 600)) }).await.unwrap();
        assert_eq!(same.as_str(), "new");
        memory.forget(key(1).id);
        let again = memory.get_or_fetch(key(1), async { Ok(token("newest", 600)) }).await.unwrap();
        assert_eq!(again.as_str(), "newest");
    }

    #[test]
    fn renews_before_expiry() {
        let lives = |seconds| {
            BeforeExpiry.expire_after_create(&key(1), &token("t", seconds), Instant::now()).unwrap()
        };
        assert_eq!(lives(3600), Duration::from_mins(59));
        assert_eq!(lives(10), Duration::from_secs(8));
    }
}

//! Discovered base URLs that are remembered, and when they are doubted: vendors move accounts to other servers, and the old
//! one then says so in one of many ways, or is not there any more.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::CallError;
use super::tokens::{CredentialKey, Memory, Remembered};

/// An answer that has other reasons as well, such as a record that is not there, makes an address doubtful so often only.
const WEAK_DOUBTS: Duration = Duration::from_mins(1);

/// Credentials whose address was doubted lately; the least used go first.
const MAX_DOUBTS: u64 = 10_000;

/// What an answer says about the address that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It is right.
    None,
    /// It may be wrong (404): to ask again elsewhere costs nothing.
    Weak,
    /// It may be wrong (401), but a wrong key is likelier: who is refused is not asked again at once, for that locks accounts.
    Refused,
    /// It is wrong or not there: a redirect, 421 (RFC 9110, section 15.5.20), no connection.
    Strong,
}

/// The discovered addresses of every credential.
pub(crate) struct Addresses {
    known: Memory,
    doubted: Cache<CredentialKey, ()>,
}

impl Doubt {
    /// What a status says.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            300..=399 | 421 => Self::Strong,
            404 | 410 => Self::Weak,
            401 => Self::Refused,
            _ => Self::None,
        }
    }

    /// What an error says.
    pub(crate) fn of(error: &CallError) -> Self {
        match error {
            CallError::Unreachable { .. } => Self::Strong,
            error => error.status().map_or(Self::None, Self::of_status),
        }
    }

    /// Whether the same request may go to another address at once.
    pub(crate) fn may_repeat(self) -> bool {
        matches!(self, Self::Weak | Self::Strong)
    }
}

impl Addresses {
    pub(crate) fn new() -> Self {
        let doubted = Cache::builder()
            .max_capacity(MAX_DOUBTS)
            .time_to_live(WEAK_DOUBTS)
            .support_invalidation_closures()
            .build();
        Self { known: Memory::new(), doubted }
    }

    /// The address that is remembered, or what `fetch` brings.
    pub(crate) async fn get_or_fetch(
        &self,
        key: CredentialKey,
        fetch: impl Future<Output = Result<Remembered, CallError>>,
    ) -> Result<Arc<Zeroizing<String>>, CallError> {
        self.known.get_or_fetch(key, fetch).await
    }

    /// Forgets an address that is doubted, unless another caller has already renewed it; whether it is to be looked up.
    pub(crate) async fn forget_if(
        &self,
        key: CredentialKey,
        address: &Arc<Zeroizing<String>>,
        doubt: Doubt,
    ) -> bool {
        let is_wrong = self.believes(key, doubt);
        if is_wrong {
            self.known.forget_value(key, address).await;
        }
        is_wrong
    }

    /// The same of the address that is remembered.
    pub(crate) async fn forget_known_if(&self, key: CredentialKey, doubt: Doubt) -> bool {
        let Some(address) = self.known.get(key).await else { return doubt == Doubt::Strong };
        self.forget_if(key, &address, doubt).await
    }

    fn believes(&self, key: CredentialKey, doubt: Doubt) -> bool {
        match doubt {
            Doubt::None => false,
            Doubt::Strong => true,
            Doubt::Weak | Doubt::Refused => self.doubted.entry(key).or_insert(()).is_fresh(),
        }
    }

    /// Forgets everything of a credential, in every version.
    pub(crate) fn forget(&self, id: Uuid) {
        self.known.forget(id);
        self.doubted
            .invalidate_entries_if(move |key, ()| key.id == id)
            .expect("the cache was built with support for invalidation closures");
    }
}

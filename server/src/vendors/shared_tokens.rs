//! Where access tokens are kept beyond this process, so that one replica's token is every replica's.

use futures::future::BoxFuture;

use super::error::CallError;
use super::tokens::{CredentialKey, Remembered};

/// Fetches a token from the vendor.
pub(crate) type Fetch<'f> = BoxFuture<'f, Result<Remembered, CallError>>;

/// A place for tokens outside of this process. Trouble with the place is no trouble for the call: the token is fetched.
pub(crate) trait SharedTokens: Send + Sync {
    /// The token that is there, other than the one that was `refused`; or what `fetch` brings, which is sent by one of all
    /// who ask at the same time.
    fn get_or_fetch<'f>(
        &'f self,
        key: CredentialKey,
        refused: Option<&'f str>,
        fetch: Fetch<'f>,
    ) -> Fetch<'f>;
}

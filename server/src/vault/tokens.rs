//! Access tokens of vendors, sealed in the database: shared by all replicas, and still there after a restart.
//!
//! A token is fetched by whoever takes the lease; the others look until it is there. It is sealed for the owner of its
//! connection, like the credentials, and opens as nothing else. The same on both engines: on `SQLite` it saves the vendor a
//! sign-in at every start.

use std::{sync::Arc, time::Duration};

use futures::FutureExt as _;
use gateway_api::ids::ConnectionId;
use gateway_store::{
    Connection, Database,
    connections::{self, Owner},
    vendor_tokens::{self as rows, SealedToken},
};
use zeroize::Zeroizing;

use super::{Place, Vault, VaultError};
use crate::{
    clock::Clock,
    vendors::{CredentialKey, Fetch, Remembered, SharedTokens},
};

/// A lease is over after this, should its holder have died. Longer than a token request takes.
const LEASE: Duration = Duration::from_secs(30);
/// How often those who wait look.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A token with less left is fetched anew.
const TOO_SHORT: Duration = Duration::from_secs(1);

/// The tokens in the database.
#[expect(missing_debug_implementations, reason = "it reaches keys")]
pub struct StoredTokens {
    /// Where they are.
    pub database: Arc<Database>,
    /// Seals them.
    pub vault: Vault,
    /// Tells when they end.
    pub clock: Clock,
}

/// The token of one connection.
struct Entry {
    key: CredentialKey,
    owner: Owner,
    /// Binds a sealed value to the vendor, the version, and to being a token: credentials have another place.
    place: String,
}

/// What there is to be done for a token.
enum Turn {
    Use(Remembered),
    Fetch(Lease),
    Wait,
}

/// The right to fetch; given back when it is dropped.
struct Lease {
    database: Arc<Database>,
    connection: ConnectionId,
    id: String,
    is_over: bool,
}

impl SharedTokens for StoredTokens {
    fn get_or_fetch<'f>(
        &'f self,
        key: CredentialKey,
        refused: Option<&'f str>,
        fetch: Fetch<'f>,
    ) -> Fetch<'f> {
        async move {
            let lease = match self.turn(key, refused).await {
                Ok(Turn::Use(token)) => return Ok(token),
                Ok(Turn::Fetch(lease)) => Some(lease),
                Ok(Turn::Wait) => None,
                Err(error) => {
                    tracing::warn!(%error, "the shared access tokens could not be read");
                    None
                }
            };
            let token = fetch.await?;
            if let Some(lease) = lease
                && let Err(error) = self.keep(key, lease, &token).await
            {
                tracing::warn!(%error, "an access token could not be shared");
            }
            Ok(token)
        }
        .boxed()
    }
}

impl StoredTokens {
    /// Uses what is there, or takes the lease, or waits for who has it. `Wait`: it took too long, or nothing is stored for
    /// this credential.
    async fn turn(&self, key: CredentialKey, refused: Option<&str>) -> Result<Turn, VaultError> {
        let Some(entry) = self.entry(key).await? else { return Ok(Turn::Wait) };
        let looks = LEASE.as_millis() / LOOK_EVERY.as_millis();
        for _ in 0..looks {
            match self.look(&entry, refused).await? {
                Turn::Wait => tokio::time::sleep(LOOK_EVERY).await,
                turn => return Ok(turn),
            }
        }
        Ok(Turn::Wait)
    }

    async fn entry(&self, key: CredentialKey) -> Result<Option<Entry>, VaultError> {
        let version = (ConnectionId::from_uuid(key.id), key.version);
        let found = connections::place_of(&mut self.database.read().await?, version).await?;
        Ok(found.map(|(owner, vendor)| {
            let place = format!("{vendor}, access token of version {}", key.version);
            Entry { key, owner, place }
        }))
    }

    async fn look(&self, entry: &Entry, refused: Option<&str>) -> Result<Turn, VaultError> {
        let now = self.clock.now();
        let id = ConnectionId::from_uuid(entry.key.id);
        if let Some(token) = self.find(&mut self.database.read().await?, entry, refused).await? {
            return Ok(Turn::Use(token));
        }
        let lease = self.clock.new_uuid().to_string();
        let mut transaction = self.database.write().await?;
        if !rows::lease(&mut transaction, id, &lease, now, now.plus(LEASE)).await? {
            return Ok(Turn::Wait);
        }
        // Somebody may have given it back since, with a token.
        if let Some(token) = self.find(&mut transaction, entry, refused).await? {
            return Ok(Turn::Use(token));
        }
        transaction.commit().await?;
        Ok(Turn::Fetch(Lease {
            database: Arc::clone(&self.database),
            connection: id,
            id: lease,
            is_over: false,
        }))
    }

    /// The token that is there, if it is good and not the one that was refused.
    async fn find(
        &self,
        connection: &mut Connection,
        entry: &Entry,
        refused: Option<&str>,
    ) -> Result<Option<Remembered>, VaultError> {
        let now = self.clock.now();
        let version = (ConnectionId::from_uuid(entry.key.id), entry.key.version);
        let Some(found) = rows::find(connection, version, now.plus(TOO_SHORT)).await? else {
            return Ok(None);
        };
        let value = self.open(entry, &found).await?.filter(|value| refused != Some(value.as_str()));
        Ok(value.map(|value| Remembered { value: Arc::new(value), lives: now.until(found.renew_at) }))
    }

    /// None if it does not open: another token takes its place.
    async fn open(
        &self,
        entry: &Entry,
        found: &SealedToken,
    ) -> Result<Option<Zeroizing<String>>, VaultError> {
        let key = match self.vault.key_of(entry.owner, &found.key_id).await {
            Err(VaultError::UnknownKey(_)) => return Ok(None),
            key => key?,
        };
        let bytes = key.open(entry.place(), &found.sealed).ok();
        Ok(bytes
            .and_then(|bytes| std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))))
    }

    async fn keep(&self, key: CredentialKey, mut lease: Lease, token: &Remembered) -> Result<(), VaultError> {
        let Some(entry) = self.entry(key).await? else { return Ok(()) };
        let sealing = self.vault.key(entry.owner).await?;
        let sealed = SealedToken {
            key_id: sealing.key_id().to_owned(),
            sealed: sealing.seal(entry.place(), token.value.as_bytes())?,
            renew_at: self.clock.now().plus(token.fresh_for()),
        };
        let mut transaction = self.database.write().await?;
        rows::put(&mut transaction, (lease.connection, key.version), &lease.id, &sealed).await?;
        transaction.commit().await?;
        lease.is_over = true;
        Ok(())
    }
}

impl Entry {
    fn place(&self) -> Place<'_> {
        Place { owner: self.owner, vendor: &self.place, id: ConnectionId::from_uuid(self.key.id) }
    }
}

impl Drop for Lease {
    /// The fetch failed, or its caller hung up: whoever waits need not wait until the lease is over.
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.is_over {
            return;
        }
        let (database, connection, id) =
            (Arc::clone(&self.database), self.connection, std::mem::take(&mut self.id));
        runtime.spawn(async move {
            let release = async {
                let mut transaction = database.write().await?;
                rows::release(&mut transaction, connection, &id).await?;
                transaction.commit().await
            };
            if let Err(error) = release.await {
                tracing::warn!(%error, "a lease could not be given back; it ends by itself");
            }
        });
    }
}

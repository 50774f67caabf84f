//! The ES256 keys (RFC 7518 section 3.4) that sign access tokens: made at first start, sealed in the database.
//!
//! The newest signs. One that was retired by a newer one ([`rotate`]) still verifies what it signed, until all of that has
//! expired ([`SigningKeys::clear`]). How a running gateway learns of it stands in `key_ring.rs`.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gateway_api::{connections::Scope, ids::ConnectionId};
use gateway_store::{
    Database, StoreError, Timestamp, Transaction,
    connections::Owner,
    signing_keys::{self, SigningKeyRow},
};
use jsonwebtoken::{DecodingKey, EncodingKey};
use p256::{SecretKey, elliptic_curve::sec1::ToSec1Point as _, pkcs8::EncodePrivateKey as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::tokens;
use crate::{
    clock::{Clock, random_bytes},
    vault::{Place, Vault, VaultError},
};

/// A replica that has not heard of a rotation yet signs with the older key for a moment longer (`key_ring.rs`).
const HEARD_BY: Duration = Duration::from_mins(5);

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The stored key does not open.
    #[error("the signing key: {0}")]
    Vault(#[from] VaultError),
    /// The database.
    #[error("the signing key: {0}")]
    Store(#[from] StoreError),
    /// The stored key opens, but is none.
    #[error("the stored signing key is not a P-256 key")]
    Format,
    /// Another rotation was faster.
    #[error("the signing key was rotated at this very moment by somebody else")]
    Concurrent,
}

/// The keys, the newest first: it signs, all of them verify.
#[expect(missing_debug_implementations, reason = "keys must not reach a log")]
pub struct SigningKeys {
    newest: SigningKey,
    older: Vec<SigningKey>,
}

/// One key.
#[expect(missing_debug_implementations, reason = "a key must not reach a log")]
pub struct SigningKey {
    /// Stands in the header of what it signs.
    pub kid: String,
    /// Signs.
    pub private: EncodingKey,
    /// Verifies.
    pub public: DecodingKey,
    jwk: Value,
}

impl SigningKeys {
    /// The keys of this database; the first start makes one. Two replicas that start at once end with the same.
    pub async fn load_or_make(database: &Database, vault: &Vault, clock: &Clock) -> Result<Self, KeyError> {
        let mut rows = signing_keys::list(&mut database.read().await?).await?;
        if rows.is_empty() {
            let first = make(vault, clock, 1).await?;
            let mut transaction = database.write().await?;
            if signing_keys::insert(&mut transaction, &first).await? {
                tracing::info!(kid = %first.id, "made the key that signs access tokens");
            }
            transaction.commit().await?;
            rows = signing_keys::list(&mut database.read().await?).await?;
        }
        Self::open(vault, &rows).await
    }

    /// The keys of this database, read again.
    pub(super) async fn load(database: &Database, vault: &Vault) -> Result<Self, KeyError> {
        let rows = signing_keys::list(&mut database.read().await?).await?;
        Self::open(vault, &rows).await
    }

    /// Deletes the keys of which nothing is good any more.
    pub(super) async fn clear(transaction: &mut Transaction, now: Timestamp) -> Result<usize, StoreError> {
        signing_keys::delete_retired(transaction, now.minus(tokens::LIFETIME).minus(HEARD_BY)).await
    }

    async fn open(vault: &Vault, rows: &[SigningKeyRow]) -> Result<Self, KeyError> {
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows {
            keys.push(unseal(vault, row).await?);
        }
        let mut keys = keys.into_iter();
        let newest = keys.next().ok_or(KeyError::Format)?;
        Ok(Self { newest, older: keys.collect() })
    }

    /// The key that signs now.
    pub fn newest(&self) -> &SigningKey {
        &self.newest
    }

    /// The key with this id.
    pub fn find(&self, kid: &str) -> Option<&SigningKey> {
        self.all().find(|key| key.kid == kid)
    }

    /// The public keys as a JWK set (RFC 7517 section 5).
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.all().map(|key| &key.jwk).collect::<Vec<_>>() })
    }

    /// The ids of all keys.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.all().map(|key| key.kid.as_str())
    }

    fn all(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.newest).chain(&self.older)
    }
}

impl SigningKey {
    /// From the private number, 32 bytes.
    fn new(kid: &str, bytes: &[u8]) -> Result<Self, KeyError> {
        let secret = SecretKey::from_slice(bytes).map_err(|_| KeyError::Format)?;
        let der = secret.to_pkcs8_der().map_err(|_| KeyError::Format)?;
        let point = secret.public_key().to_sec1_point(false);
        let coordinate =
            |bytes: Option<&[u8]>| bytes.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).ok_or(KeyError::Format);
        let x = coordinate(point.x().map(AsRef::as_ref))?;
        let y = coordinate(point.y().map(AsRef::as_ref))?;
        Ok(Self {
            kid: kid.to_owned(),
            private: EncodingKey::from_ec_der(der.as_bytes()),
            public: DecodingKey::from_ec_components(&x, &y).map_err(|_| KeyError::Format)?,
            jwk: json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "use": "sig", "alg": "ES256" }),
        })
    }
}

/// A new key, ready to be stored by [`rotate`]. Made outside of any unit of work, for deriving its seal takes a while.
pub async fn make_next(database: &Database, vault: &Vault, clock: &Clock) -> Result<SigningKeyRow, KeyError> {
    let rows = signing_keys::list(&mut database.read().await?).await?;
    make(vault, clock, rows.first().map_or(1, |newest| newest.generation.saturating_add(1))).await
}

/// Lets a new key sign from now on. Those before it verify until what they signed has expired; or, if they are not to be
/// trusted any more, not at all: then every client must refresh its tokens. How many signed until now.
pub async fn rotate(
    transaction: &mut Transaction,
    next: &SigningKeyRow,
    is_older_trusted: bool,
) -> Result<usize, KeyError> {
    if !signing_keys::insert(transaction, next).await? {
        return Err(KeyError::Concurrent);
    }
    let retired = signing_keys::retire_older(transaction, next.generation, next.created_at).await?;
    if !is_older_trusted {
        signing_keys::delete_older(transaction, next.generation).await?;
    }
    Ok(retired)
}

/// Until when a key that was retired then verifies.
pub fn verifies_until(retired_at: Timestamp) -> Timestamp {
    retired_at.plus(tokens::LIFETIME).plus(HEARD_BY)
}

async fn make(vault: &Vault, clock: &Clock, generation: i32) -> Result<SigningKeyRow, KeyError> {
    let mut bytes = zeroize::Zeroizing::new(random_bytes::<32>());
    // Not every number is a private key of the curve, but all but one in 2^32 are.
    while SecretKey::from_slice(&*bytes).is_err() {
        *bytes = random_bytes::<32>();
    }
    let id = clock.new_uuid();
    let key = vault.key(OWNER).await?;
    let sealed = key.seal(place(id), &*bytes)?;
    Ok(SigningKeyRow {
        id,
        generation,
        key_id: key.key_id().to_owned(),
        sealed,
        created_at: clock.now(),
        retired_at: None,
    })
}

async fn unseal(vault: &Vault, row: &SigningKeyRow) -> Result<SigningKey, KeyError> {
    let key = vault.key_of(OWNER, &row.key_id).await?;
    let bytes = key.open(place(row.id), &row.sealed)?;
    SigningKey::new(&row.id.to_string(), &bytes)
}

/// The signing keys belong to the gateway itself: to the organization that does not exist.
const OWNER: Owner = Owner { scope: Scope::Organization, id: Uuid::nil() };

fn place(id: Uuid) -> Place<'static> {
    Place { owner: OWNER, vendor: "oauth-signing-key", id: ConnectionId::from_uuid(id) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Keys that need no database; the first signs.
    pub(crate) fn keys_for_tests(kids: &[&str]) -> SigningKeys {
        let mut keys = kids.iter().map(|kid| SigningKey::new(kid, &random_bytes::<32>()).unwrap());
        SigningKeys { newest: keys.next().unwrap(), older: keys.collect() }
    }

    #[test]
    fn the_set_has_public_parts_alone() {
        let set = keys_for_tests(&["b", "a"]).jwks();
        let keys = set["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0]["kid"], "b", "the newest first");
        for key in keys {
            let mut names: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        }
    }
}

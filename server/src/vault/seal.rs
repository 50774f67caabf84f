//! AES-256-GCM (NIST SP 800-38D) over one connection's credentials.

use aes_gcm::{
    Aes256Gcm, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use gateway_api::ids::ConnectionId;
use gateway_store::connections::Owner;
use zeroize::Zeroizing;

use super::VaultError;
use crate::clock::random_bytes;

/// The layout of a sealed value: this byte, 12 bytes nonce, ciphertext with its 16 bytes tag.
const VERSION: u8 = 1;
/// Bytes of a nonce: 96 random bits for each value. A scope seals far fewer than 2^32 of them.
const NONCE: usize = 12;

/// Where a sealed value belongs. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Whose it is.
    pub owner: Owner,
    /// The vendor's slug.
    pub vendor: &'a str,
    /// The row.
    pub id: ConnectionId,
}

impl Place<'_> {
    /// The associated data: every part with its length, so that no two places give the same bytes.
    fn associated_data(&self, key_id: &str) -> Vec<u8> {
        let owner = self.owner.id.to_string();
        let id = self.id.to_string();
        let parts = ["mcp-gateway", key_id, self.owner.scope.as_str(), &owner, self.vendor, &id];
        let mut bytes = vec![VERSION];
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// The key of one scope under one master key.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a key must not reach a log")]
pub struct ScopeKey {
    pub(super) key_id: String,
    pub(super) key: Zeroizing<[u8; 32]>,
}

impl ScopeKey {
    /// The id of the master key it comes from: stands beside what it seals.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Encrypts.
    pub fn seal(&self, place: Place<'_>, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce = random_bytes::<NONCE>();
        let payload = Payload { msg: plaintext, aad: &place.associated_data(&self.key_id) };
        let ciphertext =
            self.cipher().encrypt(&Nonce::from(nonce), payload).map_err(|_| VaultError::CannotSeal)?;
        let mut sealed = Vec::with_capacity(1 + NONCE + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    /// Decrypts; an error for everything that was not sealed by this key for this place.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (version, rest) = sealed.split_first().ok_or(VaultError::DoesNotOpen)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or(VaultError::DoesNotOpen)?;
        if *version != VERSION {
            return Err(VaultError::DoesNotOpen);
        }
        let payload = Payload { msg: ciphertext, aad: &place.associated_data(&self.key_id) };
        self.cipher()
            .decrypt(&Nonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| VaultError::DoesNotOpen)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.key).into())
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::{
        connections::Scope,
        ids::{Id, UserId},
    };
    use uuid::Uuid;

    use super::*;

    fn key(byte: u8, id: &str) -> ScopeKey {
        ScopeKey { key_id: id.to_owned(), key: Zeroizing::new([byte; 32]) }
    }

    fn place() -> Place<'static> {
        Place {
            owner: Owner::personal(UserId::from_uuid(Uuid::from_u128(1))),
            vendor: "itglue",
            id: Id::from_uuid(Uuid::from_u128(2)),
        }
    }

    #[test]
    fn what_was_sealed_opens() {
        let sealed = key(1, "k1").seal(place(), b"secret").unwrap();
        assert_eq!(*key(1, "k1").open(place(), &sealed).unwrap(), b"secret");
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        let again = key(1, "k1").seal(place(), b"secret").unwrap();
        assert_ne!(sealed, again, "every value has a nonce of its own");
    }

    #[test]
    fn it_opens_nowhere_else() {
        let sealed = key(1, "k1").seal(place(), b"secret").unwrap();
        let other = Uuid::from_u128(9);
        let places = [
            Place { vendor: "autotask", ..place() },
            Place { id: Id::from_uuid(other), ..place() },
            Place { owner: Owner { scope: Scope::Personal, id: other }, ..place() },
            Place { owner: Owner { scope: Scope::Organization, ..place().owner }, ..place() },
        ];
        for elsewhere in places {
            assert!(key(1, "k1").open(elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
        assert!(key(2, "k1").open(place(), &sealed).is_err(), "another key");
        assert!(key(1, "k2").open(place(), &sealed).is_err(), "another key id");
    }

    #[test]
    fn damage_is_noticed() {
        let sealed = key(1, "k1").seal(place(), b"secret").unwrap();
        for index in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[index] ^= 1;
            assert!(key(1, "k1").open(place(), &damaged).is_err(), "byte {index}");
            assert!(key(1, "k1").open(place(), &sealed[..index]).is_err(), "cut at {index}");
        }
    }
}

//! Master keys, and the keys derived from them for each scope.

use std::{
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aes_gcm::{
    Aes256Gcm, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use gateway_store::{Database, StoreError, connections::Owner, vault as rows};
use moka::future::Cache;
use pbkdf2::{Algorithm, Params, Pbkdf2, sha2::Sha512};
use zeroize::Zeroizing;

use super::seal::ScopeKey;
use crate::clock::{Clock, random_bytes};

/// PBKDF2 with HMAC-SHA-512 and the iterations that the product promises. The crate's own type, because its loop is then
/// compiled with the crate: a debug build optimises that, and would not optimise the generic function here.
const DERIVATION: Pbkdf2 = match Params::new(100_000) {
    Ok(iterations) => Pbkdf2::new(Algorithm::Pbkdf2Sha512, iterations),
    Err(_) => panic!("more iterations than PBKDF2's smallest number"),
};
/// A derived key is forgotten this long after its last use.
const REMEMBER: Duration = Duration::from_mins(10);
/// What the check value of a master key says when it is opened.
const CHECK_TEXT: &[u8] = b"mcp-gateway master key";

/// Why the vault does not work.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key file cannot be read or written.
    #[error("the master key file {}: {}", .0.display(), .1)]
    File(PathBuf, std::io::Error),
    /// The key file is not of its form.
    #[error("the master key file {}, line {}: {}", .0.display(), .1, .2)]
    Format(PathBuf, usize, &'static str),
    /// Another key of the same id sealed what is in the database.
    #[error(
        "the master key {0:?} is not the one that sealed the credentials in this database; \
         restore the right master.key (it belongs to the database: back both up together)"
    )]
    WrongKey(String),
    /// The database was sealed with other keys, and none of the given ones is among them.
    #[error(
        "the credentials in this database were sealed with the master key {known}, but the key file has only {given}; \
         restore the right master.key (it belongs to the database: back both up together)"
    )]
    MissingKey {
        /// The ids the database knows.
        known: String,
        /// The ids in the file.
        given: String,
    },
    /// A value was sealed with a key that the file does not have any more.
    #[error("the master key {0:?} is not in the key file any more")]
    UnknownKey(String),
    /// A value does not open: damaged, or moved from elsewhere.
    #[error("the stored credentials cannot be decrypted")]
    DoesNotOpen,
    /// Encryption failed.
    #[error("the credentials cannot be encrypted")]
    CannotSeal,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The master keys of the key file. The first seals; all of them open.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "keys must not reach a log")]
pub struct MasterKeys(Vec<MasterKey>);

#[derive(Clone)]
struct MasterKey {
    id: String,
    key: Zeroizing<[u8; 32]>,
}

impl MasterKeys {
    /// Reads the key file, or makes it (mode 0600) and says so loudly.
    pub fn read_or_make(path: &Path) -> Result<Self, VaultError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&Zeroizing::new(text), path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::make(path),
            Err(error) => Err(VaultError::File(path.to_owned(), error)),
        }
    }

    fn make(path: &Path) -> Result<Self, VaultError> {
        let key = Zeroizing::new(random_bytes::<32>());
        let encoded = Zeroizing::new(STANDARD.encode(*key));
        let text = Zeroizing::new(format!(
            "# The master key of this MCP gateway. Every stored credential is sealed with it: keep a copy in a safe\n\
             # place, apart from the backup of the database. One key a line; the first seals, all of them open.\n\
             k1 {}\n",
            *encoded
        ));
        let failed = |error| VaultError::File(path.to_owned(), error);
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        tracing::warn!(
            file = %path.display(),
            "MADE A NEW MASTER KEY. Without this file the stored credentials are lost: back it up now, apart from the database"
        );
        Ok(Self(vec![MasterKey { id: "k1".to_owned(), key }]))
    }

    fn parse(text: &str, path: &Path) -> Result<Self, VaultError> {
        let mut keys: Vec<MasterKey> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |why| VaultError::Format(path.to_owned(), index + 1, why);
            let (id, encoded) = line
                .split_once(' ')
                .ok_or_else(|| wrong("it must be an id, a blank and 32 bytes in base64"))?;
            let bytes = Zeroizing::new(
                STANDARD.decode(encoded.trim()).map_err(|_| wrong("what follows the id is not base64"))?,
            );
            let key =
                <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| wrong("the key is not 32 bytes long"))?;
            if keys.iter().any(|known| known.id == id) {
                return Err(wrong("two keys have the same id"));
            }
            keys.push(MasterKey { id: id.to_owned(), key: Zeroizing::new(key) });
        }
        if keys.is_empty() {
            return Err(VaultError::Format(path.to_owned(), 1, "there is no key in it"));
        }
        Ok(Self(keys))
    }
}

/// Gives out the keys of scopes. Cheap to clone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "keys must not reach a log")]
pub struct Vault {
    keys: MasterKeys,
    database: Arc<Database>,
    derived: Cache<(String, Owner), ScopeKey>,
}

impl Vault {
    /// Checks the master keys against the database, and remembers new ones there.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`], [`VaultError::MissingKey`]: the credentials in this database could not be opened.
    pub async fn open(keys: MasterKeys, database: Arc<Database>, clock: &Clock) -> Result<Self, VaultError> {
        let mut transaction = database.write().await?;
        let known = rows::master_key_ids(&mut transaction).await?;
        if !known.is_empty() && !keys.0.iter().any(|key| known.contains(&key.id)) {
            let given: Vec<&str> = keys.0.iter().map(|key| key.id.as_str()).collect();
            return Err(VaultError::MissingKey { known: known.join(", "), given: given.join(", ") });
        }
        for key in &keys.0 {
            rows::insert_master_key_check(&mut transaction, &key.id, &key.check_value()?, clock.now())
                .await?;
            let stored = rows::master_key_check(&mut transaction, &key.id).await?;
            if !stored.is_some_and(|stored| key.opens(&stored)) {
                return Err(VaultError::WrongKey(key.id.clone()));
            }
        }
        transaction.commit().await?;
        let derived = Cache::builder().max_capacity(10_000).time_to_idle(REMEMBER).build();
        Ok(Self { keys, database, derived })
    }

    /// The key that seals an owner's credentials now.
    pub async fn key(&self, owner: Owner) -> Result<ScopeKey, VaultError> {
        // There is at least one: `MasterKeys::parse` and `make` see to it.
        let newest = self.keys.0.first().ok_or_else(|| VaultError::UnknownKey(String::new()))?;
        self.derive(newest, owner).await
    }

    /// The key that sealed an owner's credentials under the master key `key_id`.
    pub async fn key_of(&self, owner: Owner, key_id: &str) -> Result<ScopeKey, VaultError> {
        let key = self.keys.0.iter().find(|key| key.id == key_id);
        self.derive(key.ok_or_else(|| VaultError::UnknownKey(key_id.to_owned()))?, owner).await
    }

    /// Keys for something else than credentials, one from each master key, the newest first, by the master keys' ids. They
    /// are the same on every replica. The master keys are random, so one round is enough.
    pub fn keys_for(&self, purpose: &[u8]) -> Vec<(String, Zeroizing<[u8; 32]>)> {
        self.keys.0.iter().map(|master| (master.id.clone(), master.key_for(purpose))).collect()
    }

    async fn derive(&self, master: &MasterKey, owner: Owner) -> Result<ScopeKey, VaultError> {
        let cache_key = (master.id.clone(), owner);
        if let Some(key) = self.derived.get(&cache_key).await {
            return Ok(key);
        }
        let salt = self.salt(owner).await?;
        let master = master.clone();
        let key = tokio::task::spawn_blocking(move || {
            let mut key = Zeroizing::new([0; 32]);
            DERIVATION.hash_password_into(&*master.key, &salt, &mut *key);
            ScopeKey { key_id: master.id, key }
        })
        .await
        .map_err(|_| VaultError::CannotSeal)?;
        self.derived.insert(cache_key, key.clone()).await;
        Ok(key)
    }

    async fn salt(&self, owner: Owner) -> Result<Vec<u8>, VaultError> {
        let mut connection = self.database.read().await?;
        if let Some(salt) = rows::find_salt(&mut connection, owner.scope, owner.id).await? {
            return Ok(salt);
        }
        drop(connection);
        let mut transaction = self.database.write().await?;
        let fresh = random_bytes::<32>();
        let salt = rows::find_or_insert_salt(&mut transaction, owner.scope, owner.id, &fresh).await?;
        transaction.commit().await?;
        Ok(salt)
    }
}

impl MasterKey {
    fn check_value(&self) -> Result<Vec<u8>, VaultError> {
        let nonce = random_bytes::<12>();
        let payload = Payload { msg: CHECK_TEXT, aad: self.id.as_bytes() };
        let sealed =
            self.cipher().encrypt(&Nonce::from(nonce), payload).map_err(|_| VaultError::CannotSeal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn opens(&self, check_value: &[u8]) -> bool {
        let Some((nonce, sealed)) = check_value.split_first_chunk::<12>() else { return false };
        let payload = Payload { msg: sealed, aad: self.id.as_bytes() };
        self.cipher().decrypt(&Nonce::from(*nonce), payload).is_ok_and(|text| text == CHECK_TEXT)
    }

    /// A key of its own, so that the master key itself encrypts nothing.
    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.key_for(b"check value")).into())
    }

    fn key_for(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        // The master key is random, so one round is enough here.
        pbkdf2::pbkdf2_hmac::<Sha512>(&*self.key, purpose, 1, &mut *key);
        key
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_key_file_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let made = MasterKeys::read_or_make(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = MasterKeys::read_or_make(&path).unwrap();
        assert_eq!(*made.0[0].key, *read.0[0].key);
    }

    #[test]
    fn a_wrong_key_file_says_where() {
        let path = Path::new("master.key");
        let error = |text: &str| MasterKeys::parse(text, path).err().unwrap().to_string();
        assert_eq!(error(""), "the master key file master.key, line 1: there is no key in it");
        assert!(error("# c\nk1").contains("line 2: it must be an id"));
        assert!(error("k1 !!!").contains("not base64"));
        assert!(error("k1 AAAA").contains("not 32 bytes"));
        let key = STANDARD.encode([1; 32]);
        assert!(error(&format!("k1 {key}\nk1 {key}")).contains("same id"));
    }

    #[test]
    fn the_check_value_tells_keys_apart() {
        let one = MasterKey { id: "k1".into(), key: Zeroizing::new([1; 32]) };
        let other = MasterKey { id: "k1".into(), key: Zeroizing::new([2; 32]) };
        let check = one.check_value().unwrap();
        assert!(one.opens(&check));
        assert!(!other.opens(&check));
        assert!(!one.opens(b"short"));
    }
}

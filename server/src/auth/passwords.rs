//! Passwords of local accounts: argon2id (RFC 9106), a few at a time, so that many attempts do not eat the memory.

use std::sync::Arc;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::error::ApiError;

/// Hashes in work at the same time; each takes 19 MiB (OWASP's parameters, argon2's default).
const AT_ONCE: usize = 4;
/// The shortest password: NIST SP 800-63B asks for length, not for special characters.
pub const MIN_LENGTH: usize = 12;
/// The longest password, so that nobody lets us hash a novel.
pub const MAX_LENGTH: usize = 200;

/// Hashes and verifies.
#[derive(Debug, Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
    /// What is verified when there is no account, so that the answer takes as long as a real one.
    nobody: Arc<str>,
}

impl Passwords {
    /// Ready to use.
    pub fn new() -> Result<Self, argon2::password_hash::Error> {
        let nobody = hash_blocking("nobody has this password")?.into();
        Ok(Self { places: Arc::new(Semaphore::new(AT_ONCE)), nobody })
    }

    /// The hash to store, in PHC string format.
    pub async fn hash(&self, password: SecretString) -> Result<String, ApiError> {
        self.run(move || {
            hash_blocking(password.expose_secret()).map_err(|error| ApiError::Internal(error.to_string()))
        })
        .await?
    }

    /// Whether this is the password of the account; no account has none, and takes the same time to say so.
    pub async fn verify(&self, hash: Option<String>, password: SecretString) -> Result<bool, ApiError> {
        let is_somebody = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.as_ref().to_owned());
        self.run(move || {
            let parsed = PasswordHash::new(&hash).map_err(|error| ApiError::Internal(error.to_string()))?;
            let is_right =
                Argon2::default().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
            Ok(is_right && is_somebody)
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|error| ApiError::Internal(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        });
        done.await.map_err(|error| ApiError::Internal(error.to_string()))
    }
}

fn hash_blocking(password: &str) -> Result<String, argon2::password_hash::Error> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes())?;
    Ok(hash.to_string())
}

/// Says what is wrong with a new password.
pub fn check(password: &str) -> Result<(), &'static str> {
    match password.chars().count() {
        length if length < MIN_LENGTH => Err("Please use at least 12 characters; a short sentence is good."),
        length if length > MAX_LENGTH => Err("Please use at most 200 characters."),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_right() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("correct horse battery".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(passwords.verify(Some(hash.clone()), "correct horse battery".into()).await.unwrap());
        assert!(!passwords.verify(Some(hash), "correct horse batterx".into()).await.unwrap());
        assert!(!passwords.verify(None, "nobody has this password".into()).await.unwrap());
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(check("12345678901").is_err());
        assert!(check("ÄÖÜäöüßÄÖÜäö").is_ok());
        assert!(check(&"x".repeat(201)).is_err());
    }
}

//! Encryption of vendor credentials at rest.
//!
//! - `keys`: the master keys, and the key of each scope derived from them (PBKDF2, HMAC-SHA-512, 100,000 iterations,
//!   random salt per scope).
//! - `seal`: AES-256-GCM with the row's place as associated data, so that a row moved elsewhere does not open.
//! - `resolve`: which of several credentials a call uses, opened and kept for a short while.
//! - `tokens`: the access tokens that vendors gave, sealed and shared by all replicas.
//!
//! Start with [`Vault::key`], then [`ScopeKey::seal`].

pub mod keys;
pub mod resolve;
pub mod seal;
pub mod tokens;

pub use keys::{MasterKeys, Vault, VaultError};
pub use seal::{Place, ScopeKey};

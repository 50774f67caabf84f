//! The database: the only crate that knows diesel, and the only place with SQL.
//!
//! One file per noun, named like the wire shape in `api/src/` and the handler in `server/src/api/`. Every function
//! takes a [`Connection`] (from [`Database::read`] or a [`Transaction`]) and, where it touches a tenant's data, whose
//! data that is. Nothing here knows HTTP, plans or passwords: hashes and ciphertext come in ready.
//!
//! Start with [`engine`], then any noun, e.g. [`connections`].

pub mod audit;
pub mod authorization_requests;
pub mod clients;
pub mod codes;
mod columns;
pub mod connections;
pub mod engine;
mod error;
mod events;
pub mod grants;
pub mod health;
pub mod invitations;
pub mod mcp_sessions;
pub mod members;
mod migrations;
pub mod operator;
pub mod organizations;
pub mod refresh_tokens;
mod schema;
pub mod service_clients;
pub mod sessions;
pub mod setup_tokens;
pub mod sign_in_states;
pub mod signing_keys;
pub mod teams;
pub mod throttles;
pub mod upgrade_codes;
pub mod users;
pub mod vault;
pub mod vendor_tokens;

pub use columns::Timestamp;
pub use engine::{Connection, Database, Purpose, Transaction};
pub use error::StoreError;
pub use events::{Event, Topic};

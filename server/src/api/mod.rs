//! The JSON API: one file per resource, one function per operation.
//!
//! A handler reads top to bottom: who (an extractor), what is asked (the body), may they (plans), do it (one
//! `database.write()` with the audit row in it), answer. Its doc comment is its text in the OpenAPI document.

pub mod accounts;
pub mod audit;
pub mod connect;
pub mod connections;
pub mod consent;
pub mod events;
pub mod grants;
pub mod invitations;
pub mod me;
pub mod members;
pub mod organizations;
pub mod password;
pub mod service_clients;
pub mod session;
pub mod teams;
pub mod vendors;

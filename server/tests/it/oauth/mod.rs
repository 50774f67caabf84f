//! The authorization server, as clients and browsers meet it.

mod authorize;
mod bad_tokens;
mod bearer;
mod cimd;
mod confidential;
mod consent;
mod flow;
mod keys;
mod metadata;
mod refresh;
mod register;
mod revocation;
mod scopes;
mod service_clients;
mod token;

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
//! Integration tests: real HTTP to a real gateway on a real database, `SQLite` or `PostgreSQL`.
//!
//! The engine is named by `GATEWAY_TEST_ENGINE` (`sqlite`, the default, or `postgres`); every test has a database of
//! its own. What is true on one engine alone begins with `sqlite_only_` or `postgres_only_`, and is left out, and counted
//! as left out, on the other one (.config/nextest.toml). Start with [`gateway::Gateway`].

mod access;
mod audit;
mod catalogue;
mod cli;
mod connections;
mod doctor;
mod errors;
mod gateway;
mod health;
mod limits;
mod mcp;
mod oauth;
mod openapi;
mod sign_in;
mod start;
mod teams;
mod vendor_tokens;

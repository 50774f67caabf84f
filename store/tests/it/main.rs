#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
//! What the store promises, on the engine named by `GATEWAY_TEST_ENGINE`, as `server/tests/it` does.

mod database;
mod engine;
mod upgrade_codes;

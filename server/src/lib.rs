//! The gateway: JSON API, sign-in, OAuth 2.1 authorization server, MCP endpoint, vendor calls.
//!
//! Where to start: [`router`] is the table of contents of everything that can be asked; [`serve`] puts the parts
//! together; `docs/ARCHITECTURE.md` walks through three requests.
//!
//! The surfaces (`api`, `oauth`, `mcp`, `web`) do not know each other. They share `auth`, `vault`, `vendors`, `audit`,
//! `plans` and the store.

pub mod api;
pub mod audit;
pub mod auth;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod dialect;
pub mod discovery;
pub mod doctor;
pub mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod health;
pub mod jobs;
pub mod limits;
pub mod mcp;
pub mod names;
pub mod oauth;
pub mod openapi;
pub mod pages;
pub mod plans;
pub mod router;
pub mod serve;
pub mod state;
pub mod telemetry;
pub mod vault;
pub mod vendors;
pub mod web;

//! Vendors, from manifest to wire: contract tests against a recording server, a real Alertmanager, the demo desk, and
//! vendors that misbehave.

#![expect(clippy::unwrap_used, reason = "helpers of tests, too, stop at the first surprise")]

mod alertmanager;
mod autotask;
mod bad_vendors;
mod catalog;
mod contract;
mod datto_rmm;
mod demo_desk;
mod format;
mod guide;
mod itglue;
mod oauth2;
mod recording;
mod rig;

//! Vendors, from manifest to wire: contract tests against a recording server and public documents, a real Alertmanager and
//! a real Icinga 2, the demo desk, and
//! vendors that misbehave.

#![expect(clippy::unwrap_used, reason = "helpers of tests, too, stop at the first surprise")]

mod answers;
mod autotask;
mod bad_servers;
mod bad_vendors;
mod catalog;
mod contract;
mod datto_rmm;
mod demo_desk;
mod documents;
mod format;
mod guide;
mod itglue;
mod live;
mod oauth2;
mod openapi_import;
mod openapi_requests;
mod recording;
mod rig;

//! Vendors, from manifest to wire: contract tests against a recording server, a real Alertmanager, the demo desk, and
//! vendors that misbehave.

mod alertmanager;
mod autotask;
mod bad_vendors;
mod catalog;
mod datto_rmm;
mod demo_desk;
mod itglue;
mod recording;
mod rig;

//! Server.

pub mod demo;
pub mod vendors;

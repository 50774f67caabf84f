//! Who is calling, and may they: sessions of browsers, local accounts, OpenID Connect, and the guard against requests
//! from other sites. MCP clients come in by `oauth::bearer`.
//!
//! Start with [`session::Member`], the extractor that most handlers of `/api` begin with.

pub mod client_ip;
pub mod csrf;
pub mod oidc;
pub mod passwords;
pub mod people;
pub mod return_to;
pub mod session;
pub mod setup;
pub mod throttle;

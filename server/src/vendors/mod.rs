//! Outside systems: manifest -> HTTP request -> result.
//!
//! A vendor is data (`vendors/<slug>.toml`, described in `docs/ADDING-A-VENDOR.md`). Follow one call to learn the
//! module: [`Catalog::tool`] finds a tool, [`VendorClient::call`] checks its arguments ([`schema`]) and waits for its turn
//! ([`standing`], [`pace`], [`breaker`]). [`exchange`] finds the base URL ([`base_url`], [`addresses`]) and token
//! ([`tokens`]); the request is filled ([`request`], [`template`], [`body`]), signed ([`session`], [`auth`]) and sent past
//! the network guard ([`transport`], [`network`], [`redirect`]); what comes back is shaped ([`answer`], [`paging`],
//! [`refusal`]).
//! How manifests are read and checked is in [`check`], how an OpenAPI document becomes a draft of one in [`import`]. Vendors
//! that are MCP servers themselves are in [`upstream`].
//!
//! Nothing here knows of our own HTTP server, of our own MCP endpoint, of organizations or of the database.

mod addresses;
mod answer;
mod auth;
mod base_url;
mod body;
mod breaker;
mod catalog;
mod check;
mod client;
mod credentials;
mod cut;
mod encoding;
mod error;
mod escapes;
mod exchange;
mod failure;
mod fields;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod hide;
mod host;
mod import;
mod link;
mod manifest;
pub(crate) mod network;
mod pace;
mod paging;
mod redact;
mod redirect;
mod refusal;
mod remedy;
mod request;
mod retry_after;
mod schema;
mod secret_forms;
mod select;
mod session;
mod shared_tokens;
mod standing;
mod template;
#[cfg(test)]
mod testing;
mod tls;
mod token_request;
mod tokens;
mod transport;
mod upstream;
mod values;
mod vendor;

pub use answer::Answer;
pub use catalog::Catalog;
pub use check::{Findings, ManifestProblem, check_file, examine_file};
pub use client::{ClientError, NetworkSettings, Validated, VendorClient};
pub use credentials::{Credentials, CredentialsFormatError};
pub use error::{ArgumentProblem, CallError, Hold, Verdict};
pub use fields::{FieldProblem, check_fields};
pub use import::{Draft, ImportError, import_openapi, read_document};
pub use schema::SchemaText;
pub(crate) use shared_tokens::{Fetch, SharedTokens};
pub use tokens::CredentialKey;
pub(crate) use tokens::Remembered;
pub use upstream::{LeftOut, ToolList, ToolListId};
pub use vendor::{Budget, Field, FieldKind, Rate, Risk, Tool, Vendor};

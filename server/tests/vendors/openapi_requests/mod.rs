//! What the gateway sends, against the vendors' own OpenAPI documents: the operation is there, every parameter is known and
//! of its type, what is required comes, and the body fits its schema, as a validator of JSON Schema says.
//!
//! [`document`] reads such a document; [`alertmanager`] asks a whole one about real requests, [`extracts`] asks those of
//! `../openapi/` about the requests that `../contract/` proves to be sent.

mod alertmanager;
mod document;
mod extracts;

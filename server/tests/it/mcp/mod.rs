//! `/v1/mcp` on the wire, in both eras.

mod bad_input;
mod calls;
mod cancellation;
mod changes;
pub(crate) mod client;
mod elicitation;
mod isolation;
mod legacy;
mod modern;
mod search;
pub(crate) mod upstream;
mod vendor_endpoint;

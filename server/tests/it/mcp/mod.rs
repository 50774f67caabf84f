//! `/v1/mcp` on the wire, in both eras.

mod bad_input;
mod calls;
mod cancellation;
mod changes;
pub(crate) mod client;
mod discovered;
mod elicitation;
mod hostile;
mod isolation;
mod legacy;
mod modern;
mod remote;
mod search;
pub(crate) mod upstream;
mod vendor_endpoint;

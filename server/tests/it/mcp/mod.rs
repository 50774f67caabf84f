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
mod messages;
mod modern;
mod remote;
mod search;
mod sessions;
mod trace;
pub(crate) mod upstream;
mod vendor_endpoint;

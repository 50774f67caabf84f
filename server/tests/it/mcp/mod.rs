//! `/v1/mcp` on the wire, in both eras.

mod bad_input;
mod calls;
mod cancellation;
mod changes;
pub(crate) mod client;
mod isolation;
mod legacy;
mod modern;
pub(crate) mod upstream;

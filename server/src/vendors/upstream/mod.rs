//! Vendors that are MCP servers themselves (`kind = "mcp"`): streamable HTTP, in both eras. The protocol is rmcp's; its
//! requests go through the same guarded HTTP client as all others, with the credential in their headers.
//!
//! [`calls`] is the beginning: what [`VendorClient`](super::VendorClient) does for such a vendor. [`connections`] keeps one
//! connection for each credential, [`wire`] is the way out, [`flow`] limits what comes in unasked, and [`news`] asks for it. [`listing`] reads a
//! list of tools, [`tools`] believes only what it can use of it, [`answer`] and [`trouble`] put what comes back into the
//! gateway's terms.

mod answer;
mod calls;
mod connections;
mod flow;
mod listing;
mod names;
mod news;
mod schema;
mod text;
mod tools;
mod trouble;
mod wire;

pub(crate) use connections::Connections;
pub(crate) use names::NamePattern;
pub use tools::{LeftOut, ToolList, ToolListId};

use super::vendor::Validation;

/// How a vendor is spoken to.
#[derive(Debug)]
pub(crate) enum Upstream {
    /// Requests of the manifest; this one proves the credential.
    Rest(Box<Validation>),
    /// An MCP server, which is asked for its tools.
    Mcp(McpServer),
}

/// What a manifest says about an MCP server.
#[derive(Debug)]
pub(crate) struct McpServer {
    pub(crate) hidden_tools: Vec<NamePattern>,
}

/// A tool at its server.
#[derive(Debug)]
pub(crate) struct RemoteTool {
    /// Its name there.
    pub(crate) name: Box<str>,
    /// The server says that it destroys nothing.
    pub(crate) is_harmless: bool,
    /// Some arguments are repeated as headers (`x-mcp-header`), which rmcp does for tools that it has seen listed.
    pub(crate) has_headers: bool,
}

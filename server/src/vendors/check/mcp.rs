//! The parts of a manifest that only a vendor of kind `mcp` has, and those that it must not have.

use super::problems::Problems;
use crate::vendors::manifest::{FailureEntry, Manifest, McpEntry, Paging};
use crate::vendors::upstream::{McpServer, NamePattern};

/// The server of a manifest of kind `mcp`.
pub(super) fn compile(manifest: &Manifest, problems: &mut Problems<'_>) -> McpServer {
    let needless = [
        (
            "/validation",
            manifest.validation.is_some(),
            "the server proves the credential by answering `tools/list`",
        ),
        ("/failure", manifest.failure != FailureEntry::default(), "the protocol says what a failure is"),
        ("/paging", manifest.paging != Paging::default(), "the server's tools say how they page"),
        ("/auth/query", !manifest.auth.query.is_empty(), "credentials go to an MCP server in headers only"),
        (
            "/auth/oauth2",
            manifest.auth.oauth2.is_some(),
            "credentials go to an MCP server as they are, in headers",
        ),
        (
            "/auth/login",
            manifest.auth.login.is_some(),
            "credentials go to an MCP server as they are, in headers",
        ),
        (
            "/request/content_type",
            manifest.request.content_type.is_some(),
            "the protocol says what the type is",
        ),
    ];
    for (place, _, why) in needless.into_iter().filter(|(_, is_there, _)| *is_there) {
        problems.add(place, format!("a vendor of kind mcp has no such part: {why}"));
    }
    check_headers(manifest, problems);
    let mut hidden_tools = Vec::new();
    for (index, source) in manifest.mcp.hidden_tools.iter().enumerate() {
        match NamePattern::parse(source) {
            Some(pattern) => hidden_tools.push(pattern),
            None => problems.add(
                &format!("/mcp/hidden_tools/{index}"),
                format!(
                    "`{source}` is no name of a tool: `*` may stand at its beginning and at its end only"
                ),
            ),
        }
    }
    McpServer { hidden_tools }
}

/// The protocol's own headers are not the manifest's.
fn check_headers(manifest: &Manifest, problems: &mut Problems<'_>) {
    let named = manifest.auth.headers.keys().map(|name| ("/auth/headers", name));
    for (part, name) in named.chain(manifest.request.headers.keys().map(|name| ("/request/headers", name))) {
        let lower = name.to_ascii_lowercase();
        let is_taken = lower.starts_with("mcp-")
            || ["accept", "content-type", "content-length", "host", "last-event-id"]
                .contains(&lower.as_str());
        if is_taken {
            problems.add(&format!("{part}/{name}"), format!("the header {name} belongs to the protocol"));
        }
    }
}

/// Every other kind has no part of this one.
pub(super) fn check_absent(manifest: &Manifest, problems: &mut Problems<'_>) {
    if manifest.mcp != McpEntry::default() {
        problems.add("/mcp", "only a vendor of kind mcp has this part");
    }
}

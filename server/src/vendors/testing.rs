//! For unit tests: a vendor from the interesting part of a manifest.

use std::path::Path;

use super::check::{Schemas, compile};
use super::vendor::Vendor;

/// Compiles `part` with everything it does not say filled in.
pub(crate) fn vendor(part: &str) -> Vendor {
    compile(Path::new("sample.toml"), &manifest(part), None, Schemas::Check)
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A whole manifest around `part`, which starts on line 10.
pub(crate) fn manifest(part: &str) -> String {
    let head = concat!(
        "slug = \"sample\"\nname = \"Sample\"\ncategory = \"psa\"\nsummary = \"Sample.\"\ncolor = \"#123456\"\n",
        "initials = \"S\"\n"
    );
    let is_mcp = part.contains("kind = \"mcp\"");
    let validation = if is_mcp { "\n\n\n" } else { "validation = { path = \"/me\" }\n\n\n" };
    let mut text = format!("{head}{validation}{part}\n");
    if is_mcp {
        return text;
    }
    if !part.contains("[base_url]") {
        text.push_str("[base_url]\ntemplate = \"https://api.example.com\"\n");
    }
    if !part.contains("[[tools]]") {
        text.push_str("[[tools]]\nname = \"get_me\"\ntitle = \"Get me\"\ndescription = \"Who am I?\"\nrisk = \"read\"\nmethod = \"GET\"\npath = \"/me\"\n");
    }
    text
}

/// A vendor of kind `mcp`, for [`vendor`].
pub(crate) const MCP: &str = r#"
kind = "mcp"
mcp = { hidden_tools = ["*_navigate", "*_back"] }
fields = [{ name = "key", label = "Key", kind = "secret" }]
auth = { headers = { X-Key = "{key}" } }
base_url = { template = "https://mcp.example.com/mcp" }
"#;

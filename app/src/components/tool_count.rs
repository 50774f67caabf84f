//! How many tools, in words.

use gateway_api::vendors::VendorView;

/// What a vendor brings: `12 tools`.
pub(crate) fn of(vendor: &VendorView) -> String {
    vendor.tool_count.map_or_else(|| "tools of its MCP server".to_owned(), in_words)
}

/// `1 tool`, `2 tools`.
pub(crate) fn in_words(count: u32) -> String {
    if count == 1 { "1 tool".to_owned() } else { format!("{count} tools") }
}

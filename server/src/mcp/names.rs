//! Names of tools: `vendor__tool`, and the gateway's own `gateway__...`.

/// Tells which vendors are connected.
pub(super) const LIST_CONNECTIONS: &str = "gateway__list_connections";
/// Finds tools.
pub(super) const SEARCH_TOOLS: &str = "gateway__search_tools";
/// Calls a tool that was found.
pub(super) const CALL_TOOL: &str = "gateway__call_tool";
/// What stands between vendor and tool.
const SEPARATOR: &str = "__";
/// The longest name that is written down; the protocol allows no longer ones (MCP 2026-07-28, server/tools).
const MAX_NAME: usize = 128;

/// A name as a client sent it, fit for the audit log: one line, not longer than a name can be.
pub(super) fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_NAME).collect()
}

/// The part before the separator: a vendor's slug with `_` for `-`, or `gateway`.
pub(super) fn vendor_part(name: &str) -> Option<&str> {
    name.split_once(SEPARATOR).map(|(vendor, _)| vendor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_printable() {
        assert_eq!(printable("itglue__list\n\u{1b}[31m"), "itglue__list  [31m");
        assert_eq!(printable(&"ä".repeat(200)).chars().count(), MAX_NAME);
    }

    #[test]
    fn the_vendor_stands_before_the_separator() {
        assert_eq!(vendor_part("datto_rmm__list_devices"), Some("datto_rmm"));
        assert_eq!(vendor_part(LIST_CONNECTIONS), Some("gateway"));
        assert_eq!(vendor_part("nothing"), None);
    }
}

//! Scopes (RFC 6749 section 3.3): what a client may be allowed to do.

use super::error::{ErrorCode, OAuthError};

/// All there is so far: list and call the tools of the person's connections.
pub const MCP: &str = "mcp";
/// Asks for a refresh token. Every client gets one, so this is accepted and otherwise ignored.
pub const OFFLINE_ACCESS: &str = "offline_access";

/// Every scope that can be granted, and what it means, as a sentence for the consent page.
const GRANTABLE: [(&str, &str); 1] = [(
    MCP,
    "List and use the tools of the vendors that are connected for you, with the credentials stored here.",
)];

/// Every scope that can be granted.
pub fn grantable() -> impl Iterator<Item = &'static str> {
    GRANTABLE.into_iter().map(|(name, _)| name)
}

/// What is granted of what was asked for: names we do not know are dropped, as RFC 6749 section 3.3 allows; nothing
/// asked for means [`MCP`].
///
/// # Errors
/// `invalid_scope` if something was asked for, and we know none of it.
pub fn grant(requested: Option<&str>) -> Result<String, OAuthError> {
    let names: Vec<&str> = requested
        .unwrap_or_default()
        .split(' ')
        .filter(|name| !name.is_empty() && *name != OFFLINE_ACCESS)
        .collect();
    if names.is_empty() {
        return Ok(MCP.to_owned());
    }
    let granted: Vec<&str> = grantable().filter(|known| names.contains(known)).collect();
    if granted.is_empty() {
        return Err(OAuthError::new(ErrorCode::InvalidScope, "none of the requested scopes is known here"));
    }
    Ok(granted.join(" "))
}

/// A refresh must not ask for more than was granted (RFC 6749 section 6).
pub fn is_within(requested: &str, granted: &str) -> bool {
    requested
        .split(' ')
        .filter(|name| !name.is_empty() && *name != OFFLINE_ACCESS)
        .all(|name| granted.split(' ').any(|known| known == name))
}

/// What a scope means, in sentences for the consent page.
pub fn sentences(scope: &str) -> Vec<String> {
    let names: Vec<&str> = scope.split(' ').collect();
    GRANTABLE
        .into_iter()
        .filter(|(name, _)| names.contains(name))
        .map(|(_, sentence)| sentence.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_granted() {
        assert_eq!(grant(None).unwrap(), "mcp");
        assert_eq!(grant(Some("mcp offline_access")).unwrap(), "mcp");
        assert_eq!(grant(Some("offline_access")).unwrap(), "mcp");
        assert_eq!(grant(Some("openid  mcp")).unwrap(), "mcp");
        assert_eq!(grant(Some("openid")).unwrap_err().code, ErrorCode::InvalidScope);
        assert_eq!(grant(Some("MCP")).unwrap_err().code, ErrorCode::InvalidScope, "case matters");
        assert!(is_within("mcp offline_access", "mcp"));
        assert!(!is_within("mcp mcp:admin", "mcp"));
        assert_eq!(sentences("mcp").len(), 1);
    }
}

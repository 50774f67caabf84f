//! Resource indicators (RFC 8707): tokens are for the MCP endpoint and nothing else.

use url::Url;

use super::{
    error::{ErrorCode, OAuthError},
    params::Parameters,
};

/// The resource a request is about: every `resource` it names must be `ours`; naming none means the same, because some
/// clients leave it out.
pub fn check(parameters: &Parameters, ours: &str) -> Result<(), OAuthError> {
    if parameters.all("resource").all(|named| is_same(named, ours)) {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::InvalidTarget, "this server issues tokens for its own MCP endpoint only"))
}

/// Upper case in scheme or host and a trailing slash make no other resource (MCP authorization, "Canonical Server URI").
fn is_same(named: &str, ours: &str) -> bool {
    let normal = |text: &str| {
        let url = Url::parse(text).ok().filter(|url| url.fragment().is_none())?;
        Some(url.as_str().trim_end_matches('/').to_owned())
    };
    normal(named).is_some_and(|named| Some(named) == normal(ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_resource_is_accepted() {
        let ours = "https://gateway.example/v1/mcp";
        let accepts = |query: &str| check(&Parameters::parse(query.as_bytes()), ours).is_ok();
        assert!(accepts(""));
        assert!(accepts("resource=https://gateway.example/v1/mcp"));
        assert!(accepts("resource=HTTPS://Gateway.example:443/v1/mcp/"));
        assert!(accepts("resource=https://gateway.example/v1/mcp&resource=https://gateway.example/v1/mcp"));
        for wrong in [
            "https://gateway.example",
            "https://gateway.example/v1/mcp?x=1",
            "https://gateway.example/v1/mcp%23x",
            "https://gateway.example/v1/mcp2",
            "http://gateway.example/v1/mcp",
            "https://gateway.example:8443/v1/mcp",
            "https://evil.example/v1/mcp",
            "/v1/mcp",
            "https://gateway.example/v1/mcp&resource=https://evil.example",
        ] {
            assert!(!accepts(&format!("resource={wrong}")), "{wrong}");
        }
    }
}

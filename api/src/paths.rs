//! Every path that more than one crate must know. `{x}` stands for a parameter, as axum and `OpenAPI` write it.

/// Who is signed in.
pub const ME: &str = "/api/me";
/// Change the password.
pub const ME_PASSWORD: &str = "/api/me/password";
/// Sign in (POST), sign out (DELETE).
pub const SESSION: &str = "/api/session";
/// Sign out everywhere (DELETE).
pub const SESSIONS: &str = "/api/sessions";
/// What the sign-in page offers.
pub const SIGN_IN: &str = "/api/sign-in";
/// The first account.
pub const SETUP: &str = "/api/setup";
/// Sign up.
pub const ACCOUNTS: &str = "/api/accounts";
/// The catalogue.
pub const VENDORS: &str = "/api/vendors";
/// The person's connections.
pub const CONNECTIONS: &str = "/api/connections";
/// One of them.
pub const CONNECTION: &str = "/api/connections/{vendor}";
/// Ask the vendor.
pub const CONNECTION_TEST: &str = "/api/connections/{vendor}/test";
/// The person's authorized apps.
pub const GRANTS: &str = "/api/grants";
/// One of them.
pub const GRANT: &str = "/api/grants/{id}";
/// A pending authorization request.
pub const CONSENT: &str = "/api/consents/{id}";
/// Has Claude called yet?
pub const CONNECT: &str = "/api/connect";
/// The `OpenAPI` document.
pub const OPENAPI: &str = "/api/openapi.json";
/// The MCP endpoint.
pub const MCP: &str = "/v1/mcp";

/// `path` with its one `{parameter}` filled, percent-encoded.
pub fn fill(path: &str, value: &str) -> String {
    let (Some(open), Some(close)) = (path.find('{'), path.find('}')) else { return path.to_owned() };
    let mut filled = path[..open].to_owned();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                filled.push(char::from(byte));
            }
            _ => {
                use std::fmt::Write as _;
                // Writing to a String cannot fail.
                let _ = write!(filled, "%{byte:02X}");
            }
        }
    }
    filled.push_str(&path[close + 1..]);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_encodes_what_would_change_the_path() {
        assert_eq!(fill(CONNECTION_TEST, "a/b ?"), "/api/connections/a%2Fb%20%3F/test");
        assert_eq!(fill(ME, "x"), "/api/me");
    }
}

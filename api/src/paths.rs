//! Every path that more than one crate must know. `{x}` stands for a parameter, as axum and `OpenAPI` write it.

/// Who is signed in.
pub const ME: &str = "/api/me";
/// Change the password.
pub const ME_PASSWORD: &str = "/api/me/password";
/// Sign in (POST), change the organization (PATCH), sign out (DELETE).
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
/// One of them, with its tools.
pub const VENDOR: &str = "/api/vendors/{vendor}";
/// The person's connections.
pub const CONNECTIONS: &str = "/api/connections";
/// One of them.
pub const CONNECTION: &str = "/api/connections/{vendor}";
/// Ask the vendor.
pub const CONNECTION_TEST: &str = "/api/connections/{vendor}/test";
/// Create a team.
pub const ORGANIZATIONS: &str = "/api/organizations";
/// One organization.
pub const ORGANIZATION: &str = "/api/organizations/{org}";
/// Upgrade it with a code.
pub const ORGANIZATION_UPGRADE: &str = "/api/organizations/{org}/upgrade";
/// Its members.
pub const MEMBERS: &str = "/api/organizations/{org}/members";
/// One of them.
pub const MEMBER: &str = "/api/organizations/{org}/members/{user}";
/// Its invitations.
pub const INVITATIONS: &str = "/api/organizations/{org}/invitations";
/// One of them.
pub const INVITATION: &str = "/api/organizations/{org}/invitations/{id}";
/// Its service clients.
pub const SERVICE_CLIENTS: &str = "/api/organizations/{org}/service-clients";
/// One of them.
pub const SERVICE_CLIENT: &str = "/api/organizations/{org}/service-clients/{id}";
/// An invitation, for whoever holds its link.
pub const OPENED_INVITATION: &str = "/api/invitations/{token}";
/// Join by it.
pub const INVITATION_ACCEPT: &str = "/api/invitations/{token}/accept";
/// Its sub-teams.
pub const TEAMS: &str = "/api/organizations/{org}/teams";
/// One of them.
pub const TEAM: &str = "/api/organizations/{org}/teams/{team}";
/// A place in one of them.
pub const TEAM_MEMBER: &str = "/api/organizations/{org}/teams/{team}/members/{user}";
/// A sub-team's connection.
pub const TEAM_CONNECTION: &str = "/api/organizations/{org}/teams/{team}/connections/{vendor}";
/// Ask the vendor about it.
pub const TEAM_CONNECTION_TEST: &str = "/api/organizations/{org}/teams/{team}/connections/{vendor}/test";
/// Everything shared in an organization: its own connections and its sub-teams'.
pub const SHARED_CONNECTIONS: &str = "/api/organizations/{org}/connections";
/// The organization's own connection to one vendor.
pub const SHARED_CONNECTION: &str = "/api/organizations/{org}/connections/{vendor}";
/// Ask the vendor about it.
pub const SHARED_CONNECTION_TEST: &str = "/api/organizations/{org}/connections/{vendor}/test";
/// Which credential a person's calls use.
pub const RESOLUTION: &str = "/api/organizations/{org}/resolution";
/// The audit log.
pub const AUDIT: &str = "/api/organizations/{org}/audit";
/// The same as CSV.
pub const AUDIT_CSV: &str = "/api/organizations/{org}/audit.csv";
/// What changes, as it changes: `text/event-stream`.
pub const EVENTS: &str = "/api/events";
/// The person's authorized apps.
pub const GRANTS: &str = "/api/grants";
/// One of them.
pub const GRANT: &str = "/api/grants/{id}";
/// A pending authorization request.
pub const CONSENT: &str = "/api/consents/{id}";
/// Has Claude called yet?
pub const CONNECT: &str = "/api/connect";
/// Could a client connect?
pub const CONNECT_CHECK: &str = "/api/connect/check";
/// The `OpenAPI` document.
pub const OPENAPI: &str = "/api/openapi.json";
/// The MCP endpoint.
pub const MCP: &str = "/v1/mcp";
/// The MCP endpoint with the tools of one vendor.
pub const VENDOR_MCP: &str = "/v1/{vendor}/mcp";
/// Where a link leads that an MCP client shows to connect a vendor.
pub const CONNECT_VENDOR: &str = "/connect/{vendor}";

/// `path` with its `{parameters}` filled in their order, percent-encoded.
pub fn fill(path: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(path.len() + 64);
    let mut values = values.iter();
    let mut rest = path;
    while let (Some(open), Some(close)) = (rest.find('{'), rest.find('}')) {
        filled.push_str(&rest[..open]);
        encode(values.next().copied().unwrap_or_default(), &mut filled);
        rest = &rest[close + 1..];
    }
    filled.push_str(rest);
    filled
}

/// Appends `value`, with everything percent-encoded that RFC 3986 section 2.3 does not call unreserved.
pub fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                into.push(char::from(byte));
            }
            _ => {
                use std::fmt::Write as _;
                // Writing to a String cannot fail.
                let _ = write!(into, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_encodes_what_would_change_the_path() {
        assert_eq!(fill(CONNECTION_TEST, &["a/b ?"]), "/api/connections/a%2Fb%20%3F/test");
        assert_eq!(fill(TEAM, &["o", "t"]), "/api/organizations/o/teams/t");
        assert_eq!(fill(ME, &["x"]), "/api/me");
    }
}

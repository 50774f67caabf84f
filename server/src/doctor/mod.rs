//! The connection doctor: takes the steps that Claude takes, from the first request to the list of tools, and says for
//! each what happened and what to do about it, in words for whoever runs the gateway.
//!
//! It asks over the network like any client and knows nothing from inside, so it works on any gateway's URL, and shows
//! what a reverse proxy in between does to a request. It is used by `mcp-gateway doctor` (`cli/doctor.rs`) and by the
//! panel on the page Connect Claude (`api/connect/`). It never goes to another origin than the one it was told.
//!
//! | steps | file |
//! |---|---|
//! | the first contact, the 401, the Authorization header | `contact.rs` |
//! | protected resource and authorization server metadata | `metadata.rs` |
//! | registration, PKCE, the page where a person signs in | `authorization.rs` |
//! | what the person answers; a code for a token, and the token's end | `token.rs` |
//! | with a token: discover, initialize, tools/list, streams | `protocol.rs` |
//!
//! Start with `walk.rs`: their order, and who signs in. `loopback.rs` is where a browser comes back to; `probe.rs` sends;
//! `trouble.rs` says what an answer means that no gateway gives; `finding.rs` is what a step finds.

mod authorization;
mod contact;
mod finding;
mod loopback;
mod metadata;
mod probe;
mod protocol;
mod token;
mod trouble;
mod walk;

use gateway_api::{connect::ConnectionCheck, paths};
use secrecy::SecretString;
use url::{Origin, Url};

pub use self::{
    authorization::Request,
    loopback::Loopback,
    token::{Consent, Unanswered},
    walk::Walk,
};
use crate::clock::Clock;

/// The revision that is asked for first (MCP 2026-07-28), and the newest that begins with `initialize`.
const MODERN: &str = "2026-07-28";
const LEGACY: &str = "2025-11-25";

/// The names of the steps, in the order in which a client takes them.
const STEPS: [&str; 14] = [
    "Reach the gateway",
    "Ask without a token",
    "Authorization header",
    "Protected resource metadata",
    "Authorization server metadata",
    "Registration",
    "PKCE",
    "Sign-in and consent",
    "Token endpoint",
    "server/discover (2026-07-28)",
    "initialize (2025-11-25 and older)",
    "tools/list",
    "Streams",
    "Revocation",
];
/// How many of them come before there is a token.
const BEFORE_TOKEN: usize = 9;
/// How many of them come before it is given back.
const BEFORE_REVOCATION: usize = 13;

/// What the doctor's client is called, for whoever sees it in a list.
pub const CLIENT_NAME: &str = "Connection doctor";
/// Nobody listens there, and nobody is sent there: for a walk on which nobody signs in.
const NOBODY: &str = "http://127.0.0.1:33418/callback";

/// Which gateway is examined.
#[derive(Debug, Clone)]
pub struct Target {
    mcp: Url,
}

/// A URL that cannot be examined.
#[derive(Debug, thiserror::Error)]
#[error("give the gateway's URL, like https://gateway.example or https://gateway.example/v1/mcp")]
pub struct NoTarget;

impl Target {
    /// The MCP endpoint at this URL; an address without a path means the usual one.
    ///
    /// # Errors
    /// It is no http(s) URL with a host, or has a user name in it.
    pub fn new(mut url: Url) -> Result<Self, NoTarget> {
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        if !is_web || !url.username().is_empty() || url.password().is_some() {
            return Err(NoTarget);
        }
        if url.path() == "/" {
            url.set_path(paths::MCP);
        }
        url.set_fragment(None);
        Ok(Self { mcp: url })
    }

    fn origin(&self) -> Origin {
        self.mcp.origin()
    }

    /// The URL of a path of the same origin.
    fn at(&self, path: &str) -> Url {
        let mut url = self.mcp.clone();
        url.set_query(None);
        url.set_path(path);
        url
    }

    /// What a token is asked for (RFC 8707): the query only says how the tools are shown.
    fn resource(&self) -> Url {
        self.at(self.mcp.path())
    }

    fn is_same_origin(&self, url: &Url) -> bool {
        url.origin() == self.origin()
    }
}

/// Takes every step that needs no person; with a token also those that come after a sign-in. The clock is compared with
/// the gateway's, where there is one.
///
/// # Errors
/// There is no TLS on this computer to ask with.
pub async fn examine(
    target: &Target,
    token: Option<&SecretString>,
    clock: Option<&Clock>,
) -> Result<ConnectionCheck, reqwest::Error> {
    let mut walk = Walk::new(target.clone())?;
    if walk.begin(NOBODY, clock).await.is_some() {
        walk.go_on_alone(token).await;
    }
    Ok(walk.into_check())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_an_endpoint() {
        let target = |text: &str| Target::new(text.parse().unwrap()).map(|target| target.mcp.to_string());
        assert_eq!(target("https://g.example").unwrap(), "https://g.example/v1/mcp");
        assert_eq!(target("https://g.example/v1/itglue/mcp").unwrap(), "https://g.example/v1/itglue/mcp");
        assert_eq!(target("http://[::1]:8080/#x").unwrap(), "http://[::1]:8080/v1/mcp");
        for wrong in ["ftp://g.example", "https://u:p@g.example", "data:x", "mailto:a@b.example"] {
            assert!(target(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn how_tools_are_shown_is_no_part_of_the_resource() {
        let target = Target::new("https://g.example/v1/mcp?tools=search".parse().unwrap()).unwrap();
        assert_eq!(target.mcp.as_str(), "https://g.example/v1/mcp?tools=search");
        assert_eq!(target.resource().as_str(), "https://g.example/v1/mcp");
    }
}

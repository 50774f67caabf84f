//! The connection doctor: takes the steps that Claude takes, from the first request to the list of tools, and says for
//! each what happened and what to do about it, in words for whoever runs the gateway.
//!
//! It asks over the network like any client and knows nothing from inside, so it works on any gateway's URL, and shows
//! what a reverse proxy in between does to a request. It is used by `mcp-gateway doctor` (`cli/doctor.rs`) and by the
//! panel on the page Connect Claude (`api/connect.rs`). It never goes to another origin than the one it was told.
//!
//! | steps | file |
//! |---|---|
//! | the first contact, the 401, the Authorization header | `contact.rs` |
//! | protected resource and authorization server metadata | `metadata.rs` |
//! | registration, sign-in page, token endpoint | `authorization.rs` |
//! | with a token: discover, initialize, tools/list, streams | `protocol.rs` |
//!
//! `probe.rs` sends; `trouble.rs` says what an answer means that no gateway gives; `finding.rs` is what a step finds.

mod authorization;
mod contact;
mod finding;
mod metadata;
mod probe;
mod protocol;
mod trouble;

use gateway_api::{connect::ConnectionCheck, paths};
use secrecy::SecretString;
use url::{Origin, Url};

use self::{finding::Steps, probe::Probe};
use crate::clock::Clock;

/// The revision that is asked for first (MCP 2026-07-28), and the newest that begins with `initialize`.
const MODERN: &str = "2026-07-28";
const LEGACY: &str = "2025-11-25";

/// The names of the steps, in the order in which a client takes them.
const STEPS: [&str; 12] = [
    "Reach the gateway",
    "Ask without a token",
    "Authorization header",
    "Protected resource metadata",
    "Authorization server metadata",
    "Registration",
    "Sign-in page",
    "Token endpoint",
    "server/discover (2026-07-28)",
    "initialize (2025-11-25 and older)",
    "tools/list",
    "Streams",
];
/// How many of them need no token.
const WITHOUT_TOKEN: usize = 8;

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

    fn is_same_origin(&self, url: &Url) -> bool {
        url.origin() == self.origin()
    }
}

/// Takes every step. Without a token it ends where a person would sign in. The clock is compared with the gateway's,
/// where there is one.
///
/// # Errors
/// There is no TLS on this computer to ask with.
pub async fn examine(
    target: &Target,
    token: Option<&SecretString>,
    clock: Option<&Clock>,
) -> Result<ConnectionCheck, reqwest::Error> {
    let probe = Probe::new()?;
    let mut steps = Steps::default();
    walk(&probe, target, token, clock, &mut steps).await;
    Ok(steps.into_check(target.mcp.as_str()))
}

/// The steps in their order; ends at the first one without which the rest cannot be tried.
async fn walk(
    probe: &Probe,
    target: &Target,
    token: Option<&SecretString>,
    clock: Option<&Clock>,
    steps: &mut Steps,
) -> Option<()> {
    let first = steps.add(contact::reach(probe, target, clock).await)?;
    steps.add(contact::challenge(target, &first))?;
    let header = contact::authorization_header(probe, target).await;
    steps.add(header);
    let issuer = steps.add(metadata::protected_resource(probe, target, &first).await)?;
    let server = steps.add(metadata::authorization_server(probe, target, &issuer).await)?;
    if let Some(client) = steps.add(authorization::register(probe, &server).await) {
        steps.add(authorization::sign_in_page(probe, target, &server, &client).await);
        steps.add(authorization::token_endpoint(probe, target, &server, &client).await);
    } else {
        steps.skip_to(WITHOUT_TOKEN, "Not tried: it needs a registered client.");
    }
    let Some(token) = token else {
        steps.skip_to(
            STEPS.len(),
            "Not tried: it needs an access token. A client gets one when somebody signs in.",
        );
        return None;
    };
    steps.add(protocol::discover(probe, target, token).await)?;
    steps.add(protocol::initialize(probe, target, token).await);
    steps.add(protocol::list_tools(probe, target, token).await);
    steps.add(protocol::streams(probe, target, token).await);
    None
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
}

//! How often one address may ask what is open to everybody. The table of contents of these limits is [`PublicLimits::of`];
//! the endpoints of OAuth (`/register`, `/authorize`, `/token`, `/revoke`) count for themselves, in `oauth/limits.rs`.
//!
//! The numbers are far above what an office behind one address needs, and far below what guessing needs.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};

use super::PerAddress;
use crate::{auth::client_ip::ClientIp, dialect::Dialect, state::AppState};

/// The limits, by what is asked for.
#[derive(Debug)]
pub struct PublicLimits {
    /// Metadata and keys.
    documents: PerAddress,
    /// Signing in and up, setting up, coming back from an OpenID provider.
    sign_in: PerAddress,
    /// Invitations: whoever guesses a link is in.
    invitations: PerAddress,
    /// The public pages of vendors.
    catalogue: PerAddress,
    /// Pending authorization requests.
    consents: PerAddress,
    /// Every other page.
    pages: PerAddress,
    /// Requests to `/v1` that had no good token or address, and to `/api` that had no good session.
    strangers: PerAddress,
    /// Clients that did not prove who they are.
    wrong_clients: PerAddress,
}

impl Default for PublicLimits {
    fn default() -> Self {
        let limit = |burst, per_minute| {
            let positive = |number: u32| NonZeroU32::MIN.saturating_add(number.saturating_sub(1));
            PerAddress::new(positive(burst), positive(per_minute))
        };
        Self {
            documents: limit(600, 600),
            sign_in: limit(240, 120),
            invitations: limit(120, 60),
            catalogue: limit(240, 120),
            consents: limit(120, 60),
            pages: limit(1200, 600),
            strangers: limit(300, 120),
            wrong_clients: limit(30, 10),
        }
    }
}

impl PublicLimits {
    /// The limit of a request; none for what needs a session or counts for itself. Nor for the probes: behind the address of
    /// a load balancer a stranger could take a replica out of service. Nor for files, which are in memory.
    fn of(&self, method: &Method, path: &str) -> Option<&PerAddress> {
        match path {
            "/api/session" | "/api/setup" | "/api/accounts" if method == Method::POST => Some(&self.sign_in),
            "/api/sign-in" => Some(&self.sign_in),
            _ if path.starts_with("/auth/") => Some(&self.sign_in),
            "/api/openapi.json" => Some(&self.documents),
            _ if path.starts_with("/.well-known/") => Some(&self.documents),
            _ if path.starts_with("/invite/") || path.starts_with("/api/invitations/") => {
                Some(&self.invitations)
            }
            "/vendors" => Some(&self.catalogue),
            _ if path.starts_with("/vendors/") => Some(&self.catalogue),
            _ if path.starts_with("/consent/") || path.starts_with("/api/consents/") => Some(&self.consents),
            "/favicon.svg" | "/robots.txt" | "/authorize" => None,
            _ if path.starts_with("/pkg/") => None,
            _ if Dialect::of(path) == Dialect::Page => Some(&self.pages),
            _ => None,
        }
    }

    /// Counts a request that had no good token, address or session.
    ///
    /// # Errors
    /// How long to wait, if there were too many of them.
    pub fn count_stranger(&self, address: IpAddr) -> Result<(), Duration> {
        self.strangers.check(address)
    }

    /// Counts a client that did not prove who it is.
    ///
    /// # Errors
    /// How long to wait, if there were too many of them.
    pub fn count_wrong_client(&self, address: IpAddr) -> Result<(), Duration> {
        self.wrong_clients.check(address)
    }

    /// Forgets who has not asked for long.
    pub fn forget_idle(&self) {
        let Self { documents, sign_in, invitations, catalogue, consents, pages, strangers, wrong_clients } =
            self;
        for limit in [documents, sign_in, invitations, catalogue, consents, pages, strangers, wrong_clients] {
            limit.forget_idle();
        }
    }
}

/// The layer over every route.
pub async fn limit_public(
    State(state): State<AppState>,
    ClientIp(address): ClientIp,
    request: Request,
    next: Next,
) -> Response {
    let dialect = Dialect::of(request.uri().path());
    let limit = state.limits.of(request.method(), request.uri().path());
    if let Some(Err(wait)) = limit.map(|limit| limit.check(address)) {
        return dialect.too_many(wait.as_secs());
    }
    let response = next.run(request).await;
    if dialect == Dialect::Problem
        && limit.is_none()
        && response.status() == StatusCode::UNAUTHORIZED
        && let Err(wait) = state.limits.count_stranger(address)
    {
        return dialect.too_many(wait.as_secs());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_to_everybody_has_a_limit() {
        let limits = PublicLimits::default();
        let has = |method: Method, path: &str| limits.of(&method, path).is_some();
        for path in ["/auth/login", "/auth/oidc/entra", "/auth/oidc/entra/callback", "/auth/setup"] {
            assert!(has(Method::GET, path), "{path}");
        }
        for path in ["/api/sign-in", "/api/invitations/x", "/invite/x", "/consent/x", "/api/consents/x"] {
            assert!(has(Method::GET, path), "{path}");
        }
        for path in ["/api/session", "/api/setup", "/api/accounts", "/api/invitations/x/accept"] {
            assert!(has(Method::POST, path), "{path}");
        }
        for path in
            ["/.well-known/jwks.json", "/api/openapi.json", "/", "/settings", "/connect/itglue", "/nothing"]
        {
            assert!(has(Method::GET, path), "{path}");
        }
        for path in ["/health", "/ready", "/pkg/gateway.js", "/authorize"] {
            assert!(!has(Method::GET, path), "{path}");
        }
        assert!(!has(Method::DELETE, "/api/session") && !has(Method::GET, "/api/me"));
    }
}

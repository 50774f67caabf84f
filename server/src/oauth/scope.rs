//! Scopes (RFC 6749 section 3.3): how far the calls of a client may go, by the risk of the tools.
//!
//! Each scope includes those before it, so what is granted is one step of a ladder. Three things must be told apart: what
//! the person allowed; what they were asked for and declined; and what was never asked for, which a client may ask for
//! later ("Step-Up Authorization Flow" of MCP authorization 2026-07-28).

use gateway_api::consent::Permission;

use super::error::{ErrorCode, OAuthError};
use crate::vendors::Risk;

/// Asks for a refresh token. Every client gets one, so this is accepted and otherwise ignored.
pub const OFFLINE_ACCESS: &str = "offline_access";
/// What a client is told to ask for, and gets if it asks for nothing.
pub const USUAL: Scope = Scope::Write;
/// The one scope of the first release: everything. Grants with it are still alive.
const MCP: &str = "mcp";

/// A step of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Tools that look things up, and the gateway's own.
    Read,
    /// Tools that create and change.
    Write,
    /// Tools that delete, reveal secrets, run code, or change who may do what.
    Admin,
}

impl Scope {
    /// All, from the bottom.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// As clients write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "mcp:read",
            Self::Write => "mcp:write",
            Self::Admin => "mcp:admin",
        }
    }

    /// What a tool of this risk needs.
    pub const fn of(risk: Risk) -> Self {
        match risk {
            Risk::Read => Self::Read,
            Risk::Write => Self::Write,
            Risk::Delete | Risk::Admin => Self::Admin,
        }
    }

    /// This scope and all it includes, separated by blanks.
    pub fn with_included(self) -> String {
        join(Self::ALL.into_iter().filter(|scope| *scope <= self))
    }

    /// For the consent page.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Read => "Look things up in the systems that are connected for you.",
            Self::Write => "Create and change things there, such as tickets and notes.",
            Self::Admin => "Delete things, reveal passwords, run scripts, and change who may do what.",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        match name {
            MCP => Some(Self::Admin),
            _ => Self::ALL.into_iter().find(|scope| scope.as_str() == name),
        }
    }
}

/// How far a caller's token goes, and what its person did not want.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes {
    granted: Option<Scope>,
    declined: Option<Scope>,
    /// What the token was issued for, at most what was granted.
    token: Option<Scope>,
}

/// Whether a tool may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allowed,
    /// The person was asked for it and said no: asking again would be a nuisance.
    Declined,
    /// The token does not reach so far: the client may ask for more.
    NotAsked,
}

impl Scopes {
    /// Of a grant, from what is stored: granted and declined scopes, each separated by blanks.
    pub fn of_grant(granted: &str, declined: &str) -> Self {
        let granted = highest(granted);
        Self { granted, declined: highest(declined), token: granted }
    }

    /// The same for a token that was issued for less than its grant.
    #[must_use]
    pub fn narrowed(self, token: Option<Scope>) -> Self {
        Self { token: self.granted.min(token), ..self }
    }

    /// Whether a tool of this risk may be called.
    pub fn verdict(self, risk: Risk) -> Verdict {
        let needed = Some(Scope::of(risk));
        if needed <= self.token {
            Verdict::Allowed
        } else if self.granted < needed && needed <= self.declined {
            Verdict::Declined
        } else {
            Verdict::NotAsked
        }
    }

    /// Whether a tool of this risk is listed: what can be asked for is, what was declined is not.
    pub fn lists(self, risk: Risk) -> bool {
        self.verdict(risk) != Verdict::Declined
    }

    /// Whether [`Scopes::lists`] is true for every risk.
    pub fn lists_all(self) -> bool {
        self.declined <= self.granted
    }

    /// Whether every tool may be called.
    pub fn is_everything(self) -> bool {
        self.token == Some(Scope::Admin)
    }
}

/// The highest scope in a text; what we do not know counts for nothing.
pub fn highest(text: &str) -> Option<Scope> {
    names(text).filter_map(Scope::parse).max()
}

/// Every scope that can be granted.
pub fn grantable() -> impl Iterator<Item = &'static str> {
    Scope::ALL.into_iter().map(Scope::as_str)
}

/// What is asked for: names we do not know are dropped, as RFC 6749 section 3.3 allows; nothing means [`USUAL`].
///
/// # Errors
/// `invalid_scope` if something was asked for, and we know none of it.
pub fn grant(requested: Option<&str>) -> Result<String, OAuthError> {
    let requested = requested.unwrap_or_default();
    if names(requested).next().is_none() {
        return Ok(USUAL.with_included());
    }
    let scope = highest(requested).ok_or_else(|| {
        OAuthError::new(ErrorCode::InvalidScope, "none of the requested scopes is known here")
    })?;
    Ok(scope.with_included())
}

/// What a refresh gives: all that was granted, or less if it asks for less (RFC 6749 section 6).
///
/// # Errors
/// `invalid_scope` if it asks for more than was granted, or for what we do not know.
pub fn narrow(requested: Option<&str>, granted: &str) -> Result<String, OAuthError> {
    let granted = highest(granted);
    let requested = requested.unwrap_or_default();
    let is_within = |name| Scope::parse(name).is_some_and(|scope| Some(scope) <= granted);
    if !names(requested).all(is_within) {
        let description = "a refresh cannot ask for more than was granted";
        return Err(OAuthError::new(ErrorCode::InvalidScope, description));
    }
    let scope = highest(requested).or(granted);
    Ok(scope.map(Scope::with_included).unwrap_or_default())
}

/// What the consent page shows. Without reading there is no use in the rest, so that cannot be declined.
pub fn permissions(asked: &str) -> Vec<Permission> {
    let asked = highest(asked);
    let shown = Scope::ALL.into_iter().filter(|scope| Some(*scope) <= asked);
    shown
        .map(|scope| Permission {
            scope: scope.as_str().to_owned(),
            sentence: scope.sentence().to_owned(),
            is_required: scope == Scope::Read,
        })
        .collect()
}

/// What a person granted and declined of what was asked for; `allowed` names what they left ticked, none = everything.
/// A scope counts only with those that it includes. None if something is allowed that was not asked for.
pub fn decide(asked: &str, allowed: Option<&[String]>) -> Option<(String, String)> {
    let asked = highest(asked).unwrap_or(Scope::Read);
    let Some(allowed) = allowed else { return Some((asked.with_included(), String::new())) };
    let mut ticked = Vec::with_capacity(allowed.len());
    for name in allowed {
        ticked.push(Scope::ALL.into_iter().find(|scope| scope.as_str() == name && *scope <= asked)?);
    }
    let is_granted = |scope: &Scope| *scope == Scope::Read || ticked.contains(scope);
    let granted = Scope::ALL.into_iter().take_while(is_granted).last().unwrap_or(Scope::Read).min(asked);
    let declined = Scope::ALL.into_iter().filter(|scope| granted < *scope && *scope <= asked);
    Some((granted.with_included(), join(declined)))
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|name| !name.is_empty() && *name != OFFLINE_ACCESS)
}

fn join(scopes: impl Iterator<Item = Scope>) -> String {
    scopes.map(Scope::as_str).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "mcp:read mcp:write mcp:admin";

    #[test]
    fn what_is_known_is_asked_for() {
        for (requested, granted) in [
            (None, "mcp:read mcp:write"),
            (Some("offline_access"), "mcp:read mcp:write"),
            (Some("mcp:read"), "mcp:read"),
            (Some("mcp:write"), "mcp:read mcp:write"),
            (Some("openid  mcp:admin offline_access"), ALL),
            (Some("mcp"), ALL),
        ] {
            assert_eq!(grant(requested).unwrap(), granted, "{requested:?}");
        }
        for unknown in ["openid", "MCP:READ", "mcp:"] {
            assert_eq!(grant(Some(unknown)).unwrap_err().code, ErrorCode::InvalidScope, "{unknown}");
        }
    }

    #[test]
    fn a_refresh_narrows_and_never_widens() {
        for (requested, granted, given) in [
            (None, "mcp:read", Some("mcp:read")),
            (None, "mcp", Some(ALL)),
            (Some("mcp offline_access"), "mcp", Some(ALL)),
            (Some("mcp:read"), ALL, Some("mcp:read")),
            (Some("offline_access"), "mcp:read", Some("mcp:read")),
            (Some("mcp:write"), "mcp:read", None),
            (Some("mcp"), "mcp:read mcp:write", None),
            (Some("mcp:read openid"), ALL, None),
        ] {
            assert_eq!(narrow(requested, granted).ok().as_deref(), given, "{requested:?} of {granted}");
        }
    }

    #[test]
    fn a_person_allows_less() {
        let decided = |asked: &str, allowed: &[&str]| {
            let allowed: Vec<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
            decide(asked, Some(&allowed))
        };
        let both = |granted: &str, declined: &str| Some((granted.to_owned(), declined.to_owned()));
        assert_eq!(decide(ALL, None), both(ALL, ""));
        assert_eq!(decided(ALL, &["mcp:read", "mcp:write", "mcp:admin"]), both(ALL, ""));
        assert_eq!(decided(ALL, &["mcp:read", "mcp:write"]), both("mcp:read mcp:write", "mcp:admin"));
        assert_eq!(decided(ALL, &[]), both("mcp:read", "mcp:write mcp:admin"));
        assert_eq!(decided(ALL, &["mcp:admin"]), both("mcp:read", "mcp:write mcp:admin"), "no gap");
        assert_eq!(decided("mcp:read", &["mcp:read"]), both("mcp:read", ""));
        for wrong in ["mcp:admin", "mcp", "openid", ""] {
            assert_eq!(decided("mcp:read mcp:write", &[wrong]), None, "{wrong}");
        }
    }

    #[test]
    fn declined_and_not_asked_differ() {
        let scopes = Scopes::of_grant("mcp:read", "mcp:write");
        let verdicts = [Risk::Read, Risk::Write, Risk::Delete, Risk::Admin].map(|risk| scopes.verdict(risk));
        assert_eq!(verdicts, [Verdict::Allowed, Verdict::Declined, Verdict::NotAsked, Verdict::NotAsked]);
        assert!(!scopes.lists(Risk::Write) && scopes.lists(Risk::Delete) && !scopes.lists_all());
        let old = Scopes::of_grant("mcp", "");
        assert!(old.is_everything() && old.lists_all());
        let narrowed = old.narrowed(Some(Scope::Read));
        assert_eq!(narrowed.verdict(Risk::Write), Verdict::NotAsked);
        assert!(narrowed.lists_all(), "narrowed by the client, not by the person");
        let less = Scopes::of_grant("mcp:read mcp:write", "mcp:admin").narrowed(Some(Scope::Read));
        assert_eq!(less.verdict(Risk::Write), Verdict::NotAsked, "the person had allowed it");
        assert_eq!(less.verdict(Risk::Admin), Verdict::Declined);
        assert_eq!(Scopes::of_grant("", "").verdict(Risk::Read), Verdict::NotAsked);
    }

    #[test]
    fn the_page_shows_each_scope() {
        let shown = permissions("mcp:read mcp:write");
        let shown: Vec<_> = shown.iter().map(|one| (one.scope.as_str(), one.is_required)).collect();
        assert_eq!(shown, [("mcp:read", true), ("mcp:write", false)]);
        assert_eq!(permissions("mcp").len(), 3);
    }
}

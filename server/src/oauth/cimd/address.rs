//! Which client ids are addresses of documents (the draft's "Client Identifier URL").

use ipnet::IpNet;
use url::{Host, Url};

/// The longest address, in bytes: it stands in every token of the client.
const MAX_LENGTH: usize = 512;

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressProblem {
    /// No URL, too long, or not written as a URL parser would write it: dot segments, upper case in the host, a default
    /// port, no path.
    Malformed,
    /// Neither https nor, where it is allowed, http on this computer.
    Scheme,
    /// It has a fragment.
    Fragment,
    /// It has a user name or password.
    UserInfo,
}

impl AddressProblem {
    /// What to say about the client id.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Malformed => "is not an address as it must be written",
            Self::Scheme => "is not an https address",
            Self::Fragment => "has a fragment",
            Self::UserInfo => "has a user name in it",
        }
    }
}

/// Whether an id is meant as an address. Ids that are given out here never are.
pub fn is_address(id: &str) -> bool {
    id.starts_with("https://") || id.starts_with("http://")
}

/// Reads an address. Plain http counts only on this computer, and only if a loopback network is among `networks`.
pub(super) fn parse(id: &str, networks: &[IpNet]) -> Result<Url, AddressProblem> {
    if id.len() > MAX_LENGTH {
        return Err(AddressProblem::Malformed);
    }
    let url = Url::parse(id).map_err(|_| AddressProblem::Malformed)?;
    if url.fragment().is_some() {
        return Err(AddressProblem::Fragment);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressProblem::UserInfo);
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) && networks.iter().any(|net| net.addr().is_loopback()) => {}
        _ => return Err(AddressProblem::Scheme),
    }
    // A parser resolves dot segments, also encoded ones, and repairs more: what it changed was not written right. So no
    // two addresses mean the same document.
    if url.as_str() == id { Ok(url) } else { Err(AddressProblem::Malformed) }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{AddressProblem::*, *};

    #[test]
    fn https_with_a_path_and_nothing_else() {
        for right in [
            "https://app.example/client.json",
            "https://app.example/",
            "https://app.example:8443/a/b?v=1",
            "https://claude.ai/oauth/claude-code-client-metadata",
        ] {
            assert_eq!(parse(right, &[]).unwrap().as_str(), right);
            assert!(is_address(right));
        }
        for (wrong, why) in [
            ("https://app.example", Malformed),
            ("https://app.example/a/../b", Malformed),
            ("https://app.example/./b", Malformed),
            ("https://app.example/a/%2e%2E/b", Malformed),
            ("https://app.example/..", Malformed),
            ("https://APP.example/b", Malformed),
            ("https://app.example:443/b", Malformed),
            ("https:\\\\app.example\\b", Malformed),
            ("https://app.example/ü", Malformed),
            ("https://app.example/a b", Malformed),
            (" https://app.example/b", Malformed),
            ("https://@app.example/b", Malformed),
            ("https://2130706433/b", Malformed),
            ("https:///b", Malformed),
            ("https://", Malformed),
            ("https://app.example/b#", Fragment),
            ("https://app.example/b#x", Fragment),
            ("https://claude.ai@evil.example/b", UserInfo),
            ("https://:x@evil.example/b", UserInfo),
            ("http://app.example/b", Scheme),
            ("http://127.0.0.1/b", Scheme),
            ("ftp://app.example/b", Scheme),
            ("file:///etc/passwd", Scheme),
        ] {
            assert_eq!(parse(wrong, &[]).unwrap_err(), why, "{wrong}");
        }
        assert!(parse(&format!("https://app.example/{}", "x".repeat(MAX_LENGTH)), &[]).is_err());
    }

    #[test]
    fn plain_http_is_for_this_computer_where_it_is_allowed() {
        let office: IpNet = "10.0.0.0/8".parse().unwrap();
        let loopback: IpNet = "127.0.0.0/8".parse().unwrap();
        assert!(parse("http://127.0.0.1:8000/b", &[loopback]).is_ok());
        assert!(parse("http://localhost:8000/b", &[office, loopback]).is_ok());
        for (url, networks) in [
            ("http://127.0.0.1:8000/b", [office]),
            ("http://10.0.0.1/b", [office]),
            ("http://10.0.0.1/b", [loopback]),
            ("http://localhost.evil.example/b", [loopback]),
        ] {
            assert_eq!(parse(url, &networks).unwrap_err(), Scheme, "{url}");
        }
    }
}

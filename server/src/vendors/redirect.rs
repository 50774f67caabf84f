//! The one redirect that is followed: of a read, once, to a host of the vendor's own domain that its manifest names. All others
//! end in an error, for credentials go to no other host.

use reqwest::header::LOCATION;
use reqwest::{Method, Response};
use url::Url;

use super::base_url::is_own;

/// Where a vendor sends reads on to.
#[derive(Debug)]
pub(crate) struct Redirects {
    /// Hosts, or domains with a dot in front.
    pub(crate) host_suffixes: Vec<String>,
}

impl Redirects {
    /// Where the answer to a GET sends on to, if that may be followed.
    pub(crate) fn target(&self, method: &Method, answer: &Response) -> Option<Url> {
        let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 307 | 308);
        let location = answer.headers().get(LOCATION).filter(|_| is_redirect && *method == Method::GET)?;
        self.resolve(answer.url(), location.to_str().ok()?)
    }

    /// As safe as what was asked, or safer.
    fn resolve(&self, asked: &Url, location: &str) -> Option<Url> {
        let target = asked.join(location).ok()?;
        let is_safe = target.scheme() == "https" || target.scheme() == asked.scheme();
        let is_plain = target.username().is_empty() && target.password().is_none();
        let (from, to) = (asked.host_str()?, target.host_str()?);
        let is_own = self.host_suffixes.iter().any(|suffix| is_own(from, suffix) && is_own(to, suffix));
        (is_safe && is_plain && is_own).then_some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_hosts_only() {
        let redirects = Redirects { host_suffixes: vec![".meraki.com".into(), ".meraki.ca".into()] };
        let asked = Url::parse("https://api.meraki.com/api/v1/networks/N_1?perPage=3").unwrap();
        let to = |location| redirects.resolve(&asked, location).map(|url| url.to_string());
        let shard = "https://n123.meraki.com/api/v1/networks/N_1?perPage=3";
        assert_eq!(to(shard).as_deref(), Some(shard));
        assert_eq!(to("/api/v1/x").as_deref(), Some("https://api.meraki.com/api/v1/x"));
        for evil in [
            "https://evil.example/",
            "https://meraki.com.evil.example/",
            "https://evilmeraki.com/",
            "http://n123.meraki.com/",
            "//evil.example/x",
            "https://someone@n123.meraki.com/",
            "https://n123.meraki.com@evil.example/",
            "https://n123.meraki.ca/",
            "javascript:alert(1)",
            "https://",
        ] {
            assert_eq!(to(evil), None, "{evil}");
        }
    }
}

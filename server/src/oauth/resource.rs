//! Protected resources and their indicators (RFC 9728, RFC 8707): tokens are for our MCP endpoints and nothing else.
//!
//! There is one endpoint for everything, and one for each vendor. Clients compare the `resource` of the metadata with the
//! URL they were given, so each endpoint is a resource of its own, and a token is for the one that was asked for. A token
//! for everything opens the vendors' endpoints as well: they show a part of the same tools. A vendor's token opens
//! nothing but its own endpoint: an app that was given less must not get more by another URL.
//!
//! `?tools=...` behind the path is another [`Address`] of the same resource: it changes how the tools are shown
//! (`mcp/view.rs`), and nothing about who may use them.

use gateway_api::paths;
use url::Url;

use super::{
    error::{ErrorCode, OAuthError},
    params::Parameters,
};
use crate::vendors::Catalog;

/// What may stand behind the path of a resource.
const VIEWS: [&str; 2] = ["tools=all", "tools=search"];

/// An MCP endpoint of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Resource {
    /// The slug of the vendor whose endpoint it is; none for the one with everything.
    vendor: Option<String>,
}

impl Resource {
    /// The endpoint of one vendor.
    pub fn of_vendor(slug: impl Into<String>) -> Self {
        Self { vendor: Some(slug.into()) }
    }

    /// The vendor whose endpoint it is.
    pub fn vendor(&self) -> Option<&str> {
        self.vendor.as_deref()
    }

    /// The path of the endpoint.
    pub fn path(&self) -> String {
        self.vendor().map_or_else(|| paths::MCP.to_owned(), |slug| paths::fill(paths::VENDOR_MCP, &[slug]))
    }

    /// Its identifier: the URL without a trailing slash.
    pub fn url(&self, public_url: &str) -> String {
        public_url.to_owned() + &self.path()
    }

    /// Whether a token for this one is good at `endpoint`.
    pub fn opens(&self, endpoint: &Self) -> bool {
        self.vendor.is_none() || self == endpoint
    }

    /// The resource that an indicator names. Upper case in scheme or host and a trailing slash make no other resource (MCP
    /// authorization, "Canonical Server URI"), nor does what an [`Address`] of it may have behind its path: some clients name
    /// the very URL they were given.
    pub fn find(named: &str, public_url: &str, catalog: &Catalog) -> Option<Self> {
        let named = normal(named, &VIEWS)?;
        let path = named.strip_prefix(normal(public_url, &[])?.as_str())?;
        if path == paths::MCP {
            return Some(Self::default());
        }
        let slug = vendor_in(path)?;
        catalog.vendor(slug).map(|vendor| Self::of_vendor(&vendor.slug))
    }
}

/// Where a client asks for a resource: the URL that it was given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// What is there.
    pub resource: Resource,
    /// The query, if it only says how the tools are shown.
    view: Option<&'static str>,
}

impl Address {
    /// A resource, asked for with this query. One that means nothing to us is no part of the address.
    pub fn new(resource: Resource, query: Option<&str>) -> Self {
        Self { resource, view: VIEWS.into_iter().find(|view| query == Some(view)) }
    }

    /// The URL, as clients have it: they compare it with the `resource` of the metadata, some for equality (RFC 9728 section
    /// 3.3).
    pub fn url(&self, public_url: &str) -> String {
        self.with_view(self.resource.url(public_url))
    }

    /// `url` with the same query.
    pub(super) fn with_view(&self, mut url: String) -> String {
        if let Some(view) = self.view {
            url.push('?');
            url.push_str(view);
        }
        url
    }
}

/// The slug in the path of a vendor's endpoint, whether there is such a vendor or not.
pub fn vendor_in(path: &str) -> Option<&str> {
    let slug = path.strip_prefix("/v1/")?.strip_suffix("/mcp")?;
    (!slug.is_empty() && !slug.contains('/')).then_some(slug)
}

/// Without one of these queries and a trailing slash. Read as a whole first, for a part of a URL can be read as another one.
fn normal(text: &str, views: &[&str]) -> Option<String> {
    let mut url = Url::parse(text).ok().filter(|url| url.fragment().is_none())?;
    if url.query().is_some_and(|query| views.contains(&query)) {
        url.set_query(None);
    }
    Some(url.as_str().trim_end_matches('/').to_owned())
}

/// The resource a request is about: every `resource` it names must be the same one of ours. Naming none is allowed, because
/// some clients leave it out.
pub fn named(
    parameters: &Parameters,
    public_url: &str,
    catalog: &Catalog,
) -> Result<Option<Resource>, OAuthError> {
    let mut found = None;
    for indicator in parameters.all("resource") {
        let resource = Resource::find(indicator, public_url, catalog).ok_or_else(|| {
            OAuthError::new(
                ErrorCode::InvalidTarget,
                "this server issues tokens for its own MCP endpoints only",
            )
        })?;
        if found.as_ref().is_some_and(|other| *other != resource) {
            let description = "a token is for one resource: name one";
            return Err(OAuthError::new(ErrorCode::InvalidTarget, description));
        }
        found = Some(resource);
    }
    Ok(found)
}

/// A token request may repeat the resource of its grant, but not name another (RFC 8707 section 2.2).
pub fn require_same(named: Option<&Resource>, granted: &str, public_url: &str) -> Result<(), OAuthError> {
    match named {
        Some(resource) if resource.url(public_url) != granted => {
            let description = "resource is not the one of the authorization request";
            Err(OAuthError::new(ErrorCode::InvalidTarget, description))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC_URL: &str = "https://gateway.example";

    fn read(query: &str) -> Result<Option<String>, ErrorCode> {
        let catalog = Catalog::load(None, None).0;
        let resource = named(&Parameters::parse(query.as_bytes()), PUBLIC_URL, &catalog);
        resource.map(|found| found.map(|resource| resource.path())).map_err(|error| error.code)
    }

    #[test]
    fn only_our_own_resources_are_accepted() {
        let everything = || Ok(Some("/v1/mcp".to_owned()));
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("resource=https://gateway.example/v1/mcp"), everything());
        assert_eq!(read("resource=HTTPS://Gateway.example:443/v1/mcp/"), everything());
        assert_eq!(read("resource=https://gateway.example/v1/mcp?tools=search"), everything());
        assert_eq!(read("resource=https://gateway.example/v1/mcp/?tools%3Dall"), everything());
        let in_two_ways =
            "resource=https://gateway.example/v1/mcp&resource=https://gateway.example/v1/mcp?tools=search";
        assert_eq!(read(in_two_ways), everything());
        let twice = "resource=https://gateway.example/v1/mcp&resource=https://gateway.example/v1/mcp";
        assert_eq!(read(twice), everything());
        assert_eq!(
            read("resource=https://gateway.example/v1/itglue/mcp"),
            Ok(Some("/v1/itglue/mcp".to_owned()))
        );
        assert_eq!(
            read("resource=https://gateway.example/v1/itglue/mcp?tools=search"),
            Ok(Some("/v1/itglue/mcp".to_owned()))
        );
        for wrong in [
            "https://gateway.example",
            "https://gateway.example/v1/mcp?x=1",
            "https://gateway.example/v1/mcp?",
            "https://gateway.example/v1/mcp?tools=none",
            "https://gateway.example/v1/mcp%00?tools=search",
            "https://gateway.example/v1/mcp?tools=search%26x=1",
            "https://gateway.example/v1/mcp?tools=search%23x",
            "https://evil.example/v1/mcp?tools=search",
            "https://gateway.example/v1/mcp%23x",
            "https://gateway.example/v1/mcp2",
            "http://gateway.example/v1/mcp",
            "https://gateway.example:8443/v1/mcp",
            "https://evil.example/v1/mcp",
            "https://gateway.example.evil.example/v1/mcp",
            "/v1/mcp",
            "https://gateway.example/v1//mcp",
            "https://gateway.example/v1/nobody/mcp",
            "https://gateway.example/v1/itglue/mcp/mcp",
            "https://gateway.example/v1/mcp&resource=https://evil.example",
            "https://gateway.example/v1/mcp&resource=https://gateway.example/v1/itglue/mcp",
        ] {
            assert_eq!(read(&format!("resource={wrong}")), Err(ErrorCode::InvalidTarget), "{wrong}");
        }
    }

    #[test]
    fn an_address_keeps_the_query_that_has_a_meaning() {
        let url = |resource, query| Address::new(resource, query).url(PUBLIC_URL);
        let mcp = "https://gateway.example/v1/mcp";
        assert_eq!(url(Resource::default(), None), mcp);
        assert_eq!(url(Resource::default(), Some("tools=search")), format!("{mcp}?tools=search"));
        assert_eq!(
            url(Resource::of_vendor("itglue"), Some("tools=all")),
            "https://gateway.example/v1/itglue/mcp?tools=all"
        );
        for other in ["", "x=1", "tools=search&x=1", "tools=none"] {
            assert_eq!(url(Resource::default(), Some(other)), mcp, "{other}");
        }
    }

    #[test]
    fn a_vendors_token_opens_its_own_endpoint_alone() {
        let (all, itglue, autotask) =
            (Resource::default(), Resource::of_vendor("itglue"), Resource::of_vendor("autotask"));
        assert!(all.opens(&all) && all.opens(&itglue) && itglue.opens(&itglue));
        assert!(!itglue.opens(&all) && !itglue.opens(&autotask));
        let granted = itglue.url(PUBLIC_URL);
        assert!(require_same(None, &granted, PUBLIC_URL).is_ok());
        assert!(require_same(Some(&itglue), &granted, PUBLIC_URL).is_ok());
        assert!(require_same(Some(&all), &granted, PUBLIC_URL).is_err());
    }
}

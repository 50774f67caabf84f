//! What must be true of the addresses that strangers name: where an answer goes, what a token is for.

use std::sync::LazyLock;

use url::{Host, Url};

use super::{
    cimd,
    params::Parameters,
    redirect,
    resource::{self, Resource},
};
use crate::vendors::Catalog;

const PUBLIC_URL: &str = "https://gateway.example";

/// Three lines: a registered redirect URI, the one of a request, and a query with resource indicators. The first
/// two are tried as the address of a client ID metadata document as well; what follows is the document.
///
/// # Panics
/// A property is broken.
pub fn check_addresses(input: &[u8]) {
    let mut parts = input.splitn(4, |byte| *byte == b'\n');
    let [registered, requested, resources, document] = [(); 4].map(|()| parts.next().unwrap_or_default());
    let [registered, requested, resources] = [registered, requested, resources].map(String::from_utf8_lossy);
    check_redirect(&registered, &requested);
    check_resource(&resources);
    for id in [registered, requested] {
        cimd::fuzzing::check_document(&id, document);
    }
}

/// A registered URI is one that a browser understands as it is written; a request means it by naming it, or, on this
/// computer, by another port of it (RFC 8252 section 7.3).
fn check_redirect(registered: &str, requested: &str) {
    if redirect::check(registered).is_err() {
        return;
    }
    let url = check_registered(registered);
    check_answered(registered, &url);
    assert!(redirect::matches(registered, registered));
    if !redirect::matches(registered, requested) {
        return;
    }
    assert!(registered == requested || url.scheme() == "http", "{registered} {requested}");
    let mut other = Url::parse(requested).expect("what matches a URL is one");
    let _ = other.set_port(url.port());
    assert_eq!(url, other, "{registered} {requested}");
    assert_eq!(redirect::is_loopback(registered), redirect::is_loopback(requested));
}

fn check_registered(uri: &str) -> Url {
    let url = Url::parse(uri).expect("a registered URI is a URL");
    assert!(url.fragment().is_none() && url.username().is_empty() && url.password().is_none(), "{uri}");
    let is_here = match url.host().expect("a registered URI has a host") {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" => assert!(is_here && redirect::is_loopback(uri), "{uri}"),
        other => panic!("{other} was accepted"),
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    assert_eq!(redirect::host(uri), format!("{}{port}", url.host_str().unwrap_or_default()));
    url
}

/// An answer goes to the same place, behind what stands in the query already.
fn check_answered(uri: &str, url: &Url) {
    let answer = [("code", "a+b&c"), ("state", "#ü=")];
    let answered =
        Url::parse(&redirect::with_answer(uri, &answer)).expect("an answer makes no other thing of a URL");
    assert_eq!((answered.origin(), answered.path()), (url.origin(), url.path()));
    let before = url.query_pairs();
    let answer = answer.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    assert!(answered.query_pairs().eq(before.chain(answer)), "{uri}");
}

/// An indicator means a resource of ours only if it is an address of it, but for a trailing slash.
fn check_resource(query: &str) {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::load(None, None).0);
    let parameters = Parameters::parse(query.as_bytes());
    let Ok(named) = resource::named(&parameters, PUBLIC_URL, &CATALOG) else { return };
    assert_eq!(named.is_none(), parameters.all("resource").next().is_none());
    for indicator in parameters.all("resource") {
        let resource = named.as_ref().expect("there is one");
        let mut url = Url::parse(indicator).expect("an indicator is a URL");
        assert!(matches!(url.query(), None | Some("tools=all" | "tools=search")), "{indicator}");
        assert!(url.fragment().is_none() && url.username().is_empty(), "{indicator}");
        url.set_query(None);
        assert_eq!(url.as_str().trim_end_matches('/'), resource.url(PUBLIC_URL));
        assert_eq!(Resource::find(&resource.url(PUBLIC_URL), PUBLIC_URL, &CATALOG).as_ref(), Some(resource));
        assert!(resource.opens(resource));
    }
}

//! Where a page is: its path, which decides what is shown, and its query. The same on the server, from the request,
//! and in the browser, from the address bar.
//!
//! Every way from page to page is a plain link with a full load: the server makes each page with its data, so there
//! is no router in the browser, no state between pages that could be out of date, and 20 KB less to load.

use gateway_api::ids::AuthorizationRequestId;
use leptos::prelude::*;

/// The pages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Home,
    Login,
    SignUp,
    Setup,
    Settings,
    Connect,
    Team,
    Audit,
    /// The token stands in the path: [`invitation_token`].
    Invite,
    Consent(AuthorizationRequestId),
    NotFound,
}

impl Route {
    pub(crate) fn by_path(path: &str) -> Self {
        match path.strip_suffix('/').unwrap_or(path) {
            "" => Self::Home,
            "/auth/login" => Self::Login,
            "/auth/sign-up" => Self::SignUp,
            "/auth/setup" => Self::Setup,
            "/settings" => Self::Settings,
            "/connect" => Self::Connect,
            "/team" => Self::Team,
            "/audit" => Self::Audit,
            invite if !invitation_token(invite).is_empty() => Self::Invite,
            other => match other.strip_prefix("/consent/").map(str::parse) {
                Some(Ok(id)) => Self::Consent(id),
                Some(Err(_)) | None => Self::NotFound,
            },
        }
    }

    /// Only for signed-in people. The server sends the others away, so the browser does not ask.
    #[cfg(any(feature = "ssr", test))]
    pub(crate) fn needs_session(self) -> bool {
        matches!(self, Self::Settings | Self::Connect | Self::Team | Self::Audit | Self::Consent(_))
    }
}

/// The token in the path of an invite page; empty if it is none.
pub(crate) fn invitation_token(path: &str) -> &str {
    let path = path.strip_suffix('/').unwrap_or(path);
    path.strip_prefix("/invite/").filter(|token| !token.contains('/')).unwrap_or_default()
}

/// A page's address, without its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path_and_query: String,
}

impl Place {
    /// The request's.
    #[cfg(any(feature = "ssr", test))]
    pub(crate) fn new(path_and_query: &str) -> Self {
        Self { path_and_query: path_and_query.to_owned() }
    }

    /// The address bar's.
    pub(crate) fn of_browser() -> Self {
        let location = window().location();
        let part = |text: Result<String, _>| text.unwrap_or_default();
        Self { path_and_query: part(location.pathname()) + &part(location.search()) }
    }

    pub(crate) fn path(&self) -> &str {
        self.path_and_query.split_once('?').map_or(&self.path_and_query, |(path, _)| path)
    }

    pub(crate) fn route(&self) -> Route {
        Route::by_path(self.path())
    }

    /// What follows the `?`; empty if nothing does.
    pub(crate) fn query_string(&self) -> &str {
        self.path_and_query.split_once('?').map_or("", |(_, query)| query)
    }

    /// The first value of a query parameter, decoded as `application/x-www-form-urlencoded` (WHATWG URL, section 5.1).
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path_and_query.split_once('?')?;
        query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|(key, _)| decode(key) == name)
            .map(|(_, value)| decode(value))
    }
}

/// Where this page is.
pub(crate) fn use_place() -> Place {
    expect_context()
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(value)) => {
                decoded.push(value);
                at += 3;
                continue;
            }
            (b'+', _) => decoded.push(b' '),
            _ => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded() {
        let place = Place::new("/auth/login?return_to=%2Fconsent%2F1%3Fa%3Db%26c&error=a+b&bare&bad=%zz%4");
        assert_eq!(place.path(), "/auth/login");
        assert_eq!(place.query("return_to").unwrap(), "/consent/1?a=b&c");
        assert_eq!(place.query("error").unwrap(), "a b");
        assert_eq!(place.query("bare").unwrap(), "");
        assert_eq!(place.query("bad").unwrap(), "%zz%4");
        assert_eq!(place.query("none"), None);
        assert_eq!(Place::new("/x").query("x"), None);
    }

    #[test]
    fn paths_lead_to_pages() {
        assert_eq!(Route::by_path("/"), Route::Home);
        assert_eq!(Route::by_path("/settings/"), Route::Settings);
        assert_eq!(Route::by_path("/settings//"), Route::NotFound);
        assert_eq!(Route::by_path("//settings"), Route::NotFound);
        assert_eq!(Route::by_path("/invite/abc"), Route::Invite);
        assert_eq!(invitation_token("/invite/abc/"), "abc");
        assert_eq!(Route::by_path("/invite/a/b"), Route::NotFound);
        assert_eq!(Route::by_path("/invite/"), Route::NotFound);
        assert_eq!(Route::by_path("/consent/not-an-id"), Route::NotFound);
        let id = "0199c1c4-7a5e-7000-8000-000000000001";
        assert_eq!(Route::by_path(&format!("/consent/{id}")), Route::Consent(id.parse().unwrap()));
    }
}

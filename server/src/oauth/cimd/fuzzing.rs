//! What must be true of the address of a client's document, and of the document.

use super::{address, document};
use crate::oauth::redirect;

/// An address that is accepted is https and means nothing else than what is written; a document that is accepted names
/// only places that may be registered.
pub(crate) fn check_document(id: &str, body: &[u8]) {
    if let Ok(url) = address::parse(id, &[]) {
        assert_eq!((url.scheme(), url.as_str()), ("https", id));
        assert!(url.host_str().is_some_and(|host| !host.is_empty()) && url.path().starts_with('/'), "{id}");
        assert!(url.fragment().is_none() && url.username().is_empty() && url.password().is_none(), "{id}");
        assert!(!url.path().split('/').any(|segment| [".", ".."].contains(&segment)), "{id}");
        assert!(address::is_address(id));
    }
    if let Ok(document) = document::read(id, body) {
        assert!(!document.name.trim().is_empty() && !document.name.chars().any(char::is_control));
        assert!(!document.redirect_uris.is_empty());
        assert!(document.redirect_uris.iter().all(|uri| redirect::check(uri).is_ok()));
    }
}

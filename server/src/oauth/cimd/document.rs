//! What a document says, and whether it may say so.

use serde::Deserialize;
use serde_json::Value;

use crate::oauth::{client_name, redirect};

/// A client as its document describes it, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDocument {
    /// The name it gives itself, fit to be shown.
    pub name: String,
    /// Where its authorization responses may go: those of its redirect URIs that this gateway answers to.
    pub redirect_uris: Vec<String>,
}

/// What is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentProblem {
    /// No JSON object with the members that must be there.
    Malformed,
    /// It describes another client.
    OtherClient,
    /// Its name is empty.
    Name,
    /// It has a secret, or wants to use one; there can be none, as everybody can read it.
    Secret,
    /// It proves itself in a way that this gateway does not know.
    AuthMethod,
    /// It does not use the authorization code flow.
    Flow,
    /// None of its redirect URIs is https, or http on a person's own computer.
    RedirectUris,
}

impl DocumentProblem {
    /// What to say about the document.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Malformed => "is not a JSON object with client_id, client_name and redirect_uris",
            Self::OtherClient => "names another client_id than its own address",
            Self::Name => "has no client_name that could be shown",
            Self::Secret => "uses a shared secret, which everybody could read there",
            Self::AuthMethod => "asks for a token_endpoint_auth_method other than none",
            Self::Flow => "does not use the authorization code flow",
            Self::RedirectUris => "has no redirect URI that is https, or http on this computer",
        }
    }
}

/// What we read of it (RFC 7591 section 2); the rest is ignored.
#[derive(Deserialize)]
struct Written {
    client_id: String,
    client_name: String,
    redirect_uris: Vec<String>,
    token_endpoint_auth_method: Option<String>,
    client_secret: Option<Value>,
    client_secret_expires_at: Option<Value>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
}

/// Reads the document that was fetched from the address `id`.
pub(super) fn read(id: &str, body: &[u8]) -> Result<ClientDocument, DocumentProblem> {
    let written: Written = serde_json::from_slice(body).map_err(|_| DocumentProblem::Malformed)?;
    // Byte for byte (RFC 3986 section 6.2.1).
    if written.client_id != id {
        return Err(DocumentProblem::OtherClient);
    }
    if written.client_secret.is_some() || written.client_secret_expires_at.is_some() {
        return Err(DocumentProblem::Secret);
    }
    match written.token_endpoint_auth_method.as_deref() {
        None | Some("none") => {}
        Some(method) if method.starts_with("client_secret_") => return Err(DocumentProblem::Secret),
        Some(_) => return Err(DocumentProblem::AuthMethod),
    }
    let lacks = |list: &Option<Vec<String>>, name: &str| {
        list.as_ref().is_some_and(|list| !list.iter().any(|known| known == name))
    };
    if lacks(&written.grant_types, "authorization_code") || lacks(&written.response_types, "code") {
        return Err(DocumentProblem::Flow);
    }
    let name = client_name::shown(&written.client_name).ok_or(DocumentProblem::Name)?;
    // The document is written for every server: one that takes other URIs as well does not make these wrong.
    let redirect_uris: Vec<_> =
        written.redirect_uris.into_iter().filter(|uri| redirect::check(uri).is_ok()).collect();
    if redirect_uris.is_empty() {
        return Err(DocumentProblem::RedirectUris);
    }
    Ok(ClientDocument { name, redirect_uris })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "https://app.example/client.json";

    fn good() -> Value {
        json!({"client_id": ID, "client_name": "An app", "redirect_uris": ["http://localhost/callback"]})
    }

    fn with(member: &str, value: Value) -> Value {
        let mut document = good();
        document[member] = value;
        document
    }

    #[test]
    fn what_a_document_may_say() {
        let read = |document: Value| read(ID, document.to_string().as_bytes());
        assert_eq!(
            read(good()),
            Ok(ClientDocument {
                name: "An app".to_owned(),
                redirect_uris: vec!["http://localhost/callback".to_owned()]
            })
        );
        for right in [
            with("token_endpoint_auth_method", json!("none")),
            with("logo_uri", json!("http://127.0.0.1/x.png")),
            with("grant_types", json!(["authorization_code", "refresh_token"])),
            with("response_types", json!(["code"])),
            with("redirect_uris", json!(["cursor://x/cb", "https://app.example/cb"])),
        ] {
            assert!(read(right.clone()).is_ok(), "{right}");
        }
        assert_eq!(read(with("client_name", json!("A\u{202e}n \napp"))).unwrap().name, "An app");
        for (wrong, why) in [
            (json!([]), DocumentProblem::Malformed),
            (json!({}), DocumentProblem::Malformed),
            (with("client_name", json!(1)), DocumentProblem::Malformed),
            (with("redirect_uris", json!("https://app.example/cb")), DocumentProblem::Malformed),
            (with("client_id", json!("https://app.example/client.json/")), DocumentProblem::OtherClient),
            (with("client_id", json!("https://APP.example/client.json")), DocumentProblem::OtherClient),
            (with("client_name", json!(" \u{200b}")), DocumentProblem::Name),
            (with("client_secret", json!("x")), DocumentProblem::Secret),
            (with("client_secret_expires_at", json!(0)), DocumentProblem::Secret),
            (with("token_endpoint_auth_method", json!("client_secret_jwt")), DocumentProblem::Secret),
            (with("token_endpoint_auth_method", json!("private_key_jwt")), DocumentProblem::AuthMethod),
            (with("grant_types", json!(["client_credentials"])), DocumentProblem::Flow),
            (with("response_types", json!([])), DocumentProblem::Flow),
            (with("redirect_uris", json!([])), DocumentProblem::RedirectUris),
            (with("redirect_uris", json!(["http://evil.example/cb"])), DocumentProblem::RedirectUris),
        ] {
            assert_eq!(read(wrong.clone()), Err(why), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_such_object_is_refused() {
        let twice = format!(
            r#"{{"client_id":"{ID}","client_id":"https://evil.example/","client_name":"x","redirect_uris":["https://a.example/"]}}"#
        );
        for wrong in [&b""[..], b"<html>", b"{", b"\xff\xfe", twice.as_bytes(), &[b'['; 5000]] {
            assert_eq!(read(ID, wrong), Err(DocumentProblem::Malformed));
        }
    }
}

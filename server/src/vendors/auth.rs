//! How a request proves who it is for: headers, query, basic (RFC 7617), bearer (RFC 6750) and fetched tokens.
//!
//! A header or query part whose template names an unset optional field is left out, so that a vendor with optional
//! authentication needs nothing special.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderName};
use zeroize::Zeroizing;

use super::credentials::Credentials;
use super::error::CallError;
use super::request::header_value;
use super::template::Text;
use super::token_request::TokenRequest;

/// The name under which a token stands in templates.
pub(crate) const ACCESS_TOKEN: &str = "access_token";

/// The authentication of a vendor; its parts add up.
#[derive(Debug, Default)]
pub(crate) struct Auth {
    pub(crate) headers: Vec<(HeaderName, Text)>,
    pub(crate) query: Vec<(Box<str>, Text)>,
    pub(crate) basic: Option<Basic>,
    /// How the token is asked for that stands in the templates as `access_token`.
    pub(crate) token: Option<TokenRequest>,
}

/// User name and password of HTTP basic authentication.
#[derive(Debug)]
pub(crate) struct Basic {
    pub(crate) username: Text,
    pub(crate) password: Text,
}

impl Auth {
    /// Puts the credential (and the token, for OAuth 2) into a request.
    pub(crate) fn apply(
        &self,
        request: &mut Request,
        credentials: &Credentials,
        token: Option<&str>,
    ) -> Result<(), CallError> {
        let value = |name: &str| match name {
            ACCESS_TOKEN => token.map(Cow::Borrowed),
            field => credentials.get(field).map(Cow::Borrowed),
        };
        for (name, template) in &self.headers {
            if let Some(text) = template.fill(&value).map(Zeroizing::new) {
                request.headers_mut().insert(name, header_value(name, &text)?);
            }
        }
        for (name, template) in &self.query {
            if let Some(text) = template.fill(&value).map(Zeroizing::new) {
                request.url_mut().query_pairs_mut().append_pair(name, &text);
            }
        }
        if let Some(header) = self.basic.as_ref().and_then(|basic| basic.header(credentials)) {
            request.headers_mut().insert(AUTHORIZATION, header_value(&AUTHORIZATION, &header)?);
        }
        Ok(())
    }

    /// What the templates make of the credential by base64, which hides a secret from a search for it.
    pub(crate) fn encoded(&self, credentials: &Credentials) -> Vec<String> {
        let value = |name: &str| credentials.get(name).map(Cow::Borrowed);
        let basic = self.basic.as_ref().and_then(|basic| basic.header(credentials));
        let basic = basic.and_then(|header| header.strip_prefix("Basic ").map(str::to_owned));
        self.headers.iter().flat_map(|(_, text)| text.encoded(&value)).chain(basic).collect()
    }
}

impl Basic {
    /// `Basic ...`; nothing if the user name is unset. An unset password is empty.
    pub(crate) fn header(&self, credentials: &Credentials) -> Option<Zeroizing<String>> {
        let value = |name: &str| credentials.get(name).map(Cow::Borrowed);
        let username = self.username.fill(&value)?;
        let password = Zeroizing::new(self.password.fill(&value).unwrap_or_default());
        let pair = Zeroizing::new(format!("{username}:{}", *password));
        Some(Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes()))))
    }
}

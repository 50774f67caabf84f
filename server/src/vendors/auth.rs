//! How a request proves who it is for: headers, query, basic (RFC 7617), bearer (RFC 6750) and OAuth 2 tokens.
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
use super::manifest::{ClientAuth, Grant};
use super::request::header_value;
use super::template::Text;

/// The name under which a token stands in templates.
pub(crate) const ACCESS_TOKEN: &str = "access_token";

/// The authentication of a vendor; its parts add up.
#[derive(Debug, Default)]
pub(crate) struct Auth {
    pub(crate) headers: Vec<(HeaderName, Text)>,
    pub(crate) query: Vec<(Box<str>, Text)>,
    pub(crate) basic: Option<Basic>,
    pub(crate) oauth2: Option<OAuth2>,
}

/// User name and password of HTTP basic authentication.
#[derive(Debug)]
pub(crate) struct Basic {
    pub(crate) username: Text,
    pub(crate) password: Text,
}

/// A token request (RFC 6749, sections 4.3.2 and 4.4.2).
#[derive(Debug)]
pub(crate) struct OAuth2 {
    pub(crate) grant: Grant,
    pub(crate) token_url: Text,
    pub(crate) client: Basic,
    pub(crate) client_auth: ClientAuth,
    /// The other members of the form.
    pub(crate) form: Vec<(Box<str>, Text)>,
    /// JSON pointer to the token in the answer.
    pub(crate) token: String,
    /// JSON pointer to its lifetime in seconds.
    pub(crate) expires_in: String,
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

impl OAuth2 {
    /// URL of the token endpoint for a credential.
    pub(crate) fn url(&self, credentials: &Credentials) -> Option<String> {
        self.token_url.fill(&|name| credentials.get(name).map(Cow::Borrowed))
    }

    /// The form of the token request.
    pub(crate) fn form(&self, credentials: &Credentials) -> Zeroizing<String> {
        let value = |name: &str| credentials.get(name).map(Cow::Borrowed);
        let grant = match self.grant {
            Grant::ClientCredentials => "client_credentials",
            Grant::Password => "password",
        };
        let mut pairs = vec![("grant_type", Some(grant.to_owned()))];
        if self.client_auth == ClientAuth::Form {
            pairs.push(("client_id", self.client.username.fill(&value)));
            pairs.push(("client_secret", self.client.password.fill(&value)));
        }
        pairs.extend(self.form.iter().map(|(name, template)| (&**name, template.fill(&value))));
        pairs.retain(|(_, value)| value.is_some());
        Zeroizing::new(serde_urlencoded::to_string(&pairs).expect("pairs of texts are a form"))
    }
}

//! The `[auth]` part of a manifest, and the token requests it may need.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What proves who we are; the parts add up.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthEntry {
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) basic: Option<BasicEntry>,
    pub(crate) bearer: Option<String>,
    pub(crate) oauth2: Option<OAuth2Entry>,
    pub(crate) login: Option<LoginEntry>,
}

/// HTTP basic authentication (RFC 7617).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BasicEntry {
    pub(crate) username: String,
    pub(crate) password: String,
}

/// A token from the vendor's own token endpoint (RFC 6749, sections 4.3 and 4.4).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OAuth2Entry {
    pub(crate) grant: Grant,
    pub(crate) token_url: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    #[serde(default)]
    pub(crate) client_auth: ClientAuth,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) scope: Option<String>,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) token: Option<String>,
    pub(crate) expires_in: Option<String>,
}

/// OAuth 2.0 grant types that need no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grant {
    ClientCredentials,
    Password,
}

/// How the client id and secret go to the token endpoint (RFC 6749, section 2.3.1).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientAuth {
    /// In the form.
    #[default]
    Form,
    /// As HTTP basic authentication.
    Basic,
}

/// A token from the vendor's own kind of sign-in: a POST with what it asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginEntry {
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// Members of a JSON object; the body is empty if there are none.
    #[serde(default)]
    pub(crate) json: BTreeMap<String, String>,
    pub(crate) token: String,
    pub(crate) expires_in: Option<String>,
    pub(crate) lifetime_seconds: Option<u64>,
}

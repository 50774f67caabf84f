//! How an access token is asked for: OAuth 2 grants that need no person (RFC 6749, sections 4.3 and 4.4), and vendors'
//! own kinds of sign-in, which differ in names and encoding only.

use std::borrow::Cow;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request};
use serde_json::{Map, Value};
use url::Url;
use zeroize::Zeroizing;

use super::auth::Basic;
use super::credentials::Credentials;
use super::error::CallError;
use super::request::header_value;
use super::template::Text;

/// A POST that is answered by a token.
#[derive(Debug)]
pub(crate) struct TokenRequest {
    /// An address, or a path below the base URL.
    pub(crate) url: Text,
    pub(crate) query: Vec<(Box<str>, Text)>,
    pub(crate) headers: Vec<(HeaderName, Text)>,
    pub(crate) basic: Option<Basic>,
    pub(crate) body: TokenBody,
    /// JSON pointer to the token in the answer.
    pub(crate) token: String,
    /// JSON pointer to its lifetime in seconds.
    pub(crate) expires_in: String,
    /// Its lifetime where the answer does not say it.
    pub(crate) lifetime: Duration,
}

/// What is sent; members whose template names an unset field are left out.
#[derive(Debug)]
pub(crate) enum TokenBody {
    Empty,
    Form(Vec<(Box<str>, Text)>),
    Json(Vec<(Box<str>, Text)>),
}

impl TokenRequest {
    /// The request for a credential.
    pub(crate) fn request(&self, base: &str, credentials: &Credentials) -> Result<Request, CallError> {
        let mut request = Request::new(Method::POST, self.url(base, credentials)?);
        for (name, template) in &self.headers {
            if let Some(text) = fill(template, credentials).map(Zeroizing::new) {
                request.headers_mut().insert(name, header_value(name, &text)?);
            }
        }
        if let Some(header) = self.basic.as_ref().and_then(|basic| basic.header(credentials)) {
            request.headers_mut().insert(AUTHORIZATION, header_value(&AUTHORIZATION, &header)?);
        }
        if let Some((kind, body)) = self.body(credentials) {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            *request.body_mut() = Some(body.as_bytes().to_vec().into());
        }
        Ok(request)
    }

    fn url(&self, base: &str, credentials: &Credentials) -> Result<Url, CallError> {
        let missing = || CallError::Credential("the address of its token endpoint is missing".into());
        let text = fill(&self.url, credentials).ok_or_else(missing)?;
        let text = if text.starts_with('/') { format!("{base}{text}") } else { text };
        let mut url = Url::parse(&text).map_err(|_| missing())?;
        for (name, template) in &self.query {
            if let Some(value) = fill(template, credentials) {
                url.query_pairs_mut().append_pair(name, &value);
            }
        }
        Ok(url)
    }

    fn body(&self, credentials: &Credentials) -> Option<(&'static str, Zeroizing<String>)> {
        match &self.body {
            TokenBody::Empty => None,
            TokenBody::Form(members) => {
                let pairs: Vec<_> = filled(members, credentials).collect();
                let text = serde_urlencoded::to_string(&pairs).expect("pairs of texts are a form");
                Some(("application/x-www-form-urlencoded", Zeroizing::new(text)))
            }
            TokenBody::Json(members) => {
                let members = filled(members, credentials);
                let object: Map<_, _> =
                    members.map(|(name, value)| (name.to_owned(), value.into())).collect();
                Some(("application/json", Zeroizing::new(Value::Object(object).to_string())))
            }
        }
    }
}

fn filled<'m>(
    members: &'m [(Box<str>, Text)],
    credentials: &Credentials,
) -> impl Iterator<Item = (&'m str, String)> {
    members.iter().filter_map(|(name, template)| Some((&**name, fill(template, credentials)?)))
}

fn fill(template: &Text, credentials: &Credentials) -> Option<String> {
    template.fill(&|name| credentials.get(name).map(Cow::Borrowed))
}

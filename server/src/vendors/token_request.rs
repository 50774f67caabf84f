//! How an access token is asked for: OAuth 2 grants that need no person (RFC 6749, sections 4.3 and 4.4), and vendors'
//! own kinds of sign-in, which differ in names and encoding only.

use std::borrow::Cow;
use std::sync::Arc;
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
use super::tokens::Remembered;

/// Longest token, in bytes: it must fit into a header.
const MAX_TOKEN: usize = 16 * 1024;

/// No token is used longer, whatever is said of it.
const MAX_LIFETIME: Duration = Duration::from_hours(30 * 24);

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

    /// The token in an answer and how long it is used. A lifetime that is none (not a number, or not more than zero) counts
    /// as not said: a token that has ended before is renewed when it is refused.
    pub(crate) fn accept(&self, answer: &Value) -> Result<Remembered, CallError> {
        let Some(Value::String(token)) = answer.pointer(&self.token) else {
            return Err(CallError::Broken("the token endpoint sent no token".into()));
        };
        // RFC 6749, appendix A.12.
        let is_usable = !token.is_empty()
            && token.len() <= MAX_TOKEN
            && token.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if !is_usable {
            return Err(CallError::Broken("the token endpoint sent what cannot be a token".into()));
        }
        let lives = answer.pointer(&self.expires_in).and_then(seconds).unwrap_or(self.lifetime);
        Ok(Remembered { value: Arc::new(Zeroizing::new(token.clone())), lives })
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

/// Seconds as a number, or as a number in a text.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    let seconds = Some(seconds).filter(|seconds| seconds.is_finite())?;
    let lives = Duration::try_from_secs_f64(seconds.min(MAX_LIFETIME.as_secs_f64())).ok()?;
    Some(lives).filter(|lives| *lives >= Duration::from_secs(1))
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

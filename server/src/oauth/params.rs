//! Parameters of the OAuth endpoints, read as RFC 6749 section 3.1 and 3.2 want it: an empty value counts as omitted,
//! unknown ones are ignored, a known one must not be repeated.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use url::form_urlencoded;

use super::error::OAuthError;

/// The parameters of a query or a form.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "codes and tokens must not reach a log")]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// One value; an error if it is repeated, or holds control characters.
    pub fn get(&self, name: &str) -> Result<Option<&str>, OAuthError> {
        let mut values = self.all(name);
        let value = values.next();
        if values.next().is_some() {
            return Err(OAuthError::invalid_request("a parameter is repeated"));
        }
        if value.is_some_and(|value| value.chars().any(char::is_control)) {
            return Err(OAuthError::invalid_request("a parameter holds control characters"));
        }
        Ok(value)
    }

    /// One value that must be there.
    pub fn require(&self, name: &str, missing: &'static str) -> Result<&str, OAuthError> {
        self.get(name)?.ok_or(OAuthError::invalid_request(missing))
    }

    /// Every value, for the one parameter that may be repeated: `resource` (RFC 8707 section 2).
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The body of a POST to the token or revocation endpoint.
#[expect(missing_debug_implementations, reason = "codes and tokens must not reach a log")]
pub struct Form(pub Parameters);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OAuthError::invalid_request("the body must be application/x-www-form-urlencoded"));
        }
        Ok(Self(Parameters::parse(&read_body(request, state).await?)))
    }
}

/// The whole body, up to the limit of the route.
pub(super) async fn read_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, OAuthError> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            OAuthError::too_large()
        } else {
            OAuthError::invalid_request("the body could not be read")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_is_omitted_and_repeated_is_refused() {
        let parameters = Parameters::parse(b"a=1&b=&c=1&c=2&d=x%00&e=&e=5&r=1&r=2");
        assert_eq!(parameters.get("a").unwrap(), Some("1"));
        assert_eq!(parameters.get("b").unwrap(), None);
        assert!(parameters.get("c").is_err());
        assert!(parameters.get("d").is_err());
        assert_eq!(parameters.get("e").unwrap(), Some("5"));
        assert_eq!(parameters.get("none").unwrap(), None);
        assert!(parameters.require("none", "none is missing").is_err());
        assert_eq!(parameters.all("r").collect::<Vec<_>>(), ["1", "2"]);
    }
}

//! Access tokens: JWTs of the profile RFC 9068, signed with ES256, for the MCP endpoint alone.

use std::time::Duration;

use gateway_api::ids::{GrantId, OrganizationId};
use gateway_store::Timestamp;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::SigningKeys;

/// An access token is good for this long. Its grant is looked at on every call, so revocation does not wait for it.
pub const LIFETIME: Duration = Duration::from_mins(15);
/// The media type of the header (RFC 9068 section 2.1): no other JWT of ours is ever taken for an access token.
const TYPE: &str = "at+jwt";
/// The longest token that is looked at, in bytes; ours have about 700.
const MAX_LENGTH: usize = 4096;

/// What an access token says (RFC 9068 section 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Us.
    pub iss: String,
    /// The person; for a service client, which acts for nobody, its own id.
    pub sub: Uuid,
    /// The MCP endpoint.
    pub aud: String,
    /// In seconds since 1970.
    pub exp: i64,
    /// In seconds since 1970.
    pub iat: i64,
    /// Its own id.
    pub jti: String,
    /// The client it was issued to.
    pub client_id: String,
    /// What it is good for, separated by blanks.
    pub scope: String,
    /// The organization the client works in.
    pub org: OrganizationId,
    /// The grant behind it; for a service client again its own id.
    pub grant: GrantId,
}

/// The same as it is read: what we do not write, but must heed (RFC 7519 section 4.1.5).
#[derive(Deserialize)]
struct Checked {
    #[serde(flatten)]
    claims: Claims,
    nbf: Option<i64>,
}

/// Why a token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token of ours: another form, type, algorithm, key, issuer or audience, or a changed one.
    #[error("the token is not one of this server")]
    Foreign,
    /// Its time is over, or has not come.
    #[error("the token has expired")]
    Expired,
}

/// Signs.
pub fn sign(keys: &SigningKeys, claims: &Claims) -> Result<String, jsonwebtoken::errors::Error> {
    let key = keys.newest();
    let header =
        Header { typ: Some(TYPE.to_owned()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, claims, &key.private)
}

/// The key that a token names, unchecked.
pub fn kid(token: &str) -> Option<String> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    jsonwebtoken::decode_header(token).ok()?.kid
}

/// Checks a token as RFC 9068 section 4 says. It must be for one of `audiences`; which, say the claims.
pub fn verify(
    keys: &SigningKeys,
    token: &str,
    issuer: &str,
    audiences: &[String],
    now: Timestamp,
) -> Result<Claims, TokenError> {
    if token.len() > MAX_LENGTH {
        return Err(TokenError::Foreign);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Foreign)?;
    let key = header.kid.as_deref().and_then(|kid| keys.find(kid)).ok_or(TokenError::Foreign)?;
    if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
        return Err(TokenError::Foreign);
    }
    let mut validation = Validation::new(Algorithm::ES256);
    // By our own clock, below.
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(audiences);
    let Checked { claims, nbf } = jsonwebtoken::decode::<Checked>(token, &key.public, &validation)
        .map_err(|_| TokenError::Foreign)?
        .claims;
    let seconds = seconds(now);
    let begins = claims.iat.max(nbf.unwrap_or(i64::MIN));
    if claims.exp <= seconds || begins > seconds.saturating_add(MAX_SKEW) {
        return Err(TokenError::Expired);
    }
    Ok(claims)
}

/// How many seconds the clock of another replica may be ahead of ours.
const MAX_SKEW: i64 = 60;

/// Seconds since 1970, as JWTs count.
pub fn seconds(moment: Timestamp) -> i64 {
    moment.micros().div_euclid(1_000_000)
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use jsonwebtoken::EncodingKey;
    use serde_json::{Value, json};

    use super::{super::keys::tests::keys_for_tests, *};

    const ISSUER: &str = "https://gateway.example";
    const RESOURCE: &str = "https://gateway.example/v1/mcp";
    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn claims() -> Claims {
        Claims {
            iss: ISSUER.into(),
            sub: Uuid::from_u128(1),
            aud: RESOURCE.into(),
            exp: seconds(NOW) + 900,
            iat: seconds(NOW),
            jti: "1".into(),
            client_id: "client".into(),
            scope: "mcp".into(),
            org: OrganizationId::from_uuid(Uuid::from_u128(2)),
            grant: GrantId::from_uuid(Uuid::from_u128(3)),
        }
    }

    fn check(keys: &SigningKeys, token: &str) -> Result<Claims, TokenError> {
        verify(keys, token, ISSUER, &[RESOURCE.to_owned()], NOW)
    }

    /// A token with this header and these claims, signed by the right key whatever the header says.
    fn forge(keys: &SigningKeys, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &keys.newest().private, Algorithm::ES256).unwrap();
        format!("{message}.{signature}")
    }

    #[test]
    fn what_is_signed_verifies() {
        let keys = keys_for_tests(&["new", "old"]);
        let token = sign(&keys, &claims()).unwrap();
        assert_eq!(check(&keys, &token), Ok(claims()));
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!((header.typ.as_deref(), header.kid.as_deref()), (Some("at+jwt"), Some("new")));
    }

    #[test]
    fn changed_tokens_do_not() {
        let keys = keys_for_tests(&["k"]);
        let token = sign(&keys, &claims()).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let other = Claims { scope: "mcp mcp:admin".into(), ..claims() };
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&other).unwrap());
        for changed in [
            format!("{}.{payload}.{}", parts[0], parts[2]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{}.{}", parts[0], parts[1]),
            format!("{token}A"),
            format!("{token}."),
            token[..token.len() - 2].to_owned(),
            String::new(),
            "..".to_owned(),
            "a".repeat(MAX_LENGTH + 1),
        ] {
            assert_eq!(check(&keys, &changed), Err(TokenError::Foreign), "{changed}");
        }
    }

    #[test]
    fn other_algorithms_and_types_do_not() {
        let keys = keys_for_tests(&["k"]);
        let body = serde_json::to_value(claims()).unwrap();
        let right = json!({ "alg": "ES256", "typ": "at+jwt", "kid": "k" });
        assert!(check(&keys, &forge(&keys, &right, &body)).is_ok());
        for wrong in [
            json!({ "alg": "none", "typ": "at+jwt", "kid": "k" }),
            json!({ "alg": "HS256", "typ": "at+jwt", "kid": "k" }),
            json!({ "alg": "ES384", "typ": "at+jwt", "kid": "k" }),
            json!({ "alg": "ES256", "typ": "JWT", "kid": "k" }),
            json!({ "alg": "ES256", "kid": "k" }),
            json!({ "alg": "ES256", "typ": "at+jwt" }),
            json!({ "alg": "ES256", "typ": "at+jwt", "kid": "unknown" }),
            json!({ "alg": "ES256", "typ": "at+jwt", "kid": "k", "crit": ["x"], "x": 1 }),
        ] {
            assert_eq!(check(&keys, &forge(&keys, &wrong, &body)), Err(TokenError::Foreign), "{wrong}");
        }
        // HS256 with the public key as the secret: the classic confusion.
        let header =
            Header { typ: Some(TYPE.into()), kid: Some("k".into()), ..Header::new(Algorithm::HS256) };
        let public = serde_json::to_vec(&keys.jwks()["keys"][0]).unwrap();
        let token = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&public)).unwrap();
        assert_eq!(check(&keys, &token), Err(TokenError::Foreign));
    }

    #[test]
    fn foreign_keys_issuers_and_audiences_do_not() {
        let keys = keys_for_tests(&["k"]);
        let theirs = sign(&keys_for_tests(&["k"]), &claims()).unwrap();
        assert_eq!(check(&keys, &theirs), Err(TokenError::Foreign));
        for wrong in [
            Claims { iss: "https://evil.example".into(), ..claims() },
            Claims { iss: format!("{ISSUER}/"), ..claims() },
            Claims { aud: ISSUER.into(), ..claims() },
            Claims { aud: format!("{RESOURCE}/"), ..claims() },
        ] {
            assert_eq!(check(&keys, &sign(&keys, &wrong).unwrap()), Err(TokenError::Foreign));
        }
        let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": "k" });
        for missing in ["iss", "sub", "aud", "exp", "grant", "org", "client_id"] {
            let mut body = serde_json::to_value(claims()).unwrap();
            body.as_object_mut().unwrap().remove(missing);
            assert_eq!(check(&keys, &forge(&keys, &header, &body)), Err(TokenError::Foreign), "{missing}");
        }
    }

    #[test]
    fn time_is_kept() {
        let keys = keys_for_tests(&["k"]);
        let expired = Claims { exp: seconds(NOW), ..claims() };
        assert_eq!(check(&keys, &sign(&keys, &expired).unwrap()), Err(TokenError::Expired));
        let future = Claims { iat: seconds(NOW) + MAX_SKEW + 1, ..claims() };
        assert_eq!(check(&keys, &sign(&keys, &future).unwrap()), Err(TokenError::Expired));
    }
}

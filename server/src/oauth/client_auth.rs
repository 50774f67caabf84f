//! How a client proves who it is at the token and revocation endpoints (RFC 6749 sections 2.3 and 3.2.1).
//!
//! Public clients name themselves by `client_id` alone; what binds a code or token to them is PKCE and rotation.
//! Confidential ones send their secret as well: in the `Authorization` header or in the form, never in both.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use gateway_api::ids::ServiceClientId;
use gateway_store::{
    clients,
    organizations::Organization,
    service_clients::{self, ServiceClient},
};
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq as _;

use super::{
    cimd,
    error::{ErrorCode, OAuthError},
    params::Parameters,
};
use crate::{clock::hash_token, state::AppState};

/// Every way there is, as metadata names them (RFC 8414 section 2).
pub const METHODS: [&str; 3] = [NONE, BASIC, POST];
/// A public client.
pub const NONE: &str = "none";
/// The secret stands in the `Authorization` header.
pub const BASIC: &str = "client_secret_basic";
/// The secret stands in the form.
pub const POST: &str = "client_secret_post";

/// Who asks.
#[expect(missing_debug_implementations, reason = "it may hold the hash of a secret")]
pub enum Authenticated {
    /// A client that acts for people, by its `client_id`.
    Client(String),
    /// A program of an organization.
    ServiceClient(Box<(ServiceClient, Organization)>),
}

/// What a request shows of its client.
struct Shown {
    id: String,
    secret: Option<String>,
}

/// The client of a request.
///
/// # Errors
/// `invalid_client` with 401 for one that is not (any longer) known, so that it registers anew, and for a wrong secret, or
/// one where there is none; `invalid_request` for a request that shows two; 429 for an address that guesses.
pub async fn authenticate(
    state: &AppState,
    address: IpAddr,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Authenticated, OAuthError> {
    identify(state, headers, parameters).await.map_err(|error| count_wrong(state, address, error))
}

async fn identify(
    state: &AppState,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Authenticated, OAuthError> {
    let shown = Shown::read(headers, parameters)?;
    if cimd::is_address(&shown.id) {
        // Its document was read when it asked a person; what is bound to it here is its id.
        state
            .client_documents
            .check(&shown.id)
            .map_err(|_| refusal("this gateway does not know this client"))?;
        check_secret(&shown, None)?;
        return Ok(Authenticated::Client(shown.id));
    }
    let mut connection = state.database.read().await?;
    if let Some(client) = clients::find(&mut connection, &shown.id).await? {
        check_secret(&shown, client.secret_hash.as_deref())?;
        return Ok(Authenticated::Client(client.id));
    }
    if let Ok(id) = shown.id.parse::<ServiceClientId>()
        && let Some(found) = service_clients::find_live(&mut connection, id, state.clock.now()).await?
    {
        check_secret(&shown, Some(&found.0.secret_hash))?;
        return Ok(Authenticated::ServiceClient(Box::new(found)));
    }
    Err(refusal("this client is not registered, or not any longer"))
}

/// Counts a client that did not prove who it is; after some of them the address must wait, so that nobody guesses.
fn count_wrong(state: &AppState, address: IpAddr, error: OAuthError) -> OAuthError {
    if error.code != ErrorCode::InvalidClient {
        return error;
    }
    match state.limits.count_wrong_client(address) {
        Ok(()) => error,
        Err(wait) => OAuthError::throttled(wait.as_secs()),
    }
}

const fn refusal(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClient, description)
}

/// Compares in a time that tells nothing about what is stored.
fn check_secret(shown: &Shown, stored: Option<&str>) -> Result<(), OAuthError> {
    match (&shown.secret, stored) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(refusal("this client is public: it sends its client_id and no secret")),
        (None, Some(_)) => Err(refusal("this client has a secret, and must send it")),
        (Some(secret), Some(stored)) => {
            let is_right = hash_token(secret).as_bytes().ct_eq(stored.as_bytes());
            if is_right.into() { Ok(()) } else { Err(refusal("the client secret is wrong")) }
        }
    }
}

impl Shown {
    fn read(headers: &HeaderMap, parameters: &Parameters) -> Result<Self, OAuthError> {
        if parameters.get("client_assertion")?.is_some() {
            return Err(refusal("client assertions are not supported"));
        }
        let id = parameters.get("client_id")?.map(str::to_owned);
        let secret = parameters.get("client_secret")?.map(str::to_owned);
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            let id = id.ok_or(OAuthError::invalid_request("client_id is missing"))?;
            return Ok(Self { id, secret });
        };
        if values.next().is_some() || secret.is_some() {
            return Err(OAuthError::invalid_request("a client proves itself in one way, not in two"));
        }
        let basic = value.to_str().ok().and_then(read_basic);
        let (user, password) = basic.ok_or_else(|| refusal("the Authorization header is not Basic"))?;
        if id.is_some_and(|id| id != user) {
            return Err(OAuthError::invalid_request("client_id is another one in the header"));
        }
        Ok(Self { id: user, secret: Some(password) })
    }
}

/// Id and secret of `Basic`, each form-encoded (RFC 6749 section 2.3.1).
fn read_basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    let text = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
    (!text.chars().any(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(authorization: &[&str], form: &str) -> Result<(String, Option<String>), ErrorCode> {
        let mut headers = HeaderMap::new();
        for value in authorization {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        let shown = Shown::read(&headers, &Parameters::parse(form.as_bytes()));
        shown.map(|shown| (shown.id, shown.secret)).map_err(|error| error.code)
    }

    #[test]
    fn one_way_and_no_other() {
        let both = |id: &str, secret: &str| Ok((id.to_owned(), Some(secret.to_owned())));
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert_eq!(read(&[], "client_id=a"), Ok(("a".to_owned(), None)));
        assert_eq!(read(&[], "client_id=a&client_secret=b"), both("a", "b"));
        assert_eq!(read(&[&basic("a:b")], ""), both("a", "b"));
        assert_eq!(read(&[&basic("a:b").replace("Basic", "basic")], "client_id=a"), both("a", "b"));
        assert_eq!(read(&[&basic("a%3Ab:c+d%2Bé:f")], ""), both("a:b", "c d+é:f"));
        assert_eq!(read(&[&basic("a:")], ""), both("a", ""));
        for (authorization, form, code) in [
            (vec![], "", ErrorCode::InvalidRequest),
            (vec![], "client_secret=b", ErrorCode::InvalidRequest),
            (vec![], "client_id=a&client_id=a", ErrorCode::InvalidRequest),
            (vec![], "client_id=a&client_secret=b&client_secret=b", ErrorCode::InvalidRequest),
            (vec![], "client_id=a&client_assertion=x", ErrorCode::InvalidClient),
            (vec![basic("a:b")], "client_secret=b", ErrorCode::InvalidRequest),
            (vec![basic("a:b")], "client_id=c", ErrorCode::InvalidRequest),
            (vec![basic("a:b"), basic("a:b")], "", ErrorCode::InvalidRequest),
            (vec!["Bearer x".to_owned()], "client_id=a", ErrorCode::InvalidClient),
            (vec!["Basic".to_owned()], "client_id=a", ErrorCode::InvalidClient),
            (vec!["Basic ???".to_owned()], "client_id=a", ErrorCode::InvalidClient),
            (vec![basic("no colon")], "", ErrorCode::InvalidClient),
            (vec![basic("a%00:b")], "", ErrorCode::InvalidClient),
        ] {
            let authorization: Vec<&str> = authorization.iter().map(String::as_str).collect();
            assert_eq!(read(&authorization, form), Err(code), "{authorization:?} {form}");
        }
    }

    #[test]
    fn secrets_are_compared_by_their_hash() {
        let shown = |secret: Option<&str>| Shown { id: String::new(), secret: secret.map(str::to_owned) };
        let stored = hash_token("right");
        assert!(check_secret(&shown(Some("right")), Some(&stored)).is_ok());
        assert!(check_secret(&shown(None), None).is_ok());
        for (secret, stored) in [
            (Some("wrong"), Some(&stored)),
            (Some(""), Some(&stored)),
            (None, Some(&stored)),
            (Some("x"), None),
        ] {
            let refused = check_secret(&shown(secret), stored.map(String::as_str)).unwrap_err();
            assert_eq!(refused.code, ErrorCode::InvalidClient);
        }
    }
}

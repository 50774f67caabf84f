//! `POST /register`: dynamic client registration (RFC 7591). Open, as MCP clients need it; what it gives is a name and
//! redirect URIs to show to a person, no right of any kind.
//!
//! A client is public unless it asks for a secret (`client_secret_basic`, `client_secret_post`): then it is told one, this
//! once. Whatever other `token_endpoint_auth_method` it asks for, it is told `none`: RFC 7591 section 2 allows the server
//! to replace what was asked for, and clients go by the answer.

use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use gateway_store::clients::{self, Client};
use serde::{Deserialize, Serialize};

use super::{
    client_auth, client_name,
    error::{ErrorCode, OAuthError},
    limits::RegisterAddress,
    params::read_body,
    redirect, scope, tokens,
};
use crate::{
    clock::{hash_token, random_token},
    state::AppState,
};

/// How many redirect URIs a client may have.
const MAX_REDIRECT_URIS: usize = 20;
/// How long a name may be, in characters.
const MAX_NAME: usize = 200;
/// What a client without a name is called.
const NO_NAME: &str = "An MCP client without a name";

/// What we read of client metadata (RFC 7591 section 2); the rest is ignored.
#[derive(Debug, Deserialize)]
pub struct ClientMetadata {
    redirect_uris: Option<Vec<String>>,
    client_name: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for ClientMetadata {
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(invalid("the body must be application/json"));
        }
        let body = read_body(request, state).await?;
        serde_json::from_slice(&body)
            .map_err(|_| invalid("the body is not client metadata as RFC 7591 section 2 says"))
    }
}

/// The answer (RFC 7591 section 3.2.1).
#[derive(Serialize)]
#[expect(missing_debug_implementations, reason = "it may hold a secret")]
pub struct Registration {
    client_id: String,
    client_id_issued_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Of a secret: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    client_name: String,
    redirect_uris: Vec<String>,
    grant_types: [&'static str; 2],
    response_types: [&'static str; 1],
    token_endpoint_auth_method: String,
    scope: String,
}

/// Registers a client.
pub async fn post_register(
    State(state): State<AppState>,
    _: RegisterAddress,
    metadata: ClientMetadata,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<Registration>), OAuthError> {
    let redirect_uris = check_redirect_uris(&metadata)?;
    check_grant(&metadata)?;
    let auth_method = choose_auth_method(metadata.token_endpoint_auth_method.as_deref());
    let secret = (auth_method != client_auth::NONE).then(random_token);
    let client = Client {
        id: state.clock.new_uuid().to_string(),
        name: check_name(metadata.client_name.as_deref())?,
        redirect_uris,
        created_at: state.clock.now(),
        last_used_at: None,
        auth_method: auth_method.to_owned(),
        secret_hash: secret.as_deref().map(hash_token),
    };
    let mut transaction = state.database.write().await?;
    clients::insert(&mut transaction, &client).await?;
    transaction.commit().await?;
    tracing::info!(client = %client.id, name = %client.name, "client registered");
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, no_store, Json(Registration::new(client, secret))))
}

impl Registration {
    fn new(client: Client, secret: Option<String>) -> Self {
        Self {
            client_id: client.id,
            client_id_issued_at: tokens::seconds(client.created_at),
            client_secret_expires_at: secret.as_ref().map(|_| 0),
            client_secret: secret,
            client_name: client.name,
            redirect_uris: client.redirect_uris,
            grant_types: ["authorization_code", "refresh_token"],
            response_types: ["code"],
            token_endpoint_auth_method: client.auth_method,
            scope: scope::grantable().collect::<Vec<_>>().join(" "),
        }
    }
}

/// What it asks for, if that is a way to send a secret; else none.
fn choose_auth_method(asked: Option<&str>) -> &'static str {
    let known = client_auth::METHODS.into_iter().find(|known| asked == Some(known));
    known.unwrap_or(client_auth::NONE)
}

const fn invalid(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClientMetadata, description)
}

fn check_redirect_uris(metadata: &ClientMetadata) -> Result<Vec<String>, OAuthError> {
    let invalid = |description| OAuthError::new(ErrorCode::InvalidRedirectUri, description);
    let uris = metadata.redirect_uris.clone().unwrap_or_default();
    if uris.is_empty() {
        return Err(invalid("redirect_uris is missing or empty"));
    }
    if uris.len() > MAX_REDIRECT_URIS {
        return Err(invalid("there are more than 20 redirect_uris"));
    }
    for uri in &uris {
        redirect::check(uri).map_err(|why| invalid(why.description()))?;
    }
    Ok(uris)
}

/// A client that wants something else than the one flow there is would not work; better it hears so now.
fn check_grant(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let lacks = |list: &Option<Vec<String>>, name: &str| {
        list.as_ref().is_some_and(|list| !list.is_empty() && !list.iter().any(|known| known == name))
    };
    if lacks(&metadata.grant_types, "authorization_code") {
        return Err(invalid("grant_types must include authorization_code"));
    }
    if lacks(&metadata.response_types, "code") {
        return Err(invalid("response_types must include code"));
    }
    Ok(())
}

/// The name as it can be shown.
fn check_name(name: Option<&str>) -> Result<String, OAuthError> {
    let name = name.unwrap_or_default();
    if name.chars().count() > MAX_NAME {
        return Err(invalid("client_name is longer than 200 characters"));
    }
    Ok(client_name::shown(name).unwrap_or_else(|| NO_NAME.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_without_a_name_gets_one() {
        assert_eq!(check_name(Some("Claude Code (desk)")).unwrap(), "Claude Code (desk)");
        assert_eq!(check_name(Some("\u{200b}")).unwrap(), NO_NAME);
        assert_eq!(check_name(None).unwrap(), NO_NAME);
        assert!(check_name(Some(&"x".repeat(200))).is_ok());
        assert!(check_name(Some(&"x".repeat(201))).is_err());
    }

    #[test]
    fn a_secret_is_for_those_who_ask() {
        for (asked, chosen) in [
            (None, "none"),
            (Some("none"), "none"),
            (Some("client_secret_basic"), "client_secret_basic"),
            (Some("client_secret_post"), "client_secret_post"),
            (Some("private_key_jwt"), "none"),
        ] {
            assert_eq!(choose_auth_method(asked), chosen, "{asked:?}");
        }
    }
}

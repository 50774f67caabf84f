//! Where a client learns about us: authorization server metadata (RFC 8414) and protected resource metadata (RFC 9728).

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::{HeaderName, HeaderValue, header},
};
use serde_json::{Value, json};

use super::{
    client_auth,
    error::OAuthError,
    pkce,
    resource::{Address, Resource},
    scope,
};
use crate::{config::Config, state::AppState};

/// RFC 8414 section 3.
pub const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
/// The same for clients that put the endpoint's path behind it.
pub const AUTHORIZATION_SERVER_OF_MCP: &str = "/.well-known/oauth-authorization-server/v1/mcp";
/// The same for clients of a vendor's endpoint.
pub const AUTHORIZATION_SERVER_OF_VENDOR: &str = "/.well-known/oauth-authorization-server/v1/{vendor}/mcp";
/// RFC 9728 section 3, without a path.
pub const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";
/// RFC 9728 section 3.1, with the endpoint's path: the form the 401 names.
pub const PROTECTED_RESOURCE_OF_MCP: &str = "/.well-known/oauth-protected-resource/v1/mcp";
/// The same for a vendor's endpoint.
pub const PROTECTED_RESOURCE_OF_VENDOR: &str = "/.well-known/oauth-protected-resource/v1/{vendor}/mcp";
/// The public keys.
pub const JWKS: &str = "/.well-known/jwks.json";

type Cached = ([(HeaderName, HeaderValue); 2], Json<Value>);

/// The document changes only with the program, but an upgrade must reach clients soon.
fn cached(document: Value) -> Cached {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
    ];
    (headers, Json(document))
}

/// What this authorization server can do. The endpoints lie at the root, where even clients look that do not read this.
pub async fn get_authorization_server(State(state): State<AppState>) -> Cached {
    let issuer = &state.config.public_url;
    let scopes: Vec<&str> = scope::grantable().chain([scope::OFFLINE_ACCESS]).collect();
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}{JWKS}"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_methods_supported": client_auth::METHODS,
        "revocation_endpoint_auth_methods_supported": client_auth::METHODS,
        "code_challenge_methods_supported": [pkce::METHOD],
        "authorization_response_iss_parameter_supported": true,
        "protected_resources": [state.config.mcp_url()],
    });
    if state.client_documents.is_enabled() {
        document["client_id_metadata_document_supported"] = Value::from(true);
    }
    cached(document)
}

/// What the MCP endpoint is, and who issues tokens for it. The query of the endpoint's address stands behind that of its
/// metadata, too (RFC 9728 section 3.1).
pub async fn get_protected_resource(State(state): State<AppState>, RawQuery(query): RawQuery) -> Cached {
    protected_resource(&state.config, &Address::new(Resource::default(), query.as_deref()))
}

/// The same of a vendor's endpoint. Its `resource` is the URL of that endpoint and nothing wider: clients must compare the
/// two (RFC 9728 section 3.3), some for equality.
pub async fn get_protected_resource_of_vendor(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Cached, OAuthError> {
    let vendor = state.catalog.vendor(&slug).ok_or_else(OAuthError::not_found)?;
    let address = Address::new(Resource::of_vendor(&vendor.slug), query.as_deref());
    Ok(protected_resource(&state.config, &address))
}

fn protected_resource(config: &Config, address: &Address) -> Cached {
    cached(json!({
        "resource": address.url(&config.public_url),
        "resource_name": "MSP MCP Gateway",
        "authorization_servers": [config.public_url],
        "scopes_supported": scope::grantable().collect::<Vec<_>>(),
        "bearer_methods_supported": ["header"],
    }))
}

/// Where the metadata of what is at an address lies (RFC 9728 section 3.1).
pub fn protected_resource_path(address: &Address) -> String {
    address.with_view(PROTECTED_RESOURCE.to_owned() + &address.resource.path())
}

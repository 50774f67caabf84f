//! The OAuth 2.1 authorization server, and the bearer check of the MCP endpoint. One file per endpoint.
//!
//! | endpoint | file |
//! |---|---|
//! | `GET /.well-known/oauth-authorization-server`, `.../oauth-protected-resource` | `metadata.rs` |
//! | `GET /.well-known/jwks.json` | `jwks.rs`; the keys: `keys.rs`, as they change: `key_ring.rs` |
//! | `POST /register` | `register.rs` |
//! | `GET /authorize` | `authorize.rs`, `refusal.rs`; what a person then answers: `consent.rs` and `api/consent.rs` |
//! | `POST /token` | `token.rs`, `refresh.rs`, `client_credentials.rs`; access tokens: `tokens.rs` |
//! | `POST /revoke` | `revoke.rs` |
//! | the layer over `/v1/mcp` | `bearer.rs`; what it remembers: `grants.rs` |
//!
//! Who asks: `client.rs` at `/authorize`, with or without a metadata document (`cimd/`), and `client_auth.rs` at `/token`.
//! How often one address may ask: `limits.rs`.
//! Rules without state stand alone: `redirect.rs`, `pkce.rs`, `scope.rs`, `resource.rs`, `params.rs`. Errors for programs
//! are `error.rs`, for people `page.rs`. Start with `authorize.rs`.

pub mod authorize;
pub mod bearer;
pub mod cimd;
pub mod client;
pub mod client_auth;
mod client_credentials;
pub mod client_name;
pub mod consent;
pub mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub mod grants;
pub mod jwks;
pub mod key_ring;
pub mod keys;
mod limits;
pub mod metadata;
pub mod page;
pub mod params;
pub mod pkce;
pub mod redirect;
mod refresh;
mod refusal;
pub mod register;
pub mod resource;
pub mod revoke;
pub mod scope;
pub mod token;
pub mod tokens;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, Method, header},
    routing::{any, get, post},
};
use gateway_store::{
    Database, Event, StoreError, authorization_requests, clients, codes, grants as grant_rows, refresh_tokens,
};
use moka::future::Cache;
use tower_http::cors::{Any, CorsLayer};

use crate::{
    clock::Clock,
    state::{App, AppState},
    vault::Vault,
};
use bearer::VerifiedToken;
use error::OAuthError;
use grants::LiveGrants;
use key_ring::KeyRing;
use keys::{KeyError, SigningKeys};
use limits::Limits;

/// The largest body that is read here: client metadata with 20 redirect URIs.
const BODY_LIMIT: usize = 64 * 1024;
/// How many verified tokens are remembered.
const VERIFIED_TOKENS: u64 = 100_000;
/// How long what is over is kept, so that a replay is still noticed.
const KEEP_SPENT: Duration = Duration::from_hours(7 * 24);
/// A client that never asked anybody is forgotten after this long.
const KEEP_NEW_CLIENT: Duration = Duration::from_hours(7 * 24);
/// A client without grants is forgotten when it has not asked anybody for this long.
const KEEP_CLIENT: Duration = Duration::from_hours(90 * 24);

/// What the authorization server holds in memory.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct OAuth {
    keys: KeyRing,
    verified: Cache<[u8; 32], VerifiedToken>,
    live: LiveGrants,
    limits: Limits,
}

impl OAuth {
    /// Loads the signing keys; the first start makes one.
    pub async fn open(database: &Arc<Database>, vault: &Vault, clock: &Clock) -> Result<Self, KeyError> {
        Ok(Self {
            keys: KeyRing::new(SigningKeys::load_or_make(database, vault, clock).await?, clock),
            verified: Cache::builder().max_capacity(VERIFIED_TOKENS).time_to_live(tokens::LIFETIME).build(),
            live: LiveGrants::default(),
            limits: Limits::default(),
        })
    }

    /// Forgets what may have changed.
    pub async fn apply(&self, app: &App, event: Event) {
        self.live.apply(event).await;
        if event == Event::Everything
            && let Err(error) = self.keys.read_again(app).await
        {
            tracing::warn!(%error, "the signing keys could not be read again");
        }
    }

    /// The grants that are alive; a grant that was just revoked must be forgotten here after the commit.
    pub fn live_grants(&self) -> &LiveGrants {
        &self.live
    }

    /// The keys that sign and verify access tokens, as they are known.
    pub fn keys(&self) -> Arc<SigningKeys> {
        self.keys.current()
    }

    /// The same, not older than half a minute. Reads the database, so not within a unit of work.
    async fn fresh_keys(&self, app: &App) -> Arc<SigningKeys> {
        self.keys.fresh(app).await
    }

    fn verified_tokens(&self) -> &Cache<[u8; 32], VerifiedToken> {
        &self.verified
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// Every endpoint of the authorization server.
pub fn routes() -> Router<AppState> {
    let for_programs = Router::new()
        .route(metadata::AUTHORIZATION_SERVER, get(metadata::get_authorization_server))
        .route(metadata::AUTHORIZATION_SERVER_OF_MCP, get(metadata::get_authorization_server))
        .route(metadata::PROTECTED_RESOURCE, get(metadata::get_protected_resource))
        .route(metadata::PROTECTED_RESOURCE_OF_MCP, get(metadata::get_protected_resource))
        .route(metadata::AUTHORIZATION_SERVER_OF_VENDOR, get(metadata::get_authorization_server))
        .route(metadata::PROTECTED_RESOURCE_OF_VENDOR, get(metadata::get_protected_resource_of_vendor))
        .route(metadata::JWKS, get(jwks::get_jwks))
        // Clients try addresses one after another; a browser lets them see the 404 only with the headers of CORS.
        .route("/.well-known/{*rest}", any(|| async { OAuthError::not_found() }))
        .route("/register", post(register::post_register))
        .route("/token", post(token::post_token))
        .route("/revoke", post(revoke::post_revoke))
        .method_not_allowed_fallback(|| async { OAuthError::method_not_allowed() })
        .layer(cors());
    Router::new()
        .route("/authorize", get(authorize::get_authorize).fallback(authorize::refuse_method))
        .merge(for_programs)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

/// Clients that run in a browser (MCP Inspector) ask from another origin. Nothing here goes by cookies, so any may.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            HeaderName::from_static("mcp-protocol-version"),
        ])
        .expose_headers([header::WWW_AUTHENTICATE, header::RETRY_AFTER])
        .max_age(Duration::from_hours(1))
}

/// Clears away what is over; part of the jobs.
pub async fn clear(state: &AppState) -> Result<(), StoreError> {
    let now = state.clock.now();
    let spent = now.minus(KEEP_SPENT);
    let mut transaction = state.database.write().await?;
    authorization_requests::delete_expired(&mut transaction, now).await?;
    codes::delete_expired(&mut transaction, spent).await?;
    refresh_tokens::delete_expired(&mut transaction, now, spent).await?;
    grant_rows::delete_ended(&mut transaction, spent).await?;
    SigningKeys::clear(&mut transaction, now).await?;
    clients::delete_unused(&mut transaction, now.minus(KEEP_NEW_CLIENT), now.minus(KEEP_CLIENT)).await?;
    transaction.commit().await?;
    state.oauth.limits.forget_idle();
    Ok(())
}

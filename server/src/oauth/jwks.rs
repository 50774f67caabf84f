//! `GET /.well-known/jwks.json`: the public keys that verify access tokens (RFC 7517).

use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, header},
};
use serde_json::Value;

use crate::state::AppState;

/// The public keys.
pub async fn get_jwks(State(state): State<AppState>) -> ([(HeaderName, HeaderValue); 1], Json<Value>) {
    let cache = [(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))];
    (cache, Json(state.oauth.fresh_keys(&state).await.jwks()))
}

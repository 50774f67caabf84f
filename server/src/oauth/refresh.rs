//! `POST /token` with a refresh token (OAuth 2.1 section 4.3): each is exchanged once for the next one.
//!
//! Whoever shows an exchanged one again shows that there are two of it, and the family is revoked (RFC 9700 section
//! 4.14.2). But an answer can get lost: for [`GRACE`] the same client may try the exchange again. Then there are several
//! next tokens; as soon as one of them is exchanged in its turn, the others are spent as well, so that a copy that somebody
//! stole in those seconds does not live on beside it.

use std::time::Duration;

use gateway_store::{
    Timestamp, Transaction,
    grants::{self as grant_rows, Grant},
    refresh_tokens::{self, RefreshToken},
};

use super::{
    error::OAuthError,
    grants::revoke_for_client,
    params::Parameters,
    resource, scope,
    token::{Issue, REFRESH_LIFETIME, Tokens, invalid_grant, issue},
};
use crate::{clock::hash_token, state::AppState};

/// How long after its exchange a token may be exchanged again.
const GRACE: Duration = Duration::from_secs(10);

/// A refresh token for tokens.
pub(super) async fn refresh(
    state: &AppState,
    client_id: &str,
    parameters: &Parameters,
) -> Result<Tokens, OAuthError> {
    let token_hash = hash_token(parameters.require("refresh_token", "refresh_token is missing")?);
    let requested_scope = parameters.get("scope")?;
    let resource = resource::named(parameters, &state.config.public_url, &state.catalog)?;
    let now = state.clock.now();
    let mut transaction = state.database.write().await?;
    let token = find(&mut transaction, &token_hash).await?;
    if is_reuse(&token, now) {
        return Err(refuse_reuse(state, transaction, &token).await?);
    }
    let grant = find_grant(&mut transaction, &token, client_id, now).await?;
    resource::require_same(resource.as_ref(), &grant.resource, &state.config.public_url)?;
    let scope = scope::narrow(requested_scope, &grant.scope)?;
    if token.expires_at <= now {
        return Err(not_valid());
    }
    // The grant before its tokens: an exchange spends the siblings of its token as well, so two of them at the same time
    // would each wait for the other's.
    if !grant_rows::extend(&mut transaction, grant.id, now.plus(REFRESH_LIFETIME)).await? {
        return Err(not_valid());
    }
    if refresh_tokens::rotate(&mut transaction, &token_hash, now).await? {
        refresh_tokens::spend_siblings(&mut transaction, &token, now).await?;
    } else {
        // Exchanged before, perhaps a moment ago on another replica.
        let token = find(&mut transaction, &token_hash).await?;
        if is_reuse(&token, now) {
            return Err(refuse_reuse(state, transaction, &token).await?);
        }
        tracing::info!(grant = %grant.id, "a refresh token is exchanged again, within its grace");
    }
    let issue_now = Issue { now, scope, parent: Some(token_hash) };
    let tokens = issue(state, &mut transaction, &grant, issue_now).await?;
    transaction.commit().await?;
    Ok(tokens)
}

const fn not_valid() -> OAuthError {
    invalid_grant("the refresh token is unknown, expired, used or revoked")
}

async fn find(transaction: &mut Transaction, token_hash: &str) -> Result<RefreshToken, OAuthError> {
    refresh_tokens::find(transaction, token_hash).await?.ok_or_else(not_valid)
}

/// It was exchanged, and longer ago than an answer can be lost. Another replica's clock may be a little ahead.
fn is_reuse(token: &RefreshToken, now: Timestamp) -> bool {
    token.rotated_at.is_some_and(|rotated| rotated.plus(GRACE) <= now)
}

/// The live grant behind a token of this client.
async fn find_grant(
    transaction: &mut Transaction,
    token: &RefreshToken,
    client_id: &str,
    now: Timestamp,
) -> Result<Grant, OAuthError> {
    let live = grant_rows::find_live(transaction, token.grant_id, now).await?.ok_or_else(not_valid)?;
    if live.grant.client_id != client_id {
        return Err(invalid_grant("the refresh token was issued to another client"));
    }
    Ok(live.grant)
}

/// A rotated refresh token was shown again: the family is revoked.
async fn refuse_reuse(
    state: &AppState,
    mut transaction: Transaction,
    token: &RefreshToken,
) -> Result<OAuthError, OAuthError> {
    let reason = "one of its refresh tokens was used twice";
    revoke_for_client(state, &mut transaction, token.grant_id, reason).await?;
    transaction.commit().await?;
    state.oauth.live_grants().forget(token.grant_id).await;
    Ok(invalid_grant("the refresh token was used before, so everything issued with it is revoked"))
}

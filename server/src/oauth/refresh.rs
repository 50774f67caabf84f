//! `POST /token` with a refresh token (OAuth 2.1 section 4.3): each is exchanged once for the next one.
//!
//! Whoever shows an exchanged one again shows that there are two of it, and the family is revoked (RFC 9700 section
//! 4.14.2). But an answer can get lost, or be asked for twice at once: for [`GRACE`] the same client may try the exchange
//! again. Then there are several next tokens, and they are alternatives: a client goes on with one of them, whichever. With
//! that its parent's grace ends, and its siblings are left behind, without any grace. So at most one of a family goes on for
//! longer than one exchange, and a copy that somebody stole shows at the next one, whoever is first. A client that goes on
//! with two of them looks like two, and must ask its person again.

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
    if is_reuse(&mut transaction, &token, now).await? {
        return Err(refuse_reuse(state, transaction, &token).await?);
    }
    let grant = find_grant(&mut transaction, &token, client_id, now).await?;
    resource::require_same(resource.as_ref(), &grant.resource, &state.config.public_url)?;
    let scope = scope::narrow(requested_scope, &grant.scope)?;
    if token.expires_at <= now {
        return Err(not_valid());
    }
    // The grant before its tokens: exchanges of one family take turns, so that each sees what the one before has made of the
    // parent, siblings and children.
    if !grant_rows::extend(&mut transaction, grant.id, now.plus(REFRESH_LIFETIME)).await? {
        return Err(not_valid());
    }
    if refresh_tokens::rotate(&mut transaction, &token_hash, now).await? {
        refresh_tokens::spend_siblings(&mut transaction, &token, now).await?;
    } else {
        // Exchanged before, perhaps a moment ago on another replica.
        let token = find(&mut transaction, &token_hash).await?;
        if is_reuse(&mut transaction, &token, now).await? {
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

/// It was exchanged, and this is no second try: an answer cannot be lost for that long (another replica's clock may be a little
/// ahead); or the answer has arrived, for the client has gone on from it; or the client has gone on with a sibling of it.
/// What is reuse stays reuse, so it may be asked before it is this exchange's turn.
async fn is_reuse(
    transaction: &mut Transaction,
    token: &RefreshToken,
    now: Timestamp,
) -> Result<bool, OAuthError> {
    let Some(rotated_at) = token.rotated_at else { return Ok(false) };
    if rotated_at.plus(GRACE) <= now {
        return Ok(true);
    }
    let children = refresh_tokens::list_children(transaction, token).await?;
    let is_left_behind = children.is_empty();
    Ok(is_left_behind || children.iter().any(|child| child.rotated_at.is_some()))
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

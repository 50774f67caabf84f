//! The first account: a one-time link, printed at every start as long as there is no account.

use std::time::Duration;

use gateway_store::{StoreError, setup_tokens, users};

use crate::{
    clock::{hash_token, random_token},
    state::AppState,
};

/// A link that nobody opened is void after this.
const LIFETIME: Duration = Duration::from_hours(24);

/// A new set-up link, if there is no account yet.
pub async fn link(state: &AppState) -> Result<Option<String>, StoreError> {
    let mut transaction = state.database.write().await?;
    if users::exist(&mut transaction).await? {
        return Ok(None);
    }
    let token = random_token();
    setup_tokens::insert(&mut transaction, &hash_token(&token), state.clock.now().plus(LIFETIME)).await?;
    transaction.commit().await?;
    Ok(Some(format!("{}/auth/setup?token={token}", state.config.public_url)))
}

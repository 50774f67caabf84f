//! `PUT /api/me/password`.

use axum::{extract::State, http::StatusCode};
use gateway_api::{accounts::ChangePassword, problem::Problem};
use gateway_store::{Event, Topic, sessions, throttles, users};

use crate::{
    audit::{self, action},
    auth::{passwords, session::Member, throttle},
    error::{ApiError, Body},
    oauth::grants::revoke_all_of,
    state::AppState,
};

/// Change the password. Ends every other session of the person, and every app they authorized must be authorized anew.
#[utoipa::path(put, path = "/api/me/password", tag = "me", request_body = ChangePassword, responses(
    (status = 204), (status = 401, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem),
    (status = 429, body = Problem)))]
pub async fn change_password(
    State(state): State<AppState>,
    member: Member,
    Body(form): Body<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    passwords::check(&form.new_password).map_err(|why| ApiError::field("new_password", why))?;
    let bucket = format!("password:{}", member.user.id);
    throttle::attempt(&state, &bucket, throttle::PER_ACCOUNT).await?;
    let account = users::local_account_of(&mut state.database.read().await?, member.user.id).await?;
    let account = account
        .ok_or(ApiError::Conflict("You sign in with a service, so there is no password to change."))?;
    if !state.passwords.verify(Some(account.password_hash), form.current_password.into()).await? {
        return Err(ApiError::field("current_password", "This is not your current password."));
    }
    let hash = state.passwords.hash(form.new_password.into()).await?;
    let mut transaction = state.database.write().await?;
    throttles::reset(&mut transaction, &bucket).await?;
    users::set_password_hash(&mut transaction, member.user.id, &hash, state.clock.now()).await?;
    sessions::delete_of_user(&mut transaction, member.user.id, Some(&member.session.token_hash)).await?;
    let event = audit::Event { action: action::PASSWORD_CHANGE, ..audit::Event::by(&member) };
    event.write(&state.clock, &mut transaction).await?;
    let by = audit::Event { reason: Some("password changed".to_owned()), ..audit::Event::by(&member) };
    revoke_all_of(&state.clock, &mut transaction, member.user.id, &by).await?;
    state.commit(transaction, &[Event::Changed(Topic::User, member.user.id.uuid())]).await?;
    Ok(StatusCode::NO_CONTENT)
}

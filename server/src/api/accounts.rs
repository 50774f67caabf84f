//! `POST /api/setup` (the first account), `POST /api/accounts` (sign-up).

use axum::{Json, extract::State, http::StatusCode};
use axum_extra::extract::CookieJar;
use gateway_api::{
    accounts::{CreateAccount, CreateFirstAccount},
    me::Me,
    problem::Problem,
};
use gateway_store::{StoreError, Transaction, setup_tokens, users};

use super::me::me;
use crate::{
    audit::{self, action},
    auth::{client_ip::ClientIp, people, session, throttle},
    clock::hash_token,
    config::SignUp,
    error::{ApiError, Body},
    state::AppState,
};

type SignedIn = (StatusCode, CookieJar, Json<Me>);

/// Make the first account, with the token of the link that the gateway printed at its start. Signs in.
#[utoipa::path(post, path = "/api/setup", tag = "accounts", request_body = CreateFirstAccount, responses(
    (status = 201, body = Me), (status = 403, body = Problem), (status = 422, body = Problem),
    (status = 429, body = Problem)))]
pub async fn create_first_account(
    State(state): State<AppState>,
    ClientIp(address): ClientIp,
    Body(form): Body<CreateFirstAccount>,
) -> Result<SignedIn, ApiError> {
    const VOID: &str = "This set-up link is not valid any more. The gateway prints a new one when it starts, \
                        as long as there is no account.";
    throttle::attempt(&state, &throttle::address_bucket(address), throttle::PER_ADDRESS).await?;
    let account =
        CreateAccount { name: form.name, email: form.email, password: form.password, invitation: None };
    let hash = check_and_hash(&state, &account).await?;
    let mut transaction = state.database.write().await?;
    let is_valid =
        setup_tokens::consume(&mut transaction, &hash_token(&form.token), state.clock.now()).await?;
    if !is_valid || users::exist(&mut transaction).await? {
        return Err(ApiError::Forbidden(VOID));
    }
    setup_tokens::delete_all(&mut transaction).await?;
    create(&state, transaction, &account, &hash).await
}

/// Sign up, where the operator lets everybody in, or with an invitation. Signs in. The invitation is not used up by it:
/// joining is for the person to accept.
#[utoipa::path(post, path = "/api/accounts", tag = "accounts", request_body = CreateAccount, responses(
    (status = 201, body = Me), (status = 403, body = Problem), (status = 422, body = Problem),
    (status = 429, body = Problem)))]
pub async fn create_account(
    State(state): State<AppState>,
    ClientIp(address): ClientIp,
    Body(form): Body<CreateAccount>,
) -> Result<SignedIn, ApiError> {
    throttle::attempt(&state, &throttle::address_bucket(address), throttle::PER_ADDRESS).await?;
    may_sign_up(&state, form.invitation.as_deref()).await?;
    let hash = check_and_hash(&state, &form).await?;
    let transaction = state.database.write().await?;
    create(&state, transaction, &form, &hash).await
}

async fn may_sign_up(state: &AppState, invitation: Option<&str>) -> Result<(), ApiError> {
    if !state.config.has_local_accounts {
        return Err(ApiError::Forbidden(
            "This gateway has no local accounts. Please use one of the sign-in services.",
        ));
    }
    let is_invited = match invitation {
        Some(token) => people::is_invited(&mut state.database.read().await?, &state.clock, token).await?,
        None => false,
    };
    match state.config.sign_up {
        SignUp::Open => Ok(()),
        SignUp::Invited if is_invited => Ok(()),
        SignUp::Invited => {
            Err(ApiError::Forbidden("To make an account here you need an invitation from a colleague."))
        }
        SignUp::Closed => Err(ApiError::Forbidden("Accounts on this gateway are made by its operator.")),
    }
}

async fn check_and_hash(state: &AppState, form: &CreateAccount) -> Result<String, ApiError> {
    let wrong = people::check_account(&form.name, &form.email, &form.password);
    if !wrong.is_empty() {
        return Err(ApiError::Fields(wrong));
    }
    state.passwords.hash(form.password.clone().into()).await
}

async fn create(
    state: &AppState,
    mut transaction: Transaction,
    form: &CreateAccount,
    hash: &str,
) -> Result<SignedIn, ApiError> {
    let (user, _) =
        people::create(&mut transaction, &state.clock, state.config.default_plan, (&form.name, &form.email))
            .await?;
    match users::insert_local_account(&mut transaction, &user, hash).await {
        Err(StoreError::Conflict) => {
            return Err(ApiError::field(
                "email",
                "There is an account with this e-mail address already. Sign in instead.",
            ));
        }
        result => result?,
    }
    let cookie = session::open(state, &mut transaction, user.id).await?;
    let member = session::member_of(state, &mut transaction, &cookie).await?;
    let event = audit::Event { action: action::ACCOUNT_CREATE, ..audit::Event::by(&member) };
    event.write(&state.clock, &mut transaction).await?;
    let me = me(state, &mut transaction, &member).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, CookieJar::new().add(cookie), Json(me)))
}

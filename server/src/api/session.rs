//! `POST|PATCH|DELETE /api/session`, `DELETE /api/sessions`, `GET /api/sign-in`.

use axum::{Json, extract::State, http::StatusCode};
use axum_extra::extract::CookieJar;
use gateway_api::{
    audit::Outcome,
    me::Me,
    problem::Problem,
    session::{SignIn, SignInOptions, SignInService, UpdateSession},
};
use gateway_store::{Event, Topic, organizations, sessions, throttles, users};

use super::me::me;
use crate::{
    audit::{self, action},
    auth::{
        client_ip::ClientIp,
        session::{self, MaybeMember, Member},
        throttle,
    },
    config::SignUp,
    error::{ApiError, Body},
    state::AppState,
};

/// What the sign-in page offers. Needs no session.
#[utoipa::path(get, path = "/api/sign-in", tag = "session", responses(
    (status = 200, body = SignInOptions), (status = 429, body = Problem)))]
pub async fn get_sign_in_options(State(state): State<AppState>) -> Result<Json<SignInOptions>, ApiError> {
    Ok(Json(sign_in_options(&state).await?))
}

/// The answer, also for the pages that the server renders.
pub async fn sign_in_options(state: &AppState) -> Result<SignInOptions, ApiError> {
    let mut connection = state.database.read().await?;
    let has_people = users::exist(&mut connection).await?;
    Ok(SignInOptions {
        has_local_accounts: state.config.has_local_accounts,
        is_sign_up_open: state.config.has_local_accounts && state.config.sign_up == SignUp::Open,
        needs_setup: !has_people,
        services: state
            .services
            .iter()
            .map(|service| SignInService { slug: service.slug.clone(), name: service.name.clone() })
            .collect(),
        is_demo: state.config.is_demo,
    })
}

/// Sign in with a local account. The answer sets the session cookie.
///
/// A wrong password and an unknown e-mail address get the same answer after the same time.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn, responses(
    (status = 200, body = Me), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn create_session(
    State(state): State<AppState>,
    ClientIp(address): ClientIp,
    Body(form): Body<SignIn>,
) -> Result<(CookieJar, Json<Me>), ApiError> {
    if !state.config.has_local_accounts {
        return Err(ApiError::Forbidden(
            "This gateway has no local accounts. Please use one of the sign-in services.",
        ));
    }
    let bucket = throttle::account_bucket(&form.email);
    throttle::attempt(&state, &throttle::address_bucket(address), throttle::PER_ADDRESS).await?;
    throttle::attempt(&state, &bucket, throttle::PER_ACCOUNT).await?;
    let account = users::find_local_account(&mut state.database.read().await?, &form.email).await?;
    let (user, hash) = account.map(|account| (account.user_id, account.password_hash)).unzip();
    let is_right = state.passwords.verify(hash, form.password.into()).await?;
    let Some(user) = user.filter(|_| is_right) else {
        record_refusal(&state, &form.email).await?;
        return Err(ApiError::InvalidCredentials);
    };
    let mut transaction = state.database.write().await?;
    throttles::reset(&mut transaction, &bucket).await?;
    let cookie = session::open(&state, &mut transaction, user).await?;
    let member = session::member_of(&state, &mut transaction, &cookie).await?;
    let event = audit::Event { action: action::SIGN_IN, ..audit::Event::by(&member) };
    event.write(&state.clock, &mut transaction).await?;
    let me = me(&state, &mut transaction, &member).await?;
    transaction.commit().await?;
    Ok((CookieJar::new().add(cookie), Json(me)))
}

/// The operator sees who is being tried; the e-mail is cut, for anybody can send anything.
async fn record_refusal(state: &AppState, email: &str) -> Result<(), ApiError> {
    let event = audit::Event {
        actor: email.chars().take(200).collect(),
        action: action::SIGN_IN,
        outcome: Some(Outcome::Denied),
        reason: Some("wrong e-mail or password".to_owned()),
        ..audit::Event::default()
    };
    Ok(state.audit.record(event).await?)
}

/// Work in another one of one's organizations.
#[utoipa::path(patch, path = "/api/session", tag = "session", request_body = UpdateSession, responses(
    (status = 200, body = Me), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn update_session(
    State(state): State<AppState>,
    member: Member,
    Body(form): Body<UpdateSession>,
) -> Result<Json<Me>, ApiError> {
    let mut transaction = state.database.write().await?;
    // A session must not begin to work where its person is being removed: it would be of no organization.
    organizations::lock(&mut transaction, form.organization_id).await?;
    let place =
        organizations::find_for_member(&mut transaction, form.organization_id, member.user.id).await?;
    let (organization, membership) = place.ok_or(ApiError::NotFound)?;
    sessions::set_organization(&mut transaction, &member.session.token_hash, organization.id).await?;
    let member = Member { organization, role: membership.role, ..member };
    let event = audit::Event { action: action::SESSION_ORGANIZATION, ..audit::Event::by(&member) };
    event.write(&state.clock, &mut transaction).await?;
    let me = me(&state, &mut transaction, &member).await?;
    state.commit(transaction, &[Event::Changed(Topic::User, member.user.id.uuid())]).await?;
    Ok(Json(me))
}

/// Sign out. Signing out twice is no error.
#[utoipa::path(delete, path = "/api/session", tag = "session", responses((status = 204)))]
pub async fn delete_session(
    State(state): State<AppState>,
    MaybeMember(member): MaybeMember,
) -> Result<(CookieJar, StatusCode), ApiError> {
    if let Some(member) = member {
        let mut transaction = state.database.write().await?;
        sessions::delete(&mut transaction, &member.session.token_hash).await?;
        let event = audit::Event { action: action::SIGN_OUT, ..audit::Event::by(&member) };
        event.write(&state.clock, &mut transaction).await?;
        transaction.publish(Event::Changed(Topic::User, member.user.id.uuid()));
        transaction.commit().await?;
    }
    Ok((CookieJar::new().add(session::removal(&state.config)), StatusCode::NO_CONTENT))
}

/// Sign out everywhere: ends every session of the person, this one too. Authorized apps stay.
#[utoipa::path(delete, path = "/api/sessions", tag = "session", responses(
    (status = 204), (status = 401, body = Problem)))]
pub async fn delete_sessions(
    State(state): State<AppState>,
    member: Member,
) -> Result<(CookieJar, StatusCode), ApiError> {
    let mut transaction = state.database.write().await?;
    sessions::delete_of_user(&mut transaction, member.user.id, None).await?;
    let event = audit::Event { action: action::SIGN_OUT_EVERYWHERE, ..audit::Event::by(&member) };
    event.write(&state.clock, &mut transaction).await?;
    transaction.publish(Event::Changed(Topic::User, member.user.id.uuid()));
    transaction.commit().await?;
    Ok((CookieJar::new().add(session::removal(&state.config)), StatusCode::NO_CONTENT))
}

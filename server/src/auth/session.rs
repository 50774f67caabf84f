//! Sessions of browsers: a random token in a cookie, its hash in the database.

use std::time::Duration;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, request::Parts},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use gateway_api::{
    ids::{OrganizationId, UserId},
    organizations::Role,
};
use gateway_store::{
    Connection, Transaction,
    organizations::{self, Membership, Organization},
    sessions::{self, Session},
    users::User,
};

use crate::{
    clock::{hash_token, random_token},
    config::Config,
    error::ApiError,
    state::AppState,
};

/// A session ends this long after signing in.
const LIFETIME: Duration = Duration::from_hours(30 * 24);

/// Somebody who is signed in, and the organization they work in.
#[derive(Debug, Clone)]
pub struct Member {
    /// The person.
    pub user: User,
    /// Where they work.
    pub organization: Organization,
    /// As what.
    pub role: Role,
    /// Their session.
    pub session: Session,
}

/// A [`Member`], if the request carries a live session.
#[derive(Debug, Clone)]
pub struct MaybeMember(pub Option<Member>);

impl FromRequestParts<AppState> for MaybeMember {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Ok(Self(of_browser(state, &parts.headers).await?))
    }
}

impl FromRequestParts<AppState> for Member {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        MaybeMember::from_request_parts(parts, state).await?.0.ok_or(ApiError::NotSignedIn)
    }
}

/// A [`Member`] of the organization in the path (`{org}`), wherever their session works. For strangers there is none.
#[derive(Debug, Clone)]
pub struct OrganizationMember(pub Member);

impl FromRequestParts<AppState> for OrganizationMember {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let member = Member::from_request_parts(parts, state).await?;
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let parameters = parameters.map_err(|_| ApiError::NotFound)?;
        let id = parameters.iter().find(|(name, _)| *name == "org").map(|(_, id)| id);
        let id: OrganizationId = id.and_then(|id| id.parse().ok()).ok_or(ApiError::NotFound)?;
        if id == member.organization.id {
            return Ok(Self(member));
        }
        let mut connection = state.database.read().await?;
        let place = organizations::find_for_member(&mut connection, id, member.user.id).await?;
        let (organization, Membership { role, .. }) = place.ok_or(ApiError::NotFound)?;
        Ok(Self(Member { organization, role, ..member }))
    }
}

/// An [`OrganizationMember`] who is an owner.
#[derive(Debug, Clone)]
pub struct OrganizationOwner(pub Member);

impl FromRequestParts<AppState> for OrganizationOwner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let OrganizationMember(member) = OrganizationMember::from_request_parts(parts, state).await?;
        member.require_owner()?;
        Ok(Self(member))
    }
}

impl Member {
    /// Refuses who is no owner.
    pub fn require_owner(&self) -> Result<(), ApiError> {
        match self.role {
            Role::Owner => Ok(()),
            Role::Member => Err(ApiError::Forbidden("Only an owner of the team can do this.")),
        }
    }

    /// Begins a unit of work about the organization's people, plan or shared things: the others wait until it ends, and
    /// place and plan are read again, since they may have changed after the request was let in.
    pub async fn lock_organization(self, transaction: &mut Transaction) -> Result<Self, ApiError> {
        if !organizations::lock(transaction, self.organization.id).await? {
            return Err(ApiError::NotFound);
        }
        let place = organizations::find_for_member(transaction, self.organization.id, self.user.id).await?;
        let (organization, Membership { role, .. }) = place.ok_or(ApiError::NotFound)?;
        if self.role == Role::Owner && role != Role::Owner {
            return Err(ApiError::Forbidden("You are no longer an owner of the team."));
        }
        Ok(Self { organization, role, ..self })
    }
}

/// Who is signed in in the browser that sends these headers.
pub async fn of_browser(state: &AppState, headers: &HeaderMap) -> Result<Option<Member>, ApiError> {
    let Some(token) = cookie_value(headers, cookie_name(&state.config)) else { return Ok(None) };
    let mut connection = state.database.read().await?;
    find(state, &mut connection, &token).await
}

async fn find(
    state: &AppState,
    connection: &mut Connection,
    token: &str,
) -> Result<Option<Member>, ApiError> {
    find_by_hash(state, connection, &hash_token(token)).await
}

async fn find_by_hash(
    state: &AppState,
    connection: &mut Connection,
    token_hash: &str,
) -> Result<Option<Member>, ApiError> {
    let found = sessions::find(connection, token_hash, state.clock.now()).await?;
    Ok(found.map(|live| Member {
        user: live.user,
        organization: live.organization,
        role: live.membership.role,
        session: live.session,
    }))
}

/// The same person as their session says now; none if it is over.
pub async fn find_again(state: &AppState, member: &Member) -> Result<Option<Member>, ApiError> {
    find_by_hash(state, &mut state.database.read().await?, &member.session.token_hash).await
}

/// The person whose session was opened a moment ago.
pub async fn member_of(
    state: &AppState,
    connection: &mut Connection,
    cookie: &Cookie<'static>,
) -> Result<Member, ApiError> {
    find(state, connection, cookie.value()).await?.ok_or(ApiError::NotSignedIn)
}

/// Opens a session for a person, in the organization they joined first; the cookie to set once it is committed.
pub async fn open(
    state: &AppState,
    transaction: &mut Transaction,
    user: UserId,
) -> Result<Cookie<'static>, ApiError> {
    let places = organizations::of_user(transaction, user).await?;
    let Some((organization, _)) = places.first() else {
        return Err(ApiError::Internal(format!("user {user} belongs to no organization")));
    };
    let token = random_token();
    let now = state.clock.now();
    let session = Session {
        token_hash: hash_token(&token),
        user_id: user,
        organization_id: organization.id,
        created_at: now,
        expires_at: now.plus(LIFETIME),
    };
    sessions::insert(transaction, &session).await?;
    Ok(cookie(&state.config, token, LIFETIME))
}

/// The cookie that takes the session away from the browser.
pub fn removal(config: &Config) -> Cookie<'static> {
    cookie(config, String::new(), Duration::ZERO)
}

/// `__Host-`: only over https, only for this host (RFC 6265bis section 4.1.3.2). Plain http on this computer cannot have
/// that, so the name is plain there.
fn cookie_name(config: &Config) -> &'static str {
    if config.is_https() { "__Host-session" } else { "session" }
}

fn cookie(config: &Config, value: String, lifetime: Duration) -> Cookie<'static> {
    host_cookie(config, cookie_name(config), value, lifetime)
}

/// A cookie for this host alone that scripts cannot read.
pub fn host_cookie(
    config: &Config,
    name: &'static str,
    value: String,
    lifetime: Duration,
) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(config.is_https())
        .same_site(SameSite::Lax)
        .max_age(lifetime.try_into().unwrap_or(time::Duration::ZERO))
        .build()
}

/// The value of a cookie of the request.
pub fn cookie_value(headers: &HeaderMap, name: &str) -> Option<String> {
    CookieJar::from_headers(headers).get(name).map(|cookie| cookie.value().to_owned())
}

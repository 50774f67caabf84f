//! Accounts, sessions, and the person who is signed in.

use gateway_api::{
    accounts::{ChangePassword, CreateAccount, CreateFirstAccount},
    ids::OrganizationId,
    me::Me,
    paths,
    problem::Problem,
    session::{SignIn, UpdateSession},
};
use gloo_net::http::Method;

use super::{get, json, post, tell};

/// `GET /api/me`.
pub(crate) async fn get_me() -> Result<Me, Problem> {
    get(paths::ME).await
}

/// `POST /api/session`.
pub(crate) async fn create_session(body: SignIn) -> Result<Me, Problem> {
    post(paths::SESSION, &body).await
}

/// `PATCH /api/session`: works in another organization from now on.
pub(crate) async fn update_session(organization_id: OrganizationId) -> Result<(), Problem> {
    tell(Method::PATCH, paths::SESSION, Some(json(&UpdateSession { organization_id }))).await
}

/// `DELETE /api/session`.
pub(crate) async fn delete_session() -> Result<(), Problem> {
    tell(Method::DELETE, paths::SESSION, None).await
}

/// `DELETE /api/sessions`.
pub(crate) async fn delete_sessions() -> Result<(), Problem> {
    tell(Method::DELETE, paths::SESSIONS, None).await
}

/// `POST /api/setup`.
pub(crate) async fn create_first_account(body: CreateFirstAccount) -> Result<Me, Problem> {
    post(paths::SETUP, &body).await
}

/// `POST /api/accounts`.
pub(crate) async fn create_account(body: CreateAccount) -> Result<Me, Problem> {
    post(paths::ACCOUNTS, &body).await
}

/// `PUT /api/me/password`.
pub(crate) async fn change_password(body: ChangePassword) -> Result<(), Problem> {
    tell(Method::PUT, paths::ME_PASSWORD, Some(json(&body))).await
}

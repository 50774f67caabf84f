//! `POST|PATCH|DELETE /api/session` and `DELETE /api/sessions`: signing in and out; `GET /api/sign-in`: how one can.

use serde::{Deserialize, Serialize};

use crate::ids::OrganizationId;

/// `POST /api/session`: sign in with a local account.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The account's e-mail address; case does not matter.
    pub email: String,
    /// Its password.
    pub password: String,
}

/// `PATCH /api/session`: work in another one of one's organizations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateSession {
    /// Where to work from now on.
    pub organization_id: OrganizationId,
}

/// `GET /api/sign-in`: what the sign-in page offers. Needs no session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(clippy::struct_excessive_bools, reason = "four answers that do not depend on each other")]
pub struct SignInOptions {
    /// E-mail and password are accepted.
    pub has_local_accounts: bool,
    /// Anyone may make a local account (`--sign-up open`).
    pub is_sign_up_open: bool,
    /// No account exists yet: the operator must open the set-up link from the log.
    pub needs_setup: bool,
    /// The configured single sign-on services.
    pub services: Vec<SignInService>,
    /// The gateway runs with `--demo`.
    pub is_demo: bool,
}

/// One configured OpenID Connect issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInService {
    /// Stands in the URL: `/auth/oidc/{slug}`.
    pub slug: String,
    /// On the button: "Continue with {name}".
    pub name: String,
}

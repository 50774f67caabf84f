//! Local accounts: `POST /api/setup` (the first one), `POST /api/accounts` (sign-up), `PUT /api/me/password`.

use serde::{Deserialize, Serialize};

/// `POST /api/setup`: the first account, made with the one-time link printed at first start.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateFirstAccount {
    /// The token of the set-up link.
    pub token: String,
    /// 1 to 100 characters.
    pub name: String,
    /// The e-mail address to sign in with.
    pub email: String,
    /// 12 to 200 characters.
    pub password: String,
}

/// `POST /api/accounts`: sign up, where that is open or with an invitation.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// 1 to 100 characters.
    pub name: String,
    /// The e-mail address to sign in with.
    pub email: String,
    /// 12 to 200 characters.
    pub password: String,
    /// The token of an invitation that is still good. It is not used up by this: that is for the person to accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
}

/// `PUT /api/me/password`. Ends every other session of the person.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password until now.
    pub current_password: String,
    /// 12 to 200 characters.
    pub new_password: String,
}

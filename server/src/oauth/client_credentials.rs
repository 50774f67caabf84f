//! `POST /token` with `grant_type=client_credentials` (OAuth 2.1 section 4.2): a service client's secret for an access
//! token. There is no refresh token: the secret is good for the next one.
//!
//! Nothing is stored. The token names the service client where those of people name their grant, and every call looks
//! whether it is still there, so that deleting it ends all its tokens.

use gateway_api::ids::GrantId;
use gateway_store::{organizations::Organization, service_clients::ServiceClient};

use super::{
    error::{ErrorCode, OAuthError},
    params::Parameters,
    resource, scope,
    token::Tokens,
    tokens::{self, Claims},
};
use crate::{
    plans::{self, Feature},
    state::AppState,
};

/// A token for a service client that has proven itself.
pub(super) fn issue(
    state: &AppState,
    client: &ServiceClient,
    organization: &Organization,
    parameters: &Parameters,
) -> Result<Tokens, OAuthError> {
    if !plans::includes(organization.plan, Feature::ServiceClients) {
        let description = "the plan of the team does not include service clients";
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, description));
    }
    let scope = scope::narrow(parameters.get("scope")?, &client.scope)?;
    let resource = resource::named(parameters, &state.config.public_url, &state.catalog)?.unwrap_or_default();
    let now = state.clock.now();
    let lifetime = tokens::LIFETIME.min(now.until(client.expires_at));
    let claims = Claims {
        iss: state.config.public_url.clone(),
        sub: client.id.uuid(),
        aud: resource.url(&state.config.public_url),
        exp: tokens::seconds(now.plus(lifetime)),
        iat: tokens::seconds(now),
        jti: state.clock.new_uuid().to_string(),
        client_id: client.id.to_string(),
        scope: scope.clone(),
        org: client.organization_id,
        grant: GrantId::from_uuid(client.id.uuid()),
    };
    Ok(Tokens {
        access_token: tokens::sign(&state.oauth.keys(), &claims).map_err(OAuthError::internal)?,
        token_type: "Bearer",
        expires_in: lifetime.as_secs(),
        refresh_token: None,
        scope,
    })
}

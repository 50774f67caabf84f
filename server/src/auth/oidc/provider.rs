//! What is said to an OpenID provider.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
    core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata},
};
use secrecy::ExposeSecret as _;
use url::Url;

use super::ServiceConfig;

/// The provider must answer within this time.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Discovery documents and keys are read anew after this.
const REMEMBER: Duration = Duration::from_hours(1);

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why a provider could not sign somebody in. For the log; the person is told a sentence.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderError {
    #[error("the provider cannot be reached or its discovery document is wrong: {0}")]
    Discovery(String),
    #[error("the provider did not exchange the code: {0}")]
    Exchange(String),
    #[error("the ID token is not acceptable: {0}")]
    IdToken(String),
}

/// Who the provider says somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
}

/// Where to send the browser, and what to remember until it is back.
pub(super) struct Departure {
    pub(super) url: Url,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) pkce_verifier: String,
}

/// The configured services, with what is known of their providers.
#[derive(Debug, Clone)]
pub struct Services {
    list: Arc<[ServiceConfig]>,
    http: reqwest::Client,
    metadata: Cache<String, Arc<CoreProviderMetadata>>,
}

impl Services {
    /// Nothing is asked of a provider before somebody signs in.
    pub fn new(list: Vec<ServiceConfig>) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            // A redirect of the token endpoint could carry the code elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()?;
        let metadata = Cache::builder().max_capacity(100).time_to_live(REMEMBER).build();
        Ok(Self { list: list.into(), http, metadata })
    }

    /// All of them, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &ServiceConfig> {
        self.list.iter()
    }

    /// The service of this slug.
    pub fn find(&self, slug: &str) -> Option<&ServiceConfig> {
        self.list.iter().find(|service| service.slug == slug)
    }

    /// Begins a sign-in.
    pub(super) async fn depart(
        &self,
        service: &ServiceConfig,
        callback: String,
    ) -> Result<Departure, ProviderError> {
        let client = self.client(service, callback).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Departure {
            url,
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            pkce_verifier: verifier.into_secret(),
        })
    }

    /// Ends a sign-in: exchanges the code and verifies the ID token (signature, issuer, audience, expiry, nonce).
    pub(super) async fn arrive(
        &self,
        service: &ServiceConfig,
        callback: String,
        code: String,
        nonce: String,
        pkce_verifier: String,
    ) -> Result<Claims, ProviderError> {
        let client = self.client(service, callback).await?;
        let http = |request| send(self.http.clone(), request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| ProviderError::Discovery(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(pkce_verifier))
            .request_async(&http)
            .await
            // Its Debug may quote the answer, which may hold tokens.
            .map_err(|error| ProviderError::Exchange(error.to_string()))?;
        let token = answer.id_token().ok_or_else(|| ProviderError::IdToken("there is none".to_owned()))?;
        let verified = token.claims(&client.id_token_verifier(), &Nonce::new(nonce));
        let claims = match verified {
            Ok(claims) => claims,
            Err(error) => {
                // Perhaps the provider has new keys: they are read anew for the next try.
                self.metadata.invalidate(&service.slug).await;
                return Err(ProviderError::IdToken(error.to_string()));
            }
        };
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        let known = Claims {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            name: name.or_else(|| claims.preferred_username().map(|name| name.to_string())),
            email: claims.email().map(|email| email.to_string()),
        };
        if known.email.is_some() && known.name.is_some() {
            return Ok(known);
        }
        // Core 1.0 section 5.4: with a code, the claims of `email` and `profile` may stand at the UserInfo endpoint.
        Ok(self.complete(&client, answer.access_token().clone(), known).await)
    }

    async fn complete(&self, client: &Client, token: openidconnect::AccessToken, known: Claims) -> Claims {
        let http = |request| send(self.http.clone(), request);
        let subject = openidconnect::SubjectIdentifier::new(known.subject.clone());
        let Ok(request) = client.user_info(token, Some(subject)) else { return known };
        let info: openidconnect::core::CoreUserInfoClaims = match request.request_async(&http).await {
            Ok(info) => info,
            Err(error) => {
                tracing::warn!(%error, "the provider's UserInfo endpoint did not answer");
                return known;
            }
        };
        let name = info.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        Claims {
            name: known.name.or(name),
            email: known.email.or_else(|| info.email().map(|email| email.to_string())),
            ..known
        }
    }

    async fn client(&self, service: &ServiceConfig, callback: String) -> Result<Client, ProviderError> {
        let metadata = self.metadata(service).await?;
        let secret = service.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let redirect =
            RedirectUrl::new(callback).map_err(|error| ProviderError::Discovery(error.to_string()))?;
        let id = ClientId::new(service.client_id.clone());
        Ok(CoreClient::from_provider_metadata((*metadata).clone(), id, secret).set_redirect_uri(redirect))
    }

    async fn metadata(&self, service: &ServiceConfig) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let discover = async {
            let wrong = |error: String| ProviderError::Discovery(error);
            let issuer = IssuerUrl::new(service.issuer.clone()).map_err(|error| wrong(error.to_string()))?;
            let http = |request| send(self.http.clone(), request);
            let metadata = CoreProviderMetadata::discover_async(issuer, &http).await;
            metadata.map(Arc::new).map_err(|error| wrong(error.to_string()))
        };
        let found = self.metadata.try_get_with(service.slug.clone(), discover).await;
        found.map_err(|error| ProviderError::Discovery(error.to_string()))
    }
}

/// `openidconnect` brings its own, older reqwest; this hands its requests to ours.
async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let response = http.execute(request.try_into()?).await?;
    let mut answer = HttpResponse::new(Vec::new());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    *answer.body_mut() = response.bytes().await?.to_vec();
    Ok(answer)
}

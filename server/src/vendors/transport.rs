//! HTTP below the vendor's terms: sending with one retry for reads, reading within a limit, tokens, address lookups.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, Method, Request, Response, StatusCode};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::base_url::Discover;
use super::credentials::Credentials;
use super::error::CallError;
use super::network::{AddressRefused, Guard, GuardedResolver};
use super::redact::Redactor;
use super::refusal::refusal;
use super::tls;
use super::token_request::TokenRequest;
use super::tokens::Remembered;
use super::vendor::Vendor;

/// No body is read beyond this, after decompression.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Of an error body, this much is read.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// A connection that is not there by then will not come.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Clients that trust a private authority: so many are kept, for so long after their last call.
const MAX_PRIVATE: u64 = 1000;
const PRIVATE_IDLE: Duration = Duration::from_mins(10);

/// How long a discovered address is believed.
const ADDRESS_LIFETIME: Duration = Duration::from_hours(24);

/// The pooled client and its guard.
pub(crate) struct Transport {
    http: Client,
    /// One client per text of private authorities.
    private: Cache<String, Client>,
    guard: Arc<Guard>,
}

impl Transport {
    pub(crate) fn new(guard: Arc<Guard>) -> Result<Self, reqwest::Error> {
        // Fails if a provider is installed already, which is then the one to use.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = builder(&guard).build()?;
        let private = Cache::builder().max_capacity(MAX_PRIVATE).time_to_idle(PRIVATE_IDLE).build();
        Ok(Self { http, private, guard })
    }

    /// The client for a vendor and a credential: the shared one, or one that trusts the credential's authority alone.
    pub(crate) async fn client(
        &self,
        vendor: &Vendor,
        credentials: &Credentials,
    ) -> Result<Client, CallError> {
        let Some(pem) = vendor.authority.as_deref().and_then(|field| credentials.get(field)) else {
            return Ok(self.http.clone());
        };
        if let Some(client) = self.private.get(pem).await {
            return Ok(client);
        }
        let unusable = || CallError::Credential("its certificate is not one of an authority".into());
        let authorities = tls::authorities(pem).ok_or_else(unusable)?;
        let authorities: Result<Vec<_>, _> =
            authorities.iter().map(|der| Certificate::from_der(der)).collect();
        let authorities = authorities.map_err(|_| unusable())?;
        let client = builder(&self.guard).tls_certs_only(authorities).build().map_err(|_| unusable())?;
        self.private.insert(pem.to_owned(), client.clone()).await;
        Ok(client)
    }

    /// Refuses a URL whose host is an address that is not allowed; names are checked when they are resolved.
    pub(crate) fn check(&self, url: &Url) -> Result<(), CallError> {
        let host = || url.host_str().unwrap_or_default().to_owned();
        self.guard.check(url).map_err(|AddressRefused| CallError::Blocked { host: host() })
    }

    /// Sends a request; once more after a connection failure if it may be repeated.
    pub(crate) async fn send(
        &self,
        vendor: &Vendor,
        credentials: &Credentials,
        request: Request,
        can_retry: bool,
    ) -> Result<Response, CallError> {
        let http = self.client(vendor, credentials).await?;
        let host = request.url().host_str().unwrap_or_default().to_owned();
        self.check(request.url())?;
        let again = if can_retry { request.try_clone() } else { None };
        let failed = |error: reqwest::Error| transport_error(&error, &host);
        match (http.execute(request).await.map_err(failed), again) {
            (Err(CallError::Unreachable { .. }), Some(again)) => http.execute(again).await.map_err(failed),
            (sent, _) => sent,
        }
    }

    /// The whole body, or an error as soon as it is larger than the limit.
    pub(crate) async fn read(&self, response: &mut Response) -> Result<Vec<u8>, CallError> {
        let declared = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        if declared > MAX_BODY {
            return Err(CallError::TooLarge { limit: MAX_BODY });
        }
        let mut body = Vec::with_capacity(declared);
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > MAX_BODY => {
                    return Err(CallError::TooLarge { limit: MAX_BODY });
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body),
                Err(error) => return Err(CallError::Broken(root_cause(&error))),
            }
        }
    }

    /// The beginning of an error body; what cannot be read is left out.
    pub(crate) async fn read_start(&self, response: &mut Response) -> Vec<u8> {
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() >= MAX_ERROR_BODY {
                body.truncate(MAX_ERROR_BODY);
                break;
            }
        }
        body
    }

    /// A token for a credential.
    pub(crate) async fn fetch_token(
        &self,
        vendor: &Vendor,
        token: &TokenRequest,
        base: &str,
        credentials: &Credentials,
    ) -> Result<Remembered, CallError> {
        let request = token.request(base, credentials)?;
        let answer = self.fetch_json(vendor, credentials, request, token_refusal).await?;
        token.accept(&answer)
    }

    /// The address of a credential's account.
    pub(crate) async fn look_up(
        &self,
        vendor: &Vendor,
        lookup: &Discover,
        credentials: &Credentials,
    ) -> Result<Remembered, CallError> {
        let url = lookup.url(credentials)?;
        let request = Request::new(Method::GET, url.clone());
        let answer = self.fetch_json(vendor, credentials, request, |error| error).await?;
        let address = lookup.accept(&url, &answer)?;
        Ok(Remembered { value: Arc::new(Zeroizing::new(address)), lives: ADDRESS_LIFETIME })
    }

    async fn fetch_json(
        &self,
        vendor: &Vendor,
        credentials: &Credentials,
        request: Request,
        refused: fn(CallError) -> CallError,
    ) -> Result<Value, CallError> {
        let mut response = self.send(vendor, credentials, request, true).await?;
        let status = response.status();
        let redactor = Redactor::new(vendor, credentials, None);
        if ![StatusCode::OK, StatusCode::CREATED].contains(&status) {
            let body = self.read_start(&mut response).await;
            return Err(refused(refusal(status, response.headers(), &body, &redactor)));
        }
        let body = Zeroizing::new(self.read(&mut response).await?);
        serde_json::from_slice(&body)
            .map_err(|_| CallError::NotJson { status: status.as_u16(), found: "something else".into() })
    }
}

fn builder(guard: &Arc<Guard>) -> ClientBuilder {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, */*;q=0.5"));
    Client::builder()
        .dns_resolver(Arc::new(GuardedResolver(Arc::clone(guard))))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(Duration::from_mins(1))
        .user_agent(concat!("mcp-gateway/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
}

/// The token endpoint refuses a credential with 400 or 401 (RFC 6749, section 5.2), some vendors with 403.
fn token_refusal(error: CallError) -> CallError {
    match error {
        CallError::Rejected { status: status @ 400, message } | CallError::Forbidden { status, message } => {
            CallError::Unauthorized { status, message }
        }
        other => other,
    }
}

/// Why there was no answer at all.
pub(crate) fn transport_error(error: &reqwest::Error, host: &str) -> CallError {
    let host = host.to_owned();
    if causes(error).any(<dyn Error>::is::<AddressRefused>) {
        return CallError::Blocked { host };
    }
    if error.is_timeout() {
        return CallError::Timeout { host, after: CONNECT_TIMEOUT, ip_allowlist: false };
    }
    CallError::Unreachable { host, reason: root_cause(error) }
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let next =
        |cause: &&'e (dyn Error + 'static)| -> Option<&'e (dyn Error + 'static)> { (**cause).source() };
    std::iter::successors(error.source(), next)
}

/// The innermost cause; the outer ones repeat the URL, which may hold a secret.
fn root_cause(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| "the connection failed".to_owned(), ToString::to_string)
}

//! Getting a document: one GET to a public address, short and small.

use std::{error::Error, sync::Arc, time::Duration};

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use ipnet::IpNet;
use reqwest::{Client, Response};
use tokio::{sync::Semaphore, time::timeout};
use url::Url;

use crate::vendors::network::{AddressRefused, Guard, GuardedResolver};

/// The largest document, in bytes (the draft recommends 5 KB).
const MAX_BODY: usize = 5 * 1024;
/// From asking to the last byte, waiting for a slot included: a person looks at a blank page meanwhile.
const DEADLINE: Duration = Duration::from_secs(5);
/// How many documents are fetched at the same time: whoever makes us ask others can do no more than that.
const SLOTS: usize = 16;

/// Why a document could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchError {
    /// Its host has only addresses that are not public.
    Blocked,
    /// Nobody answers there.
    Unreachable,
    /// It took too long.
    TimedOut,
    /// Another status than 200; a redirect, too, is not followed.
    Status(u16),
    /// Not declared to be JSON.
    NotJson,
    /// More than 5 KB.
    TooLarge,
}

impl FetchError {
    /// What to say about the document.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Blocked => "lies at an address that is not public",
            Self::Unreachable => "cannot be reached",
            Self::TimedOut => "takes too long to load",
            Self::Status(300..=399) => "lies elsewhere, and redirects are not followed",
            Self::Status(_) => "is not there",
            Self::NotJson => "is not served as JSON",
            Self::TooLarge => "is larger than 5 KB",
        }
    }

    /// Whether it may be otherwise in a moment.
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::Status(429 | 500..))
    }
}

/// What came.
pub(super) struct Fetched {
    pub(super) body: Vec<u8>,
    pub(super) headers: HeaderMap,
}

/// The HTTP client for documents, behind the network guard.
pub(super) struct Fetcher {
    http: Client,
    guard: Arc<Guard>,
    slots: Semaphore,
}

impl Fetcher {
    /// For public addresses, and those in `allowed`.
    pub(super) fn new(allowed: Vec<IpNet>) -> Result<Self, reqwest::Error> {
        // Fails if a provider is installed already, which is then the one to use.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Arc::new(Guard { allowed, demo: None });
        let http = Client::builder()
            .dns_resolver(Arc::new(GuardedResolver(Arc::clone(&guard))))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .timeout(DEADLINE)
            .pool_max_idle_per_host(0)
            .user_agent(concat!("mcp-gateway/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, guard, slots: Semaphore::new(SLOTS) })
    }

    /// The document at `url`.
    pub(super) async fn fetch(&self, url: &Url) -> Result<Fetched, FetchError> {
        // An address in the URL itself meets no resolver.
        self.guard.check(url).map_err(|AddressRefused| FetchError::Blocked)?;
        timeout(DEADLINE, self.get(url)).await.unwrap_or(Err(FetchError::TimedOut))
    }

    async fn get(&self, url: &Url) -> Result<Fetched, FetchError> {
        let _slot = self.slots.acquire().await.map_err(|_| FetchError::Unreachable)?;
        let request = self.http.get(url.clone()).header(header::ACCEPT, "application/json");
        let mut response = request.send().await.map_err(|error| failure(&error))?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        if !is_json(response.headers().get(header::CONTENT_TYPE)) {
            return Err(FetchError::NotJson);
        }
        let body = read(&mut response).await?;
        Ok(Fetched { body, headers: std::mem::take(response.headers_mut()) })
    }
}

async fn read(response: &mut Response) -> Result<Vec<u8>, FetchError> {
    let limit = u64::try_from(MAX_BODY).unwrap_or(u64::MAX);
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(FetchError::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `application/json`, or a more specific `application/...+json`.
fn is_json(content_type: Option<&HeaderValue>) -> bool {
    let text = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json")
}

fn failure(error: &reqwest::Error) -> FetchError {
    let mut cause = error.source();
    while let Some(inner) = cause.filter(|cause| !cause.is::<AddressRefused>()) {
        cause = inner.source();
    }
    if cause.is_some() {
        FetchError::Blocked
    } else if error.is_timeout() {
        FetchError::TimedOut
    } else {
        FetchError::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_by_its_name() {
        let is = |text: &'static str| is_json(Some(&HeaderValue::from_static(text)));
        assert!(is("application/json") && is("Application/JSON; charset=utf-8"));
        assert!(is("application/oauth-client+json"));
        assert!(!is("text/html") && !is("text/json") && !is("application/jsonp") && !is_json(None));
    }

    #[tokio::test]
    async fn names_and_addresses_inside_are_refused() {
        let fetcher = Fetcher::new(Vec::new()).unwrap();
        for url in [
            "https://localhost/client.json",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/",
        ] {
            let refused = fetcher.fetch(&url.parse().unwrap()).await.err();
            assert_eq!(refused, Some(FetchError::Blocked), "{url}");
        }
    }
}

//! Sends requests as an MCP client does: no redirects, deadlines, bounded bodies. A request that gets no answer is a
//! finding already.

use std::{error::Error, io, time::Duration};

use reqwest::{
    Client, RequestBuilder, Response, StatusCode, Url,
    header::{self, HeaderMap, HeaderName},
    redirect::Policy,
};
use rustls::CertificateError;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::{Target, finding::Finding};

/// Longer than a healthy gateway ever takes.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A list of some thousand tools fits in with ease.
const MAX_BODY: usize = 8 * 1024 * 1024;
/// What proxies must not mistake for a browser.
const USER_AGENT: &str = concat!("mcp-gateway-doctor/", env!("CARGO_PKG_VERSION"));

/// Sends the doctor's requests.
pub(super) struct Probe {
    http: Client,
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) url: Url,
    body: Vec<u8>,
}

impl Probe {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        // Fails if a provider is installed already, which is then the one to use.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(TIMEOUT)
            .user_agent(USER_AGENT)
            .build()?;
        Ok(Self { http })
    }

    pub(super) fn get(&self, url: &Url) -> RequestBuilder {
        self.http.get(url.clone())
    }

    pub(super) fn post(&self, url: &Url) -> RequestBuilder {
        self.http.post(url.clone())
    }

    pub(super) fn delete(&self, url: &Url) -> RequestBuilder {
        self.http.delete(url.clone())
    }

    /// A message to the MCP endpoint, as every client sends it.
    pub(super) fn message(&self, target: &Target, body: &Value) -> RequestBuilder {
        self.post(&target.mcp).header(header::ACCEPT, "application/json, text/event-stream").json(body)
    }

    /// Sends it, and reads the answer.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer, Finding> {
        let response = self.open(request).await?;
        let (status, headers, url) = (response.status(), response.headers().clone(), response.url().clone());
        let body = read(response).await.map_err(|error| no_answer(&error))?;
        Ok(Answer { status, headers, url, body })
    }

    /// Sends it; the answer is read by the caller.
    pub(super) async fn open(&self, request: RequestBuilder) -> Result<Response, Finding> {
        request.send().await.map_err(|error| no_answer(&error))
    }
}

/// The request with the token.
pub(super) fn with_token(request: RequestBuilder, token: &SecretString) -> RequestBuilder {
    request.bearer_auth(token.expose_secret())
}

impl Answer {
    /// The value of a header; none if it is no text.
    pub(super) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Where it sends a browser.
    pub(super) fn location(&self) -> Option<Url> {
        let to = self.header(header::LOCATION).filter(|_| self.status.is_redirection())?;
        self.url.join(to).ok()
    }

    /// The body, if it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The JSON-RPC message: the body, or the last message of a stream (MCP, streamable HTTP).
    pub(super) fn message(&self) -> Option<Value> {
        let is_stream =
            self.header(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/event-stream"));
        if !is_stream {
            return self.json();
        }
        let text = std::str::from_utf8(&self.body).ok()?;
        let mut messages =
            text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data:")?).ok());
        messages.next_back()
    }

    /// A page for people, where a program was to be answered.
    pub(super) fn is_html(&self) -> bool {
        self.header(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"))
            || self.body.trim_ascii_start().starts_with(b"<")
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BODY {
            break;
        }
    }
    Ok(body)
}

/// Why there is no answer, in words.
fn no_answer(error: &reqwest::Error) -> Finding {
    let text = causes(error).last().map_or_else(|| error.to_string(), ToString::to_string);
    if let Some(tls) = causes(error).find_map(tls_error) {
        return tls_finding(tls);
    }
    let has = |kind| {
        causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|io| io.kind() == kind)
    };
    if error.is_timeout() {
        return Finding::failed(
            "Nothing answered within 10 seconds.",
            "Look for a firewall that drops the connection, and whether the gateway and its reverse proxy run. If \
             short requests work and this one hangs, the proxy waits for the gateway: see that it reaches it.",
        );
    }
    if has(io::ErrorKind::ConnectionRefused) {
        return Finding::failed(
            "The connection was refused: nobody listens there.",
            "Start the gateway and its reverse proxy, and compare the port with --listen and with the proxy's.",
        );
    }
    if causes(error).any(|cause| cause.to_string().contains("dns error")) {
        return Finding::failed(
            format!("The name cannot be resolved ({text})."),
            "Check the spelling, and that the DNS has an A or AAAA record for this name.",
        );
    }
    Finding::failed(
        format!("The connection broke: {text}."),
        "Check that something speaks HTTP on this port. A proxy that expects TLS cuts off plain http, so try https.",
    )
}

/// The TLS error in it; I/O errors keep it inside, one in another.
fn tls_error<'e>(cause: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    if let Some(tls) = cause.downcast_ref() {
        return Some(tls);
    }
    let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
    tls_error(inner)
}

fn tls_finding(error: &rustls::Error) -> Finding {
    use CertificateError as Certificate;
    let what = format!("TLS failed: {error}.");
    let advice = match error {
        rustls::Error::InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. }) => {
            "Renew the certificate of the reverse proxy. If it is good, the clock of this computer is wrong."
        }
        rustls::Error::InvalidCertificate(
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. },
        ) => {
            "The certificate begins later: the clock of this computer or of the one that issued it is wrong."
        }
        rustls::Error::InvalidCertificate(
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
        ) => "The certificate is for another name: give the reverse proxy one for this host.",
        rustls::Error::InvalidCertificate(_) => {
            "Clients trust public authorities. Use a certificate of one (Let's Encrypt), with its intermediate \
             certificates, in the reverse proxy."
        }
        rustls::Error::InvalidMessage(_) => {
            "There is no TLS on this port. The gateway itself speaks plain http: put a reverse proxy with TLS in front."
        }
        _ => "Allow TLS 1.2 or 1.3 with a usual cipher in the reverse proxy.",
    };
    Finding::failed(what, advice)
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let next =
        |cause: &&'e (dyn Error + 'static)| -> Option<&'e (dyn Error + 'static)> { (**cause).source() };
    std::iter::successors(Some(error), next)
}

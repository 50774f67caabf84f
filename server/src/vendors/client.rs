//! Sends requests to vendors: one pooled HTTP client for the whole process.
//!
//! Start with [`VendorClient::call`]. A call has one deadline for everything it needs (address lookup, token, request,
//! body). Dropping its future aborts the request. Redirects are never followed, proxies of the environment never used
//! (they would resolve names behind the guard's back), bodies never read beyond a limit.
//! TLS trusts the roots of the operating system; the cryptography is rustls on ring.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use ipnet::IpNet;
use reqwest::{Response, StatusCode};
use serde_json::{Map, Value};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::answer::{Answer, json_or_text, shape};
use super::body::Values;
use super::credentials::Credentials;
use super::error::CallError;
use super::manifest::AnswerKind;
use super::network::Guard;
use super::pace::Paces;
use super::redact::Redactor;
use super::refusal::shorten;
use super::request::Operation;
use super::retry_after::retry_after;
use super::select;
use super::shared_tokens::{Fetch, SharedTokens};
use super::tokens::{CredentialKey, Memory};
use super::transport::Transport;
use super::upstream::{Connections, Upstream};
use super::values::derive;
use super::vendor::{Action, Risk, Tool, Validation, Vendor};

/// Longest account name that is shown.
const MAX_ACCOUNT: usize = 120;

/// What the operator decides about vendor calls.
#[derive(Debug, Clone)]
pub struct NetworkSettings {
    /// Networks that vendors may stand in besides the public internet (`--vendor-networks`).
    pub allowed: Vec<IpNet>,
    /// Address of the demo ticket desk of this process.
    pub demo: Option<SocketAddr>,
    /// No call takes longer than this, whatever its manifest says.
    pub deadline: Duration,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self { allowed: Vec::new(), demo: None, deadline: Duration::from_mins(2) }
    }
}

/// A credential that the vendor accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validated {
    /// The account's name, where the vendor tells it.
    pub account: Option<String>,
}

/// The HTTP client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no HTTPS client (are root certificates installed? Debian: ca-certificates): {0}")]
pub struct ClientError(#[from] reqwest::Error);

/// The way to every vendor; cheap to share, made once.
pub struct VendorClient {
    pub(super) transport: Transport,
    pub(super) upstreams: Connections,
    tokens: Memory,
    shared_tokens: Option<Arc<dyn SharedTokens>>,
    addresses: Memory,
    paces: Paces,
    deadline: Duration,
}

/// A credential on its way through one call.
pub(super) struct Session<'c> {
    pub(super) vendor: &'c Vendor,
    pub(super) credentials: &'c Credentials,
    pub(super) key: CredentialKey,
}

/// A token or a discovered address, where the vendor has such a thing.
pub(super) type Fetched = Option<Arc<Zeroizing<String>>>;

impl VendorClient {
    /// Makes the client; reads the root certificates of the system.
    pub fn new(settings: NetworkSettings) -> Result<Self, ClientError> {
        let guard = Arc::new(Guard { allowed: settings.allowed, demo: settings.demo });
        let transport = Transport::new(guard)?;
        Ok(Self {
            transport,
            upstreams: Connections::new(),
            tokens: Memory::new(),
            shared_tokens: None,
            addresses: Memory::new(),
            paces: Paces::new(),
            deadline: settings.deadline,
        })
    }

    /// Shares the access tokens of stored credentials with other replicas.
    #[must_use]
    pub(crate) fn with_shared_tokens(self, shared: Arc<dyn SharedTokens>) -> Self {
        Self { shared_tokens: Some(shared), ..self }
    }

    /// Sends the vendor's validation request. [`CallError::verdict`] tells a bad credential from "could not tell".
    pub async fn validate(
        &self,
        vendor: &Vendor,
        credentials: &Credentials,
        key: CredentialKey,
    ) -> Result<Validated, CallError> {
        let session = Session { vendor, credentials: &derive(&vendor.values, credentials), key };
        let validate = async {
            match &vendor.upstream {
                Upstream::Rest(validation) => self.validate_session(&session, validation).await,
                Upstream::Mcp(server) => self.validate_remote(&session, server).await,
            }
        };
        self.within_deadline(&session, validate).await
    }

    /// Calls a tool. The arguments are checked against its schema before anything is sent, if the schema is ours: an MCP
    /// server checks those of its tools itself.
    pub async fn call(
        &self,
        vendor: &Vendor,
        tool: &Tool,
        credentials: &Credentials,
        key: CredentialKey,
        arguments: Map<String, Value>,
    ) -> Result<Answer, CallError> {
        let mut arguments = tool.arguments.check(arguments)?;
        let fields = if tool.has_fields { select::take(&mut arguments) } else { Vec::new() };
        let session = Session { vendor, credentials: &derive(&vendor.values, credentials), key };
        let call = async {
            match &tool.action {
                Action::Request(operation) => {
                    self.call_session(&session, tool, operation, &arguments, &fields).await
                }
                Action::Remote(remote) => self.call_remote(&session, tool, remote, &arguments).await,
            }
        };
        self.within_deadline(&session, call).await
    }

    /// Drops everything that is remembered for a credential.
    pub fn forget(&self, id: Uuid) {
        self.tokens.forget(id);
        self.addresses.forget(id);
        self.upstreams.forget(id);
        self.paces.close_breaker(id);
    }

    /// The call in its turn: held back if the vendor must not be asked now, and never longer than the deadline.
    pub(super) async fn within_deadline<T>(
        &self,
        session: &Session<'_>,
        work: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let after = session.vendor.deadline.min(self.deadline);
        let host = || session.host();
        let ip_allowlist = session.vendor.ip_allowlist;
        let ticket = self.paces.admit(session.vendor, session.key.id).await?;
        let result = match tokio::time::timeout(after, work).await {
            Ok(Err(CallError::Timeout { host, after, .. })) => {
                Err(CallError::Timeout { host, after, ip_allowlist })
            }
            Ok(result) => result,
            Err(_) => Err(CallError::Timeout { host: host(), after, ip_allowlist }),
        };
        ticket.done(&result);
        result
    }

    async fn call_session(
        &self,
        session: &Session<'_>,
        tool: &Tool,
        operation: &Operation,
        arguments: &Map<String, Value>,
        fields: &[String],
    ) -> Result<Answer, CallError> {
        let can_retry = tool.risk == Risk::Read;
        let (mut response, token) = self.send(session, operation, arguments, can_retry).await?;
        let redactor =
            Redactor::new(session.vendor, session.credentials, token.as_ref().map(|token| token.as_str()));
        let status = response.status();
        if !status.is_success() {
            let body = self.transport.read_start(&mut response).await;
            return Err(session.vendor.failure.error(status, response.headers(), &body, &redactor));
        }
        let body = self.transport.read(&mut response).await?;
        if let Some(error) = session.vendor.failure.find(status, response.headers(), &body, &redactor) {
            return Err(error);
        }
        shape(tool, fields, session.vendor.answer_bytes, status, response.headers(), body, &redactor)
    }

    async fn validate_session(
        &self,
        session: &Session<'_>,
        validation: &Validation,
    ) -> Result<Validated, CallError> {
        let (mut response, token) = self.send(session, &validation.operation, &Map::new(), true).await?;
        let redactor =
            Redactor::new(session.vendor, session.credentials, token.as_ref().map(|token| token.as_str()));
        let status = response.status();
        if !validation.good.contains(&status.as_u16()) {
            let body = self.transport.read_start(&mut response).await;
            let error = session.vendor.failure.error(status, response.headers(), &body, &redactor);
            if validation.bad_key.contains(&status.as_u16()) {
                let message = error.vendor_message().map(str::to_owned);
                return Err(CallError::Unauthorized { status: status.as_u16(), message });
            }
            return Err(error);
        }
        let body = self.transport.read(&mut response).await?;
        if let Some(error) = session.vendor.failure.find(status, response.headers(), &body, &redactor) {
            return Err(error);
        }
        let text = json_or_text(AnswerKind::Json, status, response.headers(), body, &redactor)?;
        let account = validation.account.as_deref().and_then(|pointer| account(&text, pointer));
        Ok(Validated { account })
    }

    /// One request with its token. A 401 to a remembered token is answered by one new token and one more try.
    async fn send(
        &self,
        session: &Session<'_>,
        operation: &Operation,
        arguments: &Map<String, Value>,
        can_retry: bool,
    ) -> Result<(Response, Fetched), CallError> {
        let discovered = self.address(session).await?;
        let discovered = discovered.as_ref().map(|url| url.as_str());
        let base = session.vendor.base_url.of(session.credentials, discovered)?;
        let mut token = if operation.anonymous { None } else { self.token(session, &base, None).await? };
        let mut has_new_token = false;
        loop {
            let request =
                session.request(operation, &base, arguments, token.as_ref().map(|token| token.as_str()))?;
            let sent = self.transport.send(session.vendor, session.credentials, request, can_retry).await;
            if discovered.is_some() && matches!(sent, Err(CallError::Unreachable { .. })) {
                self.addresses.forget(session.key.id);
            }
            let response = sent?;
            if response.status() == StatusCode::SERVICE_UNAVAILABLE
                && let Some(wait) = retry_after(response.headers())
            {
                self.paces.pause(session.key.id, wait);
            }
            match &token {
                Some(refused) if response.status() == StatusCode::UNAUTHORIZED && !has_new_token => {
                    self.tokens.forget_value(session.key, refused).await;
                    token = self.token(session, &base, Some(refused.as_str())).await?;
                    has_new_token = true;
                    self.paces.spend(session.key.id).await?;
                }
                _ => return Ok((response, token)),
            }
        }
    }

    async fn token(
        &self,
        session: &Session<'_>,
        base: &str,
        refused: Option<&str>,
    ) -> Result<Fetched, CallError> {
        let Some(request) = &session.vendor.auth.token else { return Ok(None) };
        if let Some(token) = self.tokens.get(session.key).await {
            return Ok(Some(token));
        }
        let fetch = self.transport.fetch_token(session.vendor, request, base, session.credentials);
        let fetch: Fetch<'_> = match &self.shared_tokens {
            Some(shared) => shared.get_or_fetch(session.key, refused, fetch.boxed()),
            None => fetch.boxed(),
        };
        self.tokens.get_or_fetch(session.key, fetch).await.map(Some)
    }

    pub(super) async fn address(&self, session: &Session<'_>) -> Result<Fetched, CallError> {
        let Some(lookup) = session.vendor.base_url.lookup(session.credentials) else { return Ok(None) };
        if let Some(address) = self.addresses.get(session.key).await {
            return Ok(Some(address));
        }
        let fetch = self.transport.look_up(session.vendor, lookup, session.credentials);
        Box::pin(self.addresses.get_or_fetch(session.key, fetch)).await.map(Some)
    }
}

impl Session<'_> {
    fn request(
        &self,
        operation: &Operation,
        base: &str,
        arguments: &Map<String, Value>,
        token: Option<&str>,
    ) -> Result<reqwest::Request, CallError> {
        let values = Values { arguments, credentials: self.credentials };
        let mut request = operation.request(base, values, &self.vendor.content_type)?;
        self.sign(&mut request, operation.anonymous, token)?;
        Ok(request)
    }

    /// Puts in what every request has, and the credential unless it is sent without.
    pub(super) fn sign(
        &self,
        request: &mut reqwest::Request,
        is_anonymous: bool,
        token: Option<&str>,
    ) -> Result<(), CallError> {
        for (name, template) in &self.vendor.headers {
            if !request.headers().contains_key(name)
                && let Some(value) = template.fill(&|name| self.credentials.get(name).map(Into::into))
            {
                request.headers_mut().insert(name, super::request::header_value(name, &value)?);
            }
        }
        if !is_anonymous {
            self.vendor.auth.apply(request, self.credentials, token)?;
        }
        Ok(())
    }

    /// For messages: the host, or the vendor's name while the host is not known.
    pub(super) fn host(&self) -> String {
        let base = self.vendor.base_url.of(self.credentials, None).ok();
        let url = base.and_then(|base| url::Url::parse(&base).ok());
        url.as_ref().and_then(url::Url::host_str).unwrap_or(&self.vendor.name).to_owned()
    }
}

fn account(text: &str, pointer: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    match value.pointer(pointer)? {
        Value::String(name) if !name.trim().is_empty() => Some(shorten(name.trim(), MAX_ACCOUNT)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

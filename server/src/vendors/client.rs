//! Sends requests to vendors: one pooled HTTP client for the whole process.
//!
//! Start with [`VendorClient::call`]. A call has one deadline for everything it needs (address lookup, token, request,
//! body); what that is and in which order, [`exchange`](super::exchange) says. Dropping its future aborts the request.
//! Redirects are not followed (but for [`redirect`](super::redirect)), proxies of the environment never used (they would
//! resolve names behind the guard's back), bodies never read beyond a limit.
//! TLS trusts the roots of the operating system; the cryptography is rustls on ring.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::addresses::Addresses;
use super::answer::Answer;
use super::credentials::Credentials;
use super::error::CallError;
use super::network::Guard;
use super::pace::Paces;
use super::schema::Compiled;
use super::select;
use super::session::Session;
use super::shared_tokens::SharedTokens;
use super::standing::{Proof, Standings};
use super::tokens::{CredentialKey, Memory};
use super::transport::Transport;
use super::upstream::{Connections, Upstream};
use super::values::derive;
use super::vendor::{Action, Risk, Tool, Vendor};

/// Whether the vendor accepts the credential must be said within this.
const PROOF_DEADLINE: Duration = Duration::from_secs(5);

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
    pub(super) tokens: Memory,
    pub(super) shared_tokens: Option<Arc<dyn SharedTokens>>,
    pub(super) addresses: Addresses,
    pub(super) paces: Paces,
    schemas: Compiled,
    pub(super) standings: Standings,
    deadline: Duration,
}

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
            addresses: Addresses::new(),
            paces: Paces::new(),
            schemas: Compiled::new(),
            standings: Standings::new(),
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
        let credentials = &derive(&vendor.values, credentials);
        let session = Session { vendor, credentials, key, risk: Risk::Read };
        let validate = async {
            match &vendor.upstream {
                Upstream::Rest(validation) => self.validate_session(&session, validation).await,
                Upstream::Mcp(server) => self.validate_remote(&session, server).await,
            }
        };
        let result = self.within_deadline(&session, validate).await;
        if let Some(proof) = Proof::of(&result) {
            self.standings.prove(key, proof);
        }
        self.standings.note(key, &result);
        result
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
        let mut arguments = tool.arguments.check(arguments, &self.schemas)?;
        let fields = if tool.has_fields { select::take(&mut arguments) } else { Vec::new() };
        let credentials = &derive(&vendor.values, credentials);
        let session = Session { vendor, credentials, key, risk: tool.risk };
        let call = async {
            match &tool.action {
                Action::Request(operation) => {
                    self.call_session(&session, tool, operation, &arguments, &fields).await
                }
                Action::Remote(remote) => self.call_remote(&session, tool, remote, &arguments).await,
            }
        };
        let result = match self.within_deadline(&session, call).await {
            Err(error) => Err(self.confirmed(&session, error).await),
            good => good,
        };
        self.standings.note(key, &result);
        result
    }

    /// A refusal that may be about the credential or about a permission, as the validation request tells: sent at most once a
    /// minute, in its turn, and with a deadline of its own.
    async fn confirmed(&self, session: &Session<'_>, error: CallError) -> CallError {
        let Upstream::Rest(validation) = &session.vendor.upstream else { return error };
        let (status, message) = match &error {
            CallError::Unauthorized { status, message } => (*status, message.clone()),
            CallError::Forbidden { status, message } if validation.bad_key.contains(status) => {
                (*status, message.clone())
            }
            _ => return error,
        };
        let ask = async {
            let session = &Session { risk: Risk::Read, ..*session };
            let work = self.validate_session(session, validation);
            let result = self.within(session, PROOF_DEADLINE, work).await;
            Proof::of(&result).unwrap_or(Proof::Unknown)
        };
        match Box::pin(self.standings.proof(session.key, ask)).await {
            Proof::Accepted => CallError::NotPermitted { status, message },
            Proof::Refused => CallError::Unauthorized { status, message },
            Proof::Unknown => CallError::Forbidden { status, message },
        }
    }

    /// Drops everything that is remembered for a credential.
    pub fn forget(&self, id: Uuid) {
        self.tokens.forget(id);
        self.addresses.forget(id);
        self.upstreams.forget(id);
        self.paces.close_breaker(id);
        self.standings.forget(id);
    }

    /// The call in its turn: held back if the vendor must not be asked now, and never longer than the deadline.
    pub(super) async fn within_deadline<T>(
        &self,
        session: &Session<'_>,
        work: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        self.standings.admit(session.key)?;
        self.within(session, session.vendor.deadline, work).await
    }

    async fn within<T>(
        &self,
        session: &Session<'_>,
        deadline: Duration,
        work: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let after = deadline.min(session.vendor.deadline).min(self.deadline);
        let host = || session.host();
        let ip_allowlist = session.vendor.ip_allowlist;
        let ticket = self.paces.admit(session.vendor, session.key.id, session.risk).await?;
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
}

//! What the client of vendors does for one that is an MCP server: listing, calling, proving a credential. Deadline, pace and
//! breaker are those of every vendor.

use std::collections::HashMap;
use std::sync::Arc;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Request};
use rmcp::service::ServiceError;
use serde_json::{Map, Value};
use tokio::sync::broadcast;
use url::Url;

use super::answer::shape;
use super::connections::Connection;
use super::trouble::Trouble;
use super::wire::is_lost_session;
use super::{McpServer, RemoteTool, ToolList};
use crate::vendors::addresses::Doubt;
use crate::vendors::answer::Answer;
use crate::vendors::client::{Validated, VendorClient};
use crate::vendors::credentials::Credentials;
use crate::vendors::error::CallError;
use crate::vendors::redact::Redactor;
use crate::vendors::session::Session;
use crate::vendors::tokens::CredentialKey;
use crate::vendors::upstream::Upstream;
use crate::vendors::values::derive;
use crate::vendors::vendor::{Risk, Tool, Vendor};

impl VendorClient {
    /// Asks a vendor for the tools that it has for a credential.
    pub async fn list_tools(
        &self,
        vendor: &Vendor,
        credentials: &Credentials,
        key: CredentialKey,
    ) -> Result<ToolList, CallError> {
        let Upstream::Mcp(server) = &vendor.upstream else {
            return Err(CallError::Broken("its tools stand in its manifest".into()));
        };
        let credentials = &derive(&vendor.values, credentials);
        let session = Session { vendor, credentials, key, risk: Risk::Read };
        let result = self.within_deadline(&session, self.list_remote(&session, server)).await;
        self.standings.note(key, &result);
        result
    }

    /// Credentials whose server says from now on that its tools have changed.
    pub fn changed_tools(&self) -> broadcast::Receiver<CredentialKey> {
        self.upstreams.changed()
    }

    /// Ends the connection to an MCP server with a credential that is there no more.
    pub async fn close_connection(&self, key: CredentialKey) {
        self.upstreams.end(key).await;
    }

    /// Ends all connections to MCP servers: the next calls make new ones.
    pub async fn close_connections(&self) {
        self.upstreams.end_all().await;
    }

    /// Ends connections to MCP servers that are not used any more.
    pub async fn close_idle(&self) {
        self.upstreams.close_idle().await;
    }

    /// A server that answers with its tools has accepted the credential.
    pub(in crate::vendors) async fn validate_remote(
        &self,
        session: &Session<'_>,
        server: &McpServer,
    ) -> Result<Validated, CallError> {
        self.list_remote(session, server).await.map(|_| Validated { account: None })
    }

    async fn list_remote(&self, session: &Session<'_>, server: &McpServer) -> Result<ToolList, CallError> {
        let redactor = session.redactor();
        let trouble = Trouble { host: session.host(), redactor: &redactor };
        let mut can_retry = true;
        let listed = loop {
            let mut is_lost = false;
            let listed = async {
                let connection = self.connection(session, &trouble).await?;
                connection.list().await.map_err(|error| failed(&error, &trouble, &mut is_lost))?
            };
            let listed = listed.await;
            if !(self.settle(session, &listed, is_lost).await && can_retry) {
                break listed?;
            }
            can_retry = false;
        };
        Ok(ToolList::new(session.vendor, server, listed, &redactor))
    }

    /// Calls a tool; one that only reads once more if the connection failed.
    pub(in crate::vendors) async fn call_remote(
        &self,
        session: &Session<'_>,
        tool: &Tool,
        remote: &RemoteTool,
        arguments: &Map<String, Value>,
    ) -> Result<Answer, CallError> {
        let redactor = session.redactor();
        let trouble = Trouble { host: session.host(), redactor: &redactor };
        let mut can_retry = tool.risk == Risk::Read;
        loop {
            let mut is_lost = false;
            let answer = async {
                let connection = self.connection(session, &trouble).await?;
                let answer = send(&connection, remote, arguments).await;
                let answer = answer.map_err(|error| failed(&error, &trouble, &mut is_lost))?;
                shape(answer, session.vendor.answer_bytes, &trouble)
            };
            let answer = answer.await;
            if !(self.settle(session, &answer, is_lost).await && can_retry) {
                return answer;
            }
            can_retry = false;
        }
    }

    /// A connection that failed is not used again, nor one whose session is lost or whose server has moved. Whether the
    /// next may do better.
    async fn settle<T>(&self, session: &Session<'_>, result: &Result<T, CallError>, is_lost: bool) -> bool {
        let Err(error) = result else { return false };
        let doubt = Doubt::of(error);
        let has_lookup = session.vendor.base_url.lookup(session.credentials).is_some();
        let has_moved = has_lookup && self.addresses.forget_known_if(session.key, doubt).await;
        let is_over = matches!(
            error,
            CallError::Unreachable { .. }
                | CallError::Broken(_)
                | CallError::TooLarge { .. }
                | CallError::Unauthorized { .. }
        );
        if is_over || is_lost || has_moved {
            self.upstreams.close(session.key).await;
        }
        let is_unreachable = matches!(error, CallError::Unreachable { .. });
        is_unreachable || is_lost || (has_moved && doubt.may_repeat())
    }

    async fn connection(
        &self,
        session: &Session<'_>,
        trouble: &Trouble<'_>,
    ) -> Result<Arc<Connection>, CallError> {
        let open = async {
            let discovered = self.address(session).await?;
            let base = session
                .vendor
                .base_url
                .of(session.credentials, discovered.as_ref().map(|url| url.as_str()))?;
            let url =
                Url::parse(&base).map_err(|_| CallError::Credential("its address is not a URL".into()))?;
            self.transport.check(&url)?;
            let headers = headers(session, &url)?;
            let http = self.transport.client(session.vendor, session.credentials).await?;
            let opened = self.upstreams.open(http, url.as_str(), headers, session.key).await;
            let opened = opened.map_err(|error| trouble.of_beginning(&error))?;
            if !opened.is_understood() {
                return Err(CallError::Broken(
                    "the server chose a revision of MCP that is not spoken here".into(),
                ));
            }
            Ok(opened)
        };
        Box::pin(self.upstreams.get(session.key, open)).await
    }
}

impl Session<'_> {
    fn redactor(&self) -> Redactor {
        Redactor::new(self.vendor, self.credentials, None)
    }
}

/// What went wrong with a request; whether it was its session, in words that only a reader of requests may believe: a tool may
/// fail in the same ones after it has done something.
fn failed(error: &ServiceError, trouble: &Trouble<'_>, is_lost: &mut bool) -> CallError {
    *is_lost = matches!(error, ServiceError::McpError(refusal) if is_lost_session(refusal));
    trouble.of_request(error)
}

/// The headers that carry the credential, and those of every request.
fn headers(session: &Session<'_>, url: &Url) -> Result<HashMap<HeaderName, HeaderValue>, CallError> {
    let mut request = Request::new(Method::POST, url.clone());
    session.sign(&mut request, false, None)?;
    Ok(request.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

async fn send(
    connection: &Connection,
    remote: &RemoteTool,
    arguments: &Map<String, Value>,
) -> Result<rmcp::model::CallToolResponse, ServiceError> {
    if remote.has_headers && !connection.has_listed() {
        // What is wrong with the list, the call tells as well.
        let _ = connection.list().await?;
    }
    connection.call(&remote.name, arguments.clone()).await
}

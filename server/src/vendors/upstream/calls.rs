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
use super::{McpServer, RemoteTool, ToolList};
use crate::vendors::answer::Answer;
use crate::vendors::client::{Session, Validated, VendorClient};
use crate::vendors::credentials::Credentials;
use crate::vendors::error::CallError;
use crate::vendors::redact::Redactor;
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
        let session = Session { vendor, credentials: &derive(&vendor.values, credentials), key };
        self.within_deadline(&session, self.list_remote(&session, server)).await
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
            let listed = async {
                let connection = self.connection(session, &trouble).await?;
                connection.list().await.map_err(|error| trouble.of_request(&error))?
            };
            match self.settle(session.key, listed.await).await {
                Err(CallError::Unreachable { .. }) if can_retry => can_retry = false,
                listed => break listed?,
            }
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
            let answer = async {
                let connection = self.connection(session, &trouble).await?;
                let answer = send(&connection, remote, arguments).await;
                shape(
                    answer.map_err(|error| trouble.of_request(&error))?,
                    session.vendor.answer_bytes,
                    &trouble,
                )
            };
            match self.settle(session.key, answer.await).await {
                Err(CallError::Unreachable { .. }) if can_retry => can_retry = false,
                answer => return answer,
            }
        }
    }

    /// A connection that failed is not used again.
    async fn settle<T>(&self, key: CredentialKey, result: Result<T, CallError>) -> Result<T, CallError> {
        if matches!(
            result,
            Err(CallError::Unreachable { .. }
                | CallError::Broken(_)
                | CallError::TooLarge { .. }
                | CallError::Unauthorized { .. })
        ) {
            self.upstreams.close(key).await;
        }
        result
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
            opened.map_err(|error| trouble.of_beginning(&error))
        };
        Box::pin(self.upstreams.get(session.key, open)).await
    }
}

impl Session<'_> {
    fn redactor(&self) -> Redactor {
        Redactor::new(self.vendor, self.credentials, None)
    }
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

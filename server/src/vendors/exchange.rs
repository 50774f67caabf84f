//! The requests of one call: the base URL of its credential, the token, and the answer. Tokens that have ended and addresses
//! that have moved are put right here.

use std::sync::Arc;

use futures::FutureExt as _;
use reqwest::{Request, Response, StatusCode};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::addresses::Doubt;
use super::answer::{Answer, Wanted, json_or_text, shape};
use super::client::{Validated, VendorClient};
use super::error::CallError;
use super::host::check_host;
use super::manifest::AnswerKind;
use super::paging::Asked;
use super::redact::Redactor;
use super::refusal::shorten;
use super::request::Operation;
use super::retry_after::retry_after;
use super::session::Session;
use super::shared_tokens::Fetch;
use super::standing::Proof;
use super::vendor::{Tool, Validation};

/// Longest account name that is shown.
const MAX_ACCOUNT: usize = 120;

/// A token or a discovered address, where the vendor has such a thing.
pub(super) type Fetched = Option<Arc<Zeroizing<String>>>;

impl VendorClient {
    /// Calls a tool of a manifest.
    pub(super) async fn call_session(
        &self,
        session: &Session<'_>,
        tool: &Tool,
        operation: &Operation,
        arguments: &Map<String, Value>,
        fields: &[String],
    ) -> Result<Answer, CallError> {
        let (mut response, token) = self.send(session, operation, arguments).await?;
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
        let asked = Asked {
            paging: &tool.paging,
            query: &operation.query,
            arguments,
            has_fields: tool.has_fields,
            redactor: &redactor,
        };
        let wanted = Wanted { tool, asked, fields, budget: session.vendor.answer_bytes };
        shape(&wanted, status, response.headers(), body, &redactor)
    }

    /// Sends the manifest's validation request, and what comes then.
    pub(super) async fn validate_session(
        &self,
        session: &Session<'_>,
        validation: &Validation,
    ) -> Result<Validated, CallError> {
        let mut validated = self.prove(session, validation).await?;
        let mut next = validation.then.as_deref();
        while let Some(proof) = next {
            self.paces.spend_again(session.key.id, session.risk).await?;
            let more = self.prove(session, proof).await?;
            validated.account = validated.account.or(more.account);
            next = proof.then.as_deref();
        }
        Ok(validated)
    }

    async fn prove(&self, session: &Session<'_>, validation: &Validation) -> Result<Validated, CallError> {
        let (mut response, token) = self.send(session, &validation.operation, &Map::new()).await?;
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
        let account = validation.account.as_deref().and_then(|pointer| account(&text, pointer, &redactor));
        Ok(Validated { account })
    }

    /// One request to the credential's base URL. If its answer looks as if a discovered one had moved, that is forgotten;
    /// a request that may be repeated goes to the new one, if there is another.
    async fn send(
        &self,
        session: &Session<'_>,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Result<(Response, Fetched), CallError> {
        let address = self.address(session).await?;
        let at = address.as_ref().map(|url| url.as_str());
        let sent = self.send_to(session, operation, arguments, at).await;
        let Some(address) = address else { return sent };
        let doubt = match &sent {
            Ok((response, _)) => Doubt::of_status(response.status().as_u16()),
            Err(error) => Doubt::of(error),
        };
        let may_repeat = session.is_read() && doubt.may_repeat();
        if !self.addresses.forget_if(session.key, &address, doubt).await || !may_repeat {
            return sent;
        }
        // If it cannot be found out, the answer that is there tells more.
        match self.address(session).await {
            Ok(Some(moved)) if *moved != *address => {
                self.paces.spend_again(session.key.id, session.risk).await?;
                self.send_to(session, operation, arguments, Some(&moved)).await
            }
            _ => sent,
        }
    }

    /// One request with its token. A 401 to a remembered token is answered by one new token and one more try.
    async fn send_to(
        &self,
        session: &Session<'_>,
        operation: &Operation,
        arguments: &Map<String, Value>,
        discovered: Option<&str>,
    ) -> Result<(Response, Fetched), CallError> {
        let base = session.vendor.base_url.of(session.credentials, discovered)?;
        let mut token = if operation.anonymous { None } else { self.token(session, &base, None).await? };
        let mut has_new_token = false;
        loop {
            let text = token.as_ref().map(|token| token.as_str());
            let response =
                self.send_signed(session, || session.request(operation, &base, arguments, text)).await?;
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
                    self.paces.spend_again(session.key.id, session.risk).await?;
                }
                _ => return Ok((response, token)),
            }
        }
    }

    /// One request; one that reads goes on, once, to where the vendor keeps what is asked for.
    async fn send_signed(
        &self,
        session: &Session<'_>,
        signed: impl Fn() -> Result<Request, CallError>,
    ) -> Result<Response, CallError> {
        let request = signed()?;
        let method = request.method().clone();
        let send =
            |request| self.transport.send(session.vendor, session.credentials, request, session.is_read());
        let response = send(request).await?;
        let redirects = session.vendor.redirects.as_ref().filter(|_| session.is_read());
        let Some(target) = redirects.and_then(|own| own.target(&method, &response)) else {
            return Ok(response);
        };
        self.paces.spend_again(session.key.id, session.risk).await?;
        let mut request = signed()?;
        *request.url_mut() = target;
        send(request).await
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
        let token = self.tokens.get_or_fetch(session.key, fetch).await;
        if matches!(token, Err(CallError::Unauthorized { .. })) {
            // Who was refused here need not be asked again.
            self.standings.prove(session.key, Proof::Refused);
        }
        token.map(Some)
    }

    /// The address that was discovered for a credential, if its vendor has such a thing. Before anything is sent anywhere: a
    /// credential that names another host than the manifest's is refused.
    pub(super) async fn address(&self, session: &Session<'_>) -> Result<Fetched, CallError> {
        check_host(session.vendor, session.credentials)?;
        let Some(lookup) = session.vendor.base_url.lookup(session.credentials) else { return Ok(None) };
        let fetch = self.transport.look_up(session.vendor, lookup, session.credentials);
        Box::pin(self.addresses.get_or_fetch(session.key, fetch)).await.map(Some)
    }
}

/// The name at a pointer into the answer, without secrets.
fn account(text: &str, pointer: &str, redactor: &Redactor) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    let name = match value.pointer(pointer)? {
        Value::String(name) => name.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!name.is_empty()).then(|| shorten(&redactor.clean(name), MAX_ACCOUNT))
}

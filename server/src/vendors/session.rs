//! A credential on its way through one call: what it makes of a request.

use serde_json::{Map, Value};

use super::body::Values;
use super::credentials::Credentials;
use super::error::CallError;
use super::request::{Operation, header_value};
use super::tokens::CredentialKey;
use super::vendor::{Risk, Vendor};

/// A credential on its way through one call.
pub(super) struct Session<'c> {
    pub(super) vendor: &'c Vendor,
    pub(super) credentials: &'c Credentials,
    pub(super) key: CredentialKey,
    /// What the call may do.
    pub(super) risk: Risk,
}

impl Session<'_> {
    /// Whether its requests may be repeated.
    pub(super) fn is_read(&self) -> bool {
        self.risk == Risk::Read
    }

    /// The request of an operation, with everything in it.
    pub(super) fn request(
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
                request.headers_mut().insert(name, header_value(name, &value)?);
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

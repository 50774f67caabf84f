//! Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document, MCP 2026-07-28 "Client Registration"): a
//! client whose `client_id` is the https address of a document that says who it is. Nothing is registered.
//!
//! [`address`] says which ids are such addresses, [`fetch`] gets the document past the network guard, [`document`] checks
//! what it says, [`freshness`] how long it is believed, [`options`] what of it an operator decides. Errors and documents
//! that are not right are never kept. Of a document nothing else is loaded, no `logo_uri` either: the consent page shows
//! hosts, not pictures.

mod address;
mod document;
mod fetch;
mod freshness;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod options;

use std::{sync::Arc, time::Duration};

use gateway_store::Timestamp;
use moka::future::Cache;

pub use self::{
    address::{AddressProblem, is_address},
    document::{ClientDocument, DocumentProblem},
    fetch::FetchError,
    options::{ClientMetadataOptions, Hosts},
};
use self::{fetch::Fetcher, freshness::MAX_LIFETIME};

/// How many documents are remembered; the least used go first.
const MAX_DOCUMENTS: u64 = 1000;

/// Why there is no client behind an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CimdError {
    /// The operator accepts no such clients, or none of this host.
    #[error("documents of this host are not accepted")]
    NotAccepted,
    /// The id is not an address that the draft allows.
    #[error("the client id {}", .0.description())]
    Address(AddressProblem),
    /// The document could not be had.
    #[error("the document {}", .0.description())]
    Fetch(FetchError),
    /// The document is there, and wrong.
    #[error("the document {}", .0.description())]
    Document(DocumentProblem),
}

impl CimdError {
    /// For the person who was sent here by the app: what is wrong, and what can be done. `host` is the document's.
    pub fn sentence(&self, host: &str) -> String {
        let makers = "Only the makers of the app can change that.";
        match self {
            Self::NotAccepted => {
                format!("The operator of this gateway does not accept apps that are described at {host}.")
            }
            Self::Address(problem) => {
                format!("The client id of the app {}. {makers}", problem.description())
            }
            Self::Fetch(error) => {
                let next = if error.may_pass() { "Please try again in a moment." } else { makers };
                format!("The description of the app at {host} {}. {next}", error.description())
            }
            Self::Document(problem) => {
                format!("The description of the app at {host} {}. {makers}", problem.description())
            }
        }
    }
}

/// Fetches documents and remembers them.
#[expect(missing_debug_implementations, reason = "there is nothing in it to read")]
pub struct ClientDocuments {
    options: ClientMetadataOptions,
    fetcher: Fetcher,
    known: Cache<String, Arc<Known>>,
}

struct Known {
    document: ClientDocument,
    fresh_until: Timestamp,
}

impl ClientDocuments {
    /// With nothing fetched.
    pub fn new(options: &ClientMetadataOptions) -> Result<Self, reqwest::Error> {
        Ok(Self {
            fetcher: Fetcher::new(options.networks.clone())?,
            options: options.clone(),
            known: Cache::builder().max_capacity(MAX_DOCUMENTS).time_to_live(MAX_LIFETIME).build(),
        })
    }

    /// Whether any client may be known by a document.
    pub fn is_enabled(&self) -> bool {
        self.options.hosts != Hosts::None
    }

    /// Whether `id` is the address of a document that may be fetched. Nothing is.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, id: &str) -> Result<url::Url, CimdError> {
        let url = address::parse(id, &self.options.networks).map_err(CimdError::Address)?;
        if self.options.hosts.accepts(&url) { Ok(url) } else { Err(CimdError::NotAccepted) }
    }

    /// The client behind an address: as remembered while its document is fresh, else fetched.
    pub async fn find(&self, id: &str, now: Timestamp) -> Result<ClientDocument, CimdError> {
        let url = self.check(id)?;
        if let Some(known) = self.known.get(id).await {
            if known.fresh_until > now {
                return Ok(known.document.clone());
            }
            self.known.invalidate(id).await;
        }
        // Whoever asks at the same time waits for the same answer.
        let known = self.known.try_get_with(id.to_owned(), self.load(id, &url, now)).await;
        known.map(|known| known.document.clone()).map_err(|error| (*error).clone())
    }

    async fn load(&self, id: &str, url: &url::Url, now: Timestamp) -> Result<Arc<Known>, CimdError> {
        let fetched = self.fetcher.fetch(url).await.map_err(CimdError::Fetch)?;
        let document = document::read(id, &fetched.body).map_err(CimdError::Document)?;
        let lifetime: Duration = freshness::lifetime(&fetched.headers, now);
        Ok(Arc::new(Known { document, fresh_until: now.plus(lifetime) }))
    }
}

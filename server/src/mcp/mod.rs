//! `/v1/mcp`: the Model Context Protocol over streamable HTTP, in both eras: 2026-07-28 (every request stands for itself)
//! and 2025-03-26 to 2025-11-25 (`initialize`, sessions). rmcp speaks the protocol; here is what it is told.
//!
//! Follow one call: [`view`] reads from the address which tools it is about, `oauth::bearer` says who calls, [`endpoint`]
//! keeps sessions to their owners, [`handler`] is called by rmcp, [`call`] does the work; if the vendor is not connected,
//! [`connecting`] asks for it; tools that a vendor is asked for are in [`discovered`]. What is listed is in [`tools`], how it is written in [`listing`], who is told of its changes
//! in [`changes`]; what the gateway offers itself is in [`meta_tools`].

mod call;
mod changes;
#[cfg(feature = "conformance")]
mod conformance;
mod connect_page;
mod connecting;
mod discovered;
mod endpoint;
mod error;
mod finished;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod handler;
mod limits;
mod listing;
mod meta_tools;
mod names;
mod restoring;
mod search;
mod sessions;
mod shape;
mod step_up;
mod tools;
mod trace;
mod view;

use std::sync::Arc;

use gateway_store::{Database, Event, Topic};
use moka::sync::Cache;
use rmcp::model::{Implementation, MetaObject, RequestStateError};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use endpoint::routes;
pub use error::of_status;

use self::{
    connecting::Seals,
    limits::{CallLimit, Streams},
    listing::WrittenLists,
    search::SearchIndex,
    sessions::Sessions,
    tools::AnnotatedTools,
};
use crate::{
    clock::Clock,
    vault::Vault,
    vendors::{Catalog, ToolListId},
};

/// What the endpoint keeps between requests.
#[expect(missing_debug_implementations, reason = "there is nothing in it to read")]
pub struct Mcp {
    annotated: AnnotatedTools,
    written: WrittenLists,
    search: SearchIndex,
    /// Indexes of the lists of upstream servers.
    discovered_search: Cache<ToolListId, Arc<SearchIndex>>,
    seals: Seals,
    limit: CallLimit,
    streams: Streams,
    sessions: Arc<Sessions>,
    /// Says which server answered, in the `_meta` of results.
    server_info: MetaObject,
    implementation: Implementation,
    stopping: CancellationToken,
    /// What changed, once every cache knows of it.
    changes: broadcast::Sender<Event>,
}

/// How many changes a stream may be behind before it takes everything for changed.
const CHANGES: usize = 256;

/// How many indexes of lists of upstream servers are kept.
const DISCOVERED_INDEXES: u64 = 100;

impl Mcp {
    /// For the vendors of `catalog`; `public_url` is the gateway's own.
    ///
    /// # Errors
    /// The vault's keys are not of the kind that seals.
    pub fn new(
        catalog: &Catalog,
        vault: &Vault,
        database: Arc<Database>,
        clock: Clock,
        public_url: &str,
    ) -> Result<Self, RequestStateError> {
        let implementation = Implementation::new("msp-mcp-gateway", env!("CARGO_PKG_VERSION"))
            .with_title("MSP MCP Gateway")
            .with_website_url(public_url);
        let mut server_info = MetaObject::new();
        let value = serde_json::to_value(&implementation).unwrap_or_default();
        server_info.insert("io.modelcontextprotocol/serverInfo".to_owned(), value);
        Ok(Self {
            written: WrittenLists::new(),
            search: SearchIndex::new(catalog),
            discovered_search: Cache::new(DISCOVERED_INDEXES),
            seals: Seals::new(vault.keys_for(b"mcp seals"))?,
            annotated: AnnotatedTools::new(catalog),
            limit: CallLimit::new(),
            streams: Streams::default(),
            sessions: Arc::new(Sessions::new(database, clock)),
            server_info,
            implementation,
            stopping: CancellationToken::new(),
            changes: broadcast::Sender::new(CHANGES),
        })
    }

    /// Forgets what an event says is no longer true, and tells the clients whose tools it changes. Comes after the
    /// resolver and the grants have heard of it.
    pub fn apply(&self, event: Event) {
        self.sessions.apply(event);
        // No listener is no error.
        let _ = self.changes.send(event);
    }

    /// An upstream server has other tools for a connection of this owner: those who use it are told.
    pub fn tools_changed(&self, owner: Uuid) {
        // No listener is no error.
        let _ = self.changes.send(Event::Changed(Topic::Connections, owner));
    }

    /// Done as soon as the process is to end.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        self.stopping.clone().cancelled_owned()
    }

    /// Ends every stream that is open, so that the process can end.
    pub fn stop(&self) {
        self.stopping.cancel();
    }
}

//! What every handler can reach.

use std::{ops::Deref, sync::Arc};

use gateway_store::{Database, Event, StoreError, Transaction};

use crate::{
    audit::Audit,
    auth::oidc::Services,
    auth::passwords::Passwords,
    clock::Clock,
    config::Config,
    demo::Demo,
    discovery::Discovery,
    health::Health,
    limits::{PerPerson, public::PublicLimits},
    mcp::Mcp,
    oauth::{OAuth, cimd::ClientDocuments},
    vault::{Vault, resolve::Resolver},
    vendors::{Catalog, VendorClient},
};

/// Everything a running gateway consists of.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct App {
    /// The configuration.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// The database.
    pub database: Arc<Database>,
    /// Keys for credentials.
    pub vault: Vault,
    /// Which credential a call uses.
    pub resolver: Resolver,
    /// What can be connected.
    pub catalog: Arc<Catalog>,
    /// Calls vendors.
    pub vendors: VendorClient,
    /// The tools of vendors that are asked for them.
    pub discovery: Discovery,
    /// The built-in vendor, with `--demo`.
    pub demo: Option<Demo>,
    /// Whether connections work.
    pub health: Health,
    /// Writes down who did what.
    pub audit: Audit,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// The OpenID Connect services one can sign in with.
    pub services: Services,
    /// The MCP endpoint's own state.
    pub mcp: Mcp,
    /// The authorization server: signing keys, live grants.
    pub oauth: OAuth,
    /// How often strangers may ask.
    pub limits: PublicLimits,
    /// Clients that are known by a metadata document.
    pub client_documents: ClientDocuments,
    /// How often one person may have the connection checked.
    pub connection_checks: PerPerson,
}

impl App {
    /// Commits a unit of work, tells every replica what it changed, and makes that true here before this returns.
    pub async fn commit(&self, mut transaction: Transaction, changes: &[Event]) -> Result<(), StoreError> {
        for event in changes {
            transaction.publish(*event);
        }
        transaction.commit().await?;
        for event in changes {
            self.forget(*event).await;
        }
        Ok(())
    }

    /// Makes what a committed change says true for the very next request on this replica. The event itself, published with
    /// the change, does the same everywhere, a moment later.
    pub async fn forget(&self, event: Event) {
        self.oauth.apply(self, event).await;
        self.resolver.apply(event).await;
        self.discovery.apply(self, event).await;
        self.mcp.apply(event);
    }
}

/// [`App`], shared.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct AppState(pub Arc<App>);

impl Deref for AppState {
    type Target = App;
    fn deref(&self) -> &App {
        &self.0
    }
}

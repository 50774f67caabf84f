//! Which of several stored credentials a call uses, opened and kept for a short while.
//!
//! The order is the product's (item 13): a person's own; else the credential of a sub-team, if exactly one of the
//! person's sub-teams has one for the vendor; else the organization's. [`choose`] is that rule and nothing else.
//!
//! What was read is kept per owner until an event names the owner ([`Resolver::apply`]), and never longer than
//! [`REMEMBER`]. A warm lookup reads no database, and the entries of two tenants have nothing in common.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use gateway_api::{
    connections::Scope,
    ids::{OrganizationId, UserId},
};
use gateway_store::{
    Database, Event, StoreError, Topic,
    connections::{ConnectionRow, Owner, list},
};
use moka::future::Cache;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{Place, Vault, VaultError};
use crate::vendors::{CredentialKey, Credentials, CredentialsFormatError};

/// Nothing read from the database, and no opened credential, is kept longer than this.
const REMEMBER: Duration = Duration::from_secs(30);
/// How many owners are remembered; the least used go first.
const MAX_OWNERS: u64 = 10_000;

/// Finds and opens credentials.
#[expect(missing_debug_implementations, reason = "it holds opened credentials")]
pub struct Resolver {
    database: Arc<Database>,
    held: Cache<Uuid, Arc<[Arc<HeldConnection>]>>,
    /// Grows with every event: tells a reader that what it just read may be old already.
    epoch: AtomicU64,
}

/// A stored connection, and its credentials once somebody needed them.
#[expect(missing_debug_implementations, reason = "it holds an opened credential")]
pub struct HeldConnection {
    /// Whose it is.
    pub owner: Owner,
    /// As stored.
    pub row: ConnectionRow,
    opened: OnceCell<Arc<Credentials>>,
}

/// The credential that a call uses.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds an opened credential")]
pub struct Resolved {
    /// Whose credential it is.
    pub scope: Scope,
    /// Where it is stored.
    pub connection: Arc<HeldConnection>,
    /// The opened credential.
    pub credentials: Arc<Credentials>,
    /// Why this one.
    pub reason: Reason,
}

/// A vendor's connection that a person's calls use.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds an opened credential")]
pub struct Choice {
    /// The one that is used.
    pub connection: Arc<HeldConnection>,
    /// Why this one.
    pub reason: Reason,
}

/// Why a call uses this credential and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is the person's own, which comes first.
    Personal,
    /// The one sub-team of the person that has one for this vendor.
    OnlyTeam,
    /// Neither the person nor a sub-team of theirs has one.
    Organization,
    /// Several sub-teams of the person have one, so none of them is used.
    SeveralTeams,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Personal => "It is your own credential; your own comes first.",
            Self::OnlyTeam => "It is the credential of your only sub-team that has one for this vendor.",
            Self::Organization => "It is shared by your organization; neither you nor your sub-team has one.",
            Self::SeveralTeams => "Several of your sub-teams have one, so the organization's is used.",
        })
    }
}

/// Why there is no credential although there should be one.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sealed value does not open.
    #[error(transparent)]
    Vault(VaultError),
    /// What was sealed is no credential.
    #[error(transparent)]
    Format(#[from] CredentialsFormatError),
}

impl From<VaultError> for ResolveError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Store(error) => Self::Store(error),
            other => Self::Vault(other),
        }
    }
}

impl HeldConnection {
    /// Under which the vendor client remembers tokens: a replaced credential never meets an old one.
    pub fn key(&self) -> CredentialKey {
        CredentialKey { id: self.row.id.uuid(), version: self.row.version }
    }

    async fn open(&self, vault: &Vault) -> Result<Arc<Credentials>, ResolveError> {
        let open = async || {
            let key = vault.key_of(self.owner, &self.row.key_id).await?;
            let place = Place { owner: self.owner, vendor: &self.row.vendor, id: self.row.id };
            let bytes = key.open(place, &self.row.sealed)?;
            Ok::<_, ResolveError>(Arc::new(Credentials::from_bytes(&bytes)?))
        };
        self.opened.get_or_try_init(open).await.cloned()
    }
}

impl Resolver {
    /// With nothing remembered.
    pub fn new(database: Arc<Database>) -> Self {
        let held = Cache::builder().max_capacity(MAX_OWNERS).time_to_live(REMEMBER).build();
        Self { database, held, epoch: AtomicU64::new(0) }
    }

    /// The credential for a person's call to a vendor, opened. None: nobody connected it for them.
    pub async fn resolve(
        &self,
        vault: &Vault,
        user: UserId,
        organization: OrganizationId,
        vendor: &str,
    ) -> Result<Option<Resolved>, ResolveError> {
        let mut candidates = Vec::new();
        for owner in owners(user, organization) {
            let held = self.connections_of_owner(owner).await?;
            candidates.extend(held.iter().filter(|held| held.row.vendor == vendor).cloned());
        }
        let Some(Choice { connection, reason }) = choose(&candidates) else { return Ok(None) };
        let credentials = connection.open(vault).await?;
        Ok(Some(Resolved { scope: connection.owner.scope, connection, credentials, reason }))
    }

    /// Every connection that a person's calls use, one per vendor, by the vendor's slug. Nothing is opened.
    pub async fn connections_of(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Arc<[Choice]>, StoreError> {
        let mut candidates = BTreeMap::<String, Vec<_>>::new();
        for owner in owners(user, organization) {
            for held in self.connections_of_owner(owner).await?.iter() {
                candidates.entry(held.row.vendor.clone()).or_default().push(Arc::clone(held));
            }
        }
        Ok(candidates.values().filter_map(|candidates| choose(candidates)).collect())
    }

    /// Forgets what an event says is no longer true. The next lookup reads again.
    pub async fn apply(&self, event: Event) {
        match event {
            Event::Changed(Topic::Connections | Topic::User | Topic::Organization, owner) => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.held.invalidate(&owner).await;
            }
            Event::Changed(Topic::Grant, _) => {}
            Event::Everything => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.held.invalidate_all();
            }
        }
    }

    async fn connections_of_owner(&self, owner: Owner) -> Result<Arc<[Arc<HeldConnection>]>, StoreError> {
        if let Some(held) = self.held.get(&owner.id).await {
            return Ok(held);
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        let mut connection = self.database.read().await?;
        let rows = list(&mut connection, owner).await?;
        let held: Arc<[_]> = rows
            .into_iter()
            .map(|row| Arc::new(HeldConnection { owner, row, opened: OnceCell::new() }))
            .collect();
        self.held.insert(owner.id, Arc::clone(&held)).await;
        if self.epoch.load(Ordering::Acquire) != epoch {
            // Something changed between the reading and the remembering; it may have been this.
            self.held.invalidate(&owner.id).await;
        }
        Ok(held)
    }
}

/// Whose connections a person may use in an organization. Shared credentials join here.
fn owners(user: UserId, _organization: OrganizationId) -> [Owner; 1] {
    [Owner::personal(user)]
}

/// The rule, for the connections to one vendor that a person may use.
fn choose(candidates: &[Arc<HeldConnection>]) -> Option<Choice> {
    let of = |scope| candidates.iter().filter(move |held| held.owner.scope == scope);
    let chosen = |held: &Arc<HeldConnection>, reason| Choice { connection: Arc::clone(held), reason };
    if let Some(personal) = of(Scope::Personal).next() {
        return Some(chosen(personal, Reason::Personal));
    }
    let mut teams = of(Scope::Team);
    let organization = of(Scope::Organization).next();
    match (teams.next(), teams.next()) {
        (Some(team), None) => Some(chosen(team, Reason::OnlyTeam)),
        (None, _) => organization.map(|shared| chosen(shared, Reason::Organization)),
        (Some(_), Some(_)) => organization.map(|shared| chosen(shared, Reason::SeveralTeams)),
    }
}

#[cfg(test)]
mod tests;

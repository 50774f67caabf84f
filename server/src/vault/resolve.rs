//! Which of several stored credentials a call uses, opened and kept for a short while.
//!
//! The order is the product's: a person's own; else the credential of a sub-team, if exactly one of the
//! person's sub-teams has one for the vendor; else the organization's. [`choose`] is that rule and nothing else. What is
//! shared counts only on a plan that includes it. A service client stands for no person: it uses the organization's.
//!
//! What was read is kept per owner, and the sub-teams per person, until an event names them ([`Resolver::apply`]), and
//! never longer than [`REMEMBER`]. A warm lookup reads no database, and the entries of two tenants have nothing in common.

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
    plans::Plan,
};
use gateway_store::{
    Database, Event, StoreError, Topic,
    connections::{ConnectionRow, Owner, list},
    teams::{self, TeamMember},
};
use moka::future::Cache;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{Place, Vault, VaultError};
use crate::{
    plans::{self, Feature},
    vendors::{CredentialKey, Credentials, CredentialsFormatError},
};

/// Nothing read from the database, and no opened credential, is kept longer than this.
const REMEMBER: Duration = Duration::from_secs(30);
/// How many owners are remembered; the least used go first.
const MAX_OWNERS: u64 = 10_000;

/// Finds and opens credentials.
#[expect(missing_debug_implementations, reason = "it holds opened credentials")]
pub struct Resolver {
    database: Arc<Database>,
    held: Cache<Uuid, Arc<[Arc<HeldConnection>]>>,
    /// The sub-teams of a person, in all organizations.
    places: Cache<UserId, Arc<[TeamMember]>>,
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

/// Who calls, and where they work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The person; none behind a service client.
    pub user: Option<UserId>,
    /// The organization; the person is a member, the service client belongs to it.
    pub organization: OrganizationId,
    /// Its plan.
    pub plan: Plan,
}

/// What comes of looking for a credential.
#[expect(missing_debug_implementations, reason = "it may hold an opened credential")]
pub enum Resolution {
    /// This one is used.
    Use(Resolved),
    /// There are some, but none may be used.
    Refused(Reason),
    /// Nobody connected the vendor for this person.
    NotConnected,
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

/// Whether one of the connections to a vendor is used by a person's calls.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it may hold an opened credential")]
pub enum Verdict {
    /// This one.
    Use(Choice),
    /// None of them.
    Refused(Reason),
}

impl Verdict {
    /// The connection that is used, if any, and why this one, or none.
    pub fn parts(&self) -> (Option<&HeldConnection>, Reason) {
        match self {
            Self::Use(choice) => (Some(&choice.connection), choice.reason),
            Self::Refused(reason) => (None, *reason),
        }
    }
}

/// Why a call uses this credential and no other, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is the person's own, which comes first.
    Personal,
    /// The one sub-team of the person that has one for this vendor.
    OnlyTeam,
    /// Neither the person nor a sub-team of theirs has one.
    Organization,
    /// Several sub-teams of the person have one, so none of them is used but the organization's.
    SeveralTeams,
    /// Several sub-teams of the person have one, so none of them is used; and the organization has none.
    OnlySeveralTeams,
    /// A service client uses the organization's, and no other.
    ServiceClient,
    /// There is a shared one, but the organization's plan does not include that.
    PlanRequired,
}

impl Reason {
    /// For the audit log.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::OnlyTeam => "only_team",
            Self::Organization | Self::ServiceClient => "organization",
            Self::SeveralTeams | Self::OnlySeveralTeams => "several_teams",
            Self::PlanRequired => "plan_required",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Personal => "It is your own credential; your own comes first.",
            Self::OnlyTeam => "It is the credential of your only sub-team that has one for this vendor.",
            Self::Organization => "It is shared by your organization; neither you nor your sub-team has one.",
            Self::SeveralTeams => "Several of your sub-teams have one, so the organization's is used.",
            Self::OnlySeveralTeams => {
                "Several of your sub-teams have one, so none of them is used, and the organization has none. Connect your \
                 own, or ask an owner of your team."
            }
            Self::ServiceClient => "It is shared by the organization; service clients use no other.",
            Self::PlanRequired => {
                "Your team shares one, but it sleeps: the team's plan does not include shared credentials. An owner can \
                 upgrade; your own credential works on every plan."
            }
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
        let places = Cache::builder().max_capacity(MAX_OWNERS).time_to_live(REMEMBER).build();
        Self { database, held, places, epoch: AtomicU64::new(0) }
    }

    /// The credential for a person's call to a vendor, opened.
    pub async fn resolve(
        &self,
        vault: &Vault,
        standing: Standing,
        vendor: &str,
    ) -> Result<Resolution, ResolveError> {
        let mut candidates = Vec::new();
        for owner in self.owners(standing).await? {
            let held = self.connections_of_owner(owner).await?;
            candidates.extend(held.iter().filter(|held| held.row.vendor == vendor).cloned());
        }
        match verdict(&candidates, standing) {
            Some(Verdict::Use(Choice { connection, reason })) => {
                let credentials = connection.open(vault).await?;
                let scope = connection.owner.scope;
                Ok(Resolution::Use(Resolved { scope, connection, credentials, reason }))
            }
            Some(Verdict::Refused(reason)) => Ok(Resolution::Refused(reason)),
            None => Ok(Resolution::NotConnected),
        }
    }

    /// Opens one connection, whoever's it is: for checks that nobody asked for.
    pub async fn open(
        &self,
        vault: &Vault,
        row: ConnectionRow,
    ) -> Result<(Arc<HeldConnection>, Arc<Credentials>), ResolveError> {
        let owner = Owner { scope: row.scope, id: row.owner_id };
        let held = Arc::new(HeldConnection { owner, row, opened: OnceCell::new() });
        let credentials = held.open(vault).await?;
        Ok((held, credentials))
    }

    /// Every vendor that there is a credential for, by its slug, and which one a person's calls use. Nothing is opened.
    pub async fn vendors_of(&self, standing: Standing) -> Result<Vec<(String, Verdict)>, StoreError> {
        let mut candidates = BTreeMap::<String, Vec<_>>::new();
        for owner in self.owners(standing).await? {
            for held in self.connections_of_owner(owner).await?.iter() {
                candidates.entry(held.row.vendor.clone()).or_default().push(Arc::clone(held));
            }
        }
        let judged = |(vendor, candidates): (String, Vec<_>)| {
            verdict(&candidates, standing).map(|verdict| (vendor, verdict))
        };
        Ok(candidates.into_iter().filter_map(judged).collect())
    }

    /// Whether `owner`'s connections are among those that a person's calls may use.
    pub async fn may_use(&self, standing: Standing, owner: Uuid) -> Result<bool, StoreError> {
        Ok(self.owners(standing).await?.iter().any(|one| one.id == owner))
    }

    /// Forgets what an event says is no longer true. The next lookup reads again.
    pub async fn apply(&self, event: Event) {
        match event {
            Event::Changed(Topic::Connections, owner) => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.held.invalidate(&owner).await;
            }
            Event::Changed(Topic::User, user) => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.places.invalidate(&UserId::from_uuid(user)).await;
            }
            // Its plan comes with every question.
            Event::Changed(Topic::Organization | Topic::Grant, _) => {}
            Event::Everything => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.held.invalidate_all();
                self.places.invalidate_all();
            }
        }
    }

    /// Whose connections a caller may use in an organization.
    async fn owners(&self, standing: Standing) -> Result<Vec<Owner>, StoreError> {
        let shared = Owner::organization(standing.organization);
        let Some(user) = standing.user else { return Ok(vec![shared]) };
        let places = self.places_of(user).await?;
        let here = places.iter().filter(|place| place.organization_id == standing.organization);
        let mut owners = vec![Owner::personal(user), shared];
        owners.extend(here.map(|place| Owner::team(place.team_id)));
        Ok(owners)
    }

    async fn places_of(&self, user: UserId) -> Result<Arc<[TeamMember]>, StoreError> {
        if let Some(places) = self.places.get(&user).await {
            return Ok(places);
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        let places: Arc<[_]> = teams::of_user(&mut self.database.read().await?, user).await?.into();
        self.places.insert(user, Arc::clone(&places)).await;
        if self.epoch.load(Ordering::Acquire) != epoch {
            self.places.invalidate(&user).await;
        }
        Ok(places)
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

/// [`choose`], with the reason as it is for this caller.
fn verdict(candidates: &[Arc<HeldConnection>], standing: Standing) -> Option<Verdict> {
    let verdict = choose(candidates, standing.plan)?;
    Some(match verdict {
        Verdict::Use(choice) if standing.user.is_none() => {
            Verdict::Use(Choice { reason: Reason::ServiceClient, ..choice })
        }
        verdict => verdict,
    })
}

/// The rule, for the connections to one vendor that a person may use. None: there is no connection.
fn choose(candidates: &[Arc<HeldConnection>], plan: Plan) -> Option<Verdict> {
    let of = |scope| candidates.iter().filter(move |held| held.owner.scope == scope);
    let chosen =
        |held: &Arc<HeldConnection>, reason| Verdict::Use(Choice { connection: Arc::clone(held), reason });
    if let Some(personal) = of(Scope::Personal).next() {
        return Some(chosen(personal, Reason::Personal));
    }
    if !plans::includes(plan, Feature::SharedConnections) {
        return candidates.first().map(|_| Verdict::Refused(Reason::PlanRequired));
    }
    let mut teams = of(Scope::Team);
    match (teams.next(), teams.next(), of(Scope::Organization).next()) {
        (Some(team), None, _) => Some(chosen(team, Reason::OnlyTeam)),
        (None, _, Some(shared)) => Some(chosen(shared, Reason::Organization)),
        (Some(_), Some(_), Some(shared)) => Some(chosen(shared, Reason::SeveralTeams)),
        (Some(_), Some(_), None) => Some(Verdict::Refused(Reason::OnlySeveralTeams)),
        (None, _, None) => None,
    }
}

#[cfg(test)]
mod tests;

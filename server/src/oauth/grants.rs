//! The grants that are alive, remembered so that a warm call asks no database. A service client stands here as if it were
//! a grant: its tokens name its own id as theirs.
//!
//! Events keep this true ([`LiveGrants::apply`]): what an event names is read again at the next call. Everything is read
//! again after [`TRUST`] as well, because an operator's command is another process, and on `SQLite` its events are not
//! heard.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use gateway_api::ids::{GrantId, ServiceClientId, UserId};
use gateway_store::{
    Event, StoreError, Timestamp, Topic, Transaction, codes,
    grants::{self as rows, Grant},
    service_clients,
};
use moka::future::Cache;
use tokio::sync::RwLock;
use uuid::Uuid;

use super::{bearer::Caller, redirect};
use crate::{
    audit::{self, action},
    clock::Clock,
    plans::{self, Feature},
    state::AppState,
};

/// How long an entry is believed without asking the database.
const TRUST: Duration = Duration::from_secs(30);
/// How many grants are remembered.
const CAPACITY: u64 = 100_000;
/// How exactly `last_used_at` is kept.
const NOTE_EVERY: Duration = Duration::from_mins(1);

/// What is known of grants. None: it is known to be dead.
#[derive(Debug)]
pub struct LiveGrants {
    known: Cache<GrantId, Option<Arc<Entry>>>,
    /// Counts events, so that what was read before one is not remembered after it: what is remembered is so under this lock.
    epoch: RwLock<u64>,
}

#[derive(Debug)]
struct Entry {
    caller: Arc<Caller>,
    /// When its use was last noted, in microseconds.
    noted: AtomicI64,
}

impl Default for LiveGrants {
    fn default() -> Self {
        let known = Cache::builder().max_capacity(CAPACITY).time_to_live(TRUST).build();
        Self { known, epoch: RwLock::new(0) }
    }
}

impl LiveGrants {
    /// Who calls under a grant; none if it is revoked or expired, or the person has left the organization.
    pub async fn use_now(&self, state: &AppState, id: GrantId) -> Result<Option<Arc<Caller>>, StoreError> {
        let entry = self.entry(state, id).await?;
        Ok(entry.map(|entry| {
            note_use(state, &entry);
            Arc::clone(&entry.caller)
        }))
    }

    /// [`LiveGrants::use_now`] without using it: for what the gateway does by itself.
    pub async fn find(&self, state: &AppState, id: GrantId) -> Result<Option<Arc<Caller>>, StoreError> {
        Ok(self.entry(state, id).await?.map(|entry| Arc::clone(&entry.caller)))
    }

    async fn entry(&self, state: &AppState, id: GrantId) -> Result<Option<Arc<Entry>>, StoreError> {
        match self.known.get(&id).await {
            Some(entry) => Ok(entry),
            None => self.load(state, id).await,
        }
    }

    async fn load(&self, state: &AppState, id: GrantId) -> Result<Option<Arc<Entry>>, StoreError> {
        let epoch = *self.epoch.read().await;
        let entry = read(state, id).await?.map(Arc::new);
        self.remember(id, entry.clone(), epoch).await;
        Ok(entry)
    }

    /// Unless something changed since `epoch`: then it is good for the call that read it, which began before, but for no other.
    async fn remember(&self, id: GrantId, entry: Option<Arc<Entry>>, epoch: u64) {
        let now = self.epoch.read().await;
        if *now == epoch {
            self.known.insert(id, entry).await;
        }
    }

    /// What was read until now is not remembered from here on; what is remembered already, the caller forgets.
    async fn begin_epoch(&self) {
        *self.epoch.write().await += 1;
    }

    /// Forgets what may have changed.
    pub async fn apply(&self, event: Event) {
        match event {
            Event::Changed(Topic::Grant, id) => self.forget(GrantId::from_uuid(id)).await,
            Event::Changed(Topic::User, id) => {
                self.forget_where(|caller| caller.user_id.is_some_and(|user| user.uuid() == id)).await;
            }
            Event::Changed(Topic::Organization, id) => self.forget_of_organization(id).await,
            Event::Changed(Topic::Connections, _) => {}
            Event::Everything => {
                self.begin_epoch().await;
                self.known.invalidate_all();
            }
        }
    }

    /// Forgets one grant, right now.
    pub async fn forget(&self, id: GrantId) {
        self.begin_epoch().await;
        self.known.invalidate(&id).await;
    }

    async fn forget_of_organization(&self, id: Uuid) {
        self.forget_where(|caller| caller.organization_id.uuid() == id).await;
    }

    /// Also forgets the dead ones: whose they were is not known.
    async fn forget_where(&self, is_affected: impl Fn(&Caller) -> bool) {
        self.begin_epoch().await;
        let affected: Vec<GrantId> = self
            .known
            .iter()
            .filter(|(_, entry)| entry.as_ref().is_none_or(|entry| is_affected(&entry.caller)))
            .map(|(id, _)| *id)
            .collect();
        for id in affected {
            self.known.invalidate(&id).await;
        }
    }
}

/// A live grant, or else a service client that its organization's plan lets in.
async fn read(state: &AppState, id: GrantId) -> Result<Option<Entry>, StoreError> {
    let mut connection = state.database.read().await?;
    let now = state.clock.now();
    if let Some(live) = rows::find_live(&mut connection, id, now).await? {
        let last_used_at = live.grant.last_used_at;
        return Ok(Some(Entry::new(Caller::from(live), last_used_at)));
    }
    let live = service_clients::find_live(&mut connection, service_client(id), now).await?;
    Ok(live.filter(|(_, organization)| plans::includes(organization.plan, Feature::ServiceClients)).map(
        |live| {
            let last_used_at = live.0.last_used_at;
            Entry::new(Caller::from(live), last_used_at)
        },
    ))
}

/// The service client that a token may name as its grant.
const fn service_client(id: GrantId) -> ServiceClientId {
    ServiceClientId::from_uuid(id.uuid())
}

impl Entry {
    fn new(caller: Caller, last_used_at: Option<Timestamp>) -> Self {
        let noted = last_used_at.map_or(i64::MIN, Timestamp::micros);
        Self { caller: Arc::new(caller), noted: AtomicI64::new(noted) }
    }
}

/// Writes down that the grant is used: at most once a minute, and nobody waits for it.
fn note_use(state: &AppState, entry: &Entry) {
    let now = state.clock.now();
    let noted = entry.noted.load(Ordering::Relaxed);
    let noted_before = now.minus(NOTE_EVERY);
    if noted > noted_before.micros()
        || entry.noted.compare_exchange(noted, now.micros(), Ordering::Relaxed, Ordering::Relaxed).is_err()
    {
        return;
    }
    let (state, caller) = (state.clone(), Arc::clone(&entry.caller));
    tokio::spawn(async move {
        if let Err(error) = write_use(&state, &caller, now, noted_before).await {
            tracing::warn!(%error, "the last use of a grant could not be noted");
        }
    });
}

async fn write_use(
    state: &AppState,
    caller: &Caller,
    now: Timestamp,
    noted_before: Timestamp,
) -> Result<(), StoreError> {
    let id = caller.grant_id;
    let mut transaction = state.database.write().await?;
    match caller.user_id {
        Some(_) => rows::touch(&mut transaction, id, now, noted_before).await?,
        None => service_clients::touch(&mut transaction, service_client(id), now, noted_before).await?,
    }
    transaction.commit().await
}

/// Adds to the unit of work that revoked a grant: the event for every cache, and the audit row. `by` says who and why.
/// After the commit, [`LiveGrants::forget`] makes it true for the very next call on this replica.
pub async fn record_revocation(
    clock: &Clock,
    transaction: &mut Transaction,
    grant: &Grant,
    by: audit::Event,
) -> Result<(), StoreError> {
    let event = audit::Event {
        organization: Some(grant.organization_id),
        client: Some((grant.client_id.clone(), grant.client_name.clone())),
        action: action::GRANT_REVOKE,
        target: Some(redirect::host(&grant.redirect_uri)),
        ..by
    };
    event.write(clock, transaction).await?;
    transaction.publish(Event::Changed(Topic::Grant, grant.id.uuid()));
    Ok(())
}

/// Revokes everything a person allowed, and what they allowed a moment ago that no client has fetched yet. `by` says who
/// and why.
pub async fn revoke_all_of(
    clock: &Clock,
    transaction: &mut Transaction,
    user: UserId,
    by: &audit::Event,
) -> Result<usize, StoreError> {
    codes::delete_unredeemed(transaction, user, None).await?;
    let revoked = rows::revoke_all_of_user(transaction, user, None, clock.now()).await?;
    for grant in &revoked {
        record_revocation(clock, transaction, grant, by.clone()).await?;
    }
    Ok(revoked.len())
}

/// Revokes a grant because of what its client did: gave a token back, or showed one that was used before.
pub async fn revoke_for_client(
    state: &AppState,
    transaction: &mut Transaction,
    id: GrantId,
    reason: &'static str,
) -> Result<(), StoreError> {
    if let Some(grant) = rows::revoke(transaction, id, state.clock.now()).await? {
        let by = audit::Event {
            user: Some(grant.user_id),
            actor: grant.client_name.clone(),
            reason: Some(reason.to_owned()),
            ..audit::Event::default()
        };
        record_revocation(&state.clock, transaction, &grant, by).await?;
        tracing::info!(grant = %id, reason, "grant revoked");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What one call has read, another must not see once it was forgotten: not for a moment.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_was_read_before_an_event_is_seen_by_nobody() {
        let grants = Arc::new(LiveGrants::default());
        let id = GrantId::from_uuid(Uuid::from_u128(1));
        let stale = *grants.epoch.read().await;
        grants.remember(id, None, stale).await;
        assert!(grants.known.get(&id).await.is_some());
        grants.forget(id).await;
        let remembering = tokio::spawn({
            let grants = Arc::clone(&grants);
            async move {
                for _ in 0..50_000 {
                    grants.remember(id, None, stale).await;
                }
            }
        });
        while !remembering.is_finished() {
            assert!(grants.known.get(&id).await.is_none());
            tokio::task::yield_now().await;
        }
        remembering.await.unwrap();
    }
}

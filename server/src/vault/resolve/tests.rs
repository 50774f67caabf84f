//! The rule, and the memory, on a real database.

use gateway_api::ids::Id;
use gateway_store::{
    Purpose, Timestamp,
    connections::{self, NewConnection},
};

use super::*;
use crate::{clock::Clock, vault::MasterKeys};

struct World {
    _folder: tempfile::TempDir,
    database: Arc<Database>,
    vault: Vault,
    resolver: Resolver,
    clock: Clock,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("db").display());
    let database = Arc::new(Database::open(&url, Purpose::Serve).await.unwrap());
    let clock = Clock::fixed(Timestamp::from_micros(1_000_000));
    let keys = MasterKeys::read_or_make(&folder.path().join("master.key")).unwrap();
    let vault = Vault::open(keys, Arc::clone(&database), &clock).await.unwrap();
    let resolver = Resolver::new(Arc::clone(&database));
    World { _folder: folder, database, vault, resolver, clock }
}

impl World {
    async fn connect(&self, user: UserId, vendor: &str, secret: &str) -> Owner {
        let owner = Owner::personal(user);
        // The salt of the key is written as well, so this comes before the unit of work.
        let key = self.vault.key(owner).await.unwrap();
        let mut transaction = self.database.write().await.unwrap();
        let existing = connections::find(&mut transaction, owner, vendor).await.unwrap();
        let id = existing.map_or_else(|| self.clock.new_id(), |row| row.id);
        let credentials: Credentials = [("api_key".to_owned(), secret.to_owned())].into_iter().collect();
        let new = NewConnection {
            id,
            vendor: vendor.to_owned(),
            key_id: key.key_id().to_owned(),
            sealed: key.seal(Place { owner, vendor, id }, &credentials.to_bytes()).unwrap(),
            account: None,
            created_by: user,
            now: self.clock.now(),
        };
        connections::put(&mut transaction, owner, &new).await.unwrap();
        transaction.commit().await.unwrap();
        owner
    }

    /// A person in an organization that shares nothing.
    fn alone(&self, user: UserId) -> Standing {
        Standing { user: Some(user), organization: self.clock.new_id(), plan: Plan::Pro }
    }

    async fn secret(&self, user: UserId, vendor: &str) -> Option<String> {
        let resolution = self.resolver.resolve(&self.vault, self.alone(user), vendor).await.unwrap();
        let Resolution::Use(resolved) = resolution else { return None };
        assert_eq!(resolved.scope, Scope::Personal);
        assert_eq!(resolved.reason, Reason::Personal);
        resolved.credentials.get("api_key").map(str::to_owned)
    }
}

#[tokio::test]
async fn a_person_gets_their_own_credential_and_nobody_elses() {
    let world = world().await;
    let (ann, bob) = (world.clock.new_id(), world.clock.new_id());
    world.connect(ann, "itglue", "ann's").await;
    assert_eq!(world.secret(ann, "itglue").await.as_deref(), Some("ann's"));
    assert_eq!(world.secret(ann, "autotask").await, None);
    assert_eq!(world.secret(bob, "itglue").await, None);
    let of_bob = world.resolver.vendors_of(world.alone(bob)).await.unwrap();
    assert_eq!(of_bob.len(), 0);
}

#[tokio::test]
async fn what_changed_is_read_again_when_an_event_says_so() {
    let world = world().await;
    let ann = world.clock.new_id();
    let owner = world.connect(ann, "itglue", "old").await;
    assert_eq!(world.secret(ann, "itglue").await.as_deref(), Some("old"));
    world.connect(ann, "itglue", "new").await;
    assert_eq!(world.secret(ann, "itglue").await.as_deref(), Some("old"), "still remembered");
    world.resolver.apply(Event::Changed(Topic::Connections, Uuid::from_u128(1))).await;
    assert_eq!(world.secret(ann, "itglue").await.as_deref(), Some("old"), "somebody else's event");
    world.resolver.apply(Event::Changed(Topic::Connections, owner.id)).await;
    assert_eq!(world.secret(ann, "itglue").await.as_deref(), Some("new"));
    let mut transaction = world.database.write().await.unwrap();
    connections::delete(&mut transaction, owner, "itglue").await.unwrap();
    transaction.commit().await.unwrap();
    world.resolver.apply(Event::Everything).await;
    assert_eq!(world.secret(ann, "itglue").await, None);
}

#[tokio::test]
async fn connections_are_sorted_by_vendor() {
    let world = world().await;
    let ann = world.clock.new_id();
    for vendor in ["itglue", "autotask", "demo"] {
        world.connect(ann, vendor, "x").await;
    }
    let choices = world.resolver.vendors_of(world.alone(ann)).await.unwrap();
    let vendors: Vec<_> = choices.iter().map(|(vendor, _)| vendor.as_str()).collect();
    assert_eq!(vendors, ["autotask", "demo", "itglue"]);
}

#[tokio::test]
async fn a_row_that_was_moved_does_not_open() {
    let world = world().await;
    let (ann, bob) = (world.clock.new_id(), world.clock.new_id());
    let of_ann = world.connect(ann, "itglue", "ann's").await;
    let mut transaction = world.database.write().await.unwrap();
    let row = connections::find(&mut transaction, of_ann, "itglue").await.unwrap().unwrap();
    let moved = NewConnection {
        id: world.clock.new_id(),
        vendor: row.vendor,
        key_id: row.key_id,
        sealed: row.sealed,
        account: None,
        created_by: bob,
        now: world.clock.now(),
    };
    connections::put(&mut transaction, Owner::personal(bob), &moved).await.unwrap();
    transaction.commit().await.unwrap();
    let result = world.resolver.resolve(&world.vault, world.alone(bob), "itglue").await;
    assert!(matches!(result, Err(ResolveError::Vault(VaultError::DoesNotOpen))));
}

fn held(scope: Scope, owner: u128) -> Arc<HeldConnection> {
    let now = Timestamp::from_micros(0);
    let row = ConnectionRow {
        id: Id::from_uuid(Uuid::from_u128(owner)),
        scope,
        owner_id: Uuid::from_u128(owner),
        vendor: "itglue".into(),
        version: 1,
        key_id: "k1".into(),
        sealed: Vec::new(),
        account: None,
        problem: None,
        created_at: now,
        updated_at: now,
        checked_at: now,
    };
    let owner = Owner { scope, id: Uuid::from_u128(owner) };
    Arc::new(HeldConnection { owner, row, opened: OnceCell::new() })
}

/// Every combination of personal / zero, one, two sub-teams / organization, on both plans.
#[test]
fn the_order_is_personal_then_the_only_team_then_the_organization() {
    let candidates = |personal: bool, teams: u128, shared: bool| -> Vec<_> {
        let mut candidates: Vec<_> = (0..teams).map(|team| held(Scope::Team, 2 + team)).collect();
        candidates.extend(shared.then(|| held(Scope::Organization, 9)));
        candidates.extend(personal.then(|| held(Scope::Personal, 1)));
        candidates
    };
    let chosen = |personal, teams, shared, plan| {
        choose(&candidates(personal, teams, shared), plan).map(|verdict| {
            let (used, reason) = verdict.parts();
            (used.map(|used| used.owner.id.as_u128()), reason)
        })
    };
    for plan in [Plan::Free, Plan::Pro] {
        for (teams, shared) in [(0, false), (1, false), (2, false), (0, true), (1, true), (2, true)] {
            assert_eq!(chosen(true, teams, shared, plan), Some((Some(1), Reason::Personal)));
        }
        assert_eq!(chosen(false, 0, false, plan), None);
    }
    assert_eq!(chosen(false, 1, false, Plan::Pro), Some((Some(2), Reason::OnlyTeam)));
    assert_eq!(chosen(false, 1, true, Plan::Pro), Some((Some(2), Reason::OnlyTeam)));
    assert_eq!(chosen(false, 2, true, Plan::Pro), Some((Some(9), Reason::SeveralTeams)));
    assert_eq!(chosen(false, 2, false, Plan::Pro), Some((None, Reason::OnlySeveralTeams)));
    assert_eq!(chosen(false, 0, true, Plan::Pro), Some((Some(9), Reason::Organization)));
    for (teams, shared) in [(1, false), (2, false), (0, true), (1, true), (2, true)] {
        assert_eq!(chosen(false, teams, shared, Plan::Free), Some((None, Reason::PlanRequired)));
    }
}

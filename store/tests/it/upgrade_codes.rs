//! Upgrade codes are used as often as they may be, also by people who use them at the same instant.

use std::time::Duration;

use gateway_api::ids::{OrganizationId, UpgradeCodeId};
use gateway_store::{
    Database, Purpose, Timestamp,
    upgrade_codes::{self as codes, CodeRefusal, NewUpgradeCode},
};
use uuid::Uuid;

use crate::database::fresh_url;

const NOW: Timestamp = Timestamp::from_micros(1_795_435_200_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn organization(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(number))
}

fn id(number: u128) -> UpgradeCodeId {
    UpgradeCodeId::from_uuid(Uuid::from_u128(number))
}

async fn insert(database: &Database, number: u128, max_uses: i32, expires_at: Option<Timestamp>) {
    let mut transaction = database.write().await.unwrap();
    let code_hash = format!("hash {number}");
    let new = NewUpgradeCode { id: id(number), code_hash, max_uses, created_at: NOW, expires_at };
    codes::insert(&mut transaction, &new).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn redeem(
    database: &Database,
    hash: &str,
    by: u128,
    now: Timestamp,
) -> Result<UpgradeCodeId, CodeRefusal> {
    let mut transaction = database.write().await.unwrap();
    let result = codes::redeem(&mut transaction, hash, organization(by), now).await.unwrap();
    transaction.commit().await.unwrap();
    result
}

#[tokio::test]
async fn every_refusal_has_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&fresh_url(folder.path()).await, Purpose::Command).await.unwrap();
    insert(&database, 1, 2, Some(NOW.plus(HOUR))).await;
    insert(&database, 2, 1, None).await;
    assert_eq!(redeem(&database, "hash 9", 1, NOW).await, Err(CodeRefusal::Unknown));
    assert_eq!(redeem(&database, "hash 1", 1, NOW).await, Ok(id(1)));
    assert_eq!(redeem(&database, "hash 1", 2, NOW.plus(HOUR)).await, Err(CodeRefusal::Expired));
    assert_eq!(redeem(&database, "hash 1", 2, NOW).await, Ok(id(1)), "the expiry did not count as a use");
    assert_eq!(redeem(&database, "hash 1", 3, NOW).await, Err(CodeRefusal::UsedUp));

    let mut transaction = database.write().await.unwrap();
    let revoked = codes::revoke(&mut transaction, id(2), NOW).await.unwrap().unwrap();
    let again = codes::revoke(&mut transaction, id(2), NOW.plus(HOUR)).await.unwrap().unwrap();
    assert_eq!((revoked.revoked_at, again.revoked_at), (Some(NOW), Some(NOW)));
    assert_eq!(codes::revoke(&mut transaction, id(9), NOW).await.unwrap(), None);
    transaction.commit().await.unwrap();
    assert_eq!(redeem(&database, "hash 2", 1, NOW).await, Err(CodeRefusal::Revoked));

    let mut connection = database.read().await.unwrap();
    let listed = codes::list(&mut connection).await.unwrap();
    let uses: Vec<_> = listed.iter().map(|code| (code.id, code.used)).collect();
    assert_eq!(uses, [(id(2), 0), (id(1), 2)], "the newest first");
    let uses = codes::list_uses(&mut connection).await.unwrap();
    let by: Vec<_> = uses.iter().map(|one| (one.code_id, one.organization_id)).collect();
    assert_eq!(by, [(id(1), organization(1)), (id(1), organization(2))]);
    assert!(uses.iter().all(|one| one.organization_name.is_none()), "there are no such organizations");
}

#[tokio::test]
async fn what_is_rolled_back_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&fresh_url(folder.path()).await, Purpose::Command).await.unwrap();
    insert(&database, 1, 1, None).await;
    let mut given_up = database.write().await.unwrap();
    codes::redeem(&mut given_up, "hash 1", organization(1), NOW).await.unwrap().unwrap();
    drop(given_up);
    assert_eq!(redeem(&database, "hash 1", 2, NOW).await, Ok(id(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_the_same_instant_exactly_as_many_win_as_may() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&fresh_url(folder.path()).await, Purpose::Command).await.unwrap();
    insert(&database, 1, 3, None).await;
    let database = std::sync::Arc::new(database);
    let tasks = (0..12).map(|by| {
        let database = std::sync::Arc::clone(&database);
        tokio::spawn(async move { redeem(&database, "hash 1", by, NOW).await })
    });
    let results: Vec<_> =
        futures::future::join_all(tasks).await.into_iter().map(|result| result.unwrap()).collect();
    assert_eq!(results.iter().filter(|result| **result == Ok(id(1))).count(), 3, "{results:?}");
    assert_eq!(
        results.iter().filter(|result| **result == Err(CodeRefusal::UsedUp)).count(),
        9,
        "{results:?}"
    );
    let mut connection = database.read().await.unwrap();
    let code = codes::find_by_hash(&mut connection, "hash 1").await.unwrap().unwrap();
    assert_eq!(code.used, 3);
    assert_eq!(codes::list_uses(&mut connection).await.unwrap().len(), 3);
}

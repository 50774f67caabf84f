//! Opening databases: of a newer version, twice, by several replicas at once.

use gateway_store::{Database, Event, Purpose, StoreError, Topic};
use uuid::Uuid;

use crate::database::{execute, fresh_url, is_postgres, sqlite_url};

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh_url(folder.path()).await;
    drop(Database::open(&url, Purpose::Command).await.unwrap());
    execute(&url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000001')").await;
    let error = Database::open(&url, Purpose::Serve).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer(_)), "{error}");
    assert!(error.to_string().contains("99991231000001"), "{error}");
}

#[tokio::test]
async fn replicas_that_start_together_migrate_one_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh_url(folder.path()).await;
    let opened = futures::future::join_all((0..4).map(|_| Database::open(&url, Purpose::Command))).await;
    for database in opened {
        database.unwrap().ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_sqlite_file_serves_one_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let url = sqlite_url(folder.path());
    let first = Database::open(&url, Purpose::Serve).await.unwrap();
    let error = Database::open(&url, Purpose::Serve).await.unwrap_err();
    assert!(matches!(error, StoreError::InUse(_)) && error.to_string().contains("PostgreSQL"), "{error}");
    Database::open(&url, Purpose::Command).await.expect("the operator's commands work beside it");
    drop(first);
    Database::open(&url, Purpose::Serve).await.expect("the lock ends with its holder");
}

#[tokio::test]
async fn events_are_heard_after_the_commit_and_not_after_a_rollback() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh_url(folder.path()).await;
    let database = Database::open(&url, Purpose::Command).await.unwrap();
    let replica =
        if is_postgres() { Some(Database::open(&url, Purpose::Command).await.unwrap()) } else { None };
    let mut events = replica.as_ref().unwrap_or(&database).subscribe();
    if is_postgres() {
        assert_eq!(events.recv().await.unwrap(), Event::Everything, "said once LISTEN has begun");
    }
    let one = Event::Changed(Topic::Grant, Uuid::from_u128(1));
    let other = Event::Changed(Topic::Grant, Uuid::from_u128(2));

    let mut rolled_back = database.write().await.unwrap();
    rolled_back.publish(one);
    drop(rolled_back);
    let mut committed = database.write().await.unwrap();
    committed.publish(other);
    committed.commit().await.unwrap();
    assert_eq!(events.recv().await.unwrap(), other);
}

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
//! Opening databases: of a newer version, twice, by several replicas at once.
//!
//! On the engine named by `GATEWAY_TEST_ENGINE`, as `server/tests/it` does.

use std::path::Path;

use diesel::{Connection as _, connection::SimpleConnection as _};
use gateway_store::{Database, Event, Purpose, StoreError, Topic};
use uuid::Uuid;

fn is_postgres() -> bool {
    std::env::var("GATEWAY_TEST_ENGINE").is_ok_and(|engine| engine == "postgres")
}

fn sqlite_url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("gateway.sqlite").display())
}

async fn fresh_url(folder: &Path) -> String {
    if !is_postgres() {
        return sqlite_url(folder);
    }
    let server =
        std::env::var("GATEWAY_TEST_POSTGRES_URL").expect("GATEWAY_TEST_POSTGRES_URL names the server");
    let name = format!("store_{}", Uuid::from_u128(rand_u128()).simple());
    execute_on_postgres(&server, &format!("CREATE DATABASE {name}")).await;
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// Different for every test of every run: the address of a box and the process id are enough.
fn rand_u128() -> u128 {
    let place = Box::new(0_u8);
    (u128::from(std::process::id()) << 64) | std::ptr::from_ref(&*place) as u128
}

async fn execute_on_postgres(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
}

async fn execute(url: &str, sql: &str) {
    if is_postgres() {
        return execute_on_postgres(url, sql).await;
    }
    let path = url.strip_prefix("sqlite:").unwrap();
    diesel::SqliteConnection::establish(path).unwrap().batch_execute(sql).unwrap();
}

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

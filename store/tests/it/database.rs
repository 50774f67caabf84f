//! A fresh database for a test.

use std::path::Path;

use diesel::{Connection as _, connection::SimpleConnection as _};
use uuid::Uuid;

pub(crate) fn is_postgres() -> bool {
    std::env::var("GATEWAY_TEST_ENGINE").is_ok_and(|engine| engine == "postgres")
}

pub(crate) fn sqlite_url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("gateway.sqlite").display())
}

pub(crate) async fn fresh_url(folder: &Path) -> String {
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

pub(crate) async fn execute(url: &str, sql: &str) {
    if is_postgres() {
        return execute_on_postgres(url, sql).await;
    }
    let path = url.strip_prefix("sqlite:").unwrap();
    diesel::SqliteConnection::establish(path).unwrap().batch_execute(sql).unwrap();
}

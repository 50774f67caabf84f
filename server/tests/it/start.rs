//! Starts that go wrong: each is refused with a sentence that says what to do, and changes nothing.

use std::{path::Path, sync::Arc};

use clap::Parser;
use gateway_server::{
    clock::Clock,
    config::ServeOptions,
    serve::Gateway as Running,
    vault::{MasterKeys, Vault},
};
use gateway_store::{Database, Purpose};
use reqwest::StatusCode;
use serde_json::json;

use crate::gateway::{Gateway, database_url};

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    serve: ServeOptions,
}

async fn failure(options: &[&str]) -> String {
    let options = Options::try_parse_from(["test"].iter().chain(options)).unwrap().serve;
    match Running::start(&options, Clock::system()).await {
        Ok(_) => panic!("it started"),
        Err(error) => format!("{error:#}"),
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn a_port_in_use() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let error = failure(&["--listen", &address, "--data-dir", text(&data)]).await;
    assert!(error.contains(&format!("cannot listen on {address}")) && error.contains("in use"), "{error}");
    assert!(!data.exists(), "nothing was made");
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = failure(&["--listen", "127.0.0.1:0", "--data-dir", text(&file.join("data"))]).await;
    assert!(error.contains("the data folder") && error.contains("cannot be made"), "{error}");
}

#[tokio::test]
async fn a_database_url_of_no_engine() {
    let folder = tempfile::tempdir().unwrap();
    let data = text(folder.path());
    let url = "mysql://user:hunter2@host/name";
    let error = failure(&["--listen", "127.0.0.1:0", "--data-dir", data, "--database-url", url]).await;
    assert!(error.contains("sqlite:") && error.contains("postgres://"), "{error}");
    assert!(!error.contains("hunter2"), "the URL may hold a password: {error}");
}

#[tokio::test]
async fn a_database_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = text(folder.path());
    let url = "postgres://nobody:hunter2@127.0.0.1:1/none";
    let error = failure(&["--listen", "127.0.0.1:0", "--data-dir", data, "--database-url", url]).await;
    assert!(error.contains("the database cannot be reached"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[tokio::test]
async fn the_wrong_master_key() {
    let folder = tempfile::tempdir().unwrap();
    let url = database_url(&folder).await;
    let data = text(folder.path()).to_owned();
    let database = Arc::new(Database::open(&url, Purpose::Command).await.unwrap());
    let keys = MasterKeys::read_or_make(&folder.path().join("master.key")).unwrap();
    Vault::open(keys, database, &Clock::system()).await.unwrap();
    let key = folder.path().join("other.key");
    let encoded = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let common =
        ["--listen", "127.0.0.1:0", "--data-dir", &data, "--database-url", &url, "--master-key-file"];
    let start = |id: &str| {
        std::fs::write(&key, format!("{id} {encoded}\n")).unwrap();
        let options: Vec<String> =
            common.iter().map(ToString::to_string).chain([text(&key).to_owned()]).collect();
        async move { failure(&options.iter().map(String::as_str).collect::<Vec<_>>()).await }
    };
    let error = start("k1").await;
    assert!(error.contains("is not the one that sealed") && error.contains("restore the right"), "{error}");
    let error = start("k9").await;
    assert!(error.contains("sealed with the master key k1") && error.contains("only k9"), "{error}");
    assert!(!error.contains(encoded));
}

#[tokio::test]
async fn sqlite_only_a_locked_database_is_a_503() {
    let gateway = Gateway::start().await;
    gateway.create_account("ada@msp.example").await;
    let url = format!("sqlite:{}", gateway.folder.path().join("gateway.sqlite").display());
    let other = Database::open(&url, Purpose::Command).await.unwrap();
    let writing = other.write().await.unwrap();
    let form = json!({"email": "ada@msp.example", "password": "x"});
    let (status, code, body) =
        crate::gateway::problem(gateway.browser().post("/api/session", &form).await).await;
    assert_eq!((status, code.as_str()), (503, "unavailable"));
    assert!(body["request_id"].is_string(), "the operator can find it: {body}");
    assert!(!body.to_string().contains("locked"), "no detail: {body}");
    drop(writing);
}

/// `SQLite` keeps an open file until it is closed, so only a server can go away.
#[tokio::test]
async fn postgres_only_a_database_that_goes_away_is_a_503_until_it_is_back() {
    let gateway = Gateway::start().await;
    let browser = gateway.member("ada@msp.example").await;
    let server = std::env::var("GATEWAY_TEST_POSTGRES_URL").unwrap();
    let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let name = &gateway.database_name;
    client.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    client.execute(end, &[name]).await.unwrap();
    assert_eq!(crate::gateway::problem(browser.get("/api/me").await).await.1, "unavailable");
    assert_eq!(browser.get("/ready").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(browser.get("/health").await.status(), StatusCode::OK);
    client.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await.unwrap();
    assert_eq!(browser.get("/api/me").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_nothing_half_done() {
    let gateway = Gateway::start().await;
    let database = &gateway.state.database;
    let mut transaction = database.write().await.unwrap();
    gateway_store::throttles::count(
        &mut transaction,
        "half",
        std::time::Duration::from_mins(1),
        gateway.clock.now(),
    )
    .await
    .unwrap();
    drop(transaction);
    // The next unit of work comes after the rollback, and starts from nothing.
    let mut transaction = database.write().await.unwrap();
    let counted = gateway_store::throttles::count(
        &mut transaction,
        "half",
        std::time::Duration::from_mins(1),
        gateway.clock.now(),
    );
    assert_eq!(counted.await.unwrap().attempts, 1);
}

#[tokio::test]
async fn health_and_readiness() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.browser().get("/health").await.status(), StatusCode::OK);
    assert_eq!(gateway.browser().get("/ready").await.status(), StatusCode::OK);
}

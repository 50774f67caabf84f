//! A gateway under test.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::Parser;
use gateway_api::{me::Me, plans::Plan};
use gateway_server::{clock::Clock, config::ServeOptions, serve, serve::Gateway as Running, state::AppState};
use gateway_store::{Timestamp, audit::AuditRow};
use reqwest::{Method, Response, StatusCode, cookie::Jar, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;

/// 2026-11-23 12:00 UTC.
const START: Timestamp = Timestamp::from_micros(1_795_435_200_000_000);
/// A password that is long enough.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    serve: ServeOptions,
}

/// A running gateway with a database of its own. It ends with the test.
pub(crate) struct Gateway {
    pub(crate) url: String,
    pub(crate) state: AppState,
    pub(crate) clock: Clock,
    /// What it printed at its start.
    pub(crate) announcement: String,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    pub(crate) folder: TempDir,
    master_key_file: PathBuf,
    pub(crate) database_url: String,
    /// Its name on the server, with `PostgreSQL`.
    pub(crate) database_name: String,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Gateway {
    /// With the demo vendor, and loopback allowed for vendors.
    pub(crate) async fn start() -> Self {
        Self::start_with(&["--demo", "--vendor-networks", "127.0.0.0/8"]).await
    }

    /// With these options.
    pub(crate) async fn start_with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = database_url(&folder).await;
        Self::start_on(folder, &database, options).await
    }

    /// With the system's clock, for what happens in several processes.
    pub(crate) async fn start_now() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = database_url(&folder).await;
        Self::start_at(Clock::system(), folder, &database, &["--demo", "--vendor-networks", "127.0.0.0/8"])
            .await
    }

    /// Two replicas on one database, under the public URL of the first. `SQLite` serves one process.
    pub(crate) async fn start_two() -> (Self, Self) {
        let folder = tempfile::tempdir().unwrap();
        let database = database_url(&folder).await;
        let key = folder.path().join("shared.key").to_str().unwrap().to_owned();
        let options = ["--demo", "--vendor-networks", "127.0.0.0/8", "--master-key-file", &key];
        let one = Self::start_on(folder, &database, &options).await;
        let options = [&options[..], &["--public-url", &one.url]].concat();
        let other = Self::start_on(tempfile::tempdir().unwrap(), &database, &options).await;
        (one, other)
    }

    /// On this database.
    pub(crate) async fn start_on(folder: TempDir, database: &str, options: &[&str]) -> Self {
        Self::start_at(Clock::fixed(START), folder, database, options).await
    }

    async fn start_at(clock: Clock, folder: TempDir, database: &str, options: &[&str]) -> Self {
        let data = folder.path().to_str().unwrap().to_owned();
        let fixed = ["test", "--listen", "127.0.0.1:0", "--data-dir", &data, "--database-url", database];
        let options = Options::try_parse_from(fixed.iter().chain(options)).unwrap().serve;
        let gateway = Running::start(&options, clock.clone()).await.unwrap();
        let announcement = serve::announce(&gateway).await.unwrap();
        let url = format!("http://{}", gateway.address);
        let master_key_file = options.master_key_file.unwrap_or_else(|| folder.path().join("master.key"));
        let state = gateway.state.clone();
        let server = tokio::spawn(gateway.run(std::future::pending()));
        let database_name = database.rsplit('/').next().unwrap_or_default().to_owned();
        Self {
            url,
            state,
            clock,
            announcement,
            server,
            folder,
            master_key_file,
            database_url: database.to_owned(),
            database_name,
        }
    }

    /// The file with its master key.
    pub(crate) fn master_key_file(&self) -> PathBuf {
        self.master_key_file.clone()
    }

    /// The browser of the same person at this replica.
    pub(crate) fn same_browser(&self, browser: &Browser) -> Browser {
        Browser { http: browser.http.clone(), url: self.url.clone() }
    }

    /// A browser without a session.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// A browser of somebody who is signed in; the account is made by the operator.
    pub(crate) async fn member(&self, email: &str) -> Browser {
        self.create_account(email).await;
        let browser = self.browser();
        let answer = browser.post("/api/session", &json!({"email": email, "password": PASSWORD})).await;
        assert_eq!(answer.status(), StatusCode::OK);
        browser
    }

    /// A browser of somebody new who is signed in, named like the address. As [`Gateway::member`], but without a password,
    /// and without the time that hashing one takes.
    pub(crate) async fn person(&self, email: &str) -> Browser {
        use gateway_server::auth::{people, session};
        let name = email.split('@').next().unwrap();
        let plan = self.state.config.default_plan;
        let mut transaction = self.state.database.write().await.unwrap();
        let (user, _) = people::create(&mut transaction, &self.clock, plan, (name, email)).await.unwrap();
        let cookie = session::open(&self.state, &mut transaction, user.id).await.unwrap();
        transaction.commit().await.unwrap();
        Browser::with_cookie(&self.url, &cookie.to_string())
    }

    /// As `mcp-gateway user create` does it.
    pub(crate) async fn create_account(&self, email: &str) {
        use gateway_server::auth::people;
        let hash = self.state.passwords.hash(PASSWORD.into()).await.unwrap();
        let mut transaction = self.state.database.write().await.unwrap();
        let (user, _) =
            people::create(&mut transaction, &self.clock, Plan::Free, ("Ada Lovelace", email)).await.unwrap();
        gateway_store::users::insert_local_account(&mut transaction, &user, &hash).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// The newest audit rows of the organization the browser's person works in, the newest first.
    pub(crate) async fn audit(&self, browser: &Browser) -> Vec<AuditRow> {
        let me: Me = browser.get_json("/api/me").await;
        let mut connection = self.state.database.read().await.unwrap();
        gateway_store::audit::list(&mut connection, me.organization_id, 100).await.unwrap()
    }
}

/// A client with a cookie jar, like a browser's.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) http: reqwest::Client,
    pub(crate) url: String,
}

impl Browser {
    pub(crate) fn new(url: &str) -> Self {
        Self::with_jar(url, Jar::default())
    }

    /// That was given this cookie before.
    pub(crate) fn with_cookie(url: &str, cookie: &str) -> Self {
        let jar = Jar::default();
        jar.add_cookie_str(cookie, &url.parse().unwrap());
        Self::with_jar(url, jar)
    }

    fn with_jar(url: &str, jar: Jar) -> Self {
        // A gateway in this process has done it already; one in a process of its own has not.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .cookie_provider(Arc::new(jar))
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        Self { http, url: url.to_owned() }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    pub(crate) async fn get_json<T: DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let mut request =
            self.http.request(method, format!("{}{path}", self.url)).header(header::ORIGIN, &self.url);
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Response {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Response {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Response {
        self.send(Method::DELETE, path, None).await
    }
}

/// Status and code of a problem; fails if the answer is not one.
pub(crate) async fn problem(answer: Response) -> (u16, String, Value) {
    let status = answer.status().as_u16();
    let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    assert_eq!(kind, "application/problem+json");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["status"], status);
    (status, body["code"].as_str().unwrap().to_owned(), body)
}

/// A fresh database on the engine that is tested.
pub(crate) async fn database_url(folder: &TempDir) -> String {
    match std::env::var("GATEWAY_TEST_ENGINE").as_deref() {
        Ok("postgres") => create_postgres_database().await,
        Ok("sqlite") | Err(_) => format!("sqlite:{}", folder.path().join("gateway.sqlite").display()),
        Ok(other) => panic!("GATEWAY_TEST_ENGINE is {other:?}; it can be sqlite or postgres"),
    }
}

async fn create_postgres_database() -> String {
    let server =
        std::env::var("GATEWAY_TEST_POSTGRES_URL").expect("GATEWAY_TEST_POSTGRES_URL names the server");
    let name = format!("test_{}", Clock::system().new_uuid().simple());
    let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut url: url::Url = server.parse().unwrap();
    url.set_path(&name);
    url.into()
}

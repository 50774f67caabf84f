//! `SQLite` or `PostgreSQL`: the file that knows which. Besides it only `migrations`, `events` and `error` have something of
//! one engine; every query is written once, in [`on!`].
//!
//! Two ways in: [`Database::read`] gives a [`Connection`], [`Database::write`] a [`Transaction`] that ends with
//! [`Transaction::commit`] or, when it is dropped, with a rollback, so that a client which hangs up leaves nothing half
//! done.

use std::{
    fs::{File, OpenOptions, TryLockError},
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
};

use diesel::{ConnectionError, SqliteConnection};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
    sync_connection_wrapper::SyncConnectionWrapper,
};
use futures::FutureExt as _;
use tokio::sync::broadcast;

use crate::{
    error::StoreError,
    events::{self, Event},
    migrations,
};

/// `SQLite` behind a blocking thread.
pub(crate) type Lite = SyncConnectionWrapper<SqliteConnection>;

/// How many connections read from `SQLite` at the same time; one more writes.
const SQLITE_READERS: usize = 4;
/// How many connections one replica opens to `PostgreSQL`.
const POSTGRES_CONNECTIONS: usize = 16;
/// How many events a slow listener may be behind before it is told [`Event::Everything`].
const EVENTS: usize = 1024;
/// Waiting for a lock of another process ends after 5 s with [`StoreError::Busy`]. FULL: a committed row is on disk.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                               PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;";

/// Writes a query once for both engines: `on!(connection, |c| query.execute(c).await)?`.
macro_rules! on {
    ($connection:expr, |$c:ident| $query:expr) => {
        match $connection {
            $crate::engine::Connection::Sqlite($c) => {
                let $c = &mut ***$c;
                $query
            }
            $crate::engine::Connection::Postgres($c) => {
                let $c = &mut ***$c;
                $query
            }
        }
        .map_err($crate::error::StoreError::from)
    };
}
pub(crate) use on;

/// The database: pools of connections, and the channel of [`Event`]s.
#[derive(Debug)]
pub struct Database {
    pools: Pools,
    events: broadcast::Sender<Event>,
    listener: Option<tokio::task::AbortHandle>,
}

enum Pools {
    Sqlite {
        readers: Pool<Lite>,
        writer: Pool<Lite>,
        /// Held as long as the gateway serves: `SQLite` serves one.
        _lock: Option<File>,
    },
    Postgres(Pool<AsyncPgConnection>),
}

impl std::fmt::Debug for Pools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite { .. } => "Sqlite",
            Self::Postgres(_) => "Postgres",
        })
    }
}

/// What the database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To serve: on `SQLite` by one process at a time.
    Serve,
    /// For one command of the operator, also beside a gateway that serves.
    Command,
}

/// A connection out of a pool, to read with; goes back when it is dropped.
#[expect(missing_debug_implementations, reason = "it stands for a socket; there is nothing to print")]
pub enum Connection {
    /// `SQLite`.
    Sqlite(Box<Object<Lite>>),
    /// `PostgreSQL`.
    Postgres(Box<Object<AsyncPgConnection>>),
}

impl Database {
    /// Opens `sqlite:PATH` or `postgres://...`, and brings it up to date.
    ///
    /// Only one replica at a time runs migrations; the others wait.
    ///
    /// # Errors
    /// [`StoreError::Url`] for any other URL; [`StoreError::Unavailable`], [`StoreError::InUse`], [`StoreError::Newer`],
    /// [`StoreError::Migration`].
    pub async fn open(url: &str, purpose: Purpose) -> Result<Self, StoreError> {
        let (events, _) = broadcast::channel(EVENTS);
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
            let lock = match purpose {
                Purpose::Serve => Some(lock_file(&path)?),
                Purpose::Command => None,
            };
            migrations::run_on_sqlite(path.clone()).await?;
            let pools = Pools::Sqlite {
                readers: sqlite_pool(&path, SQLITE_READERS)?,
                writer: sqlite_pool(&path, 1)?,
                _lock: lock,
            };
            Ok(Self { pools, events, listener: None })
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            migrations::run_on_postgres(url.to_owned()).await?;
            let pools = Pools::Postgres(postgres_pool(url)?);
            let listening = events::listen(url.to_owned(), events.clone(), events::PATIENCE);
            let listener = tokio::spawn(listening).abort_handle();
            Ok(Self { pools, events, listener: Some(listener) })
        } else {
            // The URL itself may hold a password, so it is not repeated.
            Err(StoreError::Url(
                "the database URL must begin with sqlite: (then the path of a file) or postgres://"
                    .to_owned(),
            ))
        }
    }

    /// `sqlite` or `postgres`.
    pub fn engine_name(&self) -> &'static str {
        match self.pools {
            Pools::Sqlite { .. } => "sqlite",
            Pools::Postgres(_) => "postgres",
        }
    }

    /// A connection to read with.
    pub async fn read(&self) -> Result<Connection, StoreError> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => {
                Ok(Connection::Sqlite(Box::new(readers.get().await.map_err(unavailable)?)))
            }
            Pools::Postgres(pool) => {
                Ok(Connection::Postgres(Box::new(pool.get().await.map_err(unavailable)?)))
            }
        }
    }

    /// One unit of work. Nothing of it is kept before [`Transaction::commit`].
    pub async fn write(&self) -> Result<Transaction, StoreError> {
        let (connection, begin) = match &self.pools {
            Pools::Sqlite { writer, .. } => {
                (Connection::Sqlite(Box::new(writer.get().await.map_err(unavailable)?)), "BEGIN IMMEDIATE")
            }
            Pools::Postgres(pool) => {
                (Connection::Postgres(Box::new(pool.get().await.map_err(unavailable)?)), "BEGIN")
            }
        };
        // Made before BEGIN, so that a BEGIN which is given up half-way is rolled back as well.
        let mut transaction =
            Transaction { connection: Some(connection), events: Vec::new(), sender: self.events.clone() };
        on!(&mut *transaction, |c| c.batch_execute(begin).await)?;
        Ok(transaction)
    }

    /// What changes from now on, on any replica.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Asks the database whether it answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.read().await?;
        on!(&mut connection, |c| c.batch_execute("SELECT 1").await)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

/// One unit of work; also a [`Connection`], for every function of this crate that wants one.
#[expect(missing_debug_implementations, reason = "it stands for a socket; there is nothing to print")]
pub struct Transaction {
    /// None only after commit.
    connection: Option<Connection>,
    events: Vec<Event>,
    sender: broadcast::Sender<Event>,
}

impl Transaction {
    /// Tells every replica, once this unit of work is committed.
    pub fn publish(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Keeps the work; when this returns it is durable.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let events = std::mem::take(&mut self.events);
        if let Connection::Postgres(connection) = &mut *self {
            for event in &events {
                diesel::sql_query("SELECT pg_notify($1, $2)")
                    .bind::<diesel::sql_types::Text, _>(events::CHANNEL)
                    .bind::<diesel::sql_types::Text, _>(event.to_string())
                    .execute(&mut ***connection)
                    .await?;
            }
        }
        on!(&mut *self, |c| c.batch_execute("COMMIT").await)?;
        self.connection = None;
        for event in events {
            // No listener is no error.
            let _ = self.sender.send(event);
        }
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        self.connection
            .as_ref()
            .expect("only commit takes the connection, and it takes the transaction as well")
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection
            .as_mut()
            .expect("only commit takes the connection, and it takes the transaction as well")
    }
}

impl Drop for Transaction {
    /// Rolls back in a task of its own: a drop cannot wait, and the connection must not go back to its pool before.
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if let Err(error) = on!(&mut connection, |c| c.batch_execute("ROLLBACK").await) {
                tracing::debug!(%error, "rollback");
            }
        });
    }
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

fn sqlite_pool(path: &Path, size: usize) -> Result<Pool<Lite>, StoreError> {
    let mut config = ManagerConfig::<Lite>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|path| {
        async move {
            let mut connection = Lite::establish(path).await?;
            connection
                .batch_execute(SQLITE_SETTINGS)
                .await
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(path.to_string_lossy(), config);
    Pool::builder(manager).max_size(size).build().map_err(unavailable)
}

fn postgres_pool(url: &str) -> Result<Pool<AsyncPgConnection>, StoreError> {
    let mut config = ManagerConfig::<AsyncPgConnection>::default();
    // A closed socket is noticed without asking the server.
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    Pool::builder(manager).max_size(POSTGRES_CONNECTIONS).build().map_err(unavailable)
}

/// Makes sure that this process alone works on the `SQLite` file. The lock is the kernel's: it ends with the process.
fn lock_file(database: &Path) -> Result<File, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let unavailable =
        |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", Path::new(&path).display()));
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(database.display().to_string())),
        Err(TryLockError::Error(error)) => Err(unavailable(error)),
    }
}

//! Brings the database up to date, at start, one replica at a time.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use diesel::{Connection as _, ConnectionError, SqliteConnection, connection::SimpleConnection as _};
use diesel_async::{AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::error::StoreError;

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
/// The advisory lock under which replicas migrate one after another: "mcpgatew" as a number.
const ADVISORY_LOCK: i64 = 0x6d63_7067_6174_6577;

pub(crate) async fn run_on_sqlite(path: PathBuf) -> Result<(), StoreError> {
    blocking(move || {
        // The lock on the folder ends with `folder`. (An operator's command may start at the same time as the gateway.)
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = File::open(folder).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        folder.lock().map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let mut connection =
            SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| unavailable(&error))?;
        connection.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;")?;
        migrate(&mut connection, SQLITE)
    })
    .await
}

pub(crate) async fn run_on_postgres(url: String) -> Result<(), StoreError> {
    blocking(move || {
        let mut connection = AsyncConnectionWrapper::<AsyncPgConnection>::establish(&url)
            .map_err(|error| unavailable(&error))?;
        connection.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
        // The lock is the session's: it ends with this connection.
        migrate(&mut connection, POSTGRES)
    })
    .await
}

fn migrate<C, DB>(connection: &mut C, known: EmbeddedMigrations) -> Result<(), StoreError>
where
    C: MigrationHarness<DB>,
    DB: diesel::backend::Backend,
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    use diesel::migration::MigrationSource;
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(error.to_string());
    let versions: Vec<String> = MigrationSource::<DB>::migrations(&known)
        .map_err(failed)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let applied = connection.applied_migrations().map_err(failed)?;
    if let Some(newer) = applied.iter().map(ToString::to_string).find(|applied| !versions.contains(applied)) {
        return Err(StoreError::Newer(newer));
    }
    connection.run_pending_migrations(known).map_err(failed)?;
    Ok(())
}

fn unavailable(error: &ConnectionError) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

async fn blocking(work: impl FnOnce() -> Result<(), StoreError> + Send + 'static) -> Result<(), StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(StoreError::Migration(error.to_string())),
    }
}

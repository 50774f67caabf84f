//! What can go wrong in the database. Knows nothing of HTTP.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A failed store operation.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique value is taken.
    #[error("a row with the same unique value is there already")]
    Conflict,
    /// Another writer holds the database for longer than we wait, or waits for us.
    #[error("the database is locked by another writer")]
    Busy,
    /// What the row belongs to was deleted by somebody else a moment ago.
    #[error("what the row belongs to is gone")]
    Gone,
    /// A text with a NUL in it, which `PostgreSQL` cannot hold.
    #[error("a text has a NUL in it")]
    Unstorable,
    /// The database cannot be reached, or its file cannot be opened.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The database URL is none that we know.
    #[error("{0}")]
    Url(String),
    /// Another gateway works on this `SQLite` file.
    #[error(
        "another gateway already uses the database {0}; SQLite serves one process (PostgreSQL serves many)"
    )]
    InUse(String),
    /// The database was written by a newer version of the gateway.
    #[error(
        "the database is of a newer version: it has the migration {0}, which this version does not know; \
         start the newer version, or restore a backup made before the upgrade"
    )]
    Newer(String),
    /// A migration did not run.
    #[error("the database could not be brought up to date: {0}")]
    Migration(String),
    /// Anything else: a defect of ours, or damaged data.
    #[error("the database answered: {0}")]
    Query(DieselError),
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Conflict,
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => Self::Gone,
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                information,
            ) => Self::Unavailable(information.message().to_owned()),
            DieselError::DatabaseError(_, information) if is_lock_message(information.message()) => {
                Self::Busy
            }
            DieselError::DatabaseError(_, information) if is_nul_message(information.message()) => {
                Self::Unstorable
            }
            DieselError::DatabaseError(_, information) if is_gone_message(information.message()) => {
                Self::Unavailable(information.message().to_owned())
            }
            _ => Self::Query(error),
        }
    }
}

/// `SQLITE_BUSY` and `SQLITE_LOCKED`, and the one of two transactions that `PostgreSQL` ends because each waits for the
/// other; diesel does not give their codes on.
fn is_lock_message(message: &str) -> bool {
    const LOCKED: [&str; 3] = ["database is locked", "database table is locked", "deadlock detected"];
    LOCKED.iter().any(|locked| message.contains(locked))
}

/// `character_not_in_repertoire`: of all that Rust calls a string, only the NUL.
fn is_nul_message(message: &str) -> bool {
    message.contains("invalid byte sequence for encoding")
}

/// `SQLITE_READONLY`, `SQLITE_IOERR`, `SQLITE_FULL`, `SQLITE_CANTOPEN`, and a `PostgreSQL` that shuts down.
fn is_gone_message(message: &str) -> bool {
    const GONE: [&str; 7] = [
        "readonly database",
        "disk I/O error",
        "database or disk is full",
        "unable to open database",
        "connection closed",
        "terminating connection",
        "the database system is",
    ];
    GONE.iter().any(|gone| message.contains(gone))
}

//! What can go wrong with the database.

/// The database or the file store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("the database did not answer as it should")]
    Database(#[from] sqlx::Error),
    /// Migrations could not be applied.
    #[error("the database could not be brought to this version")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The SQLite library is too old to be safe.
    #[error("SQLite {found} can lose data in WAL mode; this program needs 3.51.3 or newer")]
    UnsafeSqlite {
        /// Version found.
        found: String,
    },
    /// A stored value cannot be read.
    #[error("a stored value cannot be read")]
    Corrupt(#[from] serde_json::Error),
    /// A file could not be written or read.
    #[error("a kept file could not be written or read")]
    File(#[from] std::io::Error),
    /// The address of the database cannot be understood.
    #[error("{0:?} is not the address of a database; use sqlite:PATH or postgres://…")]
    Address(String),
}

/// Why a commit was not written. Nothing of it is in the database.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Something that was read has changed since: decide again.
    #[error("what was read has changed since")]
    Conflict,
    /// The same request was committed before.
    #[error("this request was carried out before")]
    Repeated,
    /// The action's lease has passed to somebody else, or it was cancelled.
    #[error("the action is no longer ours")]
    Stale,
    /// The message belongs to another case already.
    #[error("the message belongs to another case")]
    MessageTaken,
    /// The same event was accepted before.
    #[error("this event was accepted before")]
    EventRepeated,
    /// A call of a plugin leaves more than the plugin may keep.
    #[error("the plugin's store has no room left for this")]
    NoRoom,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The committer has stopped.
    #[error("the database writer has stopped")]
    Stopped,
}

impl From<sqlx::Error> for CommitError {
    fn from(error: sqlx::Error) -> Self {
        CommitError::Store(StoreError::Database(error))
    }
}

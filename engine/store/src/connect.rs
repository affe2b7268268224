//! Opening a database: pools, pragmas, migrations.

use crate::blob::Blobs;
use crate::committer::Committer;
use crate::error::StoreError;
use crate::sql::{Backend, Tx};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, PgPool, SqliteConnection, SqlitePool};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// SQLite below this version can lose data in WAL mode with several connections.
const SAFE_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// How long a process waits for another one that writes all the time, as a command does beside a busy server: it asks ten
/// times a second whether it may, and there are few moments in which it may.
const LOCKED: Duration = Duration::from_secs(60);

/// Where the data are.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// Folder of the kept files.
    pub blobs: PathBuf,
    /// Connections that read at the same time.
    pub readers: u32,
    /// Memory in MiB for pages of an SQLite database that is written to; it is taken when it is needed. Many changes all
    /// over a large database are quicker with more.
    pub write_cache: u32,
}

#[derive(Clone)]
pub(crate) enum Pools {
    /// One connection writes, one moves the log into the database, the others only read.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
        log: SqlitePool,
    },
    Postgres(PgPool),
}

/// An open database with its file store and its committer. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) pools: Pools,
    pub(crate) committer: Arc<Committer>,
    blobs: Blobs,
}

impl Store {
    /// Opens the database, creates it where there is none, applies migrations and starts the committer.
    ///
    /// # Errors
    /// When the address is not one of a database, the database cannot be reached or migrated, or SQLite is too old.
    pub async fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        let blobs = Blobs::open(&options.blobs)?;
        let pools = if let Some(path) = options.database.strip_prefix("sqlite:") {
            open_sqlite(path, options).await?
        } else if options.database.starts_with("postgres://")
            || options.database.starts_with("postgresql://")
        {
            open_postgres(&options.database, options.readers).await?
        } else {
            return Err(StoreError::Address(options.database.clone()));
        };
        let committer = Arc::new(Committer::start(&pools));
        Ok(Self {
            pools,
            committer,
            blobs,
        })
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        match self.pools {
            Pools::Sqlite { .. } => Backend::Sqlite,
            Pools::Postgres(_) => Backend::Postgres,
        }
    }

    /// The kept files.
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// Answers when the database does.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let answered = match &self.pools {
            Pools::Sqlite { read, .. } => sqlx::query("select 1").execute(read).await.map(|_| ()),
            Pools::Postgres(pool) => sqlx::query("select 1").execute(pool).await.map(|_| ()),
        };
        Ok(answered?)
    }

    /// Waits until what is queued is written, then closes the connections.
    pub async fn close(&self) {
        self.committer.stop().await;
        match &self.pools {
            Pools::Sqlite { read, write, log } => {
                log.close().await;
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// A short transaction for small writes that no case depends on.
    pub(crate) async fn begin(&self) -> Result<Tx, sqlx::Error> {
        begin(&self.pools).await
    }
}

pub(crate) async fn begin(pools: &Pools) -> Result<Tx, sqlx::Error> {
    match pools {
        Pools::Sqlite { write, .. } => write.begin_with("begin immediate").await.map(Tx::Sqlite),
        Pools::Postgres(pool) => pool.begin().await.map(Tx::Postgres),
    }
}

async fn open_sqlite(path: &str, asked: &StoreOptions) -> Result<Pools, StoreError> {
    let options = SqliteConnectOptions::from_str(&format!("sqlite:{path}"))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(LOCKED)
        .pragma("cache_size", format!("-{}", asked.write_cache * 1_024))
        .pragma("temp_store", "memory")
        // What `checkpoint` does beside the commits; a commit does it itself only where that cannot keep up.
        .pragma("wal_autocheckpoint", "16000")
        .statement_cache_capacity(256);
    // Set once, when the file is made. It writes to the file, and would wait for whoever writes at that moment.
    if std::fs::metadata(path).map_or(true, |file| file.len() == 0) {
        let making = options.clone().auto_vacuum(SqliteAutoVacuum::Incremental);
        let made = SqliteConnection::connect_with(&making).await?;
        made.close().await?;
    }
    // One writer, for which the committer and small things (sessions, tokens, plugin values) queue in turn. With a connection
    // each, whoever finds the database locked asks again now and then, and a busy committer leaves it no gap: a log-in took
    // up to ten seconds and then failed.
    let write = kept(1).connect_with(options.clone()).await?;
    refuse_unsafe_sqlite(&write).await?;
    SQLITE_MIGRATIONS.run(&write).await?;
    forget_statistics(&write).await?;
    // What is not here is in the system's own cache: a larger one is the same pages once more for each reader.
    let options = options.pragma("cache_size", "-2048");
    let log = kept(1).connect_lazy_with(options.clone());
    let read = kept(asked.readers.max(1))
        .connect_with(options.pragma("query_only", "on"))
        .await?;
    Ok(Pools::Sqlite { read, write, log })
}

/// Without statistics a statement has one plan, the one that the tests know. With those of a small database, kept while it
/// grew, SQLite read every case for each change.
async fn forget_statistics(pool: &SqlitePool) -> Result<(), StoreError> {
    let kept = "select count(*) from sqlite_schema where name in ('sqlite_stat1', 'sqlite_stat4')";
    let kept: i64 = sqlx::query_scalar(kept).fetch_one(pool).await?;
    if kept > 0 {
        for forget in [
            "drop table if exists sqlite_stat1",
            "drop table if exists sqlite_stat4",
        ] {
            sqlx::query(forget).execute(pool).await?;
        }
    }
    Ok(())
}

/// Connections that stay. A file is always there: asking a connection before each use would only be one more turn to its
/// thread.
fn kept(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

async fn refuse_unsafe_sqlite(pool: &SqlitePool) -> Result<(), StoreError> {
    let found: String = sqlx::query_scalar("select sqlite_version()")
        .fetch_one(pool)
        .await?;
    if is_safe_sqlite(&found) {
        Ok(())
    } else {
        Err(StoreError::UnsafeSqlite { found })
    }
}

fn is_safe_sqlite(version: &str) -> bool {
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= SAFE_SQLITE
}

async fn open_postgres(address: &str, readers: u32) -> Result<Pools, StoreError> {
    let options = PgConnectOptions::from_str(address)?.application_name("sagsgang");
    let pool = PgPoolOptions::new()
        // One of them only listens.
        .max_connections(readers.max(2) + 9)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await?;
    // The migrator holds an advisory lock, so that several nodes can start at the same time.
    POSTGRES_MIGRATIONS.run(&pool).await?;
    Ok(Pools::Postgres(pool))
}

#[cfg(test)]
mod tests {
    use super::is_safe_sqlite;

    #[test]
    fn versions_with_the_wal_race_are_refused() {
        assert!(!is_safe_sqlite("3.51.2"));
        assert!(!is_safe_sqlite("3.7.0"));
        assert!(is_safe_sqlite("3.51.3"));
        assert!(is_safe_sqlite("4.0"));
    }
}

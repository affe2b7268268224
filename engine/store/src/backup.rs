//! A consistent copy of a SQLite database, taken while others write.

use crate::error::StoreError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// SQLite only: PostgreSQL has its own tool for this. Reads one snapshot; writers are not held up, and the copy has no
/// write-ahead log of its own.
const COPY: &str = "vacuum into $1";

/// Writes a copy of the SQLite database `sqlite:PATH` as it stands at one moment into a file that is not there yet. The
/// database is not migrated or changed, so that the copy can be taken beside a server of another version.
///
/// # Errors
/// When the address is not one of SQLite, there is no database, or the disk refuses.
pub async fn copy_sqlite(database: &str, target: &Path) -> Result<(), StoreError> {
    let path = database
        .strip_prefix("sqlite:")
        .ok_or_else(|| StoreError::Address(database.to_owned()))?;
    let options = SqliteConnectOptions::from_str(&format!("sqlite:{path}"))?
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(30));
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let copied = sqlx::query(COPY)
        .bind(target.display().to_string())
        .execute(&mut connection)
        .await;
    connection.close().await?;
    copied?;
    std::fs::File::open(target)?.sync_all()?;
    Ok(())
}

//! The log of SQLite, moved into the database beside the commits.
//!
//! Left to itself, SQLite moves the log inside the commit that makes it long, and everybody in that commit waits for some
//! thousands of pages and two syncs. Here a connection of its own moves what is there while commits go on, and the writer
//! only waits for the rest, which is short; then the log begins anew.

use sqlx::{Row, SqlitePool};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

/// Pages in the log that are worth the trouble: 8 MB.
const LONG: i64 = 2_000;
/// Pages for which the writer may wait.
const SHORT: i64 = 400;
/// How often the log is moved before somebody else has a turn; each time less of it is left.
const ROUNDS: u32 = 4;
/// Between two looks at a log that grows.
const PAUSE: Duration = Duration::from_millis(20);

/// Pages in the log, and how many of them stand in the database already.
struct Log {
    pages: i64,
    moved: i64,
}

/// Starts to look after the log: whenever something was `written`, until nothing can be written any more.
#[expect(
    clippy::disallowed_methods,
    reason = "the committer holds the handle and waits for it when it stops"
)]
pub(crate) fn start(
    own: SqlitePool,
    write: SqlitePool,
    mut written: Receiver<()>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while written.recv().await.is_some() {
            if let Err(error) = shorten(&own, &write).await {
                tracing::warn!(%error, "the log of the database could not be moved into it; it is tried again");
            }
            tokio::time::sleep(PAUSE).await;
        }
    })
}

/// Moves a long log into the database.
async fn shorten(own: &SqlitePool, write: &SqlitePool) -> Result<(), sqlx::Error> {
    let mut log = checkpoint(own, "pragma wal_checkpoint(noop)").await?;
    if log.pages - log.moved < LONG {
        return Ok(());
    }
    for _ in 0..ROUNDS {
        let before = log.moved;
        log = checkpoint(own, "pragma wal_checkpoint(passive)").await?;
        if log.pages - log.moved <= SHORT {
            checkpoint(write, "pragma wal_checkpoint(passive)").await?;
            break;
        }
        // Somebody reads what the log was before; the next look comes soon.
        if log.moved == before {
            break;
        }
    }
    Ok(())
}

async fn checkpoint(pool: &SqlitePool, pragma: &'static str) -> Result<Log, sqlx::Error> {
    let row = sqlx::query(pragma).fetch_one(pool).await?;
    Ok(Log {
        pages: row.try_get(1)?,
        moved: row.try_get(2)?,
    })
}

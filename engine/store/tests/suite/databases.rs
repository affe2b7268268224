//! A database of each kind for a test.

use crate::postgres::PostgresServer;
use sagsgang_store::{Store, StoreOptions};
use sqlx::{AssertSqlSafe, Connection};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// An open store in a folder of its own.
pub struct Opened {
    pub store: Store,
    database: String,
    _folder: TempDir,
}

impl Opened {
    /// The database's address, for a connection beside the store's.
    pub fn address(&self) -> String {
        self.database.clone()
    }

    /// Lets so many seconds pass for all leases and paces: the database's own clock cannot be moved.
    pub async fn pass(&self, seconds: i64) {
        let micros = seconds * 1_000_000;
        for text in [
            format!("update action set lease_until = lease_until - {micros}"),
            format!("update pending_input set written_at = written_at - {micros}"),
            format!("update limiter set at = at - {micros}"),
            format!("update message set taken_until = taken_until - {micros}"),
            format!("update webhook_delivery set taken_until = taken_until - {micros}"),
        ] {
            let text = AssertSqlSafe(text);
            if self.database.starts_with("sqlite:") {
                let beside = sqlx::SqliteConnection::connect(&self.database).await;
                let mut beside = beside.unwrap();
                sqlx::query(text).execute(&mut beside).await.unwrap();
            } else {
                let beside = sqlx::PgConnection::connect(&self.database).await;
                let mut beside = beside.unwrap();
                sqlx::query(text).execute(&mut beside).await.unwrap();
            }
        }
    }
}

pub async fn sqlite() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    open(database, folder).await
}

pub async fn postgres() -> Opened {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("store_{}_{number}", std::process::id());
    let address = PostgresServer::running().database(&name);
    open(address, tempfile::tempdir().unwrap()).await
}

async fn open(database: String, folder: TempDir) -> Opened {
    let options = StoreOptions {
        database: database.clone(),
        blobs: folder.path().join("blobs"),
        readers: 2,
        write_cache: 8,
    };
    Opened {
        store: Store::open(&options).await.unwrap(),
        database,
        _folder: folder,
    }
}

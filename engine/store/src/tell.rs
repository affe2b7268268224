//! What processes on one database tell each other. PostgreSQL carries it; on SQLite the others look for what has changed.

use crate::connect::{Pools, Store};
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::Timestamp;
use sqlx::postgres::PgListener;

/// The channel, whose name stands in the statement too.
const CHANNEL: &str = "sagsgang_topics";

/// Most bytes of what is told at once; PostgreSQL takes less than 8,000.
pub const LONGEST_TOLD: usize = 7_900;

// SQLite has no such thing: there nobody is told.
static TELL: Sql = Sql::per_backend(
    "select $1",
    "select cast(pg_notify('sagsgang_topics', $1) as text)",
);
static CHANGED: Sql = Sql::both(
    "select number, version from case_head where updated_at >= $1 order by updated_at desc, id desc limit $2",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("tell the other processes", &TELL),
    ("cases changed since", &CHANGED),
];

/// What other processes tell, and this one too.
pub struct Heard(PgListener);

impl Heard {
    /// Waits for the next text. `None` after the connection was lost: it is made again, and what was told meanwhile is not
    /// known.
    ///
    /// # Errors
    /// When the connection cannot be made again.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        let heard = self.0.try_recv().await?;
        Ok(heard.map(|heard| heard.payload().to_owned()))
    }
}

impl Store {
    /// Tells all processes on a PostgreSQL a text of at most [`LONGEST_TOLD`] bytes. Those who do not listen never hear it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tell(&self, text: &str) -> Result<(), StoreError> {
        let _: (Option<String>,) = read!(self, TELL, |sql, pool| sqlx::query_as(sql)
            .bind(text)
            .fetch_one(pool)
            .await)?;
        Ok(())
    }

    /// Listens to what is told from now on; nothing on SQLite. A connection is kept for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listen(&self) -> Result<Option<Heard>, StoreError> {
        let Pools::Postgres(pool) = &self.pools else {
            return Ok(None);
        };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Some(Heard(listener)))
    }

    /// Numbers and versions of the cases that were changed at a moment or later, the newest change first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_changed(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = read!(self, CHANGED, |sql, pool| sqlx::query_as(sql)
            .bind(since.as_micros())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        let row = |(number, version): (String, i64)| (number, version.unsigned_abs());
        Ok(rows.into_iter().map(row).collect())
    }
}

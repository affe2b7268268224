//! Counters, such as the sequence of case numbers of a year.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};

static RESERVE: Sql = Sql::both(
    "insert into counter (name, next) values ($1, 1 + $2)
     on conflict (name) do update set next = counter.next + $2 returning next",
);

static READ: Sql = Sql::both("select next from counter where name = $1");

static SET: Sql = Sql::both(
    "insert into counter (name, next) values ($1, $2) on conflict (name) do update set next = $2",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("counter reserve", &RESERVE),
    ("counter read", &READ),
    ("counter set", &SET),
];

impl Store {
    /// Reserves `count` numbers of a counter and returns the first; a counter begins at 1. Numbers that are reserved
    /// and not used stay unused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reserve(&self, counter: &str, count: u32) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let sql = RESERVE.text(tx.backend());
        let (next,): (i64,) = on!(&mut tx, |conn| sqlx::query_as(sql)
            .bind(counter)
            .bind(i64::from(count))
            .fetch_one(conn)
            .await)?;
        tx.commit().await?;
        Ok((next - i64::from(count)).unsigned_abs())
    }

    /// Where a counter stands; 0 for one that was never set.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counter(&self, counter: &str) -> Result<u64, StoreError> {
        let row: Option<(i64,)> = read!(self, READ, |sql, pool| sqlx::query_as(sql)
            .bind(counter)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map_or(0, |(next,)| next.unsigned_abs()))
    }

    /// Sets a counter that notes how far something was carried out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_counter(&self, counter: &str, value: u64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = SET.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(counter)
            .bind(i64::try_from(value).unwrap_or(i64::MAX))
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }
}

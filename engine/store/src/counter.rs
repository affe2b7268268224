//! Counters, such as the sequence of case numbers of a year.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on};

static RESERVE: Sql = Sql::both(
    "insert into counter (name, next) values ($1, 1 + $2)
     on conflict (name) do update set next = counter.next + $2 returning next",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[("counter reserve", &RESERVE)];

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
}

//! What a batch writes, as statements in their order: first those that can fail their guard, then the rest.

use crate::connect::{Pools, begin};
use crate::error::CommitError;
use crate::sql::Tx;
use crate::table::{SetSql, write, write_ids, write_keys};
use futures_util::TryStreamExt;
use serde::Serialize;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Either, Executor};
use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;
use uuid::Uuid;

/// Which commits of a batch failed their guards, by place.
pub(super) type Failures = Vec<(usize, CommitError)>;

/// Statements with their rows.
#[derive(Default)]
pub(super) struct Plan {
    guarded: Vec<Guarded>,
    rest: Vec<Rows>,
}

struct Rows {
    sql: &'static SetSql,
    json: String,
}

/// A statement whose rows must all be written.
struct Guarded {
    rows: Rows,
    keys: Keys,
    /// What a commit is told whose row was not.
    error: fn() -> CommitError,
}

/// What the rows are known by, each with the place of the commit that it belongs to.
enum Keys {
    Ids(Vec<(usize, Uuid)>),
    Texts(Vec<(usize, String)>),
}

/// A key by which a written row is told.
pub(super) trait Key: Sized {
    fn gather(keys: Vec<(usize, Self)>) -> GatheredKeys;
}

/// Keys of one kind.
pub(super) struct GatheredKeys(Keys);

impl Key for Uuid {
    fn gather(keys: Vec<(usize, Self)>) -> GatheredKeys {
        GatheredKeys(Keys::Ids(keys))
    }
}

impl Key for String {
    fn gather(keys: Vec<(usize, Self)>) -> GatheredKeys {
        GatheredKeys(Keys::Texts(keys))
    }
}

impl Plan {
    /// Rows that must all be written, else the commits of those that were not fail with the error.
    pub(super) fn guard<K: Key>(
        &mut self,
        sql: &'static SetSql,
        keys: Vec<(usize, K)>,
        rows: &[impl Serialize],
        error: fn() -> CommitError,
    ) -> Result<(), sqlx::Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = Rows {
            sql,
            json: sql.rows(rows)?,
        };
        let GatheredKeys(keys) = K::gather(keys);
        self.guarded.push(Guarded { rows, keys, error });
        Ok(())
    }

    /// Rows of which it does not matter how many are new.
    pub(super) fn write(
        &mut self,
        sql: &'static SetSql,
        rows: &[impl Serialize],
    ) -> Result<(), sqlx::Error> {
        if !rows.is_empty() {
            let json = sql.rows(rows)?;
            self.rest.push(Rows { sql, json });
        }
        Ok(())
    }

    /// Writes all of it in one transaction, or nothing and says which commits stand in the way.
    pub(super) async fn carry_out(self, pools: &Pools) -> Result<Failures, sqlx::Error> {
        let mut tx = begin(pools).await?;
        let failures = self.guarded(&mut tx).await?;
        if !failures.is_empty() {
            tx.rollback().await?;
            return Ok(failures);
        }
        for rows in &self.rest {
            write(&mut tx, rows.sql, rows.json.clone()).await?;
        }
        tx.commit().await?;
        Ok(Failures::new())
    }

    async fn guarded(&self, tx: &mut Tx) -> Result<Failures, sqlx::Error> {
        let mut failures = BTreeMap::new();
        for Guarded { rows, keys, error } in &self.guarded {
            let (sql, json) = (rows.sql, rows.json.clone());
            match keys {
                Keys::Ids(keys) => {
                    let written = write_ids(tx, sql, json).await?;
                    missing(keys, written, *error, &mut failures);
                }
                Keys::Texts(keys) => {
                    let written = write_keys(tx, sql, json).await?;
                    missing(keys, written, *error, &mut failures);
                }
            }
        }
        Ok(failures.into_iter().collect())
    }

    /// Writes all of it in one transaction and one turn to SQLite's thread, where nothing stands in the way; else writes
    /// nothing. A turn for each statement, and one for each row that it tells of, took longer than the writing
    /// (`docs/decisions/0034-a-batch-is-one-turn.md`).
    pub(super) async fn carry_out_at_once(self, pools: &Pools) -> Result<bool, sqlx::Error> {
        let Tx::Sqlite(mut tx) = begin(pools).await? else {
            return Ok(false);
        };
        if self.write_at_once(&mut tx).await? {
            tx.commit().await?;
            return Ok(true);
        }
        tx.rollback().await?;
        Ok(false)
    }

    /// Whether all rows of the guarded statements were written.
    async fn write_at_once(self, tx: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        let guarded = self.guarded.into_iter();
        let guarded = guarded.map(|one| (one.rows, Some(one.keys.count())));
        let steps = guarded.chain(self.rest.into_iter().map(|rows| (rows, None)));
        let (mut text, mut expected) = (String::new(), Vec::new());
        let mut statement = Vec::new();
        for (place, (rows, count)) in steps.enumerate() {
            text.push_str(&rows.sql.counted(place + 1));
            text.push(';');
            statement.push(rows.json);
            expected.push(count);
        }
        let mut query = sqlx::query(AssertSqlSafe(text));
        for json in statement {
            query = query.bind(json);
        }
        let mut done = tx.fetch_many(query);
        for count in expected {
            let Some(Either::Left(result)) = done.try_next().await? else {
                return Ok(false);
            };
            if count.is_some_and(|count| result.rows_affected() != count) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Keys {
    fn count(&self) -> u64 {
        match self {
            Keys::Ids(keys) => keys.len() as u64,
            Keys::Texts(keys) => keys.len() as u64,
        }
    }
}

/// Marks the commits whose rows were not written.
fn missing<K: Eq + Hash>(
    keys: &[(usize, K)],
    written: Vec<K>,
    error: fn() -> CommitError,
    failures: &mut BTreeMap<usize, CommitError>,
) {
    let mut written: HashSet<K> = written.into_iter().collect();
    for (place, key) in keys {
        // Taking it out means that a second row with the same key was not written either.
        if !written.remove(key) {
            failures.entry(*place).or_insert_with(error);
        }
    }
}

//! What a batch writes, as statements in their order: first those that can fail their guard, then the rest.

use crate::commit::Commit;
use crate::connect::{Pools, begin};
use crate::error::CommitError;
use crate::plugin_value;
use crate::sql::Tx;
use crate::table::{SetSql, write, write_ids, write_keys};
use futures_util::TryStreamExt;
use serde::Serialize;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Either, Executor};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use uuid::Uuid;

/// So often a set of statements is met before it is worth a text of its own.
const OFTEN: u32 = 16;
/// Texts that are kept: each holds its statements prepared, some 20 KB for one.
const MOST_TEXTS: usize = 16;
/// Sets of statements that are counted.
const MOST_COUNTED: usize = 1_000;

/// Which sets of statements are met often, by the addresses of their texts.
#[derive(Default)]
pub(super) struct Shapes {
    met: HashMap<Vec<usize>, u32>,
    often: HashSet<Vec<usize>>,
}

impl Shapes {
    /// Whether a set is met so often that its statements are kept together.
    fn is_usual(&mut self, shape: Vec<usize>) -> bool {
        if self.often.contains(&shape) {
            return true;
        }
        if self.often.len() >= MOST_TEXTS {
            return false;
        }
        if self.met.len() >= MOST_COUNTED {
            self.met.clear();
        }
        let count = self.met.entry(shape.clone()).or_default();
        *count += 1;
        if *count < OFTEN {
            return false;
        }
        self.met.remove(&shape);
        self.often.insert(shape)
    }
}

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

    /// Whether batches like this one are met often.
    pub(super) fn is_usual(&self, shapes: &mut Shapes) -> bool {
        let guarded = self.guarded.iter().map(|one| &one.rows);
        let all = guarded.chain(&self.rest);
        shapes.is_usual(
            all.map(|rows| std::ptr::from_ref(rows.sql).addr())
                .collect(),
        )
    }

    /// Writes all of it statement by statement, or marks the commits that stand in the way.
    pub(super) async fn write_all(
        self,
        tx: &mut Tx,
        commits: &[&Commit],
        failures: &mut BTreeMap<usize, CommitError>,
    ) -> Result<(), sqlx::Error> {
        let Self { guarded, rest } = self;
        write_guarded(tx, guarded, failures).await?;
        if !failures.is_empty() {
            return Ok(());
        }
        for Rows { sql, json } in rest {
            write(tx, sql, json).await?;
        }
        // Last of all, so that nobody waits for a plugin's turn who holds what others wait for.
        plugin_value::apply(tx, commits, failures).await
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

async fn write_guarded(
    tx: &mut Tx,
    guarded: Vec<Guarded>,
    failures: &mut BTreeMap<usize, CommitError>,
) -> Result<(), sqlx::Error> {
    for Guarded { rows, keys, error } in guarded {
        let Rows { sql, json } = rows;
        match &keys {
            Keys::Ids(keys) => {
                let written = write_ids(tx, sql, json).await?;
                missing(keys, written, error, failures);
            }
            Keys::Texts(keys) => {
                let written = write_keys(tx, sql, json).await?;
                missing(keys, written, error, failures);
            }
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_met_often_is_kept_together_and_not_more_than_there_is_room_for() {
        let mut shapes = Shapes::default();
        for shape in 0..MOST_TEXTS {
            for _ in 1..OFTEN {
                assert!(!shapes.is_usual(vec![shape]));
            }
            assert!(shapes.is_usual(vec![shape]) && shapes.is_usual(vec![shape]));
        }
        for _ in 0..2 * OFTEN {
            assert!(!shapes.is_usual(vec![MOST_TEXTS]), "there is no room");
        }
        assert!(shapes.is_usual(vec![0]));
    }
}

//! Values that plugins keep between calls. What a call wrote is written with everything else that came of it.

use crate::commit::Commit;
use crate::connect::Store;
use crate::error::{CommitError, StoreError};
use crate::sql::{Backend, Sql, Tx, on, read};
use sagsgang_domain::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

static GET: Sql = Sql::both("select value from plugin_value where plugin = $1 and key = $2");
static PUT: Sql = Sql::both(
    "insert into plugin_value (plugin, key, value, updated_at) values ($1, $2, $3, $4)
     on conflict (plugin, key) do update set value = excluded.value, updated_at = excluded.updated_at",
);
static DELETE: Sql = Sql::both("delete from plugin_value where plugin = $1 and key = $2");
static USED: Sql = Sql::both(
    "select cast(coalesce(sum(octet_length(value) + octet_length(key)), 0) as bigint) from plugin_value
     where plugin = $1",
);
static USED_BESIDE: Sql = Sql::per_backend(
    "select cast(coalesce(sum(octet_length(value) + octet_length(key)), 0) as bigint) from plugin_value
     where plugin = $1 and key not in (select value from json_each($2))",
    "select cast(coalesce(sum(octet_length(value) + octet_length(key)), 0) as bigint) from plugin_value
     where plugin = $1 and key not in (select jsonb_array_elements_text(cast($2 as jsonb)))",
);
/// SQLite has one writer; here the calls of one plugin take turns at the end of their commits, so that each sees the room
/// that the others have left.
static TAKE_TURN: Sql = Sql::per_backend(
    "select $1",
    "select pg_advisory_xact_lock(42, hashtext($1))",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("plugin value get", &GET),
    ("plugin value put", &PUT),
    ("plugin value delete", &DELETE),
    ("plugin values used", &USED),
    ("plugin values used beside", &USED_BESIDE),
    ("plugin values take turn", &TAKE_TURN),
];

/// What a call leaves in the store of its plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginValues {
    /// The plugin.
    pub plugin: String,
    /// Values by key, each key once; none removes one.
    pub writes: Vec<(String, Option<Vec<u8>>)>,
    /// All that the plugin may keep, in bytes, keys included.
    pub room: u64,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// A plugin's value.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plugin_value(
        &self,
        plugin: &str,
        key: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> = read!(self, GET, |sql, pool| sqlx::query_as(sql)
            .bind(plugin)
            .bind(key)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(|(value,)| value))
    }

    /// The bytes that a plugin keeps under other keys than these, keys included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plugin_values_beside(
        &self,
        plugin: &str,
        keys: &[String],
    ) -> Result<u64, StoreError> {
        let keys = serde_json::to_string(keys)?;
        let (used,): (i64,) = read!(self, USED_BESIDE, |sql, pool| sqlx::query_as(sql)
            .bind(plugin)
            .bind(keys)
            .fetch_one(pool)
            .await)?;
        Ok(used.unsigned_abs())
    }
}

/// Writes what the calls of a batch leave, in order; a commit that leaves more than its plugin has room for fails.
pub(crate) async fn apply(
    tx: &mut Tx,
    commits: &[&Commit],
    failures: &mut BTreeMap<usize, CommitError>,
) -> Result<(), sqlx::Error> {
    let left = commits.iter().flat_map(|commit| &commit.plugin_values);
    // In one order, so that two batches never wait for each other.
    let plugins: BTreeSet<&str> = left.map(|values| values.plugin.as_str()).collect();
    if tx.backend() == Backend::Postgres {
        for plugin in plugins {
            let text = TAKE_TURN.text(tx.backend());
            on!(tx, |conn| sqlx::query(text)
                .bind(plugin)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
    }
    for (place, commit) in commits.iter().enumerate() {
        for values in &commit.plugin_values {
            put(tx, values).await?;
            if used(tx, &values.plugin).await? > values.room {
                // Whatever comes after it is judged once this one is gone.
                failures.insert(place, CommitError::NoRoom);
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn put(tx: &mut Tx, values: &PluginValues) -> Result<(), sqlx::Error> {
    let backend = tx.backend();
    for (key, value) in &values.writes {
        on!(tx, |conn| match value {
            Some(value) => sqlx::query(PUT.text(backend))
                .bind(&values.plugin)
                .bind(key)
                .bind(value)
                .bind(values.at.as_micros())
                .execute(conn)
                .await
                .map(|_| ()),
            None => sqlx::query(DELETE.text(backend))
                .bind(&values.plugin)
                .bind(key)
                .execute(conn)
                .await
                .map(|_| ()),
        })?;
    }
    Ok(())
}

async fn used(tx: &mut Tx, plugin: &str) -> Result<u64, sqlx::Error> {
    let text = USED.text(tx.backend());
    let (used,): (i64,) = on!(tx, |conn| sqlx::query_as(text)
        .bind(plugin)
        .fetch_one(conn)
        .await)?;
    Ok(used.unsigned_abs())
}

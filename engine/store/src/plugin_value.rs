//! Values that plugins keep between calls.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::Timestamp;

static GET: Sql = Sql::both("select value from plugin_value where plugin = $1 and key = $2");
static PUT: Sql = Sql::both(
    "insert into plugin_value (plugin, key, value, updated_at) values ($1, $2, $3, $4)
     on conflict (plugin, key) do update set value = excluded.value, updated_at = excluded.updated_at",
);
static DELETE: Sql = Sql::both("delete from plugin_value where plugin = $1 and key = $2");
static USED: Sql = Sql::both(
    "select cast(coalesce(sum(length(value) + length(key)), 0) as bigint) from plugin_value where plugin = $1",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("plugin value get", &GET),
    ("plugin value put", &PUT),
    ("plugin value delete", &DELETE),
    ("plugin values used", &USED),
];

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

    /// Keeps or (with none) removes values of a plugin, all or nothing. `false`, and nothing done, where the plugin
    /// would then use more than `quota` bytes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_plugin_values(
        &self,
        plugin: &str,
        writes: &[(String, Option<Vec<u8>>)],
        quota: u64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let backend = tx.backend();
        for (key, value) in writes {
            on!(&mut tx, |conn| match value {
                Some(value) => sqlx::query(PUT.text(backend))
                    .bind(plugin)
                    .bind(key)
                    .bind(value)
                    .bind(now.as_micros())
                    .execute(conn)
                    .await
                    .map(|_| ()),
                None => sqlx::query(DELETE.text(backend))
                    .bind(plugin)
                    .bind(key)
                    .execute(conn)
                    .await
                    .map(|_| ()),
            })?;
        }
        let (used,): (i64,) = on!(&mut tx, |conn| sqlx::query_as(USED.text(backend))
            .bind(plugin)
            .fetch_one(conn)
            .await)?;
        if used.unsigned_abs() > quota {
            tx.rollback().await?;
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }
}

//! Settings of plugins, under a name.

use super::{PluginDeed, log};
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::Timestamp;
use serde_json::Value;

/// Settings of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginConfiguration {
    /// The plugin.
    pub plugin: String,
    /// What they are called.
    pub name: String,
    /// Everything that is not secret.
    pub value: Value,
    /// What is secret, sealed.
    pub sealed: Option<Vec<u8>>,
    /// Rises with each change; 0 where there are none yet.
    pub revision: u64,
    /// Who changed them last.
    pub updated_by: String,
    /// When.
    pub updated_at: Timestamp,
}

pub(super) static ALL: Sql = Sql::both(
    "select plugin, name, value, sealed, revision, updated_by, updated_at from plugin_configuration order by plugin, name",
);
pub(super) static INSERT: Sql = Sql::both(
    "insert into plugin_configuration (plugin, name, value, sealed, revision, updated_by, updated_at)
     values ($1, $2, $3, $4, 1, $5, $6) on conflict (plugin, name) do nothing",
);
pub(super) static UPDATE: Sql = Sql::both(
    "update plugin_configuration set value = $3, sealed = $4, updated_by = $5, updated_at = $6, revision = revision + 1
     where plugin = $1 and name = $2 and revision = $7",
);
pub(super) static DELETE: Sql =
    Sql::both("delete from plugin_configuration where plugin = $1 and name = $2 and revision = $3");

impl Store {
    /// The settings of all plugins.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plugin_configurations(&self) -> Result<Vec<PluginConfiguration>, StoreError> {
        type Columns = (String, String, String, Option<Vec<u8>>, i64, String, i64);
        let rows: Vec<Columns> = read!(self, ALL, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        let configuration = |(plugin, name, value, sealed, revision, by, at): Columns| {
            Ok(PluginConfiguration {
                plugin,
                name,
                value: serde_json::from_str(&value)?,
                sealed,
                revision: revision.unsigned_abs(),
                updated_by: by,
                updated_at: Timestamp::from_micros(at),
            })
        };
        rows.into_iter().map(configuration).collect()
    }

    /// Writes settings that were made against `revision` of those before, with their line in the log. `false`, and
    /// nothing written, where somebody changed them meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_plugin_configuration(
        &self,
        made: &PluginConfiguration,
        deed: &PluginDeed,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let is_new = made.revision == 0;
        let text = if is_new { &INSERT } else { &UPDATE }.text(tx.backend());
        let revision = i64::try_from(made.revision).unwrap_or(i64::MAX);
        let written = on!(&mut tx, |conn| {
            let query = sqlx::query(text)
                .bind(&made.plugin)
                .bind(&made.name)
                .bind(made.value.to_string())
                .bind(&made.sealed)
                .bind(&made.updated_by)
                .bind(made.updated_at.as_micros());
            let query = if is_new { query } else { query.bind(revision) };
            query.execute(conn).await.map(|done| done.rows_affected())
        })?;
        if written == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        log::write(&mut tx, deed).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets settings that stood at `revision`, with their line in the log. `false`, and nothing forgotten, where
    /// somebody changed them meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_plugin_configuration(
        &self,
        plugin: &str,
        name: &str,
        revision: u64,
        deed: &PluginDeed,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let text = DELETE.text(tx.backend());
        let revision = i64::try_from(revision).unwrap_or(i64::MAX);
        let gone = on!(&mut tx, |conn| sqlx::query(text)
            .bind(plugin)
            .bind(name)
            .bind(revision)
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?;
        if gone == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        log::write(&mut tx, deed).await?;
        tx.commit().await?;
        Ok(true)
    }
}

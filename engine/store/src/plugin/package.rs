//! The versions of plugins that were installed. Their content lies among the kept files.

use super::{PluginDeed, log};
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::Timestamp;

/// An installed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginPackage {
    /// The plugin.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the package.
    pub digest: String,
    /// Where it came from.
    pub source: String,
    /// The key that signed it.
    pub signing_key: Option<String>,
    /// Digest of the kept archive.
    pub content: String,
    /// When it was installed last.
    pub installed_at: Timestamp,
}

pub(super) static ALL: Sql = Sql::both(
    "select plugin, version, digest, source, signing_key, content, installed_at from plugin_package
     order by installed_at, plugin, version",
);
pub(super) static PUT: Sql = Sql::both(
    "insert into plugin_package (plugin, version, digest, source, signing_key, content, installed_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (plugin, version) do update set digest = excluded.digest, source = excluded.source,
       signing_key = excluded.signing_key, content = excluded.content, installed_at = excluded.installed_at",
);

impl Store {
    /// The installed versions of all plugins, those installed last at the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plugin_packages(&self) -> Result<Vec<PluginPackage>, StoreError> {
        type Columns = (String, String, String, String, Option<String>, String, i64);
        let rows: Vec<Columns> = read!(self, ALL, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        let package =
            |(plugin, version, digest, source, signing_key, content, at): Columns| PluginPackage {
                plugin,
                version,
                digest,
                source,
                signing_key,
                content,
                installed_at: Timestamp::from_micros(at),
            };
        Ok(rows.into_iter().map(package).collect())
    }

    /// Keeps an installed version, in the place of another package of the same version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_plugin_package(
        &self,
        package: &PluginPackage,
        deed: &PluginDeed,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let text = PUT.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(text)
            .bind(&package.plugin)
            .bind(&package.version)
            .bind(&package.digest)
            .bind(&package.source)
            .bind(&package.signing_key)
            .bind(&package.content)
            .bind(package.installed_at.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        log::write(&mut tx, deed).await?;
        Ok(tx.commit().await?)
    }
}

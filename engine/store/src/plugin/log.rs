//! Who decided what about a plugin, and when.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, Tx, on, read};
use sagsgang_domain::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginDeed {
    /// Identity, in the order of time.
    pub id: Uuid,
    /// The plugin.
    pub plugin: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, such as `granted`.
    pub deed: String,
    /// The particulars.
    pub detail: Value,
}

pub(super) static INSERT: Sql = Sql::both(
    "insert into plugin_log (id, plugin, at, actor, deed, detail) values ($1, $2, $3, $4, $5, $6)",
);
pub(super) static LIST: Sql = Sql::both(
    "select id, plugin, at, actor, deed, detail from plugin_log where plugin = $1 order by id desc limit $2",
);

pub(super) async fn write(tx: &mut Tx, deed: &PluginDeed) -> Result<(), StoreError> {
    let text = INSERT.text(tx.backend());
    on!(tx, |conn| sqlx::query(text)
        .bind(deed.id)
        .bind(&deed.plugin)
        .bind(deed.at.as_micros())
        .bind(&deed.actor)
        .bind(&deed.deed)
        .bind(deed.detail.to_string())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

impl Store {
    /// The newest lines of a plugin's log, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plugin_log(
        &self,
        plugin: &str,
        limit: u32,
    ) -> Result<Vec<PluginDeed>, StoreError> {
        type Columns = (Uuid, String, i64, String, String, String);
        let rows: Vec<Columns> = read!(self, LIST, |sql, pool| sqlx::query_as(sql)
            .bind(plugin)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        let deed = |(id, plugin, at, actor, deed, detail): Columns| {
            Ok(PluginDeed {
                id,
                plugin,
                at: Timestamp::from_micros(at),
                actor,
                deed,
                detail: serde_json::from_str(&detail)?,
            })
        };
        rows.into_iter().map(deed).collect()
    }
}

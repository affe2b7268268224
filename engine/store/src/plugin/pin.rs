//! To which version of a plugin the calls of published workflows go.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::Timestamp;

/// Where a call of a published workflow goes, for runs that begin from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowPin {
    /// `namespace/name` of the workflow.
    pub workflow: String,
    /// Its version.
    pub version: String,
    /// What is called, as the workflow names it: `name` or `name:version`.
    pub function: String,
    /// Runs that began then or later.
    pub since: Timestamp,
    /// The plugin.
    pub plugin: String,
    /// Its version.
    pub plugin_version: String,
    /// SHA-256 of the package.
    pub digest: String,
}

pub(super) static ALL: Sql = Sql::both(
    "select workflow, version, function, since, plugin, plugin_version, digest from workflow_pin
     order by workflow, version, since, function",
);
pub(super) static PUT: Sql = Sql::both(
    "insert into workflow_pin (workflow, version, function, since, plugin, plugin_version, digest)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (workflow, version, function, since) do update set plugin = excluded.plugin,
       plugin_version = excluded.plugin_version, digest = excluded.digest",
);
pub(super) static DELETE: Sql = Sql::both(
    "delete from workflow_pin where workflow = $1 and version = $2 and function = $3 and since = $4",
);

impl Store {
    /// All pins; those of one workflow version in the order of time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workflow_pins(&self) -> Result<Vec<WorkflowPin>, StoreError> {
        type Columns = (String, String, String, i64, String, String, String);
        let rows: Vec<Columns> = read!(self, ALL, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        let pin =
            |(workflow, version, function, since, plugin, plugin_version, digest): Columns| {
                WorkflowPin {
                    workflow,
                    version,
                    function,
                    since: Timestamp::from_micros(since),
                    plugin,
                    plugin_version,
                    digest,
                }
            };
        Ok(rows.into_iter().map(pin).collect())
    }

    /// Writes pins, in the place of those of the same moment, and forgets others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_workflow_pins(
        &self,
        written: &[WorkflowPin],
        gone: &[WorkflowPin],
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let backend = tx.backend();
        let (put, delete) = (PUT.text(backend), DELETE.text(backend));
        for pin in written {
            on!(&mut tx, |conn| sqlx::query(put)
                .bind(&pin.workflow)
                .bind(&pin.version)
                .bind(&pin.function)
                .bind(pin.since.as_micros())
                .bind(&pin.plugin)
                .bind(&pin.plugin_version)
                .bind(&pin.digest)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        for pin in gone {
            on!(&mut tx, |conn| sqlx::query(delete)
                .bind(&pin.workflow)
                .bind(&pin.version)
                .bind(&pin.function)
                .bind(pin.since.as_micros())
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Ok(tx.commit().await?)
    }
}

//! What people decided about plugins: switched on or off, granted, which version. Each decision leaves a line in the log.

mod configuration;
mod log;
mod package;
mod pin;

pub use configuration::PluginConfiguration;
pub use log::PluginDeed;
pub use package::PluginPackage;
pub use pin::WorkflowPin;

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, Tx, on, read};
use sagsgang_domain::Timestamp;
use serde_json::Value;

/// What was decided about a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginDecision {
    /// The plugin.
    pub id: String,
    /// It may be called.
    pub enabled: bool,
    /// The version that somebody chose; the newest where nobody did.
    pub version: Option<String>,
    /// What it asked for when it was granted.
    pub asked: Option<Value>,
    /// What it was granted; nothing where nobody has decided or it was taken back.
    pub granted: Option<Value>,
    /// SHA-256 of the packages that the grant was given to.
    pub digests: Vec<String>,
    /// The key whose later packages have the grant too.
    pub signing_key: Option<String>,
    /// Who granted.
    pub granted_by: Option<String>,
    /// When.
    pub granted_at: Option<Timestamp>,
    /// Rises with each decision; 0 where there was none.
    pub revision: u64,
    /// When something was decided last.
    pub updated_at: Timestamp,
}

static ALL: Sql = Sql::both(
    "select id, enabled, version, asked, granted, digests, signing_key, granted_by, granted_at, revision, updated_at
     from plugin order by id",
);
static INSERT: Sql = Sql::both(
    "insert into plugin (id, enabled, version, asked, granted, digests, signing_key, granted_by, granted_at, revision, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10) on conflict (id) do nothing",
);
static UPDATE: Sql = Sql::both(
    "update plugin set enabled = $2, version = $3, asked = $4, granted = $5, digests = $6, signing_key = $7,
     granted_by = $8, granted_at = $9, updated_at = $10, revision = revision + 1 where id = $1 and revision = $11",
);
static DELETE: Sql = Sql::both("delete from plugin where id = $1");
static DELETE_PACKAGES: Sql = Sql::both("delete from plugin_package where plugin = $1");
static DELETE_CONFIGURATIONS: Sql = Sql::both("delete from plugin_configuration where plugin = $1");
static DELETE_VALUES: Sql = Sql::both("delete from plugin_value where plugin = $1");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("plugins all", &ALL),
    ("plugin insert", &INSERT),
    ("plugin update", &UPDATE),
    ("plugin delete", &DELETE),
    ("plugin packages delete", &DELETE_PACKAGES),
    ("plugin configurations delete", &DELETE_CONFIGURATIONS),
    ("plugin values delete", &DELETE_VALUES),
    ("plugin packages all", &package::ALL),
    ("plugin package put", &package::PUT),
    ("plugin configurations all", &configuration::ALL),
    ("plugin configuration insert", &configuration::INSERT),
    ("plugin configuration update", &configuration::UPDATE),
    ("plugin configuration delete", &configuration::DELETE),
    ("workflow pins all", &pin::ALL),
    ("workflow pin put", &pin::PUT),
    ("workflow pin delete", &pin::DELETE),
    ("plugin log insert", &log::INSERT),
    ("plugin log list", &log::LIST),
];

type Columns = (
    String,
    i64,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    Option<i64>,
    i64,
    i64,
);

fn decision(columns: Columns) -> Result<PluginDecision, StoreError> {
    let (id, enabled, version, asked, granted, digests, signing_key, by, at, revision, updated) =
        columns;
    let json = |text: Option<String>| text.map(|text| serde_json::from_str(&text)).transpose();
    Ok(PluginDecision {
        id,
        enabled: enabled != 0,
        version,
        asked: json(asked)?,
        granted: json(granted)?,
        digests: serde_json::from_str(&digests)?,
        signing_key,
        granted_by: by,
        granted_at: at.map(Timestamp::from_micros),
        revision: revision.unsigned_abs(),
        updated_at: Timestamp::from_micros(updated),
    })
}

impl Store {
    /// What was decided about plugins.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plugin_decisions(&self) -> Result<Vec<PluginDecision>, StoreError> {
        let rows: Vec<Columns> = read!(self, ALL, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        rows.into_iter().map(decision).collect()
    }

    /// Writes a decision that was made against `revision` of the one before, with its line in the log. `false`, and
    /// nothing written, where somebody decided meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_plugin_decision(
        &self,
        made: &PluginDecision,
        deed: &PluginDeed,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let backend = tx.backend();
        let is_new = made.revision == 0;
        let text = if is_new { &INSERT } else { &UPDATE }.text(backend);
        let json = |value: &Option<Value>| value.as_ref().map(Value::to_string);
        let digests = serde_json::to_string(&made.digests)?;
        let revision = i64::try_from(made.revision).unwrap_or(i64::MAX);
        let written = on!(&mut tx, |conn| {
            let query = sqlx::query(text)
                .bind(&made.id)
                .bind(i64::from(made.enabled))
                .bind(&made.version)
                .bind(json(&made.asked))
                .bind(json(&made.granted))
                .bind(digests)
                .bind(&made.signing_key)
                .bind(&made.granted_by)
                .bind(made.granted_at.map(Timestamp::as_micros))
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

    /// Forgets a plugin: what was decided, its versions, its settings and its values. The log stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_plugin(&self, id: &str, deed: &PluginDeed) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for statement in [
            &DELETE,
            &DELETE_PACKAGES,
            &DELETE_CONFIGURATIONS,
            &DELETE_VALUES,
        ] {
            execute(&mut tx, statement, id).await?;
        }
        log::write(&mut tx, deed).await?;
        Ok(tx.commit().await?)
    }
}

async fn execute(tx: &mut Tx, statement: &Sql, id: &str) -> Result<(), StoreError> {
    let text = statement.text(tx.backend());
    on!(tx, |conn| sqlx::query(text)
        .bind(id)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

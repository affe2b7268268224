//! What stopped and waits for a person.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::{CaseId, InstanceId, Timestamp};
use uuid::Uuid;

/// Something that stopped and waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Identity.
    pub id: Uuid,
    /// The run that stopped.
    pub instance: Option<InstanceId>,
    /// Its case.
    pub case: Option<CaseId>,
    /// The plugin at fault.
    pub plugin: Option<String>,
    /// Stable code.
    pub code: String,
    /// One line.
    pub title: String,
    /// All that is known.
    pub detail: String,
    /// Nobody has dealt with it yet.
    pub open: bool,
    /// When.
    pub at: Timestamp,
}

static RECENT: Sql = Sql::both(
    "select id, instance, case_id, plugin, code, title, detail, state, at from incident
     where state = $1 order by at desc, id desc limit $2",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[("incidents", &RECENT)];

impl Store {
    /// Open or resolved incidents, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn incidents(&self, open: bool, limit: u32) -> Result<Vec<Incident>, StoreError> {
        type Columns = (
            Uuid,
            Option<Uuid>,
            Option<Uuid>,
            Option<String>,
            String,
            String,
            String,
            String,
            i64,
        );
        let state = if open { "open" } else { "resolved" };
        let rows: Vec<Columns> = read!(self, RECENT, |sql, pool| sqlx::query_as(sql)
            .bind(state)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        let incident =
            |(id, instance, case, plugin, code, title, detail, state, at): Columns| Incident {
                id,
                instance: instance.map(InstanceId),
                case: case.map(CaseId),
                plugin,
                code,
                title,
                detail,
                open: state == "open",
                at: Timestamp::from_micros(at),
            };
        Ok(rows.into_iter().map(incident).collect())
    }
}

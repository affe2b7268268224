//! Starts of workflows that need several events: what has come so far.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::Timestamp;
use serde_json::Value;
use sqlx::types::Json;

/// Starts of a workflow that wait for more events, those of one set of values.
#[derive(Clone, Debug, PartialEq)]
pub struct GatheringRow {
    /// `namespace/name`.
    pub workflow: String,
    /// The values that the events of these starts share.
    pub key: String,
    /// Rises with each event; guards the row.
    pub seq: u64,
    /// The starts with their events, as the runtime wrote them.
    pub body: Value,
    /// When an event came last.
    pub updated_at: Timestamp,
}

/// Starts to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct GatheringWrite {
    /// `seq` as it was read; `None` where there was no row.
    pub expected: Option<u64>,
    /// The row afterwards.
    pub row: GatheringRow,
    /// Nothing waits any more, and the row goes.
    pub is_empty: bool,
}

static FIND: Sql =
    Sql::both("select seq, body, updated_at from start_gathering where workflow = $1 and key = $2");
pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[("gathering find", &FIND)];

impl Store {
    /// The starts of a workflow that wait, of one set of values.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gathering(
        &self,
        workflow: &str,
        key: &str,
    ) -> Result<Option<GatheringRow>, StoreError> {
        let row: Option<(i64, Json<Value>, i64)> =
            read!(self, FIND, |sql, pool| sqlx::query_as(sql)
                .bind(workflow)
                .bind(key)
                .fetch_optional(pool)
                .await)?;
        Ok(row.map(|(seq, body, updated_at)| GatheringRow {
            workflow: workflow.to_owned(),
            key: key.to_owned(),
            seq: u64::try_from(seq).unwrap_or_default(),
            body: body.0,
            updated_at: Timestamp::from_micros(updated_at),
        }))
    }
}

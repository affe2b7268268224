//! Events from outside, each accepted once.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::Timestamp;
use serde_json::Value;

/// An accepted CloudEvent.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// `source`.
    pub source: String,
    /// `id`, unique per source.
    pub event_id: String,
    /// `type`.
    pub event_type: String,
    /// When it was accepted.
    pub at: Timestamp,
    /// The event.
    pub body: Value,
}

static FIND: Sql = Sql::both("select 1 from event where source = $1 and event_id = $2");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[("event find", &FIND)];

impl Store {
    /// Whether an event was accepted already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn event_known(&self, source: &str, event_id: &str) -> Result<bool, StoreError> {
        let row: Option<(i32,)> = read!(self, FIND, |sql, pool| sqlx::query_as(sql)
            .bind(source)
            .bind(event_id)
            .fetch_optional(pool)
            .await)?;
        Ok(row.is_some())
    }
}

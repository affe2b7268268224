//! Events from outside, each accepted once; and events that are kept for runs that begin to listen later.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::{CaseId, Timestamp};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

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

/// An event that runs may hear that begin to listen later: one from outside, or one of a workflow. What happens to a case
/// stands in its history.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptEvent {
    /// `type`.
    pub event_type: String,
    /// The case that it is about.
    pub case: Option<CaseId>,
    /// When it came.
    pub at: Timestamp,
    /// The event.
    pub body: Value,
}

static FIND: Sql = Sql::both("select 1 from event where source = $1 and event_id = $2");
static HEARING: Sql = Sql::both("select place from hearing where id = 1");
static KEPT_OF_CASE: Sql = Sql::both(
    "select event_type, case_id, at, body, place from kept_event
     where event_type = $1 and case_id = $2 and at >= $3 and place > $4
     union all
     select event_type, case_id, at, body, place from kept_event
     where event_type = $1 and case_id is null and at >= $3 and place > $4
     order by place limit $5",
);
static KEPT: Sql = Sql::both(
    "select event_type, case_id, at, body, place from kept_event
     where event_type = $1 and at >= $2 and place > $3 order by place limit $4",
);
static KEPT_OF_ALL_TYPES: Sql = Sql::both(
    "select event_type, case_id, at, body, place from kept_event
     where at >= $2 and (case_id is null or case_id = coalesce($1, case_id)) and place > $3 order by place limit $4",
);
static FORGET: Sql = Sql::both("delete from kept_event where at < $1");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("event find", &FIND),
    ("events heard", &HEARING),
    ("events kept of case", &KEPT_OF_CASE),
    ("events kept", &KEPT),
    ("events kept of all types", &KEPT_OF_ALL_TYPES),
    ("events forget", &FORGET),
];

type Columns = (String, Option<Uuid>, i64, Json<Value>, i64);

fn kept((event_type, case, at, body, place): Columns) -> (u64, KeptEvent) {
    let event = KeptEvent {
        event_type,
        case: case.map(CaseId),
        at: Timestamp::from_micros(at),
        body: body.0,
    };
    (place.unsigned_abs(), event)
}

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

    /// How far events are kept and runs listen. What is read after this, and written with it as [`crate::Commit::heard`],
    /// holds only if nothing came between that would have been read too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hearing(&self) -> Result<u64, StoreError> {
        let (place,): (i64,) = read!(self, HEARING, |sql, pool| sqlx::query_as(sql)
            .fetch_one(pool)
            .await)?;
        Ok(place.unsigned_abs())
    }

    /// Kept events of a type, or of all where it is `*`, that came since a moment, behind a place, each with its place, in
    /// order: those about a case and about none, or all where no case is named.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kept_events(
        &self,
        event_type: &str,
        case: Option<CaseId>,
        since: Timestamp,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, KeptEvent)>, StoreError> {
        let (since, limit) = (since.as_micros(), i64::from(limit));
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let rows: Vec<Columns> = match (event_type, case) {
            ("*", case) => read!(self, KEPT_OF_ALL_TYPES, |sql, pool| sqlx::query_as(sql)
                .bind(case.map(|case| case.0))
                .bind(since)
                .bind(after)
                .bind(limit)
                .fetch_all(pool)
                .await)?,
            (event_type, Some(case)) => read!(self, KEPT_OF_CASE, |sql, pool| sqlx::query_as(sql)
                .bind(event_type)
                .bind(case.0)
                .bind(since)
                .bind(after)
                .bind(limit)
                .fetch_all(pool)
                .await)?,
            (event_type, None) => read!(self, KEPT, |sql, pool| sqlx::query_as(sql)
                .bind(event_type)
                .bind(since)
                .bind(after)
                .bind(limit)
                .fetch_all(pool)
                .await)?,
        };
        Ok(rows.into_iter().map(kept).collect())
    }

    /// Forgets kept events that came before a moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_events(&self, before: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = FORGET.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(before.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }
}

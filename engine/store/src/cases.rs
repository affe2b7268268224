//! Reading cases, their history and lists of them.

mod beside;
mod filter;
mod fresh;
mod list;
mod place;
mod plans;
mod similar;

pub use beside::CaseBeside;
pub(crate) use beside::STATEMENTS as BESIDE;
pub use filter::{CaseFilter, ContainerRef, PropertyRef};
pub(crate) use filter::{Statement, Value as Bound};
pub(crate) use list::STATEMENTS as AREAS;
pub use list::{CaseListItem, CaseSort, Page, is_place};
pub(crate) use list::{read_cursor, write_cursor};
pub use place::CasePlace;
pub use plans::{count_texts, list_texts};
pub(crate) use similar::STATEMENTS as SIMILAR;
pub use similar::SimilarTo;

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::decide::HistoryHead;
use sagsgang_domain::{Actor, Case, CaseId, Cause, Entry, LinkKind, Timestamp};
use serde_json::{Map, Value};
use sqlx::types::Json;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A case as one of those that are about the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedCase {
    /// Identity.
    pub id: CaseId,
    /// Number.
    pub number: String,
    /// Case type.
    pub case_type: String,
    /// Title.
    pub title: String,
    /// Status.
    pub status: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A case with the place where its history stands.
#[derive(Clone, Debug)]
pub struct StoredCase {
    /// The case.
    pub case: Case,
    /// The newest entry of its history.
    pub head: HistoryHead,
    /// How often a run has begun to listen on it.
    pub listens: u64,
}

static BY_ID: Sql =
    Sql::both("select body, head_seq, head_hash, listens from case_head where id = $1");
static BY_NUMBER: Sql =
    Sql::both("select body, head_seq, head_hash, listens from case_head where number = $1");
static HISTORY: Sql = Sql::both(
    "select seq, version, kind, at, actor, cause, data, salts, hash from case_history
     where case_id = $1 and seq > $2 order by seq limit $3",
);
/// A case has one property: a link to the one that it had before does not count.
static LINKED: Sql = Sql::both(
    "select case_head.id, number, case_type, title, status, created_at
     from case_link join case_head on case_head.id = case_link.case_id
     where case_link.kind = $1 and case_link.target = $2 and (case_link.kind <> 'property' or case_head.property = case_link.target)
     order by created_at desc, case_head.id desc limit $3",
);
// The databases unfold JSON by functions of different names.
static NUMBERS: Sql = Sql::per_backend(
    "select id, number from case_head where id in (select unhex(value) from json_each($1))",
    "select id, number from case_head
     where id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as uuid))",
);
static FIELDS: Sql = Sql::per_backend(
    "select id, cast(body->'fields' as text) from case_head where id in (select unhex(value) from json_each($1))",
    "select id, cast(body->'fields' as text) from case_head
     where id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as uuid))",
);
static IDS_AFTER: Sql = Sql::both("select id from case_head where id > $1 order by id limit $2");

static OPEN_AFTER: Sql =
    Sql::both("select id from case_head where id > $1 and is_final = 0 order by id limit $2");
static DUE_RUNGS: Sql = Sql::both(
    "select id from case_head where next_rung is not null and next_rung <= $1 order by next_rung limit $2",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("case numbers", &NUMBERS),
    ("own fields of cases", &FIELDS),
    ("case by id", &BY_ID),
    ("case by number", &BY_NUMBER),
    ("case history", &HISTORY),
    ("cases linked", &LINKED),
    ("case ids after", &IDS_AFTER),
    ("open case ids after", &OPEN_AFTER),
    ("due rungs", &DUE_RUNGS),
];

type LinkedColumns = (Uuid, String, String, String, String, i64);

impl From<LinkedColumns> for LinkedCase {
    fn from((id, number, case_type, title, status, created_at): LinkedColumns) -> Self {
        Self {
            id: CaseId(id),
            number,
            case_type,
            title,
            status,
            created_at: Timestamp::from_micros(created_at),
        }
    }
}

pub(crate) type HeadColumns = (Json<Case>, i64, Vec<u8>, i64);

pub(crate) fn stored((case, seq, hash, listens): HeadColumns) -> StoredCase {
    StoredCase {
        case: case.0,
        head: HistoryHead {
            seq: seq.unsigned_abs(),
            hash: hash32(&hash),
        },
        listens: listens.unsigned_abs(),
    }
}

/// Bytes of a hash column; a column that was tampered with becomes zeros, which no chain verifies.
pub(crate) fn hash32(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().unwrap_or([0; 32])
}

type HistoryColumns = (
    i64,
    i64,
    String,
    i64,
    Json<Actor>,
    Option<Json<Cause>>,
    Json<Map<String, Value>>,
    Json<BTreeMap<String, String>>,
    Vec<u8>,
);

impl Store {
    /// The case with an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case(&self, id: CaseId) -> Result<Option<StoredCase>, StoreError> {
        let row: Option<HeadColumns> = read!(self, BY_ID, |sql, pool| sqlx::query_as(sql)
            .bind(id.0)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(stored))
    }

    /// The case with a number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_by_number(&self, number: &str) -> Result<Option<StoredCase>, StoreError> {
        let row: Option<HeadColumns> = read!(self, BY_NUMBER, |sql, pool| sqlx::query_as(sql)
            .bind(number)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(stored))
    }

    /// Entries of a case's history after a place, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history(
        &self,
        case: CaseId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows: Vec<HistoryColumns> = read!(self, HISTORY, |sql, pool| sqlx::query_as(sql)
            .bind(case.0)
            .bind(i64::try_from(after).unwrap_or(i64::MAX))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        let entry =
            |(seq, version, kind, at, actor, cause, data, salts, hash): HistoryColumns| Entry {
                case,
                seq: seq.unsigned_abs(),
                version: version.unsigned_abs(),
                kind,
                at: Timestamp::from_micros(at),
                actor: actor.0,
                cause: cause.map(|cause| cause.0),
                data: data.0,
                salts: salts.0,
                hash: hash32(&hash),
            };
        Ok(rows.into_iter().map(entry).collect())
    }

    /// Cases linked to something, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_linked(
        &self,
        kind: LinkKind,
        target: Uuid,
        limit: u32,
    ) -> Result<Vec<LinkedCase>, StoreError> {
        let rows: Vec<LinkedColumns> = read!(self, LINKED, |sql, pool| sqlx::query_as(sql)
            .bind(kind.name())
            .bind(target)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(LinkedCase::from).collect())
    }

    /// Numbers of cases; those that there are not are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_numbers(
        &self,
        cases: &[CaseId],
    ) -> Result<HashMap<CaseId, String>, StoreError> {
        if cases.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = cases.iter().map(|case| case.0.simple()).collect();
        let ids = serde_json::json!(ids).to_string();
        let rows: Vec<(Uuid, String)> = read!(self, NUMBERS, |sql, pool| sqlx::query_as(sql)
            .bind(ids)
            .fetch_all(pool)
            .await)?;
        let rows = rows.into_iter();
        Ok(rows.map(|(id, number)| (CaseId(id), number)).collect())
    }

    /// The case types' own fields of cases; those that there are not are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_fields(
        &self,
        cases: &[CaseId],
    ) -> Result<HashMap<CaseId, Map<String, Value>>, StoreError> {
        let ids: Vec<_> = cases.iter().map(|case| case.0.simple()).collect();
        let ids = serde_json::json!(ids).to_string();
        let rows: Vec<(Uuid, Option<String>)> =
            read!(self, FIELDS, |sql, pool| sqlx::query_as(sql)
                .bind(ids)
                .fetch_all(pool)
                .await)?;
        let mut found = HashMap::with_capacity(rows.len());
        for (id, fields) in rows {
            let fields = fields.map(|text| serde_json::from_str(&text)).transpose()?;
            found.insert(CaseId(id), fields.unwrap_or_default());
        }
        Ok(found)
    }

    /// Ids of cases in order, after one of them; for walking through all of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_ids_after(
        &self,
        after: CaseId,
        limit: u32,
    ) -> Result<Vec<CaseId>, StoreError> {
        let rows: Vec<(Uuid,)> = read!(self, IDS_AFTER, |sql, pool| sqlx::query_as(sql)
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(id,)| CaseId(id)).collect())
    }

    /// Ids of cases that are not done, in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_case_ids(
        &self,
        after: CaseId,
        limit: u32,
    ) -> Result<Vec<CaseId>, StoreError> {
        let rows: Vec<(Uuid,)> = read!(self, OPEN_AFTER, |sql, pool| sqlx::query_as(sql)
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(id,)| CaseId(id)).collect())
    }

    /// Cases of which a clock has reached a rung, the longest due first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_rungs(&self, now: Timestamp, limit: u32) -> Result<Vec<CaseId>, StoreError> {
        let rows: Vec<(Uuid,)> = read!(self, DUE_RUNGS, |sql, pool| sqlx::query_as(sql)
            .bind(now.as_micros())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(id,)| CaseId(id)).collect())
    }
}

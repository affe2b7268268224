//! The cases that a phase goes through, and what the history says of how they were moved.

use crate::cases::{HeadColumns, StoredCase, stored};
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::{CaseId, MigrationId};
use serde_json::{Map, Value};
use sqlx::types::Json;
use std::collections::HashMap;
use uuid::Uuid;

static TO_MOVE: Sql = Sql::per_backend(
    "select body, head_seq, head_hash, listens from case_head
     where id > $1 and case_type = $2 and body->>'caseTypeVersion' = $3 order by id limit $4",
    "select body, head_seq, head_hash, listens from case_head
     where id > $1 and case_type = $2 and cast(body->>'caseTypeVersion' as bigint) = $3 order by id limit $4",
);
static TO_PUT_BACK: Sql = Sql::per_backend(
    "select body, head_seq, head_hash, listens from case_head
     where id > $1 and case_type = $2 and body->>'migration' = $3 order by id limit $4",
    "select body, head_seq, head_hash, listens from case_head
     where id > $1 and case_type = $2 and body->>'migration' = $3 order by id limit $4",
);
// The databases unfold JSON by functions of different names.
static MOVES: Sql = Sql::per_backend(
    "select case_id, data from case_history
     where case_id in (select unhex(value) from json_each($1)) and kind = 'case.migrated.v1' order by case_id, seq",
    "select case_id, data from case_history
     where case_id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as uuid)) and kind = 'case.migrated.v1'
     order by case_id, seq",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("cases to migrate", &TO_MOVE),
    ("migrated cases", &TO_PUT_BACK),
    ("moves of cases", &MOVES),
];

impl Store {
    /// Cases of a version of a case type after a case, in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_of_version(
        &self,
        case_type: &str,
        version: u32,
        after: CaseId,
        limit: u32,
    ) -> Result<Vec<StoredCase>, StoreError> {
        let rows: Vec<HeadColumns> = read!(self, TO_MOVE, |sql, pool| sqlx::query_as(sql)
            .bind(after.0)
            .bind(case_type)
            .bind(i64::from(version))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(stored).collect())
    }

    /// Cases that a migration brought to the version that they have, after a case, in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_moved_by(
        &self,
        case_type: &str,
        migration: MigrationId,
        after: CaseId,
        limit: u32,
    ) -> Result<Vec<StoredCase>, StoreError> {
        let rows: Vec<HeadColumns> = read!(self, TO_PUT_BACK, |sql, pool| sqlx::query_as(sql)
            .bind(after.0)
            .bind(case_type)
            .bind(migration.to_string())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(stored).collect())
    }

    /// How cases were moved between versions, by case, the latest last.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn moves_of(
        &self,
        cases: &[CaseId],
    ) -> Result<HashMap<CaseId, Vec<Map<String, Value>>>, StoreError> {
        let ids: Vec<_> = cases.iter().map(|case| case.0.simple()).collect();
        let ids = serde_json::json!(ids).to_string();
        let rows: Vec<(Uuid, Json<Map<String, Value>>)> =
            read!(self, MOVES, |sql, pool| sqlx::query_as(sql)
                .bind(ids)
                .fetch_all(pool)
                .await)?;
        let mut moves: HashMap<CaseId, Vec<_>> = HashMap::new();
        for (case, data) in rows {
            moves.entry(CaseId(case)).or_default().push(data.0);
        }
        Ok(moves)
    }
}

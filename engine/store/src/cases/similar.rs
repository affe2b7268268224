//! Cases that may be about the same thing.

use super::LinkedCase;
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::{CaseId, ContainerId, PropertyId, Timestamp};
use uuid::Uuid;

/// What cases are asked to be similar to.
#[derive(Clone, Copy, Debug)]
pub struct SimilarTo<'a> {
    /// The case itself, which is left out.
    pub case: CaseId,
    /// Of this type.
    pub case_type: &'a str,
    /// About this property …
    pub property: Option<PropertyId>,
    /// … or one of these containers.
    pub containers: &'a [ContainerId],
    /// Where both say a waste fraction, it is this one.
    pub fraction: Option<&'a str>,
    /// Created after this.
    pub since: Timestamp,
}

static BY_PROPERTY: Sql = Sql::both(
    "select id, number, case_type, title, status, created_at from case_head
     where property = $1 and created_at > $2 and case_type = $3 and is_final = 0 and id <> $4
       and ($5 = '' or coalesce(body->'fields'->>'fraction', $5) = $5)
     order by created_at desc limit $6",
);
static BY_CONTAINER: Sql = Sql::both(
    "select id, number, case_type, title, status, created_at
     from case_link join case_head on case_head.id = case_link.case_id
     where case_link.kind = 'container' and case_link.target = $1 and created_at > $2 and case_type = $3 and is_final = 0
       and id <> $4 and ($5 = '' or coalesce(body->'fields'->>'fraction', $5) = $5)
     order by created_at desc limit $6",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("similar cases of a property", &BY_PROPERTY),
    ("similar cases of a container", &BY_CONTAINER),
];

impl Store {
    /// Cases that are not done and may be about the same thing, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn similar_cases(
        &self,
        asked: &SimilarTo<'_>,
        limit: u32,
    ) -> Result<Vec<LinkedCase>, StoreError> {
        let mut found: Vec<LinkedCase> = Vec::new();
        let property = asked.property.map(|id| (&BY_PROPERTY, id.0));
        let containers = asked.containers.iter().map(|id| (&BY_CONTAINER, id.0));
        for (sql, target) in property.into_iter().chain(containers) {
            for case in self.similar_by(sql, target, asked, limit).await? {
                if !found.iter().any(|known| known.id == case.id) {
                    found.push(case);
                }
            }
        }
        found.sort_by_key(|case| std::cmp::Reverse((case.created_at, case.id)));
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn similar_by(
        &self,
        statement: &'static Sql,
        target: Uuid,
        asked: &SimilarTo<'_>,
        limit: u32,
    ) -> Result<Vec<LinkedCase>, StoreError> {
        let rows: Vec<super::LinkedColumns> =
            read!(self, statement, |sql, pool| sqlx::query_as(sql)
                .bind(target)
                .bind(asked.since.as_micros())
                .bind(asked.case_type)
                .bind(asked.case.0)
                .bind(asked.fraction.unwrap_or_default())
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await)?;
        Ok(rows.into_iter().map(LinkedCase::from).collect())
    }
}

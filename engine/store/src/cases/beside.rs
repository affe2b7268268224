//! What columns of a list show beside the case itself.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::CaseId;
use std::collections::HashMap;
use uuid::Uuid;

/// Tags and containers of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseBeside {
    /// Its tags.
    pub tags: Vec<String>,
    /// What is printed on its containers, the first one foremost.
    pub containers: Vec<String>,
}

// The databases unfold JSON by functions of different names.
static TAGS: Sql = Sql::per_backend(
    "select id, cast(body->'tags' as text) from case_head where id in (select unhex(value) from json_each($1))",
    "select id, cast(body->'tags' as text) from case_head
     where id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as uuid))",
);
static CONTAINERS: Sql = Sql::per_backend(
    "select case_head.id, container.container_id from case_head, json_each(case_head.body, '$.containers') as held
       join container on container.id = unhex(replace(held.value, '-', ''))
     where case_head.id in (select unhex(value) from json_each($1)) order by held.key",
    "select case_head.id, container.container_id from case_head
       cross join lateral jsonb_array_elements_text(case_head.body->'containers') with ordinality as held (value, place)
       join container on container.id = cast(held.value as uuid)
     where case_head.id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as uuid)) order by held.place",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("tags of cases", &TAGS),
    ("containers of cases", &CONTAINERS),
];

impl Store {
    /// Tags and containers of cases; those that there are not are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_beside(
        &self,
        cases: &[CaseId],
    ) -> Result<HashMap<CaseId, CaseBeside>, StoreError> {
        let ids: Vec<_> = cases.iter().map(|case| case.0.simple()).collect();
        let ids = serde_json::json!(ids).to_string();
        let tags: Vec<(Uuid, Option<String>)> = read!(self, TAGS, |sql, pool| sqlx::query_as(sql)
            .bind(ids.as_str())
            .fetch_all(pool)
            .await)?;
        let containers: Vec<(Uuid, String)> =
            read!(self, CONTAINERS, |sql, pool| sqlx::query_as(sql)
                .bind(ids.as_str())
                .fetch_all(pool)
                .await)?;
        let mut found: HashMap<CaseId, CaseBeside> = HashMap::with_capacity(cases.len());
        for (id, tags) in tags {
            let tags = tags.map(|text| serde_json::from_str(&text)).transpose()?;
            found.entry(CaseId(id)).or_default().tags = tags.unwrap_or_default();
        }
        for (id, printed) in containers {
            found
                .entry(CaseId(id))
                .or_default()
                .containers
                .push(printed);
        }
        Ok(found)
    }
}

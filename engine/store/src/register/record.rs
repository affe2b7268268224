//! Records with their version, by their keys, and their history.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::{
    Actor, CaseId, ContainerId, External, Record, RecordEntry, RecordKind, StoredRecord, Timestamp,
};
use serde_json::{Map, Value};
use sqlx::types::Json;
use std::collections::HashMap;
use uuid::Uuid;

/// The statements of one register.
struct Register {
    one: Sql,
    by_keys: Sql,
}

/// One record, and those with keys of another register.
macro_rules! register {
    ($table:literal) => {
        Register {
            one: Sql::both(concat!(
                "select version, external_source, external_key, body from ",
                $table,
                " where id = $1"
            )),
            by_keys: Sql::per_backend(
                concat!(
                    "select version, external_source, external_key, body from ",
                    $table,
                    " where external_source = $1 and external_key in (select value from json_each($2))"
                ),
                concat!(
                    "select version, external_source, external_key, body from ",
                    $table,
                    " where external_source = $1 and external_key in (select jsonb_array_elements_text(cast($2 as jsonb)))"
                ),
            ),
        }
    };
}
static PROPERTY: Register = register!("property");
static CONTAINER: Register = register!("container");
static AGREEMENT: Register = register!("agreement");
static CONTACT: Register = register!("contact");

// The databases unfold JSON by functions of different names.
static PROPERTIES_NUMBERED: Sql = Sql::per_backend(
    "select version, external_source, external_key, body from property
     where (municipality_code, property_number) in (select value->>0, value->>1 from json_each($1))",
    "select version, external_source, external_key, body from property
     where (municipality_code, property_number)
       in (select value->>0, value->>1 from jsonb_array_elements(cast($1 as jsonb)))",
);
static CONTAINERS_PRINTED: Sql = Sql::per_backend(
    "select version, external_source, external_key, body from container
     where container_id in (select value from json_each($1))",
    "select version, external_source, external_key, body from container
     where container_id in (select jsonb_array_elements_text(cast($1 as jsonb)))",
);
static HISTORY: Sql = Sql::both(
    "select id, version, kind, at, actor, data from record_history
     where record = $1 and id > $2 order by id limit $3",
);

// The newest entries of each record that say something else than before of its last collection.
static COLLECTIONS: Sql = Sql::per_backend(
    "select record, data from (
       select record, id, data, row_number() over (partition by record order by id desc) as place from record_history
       where record in (select unhex(value) from json_each($1)) and data->'changes'->'lastCollection' is not null
     ) as entry where place <= $2 order by record, id desc",
    "select record, data from (
       select record, id, data, row_number() over (partition by record order by id desc) as place from record_history
       where record in (select cast(value as uuid) from jsonb_array_elements_text(cast($1 as jsonb)) as wanted(value))
         and data->'changes'->'lastCollection' is not null
     ) as entry where place <= $2 order by record, id desc",
);

static CASES_BROUGHT: Sql = Sql::per_backend(
    "select key, case_id from case_external where source = $1 and key in (select value from json_each($2))",
    "select key, case_id from case_external
     where source = $1 and key in (select jsonb_array_elements_text(cast($2 as jsonb)))",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("property with version", &PROPERTY.one),
    ("properties by external key", &PROPERTY.by_keys),
    ("container with version", &CONTAINER.one),
    ("containers by external key", &CONTAINER.by_keys),
    ("agreement with version", &AGREEMENT.one),
    ("agreements by external key", &AGREEMENT.by_keys),
    ("contact with version", &CONTACT.one),
    ("contacts by external key", &CONTACT.by_keys),
    ("properties by number", &PROPERTIES_NUMBERED),
    ("containers by printed id", &CONTAINERS_PRINTED),
    ("record history", &HISTORY),
    ("collections of containers", &COLLECTIONS),
    ("cases by external key", &CASES_BROUGHT),
];

type Row = (i64, Option<String>, Option<String>, Json<Value>);

fn statements(kind: RecordKind) -> &'static Register {
    match kind {
        RecordKind::Property => &PROPERTY,
        RecordKind::Container => &CONTAINER,
        RecordKind::Agreement => &AGREEMENT,
        RecordKind::Contact => &CONTACT,
    }
}

fn stored(kind: RecordKind, (version, source, key, body): Row) -> Result<StoredRecord, StoreError> {
    Ok(StoredRecord {
        record: Record::from_value(kind, body.0)?,
        version: version.unsigned_abs(),
        external: source
            .zip(key)
            .map(|(source, key)| External { source, key }),
    })
}

impl Store {
    /// A record as it stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record(
        &self,
        kind: RecordKind,
        id: Uuid,
    ) -> Result<Option<StoredRecord>, StoreError> {
        let statement = &statements(kind).one;
        let row: Option<Row> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
            .bind(id)
            .fetch_optional(pool)
            .await)?;
        row.map(|row| stored(kind, row)).transpose()
    }

    /// The records that have one of these keys in another register.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn records_by_keys(
        &self,
        kind: RecordKind,
        source: &str,
        keys: &[&str],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let statement = &statements(kind).by_keys;
        let keys = serde_json::to_string(keys)?;
        let rows: Vec<Row> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
            .bind(source)
            .bind(keys)
            .fetch_all(pool)
            .await)?;
        rows.into_iter().map(|row| stored(kind, row)).collect()
    }

    /// The properties with one of these municipality codes and property numbers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn properties_numbered(
        &self,
        numbers: &[(&str, &str)],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let numbers = serde_json::to_string(numbers)?;
        let rows: Vec<Row> = read!(self, PROPERTIES_NUMBERED, |sql, pool| sqlx::query_as(sql)
            .bind(numbers)
            .fetch_all(pool)
            .await)?;
        let kind = RecordKind::Property;
        rows.into_iter().map(|row| stored(kind, row)).collect()
    }

    /// The containers with one of these printed ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn containers_printed(
        &self,
        printed: &[&str],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let printed = serde_json::to_string(printed)?;
        let rows: Vec<Row> = read!(self, CONTAINERS_PRINTED, |sql, pool| sqlx::query_as(sql)
            .bind(printed)
            .fetch_all(pool)
            .await)?;
        let kind = RecordKind::Container;
        rows.into_iter().map(|row| stored(kind, row)).collect()
    }

    /// The cases that were brought from another system under some of these keys, by key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_brought(
        &self,
        source: &str,
        keys: &[&str],
    ) -> Result<HashMap<String, CaseId>, StoreError> {
        let keys = serde_json::to_string(keys)?;
        let rows: Vec<(String, Uuid)> =
            read!(self, CASES_BROUGHT, |sql, pool| sqlx::query_as(sql)
                .bind(source)
                .bind(keys)
                .fetch_all(pool)
                .await)?;
        Ok(rows
            .into_iter()
            .map(|(key, id)| (key, CaseId(id)))
            .collect())
    }

    /// The changes of the day of last collection of some containers, each with what stood before and after (`from`, `to`),
    /// the newest first and at most so many of each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn collections(
        &self,
        containers: &[ContainerId],
        limit: u32,
    ) -> Result<HashMap<ContainerId, Vec<Value>>, StoreError> {
        let ids: Vec<String> = containers
            .iter()
            .map(|container| container.0.simple().to_string())
            .collect();
        let ids = serde_json::to_string(&ids)?;
        let rows: Vec<(Uuid, Json<Value>)> =
            read!(self, COLLECTIONS, |sql, pool| sqlx::query_as(sql)
                .bind(ids)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await)?;
        let mut changes: HashMap<ContainerId, Vec<Value>> = HashMap::new();
        for (record, mut data) in rows {
            let change = data.0["changes"]["lastCollection"].take();
            changes.entry(ContainerId(record)).or_default().push(change);
        }
        Ok(changes)
    }

    /// The history of a record, the oldest first, after one of its entries.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_history(
        &self,
        record: Uuid,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<RecordEntry>, StoreError> {
        type Row = (
            Uuid,
            i64,
            String,
            i64,
            Json<Actor>,
            Json<Map<String, Value>>,
        );
        let rows: Vec<Row> = read!(self, HISTORY, |sql, pool| sqlx::query_as(sql)
            .bind(record)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        let entry = |(id, version, kind, at, actor, data): Row| RecordEntry {
            id,
            record,
            version: version.unsigned_abs(),
            kind,
            at: Timestamp::from_micros(at),
            actor: actor.0,
            data: data.0,
        };
        Ok(rows.into_iter().map(entry).collect())
    }
}

//! The classification of municipal tasks: what its subjects and facets are called.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::KleEntry;
use uuid::Uuid;

static PAGE: Sql =
    Sql::both("select code, title, uuid, dated_on from kle where code > $1 order by code limit $2");
// The databases unfold JSON by functions of different names.
static NAMED: Sql = Sql::per_backend(
    "select code, title, uuid, dated_on from kle where code in (select value from json_each($1))",
    "select code, title, uuid, dated_on from kle where code in (select jsonb_array_elements_text(cast($1 as jsonb)))",
);
static KEEP: Sql = Sql::both(
    "insert into kle (code, title, uuid, dated_on) values ($1, $2, $3, $4)
     on conflict (code) do update set title = excluded.title, uuid = excluded.uuid, dated_on = excluded.dated_on",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("classification page", &PAGE),
    ("classification by codes", &NAMED),
    ("classification keep", &KEEP),
];

type Columns = (String, String, Option<Uuid>, Option<String>);

fn entry((code, title, uuid, date): Columns) -> KleEntry {
    KleEntry {
        code,
        title,
        uuid,
        date,
    }
}

impl Store {
    /// Entries by code, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kle_page(&self, after: &str, limit: u32) -> Result<Vec<KleEntry>, StoreError> {
        let rows: Vec<Columns> = read!(self, PAGE, |sql, pool| sqlx::query_as(sql)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(entry).collect())
    }

    /// The entries with these codes; those that there are not are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kle_named(&self, codes: &[&str]) -> Result<Vec<KleEntry>, StoreError> {
        let codes = serde_json::json!(codes).to_string();
        let rows: Vec<Columns> = read!(self, NAMED, |sql, pool| sqlx::query_as(sql)
            .bind(codes.as_str())
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(entry).collect())
    }

    /// Keeps entries, all or none, in the place of what was kept under their codes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_kle(&self, entries: &[KleEntry]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = KEEP.text(tx.backend());
        for one in entries {
            on!(&mut tx, |conn| sqlx::query(sql)
                .bind(&one.code)
                .bind(&one.title)
                .bind(one.uuid)
                .bind(&one.date)
                .execute(conn)
                .await
                .map(drop))?;
        }
        Ok(tx.commit().await?)
    }
}

//! Published texts: case types, workflows, templates.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::Timestamp;

/// A published text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionRow {
    /// `case-type`, `workflow`, `template` …
    pub kind: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// SHA-256 of the text, hexadecimal.
    pub digest: String,
    /// The text.
    pub body: String,
    /// New starts take this version.
    pub active: bool,
    /// When.
    pub published_at: Timestamp,
    /// By whom.
    pub published_by: String,
}

static ALL: Sql = Sql::both(
    "select kind, name, version, digest, body, active, published_at, published_by from definition
     order by kind, name, published_at, version",
);
static COUNT: Sql = Sql::both("select count(*) from definition");
static DEACTIVATE: Sql =
    Sql::both("update definition set active = 0 where kind = $1 and name = $2 and version <> $3");
static INSERT: Sql = Sql::both(
    "insert into definition (kind, name, version, digest, body, active, published_at, published_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (kind, name, version) do nothing",
);
static DIGEST: Sql =
    Sql::both("select digest from definition where kind = $1 and name = $2 and version = $3");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("definition all", &ALL),
    ("definition count", &COUNT),
    ("definition deactivate", &DEACTIVATE),
    ("definition insert", &INSERT),
    ("definition digest", &DIGEST),
];

impl Store {
    /// All published texts, older versions first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn definitions(&self) -> Result<Vec<DefinitionRow>, StoreError> {
        type Columns = (String, String, String, String, String, i64, i64, String);
        let rows: Vec<Columns> = read!(self, ALL, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        let row = |(kind, name, version, digest, body, active, at, by): Columns| DefinitionRow {
            kind,
            name,
            version,
            digest,
            body,
            active: active != 0,
            published_at: Timestamp::from_micros(at),
            published_by: by,
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// How many texts are published.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_definitions(&self) -> Result<u64, StoreError> {
        let (count,): (i64,) = read!(self, COUNT, |sql, pool| sqlx::query_as(sql)
            .fetch_one(pool)
            .await)?;
        Ok(count.unsigned_abs())
    }

    /// Publishes texts together. A version that exists with the same text is left as it is; with another text it is
    /// answered as not published, and nothing of this call is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn publish(
        &self,
        rows: &[DefinitionRow],
    ) -> Result<Result<(), DefinitionRow>, StoreError> {
        let mut tx = self.begin().await?;
        for row in rows {
            let sql = DIGEST.text(tx.backend());
            let existing: Option<(String,)> = on!(&mut tx, |conn| sqlx::query_as(sql)
                .bind(&row.kind)
                .bind(&row.name)
                .bind(&row.version)
                .fetch_optional(conn)
                .await)?;
            match existing {
                Some((digest,)) if digest == row.digest => continue,
                Some(_) => {
                    tx.rollback().await?;
                    return Ok(Err(row.clone()));
                }
                None => {}
            }
            if row.active {
                let sql = DEACTIVATE.text(tx.backend());
                on!(&mut tx, |conn| sqlx::query(sql)
                    .bind(&row.kind)
                    .bind(&row.name)
                    .bind(&row.version)
                    .execute(conn)
                    .await
                    .map(|_| ()))?;
            }
            let sql = INSERT.text(tx.backend());
            on!(&mut tx, |conn| sqlx::query(sql)
                .bind(&row.kind)
                .bind(&row.name)
                .bind(&row.version)
                .bind(&row.digest)
                .bind(&row.body)
                .bind(i64::from(row.active))
                .bind(row.published_at.as_micros())
                .bind(&row.published_by)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        tx.commit().await?;
        Ok(Ok(()))
    }
}

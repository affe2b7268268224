//! Texts that somebody writes and has not published yet.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::Timestamp;

/// A text that is not published yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftText {
    /// Whose draft it is, and of what.
    pub name: String,
    /// The text.
    pub text: String,
    /// When it was last kept.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

static READ: Sql = Sql::both("select body, updated_at, updated_by from draft_text where name = $1");
static KEEP: Sql = Sql::both(
    "insert into draft_text (name, body, updated_at, updated_by) values ($1, $2, $3, $4)
     on conflict (name) do update set body = excluded.body, updated_at = excluded.updated_at,
       updated_by = excluded.updated_by",
);
static DROP: Sql = Sql::both("delete from draft_text where name = $1");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("draft text read", &READ),
    ("draft text keep", &KEEP),
    ("draft text drop", &DROP),
];

impl Store {
    /// A draft.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn draft_text(&self, name: &str) -> Result<Option<DraftText>, StoreError> {
        let row: Option<(String, i64, String)> =
            read!(self, READ, |sql, pool| sqlx::query_as(sql)
                .bind(name)
                .fetch_optional(pool)
                .await)?;
        Ok(row.map(|(text, at, by)| DraftText {
            name: name.to_owned(),
            text,
            at: Timestamp::from_micros(at),
            by,
        }))
    }

    /// Keeps a draft in the place of the one before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_draft_text(&self, draft: &DraftText) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = KEEP.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(&draft.name)
            .bind(&draft.text)
            .bind(draft.at.as_micros())
            .bind(&draft.by)
            .execute(conn)
            .await
            .map(drop))?;
        Ok(tx.commit().await?)
    }

    /// Forgets a draft.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_draft_text(&self, name: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = DROP.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(name)
            .execute(conn)
            .await
            .map(drop))?;
        Ok(tx.commit().await?)
    }
}

//! Files: attachments and printed documents. Their content is among the kept files.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::{CaseId, Command, DocumentId, MessageId, Timestamp};
use uuid::Uuid;

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Identity.
    pub id: DocumentId,
    /// The case that it belongs to.
    pub case: Option<CaseId>,
    /// The message that it came with.
    pub message: Option<MessageId>,
    /// File name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content, hexadecimal.
    pub digest: String,
    /// When it was kept.
    pub created_at: Timestamp,
}

impl Document {
    /// What gives the file to a case.
    pub fn attaching(self) -> Command {
        Command::Attach {
            document: self.id,
            name: self.name,
            media_type: self.media_type,
            size: self.size,
            digest: self.digest,
        }
    }
}

macro_rules! columns {
    () => {
        "select id, case_id, message, name, media_type, size, digest, created_at from document "
    };
}
static BY_ID: Sql = Sql::both(concat!(columns!(), "where id = $1"));
static BY_CASE: Sql = Sql::both(concat!(
    columns!(),
    "where case_id = $1 order by created_at, id"
));
static BY_MESSAGE: Sql = Sql::both(concat!(columns!(), "where message = $1 order by id"));

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("document by id", &BY_ID),
    ("documents by case", &BY_CASE),
    ("documents by message", &BY_MESSAGE),
];

type Columns = (
    Uuid,
    Option<Uuid>,
    Option<Uuid>,
    String,
    String,
    i64,
    String,
    i64,
);

fn document((id, case, message, name, media_type, size, digest, created_at): Columns) -> Document {
    Document {
        id: DocumentId(id),
        case: case.map(CaseId),
        message: message.map(MessageId),
        name,
        media_type,
        size: size.unsigned_abs(),
        digest,
        created_at: Timestamp::from_micros(created_at),
    }
}

impl Store {
    /// The file with an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document(&self, id: DocumentId) -> Result<Option<Document>, StoreError> {
        let row: Option<Columns> = read!(self, BY_ID, |sql, pool| sqlx::query_as(sql)
            .bind(id.0)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(document))
    }

    /// Files of a case, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn documents_of_case(&self, case: CaseId) -> Result<Vec<Document>, StoreError> {
        let rows: Vec<Columns> = read!(self, BY_CASE, |sql, pool| sqlx::query_as(sql)
            .bind(case.0)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(document).collect())
    }

    /// Files that came with a message.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn documents_of_message(
        &self,
        message: MessageId,
    ) -> Result<Vec<Document>, StoreError> {
        let rows: Vec<Columns> = read!(self, BY_MESSAGE, |sql, pool| sqlx::query_as(sql)
            .bind(message.0)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(document).collect())
    }
}

//! Sealed numbers of persons, apart from their contacts.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::ContactId;
use std::collections::HashMap;
use uuid::Uuid;

/// The number of a contact as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCpr {
    /// The contact.
    pub contact: ContactId,
    /// The number under the installation's key; nothing where it is taken away.
    pub sealed: Option<Vec<u8>>,
}

static SEALED: Sql = Sql::per_backend(
    "select contact, sealed from contact_cpr
     where contact in (select unhex(value) from json_each($1)) and sealed is not null",
    "select contact, sealed from contact_cpr
     where contact in (select cast(value as uuid) from jsonb_array_elements_text(cast($1 as jsonb))) and sealed is not null",
);

// A sealed value begins with a byte for its format and eight for its key.
static HEADS: Sql = Sql::both(
    "select substr(sealed, 1, 9), count(*) from contact_cpr where sealed is not null group by substr(sealed, 1, 9)",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("sealed numbers of contacts", &SEALED),
    ("keys of sealed numbers", &HEADS),
];

impl Store {
    /// The sealed numbers of contacts, of those that have one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sealed_cprs(
        &self,
        contacts: &[ContactId],
    ) -> Result<HashMap<ContactId, Vec<u8>>, StoreError> {
        if contacts.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<String> = contacts
            .iter()
            .map(|one| one.0.simple().to_string())
            .collect();
        let ids = serde_json::to_string(&ids)?;
        let rows: Vec<(Uuid, Vec<u8>)> = read!(self, SEALED, |sql, pool| sqlx::query_as(sql)
            .bind(ids)
            .fetch_all(pool)
            .await)?;
        let rows = rows.into_iter();
        Ok(rows.map(|(id, sealed)| (ContactId(id), sealed)).collect())
    }

    /// How the sealed numbers begin, which says under which key they are, and how many begin so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cpr_heads(&self) -> Result<Vec<(Vec<u8>, u64)>, StoreError> {
        let rows: Vec<(Vec<u8>, i64)> = read!(self, HEADS, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(head, count)| (head, count.unsigned_abs()))
            .collect())
    }
}

//! Requests that were carried out, by the key that their sender gave.

use crate::cases::hash32;
use crate::commit::RequestKey;
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::Timestamp;

static FIND: Sql =
    Sql::both("select fingerprint, reference, at from request where scope = $1 and key = $2");
static DELETE_OLD: Sql = Sql::both("delete from request where at < $1");

pub(crate) const STATEMENTS: &[(&str, &Sql)] =
    &[("request find", &FIND), ("request delete old", &DELETE_OLD)];

impl Store {
    /// The request that was carried out under a key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn request(&self, scope: &str, key: &str) -> Result<Option<RequestKey>, StoreError> {
        let row: Option<(Vec<u8>, String, i64)> =
            read!(self, FIND, |sql, pool| sqlx::query_as(sql)
                .bind(scope)
                .bind(key)
                .fetch_optional(pool)
                .await)?;
        Ok(row.map(|(fingerprint, reference, at)| RequestKey {
            scope: scope.to_owned(),
            key: key.to_owned(),
            fingerprint: hash32(&fingerprint),
            reference,
            at: Timestamp::from_micros(at),
        }))
    }

    /// Forgets requests from before a moment; their keys can be used again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_requests(&self, before: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = DELETE_OLD.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(before.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }
}

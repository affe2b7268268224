//! The end of all leases at once: in a restored database nobody works any more who worked when the backup was made.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on};

static OF_ACTIONS: Sql = Sql::both("update action set lease_until = 0 where state = 'running'");
// Only what waits for an attempt can be taken, and has an index.
static OF_MESSAGES: Sql = Sql::both(
    "update message set taken_until = null where next_attempt_at is not null and taken_until is not null",
);
static OF_DELIVERIES: Sql = Sql::both(
    "update webhook_delivery set taken_until = null where next_attempt_at is not null and taken_until is not null",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("leases of actions", &OF_ACTIONS),
    ("leases of messages", &OF_MESSAGES),
    ("leases of deliveries", &OF_DELIVERIES),
];

impl Store {
    /// Ends every lease. To be called while no process works on the database: whoever still did would have its work taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_leases(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for (_, statement) in STATEMENTS {
            let sql = statement.text(tx.backend());
            on!(&mut tx, |conn| sqlx::query(sql)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Ok(tx.commit().await?)
    }
}

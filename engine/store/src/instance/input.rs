//! What waits for runs.

use crate::action::micros;
use crate::commit::PendingInput;
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read, timed};
use sagsgang_domain::{InstanceId, Timestamp};
use serde_json::value::RawValue;
use sqlx::types::Json;
use std::time::Duration;
use uuid::Uuid;

// What came for a run that stands still waits for a person.
static READY: Sql = timed!(
    "select distinct instance from pending_input where (written_at is null or written_at <= " now " - $1) and not exists (
       select 1 from instance where id = pending_input.instance and status in ('faulted', 'suspended')) limit $2"
);
static RENEW: Sql = timed!(
    "update pending_input set written_at = " now " where instance = $1"
);
static INPUTS: Sql = Sql::both(
    "select id, input, at from pending_input where instance = $1 order by at, id limit 100",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("instances ready", &READY),
    ("pending inputs renew", &RENEW),
    ("pending inputs", &INPUTS),
];

impl Store {
    /// Runs that have inputs which were written so long ago, by the database's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ready_instances(
        &self,
        age: Duration,
        limit: u32,
    ) -> Result<Vec<InstanceId>, StoreError> {
        let rows: Vec<(Uuid,)> = read!(self, READY, |sql, pool| sqlx::query_as(sql)
            .bind(micros(age))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(id,)| InstanceId(id)).collect())
    }

    /// Says that somebody steps a run: what waits for it counts as written just now, see [`Store::ready_instances`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_inputs(&self, id: InstanceId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = RENEW.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(id.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// Inputs that wait for a run, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending_inputs(&self, id: InstanceId) -> Result<Vec<PendingInput>, StoreError> {
        let rows: Vec<(Uuid, Json<Box<RawValue>>, i64)> =
            read!(self, INPUTS, |sql, pool| sqlx::query_as(sql)
                .bind(id.0)
                .fetch_all(pool)
                .await)?;
        let input = |(input_id, input, at): (Uuid, Json<Box<RawValue>>, i64)| PendingInput {
            id: input_id,
            instance: id,
            input: input.0.into(),
            at: Timestamp::from_micros(at),
        };
        Ok(rows.into_iter().map(input).collect())
    }
}

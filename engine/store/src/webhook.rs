//! Addresses that hear of events, and what they have yet to hear.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read, timed};
use sagsgang_domain::Timestamp;
use uuid::Uuid;

/// An address that hears of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Identity.
    pub id: Uuid,
    /// Where to.
    pub url: String,
    /// Types of events; empty means all.
    pub types: Vec<String>,
    /// Key of the signature: `whsec_` and Base64.
    pub secret: String,
    /// It hears of events.
    pub enabled: bool,
    /// Why it does not.
    pub reason: Option<String>,
    /// Attempts that failed since the last that did not.
    pub failures: u32,
    /// Rises with each change by a person.
    pub version: u64,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Waits for its next attempt.
    Queued,
    /// The other side has it.
    Delivered,
    /// Given up.
    Failed,
}

impl DeliveryState {
    /// Its name in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            DeliveryState::Queued => "queued",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Failed => "failed",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "delivered" => DeliveryState::Delivered,
            "failed" => DeliveryState::Failed,
            _ => DeliveryState::Queued,
        }
    }
}

/// An event on its way to an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Identity, the same in every attempt.
    pub id: Uuid,
    /// The address.
    pub webhook: Uuid,
    /// Type of the event.
    pub event_type: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was begun.
    pub attempts: u32,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
    /// HTTP status of the last answer.
    pub status: Option<u16>,
    /// What was wrong the last time.
    pub detail: Option<String>,
    /// The CloudEvent, as it is sent.
    pub body: String,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When something happened to it last.
    pub updated_at: Timestamp,
}

macro_rules! webhook_columns {
    () => {
        "select id, url, types, secret, enabled, reason, failures, version, created_by, created_at, updated_at from webhook "
    };
}
macro_rules! delivery_columns {
    () => {
        "id, webhook, event_type, state, attempts, next_attempt_at, status, detail, body, created_at, updated_at"
    };
}

static ALL: Sql = Sql::both(concat!(webhook_columns!(), "order by created_at, id"));
static INSERT: Sql = Sql::both(
    "insert into webhook (id, url, types, secret, enabled, reason, failures, version, created_by, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
static UPDATE: Sql = Sql::both(
    "update webhook set url = $3, types = $4, secret = $5, enabled = $6, reason = $7, failures = 0, version = version + 1,
     updated_at = $8 where id = $1 and version = $2",
);
static DELETE: Sql = Sql::both("delete from webhook where id = $1");
static DELETE_DELIVERIES: Sql = Sql::both("delete from webhook_delivery where webhook = $1");
static SUCCEEDED: Sql =
    Sql::both("update webhook set failures = 0 where id = $1 and failures <> 0");
static FAILED: Sql = Sql::both(
    "update webhook set failures = failures + 1,
       enabled = case when failures + 1 >= $2 then 0 else enabled end,
       reason = case when failures + 1 >= $2 then $3 else reason end
     where id = $1 and enabled = 1",
);
static DELIVERIES: Sql = Sql::both(concat!(
    "select ",
    delivery_columns!(),
    " from webhook_delivery where webhook = $1 and id < $2 order by id desc limit $3"
));
// PostgreSQL's workers pass over rows that another one holds; SQLite has one writer. A node whose clock is ahead finds the next
// attempt due while another one is at it.
static CLAIM: Sql = timed!(
    "update webhook_delivery set attempts = attempts + 1, next_attempt_at = $2, updated_at = $1,
            taken_until = " now " + (cast($2 as bigint) - cast($1 as bigint))
     where id in (select d.id from webhook_delivery d join webhook w on w.id = d.webhook and w.enabled = 1
                  where d.next_attempt_at <= $1 and (d.taken_until is null or d.taken_until < " now ")
                  order by d.next_attempt_at limit $3" ["", " for update of d skip locked"] ")
     returning " (delivery_columns!())
);
static FINISH: Sql = Sql::both(
    "update webhook_delivery set state = $2, next_attempt_at = $3, status = $4, detail = $5, updated_at = $6,
            taken_until = null where id = $1",
);
static FORGET: Sql =
    Sql::both("delete from webhook_delivery where created_at < $1 and next_attempt_at is null");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("webhooks", &ALL),
    ("webhook insert", &INSERT),
    ("webhook update", &UPDATE),
    ("webhook delete", &DELETE),
    ("webhook delete deliveries", &DELETE_DELIVERIES),
    ("webhook succeeded", &SUCCEEDED),
    ("webhook failed", &FAILED),
    ("webhook deliveries", &DELIVERIES),
    ("webhook delivery claim", &CLAIM),
    ("webhook delivery finish", &FINISH),
    ("webhook deliveries forget", &FORGET),
];

type WebhookColumns = (
    Uuid,
    String,
    String,
    String,
    i64,
    Option<String>,
    i64,
    i64,
    String,
    i64,
    i64,
);

fn webhook(columns: WebhookColumns) -> Webhook {
    let (id, url, types, secret, enabled, reason, failures, version, by, created, updated) =
        columns;
    Webhook {
        id,
        url,
        types: serde_json::from_str(&types).unwrap_or_default(),
        secret,
        enabled: enabled != 0,
        reason,
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        version: version.unsigned_abs(),
        created_by: by,
        created_at: Timestamp::from_micros(created),
        updated_at: Timestamp::from_micros(updated),
    }
}

type DeliveryColumns = (
    Uuid,
    Uuid,
    String,
    String,
    i64,
    Option<i64>,
    Option<i64>,
    Option<String>,
    String,
    i64,
    i64,
);

fn delivery(columns: DeliveryColumns) -> Delivery {
    let (id, webhook, event_type, state, attempts, next, status, detail, body, created, updated) =
        columns;
    Delivery {
        id,
        webhook,
        event_type,
        state: DeliveryState::from_name(&state),
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        next_attempt_at: next.map(Timestamp::from_micros),
        status: status.and_then(|status| u16::try_from(status).ok()),
        detail,
        body,
        created_at: Timestamp::from_micros(created),
        updated_at: Timestamp::from_micros(updated),
    }
}

/// The types of events as they are kept.
fn list(types: &[String]) -> String {
    serde_json::Value::from(types).to_string()
}

impl Store {
    /// All addresses, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, StoreError> {
        let rows: Vec<WebhookColumns> = read!(self, ALL, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(webhook).collect())
    }

    /// Keeps a new address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = INSERT.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(webhook.id)
            .bind(&webhook.url)
            .bind(list(&webhook.types))
            .bind(&webhook.secret)
            .bind(i64::from(webhook.enabled))
            .bind(&webhook.reason)
            .bind(i64::from(webhook.failures))
            .bind(i64::try_from(webhook.version).unwrap_or(i64::MAX))
            .bind(&webhook.created_by)
            .bind(webhook.created_at.as_micros())
            .bind(webhook.updated_at.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// Changes an address that still has the version given, and forgives its failures; `false` when it has another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_webhook(&self, webhook: &Webhook) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let sql = UPDATE.text(tx.backend());
        let changed = on!(&mut tx, |conn| sqlx::query(sql)
            .bind(webhook.id)
            .bind(i64::try_from(webhook.version).unwrap_or(i64::MAX))
            .bind(&webhook.url)
            .bind(list(&webhook.types))
            .bind(&webhook.secret)
            .bind(i64::from(webhook.enabled))
            .bind(&webhook.reason)
            .bind(webhook.updated_at.as_micros())
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?;
        tx.commit().await?;
        Ok(changed > 0)
    }

    /// Forgets an address and what it has yet to hear; `false` when there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_webhook(&self, id: Uuid) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let mut gone = 0;
        for statement in [&DELETE_DELIVERIES, &DELETE] {
            let sql = statement.text(tx.backend());
            gone = on!(&mut tx, |conn| sqlx::query(sql)
                .bind(id)
                .execute(conn)
                .await
                .map(|done| done.rows_affected()))?;
        }
        tx.commit().await?;
        Ok(gone > 0)
    }

    /// Deliveries to an address before one of them, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries(
        &self,
        webhook: Uuid,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows: Vec<DeliveryColumns> = read!(self, DELIVERIES, |sql, pool| sqlx::query_as(sql)
            .bind(webhook)
            .bind(before.unwrap_or(Uuid::max()))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(delivery).collect())
    }

    /// Takes deliveries that are due; until then nobody else takes them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut tx = self.begin().await?;
        let sql = CLAIM.text(tx.backend());
        let rows: Vec<DeliveryColumns> = on!(&mut tx, |conn| sqlx::query_as(sql)
            .bind(now.as_micros())
            .bind(until.as_micros())
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await)?;
        tx.commit().await?;
        Ok(rows.into_iter().map(delivery).collect())
    }

    /// Writes what became of an attempt, and counts it for the address. An address whose attempts failed `most_failures`
    /// times in a row is disabled with this reason.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_delivery(
        &self,
        delivery: &Delivery,
        most_failures: u32,
        reason: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = FINISH.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(delivery.id)
            .bind(delivery.state.name())
            .bind(delivery.next_attempt_at.map(Timestamp::as_micros))
            .bind(delivery.status.map(i64::from))
            .bind(&delivery.detail)
            .bind(delivery.updated_at.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        if delivery.state == DeliveryState::Delivered {
            let sql = SUCCEEDED.text(tx.backend());
            on!(&mut tx, |conn| sqlx::query(sql)
                .bind(delivery.webhook)
                .execute(conn)
                .await
                .map(|_| ()))?;
        } else {
            let sql = FAILED.text(tx.backend());
            on!(&mut tx, |conn| sqlx::query(sql)
                .bind(delivery.webhook)
                .bind(i64::from(most_failures))
                .bind(reason)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Ok(tx.commit().await?)
    }

    /// Forgets deliveries that are over and older than a moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_deliveries(&self, before: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = FORGET.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(before.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }
}

//! Actions of workflows: claiming them and finding them.
//!
//! Leases begin and end by the database's clock, so that a node whose own clock is wrong neither takes what another one
//! works on nor holds on to what it has. When an action is due is a time of the case work, and is compared with the
//! clock that the caller gives.

mod turn;

pub use turn::Pace;

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read, timed};
use sagsgang_domain::{CaseId, InstanceId, Timestamp};
use serde_json::Value;
use sqlx::types::Json;
use std::time::Duration;
use uuid::Uuid;

/// Where an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionState {
    /// Waits for a worker.
    Queued,
    /// A worker has the lease.
    Running,
    /// Its result is written.
    Done,
    /// Not wanted any more.
    Cancelled,
    /// A person has to decide.
    Stopped,
}

impl ActionState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            ActionState::Queued => "queued",
            ActionState::Running => "running",
            ActionState::Done => "done",
            ActionState::Cancelled => "cancelled",
            ActionState::Stopped => "stopped",
        }
    }
}

/// An action of a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionRow {
    /// Idempotency key, equal across retries and crashes.
    pub key: String,
    /// The run.
    pub instance: InstanceId,
    /// Its case.
    pub case: Option<CaseId>,
    /// Name of the task.
    pub task: String,
    /// Name of the function.
    pub function: String,
    /// Version that the workflow asked for.
    pub version: Option<String>,
    /// Input.
    pub input: Value,
    /// Where it stands.
    pub state: ActionState,
    /// How often it was begun.
    pub attempts: u32,
    /// Rises with each lease; a result under an older fence is refused.
    pub fence: i64,
    /// How long the lease lasts under which it is claimed, from the moment of its commit.
    pub lease: Option<Duration>,
    /// Not before this moment.
    pub due: Timestamp,
    /// When it was queued.
    pub created_at: Timestamp,
    /// What it takes its turn at, where it does.
    pub limit: Option<String>,
    /// With which settings a plugin is called; `default` where nothing is said.
    pub configuration: Option<String>,
    /// How often whoever carried it out was gone before it had ended.
    pub lost: u32,
}

macro_rules! columns {
    () => {
        "key, instance, case_id, task, function, version, input, attempts, fence, due, created_at, limit_key, configuration, lost"
    };
}
// What is claimed anew while somebody carries it out was lost by that one.
macro_rules! claimed {
    () => {
        "fence = fence + 1, attempts = attempts + 1, lost = lost + case when state = 'running' then 1 else 0 end"
    };
}
use {claimed, columns};

// PostgreSQL's workers pass over rows that another one holds; SQLite has one writer.
static CLAIM: Sql = Sql::per_backend(
    timed!(@ sqlite
        "update action set state = 'running', " (claimed!()) ", lease_until = " now " + $2
         where key in (select key from action where state = 'queued' and due <= $1 and limit_key is null
                       union all select key from action where state = 'running' and lease_until < " now " and limit_key is null
                       limit $3)
         returning " (columns!())
    ),
    timed!(@ postgres
        "update action set state = 'running', " (claimed!()) ", lease_until = " now " + $2
         where key in (select key from action
                       where ((state = 'queued' and due <= $1) or (state = 'running' and lease_until < " now "))
                         and limit_key is null
                       limit $3 for update skip locked)
         returning " (columns!())
    ),
);
static EXTEND: Sql = timed!(
    "update action set lease_until = " now " + $3 where key = $1 and fence = $2 and state = 'running'"
);
static POSTPONE: Sql = Sql::both(
    "update action set state = 'queued', lease_until = null, due = $3 where key = $1 and fence = $2 and state = 'running'",
);
static LEAVE: Sql = Sql::both(
    "update action set state = 'queued', lease_until = null, due = $3, attempts = attempts - 1
     where key = $1 and fence = $2 and state = 'running'",
);
static STOP: Sql = Sql::both(
    "update action set state = 'stopped', lease_until = null where key = $1 and fence = $2 and state = 'running'",
);
static CANCELLED: Sql =
    Sql::both("select 1 from action where key = $1 and fence = $2 and state = 'cancelled'");
static NEXT_DUE: Sql =
    Sql::both("select min(due) from action where state = 'queued' and limit_key is null");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("action claim", &CLAIM),
    ("action extend", &EXTEND),
    ("action postpone", &POSTPONE),
    ("action leave", &LEAVE),
    ("action stop", &STOP),
    ("action cancelled", &CANCELLED),
    ("action next due", &NEXT_DUE),
];
pub(crate) use turn::STATEMENTS as TURN_STATEMENTS;

type Columns = (
    String,
    Uuid,
    Option<Uuid>,
    String,
    String,
    Option<String>,
    Json<Value>,
    i64,
    i64,
    i64,
    i64,
    Option<String>,
    Option<String>,
    i64,
);

/// A length as the tables have it, in microseconds.
pub(crate) fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}

/// An action that was claimed under a lease.
fn row(columns: Columns, lease: Duration) -> ActionRow {
    let (
        key,
        instance,
        case,
        task,
        function,
        version,
        input,
        attempts,
        fence,
        due,
        created_at,
        limit,
        configuration,
        lost,
    ) = columns;
    ActionRow {
        key,
        instance: InstanceId(instance),
        case: case.map(CaseId),
        task,
        function,
        version,
        input: input.0,
        state: ActionState::Running,
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        fence,
        lease: Some(lease),
        due: Timestamp::from_micros(due),
        created_at: Timestamp::from_micros(created_at),
        limit,
        configuration,
        lost: u32::try_from(lost).unwrap_or(u32::MAX),
    }
}

impl Store {
    /// Takes actions that are due at a moment, or whose lease has ended, under a new fence and lease.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_actions(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ActionRow>, StoreError> {
        let mut tx = self.begin().await?;
        let sql = CLAIM.text(tx.backend());
        let rows: Vec<Columns> = on!(&mut tx, |conn| sqlx::query_as(sql)
            .bind(now.as_micros())
            .bind(micros(lease))
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await)?;
        tx.commit().await?;
        Ok(rows.into_iter().map(|found| row(found, lease)).collect())
    }

    /// Keeps the lease for so long from now; `false` when it is not ours any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn extend_lease(
        &self,
        key: &str,
        fence: i64,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        self.change_action(&EXTEND, key, fence, Some(micros(lease)))
            .await
    }

    /// Puts the action back into the queue until a moment; `false` when it is not ours any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn postpone_action(
        &self,
        key: &str,
        fence: i64,
        due: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change_action(&POSTPONE, key, fence, Some(due.as_micros()))
            .await
    }

    /// Puts the action back into the queue until a moment, since it was not begun here: the attempt does not count. `false`
    /// when it is not ours any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave_action(
        &self,
        key: &str,
        fence: i64,
        due: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change_action(&LEAVE, key, fence, Some(due.as_micros()))
            .await
    }

    /// Takes the action out of the workers' reach until a person decides.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stop_action(&self, key: &str, fence: i64) -> Result<bool, StoreError> {
        self.change_action(&STOP, key, fence, None).await
    }

    async fn change_action(
        &self,
        statement: &'static Sql,
        key: &str,
        fence: i64,
        time: Option<i64>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let sql = statement.text(tx.backend());
        let changed = on!(&mut tx, |conn| {
            let mut query = sqlx::query(sql).bind(key).bind(fence);
            if let Some(micros) = time {
                query = query.bind(micros);
            }
            query.execute(conn).await.map(|done| done.rows_affected())
        })?;
        tx.commit().await?;
        Ok(changed > 0)
    }

    /// Whether an action was cancelled while somebody carried it out under this fence.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn action_cancelled(&self, key: &str, fence: i64) -> Result<bool, StoreError> {
        let row: Option<(i32,)> = read!(self, CANCELLED, |sql, pool| sqlx::query_as(sql)
            .bind(key)
            .bind(fence)
            .fetch_optional(pool)
            .await)?;
        Ok(row.is_some())
    }

    /// When the next queued action is due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_action_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let (due,): (Option<i64>,) = read!(self, NEXT_DUE, |sql, pool| sqlx::query_as(sql)
            .fetch_one(pool)
            .await)?;
        Ok(due.map(Timestamp::from_micros))
    }
}

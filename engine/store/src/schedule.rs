//! Workflows that start by the clock: when each is due next.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::{InstanceId, Timestamp};
use uuid::Uuid;

/// When a workflow is due next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleRow {
    /// `namespace/name`.
    pub workflow: String,
    /// The version that was active when the row was written.
    pub version: String,
    /// The rule by which `due` was found; another rule begins anew.
    pub rule: String,
    /// When; `None` while the end of a run decides.
    pub due: Option<Timestamp>,
    /// The run that was started last.
    pub last_run: Option<InstanceId>,
}

/// A schedule to be moved on.
#[derive(Clone, Debug)]
pub struct ScheduleWrite {
    /// What `due` was when it was read; another one means that another node was quicker.
    pub expected: Option<Timestamp>,
    /// The row afterwards.
    pub row: ScheduleRow,
}

static ALL: Sql =
    Sql::both("select workflow, version, rule, due, last_run from schedule order by workflow");
static DUE: Sql = Sql::both(
    "select workflow, version, rule, due, last_run from schedule where due <= $1 order by due, workflow limit $2",
);
static ENDED: Sql = Sql::both(
    "select schedule.workflow, schedule.version, schedule.rule, instance.updated_at, schedule.last_run from schedule
     join instance on instance.id = schedule.last_run
     where schedule.due is null and instance.status in ('completed', 'faulted', 'cancelled')",
);
static PUT: Sql = Sql::both(
    "insert into schedule (workflow, version, rule, due, last_run) values ($1, $2, $3, $4, $5)
     on conflict (workflow) do update set version = excluded.version, rule = excluded.rule, due = excluded.due
     where schedule.rule <> excluded.rule",
);
static REMOVE: Sql = Sql::both("delete from schedule where workflow = $1");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("schedules", &ALL),
    ("schedules due", &DUE),
    ("schedules whose run has ended", &ENDED),
    ("schedule put", &PUT),
    ("schedule remove", &REMOVE),
];

type Columns = (String, String, String, Option<i64>, Option<Uuid>);

fn row((workflow, version, rule, due, last_run): Columns) -> ScheduleRow {
    ScheduleRow {
        workflow,
        version,
        rule,
        due: due.map(Timestamp::from_micros),
        last_run: last_run.map(InstanceId),
    }
}

impl Store {
    /// All workflows that start by the clock.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schedules(&self) -> Result<Vec<ScheduleRow>, StoreError> {
        let rows: Vec<Columns> = read!(self, ALL, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(row).collect())
    }

    /// Workflows that are due, the longest overdue first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_schedules(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ScheduleRow>, StoreError> {
        let rows: Vec<Columns> = read!(self, DUE, |sql, pool| sqlx::query_as(sql)
            .bind(now.as_micros())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(row).collect())
    }

    /// Workflows without a due time whose last run has ended; `due` is the moment at which it did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ended_schedules(&self) -> Result<Vec<ScheduleRow>, StoreError> {
        let rows: Vec<Columns> = read!(self, ENDED, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(row).collect())
    }

    /// Notes when a workflow is due first. Nothing changes where the same rule stands already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_schedule(&self, row: &ScheduleRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = PUT.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(&row.workflow)
            .bind(&row.version)
            .bind(&row.rule)
            .bind(row.due.map(Timestamp::as_micros))
            .bind(row.last_run.map(|run| run.0))
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// Forgets a workflow that does not start by the clock any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_schedule(&self, workflow: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = REMOVE.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(workflow)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }
}

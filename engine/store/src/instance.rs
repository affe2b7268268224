//! Runs of workflows: snapshots, waiting inputs, timers, subscriptions, journals.

mod input;

pub(crate) use input::STATEMENTS as INPUT_STATEMENTS;

use crate::cases::hash32;
use crate::commit::{JournalRow, Subscription, TimerRow};
use crate::connect::Store;
use crate::error::StoreError;
use crate::json_text::JsonText;
use crate::sql::{Sql, read};
use sagsgang_domain::{Actor, CaseId, InstanceId, Timestamp};
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::types::Json;
use uuid::Uuid;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceStatus {
    /// It has an input to take.
    Ready,
    /// It waits for something.
    Waiting,
    /// It came to its end.
    Completed,
    /// It stopped with an error that nothing caught.
    Faulted,
    /// It was cancelled.
    Cancelled,
    /// A person lets it stand still.
    Suspended,
}

impl InstanceStatus {
    /// The status's name in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            InstanceStatus::Ready => "ready",
            InstanceStatus::Waiting => "waiting",
            InstanceStatus::Completed => "completed",
            InstanceStatus::Faulted => "faulted",
            InstanceStatus::Cancelled => "cancelled",
            InstanceStatus::Suspended => "suspended",
        }
    }

    /// The status with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Ready,
            Self::Waiting,
            Self::Completed,
            Self::Faulted,
            Self::Cancelled,
            Self::Suspended,
        ]
        .into_iter()
        .find(|status| status.name() == name)
    }

    /// It will not go on by itself.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Faulted | Self::Cancelled)
    }

    /// What comes for it waits until a person decides.
    pub fn stands_still(self) -> bool {
        matches!(self, Self::Faulted | Self::Suspended)
    }
}

/// The run that caused another run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The run.
    pub run: InstanceId,
    /// The key under which it waits for the end; `None` where it does not wait.
    pub key: Option<String>,
}

/// A run of a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceRow {
    /// Identity.
    pub id: InstanceId,
    /// `namespace/name`.
    pub workflow: String,
    /// Version; it stays until the run is migrated.
    pub version: String,
    /// The case that it belongs to.
    pub case: Option<CaseId>,
    /// The run that caused it, and the key under which that run waits for its end, where it does.
    pub parent: Option<Parent>,
    /// Where it stands.
    pub status: InstanceStatus,
    /// Place in its journal; guards the snapshot.
    pub seq: u64,
    /// How many events lie between a person and this run.
    pub depth: u32,
    /// How often the process died while stepping it.
    pub crashes: u32,
    /// The error, where it stopped.
    pub detail: Option<String>,
    /// Snapshot; nothing before its first step.
    pub state: Option<JsonText>,
    /// Hash of the snapshot.
    pub state_hash: [u8; 32],
    /// When it began.
    pub created_at: Timestamp,
    /// The latest pins of its workflow that were known where it began: later ones are for other runs. Nothing where there
    /// were none, and for runs of before; then those count that held when it began.
    pub pinned_at: Option<Timestamp>,
    /// When it last moved.
    pub updated_at: Timestamp,
}

macro_rules! columns {
    () => {
        "select instance.id, workflow, instance.version, case_id, status, seq, depth, crashes, detail, state,
         state_hash, created_at, updated_at, parent, parent_key, pinned_at from instance "
    };
}
static BY_ID: Sql = Sql::both(concat!(columns!(), "where id = $1"));
static BY_CASE: Sql = Sql::both(concat!(
    columns!(),
    "where case_id = $1 order by created_at, id"
));
static OPEN_OF_CASE: Sql = Sql::both(concat!(
    columns!(),
    "where case_id = $1 and status in ('ready', 'waiting', 'suspended', 'faulted')
       and not (status = 'faulted' and parent_key is not null) order by created_at, id limit $2"
));
static BY_PARENT: Sql = Sql::both(concat!(
    columns!(),
    "where parent = $1 and parent_key = $2 order by id"
));
static UNFINISHED: Sql = Sql::both(
    "select distinct workflow, version from instance where status in ('ready', 'waiting', 'suspended', 'faulted')
     order by workflow, version",
);
// The oldest go by the oldest pins: the first that is looked at is the one, as a rule.
static PINNED: Sql = Sql::both(
    "select 1 from instance where workflow = $1 and version = $2 and coalesce(pinned_at, created_at) >= $3
     and coalesce(pinned_at, created_at) < $4 and status in ('ready', 'waiting', 'suspended', 'faulted')
     order by id limit 1",
);
static BY_STATUS: Sql = Sql::both(concat!(
    columns!(),
    "where status = $1 and id < $2 order by id desc limit $3"
));
static OF_WORKFLOW: Sql = Sql::both(concat!(
    columns!(),
    "where workflow = $1 and id < $2 order by id desc limit $3"
));
static OPEN_BY_VERSION: Sql = Sql::both(
    "select version, count(*) from (
       select version from instance where workflow = $1 and status in ('ready', 'waiting', 'suspended', 'faulted')
         and not (status = 'faulted' and parent_key is not null)
       order by id limit $2) as open
     group by version",
);
// The statuses are those of the index, in its words.
static TO_MOVE: Sql = Sql::both(concat!(
    columns!(),
    "where workflow = $1 and instance.version <> $2 and instance.version = coalesce($3, instance.version)
     and status in ('ready', 'waiting', 'suspended', 'faulted') and id > $4 order by id limit $5"
));
static AFTER: Sql = Sql::both(concat!(columns!(), "where id > $1 order by id limit $2"));
static RECENT: Sql = Sql::both(concat!(
    columns!(),
    "where id < $1 order by id desc limit $2"
));
static JOURNAL: Sql = Sql::both(
    "select seq, at, actor, input, effects, state_hash from journal where instance = $1 and seq > $2 order by seq limit $3",
);
static DUE_TIMERS: Sql =
    Sql::both("select instance, key, due from timer where due <= $1 order by due limit $2");
static NEXT_TIMER: Sql = Sql::both("select min(due) from timer");
static SUBSCRIBED: Sql = Sql::both(
    "select instance, key, event_type, case_id, filters, since from subscription
     where event_type in ($1, '*') and (case_id is null or case_id = $2) order by instance, key",
);
static SUBSCRIBED_OUTSIDE: Sql = Sql::both(
    "select instance, key, event_type, case_id, filters, since from subscription
     where event_type in ($1, '*') order by instance, key",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("instance by id", &BY_ID),
    ("instances by case", &BY_CASE),
    ("instances open of case", &OPEN_OF_CASE),
    ("instances by parent", &BY_PARENT),
    ("instances by status", &BY_STATUS),
    ("workflows unfinished", &UNFINISHED),
    ("instances unfinished pinned", &PINNED),
    ("instances of workflow", &OF_WORKFLOW),
    ("instances open by version", &OPEN_BY_VERSION),
    ("instances to move", &TO_MOVE),
    ("instances recent", &RECENT),
    ("instances after", &AFTER),
    ("journal", &JOURNAL),
    ("timers due", &DUE_TIMERS),
    ("timer next", &NEXT_TIMER),
    ("subscriptions", &SUBSCRIBED),
    ("subscriptions of outside events", &SUBSCRIBED_OUTSIDE),
];

type Columns = (
    Uuid,
    String,
    String,
    Option<Uuid>,
    String,
    i64,
    i64,
    i64,
    Option<String>,
    Option<Json<Box<RawValue>>>,
    Vec<u8>,
    i64,
    i64,
    Option<Uuid>,
    Option<String>,
    Option<i64>,
);

fn instance(columns: Columns) -> InstanceRow {
    let (
        id,
        workflow,
        version,
        case,
        status,
        seq,
        depth,
        crashes,
        detail,
        state,
        hash,
        created,
        updated,
        parent,
        parent_key,
        pinned,
    ) = columns;
    InstanceRow {
        id: InstanceId(id),
        workflow,
        version,
        case: case.map(CaseId),
        parent: parent.map(|run| Parent {
            run: InstanceId(run),
            key: parent_key,
        }),
        status: InstanceStatus::from_name(&status).unwrap_or(InstanceStatus::Faulted),
        seq: seq.unsigned_abs(),
        depth: u32::try_from(depth).unwrap_or(u32::MAX),
        crashes: u32::try_from(crashes).unwrap_or(u32::MAX),
        detail,
        state: state.map(|state| state.0.into()),
        state_hash: hash32(&hash),
        created_at: Timestamp::from_micros(created),
        pinned_at: pinned.map(Timestamp::from_micros),
        updated_at: Timestamp::from_micros(updated),
    }
}

impl Store {
    /// The run with an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instance(&self, id: InstanceId) -> Result<Option<InstanceRow>, StoreError> {
        let row: Option<Columns> = read!(self, BY_ID, |sql, pool| sqlx::query_as(sql)
            .bind(id.0)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(instance))
    }

    /// Runs that belong to a case, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instances_of_case(&self, case: CaseId) -> Result<Vec<InstanceRow>, StoreError> {
        let rows: Vec<Columns> = read!(self, BY_CASE, |sql, pool| sqlx::query_as(sql)
            .bind(case.0)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(instance).collect())
    }

    /// Runs of a case that may go on: under way, or stopped at an error; the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_instances_of_case(
        &self,
        case: CaseId,
        limit: u32,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let rows: Vec<Columns> = read!(self, OPEN_OF_CASE, |sql, pool| sqlx::query_as(sql)
            .bind(case.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(instance).collect())
    }

    /// Runs of a workflow (`namespace/name`) in all its versions, the newest first; those before one, where it is given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instances_of_workflow(
        &self,
        workflow: &str,
        before: Option<InstanceId>,
        limit: u32,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let rows: Vec<Columns> = read!(self, OF_WORKFLOW, |sql, pool| sqlx::query_as(sql)
            .bind(workflow)
            .bind(before.map_or(Uuid::max(), |run| run.0))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(instance).collect())
    }

    /// Runs that a run started and whose end it awaits under a key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn awaited_instances(
        &self,
        parent: InstanceId,
        key: &str,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let rows: Vec<Columns> = read!(self, BY_PARENT, |sql, pool| sqlx::query_as(sql)
            .bind(parent.0)
            .bind(key)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(instance).collect())
    }

    /// Workflows with runs that may go on: under way, or stopped at an error. Name and version of each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workflows_unfinished(&self) -> Result<Vec<(String, String)>, StoreError> {
        Ok(read!(self, UNFINISHED, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?)
    }

    /// Whether a run of a workflow version may go on for which pins count up to a moment in this time, its end not included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_pinned(
        &self,
        workflow: &str,
        version: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let row: Option<(i32,)> = read!(self, PINNED, |sql, pool| sqlx::query_as(sql)
            .bind(workflow)
            .bind(version)
            .bind(from.as_micros())
            .bind(until.as_micros())
            .fetch_optional(pool)
            .await)?;
        Ok(row.is_some())
    }

    /// How many runs of a workflow may go on in each version, counted among the oldest `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_by_version(
        &self,
        workflow: &str,
        most: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let rows: Vec<(String, i64)> =
            read!(self, OPEN_BY_VERSION, |sql, pool| sqlx::query_as(sql)
                .bind(workflow)
                .bind(i64::from(most))
                .fetch_all(pool)
                .await)?;
        let count = |(version, count): (String, i64)| (version, count.unsigned_abs());
        Ok(rows.into_iter().map(count).collect())
    }

    /// Runs of a workflow in other versions than one that may go on: under way, or stopped at an error; in one version, and
    /// those after a run, where these are given; by their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instances_to_move(
        &self,
        workflow: &str,
        to: &str,
        from: Option<&str>,
        after: Option<InstanceId>,
        limit: u32,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let rows: Vec<Columns> = read!(self, TO_MOVE, |sql, pool| sqlx::query_as(sql)
            .bind(workflow)
            .bind(to)
            .bind(from)
            .bind(after.map_or(Uuid::nil(), |run| run.0))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(instance).collect())
    }

    /// Runs, the newest first; in one status, and those before one, where they are given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instances(
        &self,
        status: Option<InstanceStatus>,
        before: Option<InstanceId>,
        limit: u32,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let before = before.map_or(Uuid::max(), |run| run.0);
        let rows: Vec<Columns> = match status {
            Some(status) => read!(self, BY_STATUS, |sql, pool| sqlx::query_as(sql)
                .bind(status.name())
                .bind(before)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await)?,
            None => read!(self, RECENT, |sql, pool| sqlx::query_as(sql)
                .bind(before)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await)?,
        };
        Ok(rows.into_iter().map(instance).collect())
    }

    /// Runs by their ids, those after one; each run once, in pages.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instances_after(
        &self,
        after: InstanceId,
        limit: u32,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let rows: Vec<Columns> = read!(self, AFTER, |sql, pool| sqlx::query_as(sql)
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(instance).collect())
    }

    /// Entries of a run's journal after a place, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn journal(
        &self,
        id: InstanceId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<JournalRow>, StoreError> {
        type Raw = Json<Box<RawValue>>;
        type Columns = (i64, i64, Json<Actor>, Raw, Raw, Vec<u8>);
        let rows: Vec<Columns> = read!(self, JOURNAL, |sql, pool| sqlx::query_as(sql)
            .bind(id.0)
            .bind(i64::try_from(after).unwrap_or(i64::MAX))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        let row = |(seq, at, actor, input, effects, hash): Columns| JournalRow {
            instance: id,
            seq: seq.unsigned_abs(),
            at: Timestamp::from_micros(at),
            actor: actor.0,
            input: input.0.into(),
            effects: effects.0.into(),
            state_hash: hash32(&hash),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Timers that are due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_timers(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<TimerRow>, StoreError> {
        let rows: Vec<(Uuid, String, i64)> =
            read!(self, DUE_TIMERS, |sql, pool| sqlx::query_as(sql)
                .bind(now.as_micros())
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await)?;
        let timer = |(instance, key, due)| TimerRow {
            instance: InstanceId(instance),
            key,
            due: Timestamp::from_micros(due),
        };
        Ok(rows.into_iter().map(timer).collect())
    }

    /// When the next timer is due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        let (due,): (Option<i64>,) = read!(self, NEXT_TIMER, |sql, pool| sqlx::query_as(sql)
            .fetch_one(pool)
            .await)?;
        Ok(due.map(Timestamp::from_micros))
    }

    /// Subscriptions that may take an event of a type: one of a case, or one from outside. See
    /// [`Subscription::hears`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscriptions(
        &self,
        event_type: &str,
        case: Option<CaseId>,
    ) -> Result<Vec<Subscription>, StoreError> {
        type Columns = (Uuid, String, String, Option<Uuid>, Json<Value>, i64);
        let rows: Vec<Columns> = match case {
            Some(case) => read!(self, SUBSCRIBED, |sql, pool| sqlx::query_as(sql)
                .bind(event_type)
                .bind(case.0)
                .fetch_all(pool)
                .await)?,
            None => read!(self, SUBSCRIBED_OUTSIDE, |sql, pool| sqlx::query_as(sql)
                .bind(event_type)
                .fetch_all(pool)
                .await)?,
        };
        let subscription =
            |(instance, key, event_type, case, filters, since): Columns| Subscription {
                instance: InstanceId(instance),
                key,
                event_type,
                case: case.map(CaseId),
                filters: filters.0,
                since: Timestamp::from_micros(since),
            };
        Ok(rows.into_iter().map(subscription).collect())
    }
}

//! What stopped and waits for a person.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::{CaseId, InstanceId, Timestamp};
use uuid::Uuid;

/// Something that stopped and waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Identity.
    pub id: Uuid,
    /// The run that stopped.
    pub instance: Option<InstanceId>,
    /// Its case.
    pub case: Option<CaseId>,
    /// The plugin at fault.
    pub plugin: Option<String>,
    /// Stable code.
    pub code: String,
    /// One line.
    pub title: String,
    /// All that is known.
    pub detail: String,
    /// Nobody has dealt with it yet.
    pub open: bool,
    /// When.
    pub at: Timestamp,
    /// Who dealt with it, and when.
    pub resolved: Option<(String, Timestamp)>,
    /// Why, in that person's words.
    pub reason: Option<String>,
}

impl Incident {
    /// Somebody has dealt with it.
    pub fn resolve(&mut self, by: &str, reason: &str, at: Timestamp) {
        self.open = false;
        self.resolved = Some((by.to_owned(), at));
        self.reason = Some(reason.to_owned());
    }
}

macro_rules! columns {
    () => {
        "select id, instance, case_id, plugin, code, title, detail, state, at, resolved_by, resolved_at, reason from incident "
    };
}
static RECENT: Sql = Sql::both(concat!(
    columns!(),
    "where state = $1 and (at, id) < ($2, $3) order by at desc, id desc limit $4"
));
static BY_ID: Sql = Sql::both(concat!(columns!(), "where id = $1"));
static COUNT_OPEN: Sql = Sql::both("select count(*) from incident where state = 'open'");
static OPEN_OF_RUN: Sql = Sql::both(concat!(
    columns!(),
    "where instance = $1 and state = 'open' order by at, id"
));

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("incidents", &RECENT),
    ("incident by id", &BY_ID),
    ("incidents open of run", &OPEN_OF_RUN),
    ("incidents open, counted", &COUNT_OPEN),
];

type Columns = (
    Uuid,
    Option<Uuid>,
    Option<Uuid>,
    Option<String>,
    String,
    String,
    String,
    String,
    i64,
    Option<String>,
    Option<i64>,
    Option<String>,
);

fn incident(columns: Columns) -> Incident {
    let (id, instance, case, plugin, code, title, detail, state, at, by, resolved_at, reason) =
        columns;
    Incident {
        id,
        instance: instance.map(InstanceId),
        case: case.map(CaseId),
        plugin,
        code,
        title,
        detail,
        open: state == "open",
        at: Timestamp::from_micros(at),
        resolved: by.zip(resolved_at.map(Timestamp::from_micros)),
        reason,
    }
}

impl Store {
    /// Open or resolved incidents, the newest first; those older than one where it is given by its time and id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn incidents(
        &self,
        open: bool,
        before: Option<(Timestamp, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Incident>, StoreError> {
        let state = if open { "open" } else { "resolved" };
        let (at, id) = match before {
            Some((at, id)) => (at.as_micros(), id),
            None => (i64::MAX, Uuid::max()),
        };
        let rows: Vec<Columns> = read!(self, RECENT, |sql, pool| sqlx::query_as(sql)
            .bind(state)
            .bind(at)
            .bind(id)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(incident).collect())
    }

    /// The incident with an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn incident(&self, id: Uuid) -> Result<Option<Incident>, StoreError> {
        let row: Option<Columns> = read!(self, BY_ID, |sql, pool| sqlx::query_as(sql)
            .bind(id)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(incident))
    }

    /// How many incidents nobody has dealt with.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_open_incidents(&self) -> Result<u64, StoreError> {
        let (count,): (i64,) = read!(self, COUNT_OPEN, |sql, pool| sqlx::query_as(sql)
            .fetch_one(pool)
            .await)?;
        Ok(count.unsigned_abs())
    }

    /// Incidents of a run that nobody has dealt with.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_incidents_of(&self, run: InstanceId) -> Result<Vec<Incident>, StoreError> {
        let rows: Vec<Columns> = read!(self, OPEN_OF_RUN, |sql, pool| sqlx::query_as(sql)
            .bind(run.0)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(incident).collect())
    }
}

//! Figures about all cases at once, each answered from an index.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::Timestamp;

/// Open cases of one type, team and priority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFigures {
    /// Name of the case type.
    pub case_type: String,
    /// Team, where one handles them.
    pub team: Option<String>,
    /// Priority.
    pub priority: String,
    /// How many.
    pub open: u64,
    /// How many of them are not done in time.
    pub overdue: u64,
    /// How many of them were created since each of the moments that were asked for.
    pub since: [u64; 3],
}

static OPEN: Sql = Sql::both(
    "select case_type, team, priority, count(*), count(*) filter (where due < $1),
       count(*) filter (where created_at >= $2), count(*) filter (where created_at >= $3),
       count(*) filter (where created_at >= $4)
     from case_head where is_final = 0 group by case_type, team, priority",
);
static CREATED: Sql = Sql::both(
    "select (created_at - $1) / 3600000000, count(*) from case_head where created_at >= $1 group by 1 order by 1",
);
static CLOSED: Sql = Sql::both(
    "select (closed_at - $1) / 3600000000, count(*) from case_head where closed_at >= $1 group by 1 order by 1",
);
pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("figures of open cases", &OPEN),
    ("figures of created cases", &CREATED),
    ("figures of closed cases", &CLOSED),
];

impl Store {
    /// The open cases by type, team and priority; of each group how many are overdue, and how many were created since
    /// each of three moments.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_figures(
        &self,
        now: Timestamp,
        since: [Timestamp; 3],
    ) -> Result<Vec<OpenFigures>, StoreError> {
        type Columns = (String, Option<String>, String, i64, i64, i64, i64, i64);
        let [first, second, third] = since.map(Timestamp::as_micros);
        let rows: Vec<Columns> = read!(self, OPEN, |sql, pool| sqlx::query_as(sql)
            .bind(now.as_micros())
            .bind(first)
            .bind(second)
            .bind(third)
            .fetch_all(pool)
            .await)?;
        let group = |(case_type, team, priority, open, overdue, first, second, third): Columns| {
            OpenFigures {
                case_type,
                team,
                priority,
                open: open.unsigned_abs(),
                overdue: overdue.unsigned_abs(),
                since: [first, second, third].map(i64::unsigned_abs),
            }
        };
        Ok(rows.into_iter().map(group).collect())
    }

    /// How many cases were created in each hour since a moment, by the number of the hour. Hours without one are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn created_by_hour(&self, since: Timestamp) -> Result<Vec<(u64, u64)>, StoreError> {
        self.by_hour(&CREATED, since).await
    }

    /// How many cases that are done now were done in each hour since a moment, by the number of the hour.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn closed_by_hour(&self, since: Timestamp) -> Result<Vec<(u64, u64)>, StoreError> {
        self.by_hour(&CLOSED, since).await
    }

    async fn by_hour(
        &self,
        statement: &'static Sql,
        since: Timestamp,
    ) -> Result<Vec<(u64, u64)>, StoreError> {
        let rows: Vec<(i64, i64)> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
            .bind(since.as_micros())
            .fetch_all(pool)
            .await)?;
        let hour = |(hour, count): (i64, i64)| (hour.unsigned_abs(), count.unsigned_abs());
        Ok(rows.into_iter().map(hour).collect())
    }
}

//! Actions that take turns: so many at once, and so many a minute, for all nodes together.

use super::{ActionRow, Columns, claimed, columns, micros, row};
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, Tx, on, read, timed};
use sagsgang_domain::{InstanceId, Timestamp};
use std::time::Duration;

/// In microseconds.
const MINUTE: i64 = 60_000_000;
/// A clock that is further behind what was noted was set back.
const BACK: i64 = -MINUTE;

/// A token in the unit that is counted, so that a minute can be shared out.
const TOKEN: i64 = 1_000_000;

/// How actions that share something take turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Most that are carried out at the same time.
    pub at_once: Option<u32>,
    /// Most that are begun in a minute; after a pause so many may begin together.
    pub per_minute: Option<u32>,
}

impl Pace {
    fn capacity(self) -> i64 {
        i64::from(self.per_minute.unwrap_or(0)) * TOKEN
    }

    /// What is left of the pace after some time; nothing can be spared beyond a minute.
    fn refilled(self, tokens: i64, micros: i64) -> i64 {
        let per_minute = i64::from(self.per_minute.unwrap_or(0));
        // A clock that was set back must not hold them up until it has caught up. What was noted a moment later than it is
        // now was noted by the one whom this one had to wait for.
        let passed = match micros {
            0.. => micros.min(MINUTE),
            ..BACK => MINUTE,
            _ => 0,
        };
        let gained = passed.saturating_mul(per_minute) / 60;
        tokens.saturating_add(gained).min(self.capacity())
    }
}

static WAITING: Sql = timed!(
    "select distinct limit_key from action where limit_key is not null
     and ((state = 'queued' and due <= $1) or (state = 'running' and lease_until < " now "))
     order by limit_key limit $2"
);
static OPEN: Sql = timed!(
    "insert into limiter (key, tokens, at) values ($1, $2, " now ") on conflict (key) do nothing"
);
static LOCK: Sql =
    timed!("select tokens, at, " now " from limiter where key = $1" ["", " for update"]);
static RUNNING: Sql = timed!(
    "select count(*) from action where limit_key = $1 and state = 'running' and lease_until >= " now
);
// Without a pace no limiter is locked, and two nodes may claim at once. SQLite has one writer.
static CLAIM: Sql = timed!(
    "update action set state = 'running', " (claimed!()) ", lease_until = " now " + $3
     where key in (select key from action where limit_key = $1
                   and ((state = 'queued' and due <= $2) or (state = 'running' and lease_until < " now "))
                   order by created_at, key limit $4" ["", " for update skip locked"] ")
     returning " (columns!())
);
static SPEND: Sql = Sql::both("update limiter set tokens = $2, at = $3 where key = $1");
static IN_TURN: Sql = Sql::both(
    "select key, limit_key from action where instance = $1 and state = 'queued' and limit_key is not null order by key",
);
static FORGET: Sql = timed!(
    "delete from limiter where at < " now " - $1 and not exists (
       select 1 from action where limit_key = limiter.key and state in ('queued', 'running'))"
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("turns waiting", &WAITING),
    ("turn open", &OPEN),
    ("turn lock", &LOCK),
    ("turn running", &RUNNING),
    ("turn claim", &CLAIM),
    ("turn spend", &SPEND),
    ("actions in turn", &IN_TURN),
    ("turns forget", &FORGET),
];

impl Store {
    /// What actions wait for their turn at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_turns(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = read!(self, WAITING, |sql, pool| sqlx::query_as(sql)
            .bind(now.as_micros())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(key,)| key).collect())
    }

    /// Takes those actions whose turn it is and that are due at a moment, the oldest first, under a new fence and lease.
    /// Without any pace all of them, and nothing is noted. The pace goes by the database's clock, as the lease does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_turns(
        &self,
        key: &str,
        pace: Pace,
        now: Timestamp,
        lease: Duration,
        most: u32,
    ) -> Result<Vec<ActionRow>, StoreError> {
        let mut tx = self.begin().await?;
        let backend = tx.backend();
        let (tokens, at, looked_at) = match pace == Pace::default() {
            true => (0, 0, 0),
            false => lock(&mut tx, key, pace).await?,
        };
        let count = RUNNING.text(backend);
        let (running,): (i64,) = on!(&mut tx, |conn| sqlx::query_as(count)
            .bind(key)
            .fetch_one(conn)
            .await)?;
        let tokens = pace.refilled(tokens, looked_at - at);
        let noted = match looked_at - at {
            BACK..0 => at,
            _ => looked_at,
        };
        let mut free = i64::from(most);
        if let Some(at_once) = pace.at_once {
            free = free.min(i64::from(at_once) - running);
        }
        if pace.per_minute.is_some() {
            free = free.min(tokens / TOKEN);
        }
        if free <= 0 {
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        let claim = CLAIM.text(backend);
        let rows: Vec<Columns> = on!(&mut tx, |conn| sqlx::query_as(claim)
            .bind(key)
            .bind(now.as_micros())
            .bind(micros(lease))
            .bind(free)
            .fetch_all(conn)
            .await)?;
        if pace != Pace::default() {
            let spent = i64::try_from(rows.len()).unwrap_or(i64::MAX) * TOKEN;
            let spend = SPEND.text(backend);
            on!(&mut tx, |conn| sqlx::query(spend)
                .bind(key)
                .bind((tokens - spent).max(0))
                .bind(noted)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        tx.commit().await?;
        Ok(rows.into_iter().map(|found| row(found, lease)).collect())
    }

    /// The actions of a run that wait for their turn: key, and what it is their turn at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn actions_in_turn(
        &self,
        run: InstanceId,
    ) -> Result<Vec<(String, String)>, StoreError> {
        Ok(read!(self, IN_TURN, |sql, pool| sqlx::query_as(sql)
            .bind(run.0)
            .fetch_all(pool)
            .await)?)
    }

    /// Forgets the pace of what nothing has taken a turn at for so long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_turns(&self, idle: Duration) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = FORGET.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(micros(idle))
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }
}

/// What is left of a pace, since when, and the moment now. Nobody else takes a turn at it until the transaction ends.
async fn lock(tx: &mut Tx, key: &str, pace: Pace) -> Result<(i64, i64, i64), sqlx::Error> {
    let (open, lock) = (OPEN.text(tx.backend()), LOCK.text(tx.backend()));
    on!(tx, |conn| sqlx::query(open)
        .bind(key)
        .bind(pace.capacity())
        .execute(conn)
        .await
        .map(|_| ()))?;
    on!(tx, |conn| sqlx::query_as(lock)
        .bind(key)
        .fetch_one(conn)
        .await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_gained_with_time_and_never_beyond_a_minute() {
        let pace = Pace {
            at_once: None,
            per_minute: Some(30),
        };
        assert_eq!(pace.refilled(0, 2_000_000), TOKEN);
        assert_eq!(pace.refilled(0, 1_000_000), TOKEN / 2);
        assert_eq!(pace.refilled(0, 3_600_000_000), 30 * TOKEN);
        assert_eq!(pace.refilled(0, -3_600_000_000), 30 * TOKEN);
        assert_eq!(pace.refilled(0, -7), 0);
    }
}

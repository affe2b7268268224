//! Reading messages: the customer inbox, the outbox, the messages of a case.

use crate::cases::{Page, read_cursor, write_cursor};
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read, timed};
use sagsgang_domain::{CaseId, Channel, Direction, Message, MessageId, MessageState, Timestamp};
use sqlx::types::Json;
use uuid::Uuid;

static BY_ID: Sql = Sql::both("select body, case_id from message where id = $1");
static BY_MESSAGE_ID: Sql =
    Sql::both("select body, case_id from message where message_id = $1 order by direction limit 1");
static BY_CASE: Sql =
    Sql::both("select body, case_id from message where case_id = $1 order by at, id");
static INBOX: Sql = Sql::both(
    "select body, case_id from message where direction = 'in' and state in ('received', 'quarantined')
       and case_id is null and (at, id) < ($1, $2) order by at desc, id desc limit $3",
);
// Of one state, so that the index has them in order; pages of several states are put together.
static OF_STATE: Sql = Sql::both(
    "select body, case_id from message where direction = $1 and state = $2
       and (at, id) < ($3, $4) order by at desc, id desc limit $5",
);
static DUE: Sql = timed!(
    "select body, case_id from message where next_attempt_at is not null and next_attempt_at <= $1
     and (taken_until is null or taken_until < " now ") order by next_attempt_at limit $2"
);
// Whoever comes second finds a later time and takes nothing; nor does a node to which that time has come already, since
// its clock is ahead.
static CLAIM: Sql = timed!(
    "update message set next_attempt_at = $3, taken_until = " now " + (cast($3 as bigint) - cast($2 as bigint))
     where id = $1 and next_attempt_at <= $2 and (taken_until is null or taken_until < " now ")
     returning body, case_id"
);
static HANDED_OVER: Sql = Sql::both(
    "select count(*) from message where direction = 'out' and state = 'queued' and body->>'channel' = $1
       and cast(body->>'attempts' as bigint) > 0",
);
static COUNT_INBOX: Sql = Sql::both(
    "select count(*) from message where direction = 'in' and state in ('received', 'quarantined') and case_id is null",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("message by id", &BY_ID),
    ("message by Message-ID", &BY_MESSAGE_ID),
    ("messages by case", &BY_CASE),
    ("inbox", &INBOX),
    ("messages of a state", &OF_STATE),
    ("messages due", &DUE),
    ("message claimed to be sent", &CLAIM),
    ("messages handed over", &HANDED_OVER),
    ("inbox count", &COUNT_INBOX),
];

type Columns = (Json<Message>, Option<Uuid>);

/// The column says whose a message is; a case takes one by writing that column alone.
fn message((body, case): Columns) -> Message {
    Message {
        case: case.map(CaseId),
        ..body.0
    }
}

/// Where a page begins.
fn place(after: Option<&str>) -> (i64, Uuid) {
    let read = after.and_then(read_cursor);
    read.unwrap_or((i64::MAX, Uuid::max()))
}

/// The first of the messages, and where those behind them begin.
fn page(items: Vec<Message>, limit: u32) -> Page<Message> {
    Page::cut(items, limit, |last| {
        write_cursor(last.at.as_micros(), last.id.0)
    })
}

impl Store {
    /// The message with an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        let row: Option<Columns> = read!(self, BY_ID, |sql, pool| sqlx::query_as(sql)
            .bind(id.0)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(message))
    }

    /// The message with a Message-ID, a received one before a sent one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn message_by_message_id(
        &self,
        message_id: &str,
    ) -> Result<Option<Message>, StoreError> {
        let row: Option<Columns> = read!(self, BY_MESSAGE_ID, |sql, pool| sqlx::query_as(sql)
            .bind(message_id)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(message))
    }

    /// Messages of a case, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn messages_of_case(&self, case: CaseId) -> Result<Vec<Message>, StoreError> {
        let rows: Vec<Columns> = read!(self, BY_CASE, |sql, pool| sqlx::query_as(sql)
            .bind(case.0)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(message).collect())
    }

    /// Received messages, the newest first; those of a case too where asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inbox(
        &self,
        with_linked: bool,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Message>, StoreError> {
        if with_linked {
            let states = [MessageState::Received, MessageState::Quarantined];
            return self.messages_of(Direction::In, &states, after, limit).await;
        }
        let (at, id) = place(after);
        let rows: Vec<Columns> = read!(self, INBOX, |sql, pool| sqlx::query_as(sql)
            .bind(at)
            .bind(id)
            .bind(i64::from(limit) + 1)
            .fetch_all(pool)
            .await)?;
        Ok(page(rows.into_iter().map(message).collect(), limit))
    }

    /// How many received messages no case has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_inbox(&self) -> Result<u64, StoreError> {
        let (count,): (i64,) = read!(self, COUNT_INBOX, |sql, pool| sqlx::query_as(sql)
            .fetch_one(pool)
            .await)?;
        Ok(count.unsigned_abs())
    }

    /// How many messages of a channel have been handed to a carrier of which nobody knows yet whether it has taken them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_handed_over(&self, channel: Channel) -> Result<u64, StoreError> {
        let name = channel.name();
        let (count,): (i64,) = read!(self, HANDED_OVER, |sql, pool| sqlx::query_as(sql)
            .bind(name)
            .fetch_one(pool)
            .await)?;
        Ok(count.unsigned_abs())
    }

    /// Messages to customers in one of these states, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox(
        &self,
        states: &[MessageState],
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Message>, StoreError> {
        self.messages_of(Direction::Out, states, after, limit).await
    }

    /// A page of messages by keyset: any depth costs the same. An `after` that is not ours begins at the start.
    async fn messages_of(
        &self,
        direction: Direction,
        states: &[MessageState],
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Message>, StoreError> {
        let (at, id) = place(after);
        let direction = match direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        let mut found: Vec<Message> = Vec::new();
        for state in states {
            let rows: Vec<Columns> = read!(self, OF_STATE, |sql, pool| sqlx::query_as(sql)
                .bind(direction)
                .bind(state.name())
                .bind(at)
                .bind(id)
                .bind(i64::from(limit) + 1)
                .fetch_all(pool)
                .await)?;
            found.extend(rows.into_iter().map(message));
        }
        found.sort_by_key(|one| std::cmp::Reverse((one.at, one.id)));
        Ok(page(found, limit))
    }

    /// Queued messages whose time has come.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn messages_due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let rows: Vec<Columns> = read!(self, DUE, |sql, pool| sqlx::query_as(sql)
            .bind(now.as_micros())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        let queued = |message: &Message| message.state == MessageState::Queued;
        Ok(rows.into_iter().map(message).filter(queued).collect())
    }

    /// Takes a message that is due, as it is now, so that nobody else takes it before `until`; `None` where somebody has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_due(
        &self,
        id: MessageId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Message>, StoreError> {
        let mut tx = self.begin().await?;
        let sql = CLAIM.text(tx.backend());
        let row: Option<Columns> = on!(&mut tx, |conn| sqlx::query_as(sql)
            .bind(id.0)
            .bind(now.as_micros())
            .bind(until.as_micros())
            .fetch_optional(conn)
            .await)?;
        tx.commit().await?;
        let queued = |message: &Message| message.state == MessageState::Queued;
        Ok(row.map(message).filter(queued))
    }
}

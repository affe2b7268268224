//! What a person has an eye on: followed cases, notes that name them, texts begun, and who has a case open.

use crate::cases::{Page, read_cursor, write_cursor};
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::{CaseId, Timestamp};
use std::collections::HashSet;
use uuid::Uuid;

/// A person who is named in a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentionRow {
    /// User name.
    pub account: String,
    /// The case.
    pub case: CaseId,
    /// Place of the note in its history.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Shown name of who wrote it.
    pub by_name: String,
}

/// Something that a person has not seen yet, or follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Number of the case.
    pub number: String,
    /// Its title.
    pub title: String,
    /// When it happened.
    pub at: Timestamp,
    /// Place of the note that names the person, with the name of who wrote it.
    pub mention: Option<(u64, String)>,
    /// It has not been seen.
    pub unseen: bool,
    /// Where it stands among the others: what a next page begins behind.
    pub place: String,
}

/// A text that a person has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDraft {
    /// The text with its kind, as JSON.
    pub body: String,
    /// When it was kept.
    pub updated_at: Timestamp,
}

static FOLLOW: Sql = Sql::both(
    "insert into follow (account, case_id, seen_at) values ($1, $2, $3)
     on conflict (account, case_id) do update set seen_at = excluded.seen_at",
);
static UNFOLLOW: Sql = Sql::both("delete from follow where account = $1 and case_id = $2");
static FOLLOWS: Sql = Sql::both("select seen_at from follow where account = $1 and case_id = $2");
static FOLLOWED: Sql = Sql::both(
    "select number, title, updated_at, seen_at, id from follow join case_head on id = case_id
     where account = $1 and (updated_at, id) < ($2, $3) order by updated_at desc, id desc limit $4",
);
static UNSEEN_CHANGES: Sql = Sql::both(
    "select count(*) from follow join case_head on id = case_id where account = $1 and updated_at > seen_at",
);
static MENTIONS: Sql = Sql::both(
    "select number, title, at, seq, by_name, id from mention join case_head on id = case_id
     where account = $1 and seen_at is null and (at, case_id, seq) < ($2, $3, $4)
     order by at desc, case_id desc, seq desc limit $5",
);
static UNSEEN_MENTIONS: Sql =
    Sql::both("select count(*) from mention where account = $1 and seen_at is null");
// The databases unfold JSON by functions of different names.
static CHANGED_OF: Sql = Sql::per_backend(
    "select case_id from follow join case_head on id = case_id where account = $1 and updated_at > seen_at
       and case_id in (select unhex(value) from json_each($2))",
    "select case_id from follow join case_head on id = case_id where account = $1 and updated_at > seen_at
       and case_id in (select cast(jsonb_array_elements_text(cast($2 as jsonb)) as uuid))",
);
static MENTIONED_OF: Sql = Sql::per_backend(
    "select case_id from mention where account = $1 and seen_at is null
       and case_id in (select unhex(value) from json_each($2))",
    "select case_id from mention where account = $1 and seen_at is null
       and case_id in (select cast(jsonb_array_elements_text(cast($2 as jsonb)) as uuid))",
);
static MENTIONED_HERE: Sql = Sql::both(
    "select count(*) from mention where account = $1 and case_id = $2 and seen_at is null",
);
static SEE_FOLLOWED: Sql = Sql::both(
    "update follow set seen_at = $3 where account = $1 and case_id = $2 and seen_at < $3",
);
static SEE_MENTIONS: Sql = Sql::both(
    "update mention set seen_at = $3 where account = $1 and case_id = $2 and seen_at is null",
);
static SEE_ALL_FOLLOWED: Sql =
    Sql::both("update follow set seen_at = $2 where account = $1 and seen_at < $2");
static SEE_ALL_MENTIONS: Sql =
    Sql::both("update mention set seen_at = $2 where account = $1 and seen_at is null");
static KEEP_DRAFT: Sql = Sql::both(
    "insert into draft (account, case_id, body, updated_at) values ($1, $2, $3, $4)
     on conflict (account, case_id) do update set body = excluded.body, updated_at = excluded.updated_at",
);
static DRAFT: Sql =
    Sql::both("select body, updated_at from draft where account = $1 and case_id = $2");
static FORGET_DRAFT: Sql = Sql::both("delete from draft where account = $1 and case_id = $2");
static WRITING: Sql = Sql::both(
    "select account from draft where case_id = $1 and updated_at >= $2 order by account limit 20",
);
static BE_PRESENT: Sql = Sql::both(
    "insert into presence (case_id, account, seen_at) values ($1, $2, $3)
     on conflict (case_id, account) do update set seen_at = excluded.seen_at",
);
static PRESENT: Sql = Sql::both(
    "select account from presence where case_id = $1 and seen_at >= $2 order by account limit 20",
);
static LEFT: Sql = Sql::both("delete from presence where seen_at < $1");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("follow", &FOLLOW),
    ("unfollow", &UNFOLLOW),
    ("follows", &FOLLOWS),
    ("followed cases", &FOLLOWED),
    ("unseen changes", &UNSEEN_CHANGES),
    ("mentions", &MENTIONS),
    ("unseen mentions", &UNSEEN_MENTIONS),
    ("unseen changes of cases", &CHANGED_OF),
    ("unseen mentions of cases", &MENTIONED_OF),
    ("unseen mentions of a case", &MENTIONED_HERE),
    ("see followed", &SEE_FOLLOWED),
    ("see mentions", &SEE_MENTIONS),
    ("see all followed", &SEE_ALL_FOLLOWED),
    ("see all mentions", &SEE_ALL_MENTIONS),
    ("keep draft", &KEEP_DRAFT),
    ("draft", &DRAFT),
    ("forget draft", &FORGET_DRAFT),
    ("writing", &WRITING),
    ("be present", &BE_PRESENT),
    ("present", &PRESENT),
    ("left", &LEFT),
];

/// Writes one row of somebody's, in a transaction of its own.
macro_rules! write {
    ($store:expr, $($statement:expr => [$($value:expr),+]),+) => {{
        let mut tx = $store.begin().await?;
        let backend = tx.backend();
        $(
            on!(&mut tx, |conn| sqlx::query($statement.text(backend))
                $(.bind($value))+
                .execute(conn)
                .await
                .map(|_| ()))?;
        )+
        Ok(tx.commit().await?)
    }};
}

/// The first of the notices, and where those behind them begin.
fn page(items: Vec<Notice>, limit: u32) -> Page<Notice> {
    Page::cut(items, limit, |last| last.place.clone())
}

impl Store {
    /// Follows a case from a moment on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow_case(
        &self,
        account: &str,
        case: CaseId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        write!(self, FOLLOW => [account, case.0, at.as_micros()])
    }

    /// Follows a case no longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfollow_case(&self, account: &str, case: CaseId) -> Result<(), StoreError> {
        write!(self, UNFOLLOW => [account, case.0])
    }

    /// When a person last looked at a case that they follow.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follows_case(
        &self,
        account: &str,
        case: CaseId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row: Option<(i64,)> = read!(self, FOLLOWS, |sql, pool| sqlx::query_as(sql)
            .bind(account)
            .bind(case.0)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(|(seen,)| Timestamp::from_micros(seen)))
    }

    /// The cases that a person follows, the one that changed last first. An `after` that is not ours begins at the start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn followed_cases(
        &self,
        account: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Notice>, StoreError> {
        type Row = (String, String, i64, i64, Uuid);
        let after = after.and_then(read_cursor);
        let (at, id) = after.unwrap_or((i64::MAX, Uuid::max()));
        let rows: Vec<Row> = read!(self, FOLLOWED, |sql, pool| sqlx::query_as(sql)
            .bind(account)
            .bind(at)
            .bind(id)
            .bind(i64::from(limit) + 1)
            .fetch_all(pool)
            .await)?;
        let notice = |(number, title, at, seen, id): Row| Notice {
            number,
            title,
            at: Timestamp::from_micros(at),
            mention: None,
            unseen: at > seen,
            place: write_cursor(at, id),
        };
        Ok(page(rows.into_iter().map(notice).collect(), limit))
    }

    /// The notes that name a person and that they have not seen, the newest first. An `after` that is not ours begins at the
    /// start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mentions(
        &self,
        account: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Notice>, StoreError> {
        type Row = (String, String, i64, i64, String, Uuid);
        let after = after.and_then(|text| {
            let (place, seq) = text.rsplit_once('~')?;
            let (at, id) = read_cursor(place)?;
            Some((at, id, seq.parse::<i64>().ok()?))
        });
        let (at, id, seq) = after.unwrap_or((i64::MAX, Uuid::max(), i64::MAX));
        let rows: Vec<Row> = read!(self, MENTIONS, |sql, pool| sqlx::query_as(sql)
            .bind(account)
            .bind(at)
            .bind(id)
            .bind(seq)
            .bind(i64::from(limit) + 1)
            .fetch_all(pool)
            .await)?;
        let notice = |(number, title, at, seq, by_name, id): Row| Notice {
            number,
            title,
            at: Timestamp::from_micros(at),
            mention: Some((seq.unsigned_abs(), by_name)),
            unseen: true,
            place: format!("{}~{seq}", write_cursor(at, id)),
        };
        Ok(page(rows.into_iter().map(notice).collect(), limit))
    }

    /// How much a person has not seen: changes of cases that they follow, where those are asked for, and notes that name
    /// them, where those are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unseen(
        &self,
        account: &str,
        followed: bool,
        mentions: bool,
    ) -> Result<u64, StoreError> {
        let mut unseen = 0;
        let asked = [(&UNSEEN_CHANGES, followed), (&UNSEEN_MENTIONS, mentions)];
        for (statement, _) in asked.into_iter().filter(|(_, is_asked)| *is_asked) {
            let (count,): (i64,) = read!(self, statement, |sql, pool| sqlx::query_as(sql)
                .bind(account)
                .fetch_one(pool)
                .await)?;
            unseen += count.unsigned_abs();
        }
        Ok(unseen)
    }

    /// Those of some cases of which a person has not seen something: changes, where those are asked for, and notes that
    /// name them, where those are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unseen_of(
        &self,
        account: &str,
        cases: &[CaseId],
        followed: bool,
        mentions: bool,
    ) -> Result<HashSet<CaseId>, StoreError> {
        let ids: Vec<_> = cases.iter().map(|case| case.0.simple()).collect();
        let ids = serde_json::json!(ids).to_string();
        let mut unseen = HashSet::new();
        let asked = [(&CHANGED_OF, followed), (&MENTIONED_OF, mentions)];
        for (statement, _) in asked.into_iter().filter(|(_, is_asked)| *is_asked) {
            let rows: Vec<(Uuid,)> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
                .bind(account)
                .bind(ids.as_str())
                .fetch_all(pool)
                .await)?;
            unseen.extend(rows.into_iter().map(|(id,)| CaseId(id)));
        }
        Ok(unseen)
    }

    /// Whether a note of a case names a person who has not seen it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mentioned_in(&self, account: &str, case: CaseId) -> Result<bool, StoreError> {
        let (count,): (i64,) = read!(self, MENTIONED_HERE, |sql, pool| sqlx::query_as(sql)
            .bind(account)
            .bind(case.0)
            .fetch_one(pool)
            .await)?;
        Ok(count > 0)
    }

    /// A person has looked at a case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn see_case(
        &self,
        account: &str,
        case: CaseId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let at = at.as_micros();
        write!(self, SEE_FOLLOWED => [account, case.0, at], SEE_MENTIONS => [account, case.0, at])
    }

    /// A person has seen all there is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn see_all(&self, account: &str, at: Timestamp) -> Result<(), StoreError> {
        let at = at.as_micros();
        write!(self, SEE_ALL_FOLLOWED => [account, at], SEE_ALL_MENTIONS => [account, at])
    }

    /// Keeps what a person has begun to write in a case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_draft(
        &self,
        account: &str,
        case: CaseId,
        draft: &KeptDraft,
    ) -> Result<(), StoreError> {
        let at = draft.updated_at.as_micros();
        write!(self, KEEP_DRAFT => [account, case.0, &draft.body, at])
    }

    /// What a person has begun to write in a case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kept_draft(
        &self,
        account: &str,
        case: CaseId,
    ) -> Result<Option<KeptDraft>, StoreError> {
        let row: Option<(String, i64)> = read!(self, DRAFT, |sql, pool| sqlx::query_as(sql)
            .bind(account)
            .bind(case.0)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(|(body, at)| KeptDraft {
            body,
            updated_at: Timestamp::from_micros(at),
        }))
    }

    /// Forgets what a person had begun to write in a case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_draft(&self, account: &str, case: CaseId) -> Result<(), StoreError> {
        write!(self, FORGET_DRAFT => [account, case.0])
    }

    /// Who has a case open since a moment: user names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn present(&self, case: CaseId, since: Timestamp) -> Result<Vec<String>, StoreError> {
        self.people_of(&PRESENT, case.0, since).await
    }

    /// Who has written in a case since a moment and not sent it: user names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn writing(&self, case: CaseId, since: Timestamp) -> Result<Vec<String>, StoreError> {
        self.people_of(&WRITING, case.0, since).await
    }

    async fn people_of(
        &self,
        statement: &'static Sql,
        case: Uuid,
        since: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
            .bind(case)
            .bind(since.as_micros())
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }

    /// A person has a case open; who has been gone since a moment is forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn be_present(
        &self,
        account: &str,
        case: CaseId,
        at: Timestamp,
        gone: Timestamp,
    ) -> Result<(), StoreError> {
        write!(
            self,
            BE_PRESENT => [case.0, account, at.as_micros()],
            LEFT => [gone.as_micros()]
        )
    }
}

//! Users, sessions, API tokens.

use crate::connect::Store;
use crate::error::StoreError;
use crate::preference::Preferences;
use crate::sql::{Sql, on, read};
use sagsgang_domain::{Role, Timestamp};
use serde_json::Value;
use sqlx::types::Json;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// User name.
    pub name: String,
    /// Name shown to people.
    pub display_name: String,
    /// argon2id in PHC form; without one the user cannot log in with a password.
    pub password_hash: Option<String>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Team.
    pub team: Option<String>,
    /// Language of the interface.
    pub locale: String,
    /// May not log in.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A session with its user.
#[derive(Clone, Debug)]
pub struct Session {
    /// The user.
    pub account: Account,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// How the user wants the interface.
    pub preferences: Preferences,
}

macro_rules! account_columns {
    () => {
        "account.name, display_name, password_hash, roles, team, locale, disabled, account.created_at"
    };
}
type AccountColumns = (
    String,
    String,
    Option<String>,
    Json<Vec<Role>>,
    Option<String>,
    String,
    i64,
    i64,
);

fn account(
    (name, display_name, password_hash, roles, team, locale, disabled, created_at): AccountColumns,
) -> Account {
    Account {
        name,
        display_name,
        password_hash,
        roles: roles.0,
        team,
        locale,
        disabled: disabled != 0,
        created_at: Timestamp::from_micros(created_at),
    }
}

static UPSERT: Sql = Sql::both(
    "insert into account (name, display_name, password_hash, roles, team, locale, disabled, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (name) do update set display_name = excluded.display_name, password_hash = excluded.password_hash,
       roles = excluded.roles, team = excluded.team, locale = excluded.locale, disabled = excluded.disabled",
);
static FIND: Sql = Sql::both(concat!(
    "select ",
    account_columns!(),
    " from account where name = $1"
));
static ALL: Sql = Sql::both(concat!(
    "select ",
    account_columns!(),
    " from account order by display_name, name"
));
static INSERT_SESSION: Sql = Sql::both(
    "insert into session (token_hash, account, created_at, seen_at) values ($1, $2, $3, $3)",
);
static FIND_SESSION: Sql = Sql::both(concat!(
    "select ",
    account_columns!(),
    ", session.created_at, seen_at, body from session join account on account.name = session.account
     left join preference on preference.account = session.account where token_hash = $1"
));
static TOUCH_SESSION: Sql = Sql::both("update session set seen_at = $2 where token_hash = $1");
static DELETE_SESSION: Sql = Sql::both("delete from session where token_hash = $1");
static DELETE_OLD_SESSIONS: Sql =
    Sql::both("delete from session where seen_at < $1 or created_at < $2");
static INSERT_TOKEN: Sql = Sql::both(
    "insert into api_token (token_hash, account, created_at, expires_at) values ($1, $2, $3, $4)",
);
static FIND_TOKEN: Sql = Sql::both(concat!(
    "select ",
    account_columns!(),
    " from api_token join account on account.name = api_token.account
     where token_hash = $1 and (expires_at is null or expires_at > $2)"
));

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("account upsert", &UPSERT),
    ("account find", &FIND),
    ("account all", &ALL),
    ("session insert", &INSERT_SESSION),
    ("session find", &FIND_SESSION),
    ("session touch", &TOUCH_SESSION),
    ("session delete", &DELETE_SESSION),
    ("session delete old", &DELETE_OLD_SESSIONS),
    ("token insert", &INSERT_TOKEN),
    ("token find", &FIND_TOKEN),
];

impl Store {
    /// Writes a user, new or changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_account(&self, account: &Account) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = UPSERT.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(&account.name)
            .bind(&account.display_name)
            .bind(&account.password_hash)
            .bind(Json(&account.roles))
            .bind(&account.team)
            .bind(&account.locale)
            .bind(i64::from(account.disabled))
            .bind(account.created_at.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// The user with a name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let row: Option<AccountColumns> = read!(self, FIND, |sql, pool| sqlx::query_as(sql)
            .bind(name)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(account))
    }

    /// All users by their shown name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let rows: Vec<AccountColumns> = read!(self, ALL, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(account).collect())
    }

    /// Begins a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_session(
        &self,
        token_hash: &[u8; 32],
        account: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = INSERT_SESSION.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(token_hash.as_slice())
            .bind(account)
            .bind(now.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// The session of a token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        type Columns = (
            String,
            String,
            Option<String>,
            Json<Vec<Role>>,
            Option<String>,
            String,
            i64,
            i64,
            i64,
            i64,
            Option<Json<Value>>,
        );
        let row: Option<Columns> = read!(self, FIND_SESSION, |sql, pool| sqlx::query_as(sql)
            .bind(token_hash.as_slice())
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(
            |(name, display, hash, roles, team, locale, disabled, made, created, seen, body)| {
                Session {
                    account: account((name, display, hash, roles, team, locale, disabled, made)),
                    created_at: Timestamp::from_micros(created),
                    seen_at: Timestamp::from_micros(seen),
                    preferences: body
                        .and_then(|body| serde_json::from_value(body.0).ok())
                        .unwrap_or_default(),
                }
            },
        ))
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_session(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = TOUCH_SESSION.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(token_hash.as_slice())
            .bind(now.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = DELETE_SESSION.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(token_hash.as_slice())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// Removes sessions not used since one moment or begun before another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_old_sessions(
        &self,
        unused_since: Timestamp,
        begun_before: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = DELETE_OLD_SESSIONS.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(unused_since.as_micros())
            .bind(begun_before.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// Keeps the hash of an API token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_token(
        &self,
        token_hash: &[u8; 32],
        account: &str,
        now: Timestamp,
        expires: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = INSERT_TOKEN.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(token_hash.as_slice())
            .bind(account)
            .bind(now.as_micros())
            .bind(expires.map(|at| at.as_micros()))
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// The user of an API token that is still valid.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_account(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Account>, StoreError> {
        let row: Option<AccountColumns> = read!(self, FIND_TOKEN, |sql, pool| sqlx::query_as(sql)
            .bind(token_hash.as_slice())
            .bind(now.as_micros())
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(account))
    }
}

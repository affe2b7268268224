//! Set-based writes: many rows in one statement, from one JSON array.
//!
//! SQLite reads it with `jsonb_each`, whose rows need not become text in between, PostgreSQL with `jsonb_to_recordset`;
//! the texts for both are made here from one table of columns, once, so that they cannot drift.

use crate::sql::{Backend, Tx, database_now, on};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use sqlx::{AssertSqlSafe, Row};
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use uuid::Uuid;

/// How a value travels in the JSON array, and what it is in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Identifier, as 32 hexadecimal digits.
    Uuid,
    /// Bytes, as hexadecimal digits.
    Bytes,
    /// Text.
    Text,
    /// Whole number.
    Int,
    /// JSON, as text: see [`Nested`].
    Json,
    /// A moment that is so many microseconds from now, by the database's clock; nothing stays nothing.
    FromNow,
}

/// A table and the columns that are written.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
}

impl Table {
    /// The rows of the array as a selectable: `(select … ) as row`.
    pub(crate) fn rows(&self, backend: Backend, extra: &[(&str, Kind)]) -> String {
        let columns = self.columns.iter().chain(extra.iter());
        let mut select = String::new();
        let mut types = String::new();
        for (name, kind) in columns {
            if !select.is_empty() {
                select.push_str(", ");
                types.push_str(", ");
            }
            match backend {
                Backend::Sqlite => {
                    let _ = match kind {
                        Kind::Uuid | Kind::Bytes => {
                            write!(select, "unhex(value->>'{name}') as {name}")
                        }
                        Kind::Text | Kind::Int | Kind::Json => {
                            write!(select, "value->>'{name}' as {name}")
                        }
                        Kind::FromNow => {
                            let now = database_now(backend);
                            write!(select, "{now} + (value->>'{name}') as {name}")
                        }
                    };
                }
                Backend::Postgres => {
                    let _ = match kind {
                        Kind::Bytes => write!(select, "decode({name}, 'hex') as {name}"),
                        Kind::Json => write!(select, "cast({name} as jsonb) as {name}"),
                        Kind::FromNow => {
                            let now = database_now(backend);
                            write!(select, "{now} + {name} as {name}")
                        }
                        _ => write!(select, "{name}"),
                    };
                    let kind = match kind {
                        Kind::Uuid => "uuid",
                        Kind::Bytes | Kind::Text | Kind::Json => "text",
                        Kind::Int | Kind::FromNow => "bigint",
                    };
                    let _ = write!(types, "{name} {kind}");
                }
            }
        }
        match backend {
            Backend::Sqlite => format!("(select {select} from jsonb_each($1))"),
            Backend::Postgres => format!(
                "(select {select} from jsonb_to_recordset(cast(cast($1 as text) as jsonb)) as source({types}))"
            ),
        }
    }

    fn names(&self) -> String {
        self.columns
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// `insert … returning <returning>`; rows that clash with the conflict target are left out of what is returned.
    pub(crate) fn insert(&self, backend: Backend, conflict: &str, returning: &str) -> String {
        let (table, names, rows) = (self.name, self.names(), self.rows(backend, &[]));
        let mut text =
            format!("insert into {table} ({names}) select {names} from {rows} as row where true");
        if !conflict.is_empty() {
            let _ = write!(text, " on conflict {conflict}");
        }
        if !returning.is_empty() {
            let _ = write!(text, " returning {returning}");
        }
        text
    }

    /// `update … from rows where <condition> returning <returning>`: sets every column but the keys. The condition
    /// names the table's columns by the table and the new values by `row`; `extra` are values that only it uses.
    pub(crate) fn update(
        &self,
        backend: Backend,
        keys: &[&str],
        extra: &[(&str, Kind)],
        condition: &str,
        returning: &str,
    ) -> String {
        self.update_with(backend, keys, &[], extra, condition, returning)
    }

    /// [`Table::update`] with columns that are set to something made of the old and the new values.
    pub(crate) fn update_with(
        &self,
        backend: Backend,
        keys: &[&str],
        made: &[(&str, &str)],
        extra: &[(&str, Kind)],
        condition: &str,
        returning: &str,
    ) -> String {
        let plain = self
            .columns
            .iter()
            .filter(|(name, _)| !keys.contains(name))
            .map(|(name, _)| format!("{name} = row.{name}"));
        let made = made.iter().map(|(name, value)| format!("{name} = {value}"));
        let set = plain.chain(made).collect::<Vec<_>>().join(", ");
        let (table, rows) = (self.name, self.rows(backend, extra));
        format!(
            "update {table} set {set} from {rows} as row where {condition} returning {returning}"
        )
    }

    /// `delete from … where (<keys>) in rows`.
    pub(crate) fn delete(&self, backend: Backend) -> String {
        let (table, names, rows) = (self.name, self.names(), self.rows(backend, &[]));
        format!("delete from {table} where ({names}) in (select {names} from {rows} as row)")
    }
}

/// The two texts of a set-based statement.
pub(crate) struct SetSql {
    sqlite: String,
    postgres: String,
    /// Bytes of the rows that it wrote last: what the next ones begin with, so that they grow once and not by doubling.
    size: AtomicUsize,
}

impl SetSql {
    pub(crate) fn new(text: impl Fn(Backend) -> String) -> Self {
        Self {
            sqlite: text(Backend::Sqlite),
            postgres: text(Backend::Postgres),
            size: AtomicUsize::new(0),
        }
    }

    pub(crate) fn text(&self, backend: Backend) -> &str {
        match backend {
            Backend::Sqlite => &self.sqlite,
            Backend::Postgres => &self.postgres,
        }
    }

    /// The text for SQLite with its parameter numbered, which tells how many rows it wrote and not which.
    pub(crate) fn counted(&self, parameter: usize) -> String {
        let text = self.sqlite.as_str();
        let text = text
            .rsplit_once(" returning ")
            .map_or(text, |(text, _)| text);
        text.replace("$1", &format!("${parameter}"))
    }

    /// The rows as one JSON array.
    pub(crate) fn rows<T: Serialize>(&self, rows: &[T]) -> Result<String, sqlx::Error> {
        let mut json = Vec::with_capacity(self.size.load(Relaxed));
        serde_json::to_writer(&mut json, rows)
            .map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        self.size.store(json.len() + json.len() / 8, Relaxed);
        String::from_utf8(json).map_err(|error| sqlx::Error::Encode(Box::new(error)))
    }
}

/// JSON inside a row. It travels as text, so that SQLite need not take it apart and put it together again; nothing stands
/// for `null`.
pub(crate) struct Nested<T>(pub(crate) T);

impl<T: Serialize> Serialize for Nested<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(&self.0).map_err(S::Error::custom)?;
        if text == "null" {
            serializer.serialize_none()
        } else {
            serializer.serialize_str(&text)
        }
    }
}

/// Writes rows and does not ask which were written.
pub(crate) async fn write(tx: &mut Tx, sql: &SetSql, rows: String) -> Result<(), sqlx::Error> {
    let text = sql.text(tx.backend()).to_owned();
    on!(tx, |conn| sqlx::query(AssertSqlSafe(text))
        .bind(rows)
        .execute(conn)
        .await
        .map(|_| ()))
}

/// Writes rows and returns the ids of those that were written.
pub(crate) async fn write_ids(
    tx: &mut Tx,
    sql: &SetSql,
    rows: String,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let text = sql.text(tx.backend()).to_owned();
    on!(tx, |conn| {
        let rows = sqlx::query(AssertSqlSafe(text))
            .bind(rows)
            .fetch_all(conn)
            .await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    })
}

/// Writes rows and returns the textual keys of those that were written.
pub(crate) async fn write_keys(
    tx: &mut Tx,
    sql: &SetSql,
    rows: String,
) -> Result<Vec<String>, sqlx::Error> {
    let text = sql.text(tx.backend()).to_owned();
    on!(tx, |conn| {
        let rows = sqlx::query(AssertSqlSafe(text))
            .bind(rows)
            .fetch_all(conn)
            .await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    })
}

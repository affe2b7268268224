//! One body of SQL, two arms: statements for both databases and transactions on either.

use sqlx::{Postgres, Sqlite, Transaction};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Embedded SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A statement. Both texts take the same parameters, `$1` onwards, and return the same columns.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Sql {
    /// A statement in the shared subset.
    pub const fn both(text: &'static str) -> Self {
        Self {
            sqlite: text,
            postgres: text,
        }
    }

    /// A statement that the databases need in different words.
    pub const fn per_backend(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    /// The text for a database.
    pub const fn text(&self, backend: Backend) -> &'static str {
        match backend {
            Backend::Sqlite => self.sqlite,
            Backend::Postgres => self.postgres,
        }
    }
}

/// A transaction on either database.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(crate) fn backend(&self) -> Backend {
        match self {
            Tx::Sqlite(_) => Backend::Sqlite,
            Tx::Postgres(_) => Backend::Postgres,
        }
    }

    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await,
            Tx::Postgres(tx) => tx.commit().await,
        }
    }

    pub(crate) async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Tx::Sqlite(tx) => tx.rollback().await,
            Tx::Postgres(tx) => tx.rollback().await,
        }
    }
}

/// Compiles one body for the transaction's database.
macro_rules! on {
    ($tx:expr, |$conn:ident| $body:expr) => {
        match $tx {
            $crate::sql::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::sql::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
}

/// Compiles one body for the store's read pool: `sql` is the statement's text, `pool` the pool.
macro_rules! read {
    ($store:expr, $statement:expr, |$sql:ident, $pool:ident| $body:expr) => {
        match &$store.pools {
            $crate::connect::Pools::Sqlite { read, .. } => {
                let ($sql, $pool) = ($statement.text($crate::Backend::Sqlite), read);
                $body
            }
            $crate::connect::Pools::Postgres(pool) => {
                let ($sql, $pool) = ($statement.text($crate::Backend::Postgres), pool);
                $body
            }
        }
    };
}

/// A statement with the moment now, in microseconds, by the database's own clock. Leases count by it: the clocks of nodes
/// may differ, and one that is ahead would take what another one still works on.
///
/// The pieces are texts, `now`, a text for each database in brackets, SQLite's first, and macros for texts in parentheses.
macro_rules! timed {
    (# sqlite now) => { "cast(unixepoch('subsec') * 1000000 as integer)" };
    // The moment at which the statement began: one and the same for all rows.
    (# postgres now) => { "cast(extract(epoch from statement_timestamp()) * 1000000 as bigint)" };
    (# sqlite [$sqlite:literal, $postgres:literal]) => { $sqlite };
    (# postgres [$sqlite:literal, $postgres:literal]) => { $postgres };
    (# $database:ident ($($text:tt)*)) => { $($text)* };
    (# $database:ident $text:literal) => { $text };
    (@ $database:ident $($piece:tt)*) => {
        concat!($($crate::sql::timed!(# $database $piece)),*)
    };
    ($($piece:tt)*) => {
        $crate::sql::Sql::per_backend(
            $crate::sql::timed!(@ sqlite $($piece)*),
            $crate::sql::timed!(@ postgres $($piece)*),
        )
    };
}

/// Binds the values of a statement in their order.
macro_rules! bind_all {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                $crate::cases::Bound::Text(text) => query.bind(text),
                $crate::cases::Bound::Int(number) => query.bind(number),
                $crate::cases::Bound::Uuid(id) => query.bind(id),
            };
        }
        query
    }};
}

pub(crate) use bind_all;
pub(crate) use on;
pub(crate) use read;
pub(crate) use timed;

/// The moment now by the clock of a database; see [`timed`].
pub(crate) const fn database_now(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => timed!(# sqlite now),
        Backend::Postgres => timed!(# postgres now),
    }
}

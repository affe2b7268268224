//! Each statement is prepared on both databases: what one of them does not understand is found here.

use crate::databases::{postgres, sqlite};
use sagsgang_store::{Backend, statements};
use sqlx::{AssertSqlSafe, Connection, Executor, SqlSafeStr};

#[tokio::test]
async fn every_statement_is_understood_by_sqlite() {
    let opened = sqlite().await;
    let mut connection = sqlx::SqliteConnection::connect(&opened.address())
        .await
        .unwrap();
    let mut prepared = 0;
    for (name, sql) in statements() {
        if let Err(error) = connection
            .prepare(AssertSqlSafe(sql.text(Backend::Sqlite)).into_sql_str())
            .await
        {
            panic!("{name}: {error}");
        }
        prepared += 1;
    }
    assert!(prepared > 50, "{prepared} statements are listed");
}

#[tokio::test]
async fn every_statement_is_understood_by_postgres() {
    let opened = postgres().await;
    let mut connection = sqlx::PgConnection::connect(&opened.address())
        .await
        .unwrap();
    for (name, sql) in statements() {
        if let Err(error) = connection
            .prepare(AssertSqlSafe(sql.text(Backend::Postgres)).into_sql_str())
            .await
        {
            panic!("{name}: {error}");
        }
    }
}

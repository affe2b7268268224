//! The two sets of migrations make the same tables, and shipped files never change.

use crate::databases::{postgres, sqlite};
use sha2::{Digest, Sha256};
use sqlx::{Connection, Row};
use std::collections::BTreeSet;
use std::path::Path;

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let lite = sqlite().await;
    let mut connection = sqlx::SqliteConnection::connect(&lite.address())
        .await
        .unwrap();
    let rows = sqlx::query(
        "select t.name || '.' || c.name || ' ' || c.\"notnull\" from sqlite_master t, pragma_table_xinfo(t.name) c
         where t.type = 'table' and t.name not like 'sqlite_%' and t.name not like '_sqlx%' and t.name not like 'search\\_text%' escape '\\'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let in_sqlite: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let pg = postgres().await;
    let mut connection = sqlx::PgConnection::connect(&pg.address()).await.unwrap();
    let rows = sqlx::query(
        "select table_name || '.' || column_name || ' ' || case is_nullable when 'NO' then 1 else 0 end
         from information_schema.columns where table_schema = 'public' and table_name not like '\\_sqlx%'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let in_postgres: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(in_sqlite.len() > 100, "{}", in_sqlite.len());
    assert_eq!(in_sqlite, in_postgres);
}

#[test]
fn migrations_have_equal_names_and_shipped_ones_are_frozen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names = |backend: &str| -> BTreeSet<String> {
        let files = std::fs::read_dir(folder.join(backend)).unwrap().flatten();
        files
            .map(|file| file.file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".sql"))
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    let frozen = std::fs::read_to_string(folder.join("frozen.sha256")).unwrap();
    for line in frozen.lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        let found = hex::encode(Sha256::digest(std::fs::read(folder.join(name)).unwrap()));
        assert_eq!(
            found, digest,
            "{name} is shipped and must not change; write a new migration"
        );
    }
}

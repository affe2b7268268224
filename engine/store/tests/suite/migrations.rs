//! The two sets of migrations make the same tables, and shipped files never change.

use crate::databases::{postgres, sqlite};
use sagsgang_store::{Store, StoreOptions};
use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
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

/// An SQLite database as an earlier version left it, with its address.
async fn of_version(folder: &Path, version: i64) -> (String, sqlx::SqliteConnection) {
    let database = format!("sqlite:{}", folder.join("old.db").display());
    let options: SqliteConnectOptions = database.parse().unwrap();
    let mut old = sqlx::SqliteConnection::connect_with(&options.create_if_missing(true))
        .await
        .unwrap();
    let migrator = migrations().await;
    let migrated = migrator.run_direct(Some(version), &mut old, false);
    migrated.await.unwrap();
    (database, old)
}

async fn migrations() -> Migrator {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    Migrator::new(files).await.unwrap()
}

/// What a database of an earlier version held is there after its tables were made anew.
#[tokio::test]
async fn rows_survive_that_their_tables_are_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (database, mut old) = of_version(folder.path(), 20).await;
    for row in [
        "insert into case_history values (x'01', 1, 1, 'case.noted.v1', 5, '{}', null, '{\"text\":\"æ\"}', '[]', x'02')",
        "insert into journal values (x'03', 1, 5, '{}', '{\"kind\":\"start\"}', '[]', x'04')",
        "insert into record_history values (x'05', x'06', 1, 'created', 5, '{}', '{}')",
        "insert into event values ('/a', '1', 'x.v1', 5, '{}')",
    ] {
        sqlx::query(row).execute(&mut old).await.unwrap();
    }
    let dump = "select 'h' || hex(case_id) || seq || version || kind || at || actor || data || salts || hex(hash) from case_history
        union all select 'j' || hex(instance) || seq || at || actor || input || effects || hex(state_hash) from journal
        union all select 'r' || hex(record) || hex(id) || version || kind || at || actor || data from record_history
        union all select 'e' || source || event_id || event_type || at || body from event";
    let rows = async |connection: &mut sqlx::SqliteConnection| -> Vec<String> {
        sqlx::query_scalar(dump)
            .fetch_all(connection)
            .await
            .unwrap()
    };
    let held = rows(&mut old).await;
    old.close().await.unwrap();
    let opened = Store::open(&StoreOptions {
        database: database.clone(),
        blobs: folder.path().join("blobs"),
        readers: 1,
        write_cache: 8,
    })
    .await
    .unwrap();
    opened.close().await;
    let mut now = sqlx::SqliteConnection::connect(&database).await.unwrap();
    assert_eq!(held.len(), 4);
    assert_eq!(rows(&mut now).await, held);
}

/// Containers of an earlier version are found by their fractions, and prices that are none do not stop anybody.
#[tokio::test]
async fn containers_that_were_there_are_found_by_their_fractions() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut old) = of_version(folder.path(), 28).await;
    for row in [
        r#"insert into container (id, container_id, body) values (x'01', 'BH-1', '{"status":"active","compartments":[{"fractions":["food","food"]},{"fractions":["glass",""]}]}')"#,
        r#"insert into container (id, container_id, body) values (x'02', 'BH-2', '{"compartments":[]}')"#,
        r#"insert into agreement (id, starts_on, body) values (x'03', '2026-01-01', '{"price":"275.5"}')"#,
        r#"insert into agreement (id, starts_on, body) values (x'04', '2026-01-01', '{"price":"dyrt"}')"#,
    ] {
        sqlx::query(row).execute(&mut old).await.unwrap();
    }
    let migrator = migrations().await;
    migrator.run_direct(None, &mut old, false).await.unwrap();
    let text = "select group_concat(hex(container) || fraction, ' ') from container_fraction";
    let held: String = sqlx::query_scalar(text).fetch_one(&mut old).await.unwrap();
    assert_eq!(held, "01food 01glass");
    let text = "select group_concat(price_ore, ' ') from agreement";
    let prices: String = sqlx::query_scalar(text).fetch_one(&mut old).await.unwrap();
    assert_eq!(prices, "27550 0");
    let text = "select group_concat(collected_on || status, ' ') from container";
    let known: String = sqlx::query_scalar(text).fetch_one(&mut old).await.unwrap();
    assert_eq!(known, "9999-12-31active 9999-12-31");
}

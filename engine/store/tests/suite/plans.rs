//! How SQLite carries out the lists: no list reads the whole table and none sorts what it has not narrowed by an index.

use crate::databases::sqlite;
use sagsgang_store::list_texts;
use sqlx::{AssertSqlSafe, Connection, Row};

#[tokio::test]
async fn no_list_reads_every_case() {
    let opened = sqlite().await;
    let mut connection = sqlx::SqliteConnection::connect(&opened.address())
        .await
        .unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (name, text) in list_texts() {
        let plan = sqlx::query(AssertSqlSafe(format!("explain query plan {text}")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        let scans = |step: &String| step == "SCAN case_head";
        // A few cases of one person, of one tag or in one status may be sorted; whoever sorts must have narrowed before.
        let sorts = |step: &String| step.starts_with("USE TEMP B-TREE FOR ORDER BY");
        let narrowed = steps
            .iter()
            .any(|step| step.starts_with("SEARCH case_head USING INDEX") && step.contains('='));
        let narrowed = narrowed || steps.iter().any(|step| step.contains("case_tag"));
        if steps.iter().any(scans) || (steps.iter().any(sorts) && !narrowed) {
            wrong.push(format!("{name}: {steps:?}"));
        }
        seen += 1;
    }
    assert_eq!(seen, 64);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

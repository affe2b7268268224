//! The log of SQLite gets into the database while everything stays open.

use crate::databases::sqlite;
use crate::world::at;
use sagsgang_store::{Commit, EventRow};
use serde_json::json;
use std::time::Duration;

/// 25 MB: more than is left in the log, less than what makes a commit move it by itself.
const EVENTS: usize = 400;
const LETTERS: usize = 64 * 1_024;
/// What must have left the log.
const MOVED: u64 = 16 * 1_024 * 1_024;

#[tokio::test]
async fn a_long_log_is_moved_into_the_database_beside_the_commits() {
    let opened = sqlite().await;
    let path = opened.address().replace("sqlite:", "");
    for number in 0..EVENTS {
        let mut commit = Commit::default();
        commit.events.push(EventRow {
            source: "/fleet".to_owned(),
            event_id: number.to_string(),
            event_type: "x.v1".to_owned(),
            at: at(0),
            body: json!({ "text": "x".repeat(LETTERS) }),
        });
        opened.store.commit(commit).await.unwrap();
    }
    let mut length = 0;
    for _ in 0..400 {
        length = std::fs::metadata(&path).unwrap().len();
        if length >= MOVED {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(length >= MOVED, "{length} bytes are in the database");
    opened.store.close().await;
    let left = std::fs::metadata(format!("{path}-wal")).map(|log| log.len());
    assert!(left.is_err(), "closing leaves no log: {left:?}");
}

//! What is kept for runs that listen later, and runs that begin to listen: of two that come at the same moment, one sees the
//! other. Both take their place in one order before anything else is written, so that whoever comes second waits for the
//! first, and both say how far they had read.

use super::rows::id;
use super::tables;
use crate::commit::{Commit, Subscription};
use crate::error::CommitError;
use crate::event::KeptEvent;
use crate::sql::{Sql, Tx, on};
use crate::table::{Nested, SetSql, write_keys};
use sagsgang_domain::CaseId;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The row of the order stays locked until the transaction ends.
static TAKE: Sql = Sql::both("update hearing set place = place + $1 where id = 1 returning place");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[("hearing take", &TAKE)];

/// The places that a transaction takes in the order.
#[derive(Default)]
pub(super) struct Places {
    /// The last one; runs that begin to listen have it.
    pub(super) last: i64,
    /// The first one; kept events have the places from here on.
    pub(super) first: i64,
}

/// Takes places, and marks the commits that something else came before.
pub(super) async fn take(
    tx: &mut Tx,
    commits: &[&Commit],
    failures: &mut BTreeMap<usize, CommitError>,
) -> Result<Places, sqlx::Error> {
    let kept: usize = commits.iter().map(|commit| commit.kept.len()).sum();
    if kept == 0 && commits.iter().all(|commit| commit.subscriptions.is_empty()) {
        return Ok(Places::default());
    }
    let taken = i64::try_from(kept).unwrap_or(i64::MAX).saturating_add(1);
    let sql = TAKE.text(tx.backend());
    let (last,): (i64,) = on!(&mut *tx, |conn| sqlx::query_as(sql)
        .bind(taken)
        .fetch_one(conn)
        .await)?;
    let (mut events, mut listeners) = (Vec::new(), Vec::new());
    for (number, commit) in commits.iter().enumerate() {
        let Some(heard) = commit.heard else { continue };
        let row = |event_type: &str, case: Option<CaseId>| -> Value {
            json!({ "number": number, "event_type": event_type, "heard": heard,
                    "case_id": case.map(|case| id(case.0)) })
        };
        events.extend(
            commit
                .kept
                .iter()
                .map(|event| row(&event.event_type, event.case)),
        );
        listeners.extend(
            commit
                .subscriptions
                .iter()
                .map(|begun| row(&begun.event_type, begun.case)),
        );
    }
    let mut late = Vec::new();
    let asked: [(&SetSql, _); 2] = [
        (&tables::MISSED_LISTENERS, events),
        (&tables::MISSED_EVENTS, listeners),
    ];
    for (sql, rows) in asked {
        if !rows.is_empty() {
            late.extend(write_keys(tx, sql, sql.rows(&rows)?).await?);
        }
    }
    let late = late.iter().filter_map(|number| number.parse().ok());
    for number in late.chain(beside(commits)) {
        failures.entry(number).or_insert(CommitError::Conflict);
    }
    Ok(Places {
        last,
        first: last - taken + 1,
    })
}

/// Commits of the same transaction of which an earlier one keeps what they listen for, or listens for what they keep.
fn beside(commits: &[&Commit]) -> Vec<usize> {
    let concerned: Vec<(usize, &&Commit)> = (commits.iter().enumerate())
        .filter(|(_, commit)| commit.heard.is_some())
        .collect();
    let hears = |listener: &Commit, other: &Commit| {
        let mut listened = listener.subscriptions.iter();
        listened.any(|begun| {
            let mut kept = other.kept.iter();
            kept.any(|event| begun.hears(&event.event_type, event.case))
        })
    };
    let mut late = Vec::new();
    for (place, (number, commit)) in concerned.iter().enumerate() {
        let mut earlier = concerned[..place].iter();
        if earlier.any(|(_, other)| hears(commit, other) || hears(other, commit)) {
            late.push(*number);
        }
    }
    late
}

pub(super) fn subscription(row: &Subscription, place: i64) -> Value {
    json!({ "instance": id(row.instance.0), "key": row.key, "event_type": row.event_type,
            "case_id": row.case.map(|case| id(case.0)), "filters": Nested(&row.filters), "since": row.since.as_micros(),
            "place": place })
}

pub(super) fn kept_event(row: &KeptEvent, place: i64) -> Value {
    json!({ "place": place, "event_type": row.event_type, "case_id": row.case.map(|case| id(case.0)),
            "at": row.at.as_micros(), "body": Nested(&row.body) })
}

//! Events that are kept, and runs that begin to listen: of two that did not see each other, the second falls out.

use crate::databases::Opened;
use crate::world::{at, id};
use sagsgang_domain::{CaseId, InstanceId};
use sagsgang_store::{Commit, CommitError, KeptEvent, Store, Subscription};
use serde_json::json;

macro_rules! on_both {
    ($name:ident) => {
        mod $name {
            #[tokio::test]
            async fn sqlite() {
                super::$name(crate::databases::sqlite().await).await;
            }
            #[tokio::test]
            async fn postgres() {
                super::$name(crate::databases::postgres().await).await;
            }
        }
    };
}

fn keeps(kind: &str, case: Option<CaseId>, second: i64, heard: u64) -> Commit {
    Commit {
        kept: vec![KeptEvent {
            event_type: kind.to_owned(),
            case,
            at: at(second),
            body: json!({ "type": kind, "at": second }),
        }],
        heard: Some(heard),
        ..Commit::default()
    }
}

fn listens(kind: &str, case: Option<CaseId>, heard: u64) -> Commit {
    Commit {
        subscriptions: vec![Subscription {
            instance: InstanceId(id()),
            key: "k".to_owned(),
            event_type: kind.to_owned(),
            case,
            filters: json!([]),
            since: at(0),
        }],
        heard: Some(heard),
        ..Commit::default()
    }
}

async fn is_conflict(store: &Store, commit: Commit) -> bool {
    match store.commit(commit).await {
        Ok(()) => false,
        Err(CommitError::Conflict) => true,
        Err(other) => panic!("{other}"),
    }
}

on_both!(whoever_did_not_see_what_came_before_falls_out);
async fn whoever_did_not_see_what_came_before_falls_out(opened: Opened) {
    let store = &opened.store;
    let (mine, other) = (Some(CaseId(id())), Some(CaseId(id())));
    let begun = store.hearing().await.unwrap();
    assert!(!is_conflict(store, keeps("a", mine, 1, begun)).await);
    // A run of this case, of none, or of all types had to see it; one of another case or type had not.
    assert!(is_conflict(store, listens("a", mine, begun)).await);
    assert!(is_conflict(store, listens("a", None, begun)).await);
    assert!(is_conflict(store, listens("*", mine, begun)).await);
    assert!(!is_conflict(store, listens("a", other, begun)).await);
    assert!(!is_conflict(store, listens("b", mine, begun)).await);
    let read = store.hearing().await.unwrap();
    assert!(!is_conflict(store, listens("a", mine, read)).await);
    // And an event had to see the runs that listen for it.
    assert!(is_conflict(store, keeps("a", mine, 2, read)).await);
    assert!(is_conflict(store, keeps("a", None, 2, read)).await);
    assert!(!is_conflict(store, keeps("a", Some(CaseId(id())), 2, read)).await);
    let read = store.hearing().await.unwrap();
    assert!(!is_conflict(store, keeps("a", mine, 3, read)).await);
}

on_both!(of_two_at_once_one_sees_the_other);
async fn of_two_at_once_one_sees_the_other(opened: Opened) {
    let store = &opened.store;
    for round in 0..20 {
        let kind = format!("round-{round}");
        let read = store.hearing().await.unwrap();
        let (kept, heard) = tokio::join!(
            is_conflict(store, keeps(&kind, None, round, read)),
            is_conflict(store, listens(&kind, None, read)),
        );
        assert_ne!(kept, heard, "one of them is first, round {round}");
    }
}

on_both!(what_is_kept_is_found_by_type_and_case_until_it_is_forgotten);
async fn what_is_kept_is_found_by_type_and_case_until_it_is_forgotten(opened: Opened) {
    let store = &opened.store;
    let (mine, other) = (CaseId(id()), CaseId(id()));
    let about = [
        ("a", Some(mine)),
        ("a", Some(other)),
        ("a", None),
        ("b", Some(mine)),
    ];
    for (second, (kind, case)) in (1..).zip(about) {
        let read = store.hearing().await.unwrap();
        store.commit(keeps(kind, case, second, read)).await.unwrap();
    }
    let found = async |kind: &str, case: Option<CaseId>, since: i64| -> Vec<i64> {
        let mut found = Vec::new();
        // Page by page, two at a time.
        loop {
            let after = found.last().map_or(0, |(place, _)| *place);
            let page = store.kept_events(kind, case, at(since), after, 2);
            let page = page.await.unwrap();
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        found
            .iter()
            .map(|(_, event)| event.at.as_micros() / 1_000_000)
            .collect()
    };
    assert_eq!(found("a", Some(mine), 0).await, [1, 3]);
    assert_eq!(found("a", Some(mine), 2).await, [3]);
    assert_eq!(found("a", None, 0).await, [1, 2, 3]);
    assert_eq!(found("*", Some(mine), 0).await, [1, 3, 4]);
    assert_eq!(found("*", None, 2).await, [2, 3, 4]);
    store.forget_events(at(3)).await.unwrap();
    assert_eq!(found("*", None, 0).await, [3, 4]);
}

/// A listening run reads what was kept for its type and case, not everything that was ever kept.
#[tokio::test]
async fn kept_events_are_found_by_an_index() {
    let plans = crate::plans::plans_of(|name| name.starts_with("events ")).await;
    assert_eq!(plans.len(), 5);
    for (name, steps) in plans {
        let scans = steps.iter().any(|step| step.starts_with("SCAN kept_event"));
        assert!(!scans, "{name}: {steps:?}");
    }
}

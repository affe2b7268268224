//! Actions that take turns, and starts that wait for more events, on both databases.

use crate::databases::Opened;
use crate::world::at;
use sagsgang_domain::InstanceId;
use sagsgang_store::{
    ActionDone, ActionRow, ActionState, Commit, CommitError, GatheringRow, GatheringWrite, Pace,
};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(30);

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

fn action(key: &str, limit: Option<&str>, second: i64) -> ActionRow {
    ActionRow {
        key: key.to_owned(),
        instance: InstanceId(Uuid::from_u128(1)),
        case: None,
        task: "t".to_owned(),
        function: "print".to_owned(),
        version: None,
        input: json!({}),
        state: ActionState::Queued,
        attempts: 0,
        fence: 0,
        lease: None,
        due: at(second),
        created_at: at(second),
        limit: limit.map(str::to_owned),
        configuration: Some("north".to_owned()),
        lost: 0,
    }
}

fn keys(actions: &[ActionRow]) -> Vec<&str> {
    actions.iter().map(|action| action.key.as_str()).collect()
}

on_both!(actions_take_turns_and_a_lease_that_ended_gives_the_turn_back);
async fn actions_take_turns_and_a_lease_that_ended_gives_the_turn_back(opened: Opened) {
    let store = &opened.store;
    let commit = Commit {
        actions: vec![
            action("a", Some("print/P1"), 1),
            action("b", Some("print/P1"), 2),
            action("c", None, 3),
            action("d", Some("print/P2"), 4),
        ],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    let free = store.claim_actions(at(10), LEASE, 10).await.unwrap();
    assert_eq!(keys(&free), ["c"]);
    assert_eq!(
        store.waiting_turns(at(10), 10).await.unwrap(),
        ["print/P1", "print/P2"]
    );
    let pace = Pace {
        at_once: Some(1),
        per_minute: None,
    };
    let claim = async |second: i64| {
        store
            .claim_turns("print/P1", pace, at(second), LEASE, 10)
            .await
            .unwrap()
    };
    let first = claim(10).await;
    assert_eq!(keys(&first), ["a"]);
    assert_eq!(first[0].configuration.as_deref(), Some("north"));
    assert!(claim(11).await.is_empty());
    assert!(claim(86_400).await.is_empty(), "whoever's clock is ahead");
    let run = InstanceId(Uuid::from_u128(1));
    let waiting = store.actions_in_turn(run).await.unwrap();
    assert_eq!(waiting.len(), 2);
    assert_eq!(waiting[0], ("b".to_owned(), "print/P1".to_owned()));
    // Whoever had the turn is gone: its lease ends, and the oldest is taken up again under a new fence.
    opened.pass(31).await;
    let again = claim(12).await;
    assert_eq!(
        (keys(&again), again[0].fence),
        (vec!["a"], first[0].fence + 1)
    );
    let done = ActionDone {
        key: "a".to_owned(),
        fence: again[0].fence,
        result: json!({}),
    };
    let commit = Commit {
        actions_done: vec![done],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    assert_eq!(keys(&claim(51).await), ["b"]);
}

on_both!(a_pace_lets_so_many_begin_in_a_minute);
async fn a_pace_lets_so_many_begin_in_a_minute(opened: Opened) {
    let store = &opened.store;
    let actions = (0..10).map(|number| action(&format!("k{number}"), Some("sms"), number));
    let commit = Commit {
        actions: actions.collect(),
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    let pace = Pace {
        at_once: None,
        per_minute: Some(3),
    };
    let claim = async |second: i64| {
        store
            .claim_turns("sms", pace, at(second), Duration::from_secs(3_600), 10)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(claim(100).await, 3);
    assert_eq!(claim(100).await, 0);
    // Two nodes whose clocks differ filled it up for each other.
    assert_eq!((claim(3_700).await, claim(100).await), (0, 0));
    opened.pass(21).await;
    assert_eq!(claim(100).await, 1);
    opened.pass(600).await;
    assert_eq!(claim(100).await, 3);
    store.forget_turns(Duration::ZERO).await.unwrap();
    assert_eq!(claim(100).await, 0, "what is under way keeps its pace");
}

fn write(key: &str, expected: Option<u64>, events: usize) -> Commit {
    let row = GatheringRow {
        workflow: "test/both".to_owned(),
        key: key.to_owned(),
        seq: expected.unwrap_or_default() + 1,
        body: json!(vec![json!({ "events": [] }); events]),
        updated_at: at(1),
    };
    Commit {
        gatherings: vec![GatheringWrite {
            expected,
            row,
            is_empty: events == 0,
        }],
        ..Commit::default()
    }
}

on_both!(a_start_that_waits_is_written_only_over_what_was_read);
async fn a_start_that_waits_is_written_only_over_what_was_read(opened: Opened) {
    let store = &opened.store;
    store.commit(write("{\"order\":7}", None, 1)).await.unwrap();
    store.commit(write("", None, 1)).await.unwrap();
    let both = [
        store.commit(write("{\"order\":7}", Some(1), 2)),
        store.commit(write("{\"order\":7}", Some(1), 2)),
        store.commit(write("{\"order\":7}", None, 1)),
    ];
    let outcomes = futures_util::future::join_all(both).await;
    let failed = outcomes
        .iter()
        .filter(|one| matches!(one, Err(CommitError::Conflict)));
    assert_eq!(failed.count(), 2, "{outcomes:?}");
    let kept = store
        .gathering("test/both", "{\"order\":7}")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((kept.seq, kept.body.as_array().unwrap().len()), (2, 2));
    assert!(store.gathering("test/both", "").await.unwrap().is_some());
    let stale = store.commit(write("{\"order\":7}", Some(1), 0)).await;
    assert!(matches!(stale, Err(CommitError::Conflict)));
    store
        .commit(write("{\"order\":7}", Some(2), 0))
        .await
        .unwrap();
    assert_eq!(
        store.gathering("test/both", "{\"order\":7}").await.unwrap(),
        None
    );
}

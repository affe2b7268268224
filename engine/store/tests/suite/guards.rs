//! The committer: many at once, and a failing one falls out alone.

use crate::databases::{Opened, sqlite};
use crate::world::{at, change, id, new_case, of_case, of_records, received, record_change};
use sagsgang_domain::{
    Address, Channel, Command, Container, ContainerId, Direction, InstanceId, Message, MessageId,
    MessageState, Record, RecordKind,
};
use sagsgang_store::{
    ActionDone, ActionRow, ActionState, Backend, Commit, CommitError, EventRow, InstanceRow,
    InstanceStatus, InstanceWrite, JsonText, MessageClaim, MessageReport, PendingInput, RequestKey,
};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

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

on_both!(of_many_at_once_only_the_stale_one_falls_out);
async fn of_many_at_once_only_the_stale_one_falls_out(opened: Opened) {
    let store = &opened.store;
    let mut commits: Vec<Commit> = (0..40)
        .map(|n| of_case(new_case(&format!("Sag {n}"), n, |_| {})))
        .collect();
    let first = of_case(new_case("Den første", 1, |_| {}));
    let case = first.cases[0].decision.case.id;
    store.commit(first).await.unwrap();
    let stored = store.case(case).await.unwrap().unwrap();
    let note = |text: &str| Command::Note {
        text: text.to_owned(),
        attachments: Vec::new(),
    };
    commits.push(of_case(change(&stored, note("A"), 50)));
    commits.push(of_case(change(&stored, note("B"), 51)));
    let outcomes =
        futures_util::future::join_all(commits.into_iter().map(|commit| store.commit(commit)))
            .await;
    let failed: Vec<_> = outcomes.iter().filter(|outcome| outcome.is_err()).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(matches!(failed[0], Err(CommitError::Conflict)));
    let history = store.history(case, 0, 10).await.unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(
        store.count_cases(&Default::default(), 100).await.unwrap(),
        41
    );
}

on_both!(usual_batches_are_written_at_once_and_their_guards_hold);
async fn usual_batches_are_written_at_once_and_their_guards_hold(opened: Opened) {
    let store = &opened.store;
    for number in 0..40 {
        let new = new_case(&format!("Sag {number}"), number, |_| {});
        store.commit(of_case(new)).await.unwrap();
    }
    let first = of_case(new_case("Den første", 50, |_| {}));
    let case = first.cases[0].decision.case.id;
    store.commit(first).await.unwrap();
    let at_once = store.transactions_at_once();
    match store.backend() {
        Backend::Sqlite => assert!((20..=26).contains(&at_once), "{at_once}"),
        Backend::Postgres => assert_eq!(at_once, 0),
    }
    let note = |text: String| Command::Note {
        text,
        attachments: Vec::new(),
    };
    for number in 0..40 {
        let stored = store.case(case).await.unwrap().unwrap();
        let noted = of_case(change(&stored, note(format!("Note {number}")), 60));
        store.commit(noted.clone()).await.unwrap();
        let again = store.commit(noted).await;
        assert!(matches!(again, Err(CommitError::Conflict)), "{again:?}");
    }
    assert_eq!(store.history(case, 0, 100).await.unwrap().len(), 41);
    let more = store.transactions_at_once() - at_once;
    assert_eq!(more > 20, store.backend() == Backend::Sqlite, "{more}");
}

/// A small write beside a committer that is never idle: it counts how many commits get in before it.
#[tokio::test(flavor = "multi_thread")]
async fn a_small_write_takes_its_turn_beside_many_commits() {
    let opened = sqlite().await;
    let store = &opened.store;
    let (committed, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let commits = async |who: usize| {
        for number in 0.. {
            if over.load(Ordering::SeqCst) {
                break;
            }
            let mut commit = Commit::default();
            commit.events.push(EventRow {
                source: format!("/{who}"),
                event_id: format!("{number}"),
                event_type: "x.v1".to_owned(),
                at: at(0),
                body: json!({}),
            });
            store.commit(commit).await.unwrap();
            committed.fetch_add(1, Ordering::SeqCst);
        }
    };
    let writes = async {
        for _ in 0..20 {
            while committed.load(Ordering::SeqCst) == 0 {
                tokio::task::yield_now().await;
            }
            committed.store(0, Ordering::SeqCst);
            store.forget_requests(at(0)).await.unwrap();
            let before = committed.load(Ordering::SeqCst);
            assert!(before <= 64, "{before} commits were written first");
        }
        over.store(true, Ordering::SeqCst);
    };
    let committers = futures_util::future::join_all((0..16).map(commits));
    tokio::join!(committers, writes);
}

on_both!(a_failing_commit_leaves_nothing_of_itself);
async fn a_failing_commit_leaves_nothing_of_itself(opened: Opened) {
    let store = &opened.store;
    let event = |n: &str| EventRow {
        source: "/fleet".to_owned(),
        event_id: n.to_owned(),
        event_type: "fleet.delivered.v1".to_owned(),
        at: at(1),
        body: json!({}),
    };
    store
        .commit(Commit {
            events: vec![event("1")],
            ..Commit::default()
        })
        .await
        .unwrap();
    let mut repeated = of_case(new_case("Gentaget", 1, |_| {}));
    let case = repeated.cases[0].decision.case.id;
    repeated.events = vec![event("2"), event("1")];
    assert!(matches!(
        store.commit(repeated).await,
        Err(CommitError::EventRepeated)
    ));
    assert!(store.case(case).await.unwrap().is_none());
    assert!(!store.event_known("/fleet", "2").await.unwrap());
}

on_both!(a_request_is_carried_out_once);
async fn a_request_is_carried_out_once(opened: Opened) {
    let store = &opened.store;
    let commits = (0..5).map(|_| {
        let mut commit = of_case(new_case("Én gang", 1, |_| {}));
        commit.request = Some(RequestKey {
            scope: "jonas POST /cases".to_owned(),
            key: "k1".to_owned(),
            fingerprint: [7; 32],
            reference: commit.cases[0].decision.case.id.to_string(),
            at: at(1),
        });
        async move {
            let written = store.commit(commit).await;
            // Who hears that it was carried out before finds what came of it.
            let known = store.request("jonas POST /cases", "k1").await.unwrap();
            assert!(known.is_some(), "told before it was written");
            written
        }
    });
    let outcomes = futures_util::future::join_all(commits).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let known = store
        .request("jonas POST /cases", "k1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(known.fingerprint, [7; 32]);
    assert_eq!(
        store.count_cases(&Default::default(), 100).await.unwrap(),
        1
    );
}

on_both!(a_message_is_taken_by_one_case);
async fn a_message_is_taken_by_one_case(opened: Opened) {
    let store = &opened.store;
    let message = received("m1@borger.example");
    store
        .commit(Commit {
            messages: vec![message.clone()],
            ..Commit::default()
        })
        .await
        .unwrap();
    let take = |title: &str| {
        let mut commit = of_case(new_case(title, 1, |new| new.message = Some(message.id)));
        let case = commit.cases[0].decision.case.id;
        commit.claims.push(MessageClaim {
            message: message.id,
            case,
        });
        (case, commit)
    };
    let ((one, first), (other, second)) = (take("A"), take("B"));
    store.commit(first).await.unwrap();
    assert!(matches!(
        store.commit(second).await,
        Err(CommitError::MessageTaken)
    ));
    assert_eq!(
        store.message(message.id).await.unwrap().unwrap().case,
        Some(one)
    );
    assert!(store.case(other).await.unwrap().is_none());
    assert!(store.inbox(false, None, 10).await.unwrap().items.is_empty());
}

on_both!(what_one_node_sends_no_other_sends_whatever_its_clock_says);
async fn what_one_node_sends_no_other_sends_whatever_its_clock_says(opened: Opened) {
    let store = &opened.store;
    let queued = Message {
        direction: Direction::Out,
        state: MessageState::Queued,
        next_attempt_at: Some(at(5)),
        ..received("5@borger.example")
    };
    let write = async |message: &Message| {
        let messages = vec![message.clone()];
        let commit = Commit {
            messages,
            ..Commit::default()
        };
        store.commit(commit).await.unwrap();
    };
    write(&queued).await;
    let claim = async |second: i64| {
        let claimed = store.claim_due(queued.id, at(second), at(second + 120));
        claimed.await.unwrap()
    };
    let mut message = claim(6).await.unwrap();
    (message.attempts, message.next_attempt_at) = (1, Some(at(126)));
    write(&message).await;
    // An hour ahead the time of the next attempt has come already.
    assert_eq!(claim(3_606).await, None);
    assert!(store.messages_due(at(3_606), 10).await.unwrap().is_empty());
    // Who is late with the answer may have died; a failed attempt leaves it to anybody at once.
    opened.pass(121).await;
    let mut message = claim(3_606).await.unwrap();
    message.next_attempt_at = Some(at(3_621));
    write(&message).await;
    assert_eq!(store.messages_due(at(3_622), 10).await.unwrap().len(), 1);
    assert!(claim(3_622).await.is_some());
    // In a restored database nobody sends any more.
    store.end_leases().await.unwrap();
    assert_eq!(store.messages_due(at(9_000), 10).await.unwrap().len(), 1);
}

on_both!(of_two_reports_at_once_the_second_is_judged_anew);
async fn of_two_reports_at_once_the_second_is_judged_anew(opened: Opened) {
    let store = &opened.store;
    let sent = Message {
        direction: Direction::Out,
        channel: Channel::Sms,
        state: MessageState::Sent,
        ..received("4711@sms")
    };
    let queued = Message {
        id: MessageId(id()),
        state: MessageState::Queued,
        message_id: None,
        next_attempt_at: Some(at(9)),
        attempts: 1,
        ..sent.clone()
    };
    store
        .commit(Commit {
            messages: vec![sent.clone(), queued],
            ..Commit::default()
        })
        .await
        .unwrap();
    assert_eq!(store.count_handed_over(Channel::Sms).await.unwrap(), 1);
    assert_eq!(store.count_handed_over(Channel::Email).await.unwrap(), 0);
    let report = |state| Commit {
        reported: vec![MessageReport {
            stood: MessageState::Sent,
            waited_until: None,
            message: Message {
                state,
                ..sent.clone()
            },
        }],
        ..Commit::default()
    };
    let (first, second) = tokio::join!(
        store.commit(report(MessageState::Delivered)),
        store.commit(report(MessageState::Failed))
    );
    first.unwrap();
    assert!(matches!(second, Err(CommitError::Conflict)), "{second:?}");
    let kept = store.message(sent.id).await.unwrap().unwrap();
    assert_eq!(kept.state, MessageState::Delivered);
}

on_both!(the_latest_collections_of_each_container_are_found);
async fn the_latest_collections_of_each_container_are_found(opened: Opened) {
    let store = &opened.store;
    let container = |printed: &str| Container {
        id: ContainerId(id()),
        container_id: printed.to_owned(),
        kind: "240 liters beholder".to_owned(),
        compartments: Vec::new(),
        property: None,
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: None,
        next_collection: None,
    };
    let (emptied, never) = (container("BH-1"), container("BH-2"));
    let both = [Record::from(emptied.clone()), never.clone().into()];
    store.commit(of_records(both)).await.unwrap();
    let change = async |change: &dyn Fn(&mut Container)| {
        let kind = RecordKind::Container;
        let before = store.record(kind, emptied.id.0).await.unwrap().unwrap();
        let Record::Container(mut after) = before.record.clone() else {
            unreachable!("it is a container")
        };
        change(&mut after);
        let records = vec![record_change(Some(&before), after.into())];
        let commit = Commit {
            records,
            ..Commit::default()
        };
        store.commit(commit).await.unwrap();
    };
    for day in 1..=25 {
        change(&|one| one.last_collection = Some(format!("2026-10-{day:02}"))).await;
    }
    change(&|one| one.status = "withdrawn".to_owned()).await;
    let ids = [emptied.id, never.id];
    let found = store.collections(&ids, 20).await.unwrap();
    let changes = &found[&emptied.id];
    assert_eq!(changes.len(), 20);
    assert_eq!(
        changes[0],
        json!({ "from": "2026-10-24", "to": "2026-10-25" })
    );
    assert_eq!(changes[19]["to"], "2026-10-06");
    assert!(!found.contains_key(&never.id));
    assert!(store.collections(&[], 20).await.unwrap().is_empty());
}

on_both!(a_result_under_an_old_fence_is_refused);
async fn a_result_under_an_old_fence_is_refused(opened: Opened) {
    let store = &opened.store;
    let run = run_row();
    let action = ActionRow {
        key: "k".to_owned(),
        instance: run.id,
        case: None,
        task: "notify".to_owned(),
        function: "notify".to_owned(),
        version: None,
        input: json!({ "to": "anna@borger.example" }),
        state: ActionState::Queued,
        attempts: 0,
        fence: 0,
        lease: None,
        due: at(1),
        created_at: at(1),
        limit: None,
        configuration: None,
        lost: 0,
    };
    let write = InstanceWrite {
        expected: None,
        row: run,
    };
    let commit = Commit {
        instances: vec![write],
        actions: vec![action],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    let first = store.claim_actions(at(2), LEASE, 10).await.unwrap();
    assert_eq!((first.len(), first[0].fence, first[0].attempts), (1, 1, 1));
    // A node whose clock is ahead took what another one worked on.
    for now in [at(3), at(86_400)] {
        let claimed = store.claim_actions(now, LEASE, 10).await.unwrap();
        assert!(
            claimed.is_empty(),
            "the lease holds by the database's clock"
        );
    }
    opened.pass(20).await;
    assert!(store.extend_lease("k", 1, LEASE).await.unwrap());
    opened.pass(20).await;
    let claimed = store.claim_actions(at(3), LEASE, 10).await.unwrap();
    assert!(claimed.is_empty(), "it was prolonged");
    opened.pass(20).await;
    let second = store.claim_actions(at(3), LEASE, 10).await.unwrap();
    assert_eq!(second[0].fence, 2, "the lease has ended");
    store.end_leases().await.unwrap();
    let third = store.claim_actions(at(3), LEASE, 10).await.unwrap();
    assert_eq!(third[0].fence, 3, "in a restored database nobody works");
    assert!(!store.extend_lease("k", 1, LEASE).await.unwrap());
    let done = |fence| Commit {
        actions_done: vec![ActionDone {
            key: "k".to_owned(),
            fence,
            result: json!({ "queued": true }),
        }],
        ..Commit::default()
    };
    assert!(matches!(
        store.commit(done(1)).await,
        Err(CommitError::Stale)
    ));
    store.commit(done(3)).await.unwrap();
    assert!(matches!(
        store.commit(done(3)).await,
        Err(CommitError::Stale)
    ));
}

on_both!(a_run_is_written_only_over_what_was_read);
async fn a_run_is_written_only_over_what_was_read(opened: Opened) {
    let store = &opened.store;
    let row = run_row();
    let write = |expected, row: &InstanceRow| Commit {
        instances: vec![InstanceWrite {
            expected,
            row: row.clone(),
        }],
        ..Commit::default()
    };
    store.commit(write(None, &row)).await.unwrap();
    let next = InstanceRow {
        seq: 1,
        status: InstanceStatus::Waiting,
        state: Some(JsonText::of(&json!({ "a": 1 }))),
        ..row
    };
    store.commit(write(Some(0), &next)).await.unwrap();
    assert!(matches!(
        store.commit(write(Some(0), &next)).await,
        Err(CommitError::Conflict)
    ));
    let read = store.instance(next.id).await.unwrap().unwrap();
    let state = read.state.unwrap().value();
    assert_eq!((read.seq, state["a"].as_i64()), (1, Some(1)));
}

on_both!(a_run_is_left_behind_by_the_clock_of_the_database);
async fn a_run_is_left_behind_by_the_clock_of_the_database(opened: Opened) {
    let store = &opened.store;
    let row = run_row();
    let run = row.id;
    // The node that writes it lives in another year.
    let input = PendingInput {
        id: id(),
        instance: run,
        input: JsonText::of(&json!({ "kind": "resume" })),
        at: at(1),
    };
    let commit = Commit {
        instances: vec![InstanceWrite {
            expected: None,
            row,
        }],
        inputs: vec![input],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    let long = Duration::from_secs(60);
    assert!(store.ready_instances(long, 5).await.unwrap().is_empty());
    opened.pass(61).await;
    assert_eq!(store.ready_instances(long, 5).await.unwrap(), [run]);
}

fn run_row() -> InstanceRow {
    InstanceRow {
        id: InstanceId(id()),
        workflow: "waste/missed-collection".to_owned(),
        version: "1.0.0".to_owned(),
        case: None,
        parent: None,
        status: InstanceStatus::Ready,
        seq: 0,
        depth: 1,
        crashes: 0,
        detail: None,
        state: None,
        state_hash: [0; 32],
        created_at: at(1),
        pinned_at: None,
        updated_at: at(1),
    }
}

#[tokio::test]
async fn a_stopped_store_says_so() {
    let opened = sqlite().await;
    opened.store.close().await;
    let commit = of_case(new_case("For sent", 1, |_| {}));
    assert!(matches!(
        opened.store.commit(commit).await,
        Err(CommitError::Stopped)
    ));
}

on_both!(of_a_listener_and_a_change_the_second_does_its_work_again);
async fn of_a_listener_and_a_change_the_second_does_its_work_again(opened: Opened) {
    let store = &opened.store;
    let first = of_case(new_case("Hvem hører?", 1, |_| {}));
    let case = first.cases[0].decision.case.id;
    store.commit(first).await.unwrap();
    let note = |text: &str| Command::Note {
        text: text.to_owned(),
        attachments: Vec::new(),
    };
    let listen = |version| Commit {
        listens: vec![(case, version)],
        ..Commit::default()
    };
    let before = store.case(case).await.unwrap().unwrap();
    store.commit(listen(before.case.version)).await.unwrap();
    let unaware = store.commit(of_case(change(&before, note("A"), 2))).await;
    assert!(matches!(unaware, Err(CommitError::Conflict)));
    let aware = store.case(case).await.unwrap().unwrap();
    assert_eq!(aware.case.version, before.case.version);
    store
        .commit(of_case(change(&aware, note("B"), 3)))
        .await
        .unwrap();
    let deaf = store.commit(listen(before.case.version)).await;
    assert!(matches!(deaf, Err(CommitError::Conflict)));
}

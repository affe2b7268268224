//! Many runs that wait, written through the store's own commits in large groups: as many steps of the interpreter, and as
//! many rows, as if each had been started by itself.

use sagsgang_definition::Workflow;
use sagsgang_domain::{Actor, ActorKind, InstanceId, Timestamp};
use sagsgang_flow::{Effect, Input, State, StepContext, step};
use sagsgang_runtime::Clock;
use sagsgang_store::{
    Commit, InstanceRow, InstanceStatus, InstanceWrite, JournalRow, JsonText, Store, Subscription,
    TimerRow,
};
use serde_json::json;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// Waits for a moment; what is due by its `until`.
pub const PAUSE: &str = "document: { dsl: '1.0.3', namespace: many, name: pause, version: '1.0.0' }
do:
  - pause: { wait: '${ .for }' }
  - done: { set: '{ n: .n }' }
";
/// Waits for an event that does not come.
pub const LISTEN: &str =
    "document: { dsl: '1.0.3', namespace: many, name: listen, version: '1.0.0' }
do:
  - hear: { listen: { to: { one: { with: { type: never.v1 }, correlate: { n: { from: .data.n, expect: '${ .n }' } } } } } }
";
/// Runs written in one commit.
const GROUP: u64 = 1_000;

/// A clock that stands where it is put.
pub struct Hands(AtomicI64);

impl Hands {
    pub fn at(time: Timestamp) -> Self {
        Self(AtomicI64::new(time.as_micros()))
    }

    pub fn turn(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(SeqCst))
    }
}

/// Writes so many runs of a workflow (one of those above) that wait for so long. `first` tells their ids apart.
pub async fn write(
    store: &Store,
    text: &str,
    first: u64,
    count: u64,
    now: Timestamp,
    length: &str,
) {
    let workflow = Workflow::publishable("many.yaml", text).model.unwrap();
    let mut begun = first;
    while begun < first + count {
        let end = (begun + GROUP).min(first + count);
        let mut commit = Commit::default();
        for number in begun..end {
            waiting(&workflow, number, now, length, &mut commit);
        }
        store.commit(commit).await.unwrap();
        begun = end;
    }
}

fn waiting(workflow: &Workflow, number: u64, now: Timestamp, length: &str, commit: &mut Commit) {
    let millis = u64::try_from(now.as_micros() / 1_000).unwrap() + number / 4_096;
    let mut chance = [0; 10];
    chance[2..].copy_from_slice(&number.to_be_bytes());
    let id = InstanceId(uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid());
    let input = Input::Start {
        input: json!({ "n": number, "for": length }),
    };
    let made = step(workflow, None, &input, &StepContext::new(id, now));
    let state = JsonText::of(&made.state);
    let state_hash = State::hash_of(state.as_str());
    for effect in &made.effects {
        match effect {
            Effect::StartTimer { key, due } => commit.timers.push(TimerRow {
                instance: id,
                key: key.clone(),
                due: *due,
            }),
            Effect::Subscribe {
                key,
                filters,
                since,
                ..
            } => commit.subscriptions.push(Subscription {
                instance: id,
                key: key.clone(),
                event_type: "never.v1".to_owned(),
                case: None,
                filters: serde_json::to_value(filters).unwrap(),
                since: *since,
            }),
            other => panic!("{other:?} is not what these workflows do"),
        }
    }
    commit.journal.push(JournalRow {
        instance: id,
        seq: 1,
        at: now,
        actor: Actor::new(ActorKind::Workflow, workflow.document.qualified_name()),
        input: JsonText::of(&input),
        effects: JsonText::of(&made.effects),
        state_hash,
    });
    commit.instances.push(InstanceWrite {
        expected: None,
        row: InstanceRow {
            id,
            workflow: workflow.document.qualified_name(),
            version: workflow.document.version.clone(),
            case: None,
            parent: None,
            status: InstanceStatus::Waiting,
            seq: 1,
            depth: 1,
            crashes: 0,
            detail: None,
            state: Some(state),
            state_hash,
            created_at: now,
            pinned_at: None,
            updated_at: now,
        },
    });
}

/// How many runs of the workflow of pauses stand so, and how many of them have not exactly the two entries in their
/// journals that a pause and its end make.
pub async fn standing(store: &Store, status: InstanceStatus) -> (u64, u64) {
    let (mut count, mut odd) = (0, 0);
    let mut before = None;
    loop {
        let page = store
            .instances_of_workflow("many/pause", before, 1_000)
            .await
            .unwrap();
        let Some(last) = page.last() else {
            return (count, odd);
        };
        before = Some(last.id);
        for run in page.iter().filter(|run| run.status == status) {
            count += 1;
            odd += u64::from(run.seq != 2);
        }
    }
}

/// A store of its own on a database, with nobody working on it.
pub async fn store(database: &str, folder: &std::path::Path) -> Store {
    let options = sagsgang_store::StoreOptions {
        database: database.to_owned(),
        blobs: folder.join("blobs"),
        readers: 2,
        write_cache: 8,
    };
    Store::open(&options).await.unwrap()
}

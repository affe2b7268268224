//! Transitions a second through the committer: each is a step of the interpreter with its snapshot, its journal, what the
//! run waits for next, and the input that it has taken.
//!
//! `cargo bench -p sagsgang-runtime --bench transitions -- [SECONDS] [postgres://…]`

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has nothing to say"
)]

use sagsgang_definition::Workflow;
use sagsgang_domain::{Actor, ActorKind, InstanceId, Timestamp};
use sagsgang_flow::{Effect, Input, State, StepContext, step};
use sagsgang_runtime::{Clock, SystemClock};
use sagsgang_store::{
    Commit, InstanceRow, InstanceStatus, InstanceWrite, JournalRow, JsonText, Store, StoreOptions,
    TimerRow,
};
use serde_json::json;
use std::time::{Duration, Instant};

/// Three tasks and a pause in each round, without end.
const ROUNDS: &str = "document: { dsl: '1.0.3', namespace: many, name: rounds, version: '1.0.0' }
do:
  - count: { set: '. + { n: ((.n // 0) + 1) }' }
  - pause: { wait: PT1S }
  - again: { switch: [ { on: { then: count } } ] }
";
/// Runs that are taken on at the same time.
const AT_ONCE: [usize; 3] = [1, 64, 256];

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    let seconds = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(5);
    let folder = tempfile::tempdir().unwrap();
    let database = match std::env::args().find(|argument| argument.starts_with("postgres:")) {
        Some(address) => address,
        None => format!("sqlite:{}", folder.path().join("bench.db").display()),
    };
    println!(
        "load average {}",
        std::fs::read_to_string("/proc/loadavg")
            .unwrap_or_default()
            .trim()
    );
    let workflow = Workflow::publishable("rounds.yaml", ROUNDS).model.unwrap();
    let options = StoreOptions {
        database,
        blobs: folder.path().join("blobs"),
        readers: 2,
        write_cache: 8,
    };
    let store = Store::open(&options).await.unwrap();
    for count in AT_ONCE {
        let end = Instant::now() + Duration::from_secs(seconds);
        let begun = Instant::now();
        let loops = (0..count).map(|place| rounds(&store, &workflow, count * 1_000 + place, end));
        let made: u64 = futures_util::future::join_all(loops)
            .await
            .into_iter()
            .sum();
        println!(
            "{count:3} at once: {:.0} transitions/s",
            made as f64 / begun.elapsed().as_secs_f64()
        );
    }
    store.close().await;
}

/// Takes one run on until the time is over, and says by how many transitions.
async fn rounds(store: &Store, workflow: &Workflow, number: usize, end: Instant) -> u64 {
    let now = SystemClock.now();
    let instance = InstanceId(uuid::Uuid::from_u128(number as u128));
    let (mut state, mut made) = (None, 0);
    let mut input = Input::Start { input: json!({}) };
    while Instant::now() < end {
        let (next, commit) = transition(workflow, instance, state.take(), &input, made, now);
        store.commit(commit).await.unwrap();
        let key = next.waits()[0].key.clone();
        state = Some(next);
        input = Input::TimerFired { key };
        made += 1;
    }
    made
}

fn transition(
    workflow: &Workflow,
    instance: InstanceId,
    state: Option<State>,
    input: &Input,
    seq: u64,
    now: Timestamp,
) -> (State, Commit) {
    let made = step(workflow, state, input, &StepContext::new(instance, now));
    let text = JsonText::of(&made.state);
    let state_hash = State::hash_of(text.as_str());
    let mut commit = Commit::default();
    if let Input::TimerFired { key } = input {
        commit.timers_gone.push((instance, key.clone()));
    }
    for effect in &made.effects {
        if let Effect::StartTimer { key, due } = effect {
            commit.timers.push(TimerRow {
                instance,
                key: key.clone(),
                due: *due,
            });
        }
    }
    commit.journal.push(JournalRow {
        instance,
        seq: seq + 1,
        at: now,
        actor: Actor::new(ActorKind::Workflow, "many/rounds"),
        input: JsonText::of(input),
        effects: JsonText::of(&made.effects),
        state_hash,
    });
    commit.instances.push(InstanceWrite {
        expected: (seq > 0).then_some(seq),
        row: InstanceRow {
            id: instance,
            workflow: "many/rounds".to_owned(),
            version: workflow.document.version.clone(),
            case: None,
            parent: None,
            status: InstanceStatus::Waiting,
            seq: seq + 1,
            depth: 1,
            crashes: 0,
            detail: None,
            state: Some(text),
            state_hash,
            created_at: now,
            pinned_at: None,
            updated_at: now,
        },
    });
    (made.state, commit)
}

//! What a run hears that came before it listened: each event once, the oldest first, whoever sent it.

use crate::world::{World, administrator, caseworker, missed, note, options, pack};
use sagsgang_domain::{Caller, CaseId, InstanceId};
use sagsgang_runtime::{Engine, RunView};
use serde_json::{Value, json};
use std::time::Duration;

/// Rests, and hears two answers one after the other then.
const PATIENT: &str = "document: { dsl: '1.0.3', namespace: test, name: patient, version: '1.0.0' }
do:
  - rest: { wait: { seconds: 1 } }
  - hear: { listen: { to: { one: { with: { type: answer } } } }, export: { as: '${ ($context // []) + [.[0].n] }' } }
  - again: { switch: [ { more: { when: '${ $context | length < 2 }', then: hear } } ] }
  - done: { set: '${ $context }' }
";

fn answer(id: &str, number: i64, case: Option<CaseId>) -> Value {
    let mut event = json!({ "specversion": "1.0", "source": "/t", "id": id, "type": "answer", "data": { "n": number } });
    if let Some(case) = case {
        event["subject"] = json!(case);
    }
    event
}

async fn send(engine: &Engine, event: Value) {
    assert!(engine.accept_event(&administrator(), event).await.unwrap());
}

async fn begin(
    engine: &std::sync::Arc<Engine>,
    workflow: &str,
    case: Option<CaseId>,
) -> InstanceId {
    let input = case.map_or(json!({}), |case| json!({ "caseId": case }));
    let who = administrator();
    let run = engine.start_run(&who, workflow, input, None, None);
    run.await.unwrap().id
}

async fn ended(world: &World, run: InstanceId) -> RunView {
    world
        .until("the run has ended", async |engine| {
            let found = engine.run(run).await.unwrap()?;
            (found.status == "completed").then_some(found)
        })
        .await
}

async fn case(world: &World) -> CaseId {
    let (jonas, new) = (caseworker(), missed(json!({})));
    let made = world.engine.create_case(&jonas, new, None, None);
    made.await.unwrap().case.id
}

#[tokio::test(flavor = "multi_thread")]
async fn events_from_outside_that_came_before_the_listen_are_heard_in_their_order() {
    let world = World::new().await;
    world.publish(PATIENT).await;
    let (mine, other) = (case(&world).await, case(&world).await);
    send(&world.engine, answer("0", 0, Some(mine))).await;
    let of_case = begin(&world.engine, "test/patient", Some(mine)).await;
    let of_none = begin(&world.engine, "test/patient", None).await;
    for (id, number, about) in [("1", 1, Some(mine)), ("2", 2, Some(other)), ("3", 3, None)] {
        send(&world.engine, answer(id, number, about)).await;
    }
    let of_case = ended(&world, of_case).await;
    assert_eq!(of_case.case, Some(mine));
    assert_eq!(
        of_case.output,
        Some(json!([1, 3])),
        "neither another case's, nor what came before the run"
    );
    let of_none = ended(&world, of_none).await;
    assert_eq!(of_none.output, Some(json!([1, 2])));
    assert_eq!(world.engine.verify(|_| {}).await.unwrap().first_bad, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_workflow_sent_before_the_listen_is_heard_also_by_the_run_itself() {
    let world = World::new().await;
    world.publish(PATIENT).await;
    let sends = "document: { dsl: '1.0.3', namespace: test, name: sends, version: '1.0.0' }\n\
        do:\n\
        \x20 - tell: { emit: { event: { with: { source: /sender, type: answer, data: { n: 7 } } } } }\n\
        \x20 - hear: { listen: { to: { one: { with: { type: answer, source: /sender } } } } }\n";
    world.publish(sends).await;
    let waits = begin(&world.engine, "test/patient", None).await;
    let own = ended(&world, begin(&world.engine, "test/sends", None).await).await;
    assert_eq!(own.output, Some(json!([{ "n": 7 }])));
    send(&world.engine, answer("8", 8, None)).await;
    assert_eq!(ended(&world, waits).await.output, Some(json!([7, 8])));
}

const TWICE: &str = "document: { dsl: '1.0.3', namespace: test, name: twice, version: '1.0.0' }
schedule: { on: { one: { with: { type: case.created.v1 } } } }
input: { from: '${ .[0] }' }
do:
  - hear: { listen: { to: { one: { with: { type: case.noted.v1 } } } }, export: { as: '${ ($context // []) + [.[0].text] }' } }
  - again: { switch: [ { more: { when: '${ $context | length < 2 }', then: hear } } ] }
  - done: { set: '${ $context }' }
";

/// The first visit's event was given to the second as well: the journal of the step under way was not looked at.
#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_begins_where_another_ends_does_not_hear_its_event_again() {
    let world = World::new().await;
    world.publish(TWICE).await;
    let case = case(&world).await;
    let noted = async |text: &str| {
        let (jonas, case) = (caseworker(), case.into());
        let noted = vec![note(text)];
        let done = world.engine.execute(&jonas, &case, noted, None, None);
        done.await.unwrap();
    };
    noted("en").await;
    let run = world
        .until("the second visit has begun", async |engine| {
            let filter = crate::world::of_case(case, Some("waiting"));
            let runs = engine.runs(&filter, 5).await.unwrap();
            let mut runs = runs.into_iter().filter(|run| run.workflow == "test/twice");
            runs.next()
                .filter(|run| run.tasks == ["hear", "again", "hear"])
        })
        .await;
    // What is put off would be taken within this time.
    world
        .until("the queue is empty", async |engine| {
            tokio::time::sleep(Duration::from_millis(200)).await;
            (!engine.is_pressed()).then_some(())
        })
        .await;
    let now = world.engine.run(run.id).await.unwrap().unwrap();
    assert_eq!((now.status, now.moves), ("waiting", run.moves));
    // Two notes of one change are heard in their order.
    noted("to").await;
    assert_eq!(
        ended(&world, run.id).await.output,
        Some(json!(["en", "to"]))
    );
}

/// Runs that begin to listen while events are being accepted: neither misses the other.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_while_a_run_begins_to_listen_is_in_one_of_the_two() {
    let world = World::new().await;
    let text = "document: { dsl: '1.0.3', namespace: test, name: race, version: '1.0.0' }\n\
        do:\n\
        \x20 - hear:\n\
        \x20     listen: { to: { one: { with: { type: race }, correlate: { n: { from: .data.n, expect: '${ $workflow.input.n }' } } } } }\n";
    world.publish(text).await;
    let (engine, who) = (&world.engine, administrator());
    let mut both = Vec::new();
    for number in 0..60 {
        let event = json!({ "specversion": "1.0", "source": "/race", "id": number.to_string(), "type": "race",
            "data": { "n": number } });
        let (who, engine) = (who.clone(), engine.clone());
        both.push(async move {
            let run = engine.start_run(&who, "test/race", json!({ "n": number }), None, None);
            let run = run.await.unwrap().id;
            assert!(engine.accept_event(&who, event).await.unwrap());
            run
        });
    }
    for run in futures_util::future::join_all(both).await {
        assert_eq!(ended(&world, run).await.status, "completed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_accepted_by_a_process_that_died_is_heard_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    // No worker ever runs: the run stands before its first step.
    let engine = Engine::open(options(folder.path())).await.unwrap();
    let mut files = pack();
    files.push(("patient.yaml".to_owned(), PATIENT.to_owned()));
    engine.publish(&Caller::system(), files).await.unwrap();
    let run = begin(&engine, "test/patient", None).await;
    send(&engine, answer("1", 1, None)).await;
    send(&engine, answer("2", 2, None)).await;
    engine.stop().await;
    drop(engine);
    let engine = Engine::open(options(folder.path())).await.unwrap();
    engine.start();
    let world = World { engine, folder };
    assert_eq!(ended(&world, run).await.output, Some(json!([1, 2])));
}

//! Workflows that several events start together, and events that set off events without end.

use crate::world::{World, administrator, caseworker, missed};
use sagsgang_domain::Caller;
use sagsgang_runtime::{Engine, RunFilter, RunView};
use serde_json::{Value, json};
use std::time::Duration;

const BOTH: &str = "document: { dsl: '1.0.3', namespace: test, name: both, version: '1.0.0' }
schedule:
  on:
    all:
      - { with: { type: delivered }, correlate: { order: { from: .data.order } } }
      - { with: { type: signed }, correlate: { order: { from: .data.order } } }
do:
  - take: { set: { orders: '${ [$workflow.input[].order] }' } }
";

async fn send(engine: &Engine, kind: &str, id: &str, data: Value) -> bool {
    let event =
        json!({ "specversion": "1.0", "source": "/t", "id": id, "type": kind, "data": data });
    engine.accept_event(&administrator(), event).await.unwrap()
}

async fn runs(engine: &Engine, workflow: &str) -> Vec<RunView> {
    let filter = RunFilter {
        workflow: Some(workflow.to_owned()),
        ..RunFilter::default()
    };
    engine.runs(&filter, 100).await.unwrap()
}

async fn outputs(world: &World, workflow: &str, count: usize) -> Vec<Value> {
    world
        .until("the runs have ended", async |engine| {
            let runs = runs(engine, workflow).await;
            let ended: Vec<Value> = runs.into_iter().filter_map(|run| run.output).collect();
            (ended.len() >= count).then_some(ended)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_keeps_what_has_come_and_takes_each_event_once() {
    let world = World::new().await;
    world.publish(BOTH).await;
    let engine = &world.engine;
    assert!(send(engine, "delivered", "d7", json!({ "order": 7 })).await);
    assert!(!send(engine, "delivered", "d7", json!({ "order": 7 })).await);
    assert!(send(engine, "signed", "s8", json!({ "order": 8 })).await);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(runs(engine, "test/both").await.is_empty());
    assert!(send(engine, "signed", "s7", json!({ "order": 7 })).await);
    assert_eq!(
        outputs(&world, "test/both", 1).await,
        [json!({ "orders": [7, 7] })]
    );
    // What was consumed does not start a second run; a new pair does.
    assert!(send(engine, "signed", "s7b", json!({ "order": 7 })).await);
    assert!(send(engine, "delivered", "d7b", json!({ "order": 7 })).await);
    assert_eq!(outputs(&world, "test/both", 2).await.len(), 2);
    assert_eq!(runs(engine, "test/both").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_come_outlives_the_process_and_a_new_version_takes_it_over() {
    let world = World::new().await;
    world.publish(BOTH).await;
    send(&world.engine, "delivered", "d1", json!({ "order": 1 })).await;
    world.engine.stop().await;
    let engine = Engine::open(crate::world::options(world.folder.path()))
        .await
        .unwrap();
    let changed = BOTH.replace("version: '1.0.0'", "version: '1.1.0'");
    let files = vec![("test.yaml".to_owned(), changed)];
    engine.publish(&Caller::system(), files).await.unwrap();
    engine.start();
    send(&engine, "signed", "s1", json!({ "order": 1 })).await;
    let started = runs(&engine, "test/both").await;
    assert_eq!(started.len(), 1);
    assert_eq!(started[0].version, "1.1.0");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_events_at_the_same_moment_none_is_lost_and_none_counts_twice() {
    let world = World::new().await;
    let text = BOTH.replace(", correlate: { order: { from: .data.order } }", "");
    world.publish(&text).await;
    let sending = (0..40).map(|number| {
        let kind = if number % 2 == 0 {
            "delivered"
        } else {
            "signed"
        };
        let engine = &world.engine;
        async move {
            assert!(
                send(
                    engine,
                    kind,
                    &number.to_string(),
                    json!({ "order": number })
                )
                .await
            );
        }
    });
    futures_util::future::join_all(sending).await;
    let outputs = outputs(&world, "test/both", 20).await;
    let mut orders: Vec<i64> = outputs
        .iter()
        .flat_map(|output| output["orders"].as_array().unwrap())
        .map(|order| order.as_i64().unwrap())
        .collect();
    orders.sort_unstable();
    assert_eq!(orders, (0..40).collect::<Vec<i64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_that_begin_at_the_same_moment_all_come_about_beside_a_start_that_waits_for_them() {
    let world = World::new().await;
    let text = BOTH
        .replace(", correlate: { order: { from: .data.order } }", "")
        .replace("type: delivered", "type: case.created.v1");
    world.publish(&text).await;
    let creating = (0..24).map(async |_| {
        let (caller, new) = (caseworker(), missed(json!({})));
        let made = world.engine.create_case(&caller, new, None, None).await;
        made.unwrap();
    });
    futures_util::future::join_all(creating).await;
    assert!(runs(&world.engine, "test/both").await.is_empty());
    for number in 0..24 {
        assert!(send(&world.engine, "signed", &number.to_string(), json!({})).await);
    }
    assert_eq!(outputs(&world, "test/both", 24).await.len(), 24);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_never_gets_enough_is_let_go_and_told() {
    let world = World::new().await;
    let text = BOTH.replace(", correlate: { order: { from: .data.order } }", "");
    world.publish(&text).await;
    for number in 0..1_001 {
        assert!(send(&world.engine, "signed", &number.to_string(), json!({})).await);
    }
    let open = world.engine.incidents(true, None, 10).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].code, "start-overfull");
    assert!(open[0].detail.contains("\"0\""), "{}", open[0].detail);
}

/// Two workflows that answer each other's notes for ever.
const ECHO: &str = "document: { dsl: '1.0.3', namespace: test, name: NAME, version: '1.0.0' }
schedule: { on: { one: { with: { type: HEARS } } } }
do:
  - answer: { emit: { event: { with: { type: SAYS } } } }
";

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_events_is_one_incident_that_names_the_workflows_and_counts_each_hop_once() {
    let world = World::new().await;
    for (name, hears, says) in [
        ("ping", "ping.v1", "pong.v1"),
        ("pong", "pong.v1", "ping.v1"),
    ] {
        let text = ECHO
            .replace("NAME", name)
            .replace("HEARS", hears)
            .replace("SAYS", says);
        world.publish(&text).await;
    }
    send(&world.engine, "ping.v1", "1", json!({})).await;
    let incidents = world
        .until("there is an incident", async |engine| {
            let open = engine.incidents(true, None, 10).await.unwrap();
            (!open.is_empty()).then_some(open)
        })
        .await;
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].code, "workflow-loop");
    assert_eq!(incidents[0].detail.matches("test/ping").count(), 9);
    assert_eq!(incidents[0].detail.matches("test/pong").count(), 8);
    let all =
        runs(&world.engine, "test/ping").await.len() + runs(&world.engine, "test/pong").await.len();
    assert_eq!(all, 16);
}

/// Each note makes two.
const NOTES: &str = "document: { dsl: '1.0.3', namespace: test, name: notes, version: '1.0.0' }
schedule: { on: { one: { with: { type: case.tagged.v1 } } } }
input: { from: '${ .[0] }' }
do:
  - one: { call: case-update, with: { tags: [ '${ .tag + \"a\" }' ] } }
";

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_over_events_of_a_case_is_as_long_as_one_over_emitted_events() {
    let world = World::new().await;
    world.publish(NOTES).await;
    let case = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, None)
        .await
        .unwrap()
        .case;
    let tag = vec![crate::world::command(json!({ "type": "tag", "tag": "x" }))];
    world
        .engine
        .execute(&caseworker(), &case.id.into(), tag, None, None)
        .await
        .unwrap();
    let incident = world
        .until("there is an incident", async |engine| {
            let open = engine.incidents(true, None, 10).await.unwrap();
            open.into_iter()
                .find(|incident| incident.code == "workflow-loop")
        })
        .await;
    assert_eq!(incident.detail.matches("test/notes").count(), 17);
    assert_eq!(runs(&world.engine, "test/notes").await.len(), 16);
}

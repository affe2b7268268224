//! Other systems hear how runs go: what happened, of which run, and nothing of its data.

use crate::world::{World, administrator};
use sagsgang_runtime::{Delivery, NewWebhook, RunDecision};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const TOLD: &str = "document: { dsl: '1.0.3', namespace: test, name: told, version: '1.0.0' }
do:
  - first: { set: { secret: Anne Holm } }
  - pause: { wait: PT1H }
";
const BROKEN: &str = "document: { dsl: '1.0.3', namespace: test, name: broken, version: '1.0.0' }
do:
  - breaks: { raise: { error: { type: 'urn:x', status: 500, detail: Anne Holm } } }
  - after: { set: { done: true } }
";
const WAIT: Option<Duration> = Some(Duration::from_secs(10));

async fn hook(world: &World, types: &[&str]) -> Uuid {
    let new = NewWebhook {
        // Nobody listens there: what is queued is looked at in the log.
        url: "http://127.0.0.1:9/hook".to_owned(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
        secret: None,
        enabled: true,
    };
    let made = world.engine.create_webhook(&administrator(), new).await;
    made.unwrap().id
}

/// What an address hears of runs, the oldest first: the end of the type, and the event.
async fn heard(world: &World, hook: Uuid) -> Vec<(String, Value)> {
    let page = world.engine.deliveries(hook, None, 100).await.unwrap();
    let mut items: Vec<Delivery> = page.items;
    items.reverse();
    items
        .into_iter()
        .filter_map(|delivery| {
            let kind = delivery
                .event_type
                .strip_prefix("io.serverlessworkflow.")?
                .to_owned();
            Some((kind, serde_json::from_str(&delivery.body).unwrap()))
        })
        .collect()
}

fn kinds(heard: &[(String, Value)]) -> Vec<&str> {
    heard.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_told_from_its_start_to_its_end_and_its_tasks_only_to_whom_asks() {
    let world = World::with(|options| options.allow_loopback = true).await;
    world.publish(TOLD).await;
    let all = hook(&world, &[]).await;
    let tasks = hook(
        &world,
        &[
            "io.serverlessworkflow.task.started.v1",
            "io.serverlessworkflow.task.cancelled.v1",
        ],
    )
    .await;
    let engine = &world.engine;
    let caller = administrator();
    let run = engine
        .start_run(&caller, "test/told", json!({}), None, WAIT)
        .await
        .unwrap();
    for decision in [
        RunDecision::Suspend,
        RunDecision::Resume,
        RunDecision::Cancel,
    ] {
        engine
            .decide_run(&caller, run.id, &decision, "prøve")
            .await
            .unwrap();
    }
    let told = heard(&world, all).await;
    assert_eq!(
        kinds(&told),
        [
            "workflow.started.v1",
            "workflow.suspended.v1",
            "workflow.resumed.v1",
            "workflow.cancelled.v1"
        ]
    );
    let (_, started) = &told[0];
    assert_eq!(started["subject"], json!(run.id));
    assert_eq!(
        started["data"]["definition"],
        json!({ "namespace": "test", "name": "told", "version": "1.0.0" })
    );
    assert!(started["data"]["startedAt"].is_string());
    let ids: std::collections::BTreeSet<&str> = told
        .iter()
        .map(|(_, event)| event["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), told.len());
    let told = heard(&world, tasks).await;
    assert_eq!(
        kinds(&told),
        ["task.started.v1", "task.started.v1", "task.cancelled.v1"]
    );
    assert_eq!(told[2].1["data"]["name"], "pause");
    assert_eq!(told[2].1["data"]["task"], "/do/1/pause");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_told_without_its_words_and_so_is_that_the_run_goes_on() {
    let world = World::with(|options| options.allow_loopback = true).await;
    world.publish(BROKEN).await;
    let all = hook(&world, &[]).await;
    let engine = &world.engine;
    let caller = administrator();
    let run = engine
        .start_run(&caller, "test/broken", json!({}), None, WAIT)
        .await
        .unwrap();
    assert_eq!(run.status, "faulted");
    let skip = RunDecision::Skip {
        output: json!({}),
        then: None,
    };
    engine
        .decide_run(&caller, run.id, &skip, "videre")
        .await
        .unwrap();
    let told = heard(&world, all).await;
    assert_eq!(
        kinds(&told),
        [
            "workflow.started.v1",
            "workflow.faulted.v1",
            "workflow.resumed.v1",
            "workflow.completed.v1"
        ]
    );
    assert_eq!(told[1].1["data"]["error"]["type"], "urn:x");
    assert!(
        told.iter()
            .all(|(_, event)| !event.to_string().contains("Anne"))
    );
}

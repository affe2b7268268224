//! Workflows that run other workflows.

use crate::world::{World, administrator, caseworker, of_type};
use sagsgang_domain::NewCase;
use sagsgang_runtime::{RunDecision, RunFilter, RunView};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

fn text(name: &str, rest: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: {name}, version: '1.0.0' }}\n{rest}\n"
    )
}

fn run_of(name: &str, rest: &str) -> String {
    format!(
        "{{ run: {{ workflow: {{ namespace: test, name: {name}, version: '1.0.0'{rest} }} }} }}"
    )
}

async fn start(world: &World, workflow: &str, input: Value) -> RunView {
    let wait = Some(Duration::from_secs(10));
    world
        .engine
        .start_run(&administrator(), workflow, input, None, wait)
        .await
        .unwrap()
}

async fn named(world: &World, workflow: &str) -> Vec<RunView> {
    let mut runs = world.engine.runs(&RunFilter::default(), 100).await.unwrap();
    runs.retain(|run| run.workflow == workflow);
    runs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_with_the_output_of_the_run_that_it_awaits() {
    let world = World::new().await;
    world
        .publish(&text(
            "twice",
            "do:\n  - pause: { wait: PT0.2S }\n  - double: { set: { n: '${ .n * 2 }' } }",
        ))
        .await;
    let child = run_of("twice", ", input: { n: '${ .n }' }");
    world
        .publish(&text(
            "parent",
            &format!("do:\n  - one: {child}\n  - two: {child}"),
        ))
        .await;
    let started = start(&world, "test/parent", json!({ "n": 3 })).await;
    let ended = world
        .until("the parent ended", async |engine| {
            let run = engine.run(started.id).await.unwrap().unwrap();
            (run.status == "completed").then_some(run)
        })
        .await;
    assert_eq!(ended.output, Some(json!({ "n": 12 })));
    assert_eq!(named(&world, "test/twice").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_awaited_run_is_the_parents_to_catch_and_no_incident() {
    let world = World::new().await;
    world
        .publish(&text(
            "broken",
            "do:\n  - no: { raise: { error: { type: urn:broken, status: 500, detail: intet virker } } }",
        ))
        .await;
    let child = run_of("broken", "");
    world
        .publish(&text(
            "careful",
            &format!(
                "do:\n  - attempt: {{ try: [ {{ risky: {child} }} ], catch: {{ as: e, do: [ {{ keep: {{ set: {{ was: '${{ $e.detail }}' }} }} }} ] }} }}"
            ),
        ))
        .await;
    world
        .publish(&text("careless", &format!("do:\n  - risky: {child}")))
        .await;
    let careful = start(&world, "test/careful", json!({})).await;
    assert_eq!(careful.output, Some(json!({ "was": "intet virker" })));
    assert!(
        world
            .engine
            .incidents(true, None, 50)
            .await
            .unwrap()
            .is_empty()
    );
    let careless = start(&world, "test/careless", json!({})).await;
    assert_eq!(careless.status, "faulted");
    let incidents = world.engine.incidents(true, None, 50).await.unwrap();
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].instance, Some(careless.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_a_run_cancels_the_runs_that_it_awaits_and_no_others() {
    let world = World::new().await;
    world
        .publish(&text("long", "do:\n  - pause: { wait: PT1H }"))
        .await;
    let awaited = run_of("long", "");
    let loose = awaited.replace(" } }", " }, await: false }");
    world
        .publish(&text(
            "parent",
            &format!(
                "do:\n  - loose: {loose}\n  - inner: {}",
                run_of("middle", "")
            ),
        ))
        .await;
    world
        .publish(&text("middle", &format!("do:\n  - awaited: {awaited}")))
        .await;
    let started = start(&world, "test/parent", json!({})).await;
    world
        .until("all wait", async |_| {
            let long = named(&world, "test/long").await;
            (long.len() == 2 && long.iter().all(|run| run.status == "waiting")).then_some(())
        })
        .await;
    assert_eq!(
        world.engine.run(started.id).await.unwrap().unwrap().waits[0].sentence(),
        "waits for the end of test/middle"
    );
    world
        .engine
        .decide_run(
            &administrator(),
            started.id,
            &RunDecision::Cancel,
            "ikke længere",
        )
        .await
        .unwrap();
    let long = world
        .until("the awaited run is cancelled", async |_| {
            let mut long = named(&world, "test/long").await;
            long.sort_by_key(|run| run.status);
            (long[0].status == "cancelled").then_some(long)
        })
        .await;
    assert_eq!(long[1].status, "waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn workflows_that_run_each_other_without_end_are_an_incident_that_names_them() {
    let world = World::new().await;
    world
        .publish(&text(
            "there",
            &format!("do:\n  - on: {}", run_of("back", "")),
        ))
        .await;
    world
        .publish(&text(
            "back",
            &format!("do:\n  - on: {}", run_of("there", "")),
        ))
        .await;
    let started = start(&world, "test/there", json!({})).await;
    let ended = world
        .until("the first run ended", async |engine| {
            let run = engine.run(started.id).await.unwrap().unwrap();
            (run.status == "faulted").then_some(run)
        })
        .await;
    assert!(ended.detail.unwrap().contains("test/there → test/back"));
    let incidents = world.engine.incidents(true, None, 50).await.unwrap();
    let codes: Vec<&str> = incidents
        .iter()
        .map(|incident| incident.code.as_str())
        .collect();
    assert!(codes.contains(&"workflow-loop"), "{codes:?}");
    assert!(codes.contains(&"workflow-faulted"), "{codes:?}");
}

/// All of them were begun in one commit, however many there were.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_goes_through_many_cases_begins_their_runs_part_by_part() {
    const CASES: usize = 250;
    let world = World::new().await;
    let case_type = "
caseType: test.many
version: 1
statuses: { created: { initial: true }, closed: { final: true } }
transitions: [ { name: close, from: '*', to: closed } ]
";
    world.publish(case_type).await;
    let each = "{ run: { workflow: { namespace: test, name: one, version: '1.0.0', input: { caseId: '${ $case.id }' } }, await: false } }";
    let find = "{ call: case-query, with: { type: test.many, sort: created, after: '${ $context.next }', limit: 100, fields: [id] }, export: { as: '${ { next } }' } }";
    let body = format!(
        "do:\n  - find: {find}\n  - each: {{ for: {{ each: case, in: '${{ .items }}' }}, do: [ {{ one: {each} }} ] }}\n  \
         - more: {{ switch: [ {{ others: {{ when: '${{ $context.next != null }}', then: find }} }}, {{ done: {{ then: end }} }} ] }}"
    );
    world
        .publish(&text("one", "do:\n  - done: { set: { done: true } }"))
        .await;
    world.publish(&text("through", &body)).await;
    let (jonas, mut cases) = (caseworker(), BTreeSet::new());
    for _ in 0..CASES {
        let new = NewCase {
            title: "Papir".to_owned(),
            ..of_type("test.many")
        };
        let made = world.engine.create_case(&jonas, new, None, None);
        cases.insert(made.await.unwrap().case.id);
    }
    start(&world, "test/through", json!({})).await;
    let filter = RunFilter {
        workflow: Some("test/one".to_owned()),
        ..RunFilter::default()
    };
    let runs = world
        .until("each case had its run", async |engine| {
            let runs = engine.runs(&filter, 1_000).await.unwrap();
            let ended = runs.iter().filter(|run| run.status == "completed").count();
            (ended >= CASES).then_some(runs)
        })
        .await;
    assert_eq!(runs.len(), CASES, "one each");
    let of: BTreeSet<_> = runs.iter().filter_map(|run| run.case).collect();
    assert_eq!(of, cases);
    let mut parts: BTreeMap<_, usize> = BTreeMap::new();
    for run in &runs {
        *parts.entry(run.created_at).or_default() += 1;
    }
    let parts: Vec<usize> = parts.into_values().collect();
    assert_eq!(parts, [100, 100, 50]);
}

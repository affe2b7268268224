//! Trials of workflows on cases: what was answered then answers now, and nothing leaves the house.

use crate::http::{Server, world};
use crate::world::*;
use sagsgang_definition::Workflow;
use sagsgang_domain::CaseId;
use sagsgang_flow::Status;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use std::time::Duration;

const WAIT: Option<Duration> = Some(Duration::from_secs(10));

/// Asks a server and a plugin about a new case.
fn workflow(origin: &str, path: &str, version: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: asks, version: '{version}' }}\n\
         schedule: {{ on: {{ one: {{ with: {{ type: case.created.v1 }} }} }} }}\n\
         do:\n  - pet: {{ call: http, with: {{ method: get, endpoint: '{origin}{path}' }}, export: {{ as: '${{ {{ pet: . }} }}' }} }}\n  \
         - told: {{ call: tell, with: {{ words: '{version}' }}, output: {{ as: '${{ $context + {{ told: . }} }}' }} }}\n"
    )
}

fn read(text: &str) -> Workflow {
    Workflow::publishable("asks.yaml", text).model.unwrap()
}

/// A plugin that acts outside and brings no sample.
async fn install(world: &World) {
    let folder = world.folder.path().join("plugins/tell");
    std::fs::create_dir_all(&folder).unwrap();
    let script = "fn tell(input) { #{ heard: input.words } }";
    std::fs::write(folder.join("plugin.rhai"), script).unwrap();
    let manifest = "id = \"tell\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"Sig\"\n[[action]]\nname = \"tell\"\neffect = \"keyed\"\n";
    std::fs::write(folder.join("plugin.toml"), manifest).unwrap();
    world
        .until("the plugin is there", async |engine| {
            engine.plugin("tell").await.unwrap()
        })
        .await;
}

fn sources(trial: &WorkflowTrial) -> Vec<(&str, AnswerSource)> {
    let calls = trial.calls.iter();
    calls
        .map(|call| (call.task.as_str(), call.source))
        .collect()
}

async fn made(world: &World) -> Created {
    let new = missed(json!({ "fraction": "residual" }));
    let caseworker = caseworker();
    let made = world.engine.create_case(&caseworker, new, None, WAIT);
    made.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_answered_by_what_the_runs_of_the_case_were_answered_and_sends_nothing() {
    let server = Server::start().await;
    let world = world(&server).await;
    install(&world).await;
    world
        .publish(&workflow(&server.origin, "/pets/7", "1.0.0"))
        .await;
    let made = made(&world).await;
    world.completed(made.case.id, "test/asks").await;
    assert_eq!(server.got().len(), 1);

    let case = CaseRef::Id(made.case.id);
    let same = read(&workflow(&server.origin, "/pets/7", "1.1.0"));
    let trial = world.engine.try_workflow(same, &case).await.unwrap();
    assert_eq!(trial.ran.status, Status::Completed, "{trial:#?}");
    assert_eq!(
        sources(&trial),
        [
            ("pet", AnswerSource::Recorded),
            ("told", AnswerSource::Recorded)
        ]
    );
    let output = trial.ran.output.unwrap_or(Value::Null);
    assert_eq!(output["pet"], json!({ "name": "Rex" }));
    assert_eq!(
        output["told"],
        json!({ "heard": "1.0.0" }),
        "with other words, by the task"
    );

    let other = read(&workflow(&server.origin, "/pets/8", "1.1.0"));
    let trial = world.engine.try_workflow(other, &case).await.unwrap();
    assert_eq!(trial.ran.status, Status::Faulted);
    assert_eq!(sources(&trial), [("pet", AnswerSource::Denied)]);
    let error = trial.ran.error.unwrap();
    assert!(error.r#type.ends_with("authorization"), "{error:?}");
    assert!(error.to_string().contains("is recorded"), "{error}");
    assert_eq!(server.got().len(), 1, "neither trial asked the server");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_answered_is_denied_in_a_trial_and_said_so() {
    let server = Server::start().await;
    let world = world(&server).await;
    install(&world).await;
    let made = made(&world).await;
    let text = "document: { dsl: '1.0.3', namespace: test, name: tells, version: '1.0.0' }\n\
                do:\n  - tell:\n      try: [ { call-it: { call: tell, with: { words: hej } } } ]\n      catch: { as: error, do: [ { keep: { set: { error: '${ $error.detail }' } } } ] }\n  \
                - note: { call: case-note, with: { text: hej } }\n  \
                - rate: { call: auto-prioritise, with: { repeats: 3 } }\n";
    let trial = world
        .engine
        .try_workflow(read(text), &CaseRef::Id(made.case.id))
        .await
        .unwrap();
    assert_eq!(trial.ran.status, Status::Completed, "{trial:#?}");
    assert_eq!(
        sources(&trial),
        [
            ("call-it", AnswerSource::Denied),
            ("note", AnswerSource::Sample),
            ("rate", AnswerSource::Ran)
        ]
    );
    let Err(error) = &trial.calls[0].result else {
        panic!("it was answered");
    };
    assert!(error.to_string().contains("brings no sample"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_finds_its_case_by_the_id_as_the_trial_has_changed_it() {
    let server = Server::start().await;
    let world = world(&server).await;
    let fields = json!({ "fraction": "residual" });
    let made = world
        .engine
        .create_case(&caseworker(), missed(fields), None, WAIT)
        .await
        .unwrap();
    let text = "document: { dsl: '1.0.3', namespace: test, name: looks, version: '1.0.0' }\n\
                do:\n  - up: { call: case-update, with: { priority: critical } }\n  \
                - look: { call: case-query, with: { id: '${ $workflow.input.caseId }', open: true, fields: [id, fraction, priority, daysOpen] } }\n";
    let case = CaseRef::Id(made.case.id);
    let trial = world.engine.try_workflow(read(text), &case).await.unwrap();
    let found = json!({ "id": made.case.id, "fraction": "residual", "priority": "critical", "daysOpen": 0 });
    assert_eq!(
        trial.ran.output,
        Some(json!({ "items": [found], "more": false, "next": null })),
        "{trial:#?}"
    );
    let now = world.engine.case(&case).await.unwrap().unwrap();
    assert_ne!(now.priority, "critical", "nothing is written");
}

/// Without an id it found nothing, so that a workflow that goes through cases did nothing in its trial.
#[tokio::test(flavor = "multi_thread")]
async fn a_trial_finds_the_cases_that_a_filter_takes_page_by_page_and_changes_none() {
    let server = Server::start().await;
    let world = world(&server).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(json!(made(&world).await.case.id));
    }
    let text = "document: { dsl: '1.0.3', namespace: test, name: goes-through, version: '1.0.0' }\n\
                do:\n  - find: { call: case-query, with: { type: waste.missed-collection, open: true, sort: created, after: '${ $context.next }', limit: 2, fields: [id] }, \
                export: { as: '${ { next, found: (($context.found // []) + [.items[].id]) } }' } }\n  \
                - each: { for: { each: case, in: '${ .items }' }, do: [ { tag: { call: case-update, with: { id: '${ $case.id }', priority: critical } } } ] }\n  \
                - more: { switch: [ { others: { when: '${ $context.next != null }', then: find } }, { done: { then: told } } ] }\n  \
                - told: { set: '${ { found: $context.found } }' }\n";
    let case: CaseRef = serde_json::from_value::<CaseId>(ids[0].clone())
        .unwrap()
        .into();
    let trial = world.engine.try_workflow(read(text), &case).await.unwrap();
    let mut found = trial.ran.output.clone().unwrap_or_default();
    let found = found["found"].as_array_mut().unwrap();
    found.sort_by_key(ToString::to_string);
    ids.sort_by_key(ToString::to_string);
    assert_eq!(*found, ids, "{trial:#?}");
    let queries = sources(&trial).into_iter();
    let queries: Vec<_> = queries.filter(|(task, _)| *task == "find").collect();
    assert_eq!(queries, [("find", AnswerSource::Ran); 2]);
    for id in ids {
        let id: CaseId = serde_json::from_value(id).unwrap();
        let now = world.engine.case(&id.into()).await.unwrap().unwrap();
        assert_ne!(now.priority, "critical", "nothing is written");
    }
}

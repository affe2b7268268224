//! What a stopped process had begun, the next one goes on with.

use crate::world::{World, administrator, caseworker, missed, of_case, of_type, options, pack};
use sagsgang_domain::*;
use sagsgang_runtime::*;
use sagsgang_store::{Commit, InstanceWrite, Store, StoreOptions};
use serde_json::json;

const REPORT: &str = "From: anna@borger.example\r\nTo: affald@eksempelkoebing.example\r\n\
Subject: Ikke hentet\r\nMessage-ID: <1@borger.example>\r\n\r\nBeholderen blev ikke hentet.\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_stepped_is_found_by_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    // This engine never starts its workers, as if the process died right after the commit.
    let engine = Engine::open(options(folder.path())).await.unwrap();
    engine.publish(&Caller::system(), pack()).await.unwrap();
    let message = engine.deliver_mail(REPORT.into()).await.unwrap();
    let caller = caseworker();
    let made = engine.create_case_from_message(
        &caller,
        message.id,
        of_type("waste.missed-collection"),
        None,
    );
    let case = made.await.unwrap().case;
    assert_eq!(case.priority_score, None);
    engine.stop().await;
    drop(engine);
    let engine = Engine::open(options(folder.path())).await.unwrap();
    engine.start();
    let world = World { engine, folder };
    let prioritised = world
        .until("the run was taken up", async |engine| {
            engine
                .case(&case.id.into())
                .await
                .unwrap()
                .filter(|case| case.priority_score.is_some())
        })
        .await;
    assert!(prioritised.priority_score.is_some());
    let changes = world.history_kinds(case.id).await;
    assert_eq!(
        changes
            .iter()
            .filter(|kind| *kind == "case.priority-changed.v1")
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intake_with_a_pure_rule_is_one_commit() {
    let folder = tempfile::tempdir().unwrap();
    // No worker ever runs: whatever is there was written together with the case.
    let engine = Engine::open(options(folder.path())).await.unwrap();
    engine.publish(&Caller::system(), pack()).await.unwrap();
    let new = missed(json!({ "fraction": "hazardous" }));
    let caller = caseworker();
    let created = engine.create_case(&caller, new, None, None);
    let case = created.await.unwrap().case;
    assert_eq!((case.priority.as_str(), case.version), ("high", 2));
    engine.stop().await;
    drop(engine);
    let engine = Engine::open(options(folder.path())).await.unwrap();
    let world = World { engine, folder };
    let kinds = world.history_kinds(case.id).await;
    assert_eq!(kinds, ["case.created.v1", "case.priority-changed.v1"]);
    let runs = world
        .engine
        .runs(&of_case(case.id, None), 10)
        .await
        .unwrap();
    assert_eq!((runs.len(), runs[0].status), (1, "completed"));
    assert_eq!(
        world.engine.case(&case.id.into()).await.unwrap(),
        Some(case)
    );
    let report = world.engine.verify(|_| {}).await.unwrap();
    assert_eq!(report.first_bad, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_without_its_plugin_becomes_an_incident_and_the_case_goes_on() {
    let world = World::new().await;
    world
        .publish(
            "document: { dsl: '1.0.3', namespace: test, name: lost, version: '1.0.0' }\n\
             schedule: { on: { one: { with: { type: case.created.v1 } } } }\n\
             input: { from: '${ .[0] }' }\n\
             do:\n  - gone: { call: 'no-such-plugin:1.0.0@default', with: {} }\n",
        )
        .await;
    let case = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, None)
        .await
        .unwrap()
        .case;
    let incident = world
        .until("the incident is there", async |engine| {
            engine
                .incidents(true, None, 50)
                .await
                .unwrap()
                .into_iter()
                .find(|incident| incident.case == Some(case.id))
        })
        .await;
    assert_eq!(incident.code, "workflow-faulted");
    assert!(
        incident.detail.contains("no-such-plugin"),
        "{}",
        incident.detail
    );
    let kinds = world.history_kinds(case.id).await;
    assert!(
        kinds.contains(&"case.workflow.v1".to_owned()),
        "the case says so: {kinds:?}"
    );
}

/// A run whose process died so often while stepping it, and how it stands once the next process has looked.
async fn after_deaths(deaths: u32) -> (String, World) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(options(folder.path())).await.unwrap();
    engine.publish(&Caller::system(), pack()).await.unwrap();
    let message = engine.deliver_mail(REPORT.into()).await.unwrap();
    let case_type = of_type("waste.missed-collection");
    let caller = caseworker();
    let made = engine.create_case_from_message(&caller, message.id, case_type, None);
    let case = made.await.unwrap().case.id;
    let run = engine
        .runs(&of_case(case, None), 1)
        .await
        .unwrap()
        .remove(0);
    engine.stop().await;
    drop(engine);
    let store = Store::open(&StoreOptions {
        database: options(folder.path()).database,
        blobs: folder.path().join("blobs"),
        readers: 1,
        write_cache: 8,
    })
    .await
    .unwrap();
    let mut row = store.instance(run.id).await.unwrap().unwrap();
    row.crashes = deaths;
    let mut commit = Commit::default();
    commit.instances.push(InstanceWrite {
        expected: Some(row.seq),
        row,
    });
    store.commit(commit).await.unwrap();
    store.close().await;
    let engine = Engine::open(options(folder.path())).await.unwrap();
    engine.start();
    let world = World { engine, folder };
    let status = world
        .until("the run stands still or has ended", async |engine| {
            let runs = engine.runs(&of_case(case, None), 1).await.unwrap();
            Some(runs[0].status).filter(|status| *status != "ready" && *status != "waiting")
        })
        .await;
    (status.to_owned(), world)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_third_death_while_stepping_a_run_is_an_incident_and_the_second_is_not() {
    // Taken up once already, and again now: the process has died twice.
    let (status, world) = after_deaths(1).await;
    assert_eq!(status, "completed");
    assert!(
        world
            .engine
            .incidents(true, None, 5)
            .await
            .unwrap()
            .is_empty()
    );
    let (status, world) = after_deaths(2).await;
    assert_eq!(status, "faulted");
    let incidents = world.engine.incidents(true, None, 5).await.unwrap();
    assert!(
        incidents[0].detail.contains("died three times"),
        "{incidents:?}"
    );
    let engine = &world.engine;
    let run = incidents[0].instance.expect("an incident of the run");
    let again = RunDecision::Retry { input: None };
    engine
        .decide_run(&administrator(), run, &again, "afprøvet")
        .await
        .unwrap();
    world
        .until("the run has ended", async |engine| {
            let found = engine.run(run).await.unwrap()?;
            (found.status == "completed").then_some(())
        })
        .await;
    let report = engine.verify(|_| ()).await.unwrap();
    assert_eq!(report.first_bad, None);
}

/// Two processes on one database, such as a server and `sagsgang publish` beside it.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_publishes_is_known_and_run_here() {
    let world = World::new().await;
    let other = Engine::open(options(world.folder.path())).await.unwrap();
    let text = "document: { dsl: '1.0.3', namespace: test, name: from-beside, version: '1.0.0' }\n\
                do:\n  - one: { set: { done: true } }\n";
    let files = vec![("beside.yaml".to_owned(), text.to_owned())];
    other.publish(&Caller::system(), files).await.unwrap();
    // It steps nothing itself: the run is left to the first.
    let run = other
        .start_run(&administrator(), "test/from-beside", json!({}), None, None)
        .await
        .unwrap();
    world
        .until("the other process's run has ended", async |engine| {
            let found = engine.run(run.id).await.unwrap()?;
            (found.status == "completed").then_some(())
        })
        .await;
    other.stop().await;
}

//! What a person decides about a run: it goes on, skips, stands still, ends, or moves to another version.

use crate::world::{World, administrator, caseworker, missed, of_case};
use sagsgang_domain::{Rejection, Right};
use sagsgang_runtime::{ExecuteError, RunDecision, RunView};
use serde_json::{Value, json};
use std::time::Duration;

const WAIT: Option<Duration> = Some(Duration::from_secs(10));

fn text(version: &str, rest: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: operated, version: '{version}' }}\n{rest}\n"
    )
}

async fn start(world: &World, input: Value) -> RunView {
    world
        .engine
        .start_run(&administrator(), "test/operated", input, None, WAIT)
        .await
        .unwrap()
}

async fn decide(world: &World, run: &RunView, decision: RunDecision) -> RunView {
    world
        .engine
        .decide_run(&administrator(), run.id, &decision, "afprøvet")
        .await
        .unwrap()
}

/// Every run is still the fold of its journal.
async fn in_order(world: &World) {
    let report = world.engine.verify(|_| ()).await.unwrap();
    assert_eq!(report.first_bad, None);
    assert!(report.runs > 0);
}

async fn refused(world: &World, run: &RunView, decision: RunDecision) -> ExecuteError {
    world
        .engine
        .decide_run(&administrator(), run.id, &decision, "afprøvet")
        .await
        .unwrap_err()
}

const BROKEN: &str = "do:
  - note: { call: case-note, with: { case: '${ .case }', text: 'Første' } }
  - more: { call: case-note, with: { case: '${ .noted.missing }', text: '${ .text }' } }
  - end: { set: { done: true } }";

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_tried_again_with_other_arguments_and_is_resolved() {
    let world = World::new().await;
    world.publish(&text("1.0.0", BROKEN)).await;
    let created = world
        .engine
        .create_case(
            &caseworker(),
            missed(json!({ "fraction": "residual" })),
            None,
            None,
        )
        .await
        .unwrap();
    let case = created.case.id;
    let run = start(&world, json!({ "caseId": case, "case": case })).await;
    assert_eq!(
        (run.status, run.held.as_ref().unwrap().task.as_deref()),
        ("faulted", Some("more"))
    );
    let open = world.engine.incidents(true, None, 10).await.unwrap();
    assert_eq!(
        open.iter()
            .filter(|incident| incident.instance == Some(run.id))
            .count(),
        1
    );

    // Again as it was: it fails again, and there is one open incident and one resolved one.
    let again = decide(&world, &run, RunDecision::Retry { input: None }).await;
    assert_eq!(again.status, "faulted");
    assert_eq!(
        world.engine.incidents(true, None, 10).await.unwrap().len(),
        1
    );
    let resolved = world.engine.incidents(false, None, 10).await.unwrap();
    assert_eq!(resolved[0].resolved.as_ref().unwrap().0, "administrator");

    let input = Some(json!({ "case": case, "text": "Anden" }));
    let ended = decide(&world, &run, RunDecision::Retry { input }).await;
    assert_eq!(
        (ended.status, ended.output),
        ("completed", Some(json!({ "done": true })))
    );
    assert!(
        world
            .engine
            .incidents(true, None, 10)
            .await
            .unwrap()
            .is_empty()
    );

    let history = world.engine.history(case, 0, 100).await.unwrap();
    let texts: Vec<&str> = history
        .iter()
        .filter_map(|entry| entry.data.get("text")?.as_str())
        .collect();
    assert_eq!(texts, ["Første", "Anden"]);
    let states: Vec<&str> = history
        .iter()
        .filter(|entry| entry.kind.starts_with("case.workflow"))
        .filter_map(|entry| entry.data.get("state")?.as_str())
        .collect();
    assert_eq!(states, ["incident", "resumed", "incident", "resumed"]);
    let journal = world.engine.run_journal(run.id, 0, 100).await.unwrap();
    let decision = journal
        .iter()
        .find(|row| row.input["kind"] == "retry")
        .unwrap();
    assert_eq!(
        (decision.actor.id.as_str(), &decision.input["reason"]),
        ("administrator", &json!("afprøvet"))
    );
    in_order(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_task_is_skipped_with_an_answer_or_the_run_is_cancelled() {
    let world = World::new().await;
    world
        .publish(&text(
            "1.0.0",
            BROKEN
                .split_once("\n")
                .map(|(_, rest)| rest)
                .map(|rest| format!("do:\n{}", rest.split_once("\n").unwrap().1))
                .unwrap()
                .as_str(),
        ))
        .await;
    let skipped = start(&world, json!({ "noted": {} })).await;
    assert_eq!(skipped.status, "faulted");
    let skip = |then: Option<&str>| RunDecision::Skip {
        output: json!({}),
        then: then.map(str::to_owned),
    };
    let error = refused(&world, &skipped, skip(Some("nowhere"))).await;
    assert!(
        matches!(&error, ExecuteError::RunState(why) if why.contains("nowhere")),
        "{error}"
    );
    let ended = decide(&world, &skipped, skip(Some("end"))).await;
    assert_eq!(ended.status, "completed");
    let error = refused(&world, &ended, RunDecision::Retry { input: None }).await;
    assert!(
        matches!(&error, ExecuteError::RunState(why) if why.contains("completed")),
        "{error}"
    );

    let cancelled = start(&world, json!({ "noted": {} })).await;
    let cancelled = decide(&world, &cancelled, RunDecision::Cancel).await;
    assert_eq!(cancelled.status, "cancelled");
    in_order(&world).await;
    assert!(
        world
            .engine
            .incidents(true, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_needs_the_right_and_a_reason() {
    let world = World::new().await;
    world
        .publish(&text("1.0.0", "do:\n  - pause: { wait: P1D }"))
        .await;
    let run = start(&world, json!({})).await;
    let decide = |caller, reason| {
        let engine = &world.engine;
        let id = run.id;
        async move {
            engine
                .decide_run(&caller, id, &RunDecision::Cancel, reason)
                .await
        }
    };
    let error = decide(caseworker(), "nej").await.unwrap_err();
    let right = Right::OperateRuns;
    assert!(
        matches!(error, ExecuteError::Rejected(Rejection::NotAllowed { right: missing }) if missing == right)
    );
    let error = decide(administrator(), "  ").await.unwrap_err();
    assert!(matches!(
        error,
        ExecuteError::Rejected(Rejection::Empty { field: "reason" })
    ));
    assert_eq!(
        world.engine.run(run.id).await.unwrap().unwrap().status,
        "waiting"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_run_keeps_what_comes_until_it_is_resumed() {
    let world = World::new().await;
    world
        .publish(&text(
            "1.0.0",
            "do:\n  - pause: { wait: PT0.3S }\n  - end: { set: { done: true } }",
        ))
        .await;
    let run = start(&world, json!({})).await;
    let suspended = decide(&world, &run, RunDecision::Suspend).await;
    assert_eq!(suspended.status, "suspended");
    // The timer fires, and three polls go by.
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    let still = world.engine.run(run.id).await.unwrap().unwrap();
    assert_eq!((still.status, still.output), ("suspended", None));
    assert!(matches!(
        refused(&world, &run, RunDecision::Suspend).await,
        ExecuteError::RunState(_)
    ));
    let ended = decide(&world, &run, RunDecision::Resume).await;
    assert_eq!(ended.status, "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_run_moves_to_another_version_and_goes_on_with_it() {
    let world = World::new().await;
    let listening = |version: &str, kind: &str, rest: &str| {
        text(
            version,
            &format!(
                "do:\n{rest}  - hear: {{ listen: {{ to: {{ one: {{ with: {{ type: {kind} }} }} }} }} }}\n  - end: {{ set: {{ version: '${{ $workflow.definition.document.version }}' }} }}"
            ),
        )
    };
    world
        .publish(&listening("1.0.0", "dk.example.a.v1", ""))
        .await;
    let run = start(&world, json!({})).await;
    world
        .publish(&listening(
            "2.0.0",
            "dk.example.b.v1",
            "  - new: { set: {} }\n",
        ))
        .await;
    world
        .publish(&text("3.0.0", "do:\n  - end: { set: {} }"))
        .await;
    let to = |version: &str| RunDecision::Migrate {
        version: version.to_owned(),
    };
    let error = refused(&world, &run, to("3.0.0")).await;
    assert!(
        matches!(&error, ExecuteError::CannotMigrate(reasons) if reasons[0].contains("`hear`")),
        "{error}"
    );
    assert!(matches!(
        refused(&world, &run, to("9.0.0")).await,
        ExecuteError::RunState(_)
    ));

    world.engine.try_migration(run.id, "2.0.0").await.unwrap();
    assert_eq!(
        world.engine.run(run.id).await.unwrap().unwrap().version,
        "1.0.0"
    );
    let moved = decide(&world, &run, to("2.0.0")).await;
    assert_eq!((moved.version.as_str(), moved.status), ("2.0.0", "waiting"));
    let event =
        |kind: &str| json!({ "specversion": "1.0", "id": kind, "source": "/test", "type": kind });
    for kind in ["dk.example.a.v1", "dk.example.b.v1"] {
        assert!(
            world
                .engine
                .accept_event(&administrator(), event(kind))
                .await
                .unwrap()
        );
    }
    let ended = world
        .until("the moved run ended", async |engine| {
            let run = engine.run(run.id).await.unwrap().unwrap();
            (run.status == "completed").then_some(run)
        })
        .await;
    assert_eq!(ended.output, Some(json!({ "version": "2.0.0" })));
    in_order(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_come_in_pages_by_status_workflow_and_case() {
    let world = World::new().await;
    world
        .publish(&text("1.0.0", "do:\n  - pause: { wait: P1D }"))
        .await;
    for _ in 0..3 {
        start(&world, json!({})).await;
    }
    let mut filter = sagsgang_runtime::RunFilter {
        workflow: Some("test/operated".to_owned()),
        ..Default::default()
    };
    let first = world.engine.runs(&filter, 2).await.unwrap();
    filter.before = Some(first[1].id);
    let second = world.engine.runs(&filter, 2).await.unwrap();
    assert_eq!((first.len(), second.len()), (2, 1));
    assert!(first[1].created_at >= second[0].created_at);
    let none = of_case(uuid::Uuid::nil().into(), Some("waiting"));
    assert!(world.engine.runs(&none, 9).await.unwrap().is_empty());
}

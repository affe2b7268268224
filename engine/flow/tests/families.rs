//! Workflows that run other workflows.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::Workflow;
use sagsgang_domain::InstanceId;
use sagsgang_flow::dry::{self, DryRun};
use sagsgang_flow::{Effect, Input, Status, StepContext, WorkflowRef, step};
use serde_json::{Value, json};

fn context() -> StepContext {
    let instance: InstanceId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    StepContext::new(instance, "2026-11-24T12:00:00Z".parse().unwrap())
}

fn workflow(rest: &str) -> Workflow {
    let text = format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: flow, version: '1.0.0' }}\n{rest}"
    );
    let parsed = Workflow::publishable("flow.yaml", &text);
    let findings: Vec<String> = parsed.diagnostics.iter().map(ToString::to_string).collect();
    parsed
        .model
        .unwrap_or_else(|| panic!("{}", findings.join("\n")))
}

/// Runs the first of several workflows; the others are its library.
fn run_family(texts: &[(&str, &str)], input: Value, events: &[Value]) -> DryRun {
    let family: Vec<Workflow> = texts
        .iter()
        .map(|(name, rest)| {
            let text = format!(
                "document: {{ dsl: '1.0.3', namespace: test, name: {name}, version: '1.0.0' }}\n{rest}"
            );
            let parsed = Workflow::publishable("family.yaml", &text);
            assert_eq!(parsed.diagnostics, []);
            parsed.model.unwrap()
        })
        .collect();
    let library = |wanted: &WorkflowRef| {
        family
            .iter()
            .find(|workflow| workflow.document.qualified_name() == wanted.name)
    };
    dry::run_with(
        &family[0],
        library,
        input,
        events.to_vec(),
        &context(),
        |call| Ok(call.with.clone()),
    )
}

const DOUBLE: (&str, &str) = (
    "double",
    "do:\n  - pause: { wait: PT1M }\n  - twice: { set: { n: '${ .n * 2 }', last: '${ $workflow.input.n }' } }",
);

#[test]
fn a_workflow_runs_another_and_goes_on_with_its_output() {
    let parent = "do:
  - first: { run: { workflow: { namespace: test, name: double, version: '1.0.0', input: { n: '${ .n + 1 }' } } }, output: { as: '{ n }' } }
  - second: { run: { workflow: { namespace: test, name: double, version: latest, input: { n: '${ .n }' } }, await: true } }";
    let run = run_family(&[("parent", parent), DOUBLE], json!({"n": 4}), &[]);
    assert_eq!(run.error, None);
    assert_eq!(run.output, Some(json!({"n": 20, "last": 10})));
    assert_eq!(run.tasks, ["first", "second"]);
    assert_eq!(run.ended_at.to_string(), "2026-11-24T12:02:00Z");
}

#[test]
fn a_workflow_that_is_not_awaited_leaves_the_data_as_it_is() {
    let parent = "do:
  - fire: { run: { workflow: { namespace: test, name: later, version: '1.0.0', input: { n: 1 } }, await: false } }";
    let later = "do:\n  - pause: { wait: PT1M }\n  - tell: { emit: { event: { with: { type: later, data: '${ $workflow.input }' } } } }";
    let run = run_family(
        &[("parent", parent), ("later", later)],
        json!({"a": 1}),
        &[],
    );
    assert_eq!(run.output, Some(json!({"a": 1})));
    assert_eq!(run.ended_at.to_string(), "2026-11-24T12:00:00Z");
    assert_eq!(run.events[0]["data"], json!({"n": 1}));
}

#[test]
fn the_error_of_an_awaited_workflow_can_be_caught() {
    let parent = "do:
  - attempt:
      try: [ { risky: { run: { workflow: { namespace: test, name: broken, version: '1.0.0' } } } } ]
      catch: { errors: { with: { type: urn:broken } }, as: e, do: [ { note: { set: { was: '${ $e.detail }' } } } ] }";
    let broken = "do:\n  - no: { raise: { error: { type: urn:broken, status: 500, detail: nothing works } } }";
    let run = run_family(&[("parent", parent), ("broken", broken)], json!({}), &[]);
    assert_eq!(run.output, Some(json!({"was": "nothing works"})));
    let missing = run_family(&[("parent", parent)], json!({}), &[]);
    assert_eq!(missing.status, Status::Faulted);
    assert!(missing.error.unwrap().to_string().contains("test/broken"));
}

#[test]
fn workflows_that_run_each_other_without_end_are_stopped_and_named() {
    let there =
        "do:\n  - on: { run: { workflow: { namespace: test, name: back, version: '1.0.0' } } }";
    let back =
        "do:\n  - on: { run: { workflow: { namespace: test, name: there, version: '1.0.0' } } }";
    let run = run_family(&[("there", there), ("back", back)], json!({}), &[]);
    let error = run.error.unwrap().to_string();
    assert!(
        error.contains("test/there, test/back, test/there"),
        "{error}"
    );
}

#[test]
fn a_run_that_is_awaited_is_cancelled_with_the_task_that_awaits_it() {
    let text = "do:
  - race:
      fork:
        compete: true
        branches:
          - child: { run: { workflow: { namespace: test, name: other, version: '1.0.0' } } }
          - fast: { wait: PT1S }";
    let definition = workflow(text);
    let begun = step(
        &definition,
        None,
        &Input::Start { input: json!({}) },
        &context(),
    );
    let started = |effect: &Effect| match effect {
        Effect::Run { key, .. } => Some(key.clone()),
        _ => None,
    };
    let child = begun.effects.iter().find_map(started).unwrap();
    let timer = begun.effects.iter().find_map(|effect| match effect {
        Effect::StartTimer { key, .. } => Some(key.clone()),
        _ => None,
    });
    let ended = step(
        &definition,
        Some(begun.state),
        &Input::TimerFired {
            key: timer.unwrap(),
        },
        &context(),
    );
    assert!(ended.effects.contains(&Effect::CancelRun { key: child }));
    assert_eq!(ended.state.status(), Status::Completed);
}

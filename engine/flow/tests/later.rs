//! Calls that may succeed later: when they are made again, and who says so.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::Workflow;
use sagsgang_flow::dry;
use sagsgang_flow::{StepContext, WorkflowError};
use serde_json::json;

fn context() -> StepContext {
    let instance = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    StepContext::new(instance, "2026-11-24T12:00:00Z".parse().unwrap())
}

fn workflow(rest: &str) -> Workflow {
    let text = format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: later, version: '1.0.0' }}\n{rest}"
    );
    Workflow::publishable("later.yaml", &text).model.unwrap()
}

#[test]
fn the_next_attempt_comes_when_the_error_says_that_it_may_help() {
    let definition = workflow(
        "do:
  - guarded:
      try: [ { busy: { call: busy } } ]
      catch: { retry: { delay: PT10S, limit: { attempt: { count: 3 } } } }",
    );
    for (after_ms, ended) in [
        (90_000, "2026-11-24T12:01:30Z"),
        (3_000, "2026-11-24T12:00:10Z"),
    ] {
        let mut calls = 0;
        let run = dry::run(&definition, json!({}), Vec::new(), &context(), |_| {
            calls += 1;
            let mut error = WorkflowError::standard("communication", "busy");
            error.retry_after_ms = Some(after_ms);
            if calls == 1 {
                Err(error)
            } else {
                Ok(json!("done"))
            }
        });
        assert_eq!(run.output, Some(json!("done")), "after {after_ms} ms");
        assert_eq!(run.ended_at.to_string(), ended, "after {after_ms} ms");
    }
}

#[test]
fn a_task_has_a_policy_where_a_try_around_it_tries_again() {
    let definition = workflow(
        "do:
  - before: { call: a }
  - guarded:
      try:
        - inner:
            try: [ { within: { call: b } } ]
            catch: { do: [ { caught: { call: c } } ] }
      catch: { retry: { delay: PT1S }, do: [ { given-up: { call: d } } ] }
  - only-caught:
      try: [ { once: { call: e } } ]
      catch: { do: [ { note: { set: { a: 1 } } } ] }",
    );
    let with_policy: Vec<&str> = definition
        .calls()
        .filter(|(_, task)| definition.tries_again(&task.reference))
        .map(|(function, _)| function.name.as_str())
        .collect();
    assert_eq!(with_policy, ["b", "c"]);
}

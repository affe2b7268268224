//! What those hear who watch the tasks of a run.

use sagsgang_definition::Workflow;
use sagsgang_domain::InstanceId;
use sagsgang_flow::{Effect, Input, StepContext, WorkflowError, step};
use serde_json::json;

#[test]
fn a_task_is_started_retried_cancelled_faulted_and_completed() {
    let text = "document: { dsl: '1.0.3', namespace: t, name: x, version: '1.0.0' }
do:
  - first: { set: '{ n: 1 }' }
  - careful:
      try: [ { ask: { call: work } } ]
      catch: { retry: { limit: { attempt: { count: 1 } } } }
  - race: { fork: { compete: true, branches: [ { slow: { wait: PT1H } }, { quick: { set: . } } ] } }
  - skipped: { if: 'false', set: . }
";
    let definition = Workflow::publishable("x.yaml", text).model.unwrap();
    let instance: InstanceId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    let context = StepContext::new(instance, "2026-11-24T12:00:00Z".parse().unwrap());
    let mut heard = Vec::new();
    let mut next = Some(Input::Start { input: json!({}) });
    let mut state = None;
    let mut failures = 1;
    while let Some(input) = next.take() {
        let made = step(&definition, state.take(), &input, &context);
        heard.extend(
            made.moments
                .iter()
                .map(|moment| format!("{} {}", moment.name, moment.what.word())),
        );
        for effect in &made.effects {
            if let Effect::Call { key, .. } = effect {
                let result = match failures {
                    0 => Ok(json!({})),
                    _ => Err(WorkflowError::standard("communication", "no")),
                };
                failures = 0;
                next = Some(Input::CallDone {
                    key: key.clone(),
                    result,
                });
            }
        }
        state = Some(made.state);
    }
    assert_eq!(
        heard,
        [
            "first started",
            "first completed",
            "careful started",
            "ask started",
            "ask faulted",
            "careful retried",
            "ask started",
            "ask completed",
            "careful completed",
            "race started",
            "slow started",
            "quick started",
            "quick completed",
            "slow cancelled",
            "race completed",
        ]
    );
}

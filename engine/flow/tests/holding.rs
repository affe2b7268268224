//! Errors that nothing catches, where a person decides how it goes on; and other versions of a definition.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::Workflow;
use sagsgang_domain::Timestamp;
use sagsgang_flow::{
    Effect, Input, Outcome, State, Status, Step, StepContext, WorkflowError, migrate, step,
};
use serde_json::{Value, json};

fn workflow(version: &str, rest: &str) -> Workflow {
    let text = format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: flow, version: '{version}' }}\n{rest}"
    );
    let parsed = Workflow::publishable("flow.yaml", &text);
    let findings: Vec<String> = parsed.diagnostics.iter().map(ToString::to_string).collect();
    parsed
        .model
        .unwrap_or_else(|| panic!("{}", findings.join("\n")))
}

/// An instance that is stepped by hand.
struct Instance {
    definition: Workflow,
    state: Option<State>,
    now: Timestamp,
}

impl Instance {
    fn start(rest: &str, input: Value) -> (Self, Vec<Effect>) {
        let mut instance = Self {
            definition: workflow("1.0.0", rest),
            state: None,
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
        };
        let effects = instance.step(&Input::Start { input });
        (instance, effects)
    }

    fn step(&mut self, input: &Input) -> Vec<Effect> {
        let context = StepContext {
            holds: true,
            ..StepContext::new(
                "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
                self.now,
            )
        };
        let Step { state, effects, .. } =
            step(&self.definition, self.state.take(), input, &context);
        // What is stored is what goes on.
        self.state = Some(serde_json::from_value(json!(state)).unwrap());
        effects
    }

    fn state(&self) -> &State {
        self.state.as_ref().unwrap()
    }

    fn held_at(&self) -> Option<&str> {
        self.state().held()?.task.as_ref().map(|task| &*task.name)
    }
}

fn calls(effects: &[Effect]) -> Vec<(&str, &str, &Value)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Call {
                key, task, with, ..
            } => Some((key.as_str(), task.as_str(), with)),
            _ => None,
        })
        .collect()
}

fn failed(key: &str) -> Input {
    Input::CallDone {
        key: key.to_owned(),
        result: Err(WorkflowError::standard("communication", "no line")),
    }
}

fn done(key: &str, value: Value) -> Input {
    Input::CallDone {
        key: key.to_owned(),
        result: Ok(value),
    }
}

fn retry(input: Option<Value>) -> Input {
    let reason = "the line is back".to_owned();
    Input::Retry { input, reason }
}

fn skip(output: Value, then: Option<&str>) -> Input {
    Input::Skip {
        output,
        then: then.map(str::to_owned),
        reason: "done by telephone".to_owned(),
    }
}

const NESTED: &str = "do:
  - before: { set: { n: 1 } }
  - inner:
      timeout: { after: PT1H }
      do:
        - send: { call: mail, with: { to: '${ .n }' }, output: { as: '{ n: (.sent + 1) }' } }
        - after: { set: { n: '${ .n * 10 }' } }
  - end: { set: { total: '${ .n }' } }";

#[test]
fn a_retry_calls_again_under_the_same_key_and_goes_on_from_there() {
    let (mut it, effects) = Instance::start(NESTED, json!({}));
    let key = calls(&effects)[0].0.to_owned();
    let effects = it.step(&failed(&key));
    assert_eq!(it.held_at(), Some("send"));
    assert_eq!(it.state().status(), Status::Faulted);
    assert!(matches!(
        effects.last(),
        Some(Effect::Ended(Outcome::Faulted(_)))
    ));
    // The time that it stands still does not count.
    assert!(matches!(effects[0], Effect::CancelTimer { .. }));
    // What comes meanwhile changes nothing.
    assert!(it.step(&done(&key, json!({ "sent": 7 }))).is_empty());

    let effects = it.step(&retry(None));
    assert_eq!(
        calls(&effects),
        [(key.as_str(), "send", &json!({ "to": 1 }))]
    );
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::StartTimer { .. }))
    );
    assert_eq!((it.held_at(), it.state().error()), (None, None));
    it.step(&done(&key, json!({ "sent": 2 })));
    assert_eq!(it.state().output(), Some(json!({ "total": 30 })));
}

#[test]
fn a_retry_may_have_other_arguments() {
    let (mut it, effects) = Instance::start(NESTED, json!({}));
    let key = calls(&effects)[0].0.to_owned();
    it.step(&failed(&key));
    let effects = it.step(&retry(Some(json!({ "to": 9 }))));
    assert_eq!(
        calls(&effects),
        [(key.as_str(), "send", &json!({ "to": 9 }))]
    );
}

#[test]
fn what_is_not_a_call_is_retried_with_another_input() {
    let (mut it, _) = Instance::start(
        "do:\n  - broken: { set: { n: '${ .n + 1 }' } }\n  - end: { set: { n: '${ .n * 2 }' } }",
        json!({ "n": "a text" }),
    );
    assert_eq!(it.held_at(), Some("broken"));
    it.step(&retry(None));
    assert_eq!(it.held_at(), Some("broken"));
    it.step(&retry(Some(json!({ "n": 4 }))));
    assert_eq!(it.state().output(), Some(json!({ "n": 10 })));
}

#[test]
fn a_skip_takes_a_value_as_what_the_task_gave() {
    let (mut it, effects) = Instance::start(NESTED, json!({}));
    let key = calls(&effects)[0].0.to_owned();
    it.step(&failed(&key));
    it.step(&skip(json!({ "sent": 4 }), None));
    assert_eq!(it.state().output(), Some(json!({ "total": 50 })));
}

#[test]
fn a_skip_may_go_on_at_another_task_of_the_list() {
    let rest = "do:
  - send: { call: mail }
  - after: { raise: { error: { type: 'https://example.com/never', status: 500 } } }
  - end: { set: { done: '${ .sent }' } }";
    let (mut it, effects) = Instance::start(rest, json!({}));
    let key = calls(&effects)[0].0.to_owned();
    it.step(&failed(&key));
    it.step(&skip(json!({ "sent": true }), Some("end")));
    assert_eq!(it.state().output(), Some(json!({ "done": true })));
    assert_eq!(
        it.definition.siblings("/do/0/send"),
        ["send", "after", "end"]
    );
    assert!(it.definition.siblings("/do/9/nowhere").is_empty());
}

const FORK: &str = "do:
  - both:
      fork:
        branches:
          - one: { call: mail, with: { to: 1 } }
          - two: { call: mail, with: { to: 2 } }";

#[test]
fn the_other_branches_of_a_fork_go_on_waiting() {
    let (mut it, effects) = Instance::start(FORK, json!({}));
    let keys: Vec<String> = calls(&effects)
        .iter()
        .map(|call| call.0.to_owned())
        .collect();
    let effects = it.step(&failed(&keys[0]));
    assert_eq!(it.held_at(), Some("one"));
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::CancelCall { .. }))
    );
    let effects = it.step(&retry(None));
    assert_eq!(calls(&effects).len(), 1);
    it.step(&done(&keys[1], json!(2)));
    it.step(&done(&keys[0], json!(1)));
    assert_eq!(it.state().output(), Some(json!([1, 2])));
}

#[test]
fn an_error_that_is_caught_takes_back_what_the_other_branches_wait_for() {
    let rest = format!(
        "do:\n  - guarded:\n      try:\n{}\n      catch: {{ do: [ {{ calm: {{ set: {{ ok: true }} }} }} ] }}",
        FORK["do:\n".len()..]
            .replace("  - both", "        - both")
            .replace("      fork", "            fork")
            .replace("        branches", "              branches")
            .replace("          - one", "                - one")
            .replace("          - two", "                - two")
    );
    let (mut it, effects) = Instance::start(&rest, json!({}));
    let keys: Vec<String> = calls(&effects)
        .iter()
        .map(|call| call.0.to_owned())
        .collect();
    let effects = it.step(&failed(&keys[0]));
    assert_eq!(it.state().output(), Some(json!({ "ok": true })));
    assert!(effects.contains(&Effect::CancelCall {
        key: keys[1].clone()
    }));
}

#[test]
fn a_held_instance_can_be_cancelled_and_takes_everything_back() {
    let (mut it, effects) = Instance::start(FORK, json!({}));
    let keys: Vec<String> = calls(&effects)
        .iter()
        .map(|call| call.0.to_owned())
        .collect();
    it.step(&failed(&keys[0]));
    let reason = "not wanted".to_owned();
    let effects = it.step(&Input::Cancel { reason });
    assert!(effects.contains(&Effect::CancelCall {
        key: keys[1].clone()
    }));
    assert_eq!(it.state().status(), Status::Cancelled);
    assert!(it.step(&retry(None)).is_empty());
}

#[test]
fn an_output_that_fails_is_made_again_by_a_corrected_version() {
    let (mut it, _) = Instance::start(
        "do:\n  - end: { set: { n: 3 } }\noutput: { as: '.n + \"a\"' }",
        json!({}),
    );
    assert_eq!((it.held_at(), it.state().held().is_some()), (None, true));
    let corrected = workflow(
        "1.0.1",
        "do:\n  - end: { set: { n: 3 } }\noutput: { as: '.n + 1' }",
    );
    let moved = migrate(&it.definition, &corrected, it.state()).unwrap();
    it.state = Some(moved.state);
    it.definition = corrected;
    it.step(&retry(None));
    assert_eq!(it.state().output(), Some(json!(4)));
}

#[test]
fn a_version_with_tasks_before_takes_a_waiting_instance_over_under_the_same_key() {
    let (mut it, effects) = Instance::start(NESTED, json!({}));
    let key = calls(&effects)[0].0.to_owned();
    it.step(&failed(&key));
    let other = workflow(
        "2.0.0",
        "do:
  - new: { set: { n: 0 } }
  - before: { set: { n: 1 } }
  - inner:
      do:
        - check: { set: { n: 2 } }
        - send: { call: mail, with: { to: '${ .n }', urgent: true }, output: { as: '{ n: .sent }' } }
  - end: { set: { total: '${ .n }' } }",
    );
    let moved = migrate(&it.definition, &other, it.state()).unwrap();
    it.state = Some(moved.state);
    it.definition = other;
    assert_eq!(
        &*it.state().held().unwrap().task.as_ref().unwrap().reference,
        "/do/2/inner/do/1/send"
    );
    let effects = it.step(&retry(None));
    let with = json!({ "to": 1, "urgent": true });
    assert_eq!(calls(&effects), [(key.as_str(), "send", &with)]);
    it.step(&done(&key, json!({ "sent": 5 })));
    assert_eq!(it.state().output(), Some(json!({ "total": 5 })));
}

#[test]
fn a_version_without_the_task_is_refused_with_its_name() {
    let (it, _) = Instance::start(NESTED, json!({}));
    let missing = workflow(
        "2.0.0",
        "do:\n  - inner: { do: [ { other: { set: {} } } ] }",
    );
    let reasons = migrate(&it.definition, &missing, it.state()).unwrap_err();
    assert_eq!(reasons.len(), 1);
    assert!(reasons[0].contains("`send`"), "{reasons:?}");
    let other_kind = workflow("2.0.0", "do:\n  - inner: { set: {} }");
    let reasons = migrate(&it.definition, &other_kind, it.state()).unwrap_err();
    assert!(reasons[0].contains("another kind"), "{reasons:?}");
}

#[test]
fn a_listening_instance_hears_what_the_other_version_listens_for() {
    let listening = |kind: &str| {
        format!("do:\n  - hear: {{ listen: {{ to: {{ one: {{ with: {{ type: {kind} }} }} }} }} }}")
    };
    let (mut it, effects) = Instance::start(&listening("a"), json!({}));
    let Effect::Subscribe { key, .. } = &effects[0] else {
        panic!("{effects:?}")
    };
    let other = workflow(
        "2.0.0",
        &format!(
            "do:\n  - new: {{ set: {{}} }}{}",
            &listening("b")["do:".len()..]
        ),
    );
    let moved = migrate(&it.definition, &other, it.state()).unwrap();
    let Effect::Subscribe {
        key: again,
        filters,
        ..
    } = &moved.effects[0]
    else {
        panic!("{:?}", moved.effects)
    };
    assert_eq!((again, filters[0].r#type.as_deref()), (key, Some("b")));
    it.state = Some(moved.state);
    it.definition = other;
    let event = |kind: &str| Input::Event {
        subscription: key.clone(),
        event: json!({ "type": kind, "data": { "n": 1 } }),
    };
    it.step(&event("a"));
    assert_eq!(it.state().status(), Status::Waiting);
    it.step(&event("b"));
    assert_eq!(it.state().output(), Some(json!([{ "n": 1 }])));
}

//! A person sends an instance to another task.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::Workflow;
use sagsgang_domain::Timestamp;
use sagsgang_flow::{
    Effect, Input, State, Status, Step, StepContext, WorkflowError, jump_targets, step,
};
use serde_json::{Value, json};

/// An instance that is stepped by hand.
struct Instance {
    definition: Workflow,
    state: Option<State>,
}

impl Instance {
    fn start(rest: &str) -> (Self, Vec<Effect>) {
        let text = format!(
            "document: {{ dsl: '1.0.3', namespace: test, name: flow, version: '1.0.0' }}\n{rest}"
        );
        let parsed = Workflow::publishable("flow.yaml", &text);
        let definition = parsed
            .model
            .unwrap_or_else(|| panic!("{:#?}", parsed.diagnostics));
        let mut instance = Self {
            definition,
            state: None,
        };
        let effects = instance.step(&Input::Start { input: json!({}) });
        (instance, effects)
    }

    fn step(&mut self, input: &Input) -> Vec<Effect> {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let id = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let context = StepContext {
            holds: true,
            ..StepContext::new(id, now)
        };
        let Step { state, effects, .. } =
            step(&self.definition, self.state.take(), input, &context);
        self.state = Some(serde_json::from_value(json!(state)).unwrap());
        effects
    }

    fn jump(&mut self, to: &str, input: Option<Value>) -> Vec<Effect> {
        let (to, reason) = (to.to_owned(), "the order came by telephone".to_owned());
        self.step(&Input::Jump { to, input, reason })
    }

    fn state(&self) -> &State {
        self.state.as_ref().unwrap()
    }

    fn targets(&self) -> Vec<String> {
        jump_targets(&self.definition, self.state())
    }
}

/// Task and key of the only call.
fn call(effects: &[Effect]) -> (&str, &str, &Value) {
    let mut calls = effects.iter().filter_map(|effect| match effect {
        Effect::Call {
            task, key, with, ..
        } => Some((task.as_str(), key.as_str(), with)),
        _ => None,
    });
    let first = calls.next().unwrap();
    assert!(calls.next().is_none());
    first
}

const WAITS: &str = "do:
  - order: { call: order, with: { n: '${ .n // 0 }' }, output: { as: '{ n: 1 }' } }
  - hear: { listen: { to: { one: { with: { type: done } } } }, timeout: { after: P1D } }
  - close: { call: close, with: { n: '${ .n }' } }
";

#[test]
fn what_it_waits_for_is_taken_back_and_it_goes_on_there_with_the_data_it_has() {
    let (mut it, effects) = Instance::start(WAITS);
    let key = call(&effects).1.to_owned();
    it.step(&Input::CallDone {
        key,
        result: Ok(json!({})),
    });
    assert_eq!(it.state().status(), Status::Waiting);
    assert_eq!(it.targets(), ["order", "hear", "close"]);
    let effects = it.jump("close", None);
    assert!(
        matches!(effects[0], Effect::Unsubscribe { .. }),
        "{effects:?}"
    );
    assert!(
        matches!(effects[1], Effect::CancelTimer { .. }),
        "{effects:?}"
    );
    let (task, _, with) = call(&effects);
    assert_eq!((task, with), ("close", &json!({ "n": 1 })));
}

#[test]
fn a_task_that_is_reached_again_has_a_new_key_and_the_given_data() {
    let (mut it, effects) = Instance::start(WAITS);
    let first = call(&effects).1.to_owned();
    let effects = it.jump("order", Some(json!({ "n": 5 })));
    assert!(
        matches!(&effects[0], Effect::CancelCall { key } if *key == first),
        "{effects:?}"
    );
    let (task, key, with) = call(&effects);
    assert_eq!((task, with), ("order", &json!({ "n": 5 })));
    assert_ne!(key, first, "the first call may have been made");
}

#[test]
fn an_instance_that_an_error_stopped_goes_on_elsewhere() {
    let (mut it, effects) = Instance::start(WAITS);
    let key = call(&effects).1.to_owned();
    it.step(&Input::CallDone {
        key,
        result: Err(WorkflowError::standard("communication", "no line")),
    });
    assert_eq!(it.state().status(), Status::Faulted);
    it.jump("hear", None);
    assert_eq!(it.state().status(), Status::Waiting);
    assert!(it.state().held().is_none() && it.state().error().is_none());
}

#[test]
fn the_nearest_task_of_a_name_is_meant_and_a_fork_is_left_as_a_whole() {
    let nested = "do:
  - each:
      for: { each: x, in: '[1, 2]' }
      do:
        - ask: { call: ask, with: { x: '${ $x }' } }
        - tell: { call: tell, with: { x: '${ $x }' } }
  - tell: { set: { outer: true } }
  - both:
      fork:
        branches:
          - left: { wait: P1D }
          - right: { wait: P2D }
";
    let (mut it, _) = Instance::start(nested);
    assert_eq!(it.targets(), ["ask", "tell", "each", "both"]);
    let effects = it.jump("tell", None);
    assert_eq!(
        call(&effects).2,
        &json!({ "x": 1 }),
        "still in the first item"
    );
    it.jump("both", None);
    assert_eq!(it.state().waits().len(), 2);
    assert_eq!(it.targets(), ["each", "tell", "both"]);
    let effects = it.jump("each", Some(json!({})));
    let cancelled = |effect: &&Effect| matches!(effect, Effect::CancelTimer { .. });
    assert_eq!(effects.iter().filter(cancelled).count(), 2, "both branches");
    assert_eq!(call(&effects).2, &json!({ "x": 1 }));
}

#[test]
fn an_unknown_task_and_an_instance_that_has_ended_change_nothing() {
    let (mut it, _) = Instance::start(WAITS);
    let before = it.state().hash();
    assert!(it.jump("nowhere", None).is_empty());
    assert_eq!(it.state().hash(), before);
    it.step(&Input::Cancel {
        reason: "enough".to_owned(),
    });
    let before = it.state().hash();
    assert!(it.jump("close", None).is_empty());
    assert_eq!(it.state().hash(), before);
}

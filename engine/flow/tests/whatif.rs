//! A recorded run is held against another version.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::Workflow;
use sagsgang_domain::{InstanceId, Timestamp};
use sagsgang_flow::whatif::{Recording, differences};
use sagsgang_flow::{Effect, Input, Status, StepContext, step};
use serde_json::{Value, json};

fn workflow(tasks: &str) -> Workflow {
    let text = format!(
        "document: {{ dsl: '1.0.3', namespace: t, name: w, version: '1.0.0' }}\ndo: {tasks}\n"
    );
    Workflow::publishable("w.yaml", &text).model.unwrap()
}

fn instance() -> InstanceId {
    "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()
}

const OLD: &str = "[ { rate: { call: rate, with: { n: '${ .n }' } } }, { answer: { listen: { to: { one: { with: { type: answered } } } } } }, { tell: { call: tell, with: { to: '${ .[0].who }' } } } ]";

/// The journal of a run of the old version: rated, answered an hour later, told.
fn recording() -> Recording {
    let definition = workflow(OLD);
    let start: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    let mut journal: Vec<(Timestamp, Input, Vec<Effect>)> = Vec::new();
    let mut state = None;
    let mut next = Some(Input::Start {
        input: json!({"n": 1}),
    });
    while let Some(input) = next.take() {
        let at = start.plus_seconds(journal.len() as i64 * 1_800);
        let stepped = step(
            &definition,
            state,
            &input,
            &StepContext::new(instance(), at),
        );
        next = stepped.effects.iter().find_map(|effect| match effect {
            Effect::Call { key, function, .. } => Some(Input::CallDone {
                key: key.clone(),
                result: Ok(json!({"from": function.name})),
            }),
            Effect::Subscribe { key, .. } => Some(Input::Event {
                subscription: key.clone(),
                event: json!({"type": "answered", "source": "s", "id": "1", "data": {"who": "anne"}}),
            }),
            _ => None,
        });
        state = Some(stepped.state);
        journal.push((at, input, stepped.effects));
    }
    assert_eq!(state.unwrap().status(), Status::Completed);
    Recording::read(journal).unwrap()
}

/// What would be different, by name.
fn found(tasks: &str) -> Vec<(&'static str, Value)> {
    let recording = recording();
    let before = recording.course(&workflow(OLD), instance());
    let after = recording.course(&workflow(tasks), instance());
    let differences = differences(&before, &after);
    differences
        .into_iter()
        .map(|one| (one.what, one.after))
        .collect()
}

#[test]
fn the_same_definition_makes_no_difference() {
    let course = recording().course(&workflow(OLD), instance());
    assert_eq!(course.ran.output, Some(json!({"from": "tell"})));
    assert_eq!(course.ran.ended_at.to_string(), "2026-11-24T13:00:00Z");
    assert_eq!(found(OLD), []);
}

#[test]
fn other_arguments_and_fewer_steps_are_told() {
    let other = found(&OLD.replace("n: '${ .n }'", "n: 2"));
    assert_eq!(other.len(), 1);
    assert_eq!(other[0].0, "calls");
    let fewer = found("[ { rate: { call: rate, with: { n: '${ .n }' } } } ]");
    let names: Vec<&str> = fewer.iter().map(|(what, _)| *what).collect();
    assert_eq!(names, ["tasks", "calls", "output", "end"]);
}

#[test]
fn a_new_call_has_no_known_result() {
    let more = found(&OLD.replace("[ { rate", "[ { ask: { call: ask } }, { rate"));
    let calls = more.iter().find(|(what, _)| *what == "calls").unwrap();
    assert_eq!(
        calls.1[0],
        json!({"call": "ask", "with": {}, "unknown": true})
    );
    assert_eq!(more[0], ("status", json!("faulted")));
}

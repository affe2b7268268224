//! Scenarios are run and held against what they expect.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::{Workflow, parse_scenarios};
use sagsgang_flow::scenario;

const WORKFLOW: &str = "
document: { dsl: '1.0.3', namespace: t, name: receipt, version: '1.0.0' }
schedule: { on: { one: { with: { type: case.created.v1 } } }, read: data }
input: { from: '${ .[0] }' }
do:
  - send:
      try: [ { mail: { call: notify, with: { to: '${ .to }', channel: email } } } ]
      catch: { errors: { with: { type: https://open-workflow-specification.org/spec/1.0.0/errors/communication } }, retry: { delay: PT1M, limit: { attempt: { count: 2 } } } }
  - outcome:
      fork:
        compete: true
        branches:
          - closed: { listen: { to: { one: { with: { type: case.closed.v1 } } } }, output: { as: '{ end: \"closed\" }' } }
          - silent: { wait: P1D, output: { as: '{ end: \"silent\" }' } }
  - told: { emit: { event: { with: { source: t, type: told, data: '${ . }' } } }, output: { as: '$input' } }
";

/// The failures of the one scenario: line and message.
fn failures(scenario: &str) -> Vec<(u32, String)> {
    let text = format!("workflow: receipt.yaml\nscenarios:\n  - name: one\n{scenario}");
    let parsed = parse_scenarios("a.yaml", &text);
    assert_eq!(parsed.diagnostics, []);
    let file = parsed.model.unwrap();
    let definition = Workflow::publishable("receipt.yaml", WORKFLOW)
        .model
        .unwrap();
    let told = scenario::run(
        &definition,
        &[],
        &file.scenarios[0],
        "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
    );
    let failures = told.failures.into_iter();
    failures
        .map(|failure| (failure.at.line, failure.message.to_string()))
        .collect()
}

#[test]
fn a_scenario_that_holds_has_no_failures() {
    let silent = "
    given:
      answers:
        - { call: notify, times: 1, error: { type: communication } }
        - { call: notify, with: { channel: email }, result: { queued: true } }
    when: { event: { type: case.created.v1, data: { to: a@b.dk } } }
    then:
      status: completed
      tasks: [send, mail, mail, outcome, closed, silent, told]
      calls: [ { call: notify, with: { to: a@b.dk } }, { call: notify } ]
      output: { end: silent }
      events: [ { type: told, data: { end: silent } } ]
      took: P1DT1M
      holds: [ '.error == null', '[.calls[].with.channel] == [\"email\", \"email\"]' ]
";
    assert_eq!(failures(silent), []);
    let closed = "
    given: { answers: [ { call: notify } ] }
    when:
      event: { type: case.created.v1, data: { to: a@b.dk } }
      events: [ { after: PT3H, type: case.closed.v1 } ]
    then: { output: { end: closed }, took: PT3H }
";
    assert_eq!(failures(closed), []);
}

#[test]
fn an_event_that_comes_too_late_is_not_heard() {
    let late = "
    given: { answers: [ { call: notify } ] }
    when: { input: [ {} ], events: [ { after: P2D, type: case.closed.v1 } ] }
    then: { output: { end: silent }, took: P1D }
";
    assert_eq!(failures(late), []);
}

#[test]
fn each_failure_points_at_the_line_that_expected_something_else() {
    let wrong =
        "    given: { answers: [ { call: notify, error: { type: validation, detail: no } } ] }
    when: { input: [ { to: x } ] }
    then:
      status: completed
      tasks: [send]
      calls:
        - { call: notify, with: { to: y } }
      output: { end: silent }
      error: { status: 500 }
      took: PT1S
      holds: [ '.status == \"completed\"' ]
";
    let found = failures(wrong);
    let lines: Vec<u32> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [7, 8, 10, 11, 12, 13, 14]);
    assert_eq!(
        found[0].1,
        "expected a completed run, found a run stopped by an error: Validation Error (400): no"
    );
    assert_eq!(
        found[2].1,
        "arguments of notify: `.to`: expected \"y\", found \"x\""
    );
}

#[test]
fn a_call_without_an_answer_and_an_event_that_starts_nothing_are_told() {
    let unanswered = failures("    then: { status: faulted }\n");
    assert_eq!(unanswered.len(), 1);
    assert!(
        unanswered[0]
            .1
            .starts_with("no answer for `notify`, which the task `mail` calls")
    );
    let other =
        failures("    when: { event: { type: case.noted.v1 } }\n    then: { status: completed }\n");
    assert_eq!(
        other,
        [(4, "the workflow does not start on this event".to_owned())]
    );
}

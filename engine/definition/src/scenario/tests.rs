//! Tests of scenario files: a whole one, and what is found in a bad one.

use super::*;
use crate::kind::TextKind;
use serde_json::json;

const WHOLE: &str = "workflow: ../workflows/receipt.yaml
scenarios:
  - name: A receipt is sent
    given:
      now: 2026-11-24T09:00:00+01:00
      answers:
        - { call: notify, times: 1, error: { type: communication, status: 503 } }
        - { call: notify, with: { channel: email }, result: { queued: true } }
    when:
      event: { type: case.created.v1, data: { caseType: waste.x } }
      events:
        - { after: PT1H, type: case.closed.v1 }
    then:
      status: completed
      tasks: [send]
      calls: [ { call: notify, with: { to: a@b.dk } } ]
      output: { queued: true }
      took: PT1H
      holds: [ '.calls | length == 1' ]
";

#[test]
fn a_whole_file_is_read_with_its_places() {
    let parsed = parse_scenarios("a.yaml", WHOLE);
    assert_eq!(parsed.diagnostics, []);
    let file = parsed.model.unwrap();
    assert_eq!(file.workflow.value, "../workflows/receipt.yaml");
    let scenario = &file.scenarios[0];
    assert_eq!(scenario.name.at.line, 3);
    assert_eq!(scenario.given.answers[0].times, Some(1));
    assert!(scenario.given.answers[0].outcome.is_err());
    assert_eq!(
        scenario.when.events[0].event,
        json!({"type": "case.closed.v1"})
    );
    let output = scenario.then.output.as_ref().unwrap();
    assert_eq!(
        (output.at.line, &output.value),
        (17, &json!({"queued": true}))
    );
    assert_eq!(TextKind::of(WHOLE), Some(TextKind::Scenarios));
}

#[test]
fn everything_wrong_is_told_at_once_with_its_place() {
    let text = "workflow: a.yaml
scenarios:
  - name: one
    given: { nov: x, answers: [ { call: notify, result: 1, error: {} } ] }
    when: { input: 1, event: { type: x } }
    then: { status: done, took: soon, holds: [ '.a ==' ] }
  - name: one
    then: {}
";
    let found = parse_scenarios("a.yaml", text).diagnostics;
    let codes: Vec<(&str, u32)> = found.iter().map(|found| (found.code, found.line)).collect();
    assert_eq!(
        codes,
        [
            ("unknown-key", 4),
            ("wrong-value", 4),
            ("wrong-value", 5),
            ("wrong-value", 6),
            ("duration", 6),
            ("expression-syntax", 6),
            ("missing-key", 8),
        ]
    );
    assert!(found.iter().all(|found| found.file == "a.yaml"));
}

#[test]
fn what_the_workflow_does_not_have_is_named() {
    let text = "document: { dsl: '1.0.3', namespace: t, name: x, version: '1.0.0' }
do:
  - send: { call: notify }
";
    let workflow = Workflow::publishable("w.yaml", text).model.unwrap();
    let file = parse_scenarios("a.yaml", WHOLE).model.unwrap();
    assert_eq!(file.strangers("a.yaml", &workflow, &[]), []);
    let other = WHOLE
        .replace("tasks: [send]", "tasks: [sent]")
        .replace("call: notify, with: { to", "call: notified, with: { to");
    let file = parse_scenarios("a.yaml", &other).model.unwrap();
    let found = file.strangers("a.yaml", &workflow, &[]);
    let lines: Vec<u32> = found.iter().map(|found| found.line).collect();
    assert_eq!(lines, [16, 15]);
    assert!(
        found
            .iter()
            .all(|found| found.code == "scenario-reference" && found.is_error())
    );
}

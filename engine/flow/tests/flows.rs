//! Each feature of the profile that runs today, one small definition at a time.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::{Data, Workflow};
use sagsgang_domain::{InstanceId, Timestamp};
use sagsgang_flow::dry::{self, DryRun};
use sagsgang_flow::{Effect, Input, Outcome, Status, StepContext, WaitKind, WorkflowError, step};
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

/// Calls of `echo` give their arguments back, calls of `fail` fail with a communication error.
fn run(rest: &str, input: Value, events: &[Value]) -> DryRun {
    dry::run(
        &workflow(rest),
        input,
        events.to_vec(),
        &context(),
        |call| match call.function.name.as_str() {
            "fail" => Err(WorkflowError::standard("communication", "no line")),
            _ => Ok(call.with.clone()),
        },
    )
}

#[track_caller]
fn check(rest: &str, input: Value, output: Value) {
    let run = run(rest, input, &[]);
    assert_eq!(run.error, None);
    assert_eq!((run.status, run.output), (Status::Completed, Some(output)));
}

#[test]
fn data_that_grows_with_every_round_ends_as_an_error_and_not_as_a_state_that_cannot_be_read() {
    let deeper = "do:
  - grow: { set: { a: '${ . }' } }
  - again: { switch: [ { on: { then: grow } } ] }";
    let wider = "do:
  - grow: { set: { a: '${ . }', b: '${ . }' } }
  - again: { switch: [ { on: { then: grow } } ] }";
    let branches = "do:
  - grow: { fork: { branches: [ { a: { set: '.' } }, { b: { set: '.' } } ] } }
  - again: { switch: [ { on: { then: grow } } ] }";
    for text in [deeper, wider, branches] {
        let context = StepContext {
            holds: true,
            ..context()
        };
        let start = Input::Start {
            input: json!({"n": 1}),
        };
        let step = step(&workflow(text), None, &start, &context);
        let error = step.state.error().unwrap();
        assert!(
            error.to_string().contains("nested deeper or larger"),
            "{error}"
        );
        let kept = serde_json::to_string(&step.state).unwrap();
        assert!(serde_json::from_str::<sagsgang_flow::State>(&kept).is_ok());
    }
}

#[test]
fn a_result_or_an_input_that_nests_too_deep_is_an_error_that_can_be_caught() {
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let text = "do:
  - careful: { try: [ { ask: { call: deep } } ], catch: { as: e, do: [ { say: { set: '$e.detail' } } ] } }";
    let answer = dry::run(&workflow(text), json!({}), Vec::new(), &context(), |_| {
        Ok(deep.clone())
    });
    assert_eq!(
        answer.output,
        Some(json!("the result is nested deeper or larger than allowed"))
    );
    let run = run("do: [ { a: { set: '1' } } ]", deep, &[]);
    assert_eq!(run.error.map(|error| error.status), Some(400));
}

#[test]
fn data_flows_from_task_to_task() {
    check(
        "input: { from: .order }
do:
  - first: { set: { no: '${ .no + 1 }', text: '.no' }, export: { as: '{ seen: .no }' } }
  - second: { input: { from: '{ n: .no }' }, call: echo, with: { n: '${ $input.n }', seen: '${ $context.seen }' }, output: { as: '.n + .seen' } }
output: { as: '{ total: . }' }",
        json!({"order": {"no": 20}}),
        json!({"total": 42}),
    );
}

#[test]
fn a_task_that_does_not_run_hands_its_input_on_and_decides_nothing() {
    check(
        "do:\n  - no: { if: .a > 1, set: { b: 1 }, then: end }\n  - yes: { set: '. + {c: 2}' }",
        json!({"a": 1}),
        json!({"a": 1, "c": 2}),
    );
}

#[test]
fn switch_goto_exit_and_end() {
    let text = "do:
  - count: { set: { n: '${ .n + 1 }' } }
  - again: { switch: [ { more: { when: .n < 3, then: count } }, { enough: { then: inner } } ] }
  - skipped: { set: { n: -1 } }
  - inner: { do: [ { a: { set: '. + {a: 1}', then: exit } }, { b: { set: '. + {b: 1}' } } ] }
  - last: { set: '. + {last: true}', then: end }
  - never: { set: { n: -2 } }";
    let run = run(text, json!({"n": 0}), &[]);
    assert_eq!(run.output, Some(json!({"n": 3, "a": 1, "last": true})));
    assert_eq!(
        run.tasks,
        [
            "count", "again", "count", "again", "count", "again", "inner", "a", "last"
        ]
    );
}

#[test]
fn for_runs_over_items_with_while() {
    check(
        "do:\n  - sum: { for: { each: x, at: i, in: .items }, while: '$i < 3', do: [ { add: { set: { items: '${ .items }', total: '${ .total + $x * $i }' } } } ], output: { as: .total } }",
        json!({"items": [5, 6, 7, 8]}),
        json!(20),
    );
    check(
        "do:\n  - none: { for: { in: '[]' }, do: [ { a: { set: { b: 1 } } } ] }",
        json!({"a": 1}),
        json!({"a": 1}),
    );
}

#[test]
fn fork_gives_outputs_in_declared_order_and_compete_the_winner_only() {
    check(
        "do:\n  - both: { fork: { branches: [ { slow: { wait: PT5S, output: { as: '1' } } }, { fast: { set: '2' } } ] } }",
        json!(null),
        json!([1, 2]),
    );
    let text = "do:\n  - race: { fork: { compete: true, branches: [ { slow: { wait: P14D, output: { as: '1' } } }, { fast: { wait: PT1S, output: { as: '2' } } } ] } }";
    let run = run(text, json!(null), &[]);
    assert_eq!(run.output, Some(json!(2)));
    assert_eq!(run.ended_at.to_string(), "2026-11-24T12:00:01Z");
}

#[test]
fn competing_losers_are_taken_back_in_the_same_step() {
    let definition = workflow(
        "do:\n  - race: { fork: { compete: true, branches: [ { slow: { wait: P14D } }, { call: { call: echo } }, { event: { listen: { to: { one: { with: { type: x } } } } } } ] } }",
    );
    let begun = step(
        &definition,
        None,
        &Input::Start { input: json!(null) },
        &context(),
    );
    let key = begun.effects.iter().find_map(|effect| match effect {
        Effect::Call { key, .. } => Some(key.clone()),
        _ => None,
    });
    let input = Input::CallDone {
        key: key.unwrap(),
        result: Ok(json!(7)),
    };
    let ended = step(&definition, Some(begun.state), &input, &context());
    let kinds: Vec<&str> = ended
        .effects
        .iter()
        .map(|effect| match effect {
            Effect::CancelTimer { .. } => "timer",
            Effect::Unsubscribe { .. } => "subscription",
            Effect::Ended(Outcome::Completed(_)) => "ended",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["timer", "subscription", "ended"]);
}

#[test]
fn errors_are_raised_caught_and_passed_on() {
    let raise = "do:\n  - bad: { raise: { error: { type: urn:x, status: 409, title: '${ \"no \" + .what }' } } }";
    let failed = run(raise, json!({"what": "way"}), &[]);
    assert_eq!(failed.status, Status::Faulted);
    let error = failed.error.unwrap();
    assert_eq!(
        (
            error.status,
            error.title.as_deref(),
            error.instance.as_deref()
        ),
        (409, Some("no way"), Some("/do/0/bad"))
    );
    let caught = "do:
  - guarded:
      try: [ { bad: { call: fail } } ]
      catch: { errors: { with: { type: https://serverlessworkflow.io/dsl/errors/types/communication } }, as: problem, do: [ { note: { set: { status: '${ $problem.status }' } } } ], then: after }
  - skipped: { set: { status: 0 } }
  - after: { set: '. + {after: true}' }";
    check(caught, json!({}), json!({"status": 500, "after": true}));
    let other = caught.replace("communication", "timeout");
    assert_eq!(run(&other, json!({}), &[]).status, Status::Faulted);
}

#[test]
fn retries_wait_longer_each_time_under_the_same_key() {
    let definition = workflow(
        "do:
  - guarded:
      try: [ { flaky: { call: flaky } } ]
      catch: { retry: { delay: { seconds: 10 }, backoff: { exponential: {} }, limit: { attempt: { count: 3 } } } }",
    );
    let mut keys = Vec::new();
    let run = dry::run(&definition, json!(null), Vec::new(), &context(), |call| {
        keys.push(call.key.to_owned());
        if keys.len() < 4 {
            Err(WorkflowError::standard("communication", "busy"))
        } else {
            Ok(json!("done"))
        }
    });
    assert_eq!(run.output, Some(json!("done")));
    assert_eq!(run.ended_at.to_string(), "2026-11-24T12:01:10Z");
    keys.dedup();
    assert_eq!(keys.len(), 1);
}

#[test]
fn retries_end_in_the_catch_body_or_the_error() {
    let text = "do:
  - guarded:
      try: [ { bad: { call: fail } } ]
      catch: { retry: { limit: { attempt: { count: 2 } } }, do: [ { note: { set: { gave: up } } } ] }";
    let caught = run(text, json!({}), &[]);
    assert_eq!(caught.output, Some(json!({"gave": "up"})));
    assert_eq!(caught.tasks.iter().filter(|name| *name == "bad").count(), 3);
    let bare = text.replace(", do: [ { note: { set: { gave: up } } } ]", "");
    assert_eq!(run(&bare, json!({}), &[]).status, Status::Faulted);
}

#[test]
fn what_a_person_has_to_decide_is_neither_caught_nor_tried_again() {
    let definition = workflow(
        "do:
  - guarded:
      try: [ { once: { call: once } } ]
      catch: { retry: { limit: { attempt: { count: 3 } } }, do: [ { note: { set: { gave: up } } } ] }",
    );
    for (error, title) in [
        (
            WorkflowError::outcome_unknown("nobody knows"),
            "Outcome unknown",
        ),
        (
            WorkflowError::asked("which of the two?"),
            "Asked of a person",
        ),
    ] {
        let mut calls = 0;
        let run = dry::run(&definition, json!({}), Vec::new(), &context(), |_| {
            calls += 1;
            Err(error.clone())
        });
        assert_eq!((run.status, calls), (Status::Faulted, 1), "{title}");
        assert_eq!(run.error.unwrap().title.as_deref(), Some(title));
    }
}

#[test]
fn time_outs_take_the_call_back_and_raise_408() {
    let definition = workflow("do:\n  - slow: { call: slow, timeout: { after: PT30S } }");
    let begun = step(
        &definition,
        None,
        &Input::Start { input: json!(null) },
        &context(),
    );
    let Effect::Call { timeout_ms, .. } = &begun.effects[0] else {
        panic!("{:?}", begun.effects)
    };
    assert_eq!(*timeout_ms, Some(30_000));
    let Effect::StartTimer { key, .. } = &begun.effects[1] else {
        panic!("{:?}", begun.effects)
    };
    let ended = step(
        &definition,
        Some(begun.state),
        &Input::TimerFired { key: key.clone() },
        &context(),
    );
    assert!(matches!(ended.effects[0], Effect::CancelCall { .. }));
    assert_eq!(ended.state.error().unwrap().status, 408);
}

fn event(kind: &str, subject: &str, data: Value) -> Value {
    json!({"specversion": "1.0", "id": "1", "source": "/test", "type": kind, "subject": subject, "data": data})
}

#[test]
fn listen_consumes_what_it_names() {
    let events = [
        event("other", "A", json!(0)),
        event("hot", "B", json!({"t": 39})),
        event("hot", "A", json!({"t": 37})),
        event("hot", "A", json!({"t": 39})),
        event("bpm", "A", json!({"t": 200})),
        event("out", "A", json!({})),
    ];
    let listen = |to: &str| {
        let text = format!(
            "do:\n  - first: {{ set: {{ id: A }}, export: {{ as: . }} }}\n  - wait: {{ listen: {{ to: {to} }} }}"
        );
        run(&text, json!(null), &events)
    };
    let correlate = "correlate: { case: { from: .subject, expect: '${ $context.id }' } }";
    let hot = format!("{{ with: {{ type: hot, data: '${{ .t > 38 }}' }}, {correlate} }}");
    assert_eq!(
        listen(&format!("{{ one: {hot} }}")).output,
        Some(json!([{"t": 39}]))
    );
    let bpm = "{ with: { type: bpm } }";
    assert_eq!(
        listen(&format!("{{ all: [ {bpm}, {hot} ] }}")).output,
        Some(json!([{"t": 39}, {"t": 200}]))
    );
    assert_eq!(listen("{ any: [] }").output, Some(json!([0])));
    assert_eq!(
        listen("{ any: [], until: length > 1 }").output,
        Some(json!([0, {"t": 39}]))
    );
    let until =
        format!("{{ any: [ {hot}, {bpm} ], until: {{ one: {{ with: {{ type: out }} }} }} }}");
    assert_eq!(listen(&until).output, Some(json!([{"t": 39}, {"t": 200}])));
    let never = listen("{ one: { with: { type: never } } }");
    assert_eq!(never.status, Status::Waiting);
    assert!(matches!(&never.waits[0].kind, WaitKind::Events { types } if types == &["never"]));
}

#[test]
fn without_an_expected_value_the_first_one_wins() {
    let events = [
        event("a", "X", json!(1)),
        event("b", "Y", json!(2)),
        event("b", "X", json!(3)),
    ];
    let text = "do:\n  - pair: { listen: { to: { all: [ { with: { type: a }, correlate: { room: { from: .subject } } }, { with: { type: b }, correlate: { room: { from: .subject } } } ] } } }";
    assert_eq!(run(text, json!(null), &events).output, Some(json!([1, 3])));
}

#[test]
fn foreach_runs_for_each_event() {
    let events = [event("a", "X", json!(1)), event("a", "X", json!(2))];
    let text = "do:\n  - each: { listen: { to: { any: [ { with: { type: a } } ], until: length == 2 } }, foreach: { item: e, at: i, do: [ { send: { call: echo, with: { v: '${ $e * 10 + $i }' } } } ], output: { as: .v } } }";
    assert_eq!(
        run(text, json!(null), &events).output,
        Some(json!([10, 21]))
    );
}

#[test]
fn emit_sends_the_same_event_for_the_same_visit() {
    let text =
        "do:\n  - tell: { emit: { event: { with: { type: done, data: { n: '${ .n }' } } } } }";
    let first = run(text, json!({"n": 1}), &[]);
    assert_eq!(first.events, run(text, json!({"n": 1}), &[]).events);
    assert_eq!(first.output.as_ref(), first.events.first());
    assert_eq!(first.events[0]["data"], json!({"n": 1}));
    assert_eq!(first.events[0]["source"], "/workflows/test/flow");
}

#[test]
fn local_functions_run_with_their_arguments() {
    check(
        "use: { functions: { double: { set: { n: '${ .n * 2 }' } } } }\ndo:\n  - twice: { call: double, with: { n: '${ .a }' } }",
        json!({"a": 4}),
        json!({"n": 8}),
    );
}

#[test]
fn endless_loops_yield_and_can_be_cancelled() {
    let definition = workflow("do:\n  - a: { set: { n: '${ .n + 1 }' }, then: a }");
    let context = context();
    let first = step(
        &definition,
        None,
        &Input::Start {
            input: json!({"n": 0}),
        },
        &context,
    );
    assert_eq!(
        (first.state.status(), &first.effects[..]),
        (Status::Running, &[Effect::Yield][..])
    );
    assert_eq!(first.state.executed(), 1_000);
    let second = step(&definition, Some(first.state), &Input::Resume, &context);
    assert_eq!(second.state.executed(), 2_000);
    let last = step(
        &definition,
        Some(second.state),
        &Input::Cancel {
            reason: "enough".into(),
        },
        &context,
    );
    assert_eq!(
        (last.state.status(), last.effects),
        (Status::Cancelled, vec![Effect::Ended(Outcome::Cancelled)])
    );
}

#[test]
fn inputs_are_checked_by_their_schema() {
    let text = "input: { schema: { document: { type: object, required: [id] } } }\ndo:\n  - a: { set: { ok: true } }";
    check(text, json!({"id": 1}), json!({"ok": true}));
    let failed = run(text, json!({}), &[]);
    assert_eq!(failed.error.map(|error| error.status), Some(400));
}

#[test]
fn expressions_inside_data_are_never_evaluated() {
    check(
        "do:\n  - a: { set: { copy: '${ .evil }' } }",
        json!({"evil": "${ .secret }"}),
        json!({"copy": "${ .secret }"}),
    );
}

#[test]
fn late_and_strange_inputs_change_nothing() {
    let definition = workflow("do:\n  - a: { call: echo }");
    let context = context();
    let begun = step(
        &definition,
        None,
        &Input::Start { input: json!(1) },
        &context,
    )
    .state;
    for input in [
        Input::Start { input: json!(2) },
        Input::CallDone {
            key: "no".into(),
            result: Ok(json!(1)),
        },
        Input::TimerFired { key: "no".into() },
        Input::Event {
            subscription: "no".into(),
            event: json!({}),
        },
        Input::Resume,
    ] {
        let stepped = step(&definition, Some(begun.clone()), &input, &context);
        assert_eq!(
            (stepped.state.hash(), stepped.effects.len()),
            (begun.hash(), 0),
            "{input:?}"
        );
    }
    assert!(
        matches!(&begun.waits()[0].kind, WaitKind::Call { function } if function.name == "echo")
    );
}

#[test]
fn workflows_start_on_their_events() {
    let definition = workflow(
        "schedule: { on: { one: { with: { type: case.created.v1, data: '${ .caseType == \"waste\" }' } } }, read: envelope }\ndo:\n  - a: { set: '${ $workflow.input[0].data.no }' }",
    );
    let good = event(
        "case.created.v1",
        "A",
        json!({"caseType": "waste", "no": 5}),
    );
    assert!(definition.starts_on(&Data::from_json(&good)));
    let other = event("case.created.v1", "A", json!({"caseType": "roads"}));
    assert!(!definition.starts_on(&Data::from_json(&other)));
    assert_eq!(definition.start_types(), Some(vec!["case.created.v1"]));
    let input = definition.start_input(&Data::from_json(&good));
    assert_eq!(input, json!([good]));
    let run = dry::run(&definition, input, Vec::new(), &context(), |call| {
        Ok(call.with.clone())
    });
    assert_eq!(run.output, Some(json!(5)));
}

#[test]
fn the_missed_collection_workflow_runs_to_its_end() {
    let text = include_str!("../../definition/tests/workflows/missed-collection.yaml");
    let definition = Workflow::publishable("missed-collection.yaml", text)
        .model
        .unwrap();
    let data = json!({"caseType": "waste.missed-collection", "caseId": "C1", "caseNo": "2026-1", "fields": {"fraction": "residual", "address": "A 1"}, "reporter": {"phone": "+4511111111"}});
    let created = event("case.created.v1", "C1", data);
    let created = Data::from_json(&created);
    assert!(definition.starts_on(&created));
    let events = vec![
        event("case.sla-rung.v1", "C1", json!({"rung": "warn"})),
        event("case.status-changed.v1", "C2", json!({"to": "closed"})),
        event("case.status-changed.v1", "C1", json!({"to": "closed"})),
    ];
    let mut sms = Vec::new();
    let run = dry::run(
        &definition,
        definition.start_input(&created),
        events,
        &context(),
        |call| match call.function.name.as_str() {
            "waste-priority" => Ok(json!({"priority": "high"})),
            "sms-send" => {
                sms.push(call.with["template"].clone());
                if sms.len() < 3 {
                    Err(WorkflowError::standard("communication", "busy"))
                } else {
                    Ok(json!({"sent": true}))
                }
            }
            "case-escalate" => Ok(call.with.clone()),
            _ => Ok(json!({})),
        },
    );
    assert_eq!((run.status, &run.error), (Status::Completed, &None));
    assert_eq!(
        sms,
        [
            "missed-receipt",
            "missed-receipt",
            "missed-receipt",
            "missed-closed"
        ]
    );
    assert!(
        run.tasks
            .iter()
            .filter(|name| *name == "awaitOutcome")
            .count()
            == 2
    );
    let later: Timestamp = "2026-11-24T12:01:00Z".parse().unwrap();
    assert!(run.ended_at >= later, "{}", run.ended_at);
}

/// Not a timed test: it prints what one start costs, for a person to look at in a release build.
#[test]
fn a_start_of_three_tasks_is_cheap() {
    let definition = workflow(
        "do:
  - first: { set: { n: '${ .n + 1 }', who: '${ .reporter.name }' }, export: { as: . } }
  - second: { if: .n > 1, set: '. + { seen: $context.n }' }
  - third: { call: echo, with: { n: '${ .n }', who: '${ $context.who }' } }",
    );
    let input = Input::Start {
        input: json!({"n": 1, "reporter": {"name": "Ida", "phone": "+4511111111"}}),
    };
    let context = context();
    let begun = std::time::Instant::now();
    let times = 2_000;
    for _ in 0..times {
        let stepped = step(&definition, None, &input, &context);
        assert_eq!(stepped.effects.len(), 1);
    }
    println!("{:?} per start", begun.elapsed() / times);
}

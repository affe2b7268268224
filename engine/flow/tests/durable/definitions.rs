//! Workflows by chance, made of every kind of task.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sagsgang_definition::Workflow;
use sagsgang_definition::workflow::TaskKind;
use std::collections::BTreeSet;

/// A task as YAML in flow style; its name is given by its place.
fn task() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("{ set: '. + { n: ((.n // 0) + 1) }' }".to_owned()),
        Just("{ set: { z: 1.5, a: '${ .n }', n: '${ .n }', big: 1e3 }, export: { as: '{ last: .n, seen: ($context | length) }' } }".to_owned()),
        Just("{ call: work, with: { n: '${ .n }', c: '${ $context }' } }".to_owned()),
        Just("{ call: work, timeout: { after: PT1M }, output: { as: '{ n: .n }' } }".to_owned()),
        Just("{ call: twice }".to_owned()),
        Just("{ wait: PT5S }".to_owned()),
        Just("{ run: { workflow: { namespace: test, name: other, version: '1.0.0', input: { n: '${ .n }' } } } }".to_owned()),
        Just("{ run: { workflow: { namespace: test, name: other, version: '1.0.0' }, await: false } }".to_owned()),
        Just("{ if: (.n // 0) > 2, call: work }".to_owned()),
        Just("{ raise: { error: { type: urn:x, status: 500 } } }".to_owned()),
        Just("{ emit: { event: { with: { type: t, time: '2026-11-24T12:00:00Z', data: '${ . }' } } } }".to_owned()),
        Just("{ switch: [ { many: { when: (.n // 0) > 2, then: exit } }, { few: { then: continue } } ] }".to_owned()),
        Just("{ switch: [ { all: { when: (.n // 0) > 3, then: end } } ] }".to_owned()),
        Just("{ listen: { to: { one: { with: { type: e, data: '${ . > 1 }' } } } }, output: { as: '{ n: .[0] }' } }".to_owned()),
        Just("{ listen: { to: { all: [ { with: { type: e, data: '${ . > 2 }' } }, { with: { type: e } } ] } }, output: { as: '{ n: length }' } }".to_owned()),
        Just("{ listen: { to: { any: [ { with: { type: e } } ], until: length > 1 } }, foreach: { item: x, do: [ { f: { call: work, with: { n: '${ $x }' } } } ] }, output: { as: '{ n: length }' } }".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..3).prop_map(|tasks| list(&tasks));
        prop_oneof![
            list.clone().prop_map(|list| format!("{{ do: {list} }}")),
            list.clone().prop_map(|list| format!("{{ for: {{ each: i, in: '[1, 2]' }}, do: {list} }}")),
            list.clone().prop_map(|list| format!("{{ fork: {{ branches: {list} }}, output: {{ as: '{{ n: length }}' }} }}")),
            list.clone().prop_map(|list| format!("{{ fork: {{ compete: true, branches: {list} }} }}")),
            list.prop_map(|list| format!("{{ try: {list}, catch: {{ retry: {{ delay: {{ seconds: 1 }}, limit: {{ attempt: {{ count: 2 }} }} }}, do: [ {{ caught: {{ set: {{ n: 0 }} }} }} ] }} }}")),
            inner.prop_map(|first| format!("{{ do: [ {{ first: {first} }}, {{ count: {{ set: '. + {{ n: ((.n // 0) + 1) }}' }} }}, {{ again: {{ switch: [ {{ more: {{ when: .n < 3, then: first }} }}, {{ on: {{ then: exit }} }} ] }} }} ] }}")),
        ]
    })
}

fn list(tasks: &[String]) -> String {
    let items: Vec<String> = tasks
        .iter()
        .enumerate()
        .map(|(place, task)| format!("{{ t{place}: {task} }}"))
        .collect();
    format!("[ {} ]", items.join(", "))
}

/// The text of a workflow.
pub fn definition() -> impl Strategy<Value = String> {
    prop::collection::vec(task(), 1..4).prop_map(|tasks| {
        format!(
            "document: {{ dsl: '1.0.3', namespace: t, name: p, version: '1.0.0' }}\n\
             use: {{ functions: {{ twice: {{ do: [ {{ a: {{ call: work }} }}, {{ b: {{ call: work }} }} ] }} }} }}\n\
             do: {}",
            list(&tasks)
        )
    })
}

/// The workflow of a text.
pub fn read(text: &str) -> Result<Workflow, TestCaseError> {
    let parsed = Workflow::publishable("p.yaml", text);
    parsed
        .model
        .ok_or_else(|| TestCaseError::fail(format!("{text}\n{:?}", parsed.diagnostics)))
}

#[test]
fn every_kind_of_task_is_among_them() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..100 {
        let text = definition().new_tree(&mut runner).unwrap().current();
        let workflow = read(&text).unwrap();
        seen.extend(workflow.tasks.iter().map(|task| kind(&task.kind)));
    }
    let all = [
        "call", "do", "emit", "for", "fork", "listen", "raise", "run", "set", "switch", "try",
        "wait",
    ];
    assert_eq!(seen, BTreeSet::from(all));
}

fn kind(kind: &TaskKind) -> &'static str {
    match kind {
        TaskKind::Call(_) => "call",
        TaskKind::Do(_) => "do",
        TaskKind::Emit(_) => "emit",
        TaskKind::For(_) => "for",
        TaskKind::Fork { .. } => "fork",
        TaskKind::Listen(_) => "listen",
        TaskKind::Raise(_) => "raise",
        TaskKind::Run(_) => "run",
        TaskKind::Set(_) => "set",
        TaskKind::Switch(_) => "switch",
        TaskKind::Try(_) => "try",
        TaskKind::Wait(_) => "wait",
        TaskKind::Refused => "refused",
    }
}

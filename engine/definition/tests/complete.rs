//! What is offered at each kind of place while a definition is being written. `|` is where somebody writes.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::TextKind;
use sagsgang_definition::complete::{
    Completion, ItemKind, Known, KnownFunction, KnownInput, complete,
};
use std::collections::BTreeMap;

fn known() -> Known {
    let input = |name: &str, required, values: &[&str]| KnownInput {
        name: name.to_owned(),
        required,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        ..KnownInput::default()
    };
    let function = |name: &str, inputs| KnownFunction {
        name: name.to_owned(),
        detail: "does something".to_owned(),
        inputs,
        configurations: Vec::new(),
    };
    Known {
        functions: vec![
            function("case-note", vec![input("text", true, &[])]),
            KnownFunction {
                configurations: vec!["default".to_owned(), "north".to_owned()],
                ..function(
                    "container-label:1.0.0@default",
                    vec![
                        input("language", false, &["da", "en"]),
                        input("container", true, &[]),
                    ],
                )
            },
        ],
        events: vec!["case.created.v1".to_owned(), "case.noted.v1".to_owned()],
        fields: BTreeMap::from([
            (
                "waste.missed".to_owned(),
                vec![("fraction".to_owned(), "string".to_owned())],
            ),
            (
                "waste.extra".to_owned(),
                vec![("bags".to_owned(), "integer".to_owned())],
            ),
        ]),
        workflows: vec![("waste".to_owned(), "remind".to_owned())],
        actions: vec!["print-case".to_owned()],
        calendars: vec!["municipality".to_owned()],
    }
}

fn at(kind: TextKind, text: &str) -> Completion {
    let place = text.find('|').unwrap();
    let offset = text[..place].encode_utf16().count();
    complete(kind, &text.replacen('|', "", 1), offset, &known())
}

fn labels(found: &Completion) -> Vec<&str> {
    found.items.iter().map(|item| item.label.as_str()).collect()
}

/// What is offered in a workflow with these tasks.
fn offered(tasks: &str) -> Vec<String> {
    let text = format!(
        "document: {{ dsl: 1.0.3, namespace: waste, name: x, version: 1.0.0, metadata: {{ caseType: waste.missed }} }}\n\
         use:\n  retries: {{ patient: {{ delay: PT1M }} }}\n  functions: {{ own: {{ set: . }} }}\ndo:\n{tasks}"
    );
    let found = at(TextKind::Workflow, &text);
    labels(&found).into_iter().map(str::to_owned).collect()
}

#[track_caller]
fn check(tasks: &str, all: &[&str]) {
    assert_eq!(offered(tasks), all, "{tasks}");
}

#[track_caller]
fn among(tasks: &str, some: &[&str], none: &[&str]) {
    let offered = offered(tasks);
    for label in some {
        assert!(
            offered.iter().any(|one| one == label),
            "{label} in {offered:?}"
        );
    }
    for label in none {
        assert!(
            !offered.iter().any(|one| one == label),
            "{label} in {offered:?}"
        );
    }
}

#[test]
fn the_keys_of_a_task_are_those_of_its_kind() {
    among(
        "  - first:\n      |",
        &["call", "listen", "if", "then"],
        &["with", "branches"],
    );
    among("  - first:\n      ca|", &["call"], &["listen"]);
    among(
        "  - first:\n      call: case-note\n      |\n  - second: { set: . }",
        &["with", "then", "output"],
        &["call", "listen"],
    );
    among(
        "  - first: { call: case-note, | }",
        &["with", "if"],
        &["call"],
    );
    check("  - first: { fork: { | } }", &["branches", "compete"]);
    among(
        "  - first:\n      try: []\n      catch:\n        |",
        &["errors", "retry", "do"],
        &["call"],
    );
    check("  - first:\n      listen:\n        |", &["to", "read"]);
    among(
        "  - first: { wait: { | } }",
        &["days", "minutes"],
        &["call"],
    );
}

#[test]
fn functions_are_those_of_the_file_of_the_engine_and_of_plugins() {
    among(
        "  - first:\n      call: |\n",
        &["own", "http", "case-note", "container-label:1.0.0@default"],
        &[],
    );
    check(
        "  - first: { call: cont| }",
        &["container-label:1.0.0@default"],
    );
    check(
        "  - first: { call: cont|",
        &["container-label:1.0.0@default"],
    );
    check(
        "  - first:\n      call: container-label:1.|",
        &["container-label:1.0.0@default"],
    );
}

#[test]
fn arguments_are_those_of_the_function_the_required_ones_first() {
    let label = "  - first:\n      call: container-label:1.0.0@default\n      with:\n        ";
    check(&format!("{label}|"), &["container", "language"]);
    check(&format!("{label}container: x\n        |"), &["language"]);
    check(&format!("{label}language: |"), &["da", "en"]);
    among(
        "  - first:\n      call: http\n      with: { | }",
        &["method", "endpoint", "headers"],
        &["container"],
    );
}

#[test]
fn the_settings_of_a_call_are_those_that_its_plugin_has() {
    let label = "  - first:\n      call: container-label:1.0.0@default\n      metadata:\n        ";
    check(&format!("{label}|"), &["configuration"]);
    check(&format!("{label}conf|: north"), &["configuration"]);
    check(&format!("{label}configuration: |"), &["default", "north"]);
    check(&format!("{label}configuration: no|"), &["north"]);
    check(&format!("{label}configuration: north\n        |"), &[]);
    let step =
        |call: &str| format!("  - first: {{ call: {call}, metadata: {{ configuration: | }} }}");
    check(&step("container-label"), &["default", "north"]);
    check(&step("case-note"), &[]);
    check(&step("nowhere"), &[]);
}

#[test]
fn what_comes_next_is_a_word_or_a_task_of_the_same_list() {
    check(
        "  - first: { set: ., then: | }\n  - second: { do: [ { inner: { set: . } } ] }",
        &["continue", "exit", "end", "first", "second"],
    );
    check(
        "  - first:\n      switch:\n        - big: { when: true, then: se| }\n  - second: { set: . }",
        &["second"],
    );
}

#[test]
fn words_events_and_names_are_offered_where_they_are_read() {
    check(
        "  - first: { listen: { to: { one: { with: { type: case.cr| } } } } }",
        &["case.created.v1"],
    );
    check(
        "  - first: { emit: { event: { with: { type: | } } } }",
        &["case.created.v1", "case.noted.v1"],
    );
    check(
        "  - first: { fork: { compete: |, branches: [] } }",
        &["true", "false"],
    );
    check(
        "  - first: { listen: { to: { any: [] }, read: | } }",
        &["data", "envelope", "raw"],
    );
    check("  - first: { try: [], catch: { retry: | } }", &["patient"]);
    check(
        "  - first: { run: { workflow: { namespace: waste, name: | } } }",
        &["remind"],
    );
}

#[test]
fn expressions_know_variables_functions_and_the_fields_of_the_case() {
    check("  - first: { set: { a: '${ $con| }' } }", &["$context"]);
    check("  - first: { set: { a: '${ .fields.| }' } }", &["fraction"]);
    check("  - first: { set: { a: '${ .data.fields.fr|", &["fraction"]);
    among(
        "  - first: { if: .| }",
        &["caseNo", "fields"],
        &["fraction"],
    );
    check(
        "  - first: { set: { a: '${ .phone | mask_p| }' } }"
            .replacen(" | ", " , ", 1)
            .as_str(),
        &["mask_phone"],
    );
    among(
        "  - first: { for: { each: bin, in: '.bins' }, do: [ { a: { if: $| , set: . } } ] }",
        &["$bin", "$index"],
        &[],
    );
}

#[test]
fn a_text_that_is_broken_further_down_is_no_hindrance() {
    check(
        "  - first:\n      call: cont|\n  - second: { set: [ }\n",
        &["container-label:1.0.0@default"],
    );
    assert!(offered("  - |").is_empty());
}

#[test]
fn what_is_replaced_is_counted_as_editors_count() {
    let text = "# 🗑 tømning\ndocument: { dsl: 1.0.3, namespace: w, name: x, version: 1.0.0 }\ndo:\n  - first:\n      ca|";
    let found = at(TextKind::Workflow, text);
    let before = &text[..text.find("ca|").unwrap()];
    assert_eq!(found.from, before.encode_utf16().count());
    let call = found
        .items
        .iter()
        .find(|item| item.label == "call")
        .unwrap();
    assert_eq!(
        (call.kind, call.insert.as_str()),
        (ItemKind::Keyword, "call: ")
    );
    let key_there = at(TextKind::Workflow, &text.replace("ca|", "ca|: case-note"));
    assert!(key_there.items.iter().all(|item| item.insert == item.label));
}

#[test]
fn case_types_know_their_own_words() {
    let case_type = |rest: &str| {
        let text = format!(
            "caseType: waste.x\nversion: 1\nfields: {{ type: object, properties: {{ street: {{ type: string }} }} }}\n\
             priorities: {{ scale: [low, high], default: low }}\nstatuses: {{ created: {{ initial: true }}, done: {{ final: true }} }}\n{rest}"
        );
        let found = at(TextKind::CaseType, &text);
        labels(&found)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        case_type("transitions:\n  - { name: end, from: created, to: | }"),
        ["created", "done"]
    );
    assert_eq!(
        case_type("transitions:\n  - { name: end, from: '*', to: done, roles: [case|] }"),
        ["caseworker"]
    );
    assert_eq!(
        case_type("transitions:\n  - { name: end, from: '*', to: done, requires: [|] }"),
        ["street"]
    );
    assert_eq!(
        case_type("transitions:\n  - { name: end, from: '*', to: done, guard: .fields.st| }"),
        ["street"]
    );
    assert_eq!(case_type("calendar: |"), ["municipality"]);
    assert_eq!(case_type("actions:\n  - |"), ["print-case"]);
    assert!(case_type("|").contains(&"retention".to_owned()));
    assert!(!case_type("|").contains(&"statuses".to_owned()));
}

#[test]
fn every_place_of_a_whole_file_is_answered_without_harm() {
    let text = include_str!("../../../workflows/waste/workflows/missed-collection.yaml");
    let known = known();
    let mut answered = 0;
    for offset in (0..text.encode_utf16().count() + 2).step_by(7) {
        let found = complete(TextKind::Workflow, text, offset, &known);
        assert!(found.from <= offset.max(text.len()));
        answered += usize::from(!found.items.is_empty());
    }
    assert!(answered > 50, "{answered}");
}

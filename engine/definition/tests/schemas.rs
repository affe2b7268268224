//! The schemas for editors say the same as the readers: they refuse no text that is read, and accept no unknown key.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use jsonschema::Validator;
use sagsgang_definition::schema::SCHEMAS;
use sagsgang_definition::{
    Diagnostic, Workflow, parse_calendar, parse_case_type, parse_macro, parse_message_template,
    parse_scenarios,
};
use serde_json::{Value, json};
use std::path::Path;

fn validator(kind: &str) -> Validator {
    let schema = SCHEMAS.iter().find(|schema| schema.kind == kind).unwrap();
    let document: Value = serde_json::from_str(schema.text).unwrap();
    jsonschema::validator_for(&document).unwrap()
}

/// Texts of files below a folder of the repository; YAML as JSON, as the crate itself reads it.
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<(String, String)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

fn as_json(text: &str) -> Value {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        // One of the invalid files has a key twice; the schema has another complaint about it.
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
    };
    serde_saphyr::from_str_with_options(text, options).unwrap()
}

fn complaints(validator: &Validator, value: &Value) -> Vec<String> {
    let errors = validator.iter_errors(value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn the_schemas_accept_the_bundled_pack() {
    for (kind, folder) in [
        ("calendar", "calendars"),
        ("case-type", "case-types"),
        ("workflow", "workflows"),
        ("template", "templates"),
        ("macro", "macros"),
        ("scenarios", "scenarios"),
    ] {
        let validator = validator(kind);
        for (name, text) in files(&format!("../../workflows/waste/{folder}")) {
            assert_eq!(complaints(&validator, &as_json(&text)), [""; 0], "{name}");
        }
    }
}

#[test]
fn the_schema_of_workflows_accepts_what_the_profile_does_not_refuse() {
    let validator = validator("workflow");
    let refused = ["refused-call", "refused-run", "refused-extensions"];
    for (name, text) in files("tests/open-workflow/examples") {
        let findings = Workflow::publishable(&name, &text).diagnostics;
        let is_refused = findings.iter().any(|found| refused.contains(&found.code));
        let complaints = complaints(&validator, &as_json(&text));
        assert_eq!(complaints.is_empty(), !is_refused, "{name}: {complaints:?}");
    }
    for (name, text) in files("tests/open-workflow/invalid") {
        assert!(!validator.is_valid(&as_json(&text)), "{name}");
    }
}

/// A change of a document: what it did, and the document.
type Change = (String, Value);

/// The document with an unknown key in each mapping, and without each of its keys.
fn changes(document: &Value) -> Vec<Change> {
    let mut places = Vec::new();
    collect(document, String::new(), &mut places);
    let mut changes = Vec::new();
    for place in places {
        let mut more = document.clone();
        more.pointer_mut(&place).unwrap()["zzz"] = json!({});
        changes.push((format!("{place}: with zzz"), more));
        let keys = document
            .pointer(&place)
            .unwrap()
            .as_object()
            .unwrap()
            .keys();
        for key in keys {
            let mut less = document.clone();
            let mapping = less.pointer_mut(&place).unwrap().as_object_mut().unwrap();
            mapping.remove(key);
            changes.push((format!("{place}: without {key}"), less));
        }
    }
    changes
}

fn collect(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                collect(value, format!("{place}/{key}"), places);
            }
            places.push(place);
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(value, format!("{place}/{index}"), places);
            }
        }
        _ => {}
    }
}

/// Holds schema and reader against each other for every change of a whole text.
fn compare(kind: &str, text: &str, read: impl Fn(&str) -> Vec<Diagnostic>, free: &[&str]) {
    let validator = validator(kind);
    let whole = as_json(text);
    assert_eq!(complaints(&validator, &whole), [""; 0], "{kind}");
    assert_eq!(read(&whole.to_string()), [], "{kind}");
    for (change, document) in changes(&whole) {
        if free.iter().any(|place| change.starts_with(place)) {
            continue;
        }
        let findings = read(&document.to_string());
        let complaints = complaints(&validator, &document);
        let fails = findings.iter().any(Diagnostic::is_error);
        assert!(
            complaints.is_empty() || fails,
            "{kind}: only the schema refuses {change}: {complaints:?}"
        );
        let mut codes = findings.iter().map(|found| found.code);
        if codes.any(|code| ["unknown-key", "missing-key"].contains(&code)) {
            assert!(
                !complaints.is_empty(),
                "{kind}: the schema does not refuse {change}: {findings:?}"
            );
        }
    }
}

#[test]
fn schema_and_reader_agree_on_the_keys_of_case_types() {
    let text = "
caseType: waste.missed-collection
version: 3
title: { da: Manglende tømning }
kle: { subject: 07.18.05, facet: G01 }
numbering: '{yyyy}-{seq:06}'
fields: { type: object, properties: { phone: { type: string, x-pii: true }, collectedAt: { type: string } } }
priorities: { scale: [low, high], default: low }
statuses: { created: { initial: true, title: { da: Ny } }, waiting: { suspends: [resolve] }, closed: { final: true } }
transitions:
  - { name: collected, from: [created], to: closed, roles: [caseworker], requires: [collectedAt], guard: '.fields != null', title: { da: Tømt } }
sla: { resolve: { start: created, stop: [closed], budget: { workhours: 16 }, byPriority: { high: { workhours: 4 } }, rungs: [ { name: warn, at: 75% }, { name: late, at: { after: { workdays: 2 } } } ] } }
calendar: municipality
retention: { closedFor: P5Y, then: anonymise }
actions: [print-case]
";
    // The schema of the fields is a schema of its own.
    let free = ["/fields"];
    compare(
        "case-type",
        text,
        |text| parse_case_type("x", text).diagnostics,
        &free,
    );
}

#[test]
fn schema_and_reader_agree_on_the_keys_of_calendars() {
    let text = "
calendar: municipality
version: 1
title: { da: Åbningstider }
zone: Europe/Copenhagen
hours: { monday: ['08:00-12:00', '12:30-15:00'], tuesday: ['08:00-15:30'] }
holidays: [ { date: 12-25, since: 2000, until: 2050, title: { da: Juledag } }, { easter: -2 } ]
closures: [ { from: '2026-12-28', to: '2026-12-30', title: { da: Lukket } } ]
";
    compare(
        "calendar",
        text,
        |text| parse_calendar("x", text).diagnostics,
        &[],
    );
}

#[test]
fn schema_and_reader_agree_on_the_keys_of_templates_and_scenarios() {
    let template = "template: receipt\nversion: 1\ntitle: { da: Kvittering }\nsubject: { da: Sag }\nbody: { da: Hej }\n";
    compare(
        "template",
        template,
        |text| parse_message_template("x", text).diagnostics,
        &[],
    );
    let scenarios = "
workflow: a.yaml
scenarios:
  - name: one
    given:
      now: '2026-11-24T09:00:00+01:00'
      answers: [ { call: a, with: { b: 1 }, times: 2, result: { c: 1 } }, { call: a, error: { type: x, status: 500, title: t, detail: d } } ]
    when: { event: { type: x, data: { y: 1 } }, events: [ { after: PT1H, type: z } ] }
    then: { status: faulted, tasks: [a], calls: [ { call: a, with: {} } ], output: {}, error: { status: 500 }, events: [ {} ], took: P1DT2H, holds: [ '.a' ] }
  - { name: two, when: { input: {} }, then: { status: completed } }
";
    compare(
        "scenarios",
        scenarios,
        |text| parse_scenarios("x", text).diagnostics,
        &[],
    );
}

#[test]
fn schema_and_reader_agree_on_the_keys_of_macros() {
    let text = "
macro: order-extra
version: 1
title: { da: Bestil }
key: X
caseTypes: [waste.missed-collection]
commands: [ { type: note, text: 'Hej {{ case.number }}' }, { type: set-fields, fields: { a: 1 } } ]
";
    // The fields of a case are the case type's own.
    let free = ["/commands/1/fields"];
    compare(
        "macro",
        text,
        |text| parse_macro("x", text).diagnostics,
        &free,
    );
}

//! Tests of case types: a whole one, and one finding at a time.

use super::*;
use sagsgang_domain::Budget;
use sagsgang_domain::sla::RungAt;
use serde_json::json;

const WHOLE: &str = r"
caseType: waste.missed-collection
version: 3
title: { da: Manglende tømning, en: Missed collection }
kle: { subject: 07.18.05, facet: G01 }
numbering: '{yyyy}-{seq:06}'
fields: { type: object, required: [fraction], properties: { fraction: { enum: [residual, paper] }, phone: { type: string, x-pii: true }, repeats: { type: integer, x-index: true }, collectedAt: {} } }
priorities: { scale: [low, normal, high, critical], default: normal }
statuses: { created: { initial: true }, open: {}, waiting_customer: { suspends: [resolve] }, closed: { final: true } }
transitions:
  - { name: collected, from: [open, waiting_customer], to: closed, roles: [caseworker, workflow], requires: [collectedAt], title: { da: Markér som tømt } }
  - { name: reject, from: '*', to: closed, roles: [caseworker], guard: '.fields.reason != null' }
sla:
  resolve: { start: created, stop: [closed], budget: { workhours: 16 }, byPriority: { critical: { workhours: 4 } },
             rungs: [ { at: 75%, name: warn }, { at: { after: { workdays: 2 } }, name: manager } ] }
calendar: municipality
retention: { closedFor: P5Y, then: anonymise }
actions: [ print-case, container-label ]
";

fn codes(text: &str) -> Vec<(&'static str, u32)> {
    let parsed = parse_case_type("type.yaml", text);
    parsed
        .diagnostics
        .iter()
        .map(|finding| (finding.code, finding.line))
        .collect()
}

#[test]
fn a_whole_case_type_is_read_with_its_rules() {
    let parsed = parse_case_type("type.yaml", WHOLE);
    assert_eq!(parsed.diagnostics, []);
    let case_type = parsed.model.unwrap();
    assert_eq!(
        (case_type.name.as_str(), case_type.version),
        ("waste.missed-collection", 3)
    );
    assert_eq!(case_type.statuses.len(), 4);
    assert_eq!(case_type.initial_status().unwrap().name, "created");
    assert!(case_type.is_final("closed"));
    assert_eq!(case_type.transitions[1].from, TransitionFrom::Any);
    assert_eq!(case_type.calendar_name.as_deref(), Some("municipality"));
    let [clock] = &case_type.clocks[..] else {
        panic!("{:?}", case_type.clocks)
    };
    assert_eq!(
        (clock.name.as_str(), clock.budget),
        ("resolve", Budget::Workhours(16))
    );
    assert_eq!(clock.by_priority["critical"], Budget::Workhours(4));
    assert_eq!(clock.rungs[0].at, RungAt::Percent(75));
    assert_eq!(clock.rungs[1].at, RungAt::After(Budget::Workdays(2)));
    let rules = case_type.rules.unwrap();
    let fields = json!({"fraction": "glass", "repeats": "x"});
    let mut pointers: Vec<String> = rules
        .field_problems(fields.as_object().unwrap())
        .into_iter()
        .map(|problem| problem.pointer)
        .collect();
    pointers.sort();
    assert_eq!(pointers, ["/fraction", "/repeats"]);
    assert!(!rules.guard_holds("reject", &json!({"fields": {}})));
    assert!(rules.guard_holds("reject", &json!({"fields": {"reason": "x"}})));
    assert!(rules.guard_holds("collected", &json!({})));
}

#[test]
fn a_misfit_tells_where_and_why_and_no_word_of_the_value() {
    let text = "
caseType: test.private
version: 1
fields:
  type: object
  minProperties: 9
  required: [missing]
  anyOf: [ { required: [other] } ]
  patternProperties: { '^tel-': { type: integer } }
  properties:
    person: { type: object, properties: { cpr: { type: integer, x-pii: true } } }
    note: { maxLength: 3 }
statuses: { created: { initial: true }, closed: { final: true } }
transitions: [ { name: close, from: '*', to: closed } ]
";
    let rules = parse_case_type("type.yaml", text).model.unwrap().rules;
    let fields = json!({ "person": { "cpr": "secret" }, "note": "secret", "tel-1": "secret" });
    let misfits = rules.unwrap().misfits(fields.as_object().unwrap());
    let said = format!("{misfits:?}");
    let mut told: Vec<_> = misfits
        .iter()
        .map(|one| (one.pointer.as_str(), one.keyword.as_str()))
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("", "anyOf"),
            ("", "minProperties"),
            ("/missing", "required"),
            ("/note", "maxLength"),
            ("/person/cpr", "type"),
            ("/tel-1", "type"),
        ]
    );
    assert!(!said.contains("secret"), "{said}");
}

#[test]
fn a_text_in_force_is_not_lost_to_what_is_asked_since() {
    for (from, to) in [
        ("{yyyy}-{seq:06}", "BH-{seq:05}"),
        ("roles: [caseworker]", "roles: [caseworker, sagsbehandler]"),
    ] {
        let text = WHOLE.replacen(from, to, 1);
        assert!(parse_case_type("type.yaml", &text).model.is_none(), "{to}");
        let published = parse_published_case_type("type.yaml", &text);
        assert!(published.model.is_some(), "{:?}", published.diagnostics);
        assert_eq!(published.diagnostics.len(), 1, "it is still said");
    }
}

#[test]
fn a_field_that_is_not_described_or_holds_no_day_that_exists_does_not_fit() {
    let text = "
caseType: test.fields
version: 1
fields:
  type: object
  properties:
    on: { type: string, format: date }
    at: { type: string, format: date-time }
statuses: { created: { initial: true }, closed: { final: true } }
transitions: [ { name: close, from: '*', to: closed } ]
";
    let misfits = |text: &str, fields: serde_json::Value| {
        let rules = parse_case_type("type.yaml", text).model.unwrap().rules;
        let misfits = rules.unwrap().misfits(fields.as_object().unwrap());
        let told = misfits.into_iter().map(|one| (one.pointer, one.keyword));
        told.collect::<Vec<_>>()
    };
    let pair = |pointer: &str, keyword: &str| (pointer.to_owned(), keyword.to_owned());
    let good = json!({ "on": "2028-02-29", "at": "2026-11-30T10:00:00+01:00" });
    assert_eq!(misfits(text, good), []);
    let days = json!({ "on": "2026-02-29", "at": "i går" });
    let mut told = misfits(text, days);
    told.sort();
    assert_eq!(told, [pair("/at", "format"), pair("/on", "format")]);
    let unknown = json!({ "om": "2026-02-28", "in": 1 });
    let mut told = misfits(text, unknown.clone());
    told.sort();
    let keyword = "additionalProperties";
    assert_eq!(told, [pair("/in", keyword), pair("/om", keyword)]);
    let open = text.replace("type: object", "type: object\n  additionalProperties: true");
    assert_eq!(misfits(&open, unknown), [], "it says that it takes more");
}

#[test]
fn each_mistake_has_its_finding() {
    let cases = [
        ("version: 3\n", "version: 0\n", ("wrong-value", 3)),
        ("waste.missed-collection", "Waste", ("case-type-name", 2)),
        (
            "created: { initial: true }",
            "created: {}",
            ("initial-status", 9),
        ),
        ("open: {}", "open: { initial: true }", ("initial-status", 9)),
        ("open: {}", "open: {}, open: {}", ("duplicate-key", 9)),
        ("open: {}", "open: { finl: true }", ("unknown-key", 9)),
        (
            "[open, waiting_customer]",
            "[open, gone]",
            ("unknown-status", 11),
        ),
        (
            "requires: [collectedAt]",
            "requires: [other]",
            ("unknown-field", 11),
        ),
        ("name: reject", "name: collected", ("duplicate-name", 12)),
        (
            "roles: [caseworker]",
            "roles: [casworker]",
            ("wrong-value", 12),
        ),
        ("{yyyy}-{seq:06}", "{yyyy}-0001", ("wrong-value", 6)),
        ("{yyyy}-{seq:06}", "{yyyy}-{seq", ("wrong-value", 6)),
        ("{yyyy}-{seq:06}", "{year}-{seq:06}", ("wrong-value", 6)),
        ("{yyyy}-{seq:06}", "{seq:06}", ("wrong-value", 6)),
        ("!= null'", "!= nothing'", ("expression-unknown", 12)),
        ("type: object", "type: objekt", ("schema", 7)),
        ("x-pii: true", "x-pii: yes", ("personal-data", 7)),
        ("x-pii: true", "x-pi: true", ("unknown-key", 7)),
        ("x-pii: true", "x-title: Telefon", ("wrong-type", 7)),
        ("default: normal", "default: usual", ("unknown-priority", 8)),
        ("'{yyyy}-{seq:06}'", "'{yyyy}'", ("wrong-value", 6)),
        ("{ final: true }", "{}", ("final-status", 9)),
    ];
    for (from, to, expected) in cases {
        let text = WHOLE.replacen(from, to, 1);
        assert_ne!(text, WHOLE, "{from}");
        assert!(codes(&text).contains(&expected), "{to}: {:?}", codes(&text));
    }
}

#[test]
fn several_mistakes_are_reported_at_once() {
    let text = WHOLE
        .replace("version: 3", "versoin: 3")
        .replace("to: closed", "to: gone");
    let found: Vec<&str> = codes(&text).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        found,
        [
            "missing-key",
            "unknown-key",
            "unknown-status",
            "unknown-status"
        ]
    );
    let finding = &parse_case_type("type.yaml", &text).diagnostics[1];
    assert_eq!(finding.hint.as_deref(), Some("did you mean `version`?"));
}

#[test]
fn a_clock_that_cannot_run_is_named_at_its_place() {
    let text = "\
caseType: waste.clocks
version: 1
statuses: { created: { initial: true }, waiting: { suspends: [resolv] }, closed: { final: true } }
sla:
  resolve:
    start: begun
    stop: [done]
    budget: { workhours: 16, days: 1 }
    byPriority: { huge: { workhours: 1 }, high: { days: 2 }, low: { weeks: 2 } }
    rungs: [ { at: 175%, name: late }, { name: never }, { at: 10%, name: a }, { at: 20%, name: a } ]
";
    assert_eq!(
        codes(text),
        [
            ("unknown-clock", 3),
            ("unknown-calendar", 5),
            ("unknown-status", 6),
            ("unknown-status", 7),
            ("wrong-value", 8),
            ("unknown-priority", 9),
            ("unknown-key", 9),
            ("wrong-value", 10),
            ("missing-key", 10),
            ("duplicate-name", 10),
        ]
    );
}

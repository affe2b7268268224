//! Every example file of the specification is accepted or refused exactly as the profile says.
//!
//! The files and their licence lie in `tests/open-workflow`; they are not ours.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::Workflow;
use std::collections::BTreeSet;
use std::path::Path;

/// Well formed, but with a feature that the profile refuses: the file and the code of the finding.
const REFUSED: &[(&str, &str)] = &[
    ("call-asyncapi-publish.yaml", "refused-call"),
    (
        "call-asyncapi-subscribe-consume-amount.yaml",
        "refused-call",
    ),
    (
        "call-asyncapi-subscribe-consume-forever-foreach.yaml",
        "refused-call",
    ),
    ("call-asyncapi-subscribe-consume-until.yaml", "refused-call"),
    ("call-asyncapi-subscribe-consume-while.yaml", "refused-call"),
    ("call-custom-function-cataloged.yaml", "refused-catalog"),
    ("call-grpc.yaml", "refused-call"),
    ("call-mcp.yaml", "refused-call"),
    ("mock-service-extension.yaml", "refused-extensions"),
    ("run-container-cleanup-always.yaml", "refused-run"),
    ("run-container-cleanup-eventually.yaml", "refused-run"),
    ("run-container-stdin-and-arguments.yaml", "refused-run"),
    ("run-container-with-name.yaml", "refused-run"),
    ("run-container-with-pull-policy.yaml", "refused-run"),
    ("run-container.yaml", "refused-run"),
    ("run-return-all.yaml", "refused-run"),
    ("run-return-code.yaml", "refused-run"),
    ("run-return-none.yaml", "refused-run"),
    ("run-return-stderr.yaml", "refused-run"),
    ("run-script-with-stdin-and-arguments.yaml", "refused-run"),
    ("run-shell-stdin-and-arguments.yaml", "refused-run"),
];

fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/open-workflow")
        .join(folder);
    let mut files: Vec<(String, String)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_example_is_well_formed() {
    let files = files("examples");
    assert_eq!(files.len(), 68);
    for (name, text) in files {
        let parsed = Workflow::parse(&name, &text);
        // The examples are short: they wait without saying how long.
        let findings = parsed
            .diagnostics
            .iter()
            .filter(|one| one.code != "no-deadline");
        let findings: Vec<String> = findings.map(ToString::to_string).collect();
        assert!(parsed.model.is_some(), "{}", findings.join("\n"));
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}

#[test]
fn what_may_be_published_is_exactly_what_the_profile_says() {
    let mut runnable = 0;
    for (name, text) in files("examples") {
        let parsed = Workflow::publishable(&name, &text);
        let codes: BTreeSet<&str> = parsed
            .diagnostics
            .iter()
            .filter(|finding| finding.is_error())
            .map(|finding| finding.code)
            .collect();
        match REFUSED.iter().find(|(file, _)| *file == name) {
            Some((_, code)) => assert!(codes.contains(code), "{name}: {codes:?}"),
            None => {
                assert!(codes.is_empty(), "{name}: {codes:?}");
                runnable += 1;
            }
        }
    }
    assert_eq!(runnable, 68 - REFUSED.len());
}

/// A published text holds all that it says: nothing of it can change elsewhere while it runs.
#[test]
fn what_lies_elsewhere_is_refused_and_the_other_way_is_named() {
    let parts = [
        (
            "use: { catalogs: { town: { endpoint: { uri: 'https://town.example' } } } }",
            "refused-catalog",
        ),
        (
            "input: { schema: { resource: { endpoint: { uri: 'https://town.example/s.json' } } } }",
            "refused-schema",
        ),
        (
            "input: { schema: { format: 'avro:1', document: { type: object } } }",
            "refused-schema",
        ),
    ];
    for (part, code) in parts {
        let text = format!(
            "document: {{ dsl: '1.0.3', namespace: a, name: b, version: '1.0.0' }}\n{part}\ndo: [ {{ go: {{ set: {{ a: 1 }} }} }} ]\n"
        );
        let parsed = Workflow::publishable("a.yaml", &text);
        assert!(parsed.model.is_none(), "{part}");
        let found: Vec<&str> = parsed.diagnostics.iter().map(|one| one.code).collect();
        assert_eq!(found, [code], "{part}");
        let hint = parsed.diagnostics[0].hint.as_deref().unwrap_or_default();
        assert!(hint.contains("plugin"), "{hint}");
        let danish = parsed.diagnostics[0].message.in_language("da");
        assert!(danish.contains("hører ikke til profilen"), "{danish}");
    }
}

#[test]
fn every_invalid_file_is_refused_for_its_own_reason() {
    let expected = [
        ("extra-property-in-call.yaml", "unknown-key"),
        ("listen-any-until-any-until.yaml", "unknown-key"),
        ("two-tasks-in-one-item.yaml", "tasks-in-item"),
    ];
    let files = files("invalid");
    assert_eq!(files.len(), expected.len());
    for ((name, text), (file, code)) in files.iter().zip(expected) {
        assert_eq!(name, file);
        let parsed = Workflow::parse(name, text);
        assert!(parsed.model.is_none(), "{name}");
        assert!(
            parsed
                .diagnostics
                .iter()
                .any(|finding| finding.code == code),
            "{name}: {:?}",
            parsed.diagnostics
        );
    }
}

#[test]
fn our_own_workflows_are_well_formed_and_can_be_published() {
    let texts = [
        (
            "container-delivered",
            include_str!("workflows/container-delivered.yaml"),
            true,
        ),
        (
            "missed-collection",
            include_str!("workflows/missed-collection.yaml"),
            true,
        ),
        (
            "nightly-reminder",
            include_str!("workflows/nightly-reminder.yaml"),
            true,
        ),
    ];
    for (name, text, runs) in texts {
        let parsed = Workflow::publishable(name, text);
        assert_eq!(parsed.model.is_some(), runs, "{:?}", parsed.diagnostics);
        let mut found = Workflow::parse(name, text).diagnostics;
        // Nobody confirms a label for ever, where nobody does; the file says nothing of it.
        found.retain(|one| !(name == "container-delivered" && one.code == "no-deadline"));
        assert_eq!(found, []);
    }
}

#[test]
fn findings_come_all_at_once_with_place_and_advice() {
    let text = "\
document: { dsl: '1.0.3', namespace: waste, name: broken, version: 1.0 }
do:
  - first: { set: '${ .a + }', thn: end }
  - first: { call: sms-send:1.0.0@elsewhere, then: nowhere }
  - third: { wait: PT5X }
  - fourth: { try: [], catch: { retry: gone } }
";
    let parsed = Workflow::parse("broken.yaml", text);
    let found: Vec<(&str, u32, u32)> = parsed
        .diagnostics
        .iter()
        .map(|finding| (finding.code, finding.line, finding.column))
        .collect();
    let expected = [
        ("wrong-type", 1, 68),
        ("expression-syntax", 3, 28),
        ("unknown-key", 3, 32),
        ("duplicate-task", 4, 12),
        ("unknown-reference", 4, 20),
        ("unknown-task", 4, 52),
        ("duration", 5, 20),
        ("unknown-reference", 6, 40),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        parsed.diagnostics[2].to_string(),
        "broken.yaml:3:32: error[unknown-key]: a task has no key `thn`\n  hint: did you mean `then`?"
    );
}

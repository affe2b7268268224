//! A file with many mistakes gives each of them once, with its place and what to do, and no others.

use sagsgang_definition::{Diagnostic, KnownFunctions, Severity, Workflow, schema_of_keys};

/// Ten mistakes of different kinds, and nothing else that is wrong.
const TEN: &str = "\
document: { dsl: 1.0.3, namespace: waste, name: broken, version: 1.0.0, metadata: { timezone: Europe/Kobenhavn } }
schedule: { cron: '61 2 * * *' }
timeout: { after: PT5X }
do:
  - first: { set: '${ .a + }' }
  - second: { sett: { a: 1 } }
  - third: { set: { a: '${ nosuch(1) }' }, then: nowhere }
  - fourth: { call: case-note, with: { text: a } }
  - fourth: { wait: { fortnights: 2 } }
  - fifth: { raise: { error: gone } }
";

fn places(found: &[Diagnostic]) -> Vec<(&str, u32, u32)> {
    let place = |one: &Diagnostic| (one.code, one.line, one.column);
    let mut places: Vec<_> = found.iter().map(place).collect();
    places.sort_by_key(|(_, line, column)| (*line, *column));
    places
}

#[test]
fn ten_mistakes_are_ten_findings_each_at_its_place() {
    let parsed = Workflow::publishable("broken.yaml", TEN);
    assert!(parsed.model.is_none());
    assert_eq!(
        places(&parsed.diagnostics),
        [
            ("time-zone", 1, 95),
            ("cron", 2, 19),
            ("duration", 3, 19),
            ("expression-syntax", 5, 28),
            ("unknown-key", 6, 15),
            ("expression-unknown", 7, 28),
            ("unknown-task", 7, 50),
            ("duplicate-task", 9, 13),
            ("unknown-key", 9, 23),
            ("unknown-reference", 10, 30),
        ]
    );
}

/// What is well formed can still be wrong in ten ways, some of which another file or an installation knows.
#[test]
fn ten_mistakes_of_a_file_that_can_be_read_are_ten_findings() {
    let text = "\
document: { dsl: 1.0.3, namespace: waste, name: odd, version: 1.0.0 }
use:
  catalogs: { town: { endpoint: { uri: https://town.example } } }
  extensions: [ { audit: { extend: all } } ]
input: { schema: { format: avro, document: { type: object } } }
do:
  - one: { call: grpc, with: { a: 1 } }
  - two: { run: { shell: { command: ls } } }
  - three: { call: http, with: { method: get, endpoint: { uri: https://a.example, authentication: { digest: { username: a } } } } }
  - four: { listen: { to: { one: { with: { type: order.done } } } } }
  - five: { fork: { branches: [ { a: { set: { n: 1 }, export: { as: . } } }, { b: { do: [ { c: { set: { n: 2 }, export: { as: . } } } ] } } ] } }
  - six: { call: case-nte, with: { text: a } }
  - seven: { call: case-note, with: { txt: '${ .a }', text: a } }
";
    let mut known = KnownFunctions::default();
    known.add("case-note", None, Some(schema_of_keys(&["text"], &["id"])));
    let mut found = Workflow::publishable("odd.yaml", text).diagnostics;
    let workflow = Workflow::parse("odd.yaml", text).model.unwrap();
    found.extend(workflow.check_calls("odd.yaml", &known));
    assert_eq!(
        places(&found),
        [
            ("refused-catalog", 3, 21),
            ("refused-extensions", 4, 15),
            ("refused-schema", 5, 28),
            ("refused-call", 7, 18),
            ("refused-run", 8, 26),
            ("refused-authentication", 9, 101),
            ("no-deadline", 10, 11),
            ("export-in-branches", 11, 19),
            ("unknown-function", 12, 18),
            ("wrong-argument", 13, 39),
        ]
    );
    assert!(
        found
            .iter()
            .all(|one| one.file == "odd.yaml" && one.hint.is_some()),
        "{found:#?}"
    );
    let warnings = found.iter().filter(|one| one.severity == Severity::Warning);
    assert_eq!(warnings.count(), 3);
}

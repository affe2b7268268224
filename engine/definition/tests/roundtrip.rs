//! Nothing of a workflow file is lost: what was read and is written again is the same value and the same workflow, and
//! whatever a file says is either part of the model or refused.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::Workflow;
use serde_json::Value;
use std::path::Path;

/// Files of the specification's examples, of the three workflows that have to run, and of the bundled pack.
fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in [
        "tests/open-workflow/examples",
        "tests/workflows",
        "../../workflows/waste/workflows",
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "yaml") {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                files.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    files.sort();
    assert!(files.len() > 80, "{}", files.len());
    files
}

/// The text as data, by somebody else's reader.
fn as_json(text: &str) -> Value {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).unwrap()
}

/// The model in words, without the places in the file and without the copies of the file that it keeps as data: only
/// what was understood. `None` where the text is refused.
fn understood(text: &str) -> Option<String> {
    let workflow = Workflow::parse("again.yaml", text).model?;
    let words = format!("{workflow:#?}");
    let mut kept = Vec::new();
    let mut lines = words.lines();
    while let Some(line) = lines.next() {
        let said = line.trim_start();
        let of_the_file = ["definition: ", "digest: ", "line: ", "column: "];
        if !of_the_file.iter().any(|name| said.starts_with(name)) {
            kept.push(line);
        } else if said.ends_with(['(', '[', '{']) {
            // It goes on until the line that closes it, which stands as far in as it does.
            let indent = line.len() - said.len();
            let closes = |line: &&str| line.len() - line.trim_start().len() == indent;
            lines.find(closes).unwrap();
        }
    }
    Some(kept.join("\n"))
}

/// The same data as another text: JSON is YAML too.
fn written(value: &Value) -> String {
    serde_json::to_string(value).unwrap()
}

#[test]
fn what_is_read_and_written_again_is_the_same_value_and_the_same_workflow() {
    for (name, text) in files() {
        let first = Workflow::parse(&name, &text).model.unwrap();
        let value = as_json(&text);
        assert_eq!(first.definition.to_json(), value, "{name}: read");
        let again = written(&value);
        let second = Workflow::parse(&name, &again).model.unwrap();
        assert_eq!(second.definition, first.definition, "{name}: written");
        assert_eq!(understood(&again), understood(&text), "{name}: understood");
    }
}

/// Every scalar of a document, by its JSON Pointer.
fn scalars(value: &Value, at: &str, found: &mut Vec<String>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(entries) => entries
            .iter()
            .for_each(|(key, value)| scalars(value, &format!("{at}/{}", escaped(key)), found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(place, value)| scalars(value, &format!("{at}/{place}"), found)),
        _ => found.push(at.to_owned()),
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => (!flag).into(),
        Value::Number(number) => (number.as_i64().unwrap_or_default() + 1).into(),
        Value::String(text) => format!("{text}x").into(),
        _ => "x".into(),
    }
}

/// What may say anything and means nothing to us: the author's own notes, and parts of what the profile refuses when it
/// is published, which nobody runs.
fn means_nothing(pointer: &str, refused: bool) -> bool {
    pointer.contains("/metadata/") || refused
}

#[test]
fn whatever_a_file_says_is_understood_or_refused() {
    let (mut looked_at, mut lost) = (0, Vec::new());
    for (name, text) in files() {
        let workflow = Workflow::parse(&name, &text).model.unwrap();
        let refused = !workflow.blockers().is_empty();
        let value = as_json(&text);
        let before = understood(&written(&value));
        let mut pointers = Vec::new();
        scalars(&value, "", &mut pointers);
        for pointer in pointers {
            if means_nothing(&pointer, refused) {
                continue;
            }
            let mut changed = value.clone();
            let scalar = changed.pointer_mut(&pointer).unwrap();
            *scalar = other(scalar);
            looked_at += 1;
            if understood(&written(&changed)) == before {
                lost.push(format!("{name}{pointer}"));
            }
        }
    }
    assert!(looked_at > 1_000, "{looked_at}");
    assert!(lost.is_empty(), "read and dropped: {lost:#?}");
}

#[test]
fn a_dropped_part_would_be_seen() {
    let head = "document: { dsl: '1.0.3', namespace: a, name: b, version: '1.0.0' }\n";
    let text = |set: &str| {
        format!("{head}do: [ {{ one: {{ set: {{ a: {set} }}, metadata: {{ n: {set} }} }} }} ]")
    };
    let (one, two) = (understood(&text("1")), understood(&text("2")));
    assert!(one.is_some() && one != two);
    let noted = text("1").replace("n: 1", "n: 2");
    assert_eq!(understood(&noted), one, "notes are no part of the model");
}

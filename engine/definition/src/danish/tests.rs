//! The table against the sources: what the editors can show is there, and what is there is used.

use super::SENTENCES;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files whose findings only the command line shows, and those that are no readers.
const ELSEWHERE: [&str; 5] = ["import_map", "scenario", "danish", "sentence", "codes"];

/// Readers of nodes; a phrase among their arguments says what the node is.
const READERS: [&str; 14] = [
    ".mapping(",
    ".sequence(",
    ".string(",
    ".boolean(",
    ".integer(",
    ".word(",
    ".expected(",
    ".text_template(",
    ".expression(",
    ".transformation(",
    ".variable_name(",
    ".names(",
    ".unknown(",
    ".not_a_duration(",
];

/// What the parser of expressions says that it expected.
const OF_JAQ: [&str; 18] = [
    "term",
    "key",
    "string",
    "argument",
    "pattern",
    "identifier",
    "digit",
    "token",
    "filter",
    "variable",
    "closing parenthesis",
    "closing bracket",
    "closing brace",
    "closing quote",
    "else or end",
    "comma or right bracket",
    "comma or right brace",
    "semicolon or right parenthesis",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if ELSEWHERE.contains(&stem.as_str()) || stem == "tests" {
            continue;
        }
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

/// The text that begins with the quotation mark at the start, without its escapes.
fn literal(text: &str) -> Option<String> {
    let inner = text.trim_start().strip_prefix('"')?;
    let mut said = String::new();
    let mut letters = inner.chars();
    loop {
        match letters.next()? {
            '"' => return Some(said),
            '\\' => said.push(letters.next()?),
            letter => said.push(letter),
        }
    }
}

/// Every text that stands directly behind one of these words.
fn behind<'t>(source: &'t str, word: &'t str) -> impl Iterator<Item = String> + 't {
    let places = source.match_indices(word);
    places.filter_map(move |(at, _)| literal(&source[at + word.len()..]))
}

/// The texts among the arguments of a call.
fn arguments(source: &str, call: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices(call) {
        let rest = &source[at + call.len()..];
        let end = rest.find([';', '{']).unwrap_or(rest.len());
        let pieces: Vec<&str> = rest[..end].split('"').collect();
        // The last piece stands behind the last mark; where the end was inside a text, that text is not whole.
        let whole = pieces.len() - 1;
        let quoted = pieces[..whole].iter().skip(1).step_by(2);
        found.extend(quoted.map(|text| (*text).to_owned()));
    }
    found
}

fn places(template: &str) -> BTreeSet<&str> {
    let inside = template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    let names = inside.map(|(name, _)| name);
    names
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()))
        .collect()
}

#[test]
fn whatever_an_editor_can_say_is_said_in_danish() {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    sources(&root.join("src"), &mut files);
    for file in ["publish.rs", "publish/configured.rs", "left_behind.rs"] {
        files.push(root.join("../runtime/src").join(file));
    }
    for file in [
        "runtime/src/advance/operate.rs",
        "runtime/src/advance/operate/bulk.rs",
        "flow/src/migrate.rs",
        "flow/src/scenario.rs",
        "flow/src/scenario/clock.rs",
    ] {
        files.push(root.join("..").join(file));
    }
    let (mut missing, mut all) = (BTreeSet::new(), String::new());
    for file in files {
        let whole = std::fs::read_to_string(&file).unwrap();
        let source = whole.split("#[cfg(test)]").next().unwrap();
        let sentences = [
            "say!(",
            "with_hint(",
            "let message = ",
            "let hint = ",
            "let message =\n",
            "let hint =\n",
        ];
        let mut said: Vec<String> = sentences
            .iter()
            .flat_map(|word| behind(source, word))
            .collect();
        let phrase = |text: &String| {
            ["a ", "an ", "this "]
                .iter()
                .any(|word| text.starts_with(word))
        };
        let named = READERS.iter().flat_map(|call| arguments(source, call));
        said.extend(named.filter(phrase));
        let reported = [".report(", "Diagnostic::new("].iter();
        let reported = reported.flat_map(|call| arguments(source, call));
        said.extend(reported.filter(|text| text.contains(' ')));
        let known = |text: &String| SENTENCES.iter().any(|(english, _)| english == text);
        missing.extend(said.into_iter().filter(|text| !known(text)));
        all.push_str(&source.replace("\\\"", "\""));
    }
    assert!(missing.is_empty(), "without Danish: {missing:#?}");
    let unused: Vec<_> = SENTENCES
        .iter()
        .filter(|(english, _)| {
            !OF_JAQ.contains(english) && !all.contains(&format!("\"{english}\""))
        })
        .collect();
    assert!(unused.is_empty(), "nobody says: {unused:#?}");
}

#[test]
fn both_languages_have_the_same_places_and_no_sentence_stands_twice() {
    let mut seen = BTreeSet::new();
    for (english, danish) in SENTENCES {
        assert!(seen.insert(english), "twice: {english}");
        assert_eq!(places(english), places(danish), "{english}");
    }
}

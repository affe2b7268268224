//! Reads mappings strictly: every key is asked for, or reported as unknown; all findings are collected.

use crate::codes::{self, Code};
use crate::diagnostic::{Diagnostic, Position};
use crate::say;
use crate::sentence::Sentence;
use crate::wanted::{Wanted, is_marked};
use crate::yaml::{Key, Kind, Node};

/// Collects findings while a tree is read.
pub(crate) struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    pub diagnostics: Vec<Diagnostic>,
    /// What it would take where the marker stands.
    pub wanted: Option<Wanted>,
}

impl<'a> Reader<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            diagnostics: Vec::new(),
            wanted: None,
        }
    }

    /// Notes what it would take where the marker stands; the first reading counts.
    pub fn want(&mut self, text: &str, wanted: impl FnOnce() -> Wanted) {
        if self.wanted.is_none() && is_marked(text) {
            self.wanted = Some(wanted());
        }
    }

    /// Notes that a node could be one of these words.
    pub fn want_word<T: ToString>(&mut self, node: &Node, words: impl IntoIterator<Item = T>) {
        if let Kind::String(text) = &node.kind {
            self.want(text, || {
                Wanted::Word(words.into_iter().map(|word| word.to_string()).collect())
            });
        }
    }

    /// Name of the file.
    pub fn file(&self) -> &str {
        self.file
    }

    /// Adds a finding.
    pub fn add(&mut self, mut diagnostic: Diagnostic) {
        self.file.clone_into(&mut diagnostic.file);
        self.diagnostics.push(diagnostic);
    }

    /// Adds a finding without advice.
    pub fn report(&mut self, at: Position, code: &'static Code, message: impl Into<Sentence>) {
        self.add(Diagnostic::new(at, code, message));
    }

    /// Whether anything was found that prevents publication.
    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The findings in the order of the text.
    pub fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.diagnostics
            .sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
        // A mapping that is read in two ways reports its duplicates twice.
        self.diagnostics.dedup();
        self.diagnostics
    }

    /// Opens a mapping; duplicates are reported here.
    pub fn mapping<'n>(&mut self, node: &'n Node, what: &'static str) -> Option<Fields<'n>> {
        let Kind::Mapping(entries) = &node.kind else {
            return self.expected(node, what, "a mapping");
        };
        for (index, (key, _)) in entries.iter().enumerate() {
            if let Some((first, _)) = entries[..index]
                .iter()
                .find(|(other, _)| other.name == key.name)
            {
                let message = say!(
                    "`{key}` already stands on line {line}",
                    key = key.name,
                    line = first.at.line
                );
                self.report(key.at, &codes::DUPLICATE_KEY, message);
            }
        }
        Some(Fields {
            at: node.at,
            what,
            entries,
            asked: Vec::new(),
        })
    }

    /// The items of a list.
    pub fn sequence<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::Sequence(items) => Some(items),
            _ => self.expected(node, what, "a list"),
        }
    }

    /// A text.
    pub fn string<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::String(text) => Some(text),
            Kind::Integer(_) | Kind::Float(_) | Kind::Bool(_) => {
                let message = say!(
                    "{what} must be {expected}, not {found}",
                    what,
                    expected = "a text",
                    found = node.what()
                );
                self.add(
                    Diagnostic::new(node.at, &codes::WRONG_TYPE, message)
                        .with_hint("put it in quotes"),
                );
                None
            }
            _ => self.expected(node, what, "a text"),
        }
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        self.want_word(node, ["true", "false"]);
        match node.kind {
            Kind::Bool(flag) => Some(flag),
            _ => self.expected(node, what, "true or false"),
        }
    }

    /// A whole number within bounds.
    pub fn integer(&mut self, node: &Node, what: &str, least: i64, most: i64) -> Option<i64> {
        match node.kind {
            Kind::Integer(number) if (least..=most).contains(&number) => Some(number),
            Kind::Integer(number) => {
                let message = say!(
                    "{what} must be between {least} and {most}, not {number}",
                    what,
                    least,
                    most,
                    number
                );
                self.report(node.at, &codes::WRONG_VALUE, message);
                None
            }
            _ => self.expected(node, what, "a whole number"),
        }
    }

    /// One of a few words.
    pub fn word(&mut self, node: &Node, what: &str, allowed: &[&str]) -> Option<usize> {
        self.want_word(node, allowed);
        let text = self.string(node, what)?;
        let place = allowed.iter().position(|word| *word == text);
        if place.is_none() {
            let message = say!("{what} cannot be `{text}`", what, text);
            let hint = say!("one of: {names}", names = allowed.join(", "));
            self.add(Diagnostic::new(node.at, &codes::WRONG_VALUE, message).with_hint(hint));
        }
        place
    }

    /// Reports that something else was expected; always `None`, so that a reader can return it.
    pub fn expected<T>(&mut self, node: &Node, what: &str, expected: &str) -> Option<T> {
        let message = say!(
            "{what} must be {expected}, not {found}",
            what,
            expected,
            found = node.what()
        );
        self.report(node.at, &codes::WRONG_TYPE, message);
        None
    }

    /// Where the characters of a plain or quoted text begin, so that a finding inside it points at the right column.
    pub fn content(&self, at: Position) -> Position {
        let line = self
            .text
            .lines()
            .nth(at.line as usize - 1)
            .unwrap_or_default();
        match line.chars().nth(at.column as usize - 1) {
            Some('\'' | '"') => Position {
                column: at.column + 1,
                ..at
            },
            _ => at,
        }
    }
}

/// A mapping that is being read.
pub(crate) struct Fields<'n> {
    pub at: Position,
    pub what: &'static str,
    entries: &'n [(Key, Node)],
    asked: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The value of a key, if it is there.
    pub fn take(&mut self, name: &'static str) -> Option<&'n Node> {
        self.asked.push(name);
        self.entries
            .iter()
            .rev()
            .find(|(key, _)| key.name == name)
            .map(|(_, node)| node)
    }

    /// The value of a key that must be there.
    pub fn require(&mut self, reader: &mut Reader<'_>, name: &'static str) -> Option<&'n Node> {
        let node = self.take(name);
        if node.is_none() {
            let message = say!("{what} needs `{name}`", what = self.what, name);
            reader.report(self.at, &codes::MISSING_KEY, message);
        }
        node
    }

    /// Whether a key is there, without asking for it.
    pub fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|(key, _)| key.name == name)
    }

    /// All entries, for mappings with free keys.
    pub fn entries(&self) -> &'n [(Key, Node)] {
        self.entries
    }

    /// Notes the keys that it could have yet, where one is being written.
    pub fn want(&self, reader: &mut Reader<'_>, names: &[&str]) {
        for (key, _) in self.entries {
            let open = names.iter().filter(|name| !self.has(name));
            reader.want(&key.name, || {
                Wanted::Key(open.map(|name| (*name).to_owned()).collect())
            });
        }
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(self, reader: &mut Reader<'_>) {
        self.want(reader, &self.asked);
        for (key, _) in self
            .entries
            .iter()
            .filter(|(key, _)| !self.asked.contains(&key.name.as_str()))
        {
            let message = say!(
                "{what} has no key `{key}`",
                what = self.what,
                key = key.name
            );
            let diagnostic = Diagnostic::new(key.at, &codes::UNKNOWN_KEY, message);
            reader.add(match nearest(&self.asked, &key.name) {
                Some(name) => diagnostic.with_meant(&key.name, name),
                None => {
                    diagnostic.with_hint(say!("known here: {keys}", keys = self.asked.join(", ")))
                }
            });
        }
    }
}

/// The known name that a misspelt one is likely to mean.
pub(crate) fn nearest<'k>(known: &[&'k str], name: &str) -> Option<&'k str> {
    let nearest = known.iter().min_by_key(|one| distance(one, name))?;
    (distance(nearest, name) <= 2).then_some(*nearest)
}

/// Levenshtein distance, for "did you mean".
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, r) in right.iter().enumerate() {
            let change = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

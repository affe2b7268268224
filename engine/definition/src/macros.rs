//! Macros: several commands that a person gives with one click.

use crate::case_type::titles;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::reader::Reader;
use crate::say;
use crate::workflow::Parsed;
use crate::yaml::{Kind, Node};
use minijinja::Environment;
use sagsgang_domain::Command;
use sagsgang_domain::case_type::Titles;
use serde_json::Value;

/// The commands that a macro may give: those that a person gives on the page of a case, and that say all they need.
pub const MACRO_COMMANDS: [&str; 13] = [
    "set-status",
    "transition",
    "set-priority",
    "release-priority",
    "assign",
    "describe",
    "set-fields",
    "note",
    "tag",
    "untag",
    "send-message",
    "create-task",
    "escalate",
];

/// Most commands of a macro.
const MOST_COMMANDS: usize = 20;

/// A macro.
#[derive(Clone, Debug, PartialEq)]
pub struct Macro {
    /// Name, stable in addresses.
    pub name: String,
    /// Version; a published one never changes.
    pub version: u32,
    /// What its button says, per language.
    pub title: Titles,
    /// A letter that is pressed with shift.
    pub key: Option<String>,
    /// Case types whose cases have it; of all where there are none.
    pub case_types: Vec<String>,
    /// The commands as JSON. Their texts may hold values in double braces.
    pub commands: Vec<Value>,
}

/// Reads a macro. Its commands are checked as far as that is possible without a case.
pub fn parse_macro(file: &str, text: &str) -> Parsed<Macro> {
    Parsed::read(file, text, read)
}

fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Macro> {
    let mut fields = reader.mapping(node, "a macro")?;
    let name = fields
        .require(reader, "macro")
        .and_then(|node| name(reader, node));
    let version = fields
        .require(reader, "version")
        .and_then(|node| reader.integer(node, "`version`", 1, i64::from(u32::MAX)))
        .and_then(|version| u32::try_from(version).ok());
    let title = fields.require(reader, "title");
    let title = titles(reader, title);
    let key = fields.take("key").and_then(|node| key(reader, node));
    let case_types = fields
        .take("caseTypes")
        .and_then(|node| reader.sequence(node, "`caseTypes`"));
    let case_types = case_types.unwrap_or_default().iter().filter_map(|node| {
        let name = reader.string(node, "a case type")?;
        Some(name.to_owned())
    });
    let case_types = case_types.collect();
    let commands = fields
        .require(reader, "commands")
        .and_then(|node| commands(reader, node));
    fields.finish(reader);
    Some(Macro {
        name: name?,
        version: version?,
        title,
        key,
        case_types,
        commands: commands?,
    })
}

/// It stands in addresses, so that it holds small letters, digits and dashes only.
fn name(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let name = reader.string(node, "`macro`")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 60 || !name.chars().all(plain) {
        let message = say!("`macro` cannot be `{name}`", name);
        let hint = "small letters, digits and dashes, at most 60, such as `order-extra-collection`";
        reader.add(Diagnostic::new(node.at, &codes::WRONG_VALUE, message).with_hint(hint));
        return None;
    }
    Some(name.to_owned())
}

fn key(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let key = reader.string(node, "`key`")?;
    let mut letters = key.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() => Some(key.to_ascii_uppercase()),
        _ => {
            let message = say!("`key` cannot be `{key}`", key);
            let hint = "one letter of A to Z; it is pressed with shift";
            reader.add(Diagnostic::new(node.at, &codes::WRONG_VALUE, message).with_hint(hint));
            None
        }
    }
}

fn commands(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Value>> {
    let items = reader.sequence(node, "`commands`")?;
    if items.is_empty() || items.len() > MOST_COMMANDS {
        let message = say!(
            "`commands` must be 1 to {most}, not {found}",
            most = MOST_COMMANDS,
            found = items.len()
        );
        reader.report(node.at, &codes::WRONG_VALUE, message);
    }
    Some(items.iter().map(|item| command(reader, item)).collect())
}

fn command(reader: &mut Reader<'_>, node: &Node) -> Value {
    let value = node.to_json();
    let Some(mut fields) = reader.mapping(node, "a command") else {
        return value;
    };
    let known = fields
        .require(reader, "type")
        .and_then(|node| reader.word(node, "the type of a command", &MACRO_COMMANDS));
    check_texts(reader, node);
    if known.is_some()
        && let Err(error) = serde_json::from_value::<Command>(value.clone())
    {
        let message = say!("the command cannot be read: {error}", error);
        let hint = "the same keys as in `POST /cases/{case}/commands`";
        reader.add(Diagnostic::new(node.at, &codes::WRONG_VALUE, message).with_hint(hint));
    }
    value
}

/// Texts at any depth that cannot be filled in.
fn check_texts(reader: &mut Reader<'_>, node: &Node) {
    match &node.kind {
        Kind::String(text) => {
            if let Err(error) = Environment::new().template_from_str(text) {
                let message = say!("the text cannot be filled in: {error}", error);
                let hint = "values stand in double braces: `{{ case.number }}`";
                reader.add(
                    Diagnostic::new(node.at, &codes::TEMPLATE_SYNTAX, message).with_hint(hint),
                );
            }
        }
        Kind::Sequence(items) => items.iter().for_each(|item| check_texts(reader, item)),
        Kind::Mapping(entries) => entries
            .iter()
            .for_each(|(_, value)| check_texts(reader, value)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "
macro: order-extra
version: 1
title: { da: Bestil ekstratømning }
key: x
caseTypes: [waste.missed-collection]
commands:
  - { type: assign, assignee: '{{ user.id }}' }
  - { type: note, text: 'Bestilt til {{ case.number }}' }
";

    fn codes(text: &str) -> Vec<&'static str> {
        let found = parse_macro("m.yaml", text).diagnostics;
        found.iter().map(|one| one.code).collect()
    }

    #[test]
    fn a_macro_is_read_with_its_commands() {
        let model = parse_macro("m.yaml", WHOLE).model.unwrap();
        assert_eq!(model.key.as_deref(), Some("X"));
        assert_eq!(model.commands[1]["text"], "Bestilt til {{ case.number }}");
    }

    #[test]
    fn what_cannot_be_carried_out_is_told_with_its_place() {
        assert_eq!(codes(WHOLE), [""; 0]);
        assert_eq!(
            codes(&WHOLE.replace("type: note", "type: merge")),
            ["wrong-value"]
        );
        assert_eq!(codes(&WHOLE.replace("text:", "texts:")), ["wrong-value"]);
        assert_eq!(
            codes(&WHOLE.replace("case.number }}", "case.number")),
            ["template-syntax"]
        );
        assert_eq!(codes(&WHOLE.replace("key: x", "key: F5")), ["wrong-value"]);
        assert_eq!(
            codes(&WHOLE.replace("order-extra", "Bestil nu")),
            ["wrong-value"]
        );
        assert_eq!(
            codes("macro: a\nversion: 1\n"),
            ["missing-key", "missing-key"]
        );
    }
}

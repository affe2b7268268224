//! What is wrong with a text of the configuration: the one function behind the check on the command line, the API, the
//! editors and publishing, so that none of them can say anything else than the others.

use crate::calendar::parse_calendar;
use crate::case_type::parse_case_type;
use crate::diagnostic::{Diagnostic, Position};
use crate::kind::TextKind;
use crate::macros::parse_macro;
use crate::message_template::parse_message_template;
use crate::scenario::parse_scenarios;
use crate::workflow::{Parsed, Workflow};
use crate::yaml::{self, Kind};

/// What was found out about a text.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// All findings, in the order of their places.
    pub findings: Vec<Diagnostic>,
    /// Name and version of a text that can be published as it stands; of a workflow the name is `namespace/name`.
    pub identity: Option<(String, String)>,
}

impl Diagnosis {
    fn of<T>(parsed: Parsed<T>, identity: impl FnOnce(T) -> (String, String)) -> Self {
        Self {
            findings: parsed.diagnostics,
            identity: parsed.model.map(identity),
        }
    }
}

/// Reads a text as what it is meant to be, and says everything that is wrong with it. Scenarios are never published and
/// have no identity.
pub fn diagnose(file: &str, text: &str, kind: TextKind) -> Diagnosis {
    match kind {
        TextKind::CaseType => Diagnosis::of(parse_case_type(file, text), |model| {
            (model.name, model.version.to_string())
        }),
        TextKind::Calendar => Diagnosis::of(parse_calendar(file, text), |model| {
            (model.name, model.version.to_string())
        }),
        TextKind::MessageTemplate => Diagnosis::of(parse_message_template(file, text), |model| {
            (model.name, model.version.to_string())
        }),
        TextKind::Macro => Diagnosis::of(parse_macro(file, text), |model| {
            (model.name, model.version.to_string())
        }),
        TextKind::Workflow => Diagnosis::of(Workflow::publishable(file, text), |model| {
            (model.document.qualified_name(), model.document.version)
        }),
        TextKind::Scenarios => Diagnosis {
            findings: parse_scenarios(file, text).diagnostics,
            identity: None,
        },
    }
}

/// Where a text says its version; its beginning where it says none.
pub fn version_place(text: &str, kind: TextKind) -> Position {
    match kind {
        TextKind::Workflow => place_of(text, &["document", "version"]),
        _ => place_of(text, &["version"]),
    }
}

/// Where the value of a key stands, by the keys that lead there; the beginning where there is none.
pub fn place_of(text: &str, path: &[&str]) -> Position {
    let start = Position { line: 1, column: 1 };
    let Ok(mut node) = yaml::parse(text) else {
        return start;
    };
    for name in path {
        let Kind::Mapping(entries) = node.kind else {
            return start;
        };
        let mut found = entries.into_iter().filter(|(key, _)| key.name == *name);
        match found.next_back() {
            Some((_, value)) => node = value,
            None => return start,
        }
    }
    node.at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_each_kind_is_known_by_itself_or_told_what_is_wrong() {
        let texts = [
            (
                "caseType: a.b\nversion: 3\nstatuses: { new: { initial: true }, done: { final: true } }\n",
                "a.b",
            ),
            (
                "calendar: town\nversion: 3\nzone: Europe/Copenhagen\nhours: { monday: ['08:00-12:00'] }\n",
                "town",
            ),
            (
                "template: receipt\nversion: 3\nbody: { da: Tak }\n",
                "receipt",
            ),
            (
                "macro: close\nversion: 3\ntitle: { da: Luk }\ncommands: [ { type: note, text: x } ]\n",
                "close",
            ),
        ];
        for (text, name) in texts {
            let kind = TextKind::of(text).expect("it says what it is");
            let found = diagnose("a.yaml", text, kind);
            let known = Some((name.to_owned(), "3".to_owned()));
            assert_eq!(found.identity, known, "{:?}", found.findings);
            let broken = format!("{text}flavour: mint\n");
            let found = diagnose("a.yaml", &broken, kind);
            assert_eq!(found.findings[0].code, "unknown-key", "{name}");
            assert_eq!(TextKind::named(kind.name()), Some(kind));
        }
    }
}

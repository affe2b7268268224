//! What a text of a configuration pack is.

use crate::yaml::{self, Kind};

/// What a text is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// A case type: it has the key `caseType`.
    CaseType,
    /// A calendar: it has the key `calendar`.
    Calendar,
    /// A workflow: it has the key `document`.
    Workflow,
    /// A message template: it has the key `template`.
    MessageTemplate,
    /// A macro, several commands with one click: it has the key `macro`.
    Macro,
    /// Scenarios that show what a workflow does: it has the key `scenarios`. Tried and checked, never published.
    Scenarios,
}

impl TextKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::CaseType,
        Self::Calendar,
        Self::Workflow,
        Self::MessageTemplate,
        Self::Macro,
        Self::Scenarios,
    ];

    /// Its name in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::CaseType => "case-type",
            Self::Calendar => "calendar",
            Self::Workflow => "workflow",
            Self::MessageTemplate => "template",
            Self::Macro => "macro",
            Self::Scenarios => "scenarios",
        }
    }

    /// The kind with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What a text is meant to be, by its top-level keys; `None` for anything else. A text that is not YAML is taken
    /// for what its lines say, so that its errors are reported as those of its kind.
    pub fn of(text: &str) -> Option<Self> {
        match yaml::parse(text).map(|node| node.kind) {
            Ok(Kind::Mapping(entries)) => Self::of_keys(entries.iter().map(|(key, _)| &*key.name)),
            Ok(_) => None,
            Err(_) => Self::of_keys(text.lines().filter_map(|line| line.split(':').next())),
        }
    }

    /// The first key that says what the text is. A case type names its calendar by the key of one, so that one counts last.
    fn of_keys<'k>(keys: impl Iterator<Item = &'k str>) -> Option<Self> {
        let mut calendar = None;
        for kind in keys.filter_map(|key| Self::of_key(key.trim())) {
            match kind {
                Self::Calendar => calendar = Some(kind),
                _ => return Some(kind),
            }
        }
        calendar
    }

    fn of_key(key: &str) -> Option<Self> {
        match key {
            "caseType" => Some(Self::CaseType),
            "document" => Some(Self::Workflow),
            "template" => Some(Self::MessageTemplate),
            "macro" => Some(Self::Macro),
            "calendar" => Some(Self::Calendar),
            "scenarios" => Some(Self::Scenarios),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_by_its_keys_even_when_it_is_broken() {
        assert_eq!(
            TextKind::of("version: 1\ncaseType: waste.x\n"),
            Some(TextKind::CaseType)
        );
        assert_eq!(
            TextKind::of("document: { dsl: 1.0.3 }\n"),
            Some(TextKind::Workflow)
        );
        assert_eq!(TextKind::of("document: {\n"), Some(TextKind::Workflow));
        assert_eq!(
            TextKind::of("calendar: municipality\ncaseType: waste.x\n"),
            Some(TextKind::CaseType)
        );
        assert_eq!(
            TextKind::of("calendar: municipality\nhours: {}\n"),
            Some(TextKind::Calendar)
        );
        assert_eq!(TextKind::of("# notes\nhello: 1\n"), None);
    }
}

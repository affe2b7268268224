//! What is to be printed, as it stands in JSON: camelCase, and strict, so that a misspelt name is an error and not a
//! document with something missing.

use crate::DocumentError;
use sagsgang_domain::Timestamp;
use serde::{Deserialize, Serialize};

/// Most labels in one document.
pub const MOST_LABELS: usize = 1_000;
/// Most text in one document: UTF-8 bytes of all its strings together.
pub const MOST_TEXT_BYTES: usize = 1_000_000;

/// What is to be printed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Description {
    /// Labels with a barcode each.
    Label(LabelDescription),
    /// A case with its facts and history, on A4.
    Case(CaseDescription),
}

/// Labels of one size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelDescription {
    /// The paper.
    pub size: LabelSize,
    /// The labels in printing order, 1 to [`MOST_LABELS`].
    pub labels: Vec<Label>,
    /// Time of print, kept in the data about the document. Without it the document says 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub printed_at: Option<Timestamp>,
}

/// The papers we print labels on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LabelSize {
    /// One label of 100 × 60 mm per page.
    #[serde(rename = "100x60")]
    Mm100x60,
    /// One label of 100 × 62 mm per page.
    #[serde(rename = "100x62")]
    Mm100x62,
    /// A roll 62 mm wide; each page is as long as its label needs.
    #[serde(rename = "62-endless")]
    Mm62Endless,
    /// Sheets of A4 with 24 labels of 70 × 37 mm, three in a row.
    #[serde(rename = "a4-24")]
    SheetOf24,
}

/// One label: lines of text above a barcode, and the barcode's content in clear below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Label {
    /// Content of the Code 128 barcode: 1 to 48 characters of printable ASCII.
    pub code: String,
    /// The text above the barcode, from the top. Long lines are wrapped.
    #[serde(default)]
    pub lines: Vec<TextLine>,
}

/// One line of text on a label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TextLine {
    /// The text.
    pub text: String,
    /// Size in points, 4 to 72.
    #[serde(default = "eight_points")]
    pub size: f32,
    /// Whether it stands out.
    #[serde(default)]
    pub bold: bool,
}

/// A case on paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseDescription {
    /// Title of the case.
    pub title: String,
    /// Number of the case; it stands on every page.
    pub number: String,
    /// Name of the municipality; it stands on every page.
    pub municipality: String,
    /// Time of print; it stands on every page.
    pub printed_at: Timestamp,
    /// Who printed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub printed_by: Option<String>,
    /// IANA name of the zone in which times are written.
    #[serde(default = "copenhagen")]
    pub time_zone: String,
    /// Language of the fixed words (*Side 1 af 3*) and of the dates.
    #[serde(default)]
    pub language: Language,
    /// The facts under the title: status, priority, assignee …
    #[serde(default)]
    pub meta: Vec<Fact>,
    /// The parts in order.
    #[serde(default)]
    pub sections: Vec<Section>,
}

/// Language of the fixed words in a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// Danish.
    #[default]
    #[serde(rename = "da")]
    Danish,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fact {
    /// What it is, for example *Beholder*.
    pub name: String,
    /// Its value as text; line breaks are kept.
    pub value: String,
}

/// A part of a printed case. What is empty is left out; the order on paper is facts, paragraphs, history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// A table of names and values.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// Running text; line breaks inside a paragraph are kept.
    #[serde(default)]
    pub paragraphs: Vec<String>,
    /// What happened, in the order given.
    #[serde(default)]
    pub history: Vec<HistoryEntry>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HistoryEntry {
    /// When.
    pub at: Timestamp,
    /// Name of the person or part of the system that did it.
    pub actor: String,
    /// What, as a sentence; line breaks are kept.
    pub text: String,
}

impl Description {
    /// Looks at the limits that hold for every document, before any layout work is spent on it.
    pub(crate) fn check_limits(&self) -> Result<(), DocumentError> {
        if let Self::Label(description) = self {
            match description.labels.len() {
                0 => return Err(DocumentError::NoLabels),
                found if found > MOST_LABELS => {
                    return Err(DocumentError::TooManyLabels {
                        found,
                        limit: MOST_LABELS,
                    });
                }
                _ => {}
            }
        }
        let found = match self {
            Self::Label(description) => description.labels.iter().map(Label::text_bytes).sum(),
            Self::Case(description) => description.text_bytes(),
        };
        if found > MOST_TEXT_BYTES {
            return Err(DocumentError::TooMuchText {
                found,
                limit: MOST_TEXT_BYTES,
            });
        }
        Ok(())
    }
}

impl Label {
    fn text_bytes(&self) -> usize {
        self.code.len() + self.lines.iter().map(|line| line.text.len()).sum::<usize>()
    }
}

impl CaseDescription {
    fn text_bytes(&self) -> usize {
        let head = self.title.len()
            + self.number.len()
            + self.municipality.len()
            + self.printed_by.as_ref().map_or(0, String::len);
        let facts = |facts: &[Fact]| -> usize {
            facts
                .iter()
                .map(|fact| fact.name.len() + fact.value.len())
                .sum()
        };
        let sections: usize = self
            .sections
            .iter()
            .map(|section| {
                section.heading.len()
                    + facts(&section.facts)
                    + section.paragraphs.iter().map(String::len).sum::<usize>()
                    + section
                        .history
                        .iter()
                        .map(|entry| entry.actor.len() + entry.text.len())
                        .sum::<usize>()
            })
            .sum();
        head + facts(&self.meta) + sections
    }
}

fn eight_points() -> f32 {
    8.0
}

fn copenhagen() -> String {
    "Europe/Copenhagen".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_label_and_writes_it_back_alike() {
        let json = serde_json::json!({
            "kind": "label", "size": "62-endless", "printedAt": "2026-11-23T08:00:00Z",
            "labels": [{ "code": "B-4711", "lines": [{ "text": "Rest 240 l", "size": 8.0, "bold": true }] }]
        });
        let description: Description = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&description).unwrap(), json);
    }

    #[test]
    fn a_misspelt_name_is_refused_by_name() {
        for json in [
            r#"{"kind":"label","size":"100x60","labels":[{"code":"A","line":[]}]}"#,
            r#"{"kind":"label","size":"100x60","line":1,"labels":[]}"#,
        ] {
            let error = serde_json::from_str::<Description>(json).unwrap_err();
            assert!(
                error.to_string().contains("unknown field `line`"),
                "{error}"
            );
        }
    }

    #[test]
    fn limits_are_told_with_both_figures() {
        let label = Label {
            code: "A".to_owned(),
            lines: vec![],
        };
        let labels = |labels| {
            Description::Label(LabelDescription {
                size: LabelSize::Mm100x60,
                labels,
                printed_at: None,
            })
        };
        assert_eq!(labels(vec![]).check_limits(), Err(DocumentError::NoLabels));
        assert_eq!(labels(vec![label.clone(); 1_000]).check_limits(), Ok(()));
        assert_eq!(
            labels(vec![label; 1_001]).check_limits(),
            Err(DocumentError::TooManyLabels {
                found: 1_001,
                limit: 1_000
            })
        );
        let much = Label {
            code: "A".to_owned(),
            lines: vec![TextLine {
                text: "å".repeat(500_000),
                size: 8.0,
                bold: false,
            }],
        };
        assert_eq!(
            labels(vec![much]).check_limits(),
            Err(DocumentError::TooMuchText {
                found: 1_000_001,
                limit: 1_000_000
            })
        );
    }
}

//! How a label looks: data that an administrator changes, and of which a step may name one of several.

use serde::{Deserialize, Serialize};

/// The settings.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Layout {
    /// Paper.
    pub(crate) size: Paper,
    /// What the barcode says.
    pub(crate) code: Part,
    /// The lines above it, from the top.
    pub(crate) lines: Vec<Line>,
}

/// A line: what is known of the container, or a text of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    #[serde(default)]
    pub(crate) value: Option<Part>,
    #[serde(default)]
    pub(crate) text: Option<String>,
    /// Size in points.
    #[serde(default = "nine_points")]
    pub(crate) size: f64,
    #[serde(default)]
    pub(crate) bold: bool,
}

/// What is known.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Part {
    /// Id of the container.
    Id,
    /// Number of the case.
    Case,
    /// Type of the container.
    Type,
    /// Fractions, room by room.
    Fractions,
    /// Where it stands: its own address, else that of the property.
    Address,
}

/// The papers that the engine prints labels on.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Paper {
    #[serde(rename = "100x60")]
    Mm100x60,
    #[serde(rename = "100x62")]
    Mm100x62,
    #[serde(rename = "62-endless")]
    Endless62,
    #[serde(rename = "a4-24")]
    SheetOf24,
}

/// What `config/default.json` says; a test holds the two together.
impl Default for Layout {
    fn default() -> Self {
        let line = |value, size, bold| Line {
            value: Some(value),
            text: None,
            size,
            bold,
        };
        Self {
            size: Paper::Mm100x60,
            code: Part::Id,
            lines: vec![
                line(Part::Fractions, 12.0, true),
                line(Part::Type, 9.0, false),
                line(Part::Address, 9.0, false),
            ],
        }
    }
}

fn nine_points() -> f64 {
    9.0
}

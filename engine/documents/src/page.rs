//! What can stand on a page. Lengths are points (1/72 inch) from the top left corner, as one reads.

use sagsgang_domain::Timestamp;

/// Points in a millimetre.
const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// A document before it is written.
#[derive(Debug)]
pub(crate) struct Document {
    pub title: String,
    /// RFC 5646 tag of the language, for screen readers.
    pub language: &'static str,
    pub printed_at: Timestamp,
    pub pages: Vec<Page>,
}

/// One page.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub width: f32,
    pub height: f32,
    pub marks: Vec<Mark>,
}

/// Something drawn in black.
#[derive(Debug, Clone)]
pub(crate) enum Mark {
    /// One line of text; `y` is its baseline.
    Text {
        x: f32,
        y: f32,
        size: f32,
        weight: Weight,
        text: String,
    },
    /// A filled rectangle; `y` is its top.
    Bar {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
    },
}

/// The two weights of the typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    Regular,
    SemiBold,
}

impl Page {
    pub fn new(width: f32, height: f32) -> Self {
        Self {
            width,
            height,
            marks: Vec::new(),
        }
    }

    pub fn text(&mut self, x: f32, y: f32, size: f32, weight: Weight, text: impl Into<String>) {
        self.marks.push(Mark::Text {
            x,
            y,
            size,
            weight,
            text: text.into(),
        });
    }

    pub fn bar(&mut self, x: f32, y: f32, width: f32, height: f32) {
        self.marks.push(Mark::Bar {
            x,
            y,
            width,
            height,
        });
    }
}

/// Millimetres as points.
pub(crate) fn mm(millimetres: f32) -> f32 {
    millimetres * POINTS_PER_MM
}

/// Points as millimetres.
pub(crate) fn to_mm(points: f32) -> f32 {
    points / POINTS_PER_MM
}

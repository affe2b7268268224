//! Files to print and to work on: document descriptions to PDF, tables to CSV and XLSX ([`sheet`]).
//!
//! A plugin or a workflow step says *what* is to be printed, a [`Description`]: the labels of some containers, or the
//! whole of a case. This crate decides how it looks and draws it: [`render`] gives the bytes of one PDF file. The same
//! description always gives the same bytes, because the time of print is part of the description and nothing here
//! reads a clock, a file or a network.
//!
//! The way of a description:
//! - `description` – the shapes, as they stand in JSON;
//! - `label`, `case` – the layouts: a description becomes pages of marks;
//! - `barcode` – Code 128; `paragraph` – text into lines; `font` – the typeface, measured and subset;
//! - `join` – several files as one;
//! - `preview` – a small picture of an image;
//! - `page` – what can stand on a page; `pdf` – the only part that knows how PDF is written.

mod barcode;
mod case;
mod description;
mod error;
mod font;
mod join;
mod label;
mod page;
mod paragraph;
mod pdf;
mod preview;
pub mod sheet;

pub use description::{
    CaseDescription, Description, Fact, HistoryEntry, Label, LabelDescription, LabelSize, Language,
    MOST_LABELS, MOST_TEXT_BYTES, Section, TextLine,
};
pub use error::DocumentError;
pub use join::join;
pub use preview::{PREVIEW_TYPE, PREVIEWED_TYPES, PreviewError, preview};

/// A finished document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One PDF file.
    pub bytes: Vec<u8>,
    /// Number of pages in it, at least one.
    pub pages: usize,
}

/// Draws a description.
///
/// # Errors
/// [`DocumentError`] when the description is over a limit, or asks for something that cannot be printed as asked (a
/// code that Code 128 cannot carry or that is wider than the label, more text than the label has room for).
pub fn render(description: &Description) -> Result<Rendered, DocumentError> {
    description.check_limits()?;
    let document = match description {
        Description::Label(labels) => label::lay_out(labels)?,
        Description::Case(case) => case::lay_out(case)?,
    };
    Ok(Rendered {
        bytes: pdf::write(&document)?,
        pages: document.pages.len(),
    })
}

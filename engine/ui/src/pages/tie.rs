//! Tying a case to another one: a page to find the other case on, and a page to split a case.

pub(crate) mod find;
pub(crate) mod split;

use crate::form::{Choice, Control, Field};
use crate::format::Moment;
use crate::frame::Frame;
use crate::words::Badge;
use askama::Template;

/// The page on which the other case is found, and linked or merged into.
#[derive(Template, Debug)]
#[template(path = "tie.html", blocks = ["title", "main"])]
pub struct TiePage {
    ui: Frame,
    number: String,
    search: String,
    rows: Vec<Found>,
    relations: Vec<Choice>,
    may_merge: bool,
}

/// A case to choose.
#[derive(Debug)]
pub struct Found {
    /// Number.
    pub number: String,
    /// Title.
    pub title: String,
    /// Status.
    pub status: Badge,
    /// Case type.
    pub case_type: String,
    /// When it was created.
    pub created: Moment,
}

/// The page on which a new case is made of parts of another one.
#[derive(Template, Debug)]
#[template(path = "split.html", blocks = ["title", "main"])]
pub struct SplitPage {
    ui: Frame,
    number: String,
    fields: Vec<Field>,
    entries: Vec<Part>,
}

/// A note, a message or a file that a new case can be made of.
#[derive(Debug)]
pub struct Part {
    /// Its place in the history.
    pub seq: u64,
    /// Who and how.
    pub who: String,
    /// The beginning of its text.
    pub excerpt: String,
    /// When.
    pub at: Moment,
    /// Chosen.
    pub chosen: bool,
}

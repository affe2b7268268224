//! Rules of the house that no compiler knows.
//!
//! Each check is a function from text to a list of [`Problem`]s, so that its own tests can hand it a bad example: a
//! check that cannot fail proves nothing. `tests/tests/tidy.rs` runs all of them over the real tree.

pub mod book;
pub mod dependencies;
pub mod links;
pub mod manifests;
pub mod sources;
pub mod tree;

use std::fmt;

/// One broken rule: where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A path, with `:line` where a line is to blame; or the name of a crate.
    pub place: String,
    /// One sentence.
    pub message: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)
    }
}

/// All problems as one text, one a line; nothing when there are none.
pub fn report(problems: &[Problem]) -> Option<String> {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

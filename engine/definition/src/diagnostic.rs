//! Findings about a definition: where, what, and what to do about it.

use crate::codes::Code;
use crate::say;
use crate::sentence::Sentence;
use serde::Serialize;
use std::fmt;

/// A place in a text; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The definition cannot be published.
    Error,
    /// It can, but somebody should look at it.
    Warning,
}

/// One finding about a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// Name of the file as the caller gave it; empty for a text without a file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Stable code, a name of [`crate::codes`].
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: Sentence,
    /// What to do about it, where that is known.
    pub hint: Option<Sentence>,
    /// What would put it right, where that is one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// A word in place of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What stands at the place of the finding.
    pub from: String,
    /// What was meant.
    pub to: String,
}

impl Diagnostic {
    /// A finding at a place of a text without a file name.
    pub fn new(at: Position, code: &'static Code, message: impl Into<Sentence>) -> Self {
        Self {
            file: String::new(),
            line: at.line,
            column: at.column,
            code: code.name,
            severity: code.severity,
            message: message.into(),
            hint: None,
            fix: None,
        }
    }

    /// The same finding with advice.
    pub fn with_hint(mut self, hint: impl Into<Sentence>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same finding where another word was meant, which is offered.
    pub(crate) fn with_meant(mut self, from: &str, meant: &str) -> Self {
        self.fix = Some(Fix {
            from: from.to_owned(),
            to: meant.to_owned(),
        });
        self.with_hint(say!("did you mean `{name}`?", name = meant))
    }

    /// Whether the finding prevents publication.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// `file:line:column: error[code]: message`, and the hint on a line of its own.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Self {
            file,
            line,
            column,
            code,
            message,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {severity}[{code}]: {message}")?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

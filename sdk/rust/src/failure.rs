//! Failures of an action and errors of what it reaches.

use std::fmt;

/// What should happen after an action failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The same call may succeed later: the engine tries again.
    Retry,
    /// The call cannot succeed with this input.
    Reject,
    /// A person has to decide.
    Ask,
}

/// Why an action failed. Nothing that it asked for is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What should happen now.
    pub advice: Advice,
    /// The plugin's own stable word.
    pub code: String,
    /// One sentence for a person.
    pub message: String,
    /// When trying again may help, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl Failure {
    /// The same call may succeed later.
    pub fn retry(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Advice::Retry, code, message)
    }

    /// The call cannot succeed with this input.
    pub fn reject(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Advice::Reject, code, message)
    }

    /// Only a person can decide.
    pub fn ask(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Advice::Ask, code, message)
    }

    /// The same failure with the time after which trying again may help, in milliseconds.
    #[must_use]
    pub fn after_ms(mut self, milliseconds: u64) -> Self {
        self.retry_after_ms = Some(milliseconds);
        self
    }

    fn new(advice: Advice, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            advice,
            code: code.into(),
            message: message.into(),
            retry_after_ms: None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Failure {}

/// Why the engine did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// `denied`, `not-found`, `invalid`, `too-large`, `unavailable` or `rejected`.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// When trying again may help, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl Error {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            retry_after_ms: None,
        }
    }

    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        Self::new(
            "invalid",
            format!("what the engine gave has another shape than expected: {error}"),
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}

/// What is unavailable is worth another try; everything else will not get better by itself.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let advice = if error.code == "unavailable" {
            Advice::Retry
        } else {
            Advice::Reject
        };
        Self {
            advice,
            code: error.code,
            message: error.message,
            retry_after_ms: error.retry_after_ms,
        }
    }
}

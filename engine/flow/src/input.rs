//! What can happen to an instance.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// Something that happened to an instance. Journaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Input {
    /// It begins.
    Start {
        /// The raw input.
        input: Value,
    },
    /// A call or an awaited run of another workflow ended.
    CallDone {
        /// Key of the call or run.
        key: String,
        /// What it gave.
        result: Result<Value, WorkflowError>,
    },
    /// A timer is due.
    TimerFired {
        /// Key of the timer.
        key: String,
    },
    /// An event arrived for a subscription.
    Event {
        /// Key of the subscription.
        subscription: String,
        /// The CloudEvent as JSON.
        event: Value,
    },
    /// It goes on after a yield.
    Resume,
    /// Somebody stops it.
    Cancel {
        /// Why.
        reason: String,
    },
    /// Somebody lets it go on from the task at which an error stopped it.
    Retry {
        /// Used instead of what the task would take: the arguments of a call, else the task's input.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<Value>,
        /// Why.
        reason: String,
    },
    /// Somebody lets it go on after the task at which an error stopped it.
    Skip {
        /// Taken as what the task gave.
        output: Value,
        /// Name of the task of the same list that runs next; the one after it if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        then: Option<String>,
        /// Why.
        reason: String,
    },
    /// Somebody sends it to another task: what it waits for is taken back.
    Jump {
        /// Name of a task of a list in which it stands.
        to: String,
        /// Used instead of what the task would take.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<Value>,
        /// Why.
        reason: String,
    },
    /// Somebody lets it stand still: what comes for it waits. The interpreter's state does not change.
    Suspend {
        /// Why.
        reason: String,
    },
    /// Somebody lets it go on that was suspended. The interpreter's state does not change.
    Continue {
        /// Why.
        reason: String,
    },
    /// Somebody moved it to another version of its definition, see [`crate::migrate`].
    Migrate {
        /// The version before.
        from: String,
        /// The version now.
        to: String,
        /// Why.
        reason: String,
    },
}

impl Input {
    /// A person's decision about a run, which goes before whatever else waits for it.
    pub fn is_decision(&self) -> bool {
        matches!(
            self,
            Input::Cancel { .. }
                | Input::Retry { .. }
                | Input::Skip { .. }
                | Input::Jump { .. }
                | Input::Suspend { .. }
                | Input::Continue { .. }
                | Input::Migrate { .. }
        )
    }
}

/// An error of a workflow, in the form of RFC 9457 that the specification prescribes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowError {
    /// Type, a URI.
    pub r#type: String,
    /// Status, as in HTTP.
    pub status: u16,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Detail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// JSON Pointer to the task in which it arose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Trying again before so many milliseconds are over does not help.
    #[serde(
        default,
        rename = "retryAfterMs",
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after_ms: Option<u64>,
}

/// Where the specification's own error types live.
const STANDARD: &str = "https://open-workflow-specification.org/spec/1.0.0/errors/";

const OUTCOME_UNKNOWN: &str = "urn:sagsgang:error:outcome-unknown";
const ASKED: &str = "urn:sagsgang:error:asked";

impl WorkflowError {
    /// An error of a standard type: `configuration`, `validation`, `expression`, `authentication`, `authorization`,
    /// `timeout`, `communication` or `runtime`, with the status that the specification gives it.
    pub fn standard(name: &str, detail: impl Into<String>) -> Self {
        let (status, title) = match name {
            "validation" => (400, "Validation Error"),
            "expression" => (400, "Expression Error"),
            "configuration" => (400, "Configuration Error"),
            "authentication" => (401, "Authentication Error"),
            "authorization" => (403, "Authorization Error"),
            "timeout" => (408, "Timeout Error"),
            "communication" => (500, "Communication Error"),
            _ => (500, "Runtime Error"),
        };
        Self {
            r#type: format!("{STANDARD}{name}"),
            status,
            title: Some(title.to_owned()),
            detail: Some(detail.into()),
            instance: None,
            retry_after_ms: None,
        }
    }

    /// An error of a call that was begun, may have had its effect, and must not be begun again. No `catch` takes it: a
    /// person decides.
    pub fn outcome_unknown(detail: impl Into<String>) -> Self {
        Self {
            r#type: OUTCOME_UNKNOWN.to_owned(),
            title: Some("Outcome unknown".to_owned()),
            ..Self::standard("runtime", detail)
        }
    }

    /// What a call asks of a person. No `catch` takes it: a person decides.
    pub fn asked(question: impl Into<String>) -> Self {
        Self {
            r#type: ASKED.to_owned(),
            title: Some("Asked of a person".to_owned()),
            ..Self::standard("runtime", question)
        }
    }

    /// Whether it is left to a person.
    pub(crate) fn is_for_a_person(&self) -> bool {
        [OUTCOME_UNKNOWN, ASKED].contains(&self.r#type.as_str())
    }

    /// The same error, arisen at a task unless it names a place already.
    pub fn at(mut self, reference: &str) -> Self {
        self.instance.get_or_insert_with(|| reference.to_owned());
        self
    }
}

impl fmt::Display for WorkflowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = self.title.as_deref().unwrap_or(&self.r#type);
        write!(f, "{title} ({})", self.status)?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

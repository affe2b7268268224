//! What the runtime has to carry out.

use crate::input::WorkflowError;
use sagsgang_definition::Data;
use sagsgang_definition::workflow::{FilterId, FunctionRef};
use sagsgang_domain::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// Something that the runtime has to carry out in the commit of the step. Journaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Effect {
    /// Call a function and answer with [`crate::Input::CallDone`].
    Call {
        /// Idempotency key: the same for every attempt of the same visit.
        key: String,
        /// JSON Pointer to the task.
        path: String,
        /// How often the task has been reached before in its list.
        visit: u32,
        /// Name of the task.
        task: String,
        /// What is called.
        function: FunctionRef,
        /// Its arguments.
        with: Value,
        /// With which settings a plugin is called, where the task says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        configuration: Option<String>,
        /// How long the task may take; the interpreter also keeps a timer of its own.
        timeout_ms: Option<u64>,
    },
    /// Forget a call; its result will be ignored.
    CancelCall {
        /// Its key.
        key: String,
    },
    /// Start a run of another workflow. Answer with [`crate::Input::CallDone`] when it has ended, if that is awaited.
    Run {
        /// Idempotency key.
        key: String,
        /// JSON Pointer to the task.
        path: String,
        /// Name of the task.
        task: String,
        /// Which workflow.
        workflow: WorkflowRef,
        /// Its input, an object.
        input: Value,
        /// Whether its end is awaited.
        awaits: bool,
    },
    /// Cancel a run that is awaited; its end will be ignored.
    CancelRun {
        /// The key under which it was started.
        key: String,
    },
    /// Answer with [`crate::Input::TimerFired`] when the time has come.
    StartTimer {
        /// Key.
        key: String,
        /// When.
        due: Timestamp,
    },
    /// Forget a timer.
    CancelTimer {
        /// Its key.
        key: String,
    },
    /// Answer with [`crate::Input::Event`] for each event that passes one of the filters. A second subscription with the
    /// same key replaces the first. Events that the case received since the instance started count too, oldest first.
    /// An event is delivered at most once per `path` of an instance: a later visit of the task does not see it again.
    Subscribe {
        /// Key.
        key: String,
        /// JSON Pointer to the task.
        path: String,
        /// Name of the task.
        task: String,
        /// Filters, see [`crate::matches`].
        filters: Vec<EventFilter>,
        /// When the instance started.
        since: Timestamp,
        /// The first event ends it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        once: bool,
    },
    /// Forget a subscription.
    Unsubscribe {
        /// Its key.
        key: String,
    },
    /// Send an event.
    Emit {
        /// The CloudEvent as JSON.
        event: Value,
    },
    /// Come back with [`crate::Input::Resume`]: there is more to do than one step may.
    Yield,
    /// The instance has ended.
    Ended(Outcome),
}

/// A workflow by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowRef {
    /// `namespace/name`.
    pub name: String,
    /// Version, or `latest` for the one that new runs get.
    pub version: String,
}

/// How an instance ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "value", rename_all = "camelCase")]
pub enum Outcome {
    /// With this output, which the snapshot keeps; a journal does not hold it a second time.
    Completed(#[serde(serialize_with = "nothing")] Value),
    /// With an error that nothing caught.
    Faulted(WorkflowError),
    /// Somebody stopped it.
    Cancelled,
}

fn nothing<S: Serializer>(_: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_unit()
}

impl Outcome {
    /// What a run that awaits the end gets.
    pub fn as_result(&self) -> Result<Value, WorkflowError> {
        match self {
            Outcome::Completed(output) => Ok(output.clone()),
            Outcome::Faulted(error) => Err(error.clone()),
            Outcome::Cancelled => {
                let mut error = WorkflowError::standard("runtime", "the workflow was cancelled");
                error.title = Some("Cancelled".to_owned());
                Err(error)
            }
        }
    }
}

/// A filter of the definition together with the values that this instance expects.
///
/// The constants stand beside it so that the runtime can find candidates by index; [`crate::matches`] decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventFilter {
    /// The filter; `None` takes every event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<FilterId>,
    /// Whether the event ends the listening instead of being consumed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub until: bool,
    /// The type that the event must have, if it is a constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The source that the event must have, if it is a constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The subject that the event must have, if it is a constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Values expected by the filter's correlations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub correlate: BTreeMap<String, Data>,
    /// Variables that the filter's expressions mention, as they stood when the listening began.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Data>,
}

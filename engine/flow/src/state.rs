//! The snapshot of an instance.

use crate::effect::{EventFilter, WorkflowRef};
use crate::input::WorkflowError;
use sagsgang_definition::Data;
use sagsgang_definition::workflow::{FunctionRef, TaskId};
use sagsgang_domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Where an instance stands. Kept as compact JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    pub(crate) status: Status,
    pub(crate) started_at: Timestamp,
    /// The raw input, `$workflow.input`; `null` once nothing can ask for it any more.
    pub(crate) input: Data,
    /// What `input.from` made of it, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transformed: Option<Data>,
    pub(crate) context: Data,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<ListFrame>,
    /// Key of the timer of the workflow's time-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timeout: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Data>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<WorkflowError>,
    /// Where an error stopped it; its frames are kept, so that it can go on from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) held: Option<Held>,
    /// Names of the tasks that ran, the latest [`MOST_NAMES`] of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tasks: Vec<Arc<str>>,
    /// How many ran in all.
    pub(crate) executed: u64,
}

/// Whether and how an instance has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// It yielded and goes on with [`crate::Input::Resume`].
    Running,
    /// It waits for calls, timers or events.
    Waiting,
    /// It ended with an output.
    Completed,
    /// It ended with an error.
    Faulted,
    /// Somebody stopped it.
    Cancelled,
}

/// Where an error stopped an instance that a person may let go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// The task; `None` where the workflow's own input or output is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<HeldTask>,
}

/// The task at which an error stopped an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldTask {
    /// Idempotency key of its visit.
    pub key: String,
    /// Name.
    pub name: Arc<str>,
    /// JSON Pointer to it.
    pub reference: Arc<str>,
}

/// Something that an instance waits for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wait {
    /// Key of the call, timer or subscription.
    pub key: String,
    /// The task that waits.
    pub task: TaskId,
    /// What it waits for.
    #[serde(flatten)]
    pub kind: WaitKind,
}

/// What a task waits for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum WaitKind {
    /// The result of a function.
    Call {
        /// The function.
        function: FunctionRef,
    },
    /// The end of a run of another workflow.
    Run {
        /// The workflow.
        workflow: WorkflowRef,
    },
    /// A moment: the end of a `wait`.
    Timer {
        /// When.
        due: Timestamp,
    },
    /// The next attempt after an error.
    Retry {
        /// When.
        due: Timestamp,
        /// How many attempts have failed.
        failed: u32,
        /// The latest error.
        error: WorkflowError,
    },
    /// Events of these types; an empty text stands for any type.
    Events {
        /// Types.
        types: Vec<String>,
    },
}

/// How many names of executed tasks a state remembers.
pub(crate) const MOST_NAMES: usize = 1_000;

/// A list of tasks that is being run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ListFrame {
    /// Place in the list.
    pub at: u32,
    /// How often the list has jumped back. A task can only be reached again after a jump back, so this is its visit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u32,
    /// Output of the task before, raw input of this one.
    pub value: Data,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Box<TaskFrame>>,
}

/// A task in the middle of its work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskFrame {
    pub id: TaskId,
    pub started_at: Timestamp,
    /// What `input.from` made of the raw input, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Data>,
    /// Key of the timer of the task's time-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    pub body: Body,
}

/// What a task is in the middle of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Body {
    Call {
        key: String,
        function: FunctionRef,
    },
    Function {
        input: Data,
        task: Option<Box<TaskFrame>>,
    },
    Do(ListFrame),
    For {
        items: Data,
        index: u32,
        list: ListFrame,
    },
    Fork(Vec<Branch>),
    Listen(Box<ListenFrame>),
    Try(Box<TryFrame>),
    Run {
        key: String,
        workflow: WorkflowRef,
    },
    Wait {
        key: String,
        due: Timestamp,
    },
}

/// A branch of a `fork`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Branch {
    /// Its task has not begun (the step ended before) or is being run.
    Running(Option<Box<TaskFrame>>),
    Done(Data),
}

/// A `listen` task that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ListenFrame {
    pub key: String,
    pub filters: Vec<EventFilter>,
    /// Which filters have had their event.
    pub taken: Vec<bool>,
    /// What was read of the events.
    pub consumed: Vec<Data>,
    /// No more events are wanted; `foreach` may still be running.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// Outputs of `foreach`; the next event is the one after so many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Data>,
    /// `foreach` for the next event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListFrame>,
}

/// A `try` task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TryFrame {
    /// How many attempts have failed.
    pub failed: u32,
    /// When the first began.
    pub began: Timestamp,
    /// The first error, kept for the incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_error: Option<WorkflowError>,
    pub phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Phase {
    Trying {
        list: ListFrame,
        timer: Option<String>,
    },
    Delaying {
        key: String,
        due: Timestamp,
        error: WorkflowError,
    },
    Catching {
        list: ListFrame,
        error: WorkflowError,
    },
}

impl ListFrame {
    pub fn new(value: Data) -> Self {
        Self {
            at: 0,
            round: 0,
            value,
            task: None,
        }
    }
}

impl State {
    /// Whether and how it has ended.
    pub fn status(&self) -> Status {
        self.status
    }

    /// When it started.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// The output, once it has completed.
    pub fn output(&self) -> Option<Value> {
        self.output.as_ref().map(Data::to_json)
    }

    /// The error, once it has faulted.
    pub fn error(&self) -> Option<&WorkflowError> {
        self.error.as_ref()
    }

    /// Where an error stopped it, if it can go on from there.
    pub fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    /// The context, `$context`.
    pub fn context(&self) -> Value {
        self.context.to_json()
    }

    /// Names of the tasks that ran, in order, the latest thousand of them.
    pub fn tasks(&self) -> &[Arc<str>] {
        &self.tasks
    }

    /// How many tasks ran in all.
    pub fn executed(&self) -> u64 {
        self.executed
    }

    /// What it waits for: the reason why it does not move.
    pub fn waits(&self) -> Vec<Wait> {
        let mut waits = Vec::new();
        if let Some(list) = &self.body {
            list.waits(&mut waits);
        }
        waits
    }

    /// SHA-256 of the snapshot. Two states with the same hash behave alike.
    pub fn hash(&self) -> [u8; 32] {
        let text = serde_json::to_string(self).expect("a state holds nothing that JSON cannot say");
        Self::hash_of(&text)
    }

    /// The hash of the state that a snapshot is the text of, where the text was made already.
    pub fn hash_of(snapshot: &str) -> [u8; 32] {
        Sha256::digest(snapshot).into()
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(
            self.status,
            Status::Completed | Status::Faulted | Status::Cancelled
        )
    }

    /// Keeps of an instance that never moves again only what people read; the journal has its input.
    pub(crate) fn let_go(&mut self) {
        self.input = Data::NULL;
        self.transformed = None;
        self.body = None;
    }

    pub(crate) fn remember(&mut self, name: &Arc<str>) {
        self.executed += 1;
        if self.tasks.len() == MOST_NAMES {
            self.tasks.remove(0);
        }
        self.tasks.push(name.clone());
    }
}

impl Body {
    /// Whether tasks below it have a place of their own, so that the body can go on where one of them failed.
    pub fn leads_further(&self) -> bool {
        match self {
            Body::Call { .. } | Body::Run { .. } | Body::Wait { .. } => false,
            Body::Listen(listen) => listen.list.is_some(),
            Body::Function { .. }
            | Body::Do(_)
            | Body::For { .. }
            | Body::Fork(_)
            | Body::Try(_) => true,
        }
    }
}

impl ListFrame {
    fn waits(&self, waits: &mut Vec<Wait>) {
        if let Some(task) = &self.task {
            task.waits(waits);
        }
    }
}

impl TaskFrame {
    fn waits(&self, waits: &mut Vec<Wait>) {
        let mut wait = |key: &String, kind| {
            waits.push(Wait {
                key: key.clone(),
                task: self.id,
                kind,
            });
        };
        match &self.body {
            Body::Call { key, function } => wait(
                key,
                WaitKind::Call {
                    function: function.clone(),
                },
            ),
            Body::Run { key, workflow } => wait(
                key,
                WaitKind::Run {
                    workflow: workflow.clone(),
                },
            ),
            Body::Wait { key, due } => wait(key, WaitKind::Timer { due: *due }),
            Body::Function { task, .. } => task.iter().for_each(|task| task.waits(waits)),
            Body::Do(list) | Body::For { list, .. } => list.waits(waits),
            Body::Fork(branches) => {
                for branch in branches {
                    if let Branch::Running(Some(task)) = branch {
                        task.waits(waits);
                    }
                }
            }
            Body::Listen(listen) => {
                if !listen.closed {
                    let types = listen
                        .filters
                        .iter()
                        .map(|filter| filter.r#type.clone().unwrap_or_default())
                        .collect();
                    wait(&listen.key, WaitKind::Events { types });
                }
                listen.list.iter().for_each(|list| list.waits(waits));
            }
            Body::Try(attempt) => match &attempt.phase {
                Phase::Trying { list, .. } | Phase::Catching { list, .. } => list.waits(waits),
                Phase::Delaying { key, due, error } => {
                    let (due, failed) = (*due, attempt.failed);
                    wait(
                        key,
                        WaitKind::Retry {
                            due,
                            failed,
                            error: error.clone(),
                        },
                    );
                }
            },
        }
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

//! What happened to tasks in a step, for those who watch. It is no part of the state.

use std::sync::Arc;

/// Something that happened to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// JSON Pointer to the task.
    pub reference: Arc<str>,
    /// Name of the task.
    pub name: Arc<str>,
    /// What happened.
    pub what: TaskMoment,
}

/// What can happen to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskMoment {
    /// It begins.
    Started,
    /// It has given its output.
    Completed,
    /// It failed; whether somebody catches the error is another matter.
    Faulted,
    /// A `try` will run its tasks again.
    Retried,
    /// It was left early.
    Cancelled,
}

impl TaskMoment {
    /// Its word in the names of lifecycle events.
    pub fn word(self) -> &'static str {
        match self {
            TaskMoment::Started => "started",
            TaskMoment::Completed => "completed",
            TaskMoment::Faulted => "faulted",
            TaskMoment::Retried => "retried",
            TaskMoment::Cancelled => "cancelled",
        }
    }
}

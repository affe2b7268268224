//! Scenarios: what a workflow does in a situation, told as `given`, `when` and `then`.
//!
//! A scenario is a test that a configurator can read. It names a workflow file, answers the calls that the workflow makes
//! (so nothing happens outside), lets events arrive on a virtual clock, and says what must have come of it. This module is
//! the model; `sagsgang_flow::scenario` runs it.

mod fit;
mod read;

pub use fit::{Unlike, misfit};

use crate::codes;
use crate::diagnostic::{Diagnostic, Position};
use crate::expression::Expression;
use crate::say;
use crate::span::Span;
use crate::workflow::{Parsed, Workflow};
use sagsgang_domain::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

/// A value with its place in the file, so that a failure points there.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// Where it stands.
    pub at: Position,
    /// The value.
    pub value: T,
}

/// A file of scenarios of one workflow.
#[derive(Clone, Debug)]
pub struct ScenarioFile {
    /// Path of the workflow file, relative to this one.
    pub workflow: Placed<String>,
    /// Paths of other workflow files that it runs, relative to this one.
    pub others: Vec<Placed<String>>,
    /// The scenarios, in order.
    pub scenarios: Vec<Scenario>,
}

/// One scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows, in a sentence; unique in the file.
    pub name: Placed<String>,
    /// The world around.
    pub given: Given,
    /// What happens.
    pub when: When,
    /// What must have come of it.
    pub then: Then,
}

/// The world around a scenario.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The moment at which it starts; without it a fixed one, so that the outcome does not depend on the day.
    pub now: Option<Timestamp>,
    /// Answers of calls. The first that fits and is not used up answers.
    pub answers: Vec<Answer>,
}

/// A canned answer of a call.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Name of the function, or `namespace/name` of a workflow that is run.
    pub call: Placed<String>,
    /// What the arguments must hold for this answer to fit.
    pub with: Option<Value>,
    /// How often it answers; without it every time.
    pub times: Option<u32>,
    /// What it answers.
    pub outcome: Result<Value, ErrorShape>,
}

/// An error as a scenario gives or expects it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorShape {
    /// Type: a URI, or the last word of a standard type such as `communication`.
    pub r#type: Option<String>,
    /// Status, as in HTTP.
    pub status: Option<u16>,
    /// Title.
    pub title: Option<String>,
    /// Detail.
    pub detail: Option<String>,
}

/// What happens in a scenario.
#[derive(Clone, Debug)]
pub struct When {
    /// What starts the workflow.
    pub start: Start,
    /// Events that arrive while it runs, in order.
    pub events: Vec<Arrival>,
}

/// What starts the workflow of a scenario.
#[derive(Clone, Debug)]
pub enum Start {
    /// Somebody, with this input.
    Input(Value),
    /// An event, which must be one that the workflow's `schedule` waits for.
    Event(Placed<Value>),
    /// Several events that start it together, in order.
    Events(Vec<Placed<Value>>),
    /// The clock, by the workflow's `schedule`.
    Clock(Passing),
}

/// Time that passes, in which a workflow starts by the clock as often as its `schedule` says.
#[derive(Clone, Debug)]
pub struct Passing {
    /// How long.
    pub span: Placed<Span>,
    /// A part of it in which nothing runs, as when the program is stopped.
    pub stopped: Option<Stopped>,
}

/// A time in which nothing runs.
#[derive(Clone, Copy, Debug)]
pub struct Stopped {
    /// How long after the beginning it begins.
    pub after: Span,
    /// How long it is.
    pub lasts: Span,
}

/// An event that arrives while a workflow runs.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// How long after the start. At once, without it.
    pub after: Option<Span>,
    /// The CloudEvent, as far as it is given.
    pub event: Value,
}

/// What must have come of a scenario. What is not given is not looked at.
#[derive(Clone, Debug, Default)]
pub struct Then {
    /// Whether and how it ended: a name of [`STATUSES`].
    pub status: Option<Placed<String>>,
    /// Names of the tasks that ran, all of them in order.
    pub tasks: Option<Placed<Vec<String>>>,
    /// The calls that were made, all of them in order.
    pub calls: Option<Placed<Vec<Expected>>>,
    /// What the output holds.
    pub output: Option<Placed<Value>>,
    /// What the error is.
    pub error: Option<Placed<ErrorShape>>,
    /// What the events hold that it sent, all of them in order.
    pub events: Option<Placed<Vec<Placed<Value>>>>,
    /// How long it took on the virtual clock.
    pub took: Option<Placed<Span>>,
    /// The times for which the clock started it, all of them in order.
    pub starts: Option<Placed<Vec<Timestamp>>>,
    /// Expressions about `status`, `output`, `error`, `tasks`, `calls` and `events` that must be true.
    pub holds: Vec<Placed<Expression>>,
}

impl Then {
    /// Whether it expects something of a run, and not only when runs start.
    pub fn is_about_a_run(&self) -> bool {
        let Self {
            status,
            tasks,
            calls,
            output,
            error,
            events,
            took,
            starts: _,
            holds,
        } = self;
        status.is_some()
            || tasks.is_some()
            || calls.is_some()
            || output.is_some()
            || error.is_some()
            || events.is_some()
            || took.is_some()
            || !holds.is_empty()
    }
}

/// A call that is expected.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Name of the function.
    pub call: Placed<String>,
    /// What its arguments hold.
    pub with: Option<Value>,
}

/// The words of `then.status`. `waiting` is a workflow that waits for an event that never comes.
pub const STATUSES: [&str; 4] = ["completed", "faulted", "waiting", "cancelled"];

/// Reads a file of scenarios.
pub fn parse_scenarios(file: &str, text: &str) -> Parsed<ScenarioFile> {
    Parsed::read(file, text, read::file)
}

impl ScenarioFile {
    /// Tasks and functions that scenarios name and the workflow does not have: such an answer is never given, such an
    /// expectation never met.
    pub fn strangers(
        &self,
        file: &str,
        workflow: &Workflow,
        others: &[Workflow],
    ) -> Vec<Diagnostic> {
        let tasks: BTreeSet<&str> = workflow.tasks.iter().map(|task| &*task.name).collect();
        let functions: BTreeSet<String> = workflow
            .calls()
            .map(|(function, _)| function.name.clone())
            .chain(others.iter().flat_map(|other| {
                let calls = other.calls();
                calls.map(|(function, _)| function.name.clone())
            }))
            .chain(
                [workflow]
                    .into_iter()
                    .chain(others)
                    .flat_map(Workflow::runs),
            )
            .collect();
        let functions: BTreeSet<&str> = functions.iter().map(String::as_str).collect();
        let mut found = Vec::new();
        for Scenario { given, then, .. } in &self.scenarios {
            let expected = then.calls.iter().flat_map(|calls| &calls.value);
            let calls = given.answers.iter().map(|answer| &answer.call);
            for call in calls.chain(expected.map(|expected| &expected.call)) {
                if !functions.contains(call.value.as_str()) {
                    found.push(stranger(file, call.at, "call", &call.value, &functions));
                }
            }
            if let Some(list) = &then.tasks {
                for name in list
                    .value
                    .iter()
                    .filter(|name| !tasks.contains(name.as_str()))
                {
                    found.push(stranger(file, list.at, "task", name, &tasks));
                }
            }
        }
        found
    }
}

fn stranger(
    file: &str,
    at: Position,
    what: &str,
    name: &str,
    known: &BTreeSet<&str>,
) -> Diagnostic {
    let message = say!("the workflow has no {what} `{name}`", what, name);
    let known: Vec<&str> = known.iter().copied().collect();
    let mut finding = Diagnostic::new(at, &codes::SCENARIO_REFERENCE, message)
        .with_hint(say!("it has: {names}", names = known.join(", ")));
    file.clone_into(&mut finding.file);
    finding
}

#[cfg(test)]
mod tests;

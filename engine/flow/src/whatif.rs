//! What would have happened with another version: a recorded run is gone through again, and nothing is sent.
//!
//! Both versions are run on the virtual clock with the run's own input, the events that it consumed at the times they came,
//! and the results that its calls had. What differs then differs because of the definition. A call that the recorded run
//! did not make has no result; it is answered by an error and told.

use crate::dry::{self, DryRun};
use crate::effect::Effect;
use crate::input::{Input, WorkflowError};
use crate::step::StepContext;
use sagsgang_definition::Workflow;
use sagsgang_domain::{InstanceId, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What happened to a run, from its journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    started: Timestamp,
    input: Value,
    events: Vec<Value>,
    answers: Vec<Recorded>,
}

/// What calls were answered, each answer to be given once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    left: Vec<Option<Recorded>>,
}

impl Answers {
    /// The answer of a call of the same function with the same arguments.
    pub fn same(&mut self, function: &str, with: &Value) -> Option<Result<Value, WorkflowError>> {
        self.take(|known| known.function == function && known.with == *with)
    }

    /// The answer that the same task had from the same function, whatever its arguments were.
    pub fn of_task(&mut self, task: &str, function: &str) -> Option<Result<Value, WorkflowError>> {
        self.take(|known| known.function == function && known.task == task)
    }

    fn take(&mut self, fits: impl Fn(&Recorded) -> bool) -> Option<Result<Value, WorkflowError>> {
        let mut left = self.left.iter_mut();
        let found = left.find(|known| known.as_ref().is_some_and(&fits))?;
        found.take().map(|known| known.result)
    }
}

impl Extend<Recording> for Answers {
    fn extend<T: IntoIterator<Item = Recording>>(&mut self, recordings: T) {
        let answers = recordings.into_iter().flat_map(|one| one.answers);
        self.left.extend(answers.map(Some));
    }
}

/// A call with its result.
#[derive(Clone, Debug, PartialEq)]
struct Recorded {
    task: String,
    function: String,
    with: Value,
    result: Result<Value, WorkflowError>,
}

/// A call that a version makes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Called {
    /// Name of the function.
    pub call: String,
    /// Its arguments.
    pub with: Value,
    /// The recorded run had no such call, so its result is not known.
    pub unknown: bool,
}

/// How a version goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The run.
    pub ran: DryRun,
    /// The calls, in order.
    pub calls: Vec<Called>,
}

/// Something that would be different.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// `status`, `tasks`, `calls`, `output`, `error`, `events` or `end`.
    pub what: &'static str,
    /// With the recorded version.
    pub before: Value,
    /// With the other version.
    pub after: Value,
}

impl Recording {
    /// Reads a journal: time, input and effects of each entry, in order. Nothing for one that has no start.
    pub fn read(
        journal: impl IntoIterator<Item = (Timestamp, Input, Vec<Effect>)>,
    ) -> Option<Self> {
        let mut recording: Option<Self> = None;
        let mut open: BTreeMap<String, (String, String, Value)> = BTreeMap::new();
        for (at, input, effects) in journal {
            match (&mut recording, input) {
                (None, Input::Start { input }) => {
                    recording = Some(Self {
                        started: at,
                        input,
                        events: Vec::new(),
                        answers: Vec::new(),
                    });
                }
                (Some(recording), Input::Event { mut event, .. }) => {
                    event["time"] = json!(at);
                    recording.events.push(event);
                }
                (Some(recording), Input::CallDone { key, result }) => {
                    if let Some((task, function, with)) = open.remove(&key) {
                        recording.answers.push(Recorded {
                            task,
                            function,
                            with,
                            result,
                        });
                    }
                }
                _ => {}
            }
            for effect in effects {
                if let Effect::Call {
                    key,
                    task,
                    function,
                    with,
                    ..
                } = effect
                {
                    open.insert(key, (task, function.name, with));
                }
            }
        }
        recording
    }

    /// How a version would have gone.
    pub fn course(&self, definition: &Workflow, instance: InstanceId) -> Course {
        let mut left: Vec<Option<&Recorded>> = self.answers.iter().map(Some).collect();
        let mut calls = Vec::new();
        let context = StepContext::new(instance, self.started);
        let events = self.events.clone();
        let ran = dry::run(definition, self.input.clone(), events, &context, |call| {
            let name = &call.function.name;
            // The same arguments first: a version that only changes the order of calls then changes nothing else.
            let same = |known: &Recorded| known.function == *name && known.with == *call.with;
            let place = left
                .iter()
                .position(|known| known.is_some_and(same))
                .or_else(|| {
                    let named = |known: &Recorded| known.function == *name;
                    left.iter().position(|known| known.is_some_and(named))
                });
            let known = place.and_then(|place| left[place].take());
            calls.push(Called {
                call: name.clone(),
                with: call.with.clone(),
                unknown: known.is_none(),
            });
            match known {
                Some(known) => known.result.clone(),
                None => Err(WorkflowError::standard(
                    "configuration",
                    format!("the recorded run has no result of {name} for this call"),
                )),
            }
        });
        Course { ran, calls }
    }
}

/// What would be different with the other course.
pub fn differences(before: &Course, after: &Course) -> Vec<Difference> {
    let view = |course: &Course| {
        let ran = &course.ran;
        let calls: Vec<Value> = course.calls.iter().map(|call| json!(call)).collect();
        [
            ("status", json!(ran.status)),
            ("tasks", json!(ran.tasks)),
            ("calls", json!(calls)),
            ("output", json!(ran.output)),
            ("error", json!(ran.error)),
            ("events", json!(bare(&ran.events))),
            ("end", json!(ran.ended_at)),
        ]
    };
    let pairs = view(before).into_iter().zip(view(after));
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((what, before), (_, after))| Difference {
            what,
            before,
            after,
        })
        .collect()
}

/// Events without what is made anew for each.
fn bare(events: &[Value]) -> Vec<Value> {
    let mut events = events.to_vec();
    for event in events.iter_mut().filter_map(Value::as_object_mut) {
        event.remove("id");
        event.remove("time");
    }
    events
}

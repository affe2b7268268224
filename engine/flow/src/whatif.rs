//! What would have happened with another version: a recorded run is gone through again, and nothing is sent.
//!
//! Both versions are run on the virtual clock with the run's own input, the events that it consumed at the times they came,
//! and the results that its calls had. What differs then differs because of the definition. A call that the recorded run
//! did not make has no result; it is answered by an error and told.

use crate::dry::{self, DryCall, DryRun};
use crate::effect::Effect;
use crate::input::{Input, WorkflowError};
use crate::step::StepContext;
use sagsgang_definition::Workflow;
use sagsgang_definition::workflow::FunctionRef;
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
    left: Vec<Option<Known>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Known {
    call: Recorded,
    /// A run of the same workflow made it.
    own: bool,
}

impl Answers {
    /// Adds what the calls of a run were answered; `own` if it is a run of the workflow that asks.
    pub fn add(&mut self, recording: Recording, own: bool) {
        let calls = recording.answers.into_iter();
        self.left
            .extend(calls.map(|call| Some(Known { call, own })));
    }

    /// The answer of a call of the same function, in the same version and with the same settings and arguments.
    pub fn same(&mut self, call: &DryCall<'_>) -> Option<Result<Value, WorkflowError>> {
        self.take(|known| known.call.is_like(call) && known.call.with == *call.with)
    }

    /// The answer that the task of this name in the same workflow had from the same function, in the same version and with
    /// the same settings, whatever its arguments were.
    pub fn of_task(&mut self, call: &DryCall<'_>) -> Option<Result<Value, WorkflowError>> {
        self.take(|known| known.own && known.call.is_like(call) && known.call.task == call.task)
    }

    fn take(&mut self, fits: impl Fn(&Known) -> bool) -> Option<Result<Value, WorkflowError>> {
        let mut left = self.left.iter_mut();
        let found = left.find(|known| known.as_ref().is_some_and(&fits))?;
        found.take().map(|known| known.call.result)
    }
}

/// A call with its result.
#[derive(Clone, Debug, PartialEq)]
struct Recorded {
    task: String,
    function: FunctionRef,
    configuration: Option<String>,
    with: Value,
    result: Result<Value, WorkflowError>,
}

impl Recorded {
    /// Whether a call is of the same function, in the same version and with the same settings. Another version may answer
    /// otherwise.
    fn is_like(&self, call: &DryCall<'_>) -> bool {
        self.function == *call.function && self.configuration.as_deref() == call.configuration
    }
}

/// A call that is under way.
struct Open {
    task: String,
    function: FunctionRef,
    configuration: Option<String>,
    with: Value,
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
        let mut open: BTreeMap<String, Open> = BTreeMap::new();
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
                    if let Some(call) = open.remove(&key) {
                        recording.answers.push(Recorded {
                            task: call.task,
                            function: call.function,
                            configuration: call.configuration,
                            with: call.with,
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
                    configuration,
                    ..
                } = effect
                {
                    let call = Open {
                        task,
                        function,
                        configuration,
                        with,
                    };
                    open.insert(key, call);
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
            let same = |known: &Recorded| known.is_like(call) && known.with == *call.with;
            let place = left
                .iter()
                .position(|known| known.is_some_and(same))
                .or_else(|| {
                    let like = |known: &Recorded| known.is_like(call);
                    left.iter().position(|known| known.is_some_and(like))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The call of a task, as the journal has it and as a trial makes it.
    fn ask(
        answers: &Answers,
        function: &FunctionRef,
        configuration: Option<&str>,
        task: &str,
    ) -> [bool; 2] {
        let (with, other) = (json!({ "a": 1 }), json!({ "a": 2 }));
        let call = |with| DryCall {
            function,
            with,
            configuration,
            task,
            key: "k",
        };
        let same = answers.clone().same(&call(&with)).is_some();
        let of_task = answers.clone().of_task(&call(&other)).is_some();
        [same, of_task]
    }

    fn recording() -> Recording {
        Recording {
            started: Timestamp::from_micros(0),
            input: Value::Null,
            events: Vec::new(),
            answers: vec![Recorded {
                task: "send".to_owned(),
                function: function("1.0.0"),
                configuration: Some("nord".to_owned()),
                with: json!({ "a": 1 }),
                result: Ok(json!("sent")),
            }],
        }
    }

    fn function(version: &str) -> FunctionRef {
        FunctionRef {
            name: "sms-send".to_owned(),
            version: Some(version.to_owned()),
            catalog: Some("default".to_owned()),
        }
    }

    #[test]
    fn an_answer_is_one_of_the_same_version_with_the_same_settings() {
        let mut answers = Answers::default();
        answers.add(recording(), true);
        let first = function("1.0.0");
        assert_eq!(ask(&answers, &first, Some("nord"), "send"), [true, true]);
        assert_eq!(ask(&answers, &first, Some("syd"), "send"), [false; 2]);
        assert_eq!(ask(&answers, &first, None, "send"), [false; 2]);
        let second = function("2.0.0");
        assert_eq!(ask(&answers, &second, Some("nord"), "send"), [false; 2]);
        assert_eq!(ask(&answers, &first, Some("nord"), "tell"), [true, false]);
    }

    #[test]
    fn a_task_of_another_workflow_that_is_called_the_same_is_another_task() {
        let mut answers = Answers::default();
        answers.add(recording(), false);
        let first = function("1.0.0");
        assert_eq!(ask(&answers, &first, Some("nord"), "send"), [true, false]);
    }
}

//! Runs scenarios: nothing happens outside, waits take no time, and what came of it is held against what was expected.

mod clock;

use crate::dry::{self, Child, DryCall, DryRun};
use crate::effect::WorkflowRef;
use crate::input::WorkflowError;
use crate::state::Status;
use crate::step::StepContext;
use sagsgang_definition::scenario::{
    Answer, ErrorShape, Passing, Placed, Scenario, Start, Then, misfit,
};
use sagsgang_definition::workflow::{Gathered, type_matches};
use sagsgang_definition::{Data, Limits, NoVariables, Position, Sentence, Workflow, say};
use sagsgang_domain::{InstanceId, Timestamp};
use serde_json::{Value, json};

/// What is not as a scenario expects it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where the file of scenarios expects it.
    pub at: Position,
    /// What is different, in one sentence.
    pub message: Sentence,
}

/// How a scenario went.
#[derive(Clone, Debug)]
pub struct Told {
    /// What happened; nothing if the workflow was not started.
    pub ran: Option<DryRun>,
    /// The calls that were made: name and arguments, in order.
    pub calls: Vec<(String, Value)>,
    /// What is not as expected; empty if the scenario holds.
    pub failures: Vec<Failure>,
}

/// When a scenario starts that does not say so: a Tuesday at noon.
const NOON: i64 = 1_767_697_200_000_000;

/// Runs a scenario of a workflow as this instance. The same scenario always goes the same way. Other workflows that it
/// runs are answered for by the scenario, or run too where they are among the others given.
///
/// Where the clock starts the workflow, what is told is the last run; the times of all of them are compared.
pub fn run(
    definition: &Workflow,
    others: &[Workflow],
    scenario: &Scenario,
    instance: InstanceId,
) -> Told {
    let now = scenario.given.now.unwrap_or(Timestamp::from_micros(NOON));
    let mut stage = Stage {
        definition,
        others,
        scenario,
        instance,
        began: now,
        answers: Answers::new(scenario),
    };
    let input = match &scenario.when.start {
        Start::Input(input) => Ok(input.clone()),
        Start::Event(event) => gathered(definition, std::slice::from_ref(event), now),
        Start::Events(events) => gathered(definition, events, now),
        Start::Clock(passing) => return stage.pass(passing),
    };
    let input = match input {
        Ok(input) => input,
        Err(failure) => return Told::not_started(failure),
    };
    let ran = stage.run(input, now);
    stage.told(Some((ran, now, 0)), &[])
}

impl Told {
    fn not_started(failure: Failure) -> Self {
        Self {
            ran: None,
            calls: Vec::new(),
            failures: vec![failure],
        }
    }
}

/// A scenario that is played.
struct Stage<'s> {
    definition: &'s Workflow,
    others: &'s [Workflow],
    scenario: &'s Scenario,
    instance: InstanceId,
    /// When the scenario began.
    began: Timestamp,
    answers: Answers<'s>,
}

impl Stage<'_> {
    /// Lets the clock start it.
    fn pass(mut self, passing: &Passing) -> Told {
        let began = self.began;
        match clock::pass(&mut self, passing, began) {
            Ok(clock::Passed { starts, last }) => self.told(last, &starts),
            Err(failure) => Told::not_started(failure),
        }
    }

    /// Runs it once, from a moment on. It hears the events that arrive from then.
    fn run(&mut self, input: Value, now: Timestamp) -> DryRun {
        let (definition, others, began) = (self.definition, self.others, self.began);
        let arrivals = self.scenario.when.events.iter().enumerate();
        let events = arrivals.map(|(place, arrival)| {
            let after = arrival.after.unwrap_or_default();
            let at = after.after(began, &definition.zone);
            (
                at,
                whole_event(&arrival.event, &format!("event-{}", place + 1), at),
            )
        });
        let events = events.filter(|(at, _)| *at >= now).map(|(_, event)| event);
        let context = StepContext::new(self.instance, now);
        let given = &self.scenario.given.answers;
        let child = |wanted: &WorkflowRef| {
            let is_answered = given.iter().any(|answer| answer.call.value == wanted.name);
            let mut others = others.iter().chain([definition]);
            let found = others.find(|other| {
                let document = &other.document;
                document.qualified_name() == wanted.name
                    && ["latest", &document.version].contains(&wanted.version.as_str())
            });
            match found {
                _ if is_answered => Child::Answered,
                Some(workflow) => Child::Runs(workflow),
                None => Child::Missing,
            }
        };
        let answers = &mut self.answers;
        dry::run_among(
            definition,
            child,
            input,
            events.collect(),
            &context,
            |call| answers.give(call),
        )
    }

    /// What came of it, of the last run: with the moment at which it began, and how many calls there were before.
    fn told(self, last: Option<(DryRun, Timestamp, usize)>, starts: &[Timestamp]) -> Told {
        let then = &self.scenario.then;
        let mut failures = self.answers.failures;
        let mut calls = self.answers.calls;
        failures.extend(clock::compare(then.starts.as_ref(), starts));
        let ran = last.map(|(ran, began, before)| {
            calls.drain(..before);
            failures.extend(compare(self.definition, then, &ran, &calls, began));
            ran
        });
        if ran.is_none() && then.is_about_a_run() {
            failures.push(Failure {
                at: self.scenario.name.at,
                message: "the clock does not start the workflow in the time that passes".into(),
            });
        }
        failures.sort_by_key(|failure| failure.at);
        Told {
            ran,
            calls,
            failures,
        }
    }
}

/// The input of a run that events start: all of them are needed, and none is left over.
fn gathered(
    definition: &Workflow,
    events: &[Placed<Value>],
    now: Timestamp,
) -> Result<Value, Failure> {
    let fail = |at: Position, message: &'static str| Failure {
        at,
        message: message.into(),
    };
    let mut before: Vec<Data> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let is_last = place + 1 == events.len();
        let id = match events.len() {
            1 => "start".to_owned(),
            _ => format!("start-{}", place + 1),
        };
        let whole = Data::from_json(&whole_event(&event.value, &id, now));
        match definition.gather(&before, &whole) {
            Gathered::Complete(input) if is_last => return Ok(input),
            Gathered::Complete(_) => {
                let message =
                    "this event starts the workflow; those after it belong to another start";
                return Err(fail(event.at, message));
            }
            Gathered::Refused => {
                let message = match place {
                    0 => "the workflow does not start on this event",
                    _ => "the workflow does not take this event beside those before it",
                };
                return Err(fail(event.at, message));
            }
            Gathered::Kept => before.push(whole),
        }
    }
    let at = events.last().map(|event| event.at).unwrap_or_default();
    Err(fail(
        at,
        "the workflow waits for more events before it starts",
    ))
}

/// An event with the attributes that every CloudEvent has.
fn whole_event(given: &Value, id: &str, at: Timestamp) -> Value {
    let mut event = json!({ "specversion": "1.0", "id": id, "source": "scenario", "time": at });
    if let (Some(event), Some(given)) = (event.as_object_mut(), given.as_object()) {
        event.extend(
            given
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
    }
    event
}

/// The canned answers, and what was asked.
struct Answers<'s> {
    scenario: &'s Scenario,
    left: Vec<Option<u32>>,
    calls: Vec<(String, Value)>,
    failures: Vec<Failure>,
}

impl<'s> Answers<'s> {
    fn new(scenario: &'s Scenario) -> Self {
        let answers = &scenario.given.answers;
        Self {
            scenario,
            left: answers.iter().map(|answer| answer.times).collect(),
            calls: Vec::new(),
            failures: Vec::new(),
        }
    }

    fn give(&mut self, call: &DryCall<'_>) -> Result<Value, WorkflowError> {
        let name = &call.function.name;
        self.calls.push((name.clone(), call.with.clone()));
        let fits = |answer: &Answer| {
            answer.call.value == *name
                && answer
                    .with
                    .as_ref()
                    .is_none_or(|with| misfit(with, call.with).is_none())
        };
        let answers = self.scenario.given.answers.iter().zip(&mut self.left);
        let mut open = answers.filter(|(answer, left)| **left != Some(0) && fits(answer));
        let Some((answer, left)) = open.next() else {
            let message = say!(
                "no answer for `{name}`, which the task `{task}` calls with {with}; add one under `given.answers`",
                name,
                task = call.task,
                with = call.with
            );
            self.failures.push(Failure {
                at: self.scenario.name.at,
                message: message.clone(),
            });
            return Err(WorkflowError::standard(
                "configuration",
                message.to_string(),
            ));
        };
        *left = left.map(|left| left - 1);
        answer.outcome.clone().map_err(|shape| error(&shape))
    }
}

/// The error that an answer describes.
fn error(shape: &ErrorShape) -> WorkflowError {
    let kind = shape.r#type.as_deref().unwrap_or("communication");
    let mut error = WorkflowError::standard(kind, shape.detail.clone().unwrap_or_default());
    if kind.contains([':', '/']) {
        kind.clone_into(&mut error.r#type);
        error.title = None;
    }
    error.status = shape.status.unwrap_or(error.status);
    error.title = shape.title.clone().or(error.title);
    error.detail.clone_from(&shape.detail);
    error
}

fn compare(
    definition: &Workflow,
    then: &Then,
    ran: &DryRun,
    calls: &[(String, Value)],
    start: Timestamp,
) -> Vec<Failure> {
    let mut found = Vec::new();
    let mut fail = |at: Position, message: Sentence| found.push(Failure { at, message });
    let status = status_word(ran.status);
    if let Some(expected) = &then.status
        && expected.value != status
    {
        let why = match &ran.error {
            Some(error) => format!(": {error}"),
            None => String::new(),
        };
        fail(
            expected.at,
            say!(
                "expected {expected}, found {found}{why}",
                expected = run_in(&expected.value),
                found = run_in(status),
                why
            ),
        );
    }
    if let Some(expected) = &then.tasks
        && expected.value != ran.tasks
    {
        let (wanted, found) = (expected.value.join(", "), ran.tasks.join(", "));
        fail(
            expected.at,
            say!("expected tasks {wanted}; found {found}", wanted, found),
        );
    }
    if let Some(expected) = &then.calls {
        if let Some(message) = call_misfit(expected.value.len(), calls) {
            fail(expected.at, message);
        }
        for (expected, (name, with)) in expected.value.iter().zip(calls) {
            if expected.call.value != *name {
                let message = say!(
                    "expected a call of {expected}, found one of {name}",
                    expected = expected.call.value,
                    name
                );
                fail(expected.call.at, message);
            } else if let Some(misfit) = expected
                .with
                .as_ref()
                .and_then(|wanted| misfit(wanted, with))
            {
                let message = say!(
                    "arguments of {name}: {place}expected {expected}, found {found}",
                    name,
                    place = misfit.place,
                    expected = misfit.expected,
                    found = misfit.found
                );
                fail(expected.call.at, message);
            }
        }
    }
    if let Some(expected) = &then.output {
        let output = ran.output.as_ref().unwrap_or(&Value::Null);
        if let Some(misfit) = misfit(&expected.value, output) {
            let message = say!(
                "output: {place}expected {expected}, found {found}",
                place = misfit.place,
                expected = misfit.expected,
                found = misfit.found
            );
            fail(expected.at, message);
        }
    }
    if let Some(expected) = &then.error
        && let Some(message) = error_misfit(&expected.value, ran.error.as_ref())
    {
        fail(expected.at, message);
    }
    if let Some(expected) = &then.events {
        let (wanted, sent) = (expected.value.len(), ran.events.len());
        if wanted != sent {
            fail(
                expected.at,
                say!(
                    "expected {wanted} events, found {sent}: {events}",
                    wanted,
                    sent,
                    events = json!(ran.events)
                ),
            );
        }
        for (expected, event) in expected.value.iter().zip(&ran.events) {
            if let Some(misfit) = misfit(&expected.value, event) {
                let message = say!(
                    "event: {place}expected {expected}, found {found}",
                    place = misfit.place,
                    expected = misfit.expected,
                    found = misfit.found
                );
                fail(expected.at, message);
            }
        }
    }
    if let Some(expected) = &then.took {
        let wanted = expected.value.after(start, &definition.zone);
        if wanted != ran.ended_at {
            fail(
                expected.at,
                say!(
                    "expected to end at {wanted}, ended at {end}",
                    wanted,
                    end = ran.ended_at
                ),
            );
        }
    }
    let view = view(status, ran, calls);
    for expression in &then.holds {
        if let Some(message) = not_held(expression, &view) {
            fail(expression.at, message);
        }
    }
    found
}

fn call_misfit(wanted: usize, calls: &[(String, Value)]) -> Option<Sentence> {
    let names: Vec<&str> = calls.iter().map(|(name, _)| name.as_str()).collect();
    (wanted != calls.len()).then(|| {
        say!(
            "expected {wanted} calls, found {found}: {names}",
            wanted,
            found = calls.len(),
            names = names.join(", ")
        )
    })
}

fn error_misfit(expected: &ErrorShape, found: Option<&WorkflowError>) -> Option<Sentence> {
    let Some(found) = found else {
        return Some("expected an error, found none".into());
    };
    let same = |wanted: &Option<String>, found: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
    };
    let holds = expected
        .r#type
        .as_deref()
        .is_none_or(|wanted| type_matches(wanted, &found.r#type))
        && expected.status.is_none_or(|status| status == found.status)
        && same(&expected.title, found.title.as_deref())
        && same(&expected.detail, found.detail.as_deref());
    (!holds).then(|| say!("expected another error than {error}", error = json!(found)))
}

/// What `holds` expressions see.
fn view(status: &str, ran: &DryRun, calls: &[(String, Value)]) -> Data {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(name, with)| json!({ "call": name, "with": with }))
        .collect();
    Data::from_json(&json!({
        "status": status, "output": ran.output, "error": ran.error,
        "tasks": ran.tasks, "calls": calls, "events": ran.events,
    }))
}

fn not_held(expression: &Placed<sagsgang_definition::Expression>, view: &Data) -> Option<Sentence> {
    let text = expression.value.text();
    match expression
        .value
        .evaluate(view, &NoVariables, &Limits::default())
    {
        Ok(value) if value.is_true() => None,
        Ok(value) => Some(say!(
            "`{text}` does not hold; it gives {value}",
            text,
            value = value.to_json()
        )),
        Err(error) => Some(say!("`{text}` cannot be told: {error}", text, error)),
    }
}

/// A run in a status, in words that are said in other languages too. The words of files would stay English.
fn run_in(status: &str) -> &str {
    match status {
        "completed" => "a completed run",
        "faulted" => "a run stopped by an error",
        "cancelled" => "a cancelled run",
        "waiting" => "a waiting run",
        other => other,
    }
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Completed => "completed",
        Status::Faulted => "faulted",
        Status::Cancelled => "cancelled",
        Status::Running | Status::Waiting => "waiting",
    }
}

//! Runs a definition from start to end without a runtime: a virtual clock, answers from the caller.

use crate::effect::{Effect, EventFilter, Outcome};
use crate::input::{Input, WorkflowError};
use crate::matching::matches;
use crate::state::{Status, Wait};
use crate::step::{StepContext, step};
use sagsgang_definition::Workflow;
use sagsgang_definition::workflow::FunctionRef;
use sagsgang_domain::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A call that the caller has to answer.
#[derive(Clone, Debug)]
pub struct DryCall<'a> {
    /// What is called.
    pub function: &'a FunctionRef,
    /// Its arguments.
    pub with: &'a Value,
    /// Name of the task.
    pub task: &'a str,
    /// Its idempotency key.
    pub key: &'a str,
}

/// How a dry run went.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRun {
    /// Whether and how it ended. `waiting` means that it waits for events that were not given.
    pub status: Status,
    /// Its output, if it completed.
    pub output: Option<Value>,
    /// Its error, if it faulted.
    pub error: Option<WorkflowError>,
    /// Names of the tasks that ran, in order.
    pub tasks: Vec<String>,
    /// Events that it sent, in order.
    pub events: Vec<Value>,
    /// What it still waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<Wait>,
    /// When it ended on the virtual clock.
    pub ended_at: Timestamp,
}

/// Steps after which a run is given up: a definition can loop for ever, a command line should not.
const MOST_STEPS: usize = 10_000;

/// Runs a definition. Waits take no time: the clock jumps to the next timer when nothing else is to do. Each given event
/// is offered to every listening once, in order; events that the workflow sends itself are offered too. An event whose
/// `time` is still to come arrives at that time.
pub fn run(
    definition: &Workflow,
    input: Value,
    events: Vec<Value>,
    context: &StepContext,
    mut responder: impl FnMut(&DryCall<'_>) -> Result<Value, WorkflowError>,
) -> DryRun {
    let mut world = World::new(events);
    let mut context = context.clone();
    let mut state = None;
    let mut tasks: Vec<String> = Vec::new();
    let mut executed = 0;
    let mut next = Some(Input::Start { input });
    let mut steps = 0;
    while let Some(input) = next {
        let stepped = step(definition, state, &input, &context);
        let fresh = usize::try_from(stepped.state.executed() - executed).unwrap_or(usize::MAX);
        executed = stepped.state.executed();
        let names = stepped.state.tasks();
        tasks.extend(
            names[names.len().saturating_sub(fresh)..]
                .iter()
                .map(ToString::to_string),
        );
        for effect in &stepped.effects {
            world.carry_out(effect, &mut responder);
        }
        state = Some(stepped.state);
        steps += 1;
        next = if steps < MOST_STEPS {
            world.next(definition, &mut context.now)
        } else {
            None
        };
    }
    let (status, output, error, waits) = match &state {
        Some(state) => (
            state.status(),
            state.output(),
            state.error().cloned(),
            state.waits(),
        ),
        None => (Status::Cancelled, None, None, Vec::new()),
    };
    DryRun {
        status,
        output,
        error,
        tasks,
        events: world.sent,
        waits,
        ended_at: context.now,
    }
}

/// What the runtime would keep in its tables.
#[derive(Default)]
struct World {
    inputs: VecDeque<Input>,
    timers: BTreeMap<String, (Timestamp, usize)>,
    started: usize,
    /// Path and filters by key.
    subscriptions: BTreeMap<String, (String, Vec<EventFilter>)>,
    events: Vec<Value>,
    /// Which listening, by its path, has had which event.
    seen: BTreeSet<(String, usize)>,
    sent: Vec<Value>,
    ended: bool,
}

impl World {
    fn new(events: Vec<Value>) -> Self {
        Self {
            events,
            ..Self::default()
        }
    }

    fn carry_out(
        &mut self,
        effect: &Effect,
        responder: &mut impl FnMut(&DryCall<'_>) -> Result<Value, WorkflowError>,
    ) {
        match effect {
            Effect::Call {
                key,
                task,
                function,
                with,
                ..
            } => {
                let result = responder(&DryCall {
                    function,
                    with,
                    task,
                    key,
                });
                self.inputs.push_back(Input::CallDone {
                    key: key.clone(),
                    result,
                });
            }
            Effect::CancelCall { key } => {
                self.inputs.retain(
                    |input| !matches!(input, Input::CallDone { key: other, .. } if other == key),
                );
            }
            Effect::StartTimer { key, due } => {
                self.started += 1;
                self.timers.insert(key.clone(), (*due, self.started));
            }
            Effect::CancelTimer { key } => {
                self.timers.remove(key);
            }
            Effect::Subscribe {
                key, path, filters, ..
            } => {
                self.subscriptions
                    .insert(key.clone(), (path.clone(), filters.clone()));
            }
            Effect::Unsubscribe { key } => {
                self.subscriptions.remove(key);
            }
            Effect::Emit { event } => {
                self.sent.push(event.clone());
                self.events.push(event.clone());
            }
            Effect::Yield => self.inputs.push_back(Input::Resume),
            Effect::Ended(Outcome::Completed(_) | Outcome::Faulted(_) | Outcome::Cancelled) => {
                self.ended = true;
            }
        }
    }

    /// What happens next: results of calls, then events, then the earliest timer.
    fn next(&mut self, definition: &Workflow, now: &mut Timestamp) -> Option<Input> {
        if self.ended {
            return None;
        }
        if let Some(input) = self.inputs.pop_front() {
            return Some(input);
        }
        let arrived = |event: &Value| arrival(event).is_none_or(|time| time <= *now);
        let events = self.events.iter().enumerate();
        for (place, event) in events.filter(|(_, event)| arrived(event)) {
            for (key, (path, filters)) in &self.subscriptions {
                let seen = (path.clone(), place);
                if !self.seen.contains(&seen)
                    && filters
                        .iter()
                        .any(|filter| matches(definition, filter, event))
                {
                    self.seen.insert(seen);
                    return Some(Input::Event {
                        subscription: key.clone(),
                        event: event.clone(),
                    });
                }
            }
        }
        let timer = self
            .timers
            .iter()
            .min_by_key(|(_, due)| **due)
            .map(|(key, (due, _))| (key.clone(), *due));
        let to_come = self.events.iter().filter_map(arrival);
        let event = to_come.filter(|time| time > now).min();
        if let Some(event) = event
            && timer.as_ref().is_none_or(|(_, due)| event < *due)
            && !self.subscriptions.is_empty()
        {
            *now = event;
            return self.next(definition, now);
        }
        let (key, due) = timer?;
        self.timers.remove(&key);
        *now = (*now).max(due);
        Some(Input::TimerFired { key })
    }
}

/// When an event arrives.
fn arrival(event: &Value) -> Option<Timestamp> {
    event.get("time")?.as_str()?.parse().ok()
}

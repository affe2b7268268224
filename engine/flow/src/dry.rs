//! Runs a definition from start to end without a runtime: a virtual clock, answers from the caller.

mod cases;

pub use cases::Cases;

use crate::effect::{Effect, EventFilter, Outcome, WorkflowRef};
use crate::input::{Input, WorkflowError};
use crate::matching::passes;
use crate::state::{State, Status, Wait};
use crate::step::{StepContext, step};
use sagsgang_definition::workflow::FunctionRef;
use sagsgang_definition::{Data, Tank, Workflow};
use sagsgang_domain::{InstanceId, Timestamp};
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
    /// With which settings a plugin is called, where the task says so.
    pub configuration: Option<&'a str>,
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
    /// Names of the tasks that ran, in order; those of other workflows that it ran are not among them.
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
/// Steps of the interpreter that all expressions of a dry run may use, about a second.
const MOST_FUEL: u64 = 5_000_000;
const GIVEN_UP: &str =
    "the trial was given up: it needs more steps or more time than a trial may have";
/// Workflows that run each other deeper than this are stopped.
const DEEPEST: usize = 16;

/// Runs a definition that runs no other workflow. See [`run_with`].
pub fn run(
    definition: &Workflow,
    input: Value,
    events: Vec<Value>,
    context: &StepContext,
    responder: impl FnMut(&DryCall<'_>) -> Result<Value, WorkflowError>,
) -> DryRun {
    run_with(definition, |_| None, input, events, context, responder)
}

/// Runs a definition. Waits take no time: the clock jumps to the next timer when nothing else is to do. Each given event
/// is offered to every listening once, in order; events that the workflow sends itself are offered too. An event whose
/// `time` is still to come arrives at that time. Workflows that it runs are looked up in the library; those whose end it does not await run to their end after it.
pub fn run_with<'w>(
    definition: &'w Workflow,
    library: impl Fn(&WorkflowRef) -> Option<&'w Workflow>,
    input: Value,
    events: Vec<Value>,
    context: &StepContext,
    responder: impl FnMut(&DryCall<'_>) -> Result<Value, WorkflowError>,
) -> DryRun {
    let child = |workflow: &WorkflowRef| library(workflow).map_or(Child::Missing, Child::Runs);
    run_among(definition, child, input, events, context, responder)
}

/// What becomes of a run of another workflow.
pub enum Child<'w> {
    /// It runs too.
    Runs(&'w Workflow),
    /// The responder says what comes of it, as of a call: its function has the name of the workflow.
    Answered,
    /// There is no such workflow.
    Missing,
}

/// [`run_with`], where some of the other workflows are answered for instead of run.
pub fn run_among<'w>(
    definition: &'w Workflow,
    library: impl Fn(&WorkflowRef) -> Child<'w>,
    input: Value,
    events: Vec<Value>,
    context: &StepContext,
    mut responder: impl FnMut(&DryCall<'_>) -> Result<Value, WorkflowError>,
) -> DryRun {
    let mut world = World::new(events, context.clone());
    world.begin(definition, context.instance, None, input);
    let mut tasks: Vec<String> = Vec::new();
    let mut executed = 0;
    let mut ended_at = context.now;
    let mut steps = 0;
    while steps < MOST_STEPS && world.tank.fuel() > 0 {
        let Some((place, input)) = world.next() else {
            break;
        };
        steps += 1;
        let over = world.runs[0].state.as_ref().is_some_and(State::has_ended);
        let effects = world.step(place, &input);
        if place == 0 && !over {
            ended_at = world.context.now;
            let state = world.runs[0].state.as_ref();
            let so_far = state.map_or(executed, State::executed);
            let names = state.map_or(&[][..], State::tasks);
            let fresh = usize::try_from(so_far - executed).unwrap_or(usize::MAX);
            let fresh = &names[names.len().saturating_sub(fresh)..];
            tasks.extend(fresh.iter().map(ToString::to_string));
            executed = so_far;
        }
        for effect in effects {
            world.carry_out(place, effect, &library, &mut responder);
        }
    }
    let state = world.runs[0].state.as_ref();
    let given_up = (steps == MOST_STEPS || world.tank.fuel() == 0)
        .then(|| WorkflowError::standard("timeout", GIVEN_UP))
        .filter(|_| !state.is_some_and(State::has_ended));
    DryRun {
        status: match &given_up {
            Some(_) => Status::Faulted,
            None => state.map_or(Status::Cancelled, State::status),
        },
        output: state.and_then(State::output),
        error: given_up.or_else(|| state.and_then(|state| state.error().cloned())),
        tasks,
        events: world.sent,
        waits: state.map(State::waits).unwrap_or_default(),
        ended_at,
    }
}

/// A run among those of a dry run.
struct Running<'w> {
    definition: &'w Workflow,
    instance: InstanceId,
    state: Option<State>,
    parent: Option<Parent>,
}

/// The run that started another one, and the key under which it awaits its end, if it does.
struct Parent {
    place: usize,
    key: Option<String>,
}

/// What the runtime would keep in its tables. Runs are named by their place in the list; the first is the one asked for.
struct World<'w> {
    context: StepContext,
    runs: Vec<Running<'w>>,
    inputs: VecDeque<(usize, Input)>,
    timers: BTreeMap<(usize, String), (Timestamp, usize)>,
    started: usize,
    /// Path and filters by key.
    subscriptions: BTreeMap<(usize, String), (String, Vec<EventFilter>)>,
    events: Vec<Value>,
    /// Which listening, by its run and path, has had which event.
    seen: BTreeSet<(usize, String, usize)>,
    sent: Vec<Value>,
    /// What the expressions of all runs and filters may still use.
    tank: Tank,
}

impl<'w> World<'w> {
    fn new(events: Vec<Value>, context: StepContext) -> Self {
        Self {
            context,
            runs: Vec::new(),
            inputs: VecDeque::new(),
            timers: BTreeMap::new(),
            started: 0,
            subscriptions: BTreeMap::new(),
            events,
            seen: BTreeSet::new(),
            sent: Vec::new(),
            tank: Tank::new(MOST_FUEL, usize::MAX),
        }
    }

    fn begin(
        &mut self,
        definition: &'w Workflow,
        instance: InstanceId,
        parent: Option<Parent>,
        input: Value,
    ) {
        let place = self.runs.len();
        self.runs.push(Running {
            definition,
            instance,
            state: None,
            parent,
        });
        self.inputs.push_back((place, Input::Start { input }));
    }

    fn step(&mut self, place: usize, input: &Input) -> Vec<Effect> {
        let run = &mut self.runs[place];
        let context = StepContext {
            instance: run.instance,
            ..self.context.clone()
        };
        let stepped = step(run.definition, run.state.take(), input, &context);
        run.state = Some(stepped.state);
        self.tank.burn(stepped.fuel);
        stepped.effects
    }

    fn carry_out(
        &mut self,
        place: usize,
        effect: Effect,
        library: &impl Fn(&WorkflowRef) -> Child<'w>,
        responder: &mut impl FnMut(&DryCall<'_>) -> Result<Value, WorkflowError>,
    ) {
        match effect {
            Effect::Call {
                key,
                task,
                function,
                with,
                configuration,
                ..
            } => {
                let result = responder(&DryCall {
                    function: &function,
                    with: &with,
                    configuration: configuration.as_deref(),
                    task: &task,
                    key: &key,
                });
                self.inputs
                    .push_back((place, Input::CallDone { key, result }));
            }
            Effect::CancelCall { key } => {
                self.inputs.retain(|(other, input)| {
                    *other != place
                        || !matches!(input, Input::CallDone { key: done, .. } if *done == key)
                });
            }
            Effect::Run {
                key,
                task,
                workflow,
                input,
                awaits,
                ..
            } if matches!(library(&workflow), Child::Answered) => {
                let function = FunctionRef {
                    name: workflow.name,
                    version: Some(workflow.version),
                    catalog: None,
                };
                let result = responder(&DryCall {
                    function: &function,
                    with: &input,
                    configuration: None,
                    task: &task,
                    key: &key,
                });
                if awaits {
                    let input = Input::CallDone { key, result };
                    self.inputs.push_back((place, input));
                }
            }
            Effect::Run {
                key,
                workflow,
                input,
                awaits,
                ..
            } => self.run_other(place, key, &workflow, input, awaits, library),
            Effect::CancelRun { key } => self.cancel(place, &key),
            Effect::StartTimer { key, due } => {
                self.started += 1;
                self.timers.insert((place, key), (due, self.started));
            }
            Effect::CancelTimer { key } => {
                self.timers.remove(&(place, key));
            }
            Effect::Subscribe {
                key, path, filters, ..
            } => {
                self.subscriptions.insert((place, key), (path, filters));
            }
            Effect::Unsubscribe { key } => {
                self.subscriptions.remove(&(place, key));
            }
            Effect::Emit { event } => {
                self.sent.push(event.clone());
                self.events.push(event);
            }
            Effect::Yield => self.inputs.push_back((place, Input::Resume)),
            Effect::Ended(outcome) => self.end(place, &outcome),
        }
    }

    fn run_other(
        &mut self,
        place: usize,
        key: String,
        workflow: &WorkflowRef,
        input: Value,
        awaits: bool,
        library: &impl Fn(&WorkflowRef) -> Child<'w>,
    ) {
        let chain = self.chain(place);
        let refusal = match library(workflow) {
            Child::Runs(_) if chain.len() >= DEEPEST => Some(format!(
                "workflows run each other without end: {}",
                chain.join(", ")
            )),
            Child::Runs(definition) => {
                let instance = key.parse().unwrap_or(self.context.instance);
                let parent = Parent {
                    place,
                    key: awaits.then(|| key.clone()),
                };
                self.begin(definition, instance, Some(parent), input);
                None
            }
            Child::Answered | Child::Missing => Some(format!(
                "there is no workflow {} {}",
                workflow.name, workflow.version
            )),
        };
        if let (Some(detail), true) = (refusal, awaits) {
            let result = Err(WorkflowError::standard("configuration", detail));
            self.inputs
                .push_back((place, Input::CallDone { key, result }));
        }
    }

    /// The workflows that a run goes back to, the first one first.
    fn chain(&self, place: usize) -> Vec<String> {
        let mut chain = Vec::new();
        let mut next = Some(place);
        while let Some(place) = next {
            let run = &self.runs[place];
            chain.push(run.definition.document.qualified_name());
            next = run.parent.as_ref().map(|parent| parent.place);
        }
        chain.reverse();
        chain
    }

    fn cancel(&mut self, place: usize, key: &str) {
        let awaited = |run: &Running<'_>| {
            let parent = run.parent.as_ref();
            parent.is_some_and(|parent| parent.place == place && parent.key.as_deref() == Some(key))
        };
        for (child, _) in (0..).zip(&self.runs).filter(|(_, run)| awaited(run)) {
            let reason = "the run that awaited it went on without it".to_owned();
            self.inputs.retain(|(other, _)| *other != child);
            self.inputs.push_back((child, Input::Cancel { reason }));
        }
    }

    /// A run that has ended tells the one that awaits it.
    fn end(&mut self, place: usize, outcome: &Outcome) {
        let Some(Parent {
            place,
            key: Some(key),
        }) = &self.runs[place].parent
        else {
            return;
        };
        let input = Input::CallDone {
            key: key.clone(),
            result: outcome.as_result(),
        };
        self.inputs.push_back((*place, input));
    }

    /// What happens next: results of calls, then events, then the earliest timer.
    fn next(&mut self) -> Option<(usize, Input)> {
        if let Some(input) = self.inputs.pop_front() {
            return Some(input);
        }
        let now = self.context.now;
        let arrived = |event: &Value| arrival(event).is_none_or(|time| time <= now);
        let events = self.events.iter().enumerate();
        for (number, event) in events.filter(|(_, event)| arrived(event)) {
            let data = Data::from_json(event);
            for ((place, key), (path, filters)) in &self.subscriptions {
                let seen = (*place, path.clone(), number);
                let definition = self.runs[*place].definition;
                if !self.seen.contains(&seen)
                    && filters
                        .iter()
                        .any(|filter| passes(definition, filter, &data, &self.tank))
                {
                    self.seen.insert(seen);
                    let input = Input::Event {
                        subscription: key.clone(),
                        event: event.clone(),
                    };
                    return Some((*place, input));
                }
            }
        }
        let timer = self
            .timers
            .iter()
            .min_by_key(|(_, due)| **due)
            .map(|(timer, (due, _))| (timer.clone(), *due));
        let to_come = self.events.iter().filter_map(arrival);
        let event = to_come.filter(|time| *time > now).min();
        if let Some(event) = event
            && timer.as_ref().is_none_or(|(_, due)| event < *due)
            && !self.subscriptions.is_empty()
        {
            self.context.now = event;
            return self.next();
        }
        let (timer, due) = timer?;
        self.timers.remove(&timer);
        self.context.now = now.max(due);
        let (place, key) = timer;
        Some((place, Input::TimerFired { key }))
    }
}

/// When an event arrives.
fn arrival(event: &Value) -> Option<Timestamp> {
    event.get("time")?.as_str()?.parse().ok()
}

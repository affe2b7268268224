//! One step of an instance.

use crate::effect::{Effect, Outcome};
use crate::input::{Input, WorkflowError};
use crate::moment::Moment;
use crate::run::{Delivery, Progress, Run};
use crate::state::{Held, ListFrame, State, Status};
use sagsgang_definition::workflow::Then;
use sagsgang_definition::{Data, Limits, Workflow};
use sagsgang_domain::{InstanceId, Timestamp};

/// What a step may know of the world.
#[derive(Clone, Debug)]
pub struct StepContext {
    /// The instance.
    pub instance: InstanceId,
    /// The time. Journaled with the input, so that a fold sees the same.
    pub now: Timestamp,
    /// Most tasks before the step yields.
    pub most_tasks: u32,
    /// What one expression may use.
    pub limits: Limits,
    /// An error that nothing catches leaves the instance where it stands, for a person to decide. Otherwise everything
    /// that it waits for is taken back.
    pub holds: bool,
}

impl StepContext {
    /// With the usual bounds.
    pub fn new(instance: InstanceId, now: Timestamp) -> Self {
        Self {
            instance,
            now,
            most_tasks: 1_000,
            limits: Limits::default(),
            holds: false,
        }
    }
}

/// What a step gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The instance now.
    pub state: State,
    /// What is to be carried out, in order.
    pub effects: Vec<Effect>,
    /// What happened to tasks, for those who watch; no part of the journal.
    pub moments: Vec<Moment>,
    /// Steps of the interpreter that its expressions used.
    pub fuel: u64,
}

impl Step {
    /// Nothing changes.
    fn still(state: State) -> Self {
        Self {
            state,
            effects: Vec::new(),
            moments: Vec::new(),
            fuel: 0,
        }
    }
}

/// Takes an instance on. The same arguments always give the same answer.
///
/// An instance that an error stopped with [`StepContext::holds`] keeps its frames, and takes a person's decision only:
/// what else comes for it is to be kept until then.
///
/// Without a state, only [`Input::Start`] begins one; any other input is answered by a cancelled instance. Inputs that an
/// instance does not wait for (a late result, a second start) change nothing.
pub fn step(
    definition: &Workflow,
    state: Option<State>,
    input: &Input,
    context: &StepContext,
) -> Step {
    match (state, input) {
        (None, Input::Start { input }) => start(definition, Data::from_json(input), context),
        (None, _) => {
            let mut state = blank(Data::NULL, context);
            state.status = Status::Cancelled;
            Step::still(state)
        }
        (Some(state), Input::Start { .. }) => Step::still(state),
        (Some(state), Input::Cancel { .. }) if state.held.is_some() => {
            cancel(definition, state, context)
        }
        (Some(state), Input::Retry { input, .. }) if state.held.is_some() => {
            let input = input.as_ref().map(Data::from_json);
            release(definition, state, context, |key| Delivery::Retry {
                key,
                input,
            })
        }
        (Some(state), Input::Skip { output, then, .. }) if state.held.is_some() => {
            let (output, then) = (Data::from_json(output), then.clone());
            release(definition, state, context, |key| Delivery::Skip {
                key,
                output,
                then,
            })
        }
        (Some(state), Input::Jump { to, input, .. })
            if state.held.is_some() || !state.has_ended() =>
        {
            let input = input.as_ref().map(Data::from_json);
            jump(definition, state, context, to, input)
        }
        (Some(state), _) if state.has_ended() => Step::still(state),
        (Some(state), Input::Cancel { .. }) => cancel(definition, state, context),
        (
            Some(state),
            Input::Retry { .. }
            | Input::Skip { .. }
            | Input::Jump { .. }
            | Input::Suspend { .. }
            | Input::Continue { .. }
            | Input::Migrate { .. },
        ) => Step::still(state),
        (Some(state), Input::Resume) => advance(definition, state, None, context),
        (Some(state), Input::CallDone { key, result }) => {
            let result = match result {
                Ok(value) => admitted(Data::from_json(value), context, "the result"),
                Err(error) => Err(error.clone()),
            };
            advance(
                definition,
                state,
                Some(Delivery::Call { key, result }),
                context,
            )
        }
        (Some(state), Input::TimerFired { key }) if state.timeout.as_ref() == Some(key) => {
            let mut run = Run::new(definition, context, state, None);
            run.state.timeout = None;
            let error = WorkflowError::standard("timeout", "the workflow took longer than it may");
            run.fault(error)
        }
        (Some(state), Input::TimerFired { key }) => {
            advance(definition, state, Some(Delivery::Timer { key }), context)
        }
        (
            Some(state),
            Input::Event {
                subscription,
                event,
            },
        ) => {
            let event = Data::from_json(event);
            advance(
                definition,
                state,
                Some(Delivery::Event {
                    key: subscription,
                    event,
                }),
                context,
            )
        }
    }
}

fn blank(input: Data, context: &StepContext) -> State {
    State {
        status: Status::Running,
        started_at: context.now,
        input,
        transformed: None,
        context: Data::NULL,
        body: None,
        timeout: None,
        output: None,
        error: None,
        held: None,
        tasks: Vec::new(),
        executed: 0,
    }
}

fn start(definition: &Workflow, input: Data, context: &StepContext) -> Step {
    begin(Run::new(definition, context, blank(input, context), None))
}

fn begin(mut run: Run<'_>) -> Step {
    let input = run.state.input.clone();
    if let Err(error) = admitted(input.clone(), run.context, "the input") {
        run.state.input = Data::NULL;
        return run.fault(error);
    }
    if let Err(error) = run.start_timeout_of_all() {
        return run.fault(error);
    }
    match run.take(&run.definition.input, &input) {
        Ok(value) => {
            run.state.transformed = value.clone();
            run.state.body = Some(ListFrame::new(value.unwrap_or(input)));
            proceed(run)
        }
        Err(error) => run.fault(error),
    }
}

/// A value that comes from outside, if it is one that an instance can keep.
pub(crate) fn admitted(
    value: Data,
    context: &StepContext,
    what: &str,
) -> Result<Data, WorkflowError> {
    match context.limits.admit(&value) {
        Ok(()) => Ok(value),
        Err(_) => Err(WorkflowError::standard(
            "validation",
            format!("{what} is nested deeper or larger than allowed"),
        )),
    }
}

/// Lets an instance go on that an error stopped.
fn release<'w>(
    definition: &'w Workflow,
    mut state: State,
    context: &'w StepContext,
    delivery: impl FnOnce(String) -> Delivery<'w>,
) -> Step {
    let task = state.held.take().and_then(|held| held.task);
    state.status = Status::Running;
    state.error = None;
    let delivery = task.map(|task| delivery(task.key));
    let mut run = Run::new(definition, context, state, delivery);
    if run.state.body.is_none() {
        return begin(run);
    }
    match run.start_timeout_of_all() {
        Ok(()) => proceed(run),
        Err(error) => run.fault(error),
    }
}

/// Sends an instance to another task. Where there is none of that name, nothing changes.
fn jump(
    definition: &Workflow,
    state: State,
    context: &StepContext,
    to: &str,
    input: Option<Data>,
) -> Step {
    let before = state.clone();
    let mut run = Run::new(definition, context, state, None);
    if !run.send_to(to, input) {
        return Step::still(before);
    }
    run.state.held = None;
    run.state.error = None;
    run.state.status = Status::Running;
    match run.start_timeout_of_all() {
        Ok(()) => proceed(run),
        Err(error) => run.fault(error),
    }
}

fn advance(
    definition: &Workflow,
    state: State,
    delivery: Option<Delivery<'_>>,
    context: &StepContext,
) -> Step {
    proceed(Run::new(definition, context, state, delivery))
}

fn proceed(mut run: Run<'_>) -> Step {
    let Some(mut body) = run.state.body.take() else {
        return run.done();
    };
    match run.list(&run.definition.body, &mut body) {
        Progress::Done {
            value,
            then: Then::End | Then::Continue | Then::Exit | Then::To(_),
        } => {
            run.state.body = Some(body);
            complete(run, value)
        }
        Progress::Failed(error) => {
            run.state.body = Some(body);
            run.fault(*error)
        }
        Progress::Waiting | Progress::Yielded if run.may_keep_much() && too_large(&body) => {
            run.state.body = Some(body);
            run.fault(WorkflowError::standard(
                "runtime",
                "the run would keep more than it may: each of its values is small enough, all of them together are not",
            ))
        }
        Progress::Waiting => {
            run.state.body = Some(body);
            run.state.status = Status::Waiting;
            run.done()
        }
        Progress::Yielded => {
            run.state.body = Some(body);
            run.state.status = Status::Running;
            run.effects.push(Effect::Yield);
            run.done()
        }
    }
}

/// Bytes that a run may keep between two steps.
const MOST_KEPT: usize = 16 << 20;

/// Whether the frames are too much to be kept.
fn too_large(body: &ListFrame) -> bool {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            match self.0 > MOST_KEPT {
                true => Err(std::io::ErrorKind::StorageFull.into()),
                false => Ok(bytes.len()),
            }
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    serde_json::to_writer(Counter(0), body).is_err()
}

fn complete(mut run: Run<'_>, value: Data) -> Step {
    match run.give(&run.definition.output, value) {
        Ok(output) => {
            run.state.status = Status::Completed;
            run.state.output = Some(output.clone());
            run.state.let_go();
            run.end(Outcome::Completed(output.to_json()))
        }
        Err(error) => run.fault(error),
    }
}

fn cancel(definition: &Workflow, mut state: State, context: &StepContext) -> Step {
    state.held = None;
    let mut run = Run::new(definition, context, state, None);
    run.stop_all();
    run.state.status = Status::Cancelled;
    run.state.let_go();
    run.end(Outcome::Cancelled)
}

impl Run<'_> {
    fn done(self) -> Step {
        Step {
            fuel: self.fuel_used(),
            state: self.state,
            effects: self.effects,
            moments: self.moments,
        }
    }

    /// Starts the timer of the workflow's time-out, if it has one and none runs.
    fn start_timeout_of_all(&mut self) -> Result<(), WorkflowError> {
        let (Some(timeout), None) = (&self.definition.timeout, &self.state.timeout) else {
            return Ok(());
        };
        let due = self.due(timeout, &self.state.input)?;
        let key = self.key("timeout");
        self.effects.push(Effect::StartTimer {
            key: key.clone(),
            due,
        });
        self.state.timeout = Some(key);
        Ok(())
    }

    /// Stops at an error that nothing caught.
    fn fault(mut self, error: WorkflowError) -> Step {
        if self.context.holds {
            let task = self.failed.take();
            self.state.held = Some(Held { task });
        } else {
            self.stop_all();
        }
        self.state.status = Status::Faulted;
        self.state.error = Some(error.clone());
        self.end(Outcome::Faulted(error))
    }

    fn end(mut self, outcome: Outcome) -> Step {
        if let Some(key) = self.state.timeout.take() {
            self.effects.push(Effect::CancelTimer { key });
        }
        self.effects.push(Effect::Ended(outcome));
        self.done()
    }
}

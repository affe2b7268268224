//! One step of an instance.

use crate::effect::{Effect, Outcome};
use crate::input::{Input, WorkflowError};
use crate::run::{Delivery, Progress, Run};
use crate::state::{ListFrame, State, Status};
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
}

impl StepContext {
    /// With the usual bounds.
    pub fn new(instance: InstanceId, now: Timestamp) -> Self {
        Self {
            instance,
            now,
            most_tasks: 1_000,
            limits: Limits::default(),
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
}

/// Takes an instance on. The same arguments always give the same answer.
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
            Step {
                state,
                effects: Vec::new(),
            }
        }
        (Some(state), Input::Start { .. }) => Step {
            state,
            effects: Vec::new(),
        },
        (Some(state), _) if state.has_ended() => Step {
            state,
            effects: Vec::new(),
        },
        (Some(state), Input::Cancel { .. }) => cancel(definition, state, context),
        (Some(state), Input::Resume) => advance(definition, state, None, context),
        (Some(state), Input::CallDone { key, result }) => {
            let result = result
                .as_ref()
                .map(Data::from_json)
                .map_err(WorkflowError::clone);
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
            run.stop_all();
            fault(run, error)
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
        tasks: Vec::new(),
        executed: 0,
    }
}

fn start(definition: &Workflow, input: Data, context: &StepContext) -> Step {
    let mut run = Run::new(definition, context, blank(input.clone(), context), None);
    if let Some(timeout) = &definition.timeout {
        match run.due(timeout, &input) {
            Ok(due) => {
                let key = run.key("timeout");
                run.effects.push(Effect::StartTimer {
                    key: key.clone(),
                    due,
                });
                run.state.timeout = Some(key);
            }
            Err(error) => return fault(run, error),
        }
    }
    match run.take(&definition.input, &input) {
        Ok(value) => {
            run.state.transformed = value.clone();
            run.state.body = Some(ListFrame::new(value.unwrap_or(input)));
            proceed(run)
        }
        Err(error) => fault(run, error),
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
        return Step {
            state: run.state,
            effects: run.effects,
        };
    };
    match run.list(&run.definition.body, &mut body) {
        Progress::Done {
            value,
            then: Then::End | Then::Continue | Then::Exit | Then::To(_),
        } => complete(run, value),
        Progress::Failed(error) => fault(run, *error),
        Progress::Waiting => {
            run.state.body = Some(body);
            run.state.status = Status::Waiting;
            Step {
                state: run.state,
                effects: run.effects,
            }
        }
        Progress::Yielded => {
            run.state.body = Some(body);
            run.state.status = Status::Running;
            run.effects.push(Effect::Yield);
            Step {
                state: run.state,
                effects: run.effects,
            }
        }
    }
}

fn complete(mut run: Run<'_>, value: Data) -> Step {
    match run.give(&run.definition.output, value) {
        Ok(output) => {
            run.state.status = Status::Completed;
            run.state.output = Some(output.clone());
            end(run, Outcome::Completed(output.to_json()))
        }
        Err(error) => fault(run, error),
    }
}

fn fault(mut run: Run<'_>, error: WorkflowError) -> Step {
    run.state.status = Status::Faulted;
    run.state.error = Some(error.clone());
    end(run, Outcome::Faulted(error))
}

fn cancel(definition: &Workflow, state: State, context: &StepContext) -> Step {
    let mut run = Run::new(definition, context, state, None);
    run.stop_all();
    run.state.status = Status::Cancelled;
    end(run, Outcome::Cancelled)
}

fn end(mut run: Run<'_>, outcome: Outcome) -> Step {
    if let Some(key) = run.state.timeout.take() {
        run.effects.push(Effect::CancelTimer { key });
    }
    run.effects.push(Effect::Ended(outcome));
    Step {
        state: run.state,
        effects: run.effects,
    }
}

//! Runs frames until they wait: the state of one step.

mod authorization;
mod composite;
mod listen;
mod retry;
mod scope;
mod stop;
mod task;
mod tell;

use crate::effect::Effect;
use crate::input::WorkflowError;
use crate::key::{Segment, key};
use crate::moment::{Moment, TaskMoment};
use crate::state::{HeldTask, ListFrame, State};
use crate::step::StepContext;
use sagsgang_definition::workflow::{Task, TaskList, Then};
use sagsgang_definition::{Data, Tank, Workflow};

/// Bytes of the values that the expressions of one step may make together.
const MOST_BYTES: usize = 32 << 20;
/// So much must be left for a task to begin in a step that has run others; two values of the largest size, and more.
const BYTES_OF_A_TASK: usize = 20 << 20;

/// Values of so many bytes in one step are much.
const MUCH: usize = 1 << 20;

/// What the expressions of one step may use: a task that begins has as much as a single expression may use, whatever the
/// others have used before.
fn tank_of(context: &StepContext) -> Tank {
    Tank::new(2 * context.limits.fuel, MOST_BYTES)
}

/// What a frame came to.
pub(crate) enum Progress {
    /// It ended.
    Done { value: Data, then: Then },
    /// It waits for something outside.
    Waiting,
    /// It stopped because the step has run enough tasks.
    Yielded,
    /// It failed.
    Failed(Box<WorkflowError>),
}

/// What the step brings to the frame that waits for it.
pub(crate) enum Delivery<'i> {
    Call {
        key: &'i str,
        result: Result<Data, WorkflowError>,
    },
    Timer {
        key: &'i str,
    },
    Event {
        key: &'i str,
        event: Data,
    },
    /// The task of this key, at which an error stopped the instance, runs again.
    Retry {
        key: String,
        input: Option<Data>,
    },
    /// The task of this key is taken to have given this.
    Skip {
        key: String,
        output: Data,
        then: Option<String>,
    },
}

/// One step under way.
pub(crate) struct Run<'w> {
    pub definition: &'w Workflow,
    pub context: &'w StepContext,
    pub state: State,
    pub effects: Vec<Effect>,
    pub moments: Vec<Moment>,
    /// Taken by the frame that waits for it.
    delivery: Option<Delivery<'w>>,
    /// Tasks that may still begin in this step.
    budget: u32,
    /// What the expressions of this step may use together.
    pub tank: Tank,
    /// Steps of the interpreter that were used of tanks before this one.
    burned: u64,
    /// What the run keeps is worth weighing, whatever its expressions have made.
    weighs: bool,
    /// Where the error arose that is on its way up.
    pub failed: Option<HeldTask>,
    /// A person's input for the task that begins next.
    edited: Option<Data>,
    /// Name of the task of the current list that a person sends the instance to.
    jump: Option<String>,
    /// Frames from the root to the current one.
    path: Vec<Segment<'w>>,
    /// Variables of enclosing tasks: items, indices and errors.
    locals: Vec<(&'w str, Data)>,
}

impl<'w> Run<'w> {
    pub fn new(
        definition: &'w Workflow,
        context: &'w StepContext,
        state: State,
        delivery: Option<Delivery<'w>>,
    ) -> Self {
        Self {
            definition,
            context,
            state,
            effects: Vec::new(),
            moments: Vec::new(),
            delivery,
            failed: None,
            edited: None,
            jump: None,
            budget: context.most_tasks,
            tank: tank_of(context),
            burned: 0,
            weighs: false,
            path: Vec::new(),
            locals: Vec::new(),
        }
    }

    /// Whether the next task begins in the next step: this one has run enough tasks, or its tank is too empty for another.
    fn is_tired(&self) -> bool {
        let begun = self.budget < self.context.most_tasks;
        let empty =
            self.tank.fuel() < self.context.limits.fuel || self.tank.bytes() < BYTES_OF_A_TASK;
        self.budget == 0 || (begun && empty)
    }

    /// What the step brings, where it is this; on a full tank, so that what other branches have used does not lose it.
    fn take_delivery(&mut self, is_it: impl Fn(&Delivery<'w>) -> bool) -> Option<Delivery<'w>> {
        let taken = self.delivery.take_if(|delivery| is_it(delivery))?;
        self.burned = self.fuel_used();
        self.weighs = true;
        self.tank = tank_of(self.context);
        Some(taken)
    }

    /// Steps of the interpreter that expressions have used.
    pub fn fuel_used(&self) -> u64 {
        self.burned + tank_of(self.context).fuel() - self.tank.fuel()
    }

    /// Whether something came or expressions have made so much that it is worth weighing what the run keeps.
    pub fn may_keep_much(&self) -> bool {
        self.weighs || MOST_BYTES - self.tank.bytes() > MUCH
    }

    /// Runs a list from where it stands.
    pub fn list(&mut self, list: &'w TaskList, frame: &mut ListFrame) -> Progress {
        loop {
            let Some(id) = list.0.get(frame.at as usize) else {
                return Progress::Done {
                    value: frame.value.clone(),
                    then: Then::Continue,
                };
            };
            let (value, then) = match self.task(*id, &frame.value, &mut frame.task, frame.round) {
                Progress::Done { value, then } => (value, then),
                other => return other,
            };
            let then = match self.jump.take().and_then(|name| self.named(list, &name)) {
                Some(place) => Then::To(place),
                None => then,
            };
            frame.task = None;
            frame.value = value;
            match then {
                Then::Continue => frame.at += 1,
                Then::Exit => {
                    return Progress::Done {
                        value: frame.value.clone(),
                        then: Then::Continue,
                    };
                }
                Then::End => {
                    return Progress::Done {
                        value: frame.value.clone(),
                        then: Then::End,
                    };
                }
                Then::To(place) => {
                    let place = u32::try_from(place).unwrap_or(u32::MAX);
                    if place <= frame.at {
                        frame.round += 1;
                    }
                    frame.at = place;
                }
            }
        }
    }

    /// Notes what happened to a task.
    fn note(&mut self, task: &Task, what: TaskMoment) {
        self.moments.push(Moment {
            reference: task.reference.clone(),
            name: task.name.clone(),
            what,
        });
    }

    fn named(&self, list: &TaskList, name: &str) -> Option<usize> {
        let mut tasks = list.0.iter();
        tasks.position(|id| &*self.definition.task(*id).name == name)
    }

    /// The idempotency key of the current frame.
    pub fn key(&self, purpose: &str) -> String {
        key(self.context.instance, &self.path, purpose)
    }

    /// Runs with another variable in scope.
    fn with_local<T>(&mut self, name: &'w str, value: Data, run: impl FnOnce(&mut Self) -> T) -> T {
        self.locals.push((name, value));
        let result = run(self);
        self.locals.pop();
        result
    }
}

impl Progress {
    fn failed(error: WorkflowError) -> Self {
        Self::Failed(Box::new(error))
    }
}

//! The workflow interpreter: `step(definition, state, input) -> (state, effects)`.
//!
//! This crate is pure. [`step`] takes what has happened to an instance, an [`Input`], and answers with the instance's new
//! [`State`] and the [`Effect`]s that the runtime has to carry out: call a function, start a timer, wait for an event. It
//! runs until every branch waits, or yields after a bounded number of tasks. State is a snapshot and every input is
//! journaled; code is never replayed, and folding the journaled inputs again gives the same [`State::hash`].
//!
//! A state is a tree of frames that mirrors the tasks of the definition: a list knows its place and its data, a task what
//! it is in the middle of. Frames name tasks by their number, so a state is only meaningful with the definition version
//! that it started with.

pub mod dry;
mod effect;
mod input;
mod jump;
mod key;
mod matching;
mod migrate;
mod moment;
mod run;
pub mod scenario;
pub mod schedule;
mod state;
mod step;
pub mod whatif;

pub use dry::{DryCall, DryRun};
pub use effect::{Effect, EventFilter, Outcome, WorkflowRef};
pub use input::{Input, WorkflowError};
pub use jump::jump_targets;
pub use matching::matches;
pub use migrate::{Migrated, migrate};
pub use moment::{Moment, TaskMoment};
pub use sagsgang_definition::workflow::FunctionRef;
pub use state::{Held, HeldTask, State, Status, Wait, WaitKind};
pub use step::{Step, StepContext, step};

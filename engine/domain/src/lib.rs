//! What a case is, what may be asked of it, and what follows from it.
//!
//! This crate is pure: no clock, no randomness, no database, no network. A change of a case is a [`Command`], judged by
//! [`decide`] against the case as it stands, its [`CaseType`] and the rights of the caller. The answer is a [`Rejection`]
//! or a [`Decision`]: the [`Event`]s that become the case's history, and the case after them. [`fold`] applies events to a
//! case and is the only code that changes one, so that the row in the database and the history can never disagree. The
//! history is tied together by [`chain`], which commits to personal values without containing them.

pub mod actor;
pub mod calendar;
pub mod case;
pub mod case_type;
pub mod chain;
pub mod classification;
pub mod command;
pub mod decide;
pub mod event;
pub mod fold;
pub mod id;
pub mod message;
pub mod migration;
pub mod numbering;
pub mod register;
pub mod rejection;
pub mod rights;
pub mod sla;
pub mod tie;
pub mod time;
mod undo;

pub use actor::{Actor, ActorKind, Caller, Cause};
pub use calendar::Calendar;
pub use case::{Case, PriorityReason};
pub use case_type::{
    CaseType, FieldProblem, Misfit, PartChanges, Priorities, Rules, Status, Transition,
    TransitionFrom, TypeChanges,
};
pub use chain::Entry;
pub use classification::{KleEntry, KleFault};
pub use command::{Channel, Command, Intake, LinkKind, NewCase};
pub use decide::{Chance, Decision, MOST_ATTACHMENTS, Setting, decide, decide_new};
pub use event::{EVENT_TYPES, Event};
pub use id::{
    AgreementId, CaseId, ContactId, ContainerId, DocumentId, InstanceId, MessageId, MigrationId,
    PropertyId, TaskId,
};
pub use message::{Direction, Hindrance, Message, MessageState};
pub use migration::{Migrated, MigrationReason, MigrationRules};
pub use register::{
    Address, Agreement, Compartment, Contact, ContactKind, Container, External, Property, Record,
    RecordChange, RecordEntry, RecordKind, StoredRecord, WantedRecord,
};
pub use rejection::{Rejection, RejectionKind};
pub use rights::{Right, Role};
pub use sla::{Budget, Clock, ClockRule, ClockState};
pub use tie::{Absorbed, MergedInto, Relation, SplitFrom};
pub use time::Timestamp;
pub use undo::{newest_change, reversing, undoing, would_take};

//! Answers to questions. Rights are checked by the route; these only read.

mod case;
mod export;
mod register;
mod run;
mod search;
mod tied;

pub use case::{CaseView, MessageView};
pub use export::{SheetFormat, SheetLayout};
pub use register::PropertyRecords;
pub use run::{HeldView, JournalEntry, RunFilter, RunView, WaitView, WorkflowView};
pub use tied::{Source, TiedCase};

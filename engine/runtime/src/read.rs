//! Answers to questions. Rights are checked by the route; these only read.

mod case;
mod export;
mod figures;
mod history;
mod kle;
mod register;
mod run;
mod search;
mod tag;
mod tied;
mod used_by;

pub use case::{CaseView, MessageView};
pub use export::{ExportWith, ExportedCase, SheetFormat, SheetLayout};
pub use figures::{AGE_DAYS, FIGURE_WEEKS, Figures, OpenGroup, WeekFigures};
pub use register::PropertyRecords;
pub use run::{HeldView, JournalEntry, RunFilter, RunView, WaitView, WorkflowView};
pub use tied::{Prospect, Source, TiedCase};
pub use used_by::WorkflowUsers;

//! SQL for SQLite and PostgreSQL, migrations, and the one committer.
//!
//! A finished decision is a value, [`Commit`]; [`Store::commit`] hands it to the committer, which writes many of them in
//! one short transaction and answers each when it is on disk. Reads use their own pool. SQL is written once in the
//! shared subset; where the databases differ a statement is a [`Sql::per_backend`] with the reason beside it, and every
//! statement is prepared on both databases by a test.

mod account;
mod action;
mod attention;
mod backup;
mod blob;
mod cases;
mod checkpoint;
mod commit;
mod committer;
mod connect;
mod counter;
mod definition;
mod document;
mod draft_text;
mod error;
mod event;
mod figures;
mod gathering;
mod incident;
mod instance;
mod json_text;
mod kle;
mod lease;
mod message;
mod migration;
mod plugin;
mod plugin_value;
mod preference;
mod register;
mod request;
mod schedule;
mod search;
mod sql;
mod table;
mod tag;
mod tell;
mod view;
mod webhook;

pub use account::{Account, Session};
pub use action::{ActionRow, ActionState, Pace};
pub use attention::{KeptDraft, MentionRow, Notice};
pub use backup::copy_sqlite;
pub use blob::{Blobs, Digest};
pub use cases::{
    CaseBeside, CaseFilter, CaseListItem, CasePlace, CaseSort, ContainerRef, LinkedCase, Page,
    PropertyRef, SimilarTo, StoredCase, count_texts, is_place, list_texts,
};
pub use commit::{
    ActionDone, CaseWrite, Commit, InstanceWrite, JournalRow, MessageClaim, MessageReport,
    PendingInput, RequestKey, Subscription, TimerRow,
};
pub use connect::{Store, StoreOptions};
pub use definition::DefinitionRow;
pub use document::Document;
pub use draft_text::DraftText;
pub use error::{CommitError, StoreError};
pub use event::{EventRow, KeptEvent};
pub use figures::OpenFigures;
pub use gathering::{GatheringRow, GatheringWrite};
pub use incident::Incident;
pub use instance::{InstanceRow, InstanceStatus, Parent};
pub use json_text::JsonText;
pub use migration::{Asked, CaseMigration, MigrationPhase, PhaseRow, Refusal};
pub use plugin::{PluginConfiguration, PluginDecision, PluginDeed, PluginPackage, WorkflowPin};
pub use plugin_value::PluginValues;
pub use preference::{After, Preferences, Theme};
pub use register::cpr::SealedCpr;
pub use register::list::{
    RegisterField, RegisterFilter, RegisterItem, RegisterOrder, RegisterSort, register_list_texts,
};
pub use schedule::{ScheduleRow, ScheduleWrite};
pub use search::{MARKS, SearchHit, SearchKind, SearchOrder};
pub use sql::{Backend, Sql};
pub use tag::{MOST_COUNTED, TagCount};
pub use tell::{Heard, LONGEST_TOLD};
pub use view::{Audience, SavedView};
pub use webhook::{Delivery, DeliveryState, Webhook};

/// Every statement of this crate, for the test that prepares each on both databases.
pub fn statements() -> Vec<(&'static str, &'static Sql)> {
    let mut all = Vec::new();
    for module in [
        account::STATEMENTS,
        action::STATEMENTS,
        action::TURN_STATEMENTS,
        attention::STATEMENTS,
        committer::STATEMENTS,
        cases::STATEMENTS,
        cases::AREAS,
        cases::BESIDE,
        cases::SIMILAR,
        counter::STATEMENTS,
        definition::STATEMENTS,
        document::STATEMENTS,
        event::STATEMENTS,
        figures::STATEMENTS,
        gathering::STATEMENTS,
        incident::STATEMENTS,
        instance::STATEMENTS,
        instance::INPUT_STATEMENTS,
        kle::STATEMENTS,
        lease::STATEMENTS,
        message::STATEMENTS,
        migration::STATEMENTS,
        migration::CASE_STATEMENTS,
        plugin::STATEMENTS,
        plugin_value::STATEMENTS,
        preference::STATEMENTS,
        register::STATEMENTS,
        register::address::STATEMENTS,
        register::cpr::STATEMENTS,
        register::list::STATEMENTS,
        register::list::walk::STATEMENTS,
        register::record::STATEMENTS,
        request::STATEMENTS,
        schedule::STATEMENTS,
        search::STATEMENTS,
        tag::STATEMENTS,
        tell::STATEMENTS,
        view::STATEMENTS,
        webhook::STATEMENTS,
        draft_text::STATEMENTS,
    ] {
        all.extend_from_slice(module);
    }
    all
}

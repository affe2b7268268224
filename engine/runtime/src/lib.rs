//! The one door: execute, dispatch, claim, perform, timers.
//!
//! [`Engine`] is what the surfaces (API, pages, command line) talk to. Every change of a case goes through
//! [`Engine::execute`] or [`Engine::create_case`]: read, judge by the domain's `decide`, write in one commit that also
//! starts workflows, feeds waiting ones and queues what has to be done outside. Workers carry that out with no transaction
//! held, and each result comes back as a commit. Nothing is answered as saved before it is on disk.
//!
//! The way through the files: `execute` judges and commits, `follow` finds what follows from events, `advance` steps
//! workflows, `perform` calls plugins, `outbox` sends, `inbox` receives, `timers` wakes, `clocks` keeps what a case type promises, `migrate`
//! moves cases between versions of their type, and `read` answers questions.

mod account;
mod action;
mod advance;
mod attempt;
mod attention;
mod builtin;
mod case_file;
mod catalog;
mod chance;
mod channel;
mod clock;
mod clocks;
mod complete;
mod counts;
mod cpr;
mod draft;
mod draft_text;
mod engine;
mod error;
mod execute;
mod file_type;
mod follow;
mod gather;
mod import;
mod inbox;
mod incident;
mod joined;
mod kept;
mod left_behind;
mod lifecycle;
mod load;
mod lost;
mod macros;
mod migrate;
mod numbers;
mod outbox;
mod panel;
mod perform;
mod pieces;
mod pins;
mod plugins;
mod preference;
mod prepare;
mod pressed;
mod preview;
mod provider;
mod publish;
mod read;
mod record;
mod restore;
mod scenarios;
mod schedule;
mod seal;
mod services;
mod settled;
mod simulate;
mod start;
mod template;
mod tie;
mod timers;
mod topic;
mod trace;
mod trial;
mod turn;
mod verify;
mod view;
mod webhooks;
mod work;

pub use account::{AccountView, LogInError, NewAccount, Principal, SESSION_COOKIE};
pub use action::ActionResult;
pub use advance::{MOST_MOVED, MovedRun, MovedRuns, RunDecision, RunMigration};
pub use attention::{Notices, Onlooker, mention_pieces};
pub use case_file::CaseFileOptions;
pub use channel::{Hook, HookError};
pub use clock::{Clock, SystemClock};
pub use counts::Counts;
pub use engine::{Engine, EngineOptions, Municipality};
pub use error::{EngineError, ExecuteError, PluginProblem};
pub use execute::{CaseRef, Created, Executed, Request};
pub use file_type::{FileTypes, MOST_UPLOADED, MOST_UPLOADED_MB, USUAL_FILE_TYPES};
pub use import::{
    Import, ImportFailure, ImportJob, ImportPlan, ImportPreview, ImportReason, ImportRefused,
    ImportRejects, ImportRow, ImportSource, ImportStage, ImportTally, ImportWords, Incoming,
    PreviewRow, RowOutcome, SourceError, TooLong, bring,
};
pub use joined::JoinError;
pub use lost::LostSecrets;
pub use macros::MacroView;
pub use migrate::NewMigration;
pub use outbox::OUTGOING;
pub use panel::{PanelButton, PanelContent, PanelFact, PanelPart, PanelTone, PanelView};
pub use pins::PinView;
pub use plugins::{
    ActionView, BrokenPackage, ButtonPlace, ButtonView, ConfigurationView, Consent, InstallError,
    NewGrant, PackagePlace, PluginChangeError, PluginDetail, PluginState, PluginView, Trial,
    TrialError, VersionView,
};
pub use preference::{LONGEST_SIGNATURE, ROWS};
pub use preview::PreviewSize;
pub use provider::FoundAddress;
pub use publish::{PublishError, Published, TextVersion, built_in_functions};
pub use read::{
    AGE_DAYS, CaseView, ExportWith, ExportedCase, FIGURE_WEEKS, Figures, HeldView, JournalEntry,
    MessageView, OpenGroup, PropertyRecords, Prospect, RunFilter, RunView, SheetFormat,
    SheetLayout, Source, TiedCase, WaitView, WeekFigures, WorkflowUsers, WorkflowView,
};
pub use restore::HeldBack;
pub use sagsgang_documents::Language;
pub use sagsgang_documents::sheet::Cell;
pub use sagsgang_documents::{PREVIEW_TYPE, PREVIEWED_TYPES, PreviewError};
pub use sagsgang_flow::WaitKind;
pub use sagsgang_host::{
    Capability, Ceiling, DoneCall, FailedCall, Grant, HttpAttempt, HttpGrant, Limits, LogLine,
    Problem,
};
pub use sagsgang_mail::{SmtpConfig, Tls};
pub use sagsgang_store::MARKS as SEARCH_MARKS;
pub use sagsgang_store::{
    After, Audience, CaseBeside, CaseFilter, CaseListItem, CasePlace, CaseSort, ContainerRef,
    Document, Incident, LinkedCase, MOST_COUNTED, Notice, Page, Preferences, PropertyRef,
    RegisterField, RegisterFilter, RegisterItem, RegisterOrder, RegisterSort, SavedView, SearchHit,
    SearchKind, SearchOrder, TagCount, Theme,
};
pub use sagsgang_store::{CaseMigration, MigrationPhase, PhaseRow, Refusal};
pub use sagsgang_store::{Delivery, DeliveryState, DraftText, InstanceStatus, Webhook};
pub use sagsgang_store::{PluginConfiguration, PluginDeed};
pub use scenarios::{ScenarioOutcome, ScenarioView};
pub use simulate::WhatIf;
pub use topic::Topic;
pub use trace::{LeftOut, RunTrace, TraceStep};
pub use trial::{AnswerSource, TrialCall, WorkflowTrial};
pub use turn::Limit;
pub use verify::VerifyReport;
pub use view::NewView;
pub use webhooks::{NewWebhook, WebhookError};

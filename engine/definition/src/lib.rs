//! Case types and workflow files: text to checked model and diagnostics.
//!
//! Everything configurable is text, and this crate is where text becomes something that the engine can rely on. A file is
//! read into a tree that knows its places, then strictly into a model: unknown keys, duplicate keys and references that
//! lead nowhere are findings, all of them at once, each with place, code and advice ([`Diagnostic`], [`codes`]). What comes
//! out ([`Workflow`], [`sagsgang_domain::CaseType`]) holds every expression compiled and every schema ready.
//!
//! [`Expression`] is the one place where jq programs are compiled and run; nothing here or elsewhere runs one without its
//! meter. [`Data`] is the form in which values travel between expressions. The crate is pure: no files, no clock.

mod calendar;
mod calls;
mod case_type;
pub mod codes;
pub mod complete;
mod cron;
mod danish;
mod data;
mod diagnose;
mod diagnostic;
mod expression;
mod import_map;
mod kind;
mod macros;
mod mend;
mod message_template;
mod reader;
pub mod scenario;
pub mod schema;
mod sentence;
mod span;
mod template;
mod wanted;
pub mod workflow;
mod yaml;

pub use calendar::parse_calendar;
pub use calls::{Functions, KnownFunctions, schema_of_keys};
pub use case_type::{is_case_type, parse_case_type, parse_published_case_type};
pub use data::Data;
pub use diagnose::{Diagnosis, diagnose, place_of, version_place};
pub use diagnostic::{Diagnostic, Fix, Position, Severity};
pub use expression::{EvaluationError, Expression, Limits, NoVariables, Tank, Variables, enclosed};
pub use import_map::{Convert, ImportKind, ImportMap, NotConverted, Rule, parse_import_map};
pub use kind::TextKind;
pub use macros::{MACRO_COMMANDS, Macro, parse_macro};
pub use mend::{Unlaid, laid_out, mended};
pub use message_template::{MessageTemplate, parse_message_template};
pub use scenario::{ScenarioFile, parse_scenarios};
pub use sentence::Sentence;
pub use span::{Duration, Span};
pub use template::Template;
pub use workflow::{Parsed, Workflow};
pub use yaml::yaml_value;

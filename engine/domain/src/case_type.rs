//! Case types: the statuses, transitions, priorities and fields that a municipality gives a kind of case.
//!
//! A case type is published as text and read by the definition crate. What needs an interpreter (JSON Schema, guard
//! expressions) comes in as [`Rules`], so that this crate stays free of both.

mod compare;

use crate::calendar::Calendar;
use crate::sla::ClockRule;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use compare::{PartChanges, TypeChanges};

/// A text per language (`da`, `en`).
pub type Titles = BTreeMap<String, String>;

/// A published version of a case type.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseType {
    /// Name such as `waste.missed-collection`.
    #[serde(rename = "caseType")]
    pub name: String,
    /// Version; a published one never changes.
    pub version: u32,
    /// Title per language.
    #[serde(default)]
    pub title: Titles,
    /// Classification (KLE) subject and facet.
    #[serde(default)]
    pub kle: Option<Kle>,
    /// Pattern of case numbers, such as `{yyyy}-{seq:06}`.
    #[serde(default = "default_numbering")]
    pub numbering: String,
    /// JSON Schema of the case type's own fields.
    #[serde(default)]
    pub fields: Value,
    /// The scale of priorities and the one a new case gets.
    #[serde(default)]
    pub priorities: Priorities,
    /// Statuses in the order in which they are shown.
    pub statuses: Vec<Status>,
    /// Allowed moves between statuses.
    #[serde(default)]
    pub transitions: Vec<Transition>,
    /// Names of the plugin actions in the page's menu; empty means all that offer a button.
    #[serde(default)]
    pub actions: Vec<String>,
    /// Promises that the case type makes.
    #[serde(default)]
    pub clocks: Vec<ClockRule>,
    /// Name of the calendar on which they are counted.
    #[serde(default)]
    pub calendar_name: Option<String>,
    /// That calendar as it is published. Without it no clock runs.
    #[serde(skip)]
    pub calendar: Option<Arc<Calendar>>,
    /// Checks of fields and guards, compiled from the text.
    #[serde(skip)]
    pub rules: Option<Arc<dyn Rules>>,
}

fn default_numbering() -> String {
    "{yyyy}-{seq:06}".to_owned()
}

/// KLE classification of a case type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kle {
    /// Subject code such as `07.18.05`.
    pub subject: String,
    /// Facet such as `G01`.
    pub facet: String,
}

/// The scale of priorities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priorities {
    /// From the least to the most urgent.
    pub scale: Vec<String>,
    /// The priority of a new case.
    pub default: String,
}

impl Default for Priorities {
    fn default() -> Self {
        Self {
            scale: ["low", "normal", "high", "critical"]
                .map(str::to_owned)
                .to_vec(),
            default: "normal".to_owned(),
        }
    }
}

/// A status of a case type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Stable name such as `waiting_customer`.
    pub name: String,
    /// Title per language; well-known names have titles of their own.
    #[serde(default)]
    pub title: Titles,
    /// New cases start here.
    #[serde(default)]
    pub initial: bool,
    /// The case is done.
    #[serde(default, rename = "final")]
    pub is_final: bool,
    /// Clocks that stand still in this status.
    #[serde(default)]
    pub suspends: Vec<String>,
}

/// An allowed move between statuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// Stable name such as `collected`.
    pub name: String,
    /// Statuses in which it may be taken.
    pub from: TransitionFrom,
    /// The status that follows.
    pub to: String,
    /// Roles that may take it; empty means every role with the right to set the status.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Fields that must have a value.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Expression over the case that must hold.
    #[serde(default)]
    pub guard: Option<String>,
    /// Title per language, for the button.
    #[serde(default)]
    pub title: Titles,
}

/// Where a transition may start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransitionFrom {
    /// Any status but the transition's own target.
    Any,
    /// One of these statuses.
    Statuses(Vec<String>),
}

impl TransitionFrom {
    /// Whether the transition may start in a status.
    pub fn includes(&self, status: &str) -> bool {
        match self {
            TransitionFrom::Any => true,
            TransitionFrom::Statuses(names) => names.iter().any(|name| name == status),
        }
    }
}

/// What is wrong with a field's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldProblem {
    /// JSON Pointer to the value, such as `/fraction`; where it is missing, to its place.
    pub pointer: String,
    /// Keyword of JSON Schema that it breaks, such as `maximum`, where it is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub keyword: String,
    /// What is wrong, in words.
    pub message: String,
}

/// Where a value does not fit its schema, without a word of the value: fit to be kept and to be shown to anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misfit {
    /// JSON Pointer to the value; where it is missing, to its place.
    pub pointer: String,
    /// Keyword of JSON Schema that it breaks, such as `maximum`.
    pub keyword: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.pointer.as_str() {
            "" => "the fields",
            pointer => pointer,
        };
        write!(f, "{place}: breaks `{}` of the schema", self.keyword)
    }
}

/// Checks that need an interpreter, compiled once per published version.
pub trait Rules: fmt::Debug + Send + Sync {
    /// What the JSON Schema of the fields finds wrong with them, for whoever sent them.
    fn field_problems(&self, fields: &Map<String, Value>) -> Vec<FieldProblem>;

    /// The same for those who may not read the values.
    fn misfits(&self, fields: &Map<String, Value>) -> Vec<Misfit>;

    /// Whether a transition's guard holds for a case (as JSON, the fields beside the case's own keys under `fields`).
    /// A guard that fails to evaluate does not hold.
    fn guard_holds(&self, transition: &str, case: &Value) -> bool;
}

impl CaseType {
    /// What is wrong with the fields of a case of this type; nothing where its rules are not compiled.
    pub fn field_problems(&self, fields: &Map<String, Value>) -> Vec<FieldProblem> {
        let rules = self.rules.as_ref();
        rules
            .map(|rules| rules.field_problems(fields))
            .unwrap_or_default()
    }

    /// The status with a name.
    pub fn status(&self, name: &str) -> Option<&Status> {
        self.statuses.iter().find(|status| status.name == name)
    }

    /// The status of a new case: the one marked initial, else the first.
    pub fn initial_status(&self) -> Option<&Status> {
        self.statuses
            .iter()
            .find(|status| status.initial)
            .or(self.statuses.first())
    }

    /// Whether a case in this status is done. Unknown statuses are not.
    pub fn is_final(&self, status: &str) -> bool {
        self.status(status).is_some_and(|status| status.is_final)
    }

    /// Transitions that may start in a status, in the order of the text.
    pub fn transitions_from<'a>(&'a self, status: &'a str) -> impl Iterator<Item = &'a Transition> {
        self.transitions
            .iter()
            .filter(move |transition| transition.from.includes(status) && transition.to != status)
    }

    /// The place of a priority on the scale, 0 the least urgent.
    pub fn priority_rank(&self, priority: &str) -> Option<usize> {
        self.priorities
            .scale
            .iter()
            .position(|name| name == priority)
    }
}

//! The checked model of a workflow file: the Open Workflow DSL 1.0.3 in our declared profile.
//!
//! Tasks and event filters lie in flat tables and refer to each other by number, so that a running instance can name its
//! place in a few bytes. The numbers are only meaningful together with the text they were read from, which is why an
//! instance keeps the version it started with.

mod event;
mod gather;
mod read;
mod schedule;
mod task;

pub use event::{Correlation, Filter, FilterId, Read, Strategy, Test, Until, matches_any};
pub use gather::Gathered;
pub use schedule::{CatchUp, Clock, Overlap, Schedule};
pub use task::{
    Argument, Backoff, Call, Case, Catch, ConfigurationRef, ErrorFilter, ErrorTemplate, ForTask,
    Foreach, FunctionRef, InputRule, Listen, OutputRule, Retry, RunWorkflow, Schema, SchemaMisfit,
    Target, Task, TaskId, TaskKind, TaskList, Then, Try, type_matches,
};

use crate::data::Data;
use crate::diagnostic::Diagnostic;
use crate::reader::Reader;
use crate::span::Duration;
use crate::yaml::{self, Node};
use jiff::tz::TimeZone;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Version of the language that this profile follows.
pub const DSL_VERSION: &str = "1.0.3";

/// Variables that every expression of a workflow may use.
pub const VARIABLES: [&str; 8] = [
    "context",
    "input",
    "output",
    "task",
    "workflow",
    "runtime",
    "secrets",
    "authorization",
];

/// A workflow, checked, with every expression compiled.
#[derive(Debug)]
pub struct Workflow {
    /// Name, version and what else identifies it.
    pub document: Document,
    /// What it takes.
    pub input: InputRule,
    /// What it gives.
    pub output: OutputRule,
    /// How long an instance may run.
    pub timeout: Option<Duration>,
    /// What starts it by itself.
    pub schedule: Option<Schedule>,
    /// What happens when a run by the clock is due before the one before has ended.
    pub overlap: Overlap,
    /// What happens to times of the clock at which nothing could run.
    pub catch_up: CatchUp,
    /// Its top-level tasks.
    pub body: TaskList,
    /// All tasks; a [`TaskId`] is a place in this table.
    pub tasks: Vec<Task>,
    /// All event filters; a [`FilterId`] is a place in this table.
    pub filters: Vec<Filter>,
    /// Tasks under `use.functions`, by name.
    pub functions: BTreeMap<String, TaskId>,
    /// Secrets that it declares, by name.
    pub secrets: Vec<String>,
    /// Time zone of calendar arithmetic.
    pub zone: TimeZone,
    /// The file as data, for `$workflow.definition`.
    pub definition: Data,
    /// SHA-256 of the text.
    pub digest: [u8; 32],
    blockers: Vec<Diagnostic>,
}

/// The `document` section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Version of the language.
    pub dsl: String,
    /// Namespace.
    pub namespace: String,
    /// Name, unique in the namespace.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// Title for people.
    pub title: Option<String>,
    /// Summary in Markdown.
    pub summary: Option<String>,
    /// Tags.
    pub tags: Value,
    /// Whatever else stands there; `caseType`, `timezone`, `overlap` and `catchUp` have a meaning for us.
    pub metadata: Value,
}

impl Document {
    /// `namespace/name`.
    pub fn qualified_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// What reading a file gave: the model if there is no error, and all findings.
#[derive(Debug)]
pub struct Parsed<T> {
    /// The model, unless a finding is an error.
    pub model: Option<T>,
    /// Findings in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Parsed<T> {
    /// Reads a text as YAML and what stands there as a model. Nothing is a model that has an error.
    pub(crate) fn read(
        file: &str,
        text: &str,
        model: impl FnOnce(&mut Reader<'_>, &Node) -> Option<T>,
    ) -> Self {
        let mut reader = Reader::new(file, text);
        let model = match yaml::parse(text) {
            Ok(node) => model(&mut reader, &node),
            Err(diagnostic) => {
                reader.add(diagnostic);
                None
            }
        };
        Self {
            model: model.filter(|_| !reader.failed()),
            diagnostics: reader.into_diagnostics(),
        }
    }
}

/// Reads the tree of a workflow file, whatever comes of it.
pub(crate) fn read_workflow(reader: &mut Reader<'_>, node: &Node) -> Option<Workflow> {
    read::workflow(reader, node, [0; 32])
}

/// Zone of calendar arithmetic where neither the file nor the installation names one.
pub(crate) const DEFAULT_ZONE: &str = "Europe/Copenhagen";

impl Workflow {
    /// Reads a workflow file. Features that the profile names but this version cannot run are part of the model; see
    /// [`Workflow::blockers`].
    pub fn parse(file: &str, text: &str) -> Parsed<Self> {
        let digest = Sha256::digest(text).into();
        Parsed::read(file, text, |reader, node| {
            read::workflow(reader, node, digest)
        })
    }

    /// Reads a workflow file that is to be published: what cannot run is a finding too.
    pub fn publishable(file: &str, text: &str) -> Parsed<Self> {
        let mut parsed = Self::parse(file, text);
        if let Some(workflow) = &parsed.model {
            parsed.diagnostics.extend(workflow.blockers.iter().cloned());
            parsed
                .diagnostics
                .sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
        }
        parsed.model = parsed.model.filter(|workflow| workflow.blockers.is_empty());
        parsed
    }

    /// The workflow with its times in a zone, unless its file names one.
    #[must_use]
    pub fn in_zone(mut self, zone: &TimeZone) -> Self {
        if self.document.metadata["timezone"].is_null() {
            self.zone = zone.clone();
        }
        self
    }

    /// Why it cannot be published although it is well formed: features that are refused or cannot run yet.
    pub fn blockers(&self) -> &[Diagnostic] {
        &self.blockers
    }

    /// The task of a number. Numbers come from the same workflow, so an unknown one is a broken invariant.
    pub fn task(&self, id: TaskId) -> &Task {
        &self.tasks[id.0 as usize]
    }

    /// The filter of a number.
    pub fn filter(&self, id: FilterId) -> Option<&Filter> {
        self.filters.get(id.0 as usize)
    }

    /// Names of the tasks in the list of the task of a reference, in order, that one included.
    pub fn siblings(&self, reference: &str) -> Vec<&str> {
        let list = |task: &Task| {
            let place = task
                .reference
                .strip_suffix(&*task.name)?
                .strip_suffix('/')?;
            let (list, number) = place.rsplit_once('/')?;
            Some((list.to_owned(), number.parse::<u32>().ok()?))
        };
        let mut tasks = self.tasks.iter();
        let own = tasks.find(|task| *task.reference == *reference);
        let Some((wanted, _)) = own.and_then(list) else {
            return Vec::new();
        };
        let mut found: Vec<(u32, &str)> = self
            .tasks
            .iter()
            .filter_map(|task| {
                let (list, number) = list(task)?;
                (list == wanted).then_some((number, &*task.name))
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, name)| name).collect()
    }

    /// Whether a `try` around the task of a reference tries again by a policy.
    pub fn tries_again(&self, reference: &str) -> bool {
        self.tasks.iter().any(|task| match &task.kind {
            TaskKind::Try(attempt) if attempt.catch.retry.is_some() => reference
                .strip_prefix(&*task.reference)
                .is_some_and(|inside| inside.starts_with("/try/")),
            _ => false,
        })
    }

    /// Every function that is called outside the file, with the task that calls it.
    pub fn calls(&self) -> impl Iterator<Item = (&FunctionRef, &Task)> {
        self.tasks.iter().filter_map(|task| match &task.kind {
            TaskKind::Call(Call {
                target: Target::Function(function),
                ..
            }) => Some((function, task)),
            _ => None,
        })
    }

    /// Every call that says with which settings a plugin is called.
    pub fn configured_calls(&self) -> impl Iterator<Item = (&FunctionRef, &ConfigurationRef)> {
        self.tasks.iter().filter_map(|task| match &task.kind {
            TaskKind::Call(Call {
                target: Target::Function(function),
                configuration: Some(configuration),
                ..
            }) => Some((function, configuration)),
            _ => None,
        })
    }

    /// The workflows that it runs, as `namespace/name`.
    pub fn runs(&self) -> impl Iterator<Item = String> {
        self.tasks.iter().filter_map(|task| match &task.kind {
            TaskKind::Run(run) => Some(format!("{}/{}", run.namespace, run.name)),
            _ => None,
        })
    }

    /// When it starts by the clock, if it does.
    pub fn clock(&self) -> Option<&Clock> {
        self.schedule.as_ref()?.clock.as_ref()
    }

    /// Whether an event (a CloudEvent as JSON) starts an instance, or is one of several that do.
    pub fn starts_on(&self, event: &Data) -> bool {
        let strategy = self
            .schedule
            .as_ref()
            .and_then(|schedule| schedule.on.as_ref());
        strategy.is_some_and(|strategy| {
            let ends = strategy.until_filters().into_iter();
            let filters = strategy.filters().chain(ends);
            let mut filters = filters.filter_map(|id| self.filter(id));
            matches_any(strategy) || filters.any(|filter| filter.accepts_start(event))
        })
    }

    /// The types of event that can start an instance. `None` where they are not known beforehand, or nothing starts it;
    /// [`Workflow::starts_on`] decides.
    pub fn start_types(&self) -> Option<Vec<&str>> {
        let strategy = self.schedule.as_ref()?.on.as_ref()?;
        if matches_any(strategy) {
            return None;
        }
        strategy
            .filters()
            .chain(strategy.until_filters())
            .map(|id| self.filter(id).and_then(Filter::event_type))
            .collect()
    }

    /// The input of an instance that an event starts: a list of the one event, read as `schedule.read` says.
    pub fn start_input(&self, event: &Data) -> Value {
        let read = self
            .schedule
            .as_ref()
            .map(|schedule| schedule.read)
            .unwrap_or_default();
        Data::array([read.of(event)]).to_json()
    }
}

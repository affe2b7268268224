//! An installed plugin and its actions.

use crate::call::FailedCall;
use crate::config::{Candidate, Source};
use crate::entry_point::EntryPoint;
use crate::grant::{Capability, Grant};
use crate::health::{Health, Monitor};
use crate::hooks::Hooks;
use crate::interface::Program;
use crate::limits::Limits;
use crate::manifest::{ActionManifest, Button, Effect, Manifest, in_language};
use crate::schema::Schema;
use crate::signature::Signer;
use crate::state::Terms;
use crate::warm::Seats;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// One version of a plugin: checked, compiled, linked with what it declares. What it is granted can change while it is
/// installed.
pub struct Plugin {
    pub(crate) manifest: Manifest,
    pub(crate) digest: String,
    pub(crate) signer: Option<Signer>,
    pub(crate) source: Source,
    pub(crate) terms: RwLock<Arc<Terms>>,
    pub(crate) program: Arc<dyn Program>,
    pub(crate) code: Duration,
    pub(crate) seats: Seats,
    pub(crate) settings: Settings,
    pub(crate) shared: Arc<Shared>,
}

/// What all versions of a plugin have in common.
pub(crate) struct Shared {
    pub(crate) monitor: Monitor,
    /// Counts the calls that anybody can bring about. Its breaker is never asked: strangers would stop what the plugin does
    /// for others, or the reports of its carrier.
    reports: Monitor,
    pub(crate) hooks: Hooks,
    /// How many calls of this plugin may run at once, so that no plugin takes all threads.
    pub(crate) turns: Arc<Semaphore>,
    standing: RwLock<Standing>,
}

/// What people decided about a plugin as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It is switched off: calls are refused.
    pub disabled: bool,
    /// The version that answers where a caller names none; the newest that is granted, where nobody chose.
    pub version: Option<String>,
}

impl Shared {
    pub(crate) fn new(turns: usize) -> Self {
        Self {
            monitor: Monitor::default(),
            reports: Monitor::default(),
            hooks: Hooks::new(turns),
            turns: Arc::new(Semaphore::new(turns)),
            standing: RwLock::default(),
        }
    }

    /// Where a call is counted.
    pub(crate) fn monitor_of(&self, point: EntryPoint) -> &Monitor {
        match point.is_open_to_anybody() {
            true => &self.reports,
            false => &self.monitor,
        }
    }

    pub(crate) fn health(&self, now: Instant) -> Health {
        let (own, reports) = (self.monitor.health(now), self.reports.health(now));
        Health {
            calls: own.calls + reports.calls,
            failures: own.failures + reports.failures,
            memory_bytes: own.memory_bytes.max(reports.memory_bytes),
            last_error: own.last_error.clone().or(reports.last_error),
            is_failing: own.is_failing || reports.is_failing,
            ..own
        }
    }

    pub(crate) fn failures(&self) -> Vec<FailedCall> {
        let mut failures = self.monitor.failures();
        failures.extend(self.reports.failures());
        failures.sort_by_key(|failed| std::cmp::Reverse(failed.at));
        failures
    }

    pub(crate) fn standing(&self) -> Standing {
        self.standing
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn is_disabled(&self) -> bool {
        self.standing
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .disabled
    }

    pub(crate) fn stand(&self, standing: Standing) {
        *self
            .standing
            .write()
            .unwrap_or_else(PoisonError::into_inner) = standing;
    }
}

/// The plugin's settings as its package gives them.
#[derive(Debug)]
pub(crate) struct Settings {
    schema: Option<Schema>,
    default: Value,
    /// The default as a plugin sees it; written once, since most calls use it.
    default_shown: Arc<str>,
}

impl Settings {
    pub(crate) fn new(schema: Option<Schema>, default: Value) -> Self {
        let default_shown = write(schema.as_ref(), &default);
        Self {
            schema,
            default,
            default_shown,
        }
    }

    /// The configuration as a plugin sees it: the package's default where there is none, never with secrets.
    pub(crate) fn shown(&self, given: &Value) -> Arc<str> {
        if given.is_null() {
            self.default_shown.clone()
        } else {
            write(self.schema.as_ref(), given)
        }
    }
}

fn write(schema: Option<&Schema>, value: &Value) -> Arc<str> {
    match schema {
        Some(schema) => schema.without_secrets(value.clone()).to_string().into(),
        None => value.to_string().into(),
    }
}

impl Plugin {
    /// What the plugin says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The plugin's name.
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// The version.
    pub fn version(&self) -> &str {
        &self.manifest.version
    }

    /// How long its code took to come: compiled, or read from the cache, and linked.
    pub fn code_came_in(&self) -> Duration {
        self.code
    }

    /// SHA-256 over the package, hexadecimal; a published workflow pins it.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Who signed the package.
    pub fn signer(&self) -> Option<&Signer> {
        self.signer.as_ref()
    }

    /// Where the package came from.
    pub fn source(&self) -> Source {
        self.source
    }

    /// What the plugin may do now; `None` where nobody has decided yet, and it is not called.
    pub fn grant(&self) -> Option<Grant> {
        let terms = self.terms();
        (!terms.waiting).then(|| terms.grant.clone())
    }

    /// Whether it may do something now.
    pub fn may(&self, capability: Capability) -> bool {
        self.terms().grant.has(capability)
    }

    /// Whether it waits for somebody to grant what it asks for.
    pub fn is_waiting(&self) -> bool {
        self.terms().waiting
    }

    /// The bounds of each call.
    pub fn limits(&self) -> Limits {
        self.terms().limits
    }

    /// What calls that begin now may do.
    pub(crate) fn terms(&self) -> Arc<Terms> {
        self.terms
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts other terms in place. Calls in progress end with those that they began with.
    pub(crate) fn agree(&self, terms: Terms) {
        *self.terms.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(terms);
    }

    pub(crate) fn candidate(&self) -> Candidate<'_> {
        Candidate {
            manifest: &self.manifest,
            digest: &self.digest,
            signer: self.signer.as_ref(),
            source: self.source,
        }
    }

    /// JSON Schema of the settings.
    pub fn configuration_schema(&self) -> Option<&Value> {
        self.settings.schema.as_ref().map(Schema::value)
    }

    /// The settings that hold until somebody gives others; `null` where there are none.
    pub fn default_configuration(&self) -> &Value {
        &self.settings.default
    }

    /// Names of the settings that are secret.
    pub fn secret_settings(&self) -> Vec<String> {
        self.settings
            .schema
            .as_ref()
            .map(Schema::secrets)
            .unwrap_or_default()
    }

    /// What is wrong with settings that somebody wants to give.
    pub fn configuration_problems(&self, configuration: &Value) -> Vec<String> {
        self.settings
            .schema
            .as_ref()
            .map(|schema| schema.problems(configuration))
            .unwrap_or_default()
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plugin({}@{})", self.id(), self.version())
    }
}

/// An action of a plugin version, or something else that it offers, ready to be called.
#[derive(Debug)]
pub struct ActionRef {
    /// The plugin that offers it.
    pub plugin: Arc<Plugin>,
    /// The action as its manifest describes it.
    pub action: ActionManifest,
    pub(crate) point: EntryPoint,
    pub(crate) input: Option<Schema>,
    pub(crate) output: Option<Schema>,
    pub(crate) sample: Option<Value>,
    pub(crate) select: Arc<[String]>,
}

impl ActionRef {
    /// The name that workflows call.
    pub fn name(&self) -> &str {
        &self.action.name
    }

    /// What may happen outside when it runs twice.
    pub fn effect(&self) -> Effect {
        self.action.effect
    }

    /// Whether nothing can have happened outside where what came of a call is thrown away: the action says so, or its plugin
    /// sends no requests, and everything else that a call can leave is written by whoever called. An action that must not
    /// run twice is never thrown away.
    pub fn stays_inside(&self) -> bool {
        match self.effect() {
            Effect::Pure => true,
            Effect::Idempotent | Effect::Keyed => self.plugin.manifest.capabilities.http.is_empty(),
            Effect::Once => false,
        }
    }

    /// Where people find it.
    pub fn button(&self) -> Option<&Button> {
        self.action.button.as_ref()
    }

    /// Titles per language: the action's own, or the plugin's.
    pub fn titles(&self) -> &BTreeMap<String, String> {
        if self.action.title.is_empty() {
            &self.plugin.manifest.title
        } else {
            &self.action.title
        }
    }

    /// The title in a language, or in Danish, English or any other.
    pub fn title(&self, locale: &str) -> &str {
        in_language(self.titles(), locale).unwrap_or(&self.action.name)
    }

    /// JSON Schema of the input, from which a form is drawn.
    pub fn input_schema(&self) -> Option<&Value> {
        self.input.as_ref().map(Schema::value)
    }

    /// JSON Schema of the output.
    pub fn output_schema(&self) -> Option<&Value> {
        self.output.as_ref().map(Schema::value)
    }

    /// The answer for dry runs, where the outside is denied.
    pub fn sample(&self) -> Option<&Value> {
        self.sample.as_ref()
    }

    /// Whether a call can see what the database has of cases, beyond the one that it is given: what a commit is about to write
    /// is not among it.
    pub fn reads_back(&self) -> bool {
        self.wants("history") || self.plugin.may(Capability::Cases)
    }

    /// Whether the case given to a call should contain what costs something to gather: `history`, `collections`.
    pub fn wants(&self, member: &str) -> bool {
        self.select.iter().any(|one| one == member)
    }
}

//! To which version of a plugin a run's calls go.
//!
//! When a workflow is published, each of its calls is pinned to the package that answers it then. An update pins the calls
//! anew for runs that begin from then on; runs under way go on with the package with which they began. A call that names a
//! version in full keeps its package for good.
//!
//! Which pins are the latest is what the process knows that begins the run, and the run says so: whoever else carries out
//! its calls may have heard of later ones meanwhile, or not yet.

mod fetch;
mod follow;

pub(crate) use fetch::{Called, gone};

use crate::builtin;
use crate::catalog::PublishedWorkflow;
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_definition::Workflow;
use sagsgang_domain::Timestamp;
use sagsgang_flow::FunctionRef;
use sagsgang_host::{ActionRef, Plugin, Source, is_protocol};
use sagsgang_store::{InstanceRow, WorkflowPin};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, PoisonError, RwLock};

/// Where a call of a published workflow goes, for runs that begin now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinView {
    /// What is called, as the workflow names it.
    pub function: String,
    /// The plugin.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the package.
    pub digest: String,
    /// It can be called, or fetched from where it is kept. Otherwise the step stops until the package is back or the
    /// workflow is published again.
    pub installed: bool,
}

/// Names and versions of workflows with runs that may go on: under way, or standing until a person decides.
pub(crate) type Unfinished = HashSet<(String, String)>;

/// The pins of a workflow version, in the order of time.
type OfVersion = Vec<Arc<WorkflowPin>>;

/// All pins, as they were read last.
#[derive(Default)]
pub(crate) struct Pins {
    /// By name and version of the workflow.
    read: RwLock<HashMap<String, HashMap<String, OfVersion>>>,
    /// One fetches packages at a time: whoever waited finds what the one before has fetched.
    fetching: tokio::sync::Mutex<()>,
    /// When pins were last looked through for those that nobody goes by, in microseconds.
    looked: AtomicI64,
}

impl Pins {
    fn put(&self, rows: Vec<WorkflowPin>) {
        let mut all: HashMap<String, HashMap<String, OfVersion>> = HashMap::new();
        for row in rows {
            let versions = all.entry(row.workflow.clone()).or_default();
            let pins = versions.entry(row.version.clone()).or_default();
            pins.push(Arc::new(row));
        }
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = all;
    }

    /// The pin of a call that holds for a run.
    fn find(&self, function: &FunctionRef, run: &InstanceRow) -> Option<Arc<WorkflowPin>> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        let pins = read.get(&run.workflow)?.get(&run.version)?;
        at(pins, function, run.pinned_at.unwrap_or(run.created_at)).cloned()
    }

    /// From which moment on the latest pins of a workflow version hold: what a run that begins now goes by.
    pub(crate) fn latest(&self, workflow: &str, version: &str) -> Option<Timestamp> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        // They stand in the order of time.
        let last = read.get(workflow)?.get(version)?.last()?;
        Some(last.since)
    }

    /// The pins of a workflow version.
    fn of(&self, workflow: &str, version: &str) -> OfVersion {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        let versions = read.get(workflow);
        let pins = versions.and_then(|versions| versions.get(version));
        pins.cloned().unwrap_or_default()
    }

    fn all(&self) -> Vec<Arc<WorkflowPin>> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        let versions = read.values().flat_map(HashMap::values);
        versions.flatten().cloned().collect()
    }
}

/// The pin that holds for a run: the latest up to a moment. One that began before all of them goes by the first.
fn at<'p>(
    pins: &'p [Arc<WorkflowPin>],
    function: &FunctionRef,
    until: Timestamp,
) -> Option<&'p Arc<WorkflowPin>> {
    let mut of_call = pins.iter().filter(|pin| is_of(pin, function)).peekable();
    let first = of_call.peek().copied();
    of_call
        .take_while(|pin| pin.since <= until)
        .last()
        .or(first)
}

/// Whether a pin is of a function. The catalog says nothing: there is one.
fn is_of(pin: &WorkflowPin, function: &FunctionRef) -> bool {
    let rest = pin.function.strip_prefix(function.name.as_str());
    match (rest, &function.version) {
        (Some(rest), None) => rest.is_empty(),
        (Some(rest), Some(version)) => rest.strip_prefix(':') == Some(version.as_str()),
        (None, _) => false,
    }
}

/// A function as the workflow names it, without the catalog.
fn name_of(function: &FunctionRef) -> String {
    match &function.version {
        Some(version) => format!("{}:{version}", function.name),
        None => function.name.clone(),
    }
}

/// Whether the workflow itself names the version in full: then nothing else takes its place.
fn is_full(pin: &WorkflowPin) -> bool {
    let named = pin.function.split_once(':').map(|(_, version)| version);
    named == Some(pin.plugin_version.as_str())
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or_default()
}

/// What the workflow calls, as it names it.
fn function_of(pin: &WorkflowPin) -> FunctionRef {
    let version = pin.function.split_once(':').map(|(_, version)| version);
    FunctionRef {
        name: name_in(pin).to_owned(),
        version: version.map(str::to_owned),
        catalog: None,
    }
}

/// Name of the action that a pin is about.
fn name_in(pin: &WorkflowPin) -> &str {
    let named = pin.function.split_once(':');
    named.map_or(&pin.function, |(name, _)| name)
}

impl Engine {
    /// The action that a call of a run goes to, where its pin is known and its package loaded; a run keeps the package with
    /// which it began. Otherwise see [`Engine::called_by_run`], which looks further.
    pub(crate) fn action_of_run(
        &self,
        function: &FunctionRef,
        run: &InstanceRow,
    ) -> Option<Arc<ActionRef>> {
        let pin = self.pins.find(function, run)?;
        self.pinned(&pin)
    }

    /// The action that a pin speaks of, if it can be called.
    fn pinned(&self, pin: &WorkflowPin) -> Option<Arc<ActionRef>> {
        let name = name_in(pin);
        if let Some(found) = self.host.find_pinned(name, &pin.digest) {
            return Some(found);
        }
        // What comes with the program is exchanged with it: the old bytes are nowhere any more, and the program answers
        // for the new ones.
        let is_ours = |plugin: &Arc<Plugin>| {
            plugin.source() == Source::Bundled
                && major(plugin.version()) == major(&pin.plugin_version)
        };
        if let Some(plugin) = self.host.versions(&pin.plugin).into_iter().find(is_ours) {
            return self.host.find_pinned(name, plugin.digest());
        }
        // Other bytes under the same number: whoever names no version in full takes what stands there now, and so does
        // whoever develops it.
        let same = self.host.find_action(name, Some(&pin.plugin_version));
        let may_differ = !is_full(pin) || self.is_development();
        same.filter(|found| may_differ && found.plugin.id() == pin.plugin)
    }

    /// Where the calls of a workflow go now.
    fn targets(&self, workflow: &Workflow) -> BTreeMap<String, Arc<ActionRef>> {
        let calls = workflow.calls().map(|(function, _)| function);
        let of_plugins = calls.filter(|function| {
            let is_protocol = function.version.is_none() && is_protocol(&function.name);
            !is_protocol && !builtin::is_builtin(&function.name)
        });
        of_plugins
            .filter_map(|function| Some((name_of(function), self.find_action(function)?)))
            .collect()
    }

    /// Reads the pins again.
    pub(crate) async fn read_pins(&self) -> Result<(), EngineError> {
        self.pins.put(self.store.workflow_pins().await?);
        Ok(())
    }

    /// The pins that somebody goes by: of workflows in force, and of those with unfinished runs.
    pub(crate) fn pins_in_use(&self, unfinished: &Unfinished) -> Vec<Arc<WorkflowPin>> {
        let catalog = self.catalog();
        let is_used = |pin: &Arc<WorkflowPin>| {
            let active = catalog.active_workflow(&pin.workflow);
            active.is_some_and(|one| one.workflow.document.version == pin.version)
                || unfinished.contains(&(pin.workflow.clone(), pin.version.clone()))
        };
        self.pins.all().into_iter().filter(is_used).collect()
    }

    /// The workflow versions with runs that may go on.
    pub(crate) async fn unfinished(&self) -> Result<Unfinished, EngineError> {
        let unfinished = self.store.workflows_unfinished().await?;
        Ok(unfinished.into_iter().collect())
    }

    /// Where the calls of a workflow version go, for runs that begin now.
    pub(crate) fn pin_views(&self, published: &PublishedWorkflow) -> Vec<PinView> {
        let pins = self
            .pins
            .of(&published.name(), &published.workflow.document.version);
        let latest: BTreeMap<&str, &Arc<WorkflowPin>> = pins
            .iter()
            .map(|pin| (pin.function.as_str(), pin))
            .collect();
        let kept = self.decisions.packages().unwrap_or_default();
        let view = |pin: &Arc<WorkflowPin>| {
            let found = self.pinned(pin);
            let now = found.as_ref().map(|found| &found.plugin);
            PinView {
                function: pin.function.clone(),
                plugin: pin.plugin.clone(),
                version: now.map_or_else(
                    || pin.plugin_version.clone(),
                    |plugin| plugin.version().to_owned(),
                ),
                digest: now.map_or_else(|| pin.digest.clone(), |plugin| plugin.digest().to_owned()),
                installed: found.is_some()
                    || kept
                        .iter()
                        .any(|one| one.digest == pin.digest && !self.broken.is_kept(one)),
            }
        };
        latest.into_values().map(view).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(function: &str, second: i64, plugin_version: &str) -> WorkflowPin {
        WorkflowPin {
            workflow: "test/w".to_owned(),
            version: "1.0.0".to_owned(),
            function: function.to_owned(),
            since: Timestamp::from_micros(second * 1_000_000),
            plugin: "p".to_owned(),
            plugin_version: plugin_version.to_owned(),
            digest: plugin_version.to_owned(),
        }
    }

    fn called(name: &str, version: Option<&str>) -> FunctionRef {
        FunctionRef {
            name: name.to_owned(),
            version: version.map(str::to_owned),
            catalog: Some("default".to_owned()),
        }
    }

    #[test]
    fn a_run_goes_by_the_latest_pin_from_before_it_began() {
        let pins: OfVersion = [
            pin("a", 10, "1.0.0"),
            pin("a:2", 15, "2.0.0"),
            pin("a", 20, "1.1.0"),
        ]
        .map(Arc::new)
        .to_vec();
        let found = |function: &FunctionRef, second: i64| {
            let began = Timestamp::from_micros(second * 1_000_000);
            at(&pins, function, began).map(|pin| pin.plugin_version.clone())
        };
        let plain = called("a", None);
        for (second, version) in [
            (5, "1.0.0"),
            (10, "1.0.0"),
            (19, "1.0.0"),
            (20, "1.1.0"),
            (99, "1.1.0"),
        ] {
            assert_eq!(found(&plain, second).as_deref(), Some(version), "{second}");
        }
        assert_eq!(found(&called("a", Some("2")), 1).as_deref(), Some("2.0.0"));
        assert_eq!(found(&called("a", Some("3")), 99), None);
        assert_eq!(found(&called("ab", None), 99), None);
    }

    #[test]
    fn a_run_that_says_what_it_goes_by_heeds_no_later_pin_from_before_it_began() {
        let pins = Pins::default();
        let (first, later) = (pin("a", 10, "1.0.0"), pin("a", 20, "1.1.0"));
        pins.put(vec![first.clone()]);
        let latest = pins.latest("test/w", "1.0.0");
        assert_eq!(latest, Some(first.since));
        assert_eq!(pins.latest("test/w", "2.0.0"), None);
        // The run begins at 30. Another process has pinned at 20, which is heard of only now.
        pins.put(vec![first, later]);
        let found = |pinned_at| {
            let run = run(30, pinned_at);
            let pin = pins.find(&called("a", None), &run).unwrap();
            pin.plugin_version.clone()
        };
        assert_eq!(found(latest), "1.0.0");
        assert_eq!(found(None), "1.1.0", "as runs of before");
    }

    fn run(second: i64, pinned_at: Option<Timestamp>) -> InstanceRow {
        let began = Timestamp::from_micros(second * 1_000_000);
        InstanceRow {
            id: sagsgang_domain::InstanceId(uuid::Uuid::from_u128(1)),
            workflow: "test/w".to_owned(),
            version: "1.0.0".to_owned(),
            case: None,
            parent: None,
            status: sagsgang_store::InstanceStatus::Ready,
            seq: 0,
            depth: 1,
            crashes: 0,
            detail: None,
            state: None,
            state_hash: [0; 32],
            created_at: began,
            pinned_at,
            updated_at: began,
        }
    }

    #[test]
    fn only_a_version_named_in_full_is_kept_for_good() {
        assert!(is_full(&pin("a:1.0.0", 1, "1.0.0")));
        for function in ["a", "a:1", "a:1.0.1"] {
            assert!(!is_full(&pin(function, 1, "1.0.0")), "{function}");
        }
    }
}

//! To which version of a plugin a run's calls go.
//!
//! When a workflow is published, each of its calls is pinned to the package that answers it then. An update pins the calls
//! anew for runs that begin from then on; runs under way go on with the package with which they began. A call that names a
//! version in full keeps its package for good.

mod follow;

use crate::builtin;
use crate::catalog::PublishedWorkflow;
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_definition::Workflow;
use sagsgang_domain::Timestamp;
use sagsgang_flow::{FunctionRef, WorkflowError};
use sagsgang_host::{ActionRef, Plugin, Source, is_protocol};
use sagsgang_store::{InstanceRow, WorkflowPin};
use std::collections::{BTreeMap, HashMap, HashSet};
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
    /// It can be called. Otherwise the step stops until the package is back or the workflow is published again.
    pub installed: bool,
}

/// The pins of a workflow version, in the order of time.
type OfVersion = Vec<Arc<WorkflowPin>>;

/// All pins, as they were read last.
#[derive(Default)]
pub(crate) struct Pins {
    /// By name and version of the workflow.
    read: RwLock<HashMap<String, HashMap<String, OfVersion>>>,
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

    /// The pin of a call that holds for a run which began at a moment.
    fn find(
        &self,
        (workflow, version): (&str, &str),
        function: &FunctionRef,
        began: Timestamp,
    ) -> Option<Arc<WorkflowPin>> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        at(read.get(workflow)?.get(version)?, function, began).cloned()
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

/// The pin that holds for a run: the latest from before it began. One that began before all of them goes by the first.
fn at<'p>(
    pins: &'p [Arc<WorkflowPin>],
    function: &FunctionRef,
    began: Timestamp,
) -> Option<&'p Arc<WorkflowPin>> {
    let mut of_call = pins.iter().filter(|pin| is_of(pin, function)).peekable();
    let first = of_call.peek().copied();
    of_call
        .take_while(|pin| pin.since <= began)
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
    /// The action that a call of a run goes to; a run keeps the package with which it began.
    ///
    /// # Errors
    /// When it is not installed.
    pub(crate) fn action_of_run(
        &self,
        function: &FunctionRef,
        run: &InstanceRow,
    ) -> Result<Arc<ActionRef>, WorkflowError> {
        let workflow = (run.workflow.as_str(), run.version.as_str());
        let Some(pin) = self.pins.find(workflow, function, run.created_at) else {
            return self.find_action(function).ok_or_else(|| {
                let detail = format!("no installed plugin has an action {:?}", function.name);
                WorkflowError::standard("configuration", detail)
            });
        };
        self.pinned(&pin).ok_or_else(|| gone(&pin))
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
    pub(crate) async fn pins_in_use(&self) -> Result<Vec<Arc<WorkflowPin>>, EngineError> {
        let unfinished = self.store.workflows_unfinished().await?;
        let unfinished: HashSet<(String, String)> = unfinished.into_iter().collect();
        let catalog = self.catalog();
        let is_used = |pin: &Arc<WorkflowPin>| {
            let active = catalog.active_workflow(&pin.workflow);
            active.is_some_and(|one| one.workflow.document.version == pin.version)
                || unfinished.contains(&(pin.workflow.clone(), pin.version.clone()))
        };
        Ok(self.pins.all().into_iter().filter(is_used).collect())
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
                installed: found.is_some(),
            }
        };
        latest.into_values().map(view).collect()
    }
}

fn gone(pin: &WorkflowPin) -> WorkflowError {
    let detail = format!(
        "version {} of the plugin `{}`, with which this run began, is not installed any more (package {}…); install that \
         package again, or publish the workflow again for another one",
        pin.plugin_version,
        pin.plugin,
        pin.digest.get(..12).unwrap_or(&pin.digest)
    );
    WorkflowError::standard("configuration", detail)
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
    fn only_a_version_named_in_full_is_kept_for_good() {
        assert!(is_full(&pin("a:1.0.0", 1, "1.0.0")));
        for function in ["a", "a:1", "a:1.0.1"] {
            assert!(!is_full(&pin(function, 1, "1.0.0")), "{function}");
        }
    }
}

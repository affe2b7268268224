//! Where a call of a run goes when this process does not know at once: pins are read again, packages are fetched.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::plugins::PackagePlace;
use sagsgang_flow::{FunctionRef, WorkflowError};
use sagsgang_host::{ActionRef, Package, Source};
use sagsgang_store::{InstanceRow, PluginPackage, StoreError, WorkflowPin};
use std::sync::Arc;

/// What a call of a run goes to.
pub(crate) enum Called {
    /// This.
    Action(Arc<ActionRef>),
    /// Nothing: the error is for the workflow.
    Nothing(WorkflowError),
    /// A package that is kept and cannot be loaded here now; another process may have it, or it comes.
    Elsewhere(Arc<WorkflowPin>),
}

impl Engine {
    /// What a call of a run goes to. A pin that another process made is read, and a package that only others have loaded is
    /// fetched from where it is kept, for runs that are pinned to it: what people put into the plugin folder of one machine
    /// is not called by buttons of another.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn called_by_run(
        &self,
        function: &FunctionRef,
        run: &InstanceRow,
    ) -> Result<Called, StoreError> {
        if let Some(found) = self.action_of_run(function, run) {
            return Ok(Called::Action(found));
        }
        let _one_at_a_time = self.pins.fetching.lock().await;
        self.pins.put(self.store.workflow_pins().await?);
        let Some(pin) = self.pins.find(function, run) else {
            return Ok(match self.find_action(function) {
                Some(found) => Called::Action(found),
                None => Called::Nothing(unknown(function)),
            });
        };
        if let Some(found) = self.fetched(&pin).await? {
            return Ok(Called::Action(found));
        }
        let kept = self.kept_package(&pin).await?;
        Ok(match kept {
            Some(_) => Called::Elsewhere(pin),
            None => Called::Nothing(gone(&pin)),
        })
    }

    /// The action that a pin speaks of, its package fetched where it is kept and not loaded here.
    pub(super) async fn fetched(
        &self,
        pin: &WorkflowPin,
    ) -> Result<Option<Arc<ActionRef>>, StoreError> {
        if let Some(found) = self.pinned(pin) {
            return Ok(Some(found));
        }
        if let Some(kept) = self.kept_package(pin).await? {
            self.fetch(&kept).await?;
        }
        Ok(self.pinned(pin))
    }

    async fn kept_package(&self, pin: &WorkflowPin) -> Result<Option<PluginPackage>, StoreError> {
        let mut packages = self.store.plugin_packages().await?.into_iter();
        Ok(packages.find(|one| one.digest == pin.digest))
    }

    /// Loads a kept package apart from what answers now.
    async fn fetch(&self, kept: &PluginPackage) -> Result<(), StoreError> {
        let content = match self.kept_content(kept).await {
            Ok(Some(content)) => content,
            Ok(None) => return Ok(()),
            Err(EngineError::Store(error)) => return Err(error),
            Err(error) => {
                tracing::warn!(plugin = kept.plugin, %error, "a kept version of a plugin could not be read");
                return Ok(());
            }
        };
        let loaded = match Package::from_archive(&content) {
            Ok(package) => {
                let source = Source::of_kept(&kept.source);
                self.host.install_apart(package, source).await.map(|_| ())
            }
            Err(problems) => Err(problems),
        };
        if self.told(PackagePlace::kept(kept), loaded).is_some() {
            tracing::info!(
                plugin = kept.plugin,
                version = kept.version,
                "fetched for a run that goes on with it"
            );
        }
        Ok(())
    }
}

fn unknown(function: &FunctionRef) -> WorkflowError {
    let detail = format!("no installed plugin has an action {:?}", function.name);
    WorkflowError::standard("configuration", detail)
}

/// What is said of a package that is kept nowhere any more, or that did not come.
pub(crate) fn gone(pin: &WorkflowPin) -> WorkflowError {
    let detail = format!(
        "version {} of the plugin `{}`, with which this run began, is not installed any more (package {}…); install that \
         package again, or publish the workflow again for another one",
        pin.plugin_version,
        pin.plugin,
        pin.digest.get(..12).unwrap_or(&pin.digest)
    );
    WorkflowError::standard("configuration", detail)
}

//! Plugins as people see them: buttons, health, installing.

use crate::engine::Engine;
use sagsgang_domain::{Caller, Case, Right};
use sagsgang_host::{ActionRef, BreakerState, FailedCall, Plugin, Problem, WatchReport};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

/// A page with a menu of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonPlace {
    /// The page of one case.
    Case,
    /// The list, for each selected case.
    CaseList,
}

/// A plugin's button.
#[derive(Clone, Debug, PartialEq)]
pub struct ButtonView {
    /// Name of the action.
    pub action: String,
    /// Title in the reader's language.
    pub title: String,
    /// Icon.
    pub icon: Option<String>,
    /// Letter that runs it together with Shift.
    pub key: Option<String>,
    /// The plugin's id.
    pub plugin: String,
    /// JSON Schema from which the form is drawn.
    pub input_schema: Option<Value>,
}

/// A plugin and how it does.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginView {
    /// Id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Titles per language.
    pub titles: BTreeMap<String, String>,
    /// Digest of the package.
    pub digest: String,
    /// Names of its actions.
    pub actions: Vec<String>,
    /// Names of what it was granted.
    pub capabilities: Vec<String>,
    /// Calls since the start.
    pub calls: u64,
    /// Failed calls since the start.
    pub failures: u64,
    /// Median of the latest calls, in microseconds.
    pub p50_us: Option<u64>,
    /// All but one in a hundred of the latest calls took at most this.
    pub p99_us: Option<u64>,
    /// The latest failure.
    pub last_error: Option<String>,
    /// It is not called for now, after repeated failures.
    pub paused: bool,
}

/// Why a plugin was not installed. The version in place stays.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The caller may not.
    #[error("you do not have the right to install plugins")]
    NotAllowed,
    /// What is wrong with the package.
    #[error("the package cannot be installed: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Problems(Vec<Problem>),
    /// The package could not be kept.
    #[error("the package could not be written to disk")]
    Disk(#[source] std::io::Error),
}

impl Engine {
    /// Buttons of a page, in the order of their titles. A case type that names actions has only those.
    pub fn buttons(
        &self,
        place: ButtonPlace,
        case: Option<&Case>,
        locale: &str,
    ) -> Vec<ButtonView> {
        let wanted = match place {
            ButtonPlace::Case => sagsgang_host::manifest::Place::Case,
            ButtonPlace::CaseList => sagsgang_host::manifest::Place::CaseList,
        };
        let named = case
            .and_then(|case| self.case_type(&case.case_type, case.case_type_version))
            .map(|case_type| case_type.actions.clone())
            .unwrap_or_default();
        let mut buttons: Vec<ButtonView> = self
            .host
            .actions()
            .iter()
            .filter(|action| {
                action
                    .button()
                    .is_some_and(|button| button.places.contains(&wanted))
            })
            .filter(|action| named.is_empty() || self.is_named(&named, action))
            .map(|action| button_view(action, locale))
            .collect();
        let order = |button: &ButtonView| {
            let place = named.iter().position(|name| *name == button.action);
            (place.unwrap_or(usize::MAX), button.title.clone())
        };
        buttons.sort_by_key(order);
        buttons
    }

    /// A case type names the bundled actions of its menu; what the municipality installs besides is always there.
    fn is_named(&self, named: &[String], action: &ActionRef) -> bool {
        named.iter().any(|name| name == action.name()) || !self.is_bundled(action.plugin.id())
    }

    fn is_bundled(&self, plugin: &str) -> bool {
        self.options
            .bundled_plugins
            .as_ref()
            .is_some_and(|folder| folder.join(plugin).is_dir())
    }

    /// Installed plugins by id.
    pub fn plugins(&self) -> Vec<PluginView> {
        let mut plugins: Vec<PluginView> = self
            .host
            .plugins()
            .iter()
            .map(|plugin| self.plugin_view(plugin))
            .collect();
        plugins.sort_by(|one, other| one.id.cmp(&other.id));
        plugins
    }

    /// The latest failed calls of an installed plugin, the newest first; `None` where there is no such plugin.
    pub fn plugin_failures(&self, id: &str) -> Option<Vec<FailedCall>> {
        let installed = self.host.plugins().iter().any(|plugin| plugin.id() == id);
        installed.then(|| self.host.failures(id))
    }

    fn plugin_view(&self, plugin: &Arc<Plugin>) -> PluginView {
        let health = self.host.health(plugin.id());
        let called = health.calls > 0;
        PluginView {
            id: plugin.id().to_owned(),
            version: plugin.version().to_owned(),
            titles: plugin.manifest().title.clone(),
            digest: plugin.digest().to_owned(),
            actions: plugin
                .manifest()
                .actions
                .iter()
                .map(|action| action.name.clone())
                .collect(),
            capabilities: plugin
                .grant()
                .capabilities
                .iter()
                .map(ToString::to_string)
                .collect(),
            calls: health.calls,
            failures: health.failures,
            p50_us: called.then_some(health.p50_us),
            p99_us: called.then_some(health.p99_us),
            last_error: health.last_error,
            paused: health.breaker != BreakerState::Closed,
        }
    }

    /// Installs a package (the bytes of a `.sagsplugin` file), or puts it in the place of an older version.
    ///
    /// # Errors
    /// When the caller may not, or with everything that is wrong with the package.
    pub async fn install_plugin(
        &self,
        caller: &Caller,
        package: Vec<u8>,
    ) -> Result<PluginView, InstallError> {
        if !caller.may(Right::ManagePlugins) {
            return Err(InstallError::NotAllowed);
        }
        let file = self.incoming(&package).map_err(InstallError::Disk)?;
        let plugin = self
            .host
            .install(&file)
            .await
            .map_err(InstallError::Problems)?;
        self.keep_package(&file, &plugin)
            .map_err(InstallError::Disk)?;
        self.announce("plugins", 0);
        Ok(self.plugin_view(&plugin))
    }

    /// Writes a package beside the others, under a name that nobody watches.
    fn incoming(&self, package: &[u8]) -> std::io::Result<PathBuf> {
        let folder = self.options.data.join("incoming");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{}.sagsplugin", crate::chance::new_id(self.now())));
        std::fs::write(&file, package)?;
        Ok(file)
    }

    /// Moves an installed package into the plugin folder, where the next start finds it.
    fn keep_package(&self, file: &Path, plugin: &Plugin) -> std::io::Result<()> {
        match &self.options.plugins {
            Some(folder) => {
                std::fs::create_dir_all(folder)?;
                std::fs::rename(file, folder.join(format!("{}.sagsplugin", plugin.id())))
            }
            None => std::fs::remove_file(file),
        }
    }

    /// Installs what comes with the program and what lies in the plugin folder.
    pub(crate) async fn load_plugins(&self) {
        for folder in [&self.options.bundled_plugins, &self.options.plugins]
            .into_iter()
            .flatten()
        {
            for entry in entries(folder) {
                if let Err(problems) = self.host.install(&entry).await {
                    for problem in problems {
                        tracing::warn!(%problem, "a plugin was not installed");
                    }
                }
            }
        }
    }

    /// Watches the plugin folders: what changes there takes effect at the next call.
    pub(crate) fn watch_plugins(self: &Arc<Self>) {
        for folder in [&self.options.bundled_plugins, &self.options.plugins]
            .into_iter()
            .flatten()
        {
            let watch = self.host.watch(folder.clone());
            let mut reports = watch.subscribe();
            self.watches
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(watch);
            let engine = Arc::downgrade(self);
            self.work.tracker.spawn(async move {
                while let Ok(report) = reports.recv().await {
                    let Some(engine) = engine.upgrade() else {
                        return;
                    };
                    engine.report(&report);
                }
            });
        }
    }

    fn report(&self, report: &WatchReport) {
        match report {
            WatchReport::Installed(..) | WatchReport::Removed(..) => self.announce("plugins", 0),
            WatchReport::Broken(path, problems) => {
                for problem in problems {
                    tracing::warn!(path = %path.display(), %problem, "a plugin was not installed");
                }
            }
        }
    }
}

/// Plugin folders and packages in a folder; a folder that is not there has none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(listing) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut entries: Vec<_> = listing
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            path.join("plugin.toml").is_file()
                || path.extension().is_some_and(|end| end == "sagsplugin")
        })
        .collect();
    entries.sort();
    entries
}

fn button_view(action: &Arc<ActionRef>, locale: &str) -> ButtonView {
    let button = action.button();
    ButtonView {
        action: action.name().to_owned(),
        title: action.title(locale).to_owned(),
        icon: button.and_then(|button| button.icon.clone()),
        key: button.and_then(|button| button.key.clone()),
        plugin: action.plugin.id().to_owned(),
        input_schema: action.input_schema().cloned(),
    }
}

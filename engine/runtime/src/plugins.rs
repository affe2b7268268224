//! Plugins as people see them: buttons, health, what they may do, who decided so.

mod broken;
mod configure;
mod decide;
mod decisions;
mod detail;
mod folder;
mod grant;
mod install;
mod spread;
mod trial;

pub(crate) use broken::BrokenPackages;
pub use broken::{BrokenPackage, PackagePlace};
pub use decide::PluginChangeError;
pub use decisions::Consent;
pub(crate) use decisions::Decisions;
pub use detail::{ActionView, ConfigurationView, PluginDetail, VersionView};
pub(crate) use folder::KnownPlaces;
pub use grant::NewGrant;
pub use install::InstallError;
pub use trial::{Trial, TrialError};

use crate::engine::Engine;
use sagsgang_domain::Case;
use sagsgang_host::{
    ActionRef, BreakerState, Candidate, DoneCall, FailedCall, Grant, Plugin, Source,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

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

/// How a plugin stands, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PluginState {
    /// Somebody switched it off.
    Disabled,
    /// It waits for a grant.
    Waiting,
    /// It is not called for now, after repeated failures.
    Paused,
    /// It is called.
    Running,
}

impl PluginState {
    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            PluginState::Disabled => "disabled",
            PluginState::Waiting => "waiting",
            PluginState::Paused => "paused",
            PluginState::Running => "running",
        }
    }
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
    /// Everything that it offers: `action`, `panel`, `channel` or `provider`, and the name.
    pub offers: Vec<(&'static str, String)>,
    /// Names of what it was granted.
    pub capabilities: Vec<String>,
    /// Names of what it asks for.
    pub asks_for: Vec<String>,
    /// How it stands.
    pub state: PluginState,
    /// Why it may do what it may do.
    pub consent: Consent,
    /// A newer version that waits for a grant beside the one that answers.
    pub waiting_version: Option<String>,
    /// A trusted key has signed it; the bundled ones come signed with the program.
    pub signed: bool,
    /// Calls since the start.
    pub calls: u64,
    /// Failed calls since the start.
    pub failures: u64,
    /// Median of the latest calls, in microseconds.
    pub p50_us: Option<u64>,
    /// All but one in a hundred of the latest calls took at most this.
    pub p99_us: Option<u64>,
    /// The most memory that a call held, in bytes.
    pub memory_bytes: Option<u64>,
    /// The latest failure.
    pub last_error: Option<String>,
    /// Whether the newest call failed.
    pub is_failing: bool,
    /// It is not called for now, after repeated failures.
    pub paused: bool,
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
            .filter(|action| !self.host.standing(action.plugin.id()).disabled)
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

    /// Whether this engine loads plugins at all. One that is opened for a single command does not.
    pub(crate) fn loads_plugins(&self) -> bool {
        self.options.plugins.is_some() || self.options.bundled_plugins.is_some()
    }

    /// Whether plugins that nobody decided about get what they ask for: for trial, and said on every page.
    pub fn is_development(&self) -> bool {
        self.options.plugin_development
    }

    /// Whether packages are taken that no trusted key has signed; they wait for a grant like any other.
    pub fn takes_unsigned(&self) -> bool {
        !self.options.signed_plugins_only
    }

    /// The latest failed calls of an installed plugin, the newest first; `None` where there is no such plugin.
    pub fn plugin_failures(&self, id: &str) -> Option<Vec<FailedCall>> {
        let installed = self.host.plugins().iter().any(|plugin| plugin.id() == id);
        installed.then(|| self.host.failures(id))
    }

    /// The latest calls of an installed plugin that went well and left something to read, the newest first; `None` where
    /// there is no such plugin.
    pub fn plugin_calls(&self, id: &str) -> Option<Vec<DoneCall>> {
        let installed = self.host.plugins().iter().any(|plugin| plugin.id() == id);
        installed.then(|| self.host.done_calls(id))
    }

    fn plugin_view(&self, plugin: &Arc<Plugin>) -> PluginView {
        let health = self.host.health(plugin.id());
        let called = health.calls > 0;
        let paused = health.breaker != BreakerState::Closed;
        let newest = self.host.versions(plugin.id()).into_iter().next();
        let waiting =
            newest.filter(|newest| newest.is_waiting() && newest.digest() != plugin.digest());
        let names = |grant: &Grant| grant.capabilities.iter().map(ToString::to_string).collect();
        PluginView {
            asks_for: names(&Grant::declared(plugin.manifest())),
            state: match (
                self.host.standing(plugin.id()).disabled,
                plugin.is_waiting(),
            ) {
                (true, _) => PluginState::Disabled,
                (_, true) => PluginState::Waiting,
                _ if paused => PluginState::Paused,
                _ => PluginState::Running,
            },
            consent: self.decisions.consent(&candidate(plugin)),
            waiting_version: waiting.map(|newest| newest.version().to_owned()),
            signed: is_signed(plugin),
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
            offers: plugin
                .manifest()
                .offers()
                .iter()
                .map(|offer| (offer.kind(), offer.name().to_owned()))
                .collect(),
            capabilities: plugin.grant().as_ref().map(names).unwrap_or_default(),
            calls: health.calls,
            failures: health.failures,
            p50_us: called.then_some(health.p50_us),
            p99_us: called.then_some(health.p99_us),
            memory_bytes: (health.memory_bytes > 0).then_some(health.memory_bytes),
            last_error: health.last_error,
            is_failing: health.is_failing,
            paused,
        }
    }
}

fn candidate(plugin: &Plugin) -> Candidate<'_> {
    Candidate {
        manifest: plugin.manifest(),
        digest: plugin.digest(),
        signer: plugin.signer(),
        source: plugin.source(),
    }
}

fn is_signed(plugin: &Plugin) -> bool {
    plugin.source() == Source::Bundled
        || plugin.signer().is_some_and(|signer| signer.name.is_some())
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

//! One plugin with everything that a person needs to decide about it.

use super::decisions::undecided;
use super::{Consent, PluginView, candidate, is_signed};
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::Timestamp;
use sagsgang_host::{Grant, Plugin, manifest::Effect};
use sagsgang_store::{PluginDeed, WorkflowPin};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Lines of the log that are shown.
const LOG_LINES: u32 = 50;

/// A plugin for those who decide about it.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginDetail {
    /// The version that answers, and how it does.
    pub view: PluginView,
    /// One sentence per language.
    pub descriptions: BTreeMap<String, String>,
    /// Version of the decisions, for guarding the next one; 0 where nothing was decided.
    pub revision: u64,
    /// It may be called.
    pub enabled: bool,
    /// The version that is to be decided about: the newest.
    pub newest: VersionView,
    /// What the newest version asks for.
    pub asked: Grant,
    /// What the version that answers may do; nothing where it waits.
    pub granted: Option<Grant>,
    /// Who decided last what it may do.
    pub granted_by: Option<String>,
    /// When.
    pub granted_at: Option<Timestamp>,
    /// Installed versions, the newest first.
    pub versions: Vec<VersionView>,
    /// What it offers.
    pub actions: Vec<ActionView>,
    /// JSON Schema of the settings.
    pub schema: Option<Value>,
    /// Names of the settings that are secret.
    pub secrets: Vec<String>,
    /// The settings of the package itself.
    pub default: Value,
    /// Settings that somebody gave, by name.
    pub configurations: Vec<ConfigurationView>,
    /// What was decided, the newest first.
    pub log: Vec<PluginDeed>,
    /// Workflows that call it.
    pub called_by: Vec<String>,
}

/// A version of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionView {
    /// The version.
    pub version: String,
    /// SHA-256 of its package.
    pub digest: String,
    /// It answers where a caller names no version.
    pub current: bool,
    /// Why it may do what it may do.
    pub consent: Consent,
    /// `bundled`, `folder` or `package`.
    pub source: &'static str,
    /// A trusted key has signed it, or it came with the program.
    pub signed: bool,
    /// Name of the trusted key.
    pub signer: Option<String>,
    /// Workflow versions that go on with it: those in force, and those with unfinished runs.
    pub pinned_by: Vec<String>,
}

/// What a plugin offers.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionView {
    /// Name.
    pub name: String,
    /// Titles per language.
    pub titles: BTreeMap<String, String>,
    /// What may happen outside when it runs twice.
    pub effect: Effect,
    /// It stands in a menu.
    pub has_button: bool,
    /// JSON Schema of its input.
    pub input_schema: Option<Value>,
}

/// Settings that somebody gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationView {
    /// What they are called.
    pub name: String,
    /// Everything that is not secret.
    pub value: Value,
    /// Names of the secrets that are there.
    pub secrets: Vec<String>,
    /// For guarding the next change.
    pub revision: u64,
    /// Workflows that call the plugin with them by their name.
    pub used_by: Vec<String>,
    /// Who changed them last.
    pub updated_by: String,
    /// When.
    pub updated_at: Timestamp,
}

impl Engine {
    /// A plugin for those who decide about it; `None` where there is no such plugin.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plugin(&self, id: &str) -> Result<Option<PluginDetail>, EngineError> {
        let versions = self.host.versions(id);
        let (Some(newest), Some(current)) = (versions.first(), self.current_version(id)) else {
            return Ok(None);
        };
        let row = self.decisions.row(id);
        let row = row.unwrap_or_else(|| undecided(id, self.now()));
        // Which workflows have runs under way is asked once, however many settings there are.
        let unfinished = self.unfinished().await?;
        let pins = self.pins_in_use(&unfinished);
        let configurations = self.decisions.configurations(id).into_iter();
        let configurations = configurations.map(|one| ConfigurationView {
            secrets: self.secrets_of(&one),
            used_by: self.workflows_configured(&versions, &one.name, &unfinished),
            name: one.name,
            value: one.value,
            revision: one.revision,
            updated_by: one.updated_by,
            updated_at: one.updated_at,
        });
        Ok(Some(PluginDetail {
            view: self.plugin_view(&current),
            descriptions: current.manifest().description.clone(),
            revision: row.revision,
            enabled: row.enabled,
            newest: self.version_view(newest, &current, &pins),
            asked: Grant::declared(newest.manifest()),
            granted: current.grant(),
            granted_by: row.granted_by,
            granted_at: row.granted_at,
            versions: versions
                .iter()
                .map(|version| self.version_view(version, &current, &pins))
                .collect(),
            actions: self.action_views(&current),
            schema: current.configuration_schema().cloned(),
            secrets: current.secret_settings(),
            default: current.default_configuration().clone(),
            configurations: configurations.collect(),
            log: self.store.plugin_log(id, LOG_LINES).await?,
            called_by: self.workflows_calling(&versions, &unfinished),
        }))
    }

    fn version_view(
        &self,
        version: &Arc<Plugin>,
        current: &Arc<Plugin>,
        pins: &[Arc<WorkflowPin>],
    ) -> VersionView {
        let own = pins.iter().filter(|pin| pin.digest == version.digest());
        let pinned_by: BTreeSet<String> = own
            .map(|pin| format!("{} {}", pin.workflow, pin.version))
            .collect();
        VersionView {
            version: version.version().to_owned(),
            digest: version.digest().to_owned(),
            current: Arc::ptr_eq(version, current),
            consent: self.decisions.consent(&candidate(version)),
            source: version.source().name(),
            signed: is_signed(version),
            signer: version.signer().and_then(|signer| signer.name.clone()),
            pinned_by: pinned_by.into_iter().collect(),
        }
    }

    fn action_views(&self, plugin: &Arc<Plugin>) -> Vec<ActionView> {
        let actions = self.host.actions();
        let own = actions
            .iter()
            .filter(|action| Arc::ptr_eq(&action.plugin, plugin));
        own.map(|action| ActionView {
            name: action.name().to_owned(),
            titles: action.titles().clone(),
            effect: action.effect(),
            has_button: action.button().is_some(),
            input_schema: action.input_schema().cloned(),
        })
        .collect()
    }
}

//! Deciding about a plugin: switch it on or off, choose a version, remove it. Each decision leaves a line in its log.

use super::decisions::{INSTALLATION, stays_inside, undecided};
use crate::chance::new_id;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::pins::Unfinished;
use sagsgang_definition::Workflow;
use sagsgang_domain::{Caller, Right};
use sagsgang_host::{Grant, Plugin, Source};
use sagsgang_store::{PluginDecision, PluginDeed};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often a decision is made anew when another one came between, where nobody asked for a certain version.
pub(super) const TRIES: u32 = 5;

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum PluginChangeError {
    /// There is no such plugin, or no such version of it.
    #[error("there is no such plugin or version")]
    NotFound,
    /// The caller may not.
    #[error("you do not have the right to manage plugins")]
    NotAllowed,
    /// Somebody decided meanwhile.
    #[error("somebody changed this meanwhile; it is at version {current} now")]
    Stale {
        /// The version now.
        current: u64,
    },
    /// Another package was installed since somebody looked.
    #[error("another package of this plugin was installed meanwhile; look at what it asks for")]
    OtherPackage,
    /// More was granted than was asked for.
    #[error("the plugin does not ask for {}", .0.join(", "))]
    Beyond(Vec<String>),
    /// The settings do not satisfy the plugin's schema.
    #[error("the settings do not fit: {}", .0.join("; "))]
    Configuration(Vec<String>),
    /// Workflows call it.
    #[error("it is called by {}; publish them without it, or end their runs, first", .0.join(", "))]
    InUse(Vec<String>),
    /// Workflows name these settings.
    #[error("{} call it with these settings; publish them with others, or end their runs, first", .0.join(", "))]
    Configured(Vec<String>),
    /// It comes with the program.
    #[error("it comes with the program and cannot be removed; switch it off instead")]
    Bundled,
    /// There is no older version.
    #[error("there is no older version that is still kept")]
    NoOlderVersion,
    /// A file could not be removed.
    #[error("its files could not be removed")]
    Disk(#[source] std::io::Error),
    /// Not the caller's fault.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<sagsgang_store::StoreError> for PluginChangeError {
    fn from(error: sagsgang_store::StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl Engine {
    /// Switches a plugin on or off. Switching on also forgives the failures that had it held back.
    ///
    /// # Errors
    /// When the caller may not, there is no such plugin, or somebody decided meanwhile.
    pub async fn enable_plugin(
        &self,
        caller: &Caller,
        id: &str,
        enabled: bool,
        expected: Option<u64>,
    ) -> Result<(), PluginChangeError> {
        let deed = if enabled { "enabled" } else { "disabled" };
        self.decide(caller, id, expected, deed, json!({}), |row| {
            row.enabled = enabled;
        })
        .await?;
        if enabled {
            self.host.close_breaker(id);
        }
        Ok(())
    }

    /// Takes up an older version, or the one that is named. A newer package that is installed later takes its place again.
    ///
    /// # Errors
    /// When the caller may not, there is no such version, or somebody decided meanwhile.
    pub async fn roll_back_plugin(
        &self,
        caller: &Caller,
        id: &str,
        version: Option<&str>,
        expected: Option<u64>,
    ) -> Result<(), PluginChangeError> {
        let versions = self.versions_of(caller, id)?;
        let current = self.current_version(id);
        let chosen = match version {
            Some(wanted) => versions.iter().find(|one| one.version() == wanted),
            None => {
                let now = current.as_ref().map(|one| one.version().to_owned());
                let place = versions
                    .iter()
                    .position(|one| Some(one.version()) == now.as_deref());
                versions.get(place.map_or(0, |place| place + 1))
            }
        };
        let chosen = match (chosen, version) {
            (Some(chosen), _) => chosen.version().to_owned(),
            (None, Some(_)) => return Err(PluginChangeError::NotFound),
            (None, None) => return Err(PluginChangeError::NoOlderVersion),
        };
        let detail = json!({ "from": current.map(|one| one.version().to_owned()), "to": chosen });
        self.decide(caller, id, expected, "rolled-back", detail, |row| {
            row.version = Some(chosen.clone());
        })
        .await
    }

    /// Removes a plugin with its settings and its values.
    ///
    /// # Errors
    /// When the caller may not, there is no such plugin, it comes with the program, workflows call it, or a file stays.
    pub async fn remove_plugin(&self, caller: &Caller, id: &str) -> Result<(), PluginChangeError> {
        let versions = self.versions_of(caller, id)?;
        if versions.iter().any(|one| one.source() == Source::Bundled) {
            return Err(PluginChangeError::Bundled);
        }
        let users = self.workflows_calling(&versions, &self.unfinished().await?);
        if !users.is_empty() {
            return Err(PluginChangeError::InUse(users));
        }
        self.remove_files(id).map_err(PluginChangeError::Disk)?;
        self.host.remove(id);
        let deed = self.deed(id, &caller.actor.id, "removed", json!({}));
        self.store.delete_plugin(id, &deed).await?;
        self.read_plugin_decisions().await?;
        self.announce("plugins", 0);
        Ok(())
    }

    /// Workflows that would miss a plugin: those in force that call one of its actions, and older versions of them that
    /// still have runs under way.
    pub(super) fn workflows_calling(
        &self,
        versions: &[Arc<Plugin>],
        unfinished: &Unfinished,
    ) -> Vec<String> {
        let actions = actions_of(versions);
        self.workflows_that(unfinished, |workflow| {
            let mut calls = workflow.calls();
            calls.any(|(function, _)| actions.contains(function.name.as_str()))
        })
    }

    /// Workflows in force of which something is true, and older versions of them with runs that have not ended. A run that
    /// stands still may be taken up again by a person.
    pub(super) fn workflows_that(
        &self,
        unfinished: &Unfinished,
        is_so: impl Fn(&Workflow) -> bool,
    ) -> Vec<String> {
        let mut users = BTreeSet::new();
        let catalog = self.catalog();
        for published in catalog
            .workflows()
            .iter()
            .filter(|one| is_so(&one.workflow))
        {
            let (name, version) = (published.name(), &published.workflow.document.version);
            if published.active || unfinished.contains(&(name.clone(), version.clone())) {
                users.insert(format!("{name} {version}"));
            }
        }
        users.into_iter().collect()
    }

    /// The version that answers where a caller names none.
    pub(super) fn current_version(&self, id: &str) -> Option<Arc<Plugin>> {
        let mut current = self.host.plugins().into_iter();
        current.find(|plugin| plugin.id() == id)
    }

    /// The versions of a plugin for somebody who may manage it, the newest first.
    pub(super) fn versions_of(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<Vec<Arc<Plugin>>, PluginChangeError> {
        if !caller.may(Right::ManagePlugins) {
            return Err(PluginChangeError::NotAllowed);
        }
        let versions = self.host.versions(id);
        match versions.is_empty() {
            true => Err(PluginChangeError::NotFound),
            false => Ok(versions),
        }
    }

    pub(super) async fn decide(
        &self,
        caller: &Caller,
        id: &str,
        expected: Option<u64>,
        deed: &str,
        detail: Value,
        change: impl Fn(&mut PluginDecision),
    ) -> Result<(), PluginChangeError> {
        self.versions_of(caller, id)?;
        for _ in 0..TRIES {
            let mut row = self.stored_decision(id).await?;
            if expected.is_some_and(|expected| expected != row.revision) {
                break;
            }
            change(&mut row);
            row.updated_at = self.now();
            let line = self.deed(id, &caller.actor.id, deed, detail.clone());
            if self.store.put_plugin_decision(&row, &line).await? {
                tracing::info!(
                    plugin = id,
                    by = caller.actor.id,
                    deed,
                    "decided about a plugin"
                );
                self.read_plugin_decisions().await?;
                return Ok(self.follow_versions().await?);
            }
        }
        let current = self.stored_decision(id).await?.revision;
        Err(PluginChangeError::Stale { current })
    }

    pub(super) async fn stored_decision(&self, id: &str) -> Result<PluginDecision, EngineError> {
        let mut rows = self.store.plugin_decisions().await?.into_iter();
        let found = rows.find(|row| row.id == id);
        Ok(found.unwrap_or_else(|| undecided(id, self.now())))
    }

    /// A line for the log of a plugin.
    pub(super) fn deed(&self, id: &str, actor: &str, deed: &str, detail: Value) -> PluginDeed {
        let now = self.now();
        PluginDeed {
            id: new_id(now),
            plugin: id.to_owned(),
            at: now,
            actor: actor.to_owned(),
            deed: deed.to_owned(),
            detail,
        }
    }

    /// Records that the installation itself grants what came with the program, unless a person has decided otherwise.
    pub(super) async fn record_bundled(&self, plugin: &Plugin) -> Result<(), EngineError> {
        let declared = Grant::declared(plugin.manifest());
        if declared.is_nothing() || !stays_inside(&declared) {
            return Ok(());
        }
        let mut row = self.stored_decision(plugin.id()).await?;
        let asked = serde_json::to_value(&declared).ok();
        let is_person = row
            .granted_by
            .as_deref()
            .is_some_and(|by| by != INSTALLATION);
        if is_person || row.asked == asked {
            return Ok(());
        }
        row.granted.clone_from(&asked);
        row.asked = asked;
        row.digests = vec![plugin.digest().to_owned()];
        (row.granted_by, row.granted_at) = (Some(INSTALLATION.to_owned()), Some(self.now()));
        row.updated_at = self.now();
        let detail =
            json!({ "version": plugin.version(), "digest": plugin.digest(), "grant": declared });
        let line = self.deed(plugin.id(), INSTALLATION, "granted", detail);
        // Another process of the same program may have been quicker; it wrote the same.
        self.store.put_plugin_decision(&row, &line).await?;
        Ok(())
    }
}

/// Names of everything that workflows can call of a plugin.
pub(super) fn actions_of(versions: &[Arc<Plugin>]) -> BTreeSet<&str> {
    versions
        .iter()
        .flat_map(|one| one.manifest().actions.iter())
        .map(|action| action.name.as_str())
        .collect()
}

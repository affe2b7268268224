//! Panels: what plugins show on the page of a case. The page does not wait for them, and they change nothing.

mod kept;

pub(crate) use kept::KeptPanels;

use crate::action::problem;
use crate::engine::Engine;
use crate::error::ExecuteError;
use crate::execute::CaseRef;
use kept::Key;
use sagsgang_domain::{Caller, Case, ContainerId, Rejection, Right};
use sagsgang_host::{ActionRef, EntryPoint};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

/// A panel that takes longer is left out.
const PATIENCE: Duration = Duration::from_secs(2);
/// Collections that a plugin gets to see.
const MOST_COLLECTIONS: u32 = 20;

/// A panel of a page, before anybody has asked what stands on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelView {
    /// Name.
    pub name: String,
    /// Title in the reader's language.
    pub title: String,
    /// The plugin's id.
    pub plugin: String,
}

/// What stands on a panel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelContent {
    /// From top to bottom.
    pub parts: Vec<PanelPart>,
    /// A few words beside the title.
    #[serde(default)]
    pub summary: Option<String>,
}

/// A part of a panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum PanelPart {
    /// Names and values.
    Facts {
        /// In order.
        facts: Vec<PanelFact>,
    },
    /// A table.
    Table {
        /// What it is a table of.
        #[serde(default)]
        title: Option<String>,
        /// Titles of the columns.
        columns: Vec<String>,
        /// A cell for each column; those that are missing are empty.
        rows: Vec<Vec<String>>,
    },
    /// A sentence.
    Note {
        /// How it is meant.
        #[serde(default)]
        tone: PanelTone,
        /// The sentence.
        text: String,
    },
    /// Buttons that open actions.
    Buttons {
        /// In order.
        buttons: Vec<PanelButton>,
    },
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelFact {
    /// The name.
    pub label: String,
    /// The value.
    pub value: String,
}

/// How a note is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PanelTone {
    /// To know.
    #[default]
    Info,
    /// All is well.
    Good,
    /// Somebody should look at it.
    Warning,
    /// Something is wrong.
    Bad,
}

/// A button that opens an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelButton {
    /// What stands on it.
    pub label: String,
    /// Name of the action.
    pub action: String,
}

impl Engine {
    /// The panels of a case's page, in the order of their titles: those of plugins that are called at all.
    pub fn panels(&self, case: &Case, locale: &str) -> Vec<PanelView> {
        let offers = self.host.offers(EntryPoint::Show);
        let shown = offers
            .iter()
            .filter(|panel| self.is_shown(panel, &case.case_type));
        let mut panels: Vec<PanelView> = shown
            .map(|panel| PanelView {
                name: panel.name().to_owned(),
                title: panel.title(locale).to_owned(),
                plugin: panel.plugin.id().to_owned(),
            })
            .collect();
        panels.sort_by(|one, other| (&one.title, &one.name).cmp(&(&other.title, &other.name)));
        panels
    }

    fn is_shown(&self, panel: &ActionRef, case_type: &str) -> bool {
        let manifest = panel.plugin.manifest();
        let mut panels = manifest.panels.iter();
        let of_type = panels
            .find(|one| one.name == panel.name())
            .is_some_and(|one| {
                one.case_types.is_empty() || one.case_types.iter().any(|name| name == case_type)
            });
        of_type && !panel.plugin.is_waiting() && !self.host.standing(panel.plugin.id()).disabled
    }

    /// What stands on a panel of a case, for this reader. It is kept while the case stays as it is, for a minute at most.
    ///
    /// # Errors
    /// When there is no such case or panel, or the plugin fails.
    pub async fn panel(
        &self,
        caller: &Caller,
        locale: &str,
        case: &CaseRef,
        name: &str,
    ) -> Result<Arc<PanelContent>, ExecuteError> {
        if !caller.may(Right::ReadCases) {
            return Err(Rejection::NotAllowed {
                right: Right::ReadCases,
            }
            .into());
        }
        let stored = self
            .load(case)
            .await?
            .ok_or(ExecuteError::NotFound("case"))?;
        let case = stored.case;
        let panel = self
            .host
            .find_offer(EntryPoint::Show, name)
            .filter(|panel| self.is_shown(panel, &case.case_type))
            .ok_or(ExecuteError::NotFound("panel"))?;
        let key = Key {
            panel: name.to_owned(),
            program: self.program_of(&panel),
            case: case.id,
            version: case.version,
            locale: locale.to_owned(),
            reader: caller.actor.id.clone(),
        };
        if let Some(content) = self.kept_panels.get(&key, self.now()) {
            return Ok(content);
        }
        let nothing = serde_json::json!({});
        let id = crate::chance::new_id(self.now()).to_string();
        let request = self.call_request(
            &panel,
            nothing,
            Some(case),
            caller,
            locale,
            (&id, None),
            self.now(),
        );
        let mut request = request.await.map_err(|error| problem(&error))?;
        request.deadline = Some(PATIENCE);
        let made = self.host.call(request).await;
        let made = made.map_err(|error| problem(&error))?;
        let content: PanelContent = serde_json::from_value(made.output)
            .map_err(|error| problem(&sagsgang_host::PluginError::BadOutput(error.to_string())))?;
        let values = self.left_values(&panel, made.kept);
        let kept = self.keep_values(values).await;
        kept.map_err(|error| problem(&error))?;
        let content = Arc::new(content);
        self.kept_panels.keep(key, Arc::clone(&content), self.now());
        Ok(content)
    }

    /// What the answer depends on beside the case: the package, its settings, and what it may do.
    fn program_of(&self, panel: &ActionRef) -> u64 {
        let mut hash = DefaultHasher::new();
        panel.plugin.digest().hash(&mut hash);
        let settings = self.configuration_for(panel.plugin.id(), None);
        settings.unwrap_or_default().to_string().hash(&mut hash);
        format!("{:?}", panel.plugin.grant()).hash(&mut hash);
        hash.finish()
    }

    /// What has stood in the registers as the day of each container's last collection, the latest first.
    pub(crate) async fn with_collections(&self, case: &mut serde_json::Value) {
        let Some(containers) = case["containers"].as_array_mut() else {
            return;
        };
        let id_of = |container: &serde_json::Value| {
            let id = container["id"].as_str()?.parse().ok()?;
            Some(ContainerId(id))
        };
        let ids: Vec<ContainerId> = containers.iter().filter_map(id_of).collect();
        let changes = self.store.collections(&ids, MOST_COLLECTIONS).await;
        // Without its history a container still has its last collection.
        let changes = changes.unwrap_or_else(|error| {
            tracing::warn!(%error, "the collections of containers could not be read");
            HashMap::new()
        });
        for container in containers {
            let of_container = id_of(container).and_then(|id| changes.get(&id));
            let told = of_container
                .into_iter()
                .flatten()
                .flat_map(|change| [&change["from"], &change["to"]]);
            let all = told.chain([&container["lastCollection"]]);
            let days: BTreeSet<&str> = all.filter_map(|day| day.as_str()).collect();
            let latest = days.into_iter().rev().take(MOST_COLLECTIONS as usize);
            let latest: Vec<String> = latest.map(str::to_owned).collect();
            container["collections"] = latest.into();
        }
    }
}

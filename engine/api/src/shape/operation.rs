//! What the installation does: plugins, actions, events from outside.

use sagsgang_runtime as runtime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An installed plugin and how it does.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plugin {
    /// Identity.
    pub id: String,
    /// Version.
    pub version: String,
    /// Title per language.
    pub titles: BTreeMap<String, String>,
    /// SHA-256 of the package, hexadecimal.
    pub digest: String,
    /// Names of its actions.
    pub actions: Vec<String>,
    /// What it may do.
    pub capabilities: Vec<String>,
    /// Calls since the start.
    pub calls: u64,
    /// Those that failed.
    pub failures: u64,
    /// Median time of a call, in microseconds.
    pub p50_us: Option<u64>,
    /// Time that 99 of 100 calls stay below, in microseconds.
    pub p99_us: Option<u64>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Taken out of service for a while after too many failures.
    pub paused: bool,
}

impl From<runtime::PluginView> for Plugin {
    fn from(plugin: runtime::PluginView) -> Self {
        Self {
            id: plugin.id,
            version: plugin.version,
            titles: plugin.titles,
            digest: plugin.digest,
            actions: plugin.actions,
            capabilities: plugin.capabilities,
            calls: plugin.calls,
            failures: plugin.failures,
            p50_us: plugin.p50_us,
            p99_us: plugin.p99_us,
            last_error: plugin.last_error,
            paused: plugin.paused,
        }
    }
}

/// Input of a plugin's action.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunAction {
    /// By the action's input schema.
    #[serde(default)]
    pub input: Value,
}

/// What a plugin's action brought.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionResult {
    /// By the action's output schema.
    pub result: Value,
    /// Documents that it made.
    pub documents: Vec<super::message::Document>,
    /// New entries of the case's history.
    pub events: Vec<super::history::HistoryItem>,
    /// Version of the case afterwards.
    pub version: u64,
}

/// An event that was accepted, now or before.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AcceptedEvent {
    /// Its id.
    pub id: String,
    /// Its source.
    pub source: String,
}

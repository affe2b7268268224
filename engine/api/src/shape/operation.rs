//! What the installation does: actions, events from outside.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

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

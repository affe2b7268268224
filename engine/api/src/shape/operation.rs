//! What the installation does: runs, incidents, plugins, events from outside.

use sagsgang_domain::{CaseId, InstanceId, Timestamp};
use sagsgang_runtime as runtime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A run of a workflow.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Identity.
    #[schema(value_type = Uuid)]
    pub id: InstanceId,
    /// `namespace/name` of the workflow.
    pub workflow: String,
    /// Its title, or the name where it has none.
    pub title: String,
    /// Version of the workflow that the run keeps.
    pub version: String,
    /// Its case.
    #[schema(value_type = Option<Uuid>)]
    pub case: Option<CaseId>,
    /// `ready`, `waiting`, `completed`, `faulted` or `cancelled`.
    pub status: String,
    /// Why it does not move, or what went wrong.
    pub detail: Option<String>,
    /// What it waits for.
    pub waits: Vec<String>,
    /// Names of the tasks that ran, in order.
    pub tasks: Vec<String>,
    /// Its output, once it has completed.
    pub output: Option<Value>,
    /// When it started.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last moved.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<runtime::RunView> for Run {
    fn from(run: runtime::RunView) -> Self {
        Self {
            id: run.id,
            workflow: run.workflow,
            title: run.title,
            version: run.version,
            case: run.case,
            status: run.status.to_owned(),
            detail: run.detail,
            waits: run.waits,
            tasks: run.tasks,
            output: run.output,
            created_at: run.created_at,
            updated_at: run.updated_at,
        }
    }
}

/// A workflow to be started by hand.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// Its input.
    #[serde(default)]
    pub input: Value,
}

/// Why a run is cancelled.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelRun {
    /// The reason, for the history.
    #[schema(min_length = 1)]
    pub reason: String,
}

/// Something that stopped and waits for a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// Identity.
    pub id: Uuid,
    /// The run that stopped.
    #[schema(value_type = Option<Uuid>)]
    pub run: Option<InstanceId>,
    /// Its case.
    #[schema(value_type = Option<Uuid>)]
    pub case: Option<CaseId>,
    /// The plugin at fault.
    pub plugin: Option<String>,
    /// Stable code.
    pub code: String,
    /// One line.
    pub title: String,
    /// All that is known.
    pub detail: String,
    /// Nobody has dealt with it yet.
    pub open: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl From<runtime::Incident> for Incident {
    fn from(incident: runtime::Incident) -> Self {
        Self {
            id: incident.id,
            run: incident.instance,
            case: incident.case,
            plugin: incident.plugin,
            code: incident.code,
            title: incident.title,
            detail: incident.detail,
            open: incident.open,
            at: incident.at,
        }
    }
}

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

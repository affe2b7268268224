//! Runs of workflows, their journals, decisions about them, and incidents.

use sagsgang_domain::{CaseId, InstanceId, Timestamp};
use sagsgang_runtime as runtime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
    /// `ready`, `waiting`, `completed`, `faulted`, `cancelled` or `suspended`.
    pub status: String,
    /// What went wrong.
    pub detail: Option<String>,
    /// The task at which an error stopped it, where a person may let it go on.
    pub held: Option<Held>,
    /// What it waits for: why it does not move.
    pub waits: Vec<Wait>,
    /// Names of the tasks to which a person may send it by `jump`; none where it does not stand.
    pub targets: Vec<String>,
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
            held: run.held.map(|held| Held {
                task: held.task,
                reference: held.reference,
            }),
            waits: run.waits.iter().map(Wait::from).collect(),
            targets: run.targets,
            tasks: run.tasks,
            output: run.output,
            created_at: run.created_at,
            updated_at: run.updated_at,
        }
    }
}

/// The task at which an error stopped a run; both are `null` where the workflow's own input or output is at fault.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Held {
    /// Its name.
    pub task: Option<String>,
    /// JSON Pointer to it in the workflow's file.
    pub reference: Option<String>,
}

/// Why a run does not move.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Wait {
    /// The task that waits.
    pub task: String,
    /// JSON Pointer to it in the workflow's file.
    pub reference: String,
    /// `call`, `run`, `timer`, `retry` or `events`.
    pub kind: &'static str,
    /// The function or workflow whose answer it waits for.
    pub of: Option<String>,
    /// When it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
    /// Types of the events that it waits for; an empty text stands for any type.
    pub types: Vec<String>,
    /// The same as a sentence.
    pub sentence: String,
}

impl From<&runtime::WaitView> for Wait {
    fn from(wait: &runtime::WaitView) -> Self {
        use runtime::WaitKind;
        let (kind, of, due, types) = match &wait.kind {
            WaitKind::Call { function } => ("call", Some(function.to_string()), None, Vec::new()),
            WaitKind::Run { workflow } => ("run", Some(workflow.name.clone()), None, Vec::new()),
            WaitKind::Timer { due } => ("timer", None, Some(*due), Vec::new()),
            WaitKind::Retry { due, .. } => ("retry", None, Some(*due), Vec::new()),
            WaitKind::Events { types } => ("events", None, None, types.clone()),
        };
        Self {
            task: wait.task.clone(),
            reference: wait.reference.clone(),
            kind,
            of,
            due,
            types,
            sentence: wait.sentence(),
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

/// A decision that needs a reason only.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why, for the journal.
    #[schema(min_length = 1)]
    pub reason: String,
}

/// A run that an error stopped shall try again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryRun {
    /// Why, for the journal.
    #[schema(min_length = 1)]
    pub reason: String,
    /// Used instead of what the task would take: the arguments of a call, else the task's input.
    #[serde(default, deserialize_with = "given")]
    pub input: Option<Value>,
}

/// A run that an error stopped shall go on after the task that failed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkipTask {
    /// Why, for the journal.
    #[schema(min_length = 1)]
    pub reason: String,
    /// Taken as what the task gave.
    #[serde(default)]
    pub output: Value,
    /// Name of the task of the same list that runs next; the one after it if absent.
    pub then: Option<String>,
}

/// A run shall go on at another task.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JumpTo {
    /// Why, for the journal.
    #[schema(min_length = 1)]
    pub reason: String,
    /// Name of a task of a list in which the run stands; of several, the one in the innermost list.
    pub to: String,
    /// Used instead of what the task would take.
    #[serde(default, deserialize_with = "given")]
    pub input: Option<Value>,
}

/// The runs of a workflow shall go on with another version of it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MigrateRuns {
    /// The published version that they are to get.
    pub to: String,
    /// The version that they have; all others where none is named.
    pub from: Option<String>,
    /// Each run is tried, and nothing is written.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub dry_run: bool,
    /// Why, for the journal of each run; not needed for a trial.
    #[serde(default)]
    pub reason: String,
    /// The `next` of the part before.
    #[schema(value_type = Option<Uuid>)]
    pub after: Option<InstanceId>,
    /// Most runs in one part.
    #[serde(default = "part")]
    #[schema(default = 200, minimum = 1, maximum = 1000)]
    pub limit: u32,
}

fn yes() -> bool {
    true
}

fn part() -> u32 {
    200
}

impl MigrateRuns {
    /// What is asked of the engine, for a workflow.
    pub(crate) fn of(self, workflow: String) -> runtime::RunMigration {
        runtime::RunMigration {
            workflow,
            to: self.to,
            from: self.from,
            dry_run: self.dry_run,
            reason: self.reason,
            after: self.after,
            limit: self.limit,
        }
    }
}

/// What becomes of a run when the runs of its workflow are moved to another version.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MovedRun {
    /// The run.
    #[schema(value_type = Uuid)]
    pub run: InstanceId,
    /// Its case.
    #[schema(value_type = Option<Uuid>)]
    pub case: Option<CaseId>,
    /// The version that it had.
    pub from: String,
    /// Names of the tasks at which it stands.
    pub standing: Vec<String>,
    /// It was moved, or could be where it is only tried.
    pub moved: bool,
    /// Why it stays as it is, a sentence for each place.
    pub reasons: Vec<String>,
}

impl From<runtime::MovedRun> for MovedRun {
    fn from(run: runtime::MovedRun) -> Self {
        Self {
            run: run.run,
            case: run.case,
            from: run.from,
            standing: run.standing,
            moved: run.reasons.is_empty(),
            reasons: run.reasons.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A run shall go on with another version of its workflow.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MigrateRun {
    /// Why, for the journal; not needed for a trial.
    #[serde(default)]
    pub reason: String,
    /// The version.
    pub version: String,
    /// Only say whether it would be possible.
    #[serde(default)]
    pub dry_run: bool,
}

/// `null` is an input too; absent is none.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// An entry of a run's journal: what happened to it, and what followed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// Place in the journal, from 1.
    pub seq: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    #[schema(value_type = Object)]
    pub actor: sagsgang_domain::Actor,
    /// What happened; `kind` is `start`, `callDone`, `timerFired`, `event`, `resume` or a person's decision.
    pub input: Value,
    /// What followed from it, in order.
    pub effects: Value,
    /// SHA-256 of the run's state afterwards, in hexadecimal digits.
    pub state_hash: String,
}

impl From<runtime::JournalEntry> for JournalEntry {
    fn from(row: runtime::JournalEntry) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            input: row.input,
            effects: row.effects,
            state_hash: hex::encode(row.state_hash),
        }
    }
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
    /// Who dealt with it.
    pub resolved_by: Option<String>,
    /// When that was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// Why, in that person's words.
    pub reason: Option<String>,
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
            resolved_by: incident.resolved.as_ref().map(|(by, _)| by.clone()),
            resolved_at: incident.resolved.map(|(_, at)| at),
            reason: incident.reason,
        }
    }
}

//! Workflows, their runs, incidents, and events from outside.

use crate::advance::{awaited, read_state};
use crate::catalog::PublishedWorkflow;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use crate::follow::CloudEvent;
use crate::pins::PinView;
use sagsgang_definition::Workflow;
use sagsgang_domain::{Actor, Caller, CaseId, InstanceId, Rejection, Right, Timestamp};
use sagsgang_flow::{Held, State, Wait, WaitKind, jump_targets};
use sagsgang_store::{CommitError, EventRow, Incident, InstanceRow, InstanceStatus, JournalRow};
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use uuid::Uuid;

/// How often an event is followed again since somebody else was quicker: many runs may be beginning to listen for it.
const EVENT_TRIES: u32 = 100;
/// Rows of a page where many are looked through.
const BATCH: u32 = 200;

/// A run of a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// Identity.
    pub id: InstanceId,
    /// `namespace/name`.
    pub workflow: String,
    /// Title, or the name where it has none.
    pub title: String,
    /// Version.
    pub version: String,
    /// So often it has moved on.
    pub moves: u64,
    /// The case that it belongs to.
    pub case: Option<CaseId>,
    /// `ready`, `waiting`, `completed`, `faulted`, `cancelled` or `suspended`.
    pub status: &'static str,
    /// The error, where it stopped.
    pub detail: Option<String>,
    /// The task at which an error stopped it, where a person may let it go on.
    pub held: Option<HeldView>,
    /// What it waits for.
    pub waits: Vec<WaitView>,
    /// Names of the tasks to which a person may send it, where it stands so that this can be done.
    pub targets: Vec<String>,
    /// Names of the tasks that ran, in order.
    pub tasks: Vec<String>,
    /// Its output, where it has ended.
    pub output: Option<Value>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
}

/// Where an error stopped a run that can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldView {
    /// Name of the task; `None` where the workflow's own input or output is at fault.
    pub task: Option<String>,
    /// JSON Pointer to it in the workflow's file.
    pub reference: Option<String>,
}

/// Why a run does not move.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitView {
    /// Name of the task that waits.
    pub task: String,
    /// JSON Pointer to it in the workflow's file.
    pub reference: String,
    /// What it waits for.
    pub kind: WaitKind,
    /// What the call waits for its turn at; it has not begun then.
    pub turn: Option<String>,
    /// Key of the call, timer or subscription.
    pub key: String,
}

/// An entry of a run's journal: what happened to it, and what followed.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalEntry {
    /// Place in the journal, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What happened.
    pub input: Value,
    /// What followed, in order.
    pub effects: Value,
    /// SHA-256 of the state afterwards.
    pub state_hash: [u8; 32],
}

impl From<JournalRow> for JournalEntry {
    fn from(row: JournalRow) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            input: row.input.value(),
            effects: row.effects.value(),
            state_hash: row.state_hash,
        }
    }
}

/// Which runs a list holds.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Those of a case.
    pub case: Option<CaseId>,
    /// Those of a workflow (`namespace/name`).
    pub workflow: Option<String>,
    /// Those that stand so.
    pub status: Option<InstanceStatus>,
    /// Those before one: the next page.
    pub before: Option<InstanceId>,
}

/// A published workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowView {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Title.
    pub title: Option<String>,
    /// The case type that it is for.
    pub case_type: Option<String>,
    /// Types of event that start it.
    pub starts_on: Vec<String>,
    /// New runs take this version.
    pub active: bool,
    /// When it was published.
    pub published_at: Timestamp,
    /// To which versions of plugins its calls go.
    pub pins: Vec<PinView>,
}

impl Engine {
    /// All published workflows, by name, the newest version first.
    pub fn workflows(&self) -> Vec<WorkflowView> {
        self.catalog()
            .workflows()
            .iter()
            .map(|published| workflow_view(published, self.pin_views(published)))
            .collect()
    }

    /// The text of a workflow (`namespace/name`), in the active version where none is given.
    pub fn workflow_text(&self, name: &str, version: Option<&str>) -> Option<String> {
        let catalog = self.catalog();
        let published = match version {
            Some(version) => catalog.workflow(name, version),
            None => catalog.active_workflow(name),
        };
        published.map(|published| published.text.clone())
    }

    /// A run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(&self, id: InstanceId) -> Result<Option<RunView>, EngineError> {
        match self.store.instance(id).await? {
            Some(run) => self.whole_view(run).await.map(Some),
            None => Ok(None),
        }
    }

    /// A run, with what its calls wait for their turn at.
    pub(crate) async fn whole_view(&self, run: InstanceRow) -> Result<RunView, EngineError> {
        let mut view = self.run_view(run);
        self.add_turns(&mut view).await?;
        Ok(view)
    }

    /// Says of calls that have not begun what they wait for their turn at.
    async fn add_turns(&self, run: &mut RunView) -> Result<(), EngineError> {
        let calls = |wait: &WaitView| matches!(wait.kind, WaitKind::Call { .. });
        if self.options.limits.is_empty() || !run.waits.iter().any(calls) {
            return Ok(());
        }
        for (key, turn) in self.store.actions_in_turn(run.id).await? {
            let mut waits = run.waits.iter_mut();
            if let Some(wait) = waits.find(|wait| wait.key == key) {
                wait.turn = Some(turn);
            }
        }
        Ok(())
    }

    /// Runs, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs(&self, filter: &RunFilter, limit: u32) -> Result<Vec<RunView>, EngineError> {
        let wanted = |run: &InstanceRow| {
            filter.status.is_none_or(|status| run.status == status)
                && (filter.workflow.as_ref()).is_none_or(|workflow| run.workflow == *workflow)
                && filter.before.is_none_or(|before| run.id.0 < before.0)
        };
        let mut runs = match (filter.case, &filter.workflow) {
            (Some(case), _) => {
                let mut runs = self.store.instances_of_case(case).await?;
                runs.sort_by_key(|run| Reverse(run.id.0));
                runs.retain(wanted);
                runs.truncate(limit as usize);
                runs
            }
            (None, None) => {
                self.store
                    .instances(filter.status, filter.before, limit)
                    .await?
            }
            (None, Some(workflow)) => self.runs_of_workflow(workflow, filter, limit).await?,
        };
        runs.retain(wanted);
        let mut views: Vec<RunView> = runs.into_iter().map(|run| self.run_view(run)).collect();
        // A case has few runs; a long list says what a run waits for without asking once for each.
        if filter.case.is_some() {
            for view in &mut views {
                self.add_turns(view).await?;
            }
        }
        Ok(views)
    }

    /// Runs of a case that are under way or that an error stopped, the oldest first. Where the run that started one has taken
    /// its error, that one is what stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_runs(&self, case: CaseId, limit: u32) -> Result<Vec<RunView>, EngineError> {
        let rows = self.store.open_instances_of_case(case, limit).await?;
        let stands = |row: &InstanceRow| row.status != InstanceStatus::Faulted || !awaited(row);
        let open = rows.into_iter().filter(stands);
        let mut views: Vec<RunView> = open.map(|row| self.run_view(row)).collect();
        for view in &mut views {
            self.add_turns(view).await?;
        }
        Ok(views)
    }

    /// How many runs of a workflow (`namespace/name`) are under way, or stopped at an error, in each version. Of more than
    /// `most` the oldest are counted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_runs_by_version(
        &self,
        workflow: &str,
        most: u32,
    ) -> Result<BTreeMap<String, u64>, EngineError> {
        let counted = self.store.open_by_version(workflow, most).await?;
        Ok(counted.into_iter().collect())
    }

    /// Runs of a workflow that stand so, page by page until there are enough.
    async fn runs_of_workflow(
        &self,
        workflow: &str,
        filter: &RunFilter,
        limit: u32,
    ) -> Result<Vec<InstanceRow>, EngineError> {
        let mut found = Vec::new();
        let mut before = filter.before;
        loop {
            let page = self
                .store
                .instances_of_workflow(workflow, before, BATCH)
                .await?;
            before = page.last().map(|run| run.id);
            let is_last = page.len() < BATCH as usize;
            found.extend(
                page.into_iter()
                    .filter(|run| filter.status.is_none_or(|status| run.status == status)),
            );
            if is_last || found.len() >= limit as usize {
                found.truncate(limit as usize);
                return Ok(found);
            }
        }
    }

    /// What happened in a run, entry by entry, those after a place. The end of a run that completed has its output.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_journal(
        &self,
        id: InstanceId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, EngineError> {
        let rows = self.store.journal(id, after, limit).await?;
        let mut entries: Vec<JournalEntry> = rows.into_iter().map(JournalEntry::from).collect();
        let effects = entries
            .iter_mut()
            .filter_map(|entry| entry.effects.as_array_mut()?.last_mut());
        for end in effects {
            if end["kind"] == "ended"
                && end["outcome"] == "completed"
                && let Some(run) = self.store.instance(id).await?
            {
                end["value"] = self.run_view(run).output.unwrap_or_default();
            }
        }
        Ok(entries)
    }

    /// How many incidents nobody has dealt with.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_open_incidents(&self) -> Result<u64, EngineError> {
        Ok(self.store.count_open_incidents().await?)
    }

    /// Open or resolved incidents, the newest first; those older than one where it is given by its time and id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn incidents(
        &self,
        open: bool,
        before: Option<(Timestamp, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Incident>, EngineError> {
        Ok(self.store.incidents(open, before, limit).await?)
    }

    /// Accepts an event from outside, once: `false` where the same one (by source and id) was accepted before.
    ///
    /// # Errors
    /// When it is not a CloudEvent, the caller may not, or the database fails.
    pub async fn accept_event(&self, caller: &Caller, event: Value) -> Result<bool, ExecuteError> {
        if !caller.may(Right::AcceptEvents) {
            return Err(Rejection::NotAllowed {
                right: Right::AcceptEvents,
            }
            .into());
        }
        let text = |name: &'static str| {
            let value = event[name].as_str().filter(|text| !text.is_empty());
            value
                .map(str::to_owned)
                .ok_or(Rejection::Empty { field: name })
        };
        let (source, event_id, kind) = (text("source")?, text("id")?, text("type")?);
        if self.store.event_known(&source, &event_id).await? {
            return Ok(false);
        }
        let case = event["subject"]
            .as_str()
            .and_then(|subject| subject.parse().ok());
        let event = CloudEvent::new(kind, case, event);
        for _ in 0..EVENT_TRIES {
            let mut draft = Draft::new(self.now(), 0);
            draft.commit.events.push(EventRow {
                source: source.clone(),
                event_id: event_id.clone(),
                event_type: event.kind.clone(),
                at: draft.now,
                body: event.body.clone(),
            });
            self.follow_kept_event(&mut draft, &event).await?;
            match self.write(draft).await {
                Ok(()) => return Ok(true),
                Err(CommitError::EventRepeated) => return Ok(false),
                // Another event came for the same start; this one looks again at what waits.
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(commit_failed(error)),
            }
        }
        Err(ExecuteError::Conflict)
    }

    pub(crate) fn run_view(&self, run: InstanceRow) -> RunView {
        let state = run.state.as_ref().and_then(|state| read_state(state).ok());
        let published = self.catalog().workflow(&run.workflow, &run.version);
        let document = published
            .as_ref()
            .map(|published| &published.workflow.document);
        let title = document.map_or(&run.workflow, |document| {
            document.title.as_ref().unwrap_or(&document.name)
        });
        RunView {
            id: run.id,
            title: title.clone(),
            workflow: run.workflow,
            version: run.version,
            moves: run.seq,
            case: run.case,
            status: run.status.name(),
            detail: run.detail,
            held: state.as_ref().and_then(State::held).map(HeldView::of),
            waits: match (&state, &published) {
                (Some(state), Some(published)) => state
                    .waits()
                    .into_iter()
                    .map(|wait| WaitView::of(&published.workflow, wait))
                    .collect(),
                _ => Vec::new(),
            },
            targets: match (&state, &published) {
                (Some(state), Some(published)) if can_be_sent(run.status, state) => {
                    jump_targets(&published.workflow, state)
                }
                _ => Vec::new(),
            },
            tasks: state
                .iter()
                .flat_map(|state| state.tasks())
                .map(ToString::to_string)
                .collect(),
            output: state.as_ref().and_then(State::output),
            created_at: run.created_at,
            updated_at: run.updated_at,
        }
    }
}

/// Whether a person may send a run to another task.
fn can_be_sent(status: InstanceStatus, state: &State) -> bool {
    status == InstanceStatus::Waiting
        || (status == InstanceStatus::Faulted && state.held().is_some())
}

impl HeldView {
    fn of(held: &Held) -> Self {
        Self {
            task: held.task.as_ref().map(|task| task.name.to_string()),
            reference: held.task.as_ref().map(|task| task.reference.to_string()),
        }
    }
}

impl WaitView {
    fn of(workflow: &Workflow, wait: Wait) -> Self {
        let task = workflow.task(wait.task);
        Self {
            task: task.name.to_string(),
            reference: task.reference.to_string(),
            kind: wait.kind,
            turn: None,
            key: wait.key,
        }
    }

    /// The reason in words, for a log or a terminal; pages say it in the language of their reader.
    pub fn sentence(&self) -> String {
        match &self.kind {
            WaitKind::Call { .. } if self.turn.is_some() => {
                let turn = self.turn.as_deref().unwrap_or_default();
                format!("waits for its turn at {turn}")
            }
            WaitKind::Call { function } => format!("waits for the result of {}", function.name),
            WaitKind::Run { workflow } => format!("waits for the end of {}", workflow.name),
            WaitKind::Timer { due } => format!("waits until {due}"),
            WaitKind::Retry { due, failed, error } => {
                format!("tries again at {due} after {failed} failures: {error}")
            }
            WaitKind::Events { types } => format!("waits for an event: {}", types.join(", ")),
        }
    }
}

fn workflow_view(published: &PublishedWorkflow, pins: Vec<PinView>) -> WorkflowView {
    let document = &published.workflow.document;
    let starts_on = published.workflow.start_types().unwrap_or_default();
    WorkflowView {
        namespace: document.namespace.clone(),
        name: document.name.clone(),
        version: document.version.clone(),
        title: document.title.clone(),
        case_type: document.metadata["caseType"].as_str().map(str::to_owned),
        starts_on: starts_on.into_iter().map(str::to_owned).collect(),
        active: published.active,
        published_at: published.published_at,
        pins,
    }
}

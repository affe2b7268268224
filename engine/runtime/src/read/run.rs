//! Workflows, their runs, incidents, and events from outside.

use crate::advance::{case_in, read_state};
use crate::catalog::PublishedWorkflow;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use crate::execute::Request;
use crate::follow::CloudEvent;
use sagsgang_domain::{Caller, CaseId, InstanceId, Rejection, Right, Timestamp};
use sagsgang_flow::{Input, Wait, WaitKind};
use sagsgang_store::{CommitError, EventRow, Incident, InstanceRow, InstanceStatus, PendingInput};
use serde_json::Value;
use std::time::Duration;

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
    /// The case that it belongs to.
    pub case: Option<CaseId>,
    /// `ready`, `waiting`, `completed`, `faulted` or `cancelled`.
    pub status: &'static str,
    /// The error, where it stopped.
    pub detail: Option<String>,
    /// What it waits for, in words.
    pub waits: Vec<String>,
    /// Names of the tasks that ran, in order.
    pub tasks: Vec<String>,
    /// Its output, where it has ended.
    pub output: Option<Value>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
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
}

impl Engine {
    /// All published workflows, by name, the newest version first.
    pub fn workflows(&self) -> Vec<WorkflowView> {
        self.catalog()
            .workflows()
            .iter()
            .map(|published| workflow_view(published))
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

    /// Starts a run by hand. A request that is repeated gets the run that it started. With `wait`, the answer comes when it has ended or waits, at the latest after that time.
    ///
    /// # Errors
    /// When there is no such workflow, the caller may not, or the database fails.
    pub async fn start_run(
        &self,
        caller: &Caller,
        workflow: &str,
        input: Value,
        request: Option<Request>,
        wait: Option<Duration>,
    ) -> Result<RunView, ExecuteError> {
        if !caller.may(Right::OperateRuns) {
            return Err(Rejection::NotAllowed {
                right: Right::OperateRuns,
            }
            .into());
        }
        if let Some(id) = self.made_before::<InstanceId>(request.as_ref()).await? {
            return self.run(id).await?.ok_or(ExecuteError::NotFound("run"));
        }
        let published = self
            .catalog()
            .active_workflow(workflow)
            .ok_or(ExecuteError::NotFound("workflow"))?;
        let mut draft = Draft::new(self.now(), 0);
        let version = published.workflow.document.version.clone();
        let case = case_in(&input);
        let id = self.start_in(&mut draft, published.name(), version, case, input);
        draft.commit.request = request.as_ref().map(|request| request.made(id, draft.now));
        let waiting = wait.map(|most| (self.settled.register(&[id]), most));
        match self.write(draft).await {
            Err(CommitError::Repeated) => {
                let earlier = self.made_before::<InstanceId>(request.as_ref()).await?;
                let id = earlier.ok_or(ExecuteError::Conflict)?;
                return self.run(id).await?.ok_or(ExecuteError::NotFound("run"));
            }
            written => written.map_err(commit_failed)?,
        }
        if let Some((waiting, most)) = waiting {
            waiting.wait(most).await;
        }
        self.run(id).await?.ok_or(ExecuteError::NotFound("run"))
    }

    /// A run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(&self, id: InstanceId) -> Result<Option<RunView>, EngineError> {
        Ok(self.store.instance(id).await?.map(|run| self.run_view(run)))
    }

    /// Runs of a case, or the newest ones; in one status where one is given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs(
        &self,
        case: Option<CaseId>,
        status: Option<&str>,
        limit: u32,
    ) -> Result<Vec<RunView>, EngineError> {
        let wanted = status.and_then(InstanceStatus::from_name);
        let mut runs = match case {
            Some(case) => self.store.instances_of_case(case).await?,
            None => self.store.instances(wanted, limit).await?,
        };
        if status.is_some() {
            runs.retain(|run| Some(run.status) == wanted);
        }
        Ok(runs.into_iter().map(|run| self.run_view(run)).collect())
    }

    /// Cancels a run: drops its waits and its queued actions.
    ///
    /// # Errors
    /// When there is no such run, it has ended, the caller may not, or the database fails.
    pub async fn cancel_run(
        &self,
        caller: &Caller,
        id: InstanceId,
        reason: &str,
    ) -> Result<RunView, ExecuteError> {
        if !caller.may(Right::OperateRuns) {
            return Err(Rejection::NotAllowed {
                right: Right::OperateRuns,
            }
            .into());
        }
        let run = self
            .store
            .instance(id)
            .await?
            .ok_or(ExecuteError::NotFound("run"))?;
        if run.status.has_ended() {
            return Err(ExecuteError::Conflict);
        }
        let mut draft = Draft::new(self.now(), 0);
        let why = format!("{} ({})", reason, caller.actor.name);
        draft.commit.inputs.push(PendingInput {
            id: crate::chance::new_id(draft.now),
            instance: id,
            input: serde_json::to_value(Input::Cancel { reason: why }).unwrap_or(Value::Null),
            at: draft.now,
        });
        draft.woken.push(id);
        let waiting = self.settled.register(&[id]);
        self.write(draft).await.map_err(commit_failed)?;
        waiting.wait(Duration::from_secs(5)).await;
        self.run(id).await?.ok_or(ExecuteError::NotFound("run"))
    }

    /// Open or resolved incidents, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn incidents(&self, open: bool) -> Result<Vec<Incident>, EngineError> {
        Ok(self.store.incidents(open, 500).await?)
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
        let mut draft = Draft::new(self.now(), 0);
        draft.commit.events.push(EventRow {
            source,
            event_id,
            event_type: kind.clone(),
            at: draft.now,
            body: event.clone(),
        });
        let case = event["subject"]
            .as_str()
            .and_then(|subject| subject.parse().ok());
        self.follow_cloud_event(
            &mut draft,
            &CloudEvent {
                kind,
                case,
                body: event,
            },
        )
        .await?;
        match self.write(draft).await {
            Ok(()) => Ok(true),
            Err(CommitError::EventRepeated) => Ok(false),
            Err(error) => Err(commit_failed(error)),
        }
    }

    pub(crate) fn run_view(&self, run: InstanceRow) -> RunView {
        let state = read_state(&run.state).ok();
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
            case: run.case,
            status: run.status.name(),
            detail: run.detail,
            waits: state
                .iter()
                .flat_map(|state| state.waits())
                .map(|wait| sentence(&wait))
                .collect(),
            tasks: state
                .iter()
                .flat_map(|state| state.tasks())
                .map(ToString::to_string)
                .collect(),
            output: state.as_ref().and_then(sagsgang_flow::State::output),
            created_at: run.created_at,
            updated_at: run.updated_at,
        }
    }
}

/// Why a run does not move.
fn sentence(wait: &Wait) -> String {
    match &wait.kind {
        WaitKind::Call { function } => format!("waits for the result of {}", function.name),
        WaitKind::Run { workflow } => format!("waits for the end of {}", workflow.name),
        WaitKind::Timer { due } => format!("waits until {due}"),
        WaitKind::Retry { due, failed, error } => {
            format!("tries again at {due} after {failed} failures: {error}")
        }
        WaitKind::Events { types } => format!("waits for an event: {}", types.join(", ")),
    }
}

fn workflow_view(published: &PublishedWorkflow) -> WorkflowView {
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
    }
}

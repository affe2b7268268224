//! Trying a workflow on a case without changing anything: nothing is written, and nothing goes outside.

use crate::builtin::case_value;
use crate::catalog::PublishedWorkflow;
use crate::engine::Engine;
use crate::error::ExecuteError;
use crate::execute::CaseRef;
use crate::perform::as_workflow_error;
use sagsgang_definition::Workflow;
use sagsgang_domain::{Actor, Case, InstanceId, Timestamp};
use sagsgang_flow::dry::{self, Cases};
use sagsgang_flow::{DryCall, DryRun, StepContext, WorkflowError, WorkflowRef};
use sagsgang_host::{Effect, is_protocol};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::runtime::Handle;
use uuid::Uuid;

/// Entries of a case's history that a trial hears.
const ENTRIES: u32 = 1_000;

/// How a trial went.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowTrial {
    /// Where it ended, and what it still waits for.
    pub ran: DryRun,
    /// What it would have done, in order.
    pub calls: Vec<TrialCall>,
    /// JSON Pointers to the tasks that ran; of tasks with one name in several lists, all.
    pub references: Vec<String>,
    /// JSON Pointers to the tasks that still wait.
    pub waiting: Vec<String>,
}

/// A call of a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialCall {
    /// The task.
    pub task: String,
    /// The function.
    pub function: String,
    /// Its arguments.
    pub with: Value,
    /// What it answered.
    pub result: Result<Value, WorkflowError>,
    /// Whether the function really ran, since it acts nowhere; otherwise the answer is a sample.
    pub really: bool,
}

impl Engine {
    /// Tries a workflow on what happened to a case: the event of the case that starts it is its input, and the later ones
    /// come at their times on a virtual clock. Actions without effects are run; others answer with the sample of their
    /// plugin, and built-in functions as if they had been carried out.
    ///
    /// # Errors
    /// When there is no such case or the database fails.
    pub async fn try_workflow(
        self: &Arc<Self>,
        definition: Workflow,
        case: &CaseRef,
    ) -> Result<WorkflowTrial, ExecuteError> {
        let stored = self
            .load(case)
            .await?
            .ok_or(ExecuteError::NotFound("case"))?;
        let case = stored.case;
        let mut events = Vec::new();
        for entry in self.store.history(case.id, 0, ENTRIES).await? {
            events.push((entry.at, self.case_event(&case, &entry).await?));
        }
        let starts = definition.start_among(events.iter().map(|(_, event)| event));
        let (now, input, later) = match starts {
            Some((places, input)) => {
                let last = places.last().copied().unwrap_or_default();
                (events[last].0, input, last + 1)
            }
            None => {
                let input = json!({ "caseId": case.id, "case": case_value(&case) });
                (case.created_at, input, 0)
            }
        };
        let events = events
            .into_iter()
            .skip(later)
            .map(|(_, event)| event)
            .collect();
        let engine = Arc::clone(self);
        let handle = Handle::current();
        let tried = tokio::task::spawn_blocking(move || {
            engine.rehearse(&definition, case, input, events, now, &handle)
        });
        tried.await.map_err(|error| {
            tracing::error!(%error, "a trial of a workflow panicked");
            ExecuteError::Conflict
        })
    }

    fn rehearse(
        self: &Arc<Self>,
        definition: &Workflow,
        case: Case,
        input: Value,
        events: Vec<Value>,
        now: Timestamp,
        handle: &Handle,
    ) -> WorkflowTrial {
        let published = self.catalog().workflows();
        let mut stage = Stage {
            engine: self,
            case,
            cases: Cases::default(),
            calls: Vec::new(),
            handle,
            now,
        };
        let context = StepContext::new(InstanceId(Uuid::from_u128(1)), now);
        let library = |wanted: &WorkflowRef| find(&published, wanted);
        let ran = dry::run_with(definition, library, input, events, &context, |call| {
            stage.answer(call)
        });
        let ran_in = |name: &str| ran.tasks.iter().any(|task| task == name);
        let tasks = definition.tasks.iter().filter(|task| ran_in(&task.name));
        WorkflowTrial {
            references: tasks.map(|task| task.reference.to_string()).collect(),
            waiting: (ran.waits.iter())
                .map(|wait| definition.task(wait.task).reference.to_string())
                .collect(),
            calls: stage.calls,
            ran,
        }
    }
}

fn find<'p>(published: &'p [Arc<PublishedWorkflow>], wanted: &WorkflowRef) -> Option<&'p Workflow> {
    let found = published.iter().find(|one| {
        let is_version = match wanted.version.as_str() {
            "latest" => one.active,
            version => one.workflow.document.version == version,
        };
        is_version && one.name() == wanted.name
    });
    found.map(|one| &one.workflow)
}

/// What answers the calls of a trial.
struct Stage<'e> {
    engine: &'e Arc<Engine>,
    case: Case,
    cases: Cases,
    calls: Vec<TrialCall>,
    handle: &'e Handle,
    now: Timestamp,
}

impl Stage<'_> {
    fn answer(&mut self, call: &DryCall<'_>) -> Result<Value, WorkflowError> {
        let (result, really) = self.result(call);
        self.calls.push(TrialCall {
            task: call.task.to_owned(),
            function: call.function.name.clone(),
            with: call.with.clone(),
            result: result.clone(),
            really,
        });
        result
    }

    fn result(&mut self, call: &DryCall<'_>) -> (Result<Value, WorkflowError>, bool) {
        let name = &call.function.name;
        if is_protocol(name) && call.function.version.is_none() {
            let detail = "a trial asks nothing outside, and a request has no sample";
            return (Err(WorkflowError::standard("authorization", detail)), false);
        }
        if let Some(answer) = self.cases.answer(name, call.with) {
            return (answer, false);
        }
        let Some(action) = self.engine.find_action(call.function) else {
            let detail = format!("no installed plugin has an action {name:?}");
            return (Err(WorkflowError::standard("configuration", detail)), false);
        };
        match (action.effect(), action.sample()) {
            (Effect::Pure, _) => {
                let actor = Actor::system();
                let called = self.engine.rehearse_action(
                    &action,
                    call.with.clone(),
                    self.case.clone(),
                    &actor,
                    (call.key, call.configuration),
                    self.now,
                );
                let result = self.handle.block_on(called);
                (result.map_err(|error| as_workflow_error(&error)), true)
            }
            (_, Some(sample)) => (Ok(sample.clone()), false),
            (_, None) => {
                let detail = format!("{name:?} acts outside and brings no sample for trials");
                (Err(WorkflowError::standard("configuration", detail)), false)
            }
        }
    }
}

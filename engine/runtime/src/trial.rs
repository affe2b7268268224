//! Trying a workflow on a case without changing anything: nothing is written, and nothing goes outside.

use crate::builtin::{case_value, query, refused};
use crate::catalog::PublishedWorkflow;
use crate::engine::Engine;
use crate::error::ExecuteError;
use crate::execute::CaseRef;
use crate::perform::as_workflow_error;
use sagsgang_definition::Workflow;
use sagsgang_domain::{Actor, Caller, Case, InstanceId, Role, Timestamp};
use sagsgang_flow::dry::{self, Cases};
use sagsgang_flow::whatif::Answers;
use sagsgang_flow::{DryCall, DryRun, StepContext, WorkflowError, WorkflowRef};
use sagsgang_host::{Effect, is_protocol};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::runtime::Handle;
use uuid::Uuid;

/// Runs of a case whose answers are used.
const MOST_RUNS: usize = 50;
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
    /// Where the answer comes from.
    pub source: AnswerSource,
}

/// Where the answer to a call of a trial comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerSource {
    /// What the call was answered when it was made for this case.
    Recorded,
    /// The function ran, since it acts nowhere.
    Ran,
    /// A case in memory, or the sample that the plugin brings.
    Sample,
    /// Nothing: it would have gone outside, and no answer is known.
    Denied,
}

impl Engine {
    /// Tries a workflow on what happened to a case: the event of the case that starts it is its input, and the later ones
    /// come at their times on a virtual clock. Calls of plugins and requests are answered with what they were answered in
    /// the runs of the case. Where nothing is recorded, actions without effects are run, others answer with the sample of
    /// their plugin, and what would go outside is denied. Built-in functions answer as if they had been carried out;
    /// `case-query` reads the cases that there are.
    ///
    /// # Errors
    /// When there is no such case or the database fails.
    pub async fn try_workflow(
        self: &Arc<Self>,
        definition: Workflow,
        case: &CaseRef,
    ) -> Result<WorkflowTrial, ExecuteError> {
        let definition = definition.in_zone(self.time_zone());
        let stored = self
            .load(case)
            .await?
            .ok_or(ExecuteError::NotFound("case"))?;
        let case = stored.case;
        let mut events = Vec::new();
        for entry in self.history(case.id, 0, ENTRIES).await? {
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
        let recorded = self.recorded_answers(&case, &definition).await?;
        let engine = Arc::clone(self);
        let handle = Handle::current();
        let tried = tokio::task::spawn_blocking(move || {
            engine.rehearse(&definition, case, recorded, input, events, now, &handle)
        });
        tried.await.map_err(|error| {
            tracing::error!(%error, "a trial of a workflow panicked");
            ExecuteError::Conflict
        })
    }

    /// What calls were answered in the runs of a case: those of the workflow first, the newest first.
    async fn recorded_answers(
        &self,
        case: &Case,
        definition: &Workflow,
    ) -> Result<Answers, ExecuteError> {
        let name = definition.document.qualified_name();
        let mut runs = self.store.instances_of_case(case.id).await?;
        runs.sort_by_key(|run| (run.workflow != name, std::cmp::Reverse(run.created_at)));
        let mut answers = Answers::default();
        for run in runs.iter().take(MOST_RUNS) {
            // A run whose journal cannot be read has no answers to give.
            if let Ok(recording) = self.recording(run).await? {
                answers.add(recording, run.workflow == name);
            }
        }
        Ok(answers)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what a trial is made of, said once"
    )]
    fn rehearse(
        self: &Arc<Self>,
        definition: &Workflow,
        case: Case,
        recorded: Answers,
        input: Value,
        events: Vec<Value>,
        now: Timestamp,
        handle: &Handle,
    ) -> WorkflowTrial {
        let published = self.catalog().workflows();
        let mut stage = Stage {
            engine: self,
            cases: Cases::of(case_value(&case)),
            case,
            recorded,
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
    recorded: Answers,
    calls: Vec<TrialCall>,
    handle: &'e Handle,
    now: Timestamp,
}

impl Stage<'_> {
    fn answer(&mut self, call: &DryCall<'_>) -> Result<Value, WorkflowError> {
        let (result, source) = self.result(call);
        self.calls.push(TrialCall {
            task: call.task.to_owned(),
            function: call.function.name.clone(),
            with: call.with.clone(),
            result: result.clone(),
            source,
        });
        result
    }

    fn result(&mut self, call: &DryCall<'_>) -> (Result<Value, WorkflowError>, AnswerSource) {
        let name = &call.function.name;
        if name == "case-query" {
            return self.query(call.with);
        }
        if let Some(answer) = self.cases.answer(name, call.with) {
            return (answer, AnswerSource::Sample);
        }
        if let Some(answer) = self.recorded.same(call) {
            return (answer, AnswerSource::Recorded);
        }
        if is_protocol(name) && call.function.version.is_none() {
            let detail = "a trial sends nothing, and no answer to this request is recorded in the runs of the case";
            return denied("authorization", detail.to_owned());
        }
        let Some(action) = self.engine.find_action(call.function) else {
            return denied(
                "configuration",
                format!("no installed plugin has an action {name:?}"),
            );
        };
        if action.effect() == Effect::Pure {
            let workflow = Caller {
                actor: Actor::system(),
                roles: vec![Role::Workflow],
            };
            let called = self.engine.rehearse_action(
                &action,
                call.with.clone(),
                self.case.clone(),
                &workflow,
                (call.key, call.configuration),
                self.now,
            );
            let result = self.handle.block_on(called);
            let result = result.map_err(|error| as_workflow_error(&error));
            return (result, AnswerSource::Ran);
        }
        if let Some(answer) = self.recorded.of_task(call) {
            return (answer, AnswerSource::Recorded);
        }
        match action.sample() {
            Some(sample) => (Ok(sample.clone()), AnswerSource::Sample),
            None => {
                let detail = format!(
                    "a trial sends nothing: {name:?} acts outside, no answer of it is recorded in the runs of the case, \
                     and it brings no sample"
                );
                denied("authorization", detail)
            }
        }
    }

    /// The case that is named as the trial has changed it; other cases, and those that a filter takes, as they are.
    fn query(&self, with: &Value) -> (Result<Value, WorkflowError>, AnswerSource) {
        let changed = with["id"].as_str().and_then(|id| self.cases.get(id));
        let (answer, source) = match changed {
            Some(case) => (
                query::of_case(self.engine, self.now, with, case),
                AnswerSource::Sample,
            ),
            None => (
                (self.handle).block_on(query::cases(self.engine, self.now, with)),
                AnswerSource::Ran,
            ),
        };
        (answer.map_err(|error| refused(&error)), source)
    }
}

fn denied(kind: &str, detail: String) -> (Result<Value, WorkflowError>, AnswerSource) {
    let error = WorkflowError::standard(kind, detail);
    (Err(error), AnswerSource::Denied)
}

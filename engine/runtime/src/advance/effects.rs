//! Carrying out the effects of a step inside its commit.

use super::store_error;
use crate::builtin;
use crate::catalog::PublishedWorkflow;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::ExecuteError;
use crate::follow::CloudEvent;
use crate::perform::{Made, Performed, as_workflow_error, due_again, is_unavailable, tried_again};
use crate::work::Place;
use sagsgang_domain::{
    Actor, ActorKind, Caller, Cause, Command, Role, Timestamp, command::WorkflowRecord,
};
use sagsgang_flow::{Effect, FunctionRef, Input, Outcome, State, Step, StepContext, WorkflowError};
use sagsgang_store::{
    ActionDone, ActionRow, ActionState, CommitError, Incident, InstanceRow, JournalRow, JsonText,
    PendingInput, StoredCase, TimerRow,
};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How long a worker may be silent before another takes its action.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// Inputs taken in one commit.
const INPUTS: usize = 200;
/// A commit that has started so many runs takes no more inputs. What comes next stands in the queue behind these runs, so
/// that a workflow that goes through all cases page by page is never further ahead of its runs than one page.
const STARTED: usize = 100;

/// A run being stepped, with the commit that is growing.
pub(super) struct Transition<'a> {
    pub(super) engine: &'a Arc<Engine>,
    pub(super) run: InstanceRow,
    pub(super) published: Arc<PublishedWorkflow>,
    pub(super) draft: Draft,
    caller: Caller,
    /// The person whose decision steps it.
    pub(super) operator: Option<Actor>,
    /// Actions that this commit queues and claims at once.
    pub(super) claimed: Vec<(ActionRow, Place)>,
    /// One plugin may run inline; after it, its result is committed before the next begins.
    plugin_ran: bool,
    /// Something was left for the next commit.
    pub(super) put_off: bool,
    /// Hash of the state after the last step.
    pub(super) state_hash: [u8; 32],
}

/// In whose name a run does what it does.
pub(crate) fn caller_of(run: &InstanceRow, published: Option<&PublishedWorkflow>) -> Caller {
    let document = published.map(|published| &published.workflow.document);
    let name = document.map(|one| one.title.as_ref().unwrap_or(&one.name));
    let actor = Actor {
        kind: ActorKind::Workflow,
        id: run.workflow.clone(),
        name: name.unwrap_or(&run.workflow).clone(),
    };
    Caller {
        actor,
        roles: vec![Role::Workflow],
    }
}

impl<'a> Transition<'a> {
    pub(super) fn new(
        engine: &'a Arc<Engine>,
        run: InstanceRow,
        published: Arc<PublishedWorkflow>,
        draft: Draft,
    ) -> Self {
        let mut draft = draft;
        draft.depth = run.depth;
        draft.run = Some(run.id);
        let caller = caller_of(&run, Some(&published));
        Self {
            engine,
            run,
            published,
            draft,
            caller,
            operator: None,
            claimed: Vec::new(),
            plugin_ran: false,
            put_off: false,
            state_hash: [0; 32],
        }
    }

    /// Writes an input and what followed from it into the journal.
    pub(super) fn note(&mut self, input: &Input, step: &Step) {
        self.run.seq += 1;
        let state = JsonText::of(&step.state);
        self.state_hash = State::hash_of(state.as_str());
        self.run.state = Some(state);
        let operator = self.operator.as_ref().filter(|_| input.is_decision());
        self.draft.commit.journal.push(JournalRow {
            instance: self.run.id,
            seq: self.run.seq,
            at: self.draft.now,
            actor: operator.unwrap_or(&self.caller.actor).clone(),
            input: JsonText::of(input),
            effects: JsonText::of(&step.effects),
            state_hash: self.state_hash,
        });
    }

    /// Steps by inputs until no more is left; `None` where there was none.
    pub(super) async fn drive(
        &mut self,
        mut state: Option<State>,
        mut queue: VecDeque<Input>,
    ) -> Result<Option<State>, CommitError> {
        let mut taken = 0;
        while let Some(input) = queue.pop_front() {
            let context = StepContext {
                holds: !super::operate::awaited(&self.run),
                ..StepContext::new(self.run.id, self.draft.now)
            };
            let before = state.as_ref().map(State::status);
            let step =
                sagsgang_flow::step(&self.published.workflow, state.take(), &input, &context);
            self.note(&input, &step);
            self.engine
                .tell_of_step(&mut self.draft, &self.run, before, &input, &step);
            state = Some(step.state);
            taken += 1;
            for effect in step.effects {
                if let Some(answer) = self.carry_out(effect).await? {
                    if taken < INPUTS && self.draft.started.len() < STARTED {
                        queue.push_back(answer);
                    } else {
                        self.put_off(&answer);
                    }
                }
            }
        }
        Ok(state)
    }

    /// Leaves an input for the next commit.
    pub(super) fn put_off(&mut self, input: &Input) {
        self.put_off = true;
        self.draft.give(PendingInput {
            id: crate::chance::new_id(self.draft.now),
            instance: self.run.id,
            input: JsonText::of(input),
            at: self.draft.now,
        });
    }

    /// The result of an action as an input; what the plugin asked for goes into the commit, or the result is an error.
    pub(super) async fn take_result(&mut self, done: &Performed) -> Result<Input, CommitError> {
        self.plugin_ran = true;
        self.draft.commit.actions_done.push(ActionDone::from(done));
        let result = match &done.result {
            Ok(made) => self.apply(made, &done.action.task).await?,
            Err(error) => Err(error.clone()),
        };
        Ok(Input::CallDone {
            key: done.action.key.clone(),
            result,
        })
    }

    /// Carries out an effect; the answer is an input for the same commit.
    pub(super) async fn carry_out(&mut self, effect: Effect) -> Result<Option<Input>, CommitError> {
        let run = self.run.id;
        match effect {
            Effect::Call {
                key,
                path,
                task,
                function,
                with,
                configuration,
                ..
            } => {
                let has_policy = self.published.workflow.tries_again(&path);
                return self
                    .call(key, (task, has_policy), function, with, configuration)
                    .await;
            }
            Effect::CancelCall { key } => self.draft.commit.actions_cancelled.push(key),
            Effect::Run {
                key,
                workflow,
                input,
                awaits,
                ..
            } => return self.run_child(key, &workflow, input, awaits).await,
            Effect::CancelRun { key } => self.cancel_children(&key).await?,
            Effect::StartTimer { key, due } => {
                self.draft
                    .commit
                    .timers_gone
                    .retain(|(_, gone)| *gone != key);
                self.draft.commit.timers.push(TimerRow {
                    instance: run,
                    key,
                    due,
                });
            }
            Effect::CancelTimer { key } => {
                self.draft.commit.timers.retain(|timer| timer.key != key);
                self.draft.commit.timers_gone.push((run, key));
            }
            Effect::Subscribe {
                key,
                path,
                filters,
                since,
                once,
                ..
            } => {
                let past = self.listen(&key, &path, &filters, since).await?;
                self.give_past(&key, past, once);
            }
            Effect::Unsubscribe { key } => {
                self.draft
                    .commit
                    .subscriptions
                    .retain(|subscription| subscription.key != key);
                self.draft.commit.subscriptions_gone.push((run, key));
            }
            Effect::Emit { event } => self.emit(event).await?,
            Effect::Yield => self.put_off(&Input::Resume),
            Effect::Ended(outcome) => self.end(&outcome).await?,
        }
        Ok(None)
    }

    async fn call(
        &mut self,
        key: String,
        (task, has_policy): (String, bool),
        function: FunctionRef,
        with: Value,
        configuration: Option<String>,
    ) -> Result<Option<Input>, CommitError> {
        if builtin::is_builtin(&function.name) {
            let cause = self.cause(&task, None);
            let result = builtin::call(
                self.engine,
                &mut self.draft,
                builtin::Circumstances {
                    caller: &self.caller,
                    cause: &cause,
                    case: self.run.case,
                    name: &function.name,
                    with,
                },
            )
            .await?;
            return Ok(Some(Input::CallDone { key, result }));
        }
        let limit = self.engine.turn_of(&function.name, &with);
        let mut again = None;
        if let Some(action) = self.engine.action_of_run(&function, &self.run)
            && limit.is_none()
            && action.stays_inside()
            && !self.plugin_ran
            && !(action.reads_back() && self.draft.changes_cases())
        {
            // It may run before the commit: a crash simply runs it again. Only one does in each commit, so that its result
            // is on disk before the next one begins; and none that would look for what this commit has not written yet.
            self.plugin_ran = true;
            let case = self.case_of_run().await?;
            let made = self.engine.run_plugin(
                &action,
                with.clone(),
                case.map(|stored| stored.case),
                &self.caller,
                "da",
                (&key, configuration.as_deref()),
            );
            let made = made.await;
            // What is tried again waits in the table, as an action whose first attempt is over.
            again = made.as_ref().err().and_then(|error| {
                let after_ms = tried_again(error, action.effect())?;
                (is_unavailable(error) || !has_policy).then_some(after_ms)
            });
            if again.is_none() {
                let result = match made {
                    Ok(made) => self.apply(&made, &task).await?,
                    Err(error) => Err(as_workflow_error(&error)),
                };
                return Ok(Some(Input::CallDone { key, result }));
            }
        }
        let now = self.draft.now;
        // What takes turns, and what there is no place for, waits in the table.
        let place = match limit.is_some() || again.is_some() {
            true => None,
            false => self.engine.work.take_place(),
        };
        let is_claimed = place.is_some();
        let row = ActionRow {
            key,
            instance: self.run.id,
            case: self.run.case,
            task,
            function: function.name,
            version: function.version,
            input: with,
            state: match is_claimed {
                true => ActionState::Running,
                false => ActionState::Queued,
            },
            attempts: u32::from(is_claimed || again.is_some()),
            // Later than every fence that an earlier attempt under the same key can have had.
            fence: now.as_micros(),
            lease: is_claimed.then_some(LEASE),
            due: again.map_or(now, |after_ms| due_again(now, 1, after_ms)),
            created_at: now,
            limit,
            configuration,
            lost: 0,
        };
        self.draft.commit.actions.push(row.clone());
        self.claimed.extend(place.map(|place| (row, place)));
        Ok(None)
    }

    /// The case of the run as this change has it. A run that was started by hand has not read it yet.
    async fn case_of_run(&mut self) -> Result<Option<StoredCase>, CommitError> {
        let Some(case) = self.run.case else {
            return Ok(None);
        };
        match builtin::take(self.engine, &mut self.draft, case).await {
            Ok(place) => Ok(Some(self.draft.stored(place))),
            Err(ExecuteError::Engine(error)) => Err(store_error(ExecuteError::Engine(error))),
            // A run of a case type that is gone still runs.
            Err(_) => Ok(None),
        }
    }

    /// Judges what a plugin asked for with the workflow's rights. Refused means that nothing of it happens and that the
    /// step fails, which the workflow can catch.
    async fn apply(
        &mut self,
        made: &Made,
        task: &str,
    ) -> Result<Result<Value, WorkflowError>, CommitError> {
        if made.commands.is_empty() {
            self.draft.keep_loose(&made.kept.documents);
            self.draft.keep_values(&made.kept.values);
            return Ok(Ok(made.output.clone()));
        }
        let Some(case) = self.run.case else {
            let detail = "the plugin asked to change a case, and this run belongs to none";
            return Ok(Err(WorkflowError::standard("configuration", detail)));
        };
        let cause = self.cause(task, Some(&made.plugin));
        let judged = builtin::change(
            self.engine,
            &mut self.draft,
            &self.caller,
            &cause,
            case,
            made.commands.clone(),
            &made.kept.documents,
        );
        match judged.await {
            Ok(_) => {
                self.draft.keep_values(&made.kept.values);
                Ok(Ok(made.output.clone()))
            }
            Err(ExecuteError::Engine(error)) => Err(store_error(ExecuteError::Engine(error))),
            Err(error) => Ok(Err(builtin::refused(&error))),
        }
    }

    fn cause(&self, task: &str, plugin: Option<&str>) -> Cause {
        Cause {
            workflow: Some(self.run.workflow.clone()),
            instance: Some(self.run.id),
            task: Some(task.to_owned()),
            plugin: plugin.map(str::to_owned),
        }
    }

    async fn emit(&mut self, event: Value) -> Result<(), CommitError> {
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        let case = event["subject"]
            .as_str()
            .and_then(|subject| subject.parse().ok())
            .or(self.run.case);
        let event = CloudEvent::new(kind, case, event);
        let kept = self.engine.follow_kept_event(&mut self.draft, &event);
        kept.await.map_err(store_error)
    }

    async fn end(&mut self, outcome: &Outcome) -> Result<(), CommitError> {
        if self.tell_parent(outcome).await? {
            return Ok(());
        }
        let Outcome::Faulted(error) = outcome else {
            return Ok(());
        };
        let detail = error.to_string();
        let now = self.draft.now;
        self.draft
            .commit
            .incidents
            .push(incident(&self.run, "workflow-faulted", &detail, now));
        self.record(WorkflowRecord::Incident, detail).await
    }

    /// Says in the history of the case what became of the run.
    pub(super) async fn record(
        &mut self,
        state: WorkflowRecord,
        detail: String,
    ) -> Result<(), CommitError> {
        let Some(case) = self.run.case else {
            return Ok(());
        };
        let record = Command::RecordWorkflow {
            workflow: self.run.workflow.clone(),
            instance: self.run.id,
            state,
            detail: Some(detail),
        };
        let cause = self.cause("", None);
        match builtin::change(
            self.engine,
            &mut self.draft,
            &self.caller,
            &cause,
            case,
            vec![record],
            &[],
        )
        .await
        {
            Ok(_) => Ok(()),
            Err(ExecuteError::Engine(error)) => Err(store_error(ExecuteError::Engine(error))),
            Err(error) => {
                tracing::warn!(run = %self.run.id, %error, "the case does not say what became of its workflow");
                Ok(())
            }
        }
    }
}

/// An incident of a run.
pub(super) fn incident(run: &InstanceRow, code: &str, detail: &str, now: Timestamp) -> Incident {
    Incident {
        id: crate::chance::new_id(now),
        instance: Some(run.id),
        case: run.case,
        plugin: None,
        code: code.to_owned(),
        title: format!("{} stopped", run.workflow),
        detail: json!({ "version": run.version, "error": detail }).to_string(),
        open: true,
        at: now,
        resolved: None,
        reason: None,
    }
}

//! A person's decision about a run: journaled with who and why, and in force with the commit that writes it.

pub(crate) mod bulk;

use super::effects::Transition;
use super::listen::subscriptions;
use super::read_state;
use crate::catalog::PublishedWorkflow;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{ExecuteError, commit_failed};
use crate::execute::TRIES;
use crate::lifecycle::RunMoment;
use crate::read::RunView;
use sagsgang_definition::{Sentence, say};
use sagsgang_domain::command::WorkflowRecord;
use sagsgang_domain::{Actor, Caller, InstanceId, Rejection, Right};
use sagsgang_flow::{Effect, Input, Migrated, State, Status, jump_targets, migrate};
use sagsgang_store::{
    CommitError, Incident, InstanceRow, InstanceStatus, InstanceWrite, JournalRow, JsonText,
    PendingInput,
};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// The answer waits so long for the run to wait or end again.
const SETTLES: Duration = Duration::from_secs(5);
/// Why nothing is decided about a run for whose error another one answers.
const TAKEN: &str =
    "the run that started this one has taken its error; decide about that one instead";
/// Characters of a reason.
const LONGEST_REASON: usize = 1_000;

/// What a person decides about a run.
#[derive(Clone, Debug, PartialEq)]
pub enum RunDecision {
    /// It goes on from the task at which an error stopped it.
    Retry {
        /// Used instead of what the task would take: the arguments of a call, else the task's input.
        input: Option<Value>,
    },
    /// It goes on after that task.
    Skip {
        /// Taken as what the task gave.
        output: Value,
        /// The task of the same list that runs next; the one after it if absent.
        then: Option<String>,
    },
    /// It goes on at another task of a list in which it stands; what it waits for is dropped.
    Jump {
        /// Name of the task; of several, the one in the innermost list.
        to: String,
        /// Used instead of what the task would take.
        input: Option<Value>,
    },
    /// It ends: what it waits for is dropped, what is queued is not done.
    Cancel,
    /// It stands still; what comes for it waits.
    Suspend,
    /// It goes on that was suspended.
    Resume,
    /// It goes on with another published version of its workflow.
    Migrate {
        /// The version.
        version: String,
    },
}

impl RunDecision {
    fn input(&self, run: &InstanceRow, reason: &str) -> Input {
        let reason = reason.to_owned();
        match self.clone() {
            RunDecision::Retry { input } => Input::Retry { input, reason },
            RunDecision::Skip { output, then } => Input::Skip {
                output,
                then,
                reason,
            },
            RunDecision::Jump { to, input } => Input::Jump { to, input, reason },
            RunDecision::Cancel => Input::Cancel { reason },
            RunDecision::Suspend => Input::Suspend { reason },
            RunDecision::Resume => Input::Continue { reason },
            RunDecision::Migrate { version } => Input::Migrate {
                from: run.version.clone(),
                to: version,
                reason,
            },
        }
    }

    /// Why a run does not stand where this can be done.
    fn refusal(&self, run: &InstanceRow, state: Option<&State>) -> Option<Sentence> {
        let held = state.is_some_and(|state| state.held().is_some());
        let stands = |what: &'static str| {
            let status = stands_as(run.status);
            Some(say!(
                "the run is {status}; only one that {what}",
                status,
                what
            ))
        };
        match self {
            RunDecision::Retry { .. } if run.status != InstanceStatus::Faulted => {
                stands("an error stopped can be tried again")
            }
            RunDecision::Skip { .. } if run.status != InstanceStatus::Faulted => {
                stands("an error stopped can skip a task")
            }
            RunDecision::Jump { .. }
                if !(run.status == InstanceStatus::Waiting
                    || (run.status == InstanceStatus::Faulted && held)) =>
            {
                stands("waits, or that an error stopped, can be sent to another task")
            }
            RunDecision::Retry { .. } | RunDecision::Skip { .. } if awaited(run) => {
                Some(TAKEN.into())
            }
            RunDecision::Jump { .. } if held && awaited(run) => Some(TAKEN.into()),
            RunDecision::Skip { .. } if !held => {
                Some("no task of the run failed, so that there is none to skip".into())
            }
            RunDecision::Cancel if run.status.has_ended() && !held => {
                stands("goes on can be cancelled")
            }
            RunDecision::Suspend
                if run.status.has_ended() || run.status == InstanceStatus::Suspended =>
            {
                stands("goes on can be suspended")
            }
            RunDecision::Resume if run.status != InstanceStatus::Suspended => {
                stands("is suspended can be resumed")
            }
            RunDecision::Migrate { .. } => match state {
                Some(state) if held || state.status() == Status::Waiting => None,
                _ => stands("waits, or that an error stopped, can be moved to another version"),
            },
            _ => None,
        }
    }
}

/// How a run stands, in words that no file uses as a name.
fn stands_as(status: InstanceStatus) -> &'static str {
    match status {
        InstanceStatus::Ready => "ready to go on",
        InstanceStatus::Waiting => "waiting for something",
        InstanceStatus::Completed => "completed already",
        InstanceStatus::Faulted => "stopped at an error",
        InstanceStatus::Cancelled => "cancelled already",
        InstanceStatus::Suspended => "suspended by a person",
    }
}

/// Whether the end of a run was given to the run that started it.
pub(crate) fn awaited(run: &InstanceRow) -> bool {
    run.parent
        .as_ref()
        .is_some_and(|parent| parent.key.is_some())
}

impl Engine {
    /// Carries out what a person decided about a run, and answers with the run once it waits or has ended.
    ///
    /// # Errors
    /// When there is no such run or version, the run does not stand where this can be done, the reason is missing, the
    /// caller may not, or the database fails.
    pub async fn decide_run(
        self: &Arc<Self>,
        caller: &Caller,
        id: InstanceId,
        decision: &RunDecision,
        reason: &str,
    ) -> Result<RunView, ExecuteError> {
        if !caller.may(Right::OperateRuns) {
            let right = Right::OperateRuns;
            return Err(Rejection::NotAllowed { right }.into());
        }
        let reason = checked(reason)?;
        let waiting = self.settled.register(&[id]);
        self.carry_out_decision(caller, id, decision, reason)
            .await?;
        if *decision != RunDecision::Suspend {
            self.work.wake(id);
            waiting.wait(SETTLES).await;
        }
        self.run(id).await?.ok_or(ExecuteError::NotFound("run"))
    }

    async fn carry_out_decision(
        self: &Arc<Self>,
        caller: &Caller,
        id: InstanceId,
        decision: &RunDecision,
        reason: &str,
    ) -> Result<(), ExecuteError> {
        for _ in 0..TRIES {
            let run = self.store.instance(id).await?;
            let run = run.ok_or(ExecuteError::NotFound("run"))?;
            let state = stored_state(&run)?;
            if let Some(refusal) = decision.refusal(&run, state.as_ref()) {
                return Err(ExecuteError::RunState(refusal));
            }
            let written = match decision {
                RunDecision::Suspend => {
                    self.set_status(run, InstanceStatus::Suspended, caller, decision, reason)
                        .await
                }
                RunDecision::Resume => {
                    let status = standing(state.as_ref());
                    self.set_status(run, status, caller, decision, reason).await
                }
                RunDecision::Migrate { version } => {
                    let moved = self.moved(&run, state.as_ref(), version)?;
                    self.write_migration(run, moved, caller, decision, reason)
                        .await
                }
                // Nothing in the run failed; it could not be stepped at all. It stands where it stood.
                RunDecision::Retry { .. }
                    if state.as_ref().is_none_or(|state| state.held().is_none()) =>
                {
                    let status = standing(state.as_ref());
                    self.set_status(run, status, caller, decision, reason).await
                }
                RunDecision::Skip {
                    then: Some(name), ..
                } if !self.has_sibling(&run, state.as_ref(), name) => {
                    let message =
                        say!("there is no task `{name}` beside the one that failed", name);
                    return Err(ExecuteError::RunState(message));
                }
                RunDecision::Jump { to, .. } if !self.can_jump(&run, state.as_ref(), to) => {
                    let message = say!(
                        "there is no task `{to}` in a list in which the run stands",
                        to
                    );
                    return Err(ExecuteError::RunState(message));
                }
                RunDecision::Retry { .. }
                | RunDecision::Skip { .. }
                | RunDecision::Jump { .. }
                | RunDecision::Cancel => self.step_decided(run, caller, decision, reason).await,
            };
            match written {
                Ok(()) => return Ok(()),
                Err(
                    CommitError::Conflict
                    | CommitError::Repeated
                    | CommitError::MessageTaken
                    | CommitError::NoRoom,
                ) => {}
                Err(error) => return Err(commit_failed(error)),
            }
        }
        Err(ExecuteError::Conflict)
    }

    /// Whether a run could be moved to another version as it stands now; nothing is changed.
    ///
    /// # Errors
    /// Why it could not, as [`Engine::decide_run`] says it.
    pub async fn try_migration(&self, id: InstanceId, version: &str) -> Result<(), ExecuteError> {
        let run = self.store.instance(id).await?;
        let run = run.ok_or(ExecuteError::NotFound("run"))?;
        let state = stored_state(&run)?;
        let decision = RunDecision::Migrate {
            version: version.to_owned(),
        };
        if let Some(refusal) = decision.refusal(&run, state.as_ref()) {
            return Err(ExecuteError::RunState(refusal));
        }
        self.moved(&run, state.as_ref(), version).map(|_| ())
    }

    fn published_of(&self, run: &InstanceRow, version: &str) -> Option<Arc<PublishedWorkflow>> {
        self.catalog().workflow(&run.workflow, version)
    }

    fn has_sibling(&self, run: &InstanceRow, state: Option<&State>, name: &str) -> bool {
        let task = state.and_then(|state| state.held()?.task.as_ref());
        let published = self.published_of(run, &run.version);
        let (Some(task), Some(published)) = (task, published) else {
            return false;
        };
        published.workflow.siblings(&task.reference).contains(&name)
    }

    fn can_jump(&self, run: &InstanceRow, state: Option<&State>, name: &str) -> bool {
        let published = self.published_of(run, &run.version);
        let (Some(state), Some(published)) = (state, published) else {
            return false;
        };
        jump_targets(&published.workflow, state)
            .iter()
            .any(|known| known == name)
    }

    fn moved(
        &self,
        run: &InstanceRow,
        state: Option<&State>,
        version: &str,
    ) -> Result<Migrated, ExecuteError> {
        if run.version == version {
            let message = say!("the run has version {version} already", version);
            return Err(ExecuteError::RunState(message));
        }
        let from = self.published_of(run, &run.version);
        let to = self.published_of(run, version);
        let (Some(from), Some(to), Some(state)) = (from, to, state) else {
            let workflow = &run.workflow;
            let message = say!(
                "version {version} of {workflow} is not published",
                version,
                workflow
            );
            return Err(ExecuteError::RunState(message));
        };
        migrate(&from.workflow, &to.workflow, state).map_err(ExecuteError::CannotMigrate)
    }

    /// Lets a run stand still, or go on.
    async fn set_status(
        &self,
        mut run: InstanceRow,
        status: InstanceStatus,
        caller: &Caller,
        decision: &RunDecision,
        reason: &str,
    ) -> Result<(), CommitError> {
        let mut draft = Draft::new(self.now(), run.depth);
        let input = decision.input(&run, reason);
        let expected = run.seq;
        if matches!(decision, RunDecision::Retry { .. }) {
            draft.commit.incidents = self
                .resolved_incidents(&run, &caller.actor, reason, &draft)
                .await?;
        }
        run.status = status;
        run.crashes = 0;
        run.detail = None;
        let moment = match decision {
            RunDecision::Suspend => RunMoment::Suspended,
            _ => RunMoment::Resumed,
        };
        self.tell_of_run(&mut draft, &run, moment, None);
        self.write_decided(draft, run, expected, &input, &[], &caller.actor)
            .await
    }

    async fn write_migration(
        &self,
        mut run: InstanceRow,
        moved: Migrated,
        caller: &Caller,
        decision: &RunDecision,
        reason: &str,
    ) -> Result<(), CommitError> {
        let input = decision.input(&run, reason);
        let mut draft = Draft::new(self.now(), run.depth);
        for effect in &moved.effects {
            if let Effect::Subscribe {
                key,
                filters,
                since,
                ..
            } = effect
            {
                draft.commit.subscriptions_gone.push((run.id, key.clone()));
                let rows = subscriptions(run.id, key, run.case, filters, *since);
                draft.commit.subscriptions.extend(rows);
            }
        }
        let expected = run.seq;
        if let Input::Migrate { to, .. } = &input {
            run.version.clone_from(to);
            // Its pins are those of the other version.
            run.pinned_at = None;
        }
        run.state = Some(JsonText::of(&moved.state));
        run.state_hash = moved.state.hash();
        self.write_decided(draft, run, expected, &input, &moved.effects, &caller.actor)
            .await
    }

    async fn write_decided(
        &self,
        mut draft: Draft,
        mut run: InstanceRow,
        expected: u64,
        input: &Input,
        effects: &[Effect],
        actor: &Actor,
    ) -> Result<(), CommitError> {
        run.seq += 1;
        run.updated_at = draft.now;
        draft.commit.journal.push(JournalRow {
            instance: run.id,
            seq: run.seq,
            at: draft.now,
            actor: actor.clone(),
            input: JsonText::of(input),
            effects: JsonText::of(&effects),
            state_hash: run.state_hash,
        });
        draft.commit.instances.push(InstanceWrite {
            expected: Some(expected),
            row: run,
        });
        self.write(draft).await
    }

    /// Steps a run by a decision.
    async fn step_decided(
        self: &Arc<Self>,
        run: InstanceRow,
        caller: &Caller,
        decision: &RunDecision,
        reason: &str,
    ) -> Result<(), CommitError> {
        let mut draft = Draft::new(self.now(), run.depth);
        let case = match run.case {
            Some(case) => self.store.case(case).await?,
            None => None,
        };
        if let Some(case) = case {
            let _ = draft.take(self, case);
        }
        draft.commit.incidents = self
            .resolved_incidents(&run, &caller.actor, reason, &draft)
            .await?;
        let pending = PendingInput {
            id: crate::chance::new_id(draft.now),
            instance: run.id,
            input: JsonText::of(&decision.input(&run, reason)),
            at: draft.now,
        };
        let expected = run.seq;
        let (published, state, queue) = match self.read_run(&run, vec![pending]) {
            Ok(read) => read,
            Err(detail) => return self.fail_unreadable(run, &detail).await,
        };
        let mut transition = Transition::new(self, run, published, draft);
        transition.operator = Some(caller.actor.clone());
        let record = match decision {
            RunDecision::Cancel => WorkflowRecord::Cancelled,
            _ => WorkflowRecord::Resumed,
        };
        let detail = format!("{reason} ({})", caller.actor.name);
        transition.record(record, detail).await?;
        let Some(state) = transition.drive(state, queue).await? else {
            return Ok(());
        };
        let (draft, after) = self.conclude(transition, Some(expected), &state).await?;
        self.write(draft).await?;
        self.carry_on(after);
        Ok(())
    }

    async fn resolved_incidents(
        &self,
        run: &InstanceRow,
        actor: &Actor,
        reason: &str,
        draft: &Draft,
    ) -> Result<Vec<Incident>, CommitError> {
        let mut open = self.store.open_incidents_of(run.id).await?;
        for incident in &mut open {
            incident.resolve(&actor.name, reason, draft.now);
        }
        Ok(open)
    }
}

/// Where a run stands by its state alone.
fn standing(state: Option<&State>) -> InstanceStatus {
    match state {
        Some(state) if state.status() == Status::Waiting => InstanceStatus::Waiting,
        _ => InstanceStatus::Ready,
    }
}

fn stored_state(run: &InstanceRow) -> Result<Option<State>, ExecuteError> {
    let state = run.state.as_ref().map(read_state).transpose();
    state.map_err(|problem| ExecuteError::RunState(problem.into()))
}

/// A reason that a person gave, if it can be kept.
pub(crate) fn checked(reason: &str) -> Result<&str, Rejection> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Rejection::Empty { field: "reason" });
    }
    if reason.chars().count() > LONGEST_REASON {
        let (field, limit) = ("reason", LONGEST_REASON);
        return Err(Rejection::TooLong { field, limit });
    }
    Ok(reason)
}

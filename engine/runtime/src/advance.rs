//! Stepping a run: its inputs, what follows from them, and the one commit that makes both true.

mod children;
mod effects;
mod late;
mod listen;
mod operate;

pub(crate) use children::case_in;
pub(crate) use effects::{LEASE, caller_of};
pub use operate::RunDecision;
pub use operate::bulk::{MOST_MOVED, MovedRun, MovedRuns, RunMigration};
pub(crate) use operate::{awaited, checked as reason_of};

use crate::catalog::PublishedWorkflow;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::kept::no_room;
use crate::lifecycle::RunMoment;
use crate::perform::{Performed, as_workflow_error};
use crate::work::{Hint, Place};
use effects::Transition;
use futures_util::FutureExt;
use sagsgang_domain::InstanceId;
use sagsgang_flow::{Input, Outcome, State, Status, WaitKind, WorkflowError};
use sagsgang_store::{
    ActionDone, ActionRow, Commit, CommitError, InstanceRow, InstanceStatus, InstanceWrite,
    JournalRow, JsonText, PendingInput, StoredCase,
};
use serde_json::Value;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// How often a run is stepped again when somebody else was quicker.
const TRIES: u32 = 8;
/// The process may die this often while stepping a run, or carrying out one of its actions, before a person has to look.
pub(crate) const CRASHES: u32 = 3;

/// Stepping before the first commit takes at most so long.
const AHEAD: Duration = Duration::from_millis(100);

/// What a step asks for, to be done once it is on disk.
pub(crate) struct After {
    run: InstanceId,
    status: Status,
    timers: bool,
    /// Actions are queued that take turns.
    queued: bool,
    put_off: bool,
    /// It has ended, or waits for the world.
    settled: bool,
    /// What it is now, where somebody waits for that.
    row: Option<InstanceRow>,
    /// The run that awaits it; what waits for a waiting run waits for the world too.
    awaited_by: Option<InstanceId>,
    claimed: Vec<(ActionRow, Place)>,
    hint: Option<Hint>,
}

impl After {
    /// The run, while it still waits for an action of its own.
    pub(crate) fn unsettled(&self) -> Option<InstanceId> {
        (!self.settled).then_some(self.run)
    }
}

impl Engine {
    /// Takes a run on by everything that waits for it, and by the result of an action where there is one.
    pub(crate) async fn advance(
        self: &Arc<Self>,
        id: InstanceId,
        hint: Option<Hint>,
        done: Option<Performed>,
    ) -> Result<(), EngineError> {
        let (mut hint, mut done) = (hint, done);
        for _ in 0..TRIES {
            let Some(Hint { run, inputs, case }) = self.what_waits(id, hint.take()).await? else {
                self.settled.settle(id);
                return Ok(());
            };
            if run.status.stands_still() {
                if let Some(done) = done {
                    return self.keep_result(run, &done).await;
                }
                self.settled.settle(id);
                return Ok(());
            }
            if inputs.is_empty() && done.is_none() {
                if !run.status.has_ended() {
                    self.settle_if_waiting(&run);
                }
                return Ok(());
            }
            let mut draft = Draft::new(self.now(), run.depth);
            if let Some(case) = case {
                // A run of a case type that is gone still runs; only commands on the case are refused.
                let _ = draft.take(self, case);
            }
            match self.transition(run, inputs, done.as_ref(), draft).await {
                Ok(()) => return Ok(()),
                // Other calls of the plugin were quicker. One that ran inside the step is made again, and is told.
                Err(CommitError::NoRoom) => {
                    if let Some(done) = &mut done {
                        done.result = Err(as_workflow_error(&no_room()));
                    }
                }
                // Somebody was quicker with the run or the case: read and step again.
                Err(CommitError::Conflict | CommitError::MessageTaken | CommitError::Repeated) => {}
                Err(CommitError::Stale) => {
                    return match &done {
                        Some(done) => self.note_late(id, done).await,
                        None => Ok(()),
                    };
                }
                Err(CommitError::EventRepeated) => return Ok(()),
                Err(CommitError::Store(error)) => return Err(error.into()),
                Err(CommitError::Stopped) => return Err(EngineError::Stopping),
            }
        }
        // It stays ready in the database and is found again.
        tracing::warn!(run = %id, "others keep changing what this run changes");
        if let Some(done) = &done {
            self.give_up(&done.action.key, done.action.fence).await;
        }
        self.work.stumble(id);
        Ok(())
    }

    async fn what_waits(
        &self,
        id: InstanceId,
        hint: Option<Hint>,
    ) -> Result<Option<Hint>, EngineError> {
        if hint.is_some() {
            return Ok(hint);
        }
        let Some(run) = self.store.instance(id).await? else {
            return Ok(None);
        };
        let inputs = self.store.pending_inputs(id).await?;
        let case = match run.case {
            Some(case) if !inputs.is_empty() => self.store.case(case).await?,
            _ => None,
        };
        let catalog = self.catalog();
        let knows_type = |stored: &StoredCase| {
            let case = &stored.case;
            catalog
                .case_type(&case.case_type, case.case_type_version)
                .is_some()
        };
        if catalog.workflow(&run.workflow, &run.version).is_none()
            || !case.as_ref().is_none_or(knows_type)
        {
            self.follow_catalog().await?;
        }
        Ok(Some(Hint { run, inputs, case }))
    }

    /// Steps a run by its inputs and commits.
    async fn transition(
        self: &Arc<Self>,
        run: InstanceRow,
        inputs: Vec<PendingInput>,
        done: Option<&Performed>,
        draft: Draft,
    ) -> Result<(), CommitError> {
        let consumed: Vec<_> = inputs.iter().map(|input| input.id).collect();
        let (published, state, mut queue) = match self.read_run(&run, inputs) {
            Ok(read) => read,
            Err(detail) => return self.fail_unreadable(run, &detail).await,
        };
        let expected = run.seq;
        let mut transition = Transition::new(self, run, published, draft);
        transition.draft.commit.consumed = consumed;
        if let Some(done) = done {
            queue.push_back(transition.take_result(done).await?);
        }
        let Some(state) = transition.drive(state, queue).await? else {
            return Ok(());
        };
        let (draft, after) = self.conclude(transition, Some(expected), &state).await?;
        self.write(draft).await?;
        self.carry_on(after);
        Ok(())
    }

    /// Keeps the result of an action for a run that stands still. What the plugin asked for happens now, with its
    /// completion; the run hears of it when a person lets it go on.
    async fn keep_result(
        self: &Arc<Self>,
        run: InstanceRow,
        done: &Performed,
    ) -> Result<(), EngineError> {
        let id = run.id;
        let mut draft = Draft::new(self.now(), run.depth);
        if let Some(case) = run.case
            && let Some(case) = self.store.case(case).await?
        {
            let _ = draft.take(self, case);
        }
        let kept = async {
            let published = self
                .read_run(&run, Vec::new())
                .map_err(|_| CommitError::Stale)?
                .0;
            let mut transition = Transition::new(self, run, published, draft);
            let input = transition.take_result(done).await?;
            transition.put_off(&input);
            let mut draft = transition.draft;
            self.follow(&mut draft).await.map_err(store_error)?;
            self.write(draft).await
        };
        match kept.await {
            Ok(()) => {
                // Somebody may have let it go on meanwhile.
                self.work.wake(id);
                Ok(())
            }
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(CommitError::Stopped) => Err(EngineError::Stopping),
            // It had been given up before it ended; or the run cannot be read, and the action is carried out again.
            Err(CommitError::Stale) => {
                self.give_up(&done.action.key, done.action.fence).await;
                self.note_late(id, done).await
            }
            // The action is carried out again, under the same key.
            Err(_) => {
                self.give_up(&done.action.key, done.action.fence).await;
                Ok(())
            }
        }
    }

    /// Steps the runs that a new case starts before anything is written, so that an intake is one commit. `None` where
    /// that takes long or does not go well: then the case is written first, and its runs go on from there.
    pub(crate) async fn run_ahead(self: &Arc<Self>, draft: Draft) -> Option<(Draft, Vec<After>)> {
        let stepped = AssertUnwindSafe(self.step_started(draft)).catch_unwind();
        match tokio::time::timeout(AHEAD, stepped).await {
            Ok(Ok(Ok(stepped))) => Some(stepped),
            Ok(Ok(Err(error))) => {
                tracing::debug!(%error, "a run was not stepped ahead");
                None
            }
            Ok(Err(_)) => {
                tracing::error!("stepping a run ahead panicked; its case is written first");
                None
            }
            Err(_) => None,
        }
    }

    async fn step_started(
        self: &Arc<Self>,
        mut draft: Draft,
    ) -> Result<(Draft, Vec<After>), CommitError> {
        let mut afters = Vec::new();
        for (run, input) in std::mem::take(&mut draft.started) {
            draft.commit.inputs.retain(|pending| pending.id != input.id);
            let (published, state, queue) = self
                .read_run(&run, vec![input])
                .map_err(|_| CommitError::Conflict)?;
            let mut transition = Transition::new(self, run, published, draft);
            let Some(state) = transition.drive(state, queue).await? else {
                return Err(CommitError::Conflict);
            };
            let after;
            (draft, after) = self.conclude(transition, None, &state).await?;
            afters.push(after);
        }
        Ok((draft, afters))
    }

    /// The definition of a run, its state, and its inputs; the error says why it cannot be stepped.
    #[expect(
        clippy::type_complexity,
        reason = "three values that only the stepping reads"
    )]
    fn read_run(
        &self,
        run: &InstanceRow,
        inputs: Vec<PendingInput>,
    ) -> Result<(Arc<PublishedWorkflow>, Option<State>, VecDeque<Input>), String> {
        let published = self
            .catalog()
            .workflow(&run.workflow, &run.version)
            .ok_or("its workflow is not published any more")?;
        let state = run.state.as_ref().map(read_state).transpose()?;
        let inputs = inputs
            .into_iter()
            .map(|pending| pending.input.read())
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        Ok((published, state, inputs))
    }

    /// Puts a stepped run into its commit. `expected` is the step that it was read at; `None` for a run that this very
    /// commit starts.
    async fn conclude(
        &self,
        transition: Transition<'_>,
        expected: Option<u64>,
        state: &State,
    ) -> Result<(Draft, After), CommitError> {
        let Transition {
            mut run,
            mut draft,
            claimed,
            put_off,
            state_hash,
            ..
        } = transition;
        run.state_hash = state_hash;
        run.status = match state.status() {
            Status::Running => InstanceStatus::Ready,
            Status::Waiting => InstanceStatus::Waiting,
            Status::Completed => InstanceStatus::Completed,
            Status::Faulted => InstanceStatus::Faulted,
            Status::Cancelled => InstanceStatus::Cancelled,
        };
        run.detail = state.error().map(ToString::to_string);
        run.updated_at = draft.now;
        run.crashes = 0;
        // Several actions at once step the run in turn; only the first finds it as it is now.
        let mut hint = (!claimed.is_empty()).then(|| Hint {
            run: run.clone(),
            inputs: Vec::new(),
            case: None,
        });
        let (id, case) = (run.id, run.case);
        let awaited_by = run
            .parent
            .as_ref()
            .and_then(|parent| parent.key.as_ref().map(|_| parent.run));
        let row = self.settled.is_awaited(id).then(|| run.clone());
        draft.commit.instances.retain(|write| write.row.id != id);
        draft
            .commit
            .instances
            .push(InstanceWrite { expected, row: run });
        if let Err(error) = self.follow(&mut draft).await {
            return Err(store_error(error));
        }
        if let Some(hint) = &mut hint {
            let place = case.and_then(|case| draft.place(case));
            hint.case = place.map(|place| draft.stored(place));
        }
        let waits_for_call = works(state);
        let put_off = put_off || draft.woken.contains(&id);
        let after = After {
            run: id,
            status: state.status(),
            timers: !draft.commit.timers.is_empty(),
            queued: draft.commit.actions.len() > claimed.len(),
            put_off,
            settled: !waits_for_call && !put_off && state.status() != Status::Running,
            row,
            awaited_by: awaited_by.filter(|_| state.status() == Status::Waiting),
            claimed,
            hint,
        };
        Ok((draft, after))
    }

    /// Does what a step asked for, now that the step is on disk.
    pub(crate) fn carry_on(self: &Arc<Self>, after: After) {
        let After {
            run,
            status,
            timers,
            queued,
            put_off,
            settled,
            row,
            awaited_by,
            claimed,
            mut hint,
        } = after;
        self.ended.count(status);
        if timers {
            self.work.wake_timers();
        }
        if queued {
            self.work.wake_actions();
        }
        if put_off {
            self.work.wake(run);
        }
        if settled {
            match row {
                Some(row) => self.settled.settle_as(row),
                None => self.settled.settle(run),
            }
            awaited_by
                .into_iter()
                .for_each(|run| self.settled.settle(run));
        }
        for (action, place) in claimed {
            let hint = hint.take();
            self.work
                .tracker
                .spawn(Arc::clone(self).perform(action, hint, place));
        }
    }

    fn settle_if_waiting(&self, run: &InstanceRow) {
        let state = run.state.as_ref().map(read_state);
        let waits_for_call = matches!(state, Some(Ok(state)) if works(&state));
        if !waits_for_call && run.status == InstanceStatus::Waiting {
            self.settled.settle_as(run.clone());
        }
    }

    /// A run that cannot be stepped at all becomes an incident; what came for it waits for a person's decision.
    async fn fail_unreadable(&self, run: InstanceRow, detail: &str) -> Result<(), CommitError> {
        let now = self.now();
        let mut commit = Commit::default();
        commit
            .incidents
            .push(effects::incident(&run, "run-unreadable", detail, now));
        let awaiting = run.parent.clone().and_then(|parent| {
            let outcome = Outcome::Faulted(WorkflowError::standard("runtime", detail));
            let key = parent.key?;
            commit
                .inputs
                .push(children::end_input(run.id, parent.run, key, &outcome, now));
            Some(parent.run)
        });
        let failed = InstanceRow {
            status: InstanceStatus::Faulted,
            detail: Some(detail.to_owned()),
            seq: run.seq + 1,
            updated_at: now,
            ..run.clone()
        };
        commit.journal.push(JournalRow {
            instance: run.id,
            seq: run.seq + 1,
            at: now,
            actor: sagsgang_domain::Actor::system(),
            input: JsonText::of(&serde_json::json!({ "kind": "unreadable", "detail": detail })),
            effects: JsonText::trusted("[]"),
            state_hash: run.state_hash,
        });
        let id = run.id;
        let mut draft = Draft::new(now, run.depth);
        draft.commit = commit;
        self.tell_of_run(&mut draft, &failed, RunMoment::Faulted, None);
        draft.commit.instances.push(InstanceWrite {
            expected: Some(run.seq),
            row: failed,
        });
        self.write(draft).await?;
        self.settled.settle(id);
        awaiting.into_iter().for_each(|run| self.work.wake(run));
        Ok(())
    }

    /// Stops a run that cannot even be told that its action ends the process: the result is kept until a person decides.
    pub(crate) async fn fail_lost(&self, id: InstanceId) -> Result<(), CommitError> {
        let run = self.store.instance(id).await?;
        let Some(run) = run.filter(|run| !run.status.has_ended() && !run.status.stands_still())
        else {
            return Ok(());
        };
        let detail = "the process died again and again while the result of an action was stepped";
        self.fail_unreadable(run, detail).await
    }

    /// Notes that a run is taken up again that nobody finished; the third time a person has to look.
    pub(crate) async fn count_crash(&self, id: InstanceId) -> Result<(), CommitError> {
        let Some(run) = self.store.instance(id).await? else {
            return Ok(());
        };
        if run.status.has_ended() || run.crashes + 1 < CRASHES {
            let mut commit = Commit::default();
            let row = InstanceRow {
                crashes: run.crashes + 1,
                ..run.clone()
            };
            commit.instances.push(InstanceWrite {
                expected: Some(run.seq),
                row,
            });
            return match self.store.commit(commit).await {
                // Somebody steps it: all the better.
                Err(CommitError::Conflict) => Ok(()),
                other => other,
            };
        }
        self.fail_unreadable(run, "the process died three times while stepping it")
            .await
    }
}

pub(super) fn store_error(error: crate::error::ExecuteError) -> CommitError {
    match error {
        crate::error::ExecuteError::Engine(EngineError::Store(error)) => CommitError::Store(error),
        _ => CommitError::Conflict,
    }
}

impl From<&Performed> for ActionDone {
    fn from(done: &Performed) -> Self {
        ActionDone {
            key: done.action.key.clone(),
            fence: done.action.fence,
            result: match &done.result {
                Ok(made) => made.output.clone(),
                Err(error) => serde_json::to_value(error).unwrap_or(Value::Null),
            },
        }
    }
}

/// Whether a run waits for work that is being done for it, and not for the world.
fn works(state: &State) -> bool {
    state
        .waits()
        .iter()
        .any(|wait| matches!(wait.kind, WaitKind::Call { .. } | WaitKind::Run { .. }))
}

/// The interpreter's state in a snapshot, or why it cannot be read.
pub(crate) fn read_state(snapshot: &JsonText) -> Result<State, String> {
    snapshot.read().map_err(|error| error.to_string())
}

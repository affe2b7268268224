//! Stepping a run: its inputs, what follows from them, and the one commit that makes both true.

mod effects;

pub(crate) use effects::LEASE_SECONDS;

use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::perform::Performed;
use crate::work::Hint;
use effects::Transition;
use sagsgang_domain::InstanceId;
use sagsgang_flow::{Input, State, Status, StepContext, WaitKind};
use sagsgang_store::{
    ActionDone, Commit, CommitError, InstanceRow, InstanceStatus, InstanceWrite, JournalRow,
    PendingInput,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;

/// How often a run is stepped again when somebody else was quicker.
const TRIES: u32 = 8;
/// Inputs taken in one commit.
const INPUTS: usize = 200;
/// The process may die this often while stepping a run before a person has to look.
const CRASHES: u32 = 3;

impl Engine {
    /// Takes a run on by everything that waits for it, and by the result of an action where there is one.
    pub(crate) async fn advance(
        self: &Arc<Self>,
        id: InstanceId,
        hint: Option<Hint>,
        done: Option<Performed>,
    ) -> Result<(), EngineError> {
        let mut hint = hint;
        for _ in 0..TRIES {
            let Some(Hint { run, inputs, case }) = self.what_waits(id, hint.take()).await? else {
                self.settled.settle(id);
                return Ok(());
            };
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
                // Somebody was quicker with the run or the case: read and step again.
                Err(CommitError::Conflict | CommitError::MessageTaken | CommitError::Repeated) => {}
                Err(CommitError::Stale | CommitError::EventRepeated) => return Ok(()),
                Err(CommitError::Store(error)) => return Err(error.into()),
                Err(CommitError::Stopped) => return Err(EngineError::Stopping),
            }
        }
        // It stays ready in the database and is found again.
        tracing::warn!(run = %id, "others keep changing what this run changes");
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
        let Some(published) = self.catalog().workflow(&run.workflow, &run.version) else {
            return self
                .fail_unreadable(run, consumed, "its workflow is not published any more")
                .await;
        };
        let state: Option<State> = match &run.state {
            Value::Null => None,
            snapshot => match read_state(snapshot) {
                Ok(state) => Some(state),
                Err(detail) => return self.fail_unreadable(run, consumed, &detail).await,
            },
        };
        let mut queue: VecDeque<Input> = VecDeque::with_capacity(inputs.len() + 1);
        for pending in inputs {
            match serde_json::from_value(pending.input) {
                Ok(input) => queue.push_back(input),
                Err(error) => {
                    return self
                        .fail_unreadable(run, consumed, &error.to_string())
                        .await;
                }
            }
        }
        let expected = run.seq;
        let mut transition = Transition::new(self, run, published, draft);
        transition.draft.commit.consumed = consumed;
        if let Some(done) = done {
            queue.push_back(transition.take_result(done).await?);
        }
        let mut state = state;
        let mut taken = 0;
        while let Some(input) = queue.pop_front() {
            let context = StepContext::new(transition.run.id, transition.draft.now);
            let step = sagsgang_flow::step(
                &transition.published.workflow,
                state.take(),
                &input,
                &context,
            );
            transition.note(&input, &step);
            state = Some(step.state);
            taken += 1;
            for effect in step.effects {
                if let Some(answer) = transition.carry_out(effect).await? {
                    if taken < INPUTS {
                        queue.push_back(answer);
                    } else {
                        transition.put_off(&answer);
                    }
                }
            }
        }
        let Some(state) = state else { return Ok(()) };
        self.conclude(transition, expected, &state).await
    }

    async fn conclude(
        self: &Arc<Self>,
        transition: Transition<'_>,
        expected: u64,
        state: &State,
    ) -> Result<(), CommitError> {
        let Transition {
            mut run,
            mut draft,
            claimed,
            put_off,
            state_hash,
            ..
        } = transition;
        run.state = serde_json::to_value(state).unwrap_or(Value::Null);
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
        let id = run.id;
        // Several actions at once step the run in turn; only the first finds it as it is now.
        let mut hint = (!claimed.is_empty()).then(|| Hint {
            run: run.clone(),
            inputs: Vec::new(),
            case: None,
        });
        let case = run.case;
        draft.commit.instances.push(InstanceWrite {
            expected: Some(expected),
            row: run,
        });
        let timers = !draft.commit.timers.is_empty();
        draft.depth += 1;
        if let Err(error) = self.follow(&mut draft).await {
            return Err(store_error(error));
        }
        if let Some(hint) = &mut hint {
            let place = case.and_then(|case| draft.place(case));
            hint.case = place.map(|place| draft.stored(place));
        }
        self.write(draft).await?;
        if timers {
            self.work.wake_timers();
        }
        if put_off {
            self.work.wake(id);
        }
        let waits_for_call = state
            .waits()
            .iter()
            .any(|wait| matches!(wait.kind, WaitKind::Call { .. }));
        if !waits_for_call && !put_off && state.status() != Status::Running {
            self.settled.settle(id);
        }
        for action in claimed {
            let hint = hint.take();
            self.work
                .tracker
                .spawn(Arc::clone(self).perform(action, hint));
        }
        Ok(())
    }

    fn settle_if_waiting(&self, run: &InstanceRow) {
        let waits_for_call = read_state(&run.state).is_ok_and(|state| {
            state
                .waits()
                .iter()
                .any(|wait| matches!(wait.kind, WaitKind::Call { .. }))
        });
        if !waits_for_call && run.status == InstanceStatus::Waiting {
            self.settled.settle(run.id);
        }
    }

    /// A run that cannot be stepped at all becomes an incident; its inputs stay in its journal's place.
    async fn fail_unreadable(
        &self,
        run: InstanceRow,
        consumed: Vec<uuid::Uuid>,
        detail: &str,
    ) -> Result<(), CommitError> {
        let now = self.now();
        let mut commit = Commit {
            consumed,
            ..Commit::default()
        };
        commit
            .incidents
            .push(effects::incident(&run, "run-unreadable", detail, now));
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
            input: serde_json::json!({ "kind": "unreadable", "detail": detail }),
            effects: Value::Array(Vec::new()),
            state_hash: run.state_hash,
        });
        let id = run.id;
        commit.instances.push(InstanceWrite {
            expected: Some(run.seq),
            row: failed,
        });
        self.store.commit(commit).await?;
        self.settled.settle(id);
        Ok(())
    }

    /// Notes that a run is taken up again that nobody finished; the third time a person has to look.
    pub(crate) async fn count_crash(&self, id: InstanceId) -> Result<(), CommitError> {
        let Some(run) = self.store.instance(id).await? else {
            return Ok(());
        };
        if run.status.has_ended() || run.crashes < CRASHES {
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
        let inputs = self.store.pending_inputs(id).await?;
        let consumed = inputs.iter().map(|input| input.id).collect();
        self.fail_unreadable(
            run,
            consumed,
            "the process died three times while stepping it",
        )
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

/// The interpreter's state in a snapshot, or why it cannot be read.
pub(crate) fn read_state(snapshot: &Value) -> Result<State, String> {
    State::deserialize(snapshot).map_err(|error| error.to_string())
}

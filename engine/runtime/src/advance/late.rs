//! Results that come when nobody waits for them any more: of the branch that lost, of a call that was given up or cancelled.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::execute::TRIES;
use crate::perform::Performed;
use sagsgang_domain::{Actor, InstanceId};
use sagsgang_store::{
    ActionDone, Commit, CommitError, InstanceRow, InstanceWrite, JournalRow, JsonText,
};
use serde_json::json;

impl Engine {
    /// Says in the journal of a run what came of an action that it has cancelled meanwhile. Nothing else happens. The result
    /// of an attempt that another process has taken over is no news: that one has its own.
    pub(super) async fn note_late(
        &self,
        id: InstanceId,
        done: &Performed,
    ) -> Result<(), EngineError> {
        let action = &done.action;
        if !self
            .store
            .action_cancelled(&action.key, action.fence)
            .await?
        {
            return Ok(());
        }
        for _ in 0..TRIES {
            let Some(run) = self.store.instance(id).await? else {
                return Ok(());
            };
            let mut commit = Commit::default();
            let expected = run.seq;
            commit.journal.push(JournalRow {
                instance: id,
                seq: run.seq + 1,
                at: self.now(),
                actor: Actor::system(),
                input: JsonText::of(&json!({
                    "kind": "late",
                    "key": action.key,
                    "task": action.task,
                    "function": action.function,
                    "failed": done.result.is_err(),
                    "result": ActionDone::from(done).result,
                })),
                effects: JsonText::trusted("[]"),
                state_hash: run.state_hash,
            });
            commit.instances.push(InstanceWrite {
                expected: Some(expected),
                row: InstanceRow {
                    seq: run.seq + 1,
                    ..run
                },
            });
            match self.store.commit(commit).await {
                Ok(()) => {
                    self.announce("runs", 0);
                    self.announce(format!("run:{id}"), expected + 1);
                    return Ok(());
                }
                Err(CommitError::Conflict) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
                Err(_) => return Err(EngineError::Stopping),
            }
        }
        tracing::warn!(run = %id, "a late result was not noted: others keep changing the run");
        Ok(())
    }
}

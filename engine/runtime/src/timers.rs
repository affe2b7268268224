//! Timers of workflows: late perhaps, never lost, never twice.

use crate::engine::Engine;
use crate::follow::id_from;
use sagsgang_flow::Input;
use sagsgang_store::{Commit, CommitError, JsonText, PendingInput, TimerRow};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// Timers fired in one commit.
const BATCH: u32 = 500;
/// Runs that may wait to be stepped before more timers fire.
const MOST_AHEAD: usize = 2_000;

impl Engine {
    pub(crate) async fn fire_timers(self: Arc<Self>) {
        while self.pause_timers().await {
            loop {
                match self.fire_due().await {
                    Ok(fired) if fired < BATCH as usize => break,
                    Ok(_) => {
                        // What is fired is taken before more is: the queue stays short however much is overdue.
                        while self.work.backlog() > MOST_AHEAD
                            && self.pause(Duration::from_millis(2), None).await
                        {
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "due timers could not be fired");
                        break;
                    }
                }
            }
        }
    }

    async fn fire_due(&self) -> Result<usize, CommitError> {
        let due = self.store.due_timers(self.now(), BATCH).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let now = self.now();
        let mut commit = Commit::default();
        for timer in &due {
            commit.timers_gone.push((timer.instance, timer.key.clone()));
            commit.inputs.push(fired(timer, now));
        }
        self.store.commit(commit).await?;
        due.iter().for_each(|timer| self.work.wake(timer.instance));
        Ok(due.len())
    }
}

/// The input of a fired timer. Its id comes from what it is, so that two nodes give it once.
fn fired(timer: &TimerRow, now: sagsgang_domain::Timestamp) -> PendingInput {
    let mut digest = Sha256::new();
    digest.update(timer.instance.0.as_bytes());
    digest.update(timer.key.as_bytes());
    digest.update(timer.due.as_micros().to_be_bytes());
    let input = Input::TimerFired {
        key: timer.key.clone(),
    };
    PendingInput {
        id: id_from(digest),
        instance: timer.instance,
        input: JsonText::of(&input),
        at: now,
    }
}

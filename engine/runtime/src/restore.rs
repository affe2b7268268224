//! After a restore: what was on its way out when the backup was made may have gone out since, so none of it goes again.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::perform::Performed;
use crate::pins::Called;
use sagsgang_domain::{Hindrance, MessageState, Timestamp};
use sagsgang_flow::{FunctionRef, WorkflowError};
use sagsgang_host::Effect;
use sagsgang_store::{ActionRow, Pace};
use std::sync::Arc;
use std::time::Duration;

/// What a restore held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldBack {
    /// Messages that were waiting to be sent.
    pub messages: u64,
    /// Steps of workflows that were waiting for a plugin, or for its answer.
    pub actions: u64,
}

/// Rows taken at once.
const BATCH: u32 = 500;
/// No due time lies behind this one: the year 9999.
const END_OF_TIME: i64 = 253_370_764_800_000_000;
/// What was looked at is not looked at again: longer than any restore takes.
const KEPT: Duration = Duration::from_secs(86_400);

impl Engine {
    /// Keeps every message that waits to be sent in the outbox, and answers every step that waits for a plugin with an
    /// error, each with this reason; what has no effect outside simply runs again. A workflow may catch the error,
    /// otherwise it becomes an incident. To be called before the engine starts to work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_back(self: &Arc<Self>, why: &str) -> Result<HeldBack, EngineError> {
        let mut held = HeldBack::default();
        self.store.end_leases().await?;
        let end = Timestamp::from_micros(END_OF_TIME);
        loop {
            let messages = self.store.messages_due(end, BATCH).await?;
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let restored = Some(Hindrance::Restored);
                self.close_message(message, MessageState::Kept, why.to_owned(), restored)
                    .await?;
                held.messages += 1;
            }
        }
        let mut harmless = Vec::new();
        loop {
            let actions = self.claim_all(end).await?;
            if actions.is_empty() {
                break;
            }
            for action in actions {
                let function = FunctionRef {
                    name: action.function.clone(),
                    version: action.version.clone(),
                    catalog: None,
                };
                // What its run calls, which may be an older version than the one that stands now.
                let found = self.called_by(&action, &function, None).await?;
                if matches!(found, Called::Action(found) if found.effect() == Effect::Pure) {
                    harmless.push(action);
                    continue;
                }
                held.actions += 1;
                let (run, result) = (action.instance, Err(WorkflowError::outcome_unknown(why)));
                self.advance(run, None, Some(Performed { action, result }))
                    .await?;
            }
        }
        for action in harmless {
            let (key, now) = (&action.key, self.now());
            self.store.postpone_action(key, action.fence, now).await?;
        }
        Ok(held)
    }

    /// Takes actions, those too that wait for their turn.
    async fn claim_all(&self, end: Timestamp) -> Result<Vec<ActionRow>, EngineError> {
        let mut actions = self.store.claim_actions(end, KEPT, BATCH).await?;
        if actions.is_empty() {
            for key in self.store.waiting_turns(end, BATCH).await? {
                let all = Pace::default();
                let turns = self.store.claim_turns(&key, all, end, KEPT, BATCH).await?;
                actions.extend(turns);
            }
        }
        Ok(actions)
    }
}

//! What changed, in two words: the topic and its version. No content, so that rights stay with the reads.

use crate::engine::Engine;
use tokio::sync::broadcast;

/// Something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// `case:2026-004182`, `presence:2026-004182` (who has it open), `cases`, `inbox`, `outbox`, `plugins`, `workflows`,
    /// `runs`, `run:` with the id of a run, `migration:` with the id of a migration of cases.
    pub topic: String,
    /// Version of a case, or how often a run has moved; 0 where the topic has none.
    pub version: u64,
}

impl Engine {
    /// Everything that changes from now on. Who is too slow misses some and hears of it.
    pub fn subscribe(&self) -> broadcast::Receiver<Topic> {
        self.topics.subscribe()
    }

    pub(crate) fn announce(&self, topic: impl Into<String>, version: u64) {
        // Nobody listening is no fault.
        let _ = self.topics.send(Topic {
            topic: topic.into(),
            version,
        });
    }
}

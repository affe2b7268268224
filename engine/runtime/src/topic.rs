//! What changed, in two words: the topic and its version. No content, so that rights stay with the reads.

mod spread;

pub(crate) use spread::Spread;

use crate::engine::Engine;
use sagsgang_domain::RecordKind;
use tokio::sync::broadcast;
use uuid::Uuid;

/// Something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// `case:2026-004182`, `presence:2026-004182` (who has it open), `cases` (lists and the dashboard), `inbox`, `outbox`,
    /// `plugins`, `workflows`, `runs`, `run:` with the id of a run, `migration:` with the id of a migration of cases,
    /// `notices:` with the name of a user, `containers`, `properties`, `agreements`, `contacts`, and `container:`,
    /// `property:`, `agreement:`, `contact:` with the id of a record.
    pub topic: String,
    /// Version of a case or a record, or how often a run has moved; 0 where the topic has none.
    pub version: u64,
}

impl Engine {
    /// Everything that changes from now on, by whichever process. Who is too slow misses some and hears of it.
    pub fn subscribe(&self) -> broadcast::Receiver<Topic> {
        self.topics.subscribe()
    }

    /// Whether somebody may hear of it: here, or in another process that is told.
    pub(crate) fn has_listeners(&self) -> bool {
        self.spread.tells() || self.topics.receiver_count() > 0
    }

    pub(crate) fn announce(&self, topic: impl Into<String>, version: u64) {
        let topic = topic.into();
        let is_heard = self.topics.receiver_count() > 0;
        self.spread.add(&topic, version, is_heard);
        self.say(topic, version);
    }

    /// A record of a register was changed.
    pub(crate) fn announce_record(&self, kind: RecordKind, id: Uuid, version: u64) {
        let register = match kind {
            RecordKind::Container => "containers",
            RecordKind::Property => "properties",
            RecordKind::Agreement => "agreements",
            RecordKind::Contact => "contacts",
        };
        self.announce(register, 0);
        self.announce(format!("{}:{id}", kind.name()), version);
    }

    /// Says it to who listens to this process.
    fn say(&self, topic: String, version: u64) {
        // Nobody listening is no fault.
        let _ = self.topics.send(Topic { topic, version });
    }
}

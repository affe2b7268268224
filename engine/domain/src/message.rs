//! Messages to and from customers.

use crate::command::Channel;
use crate::id::{CaseId, DocumentId, MessageId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a message came in or goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From a customer.
    In,
    /// To a customer.
    Out,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageState {
    /// Came in.
    Received,
    /// Came in and could not be read; the raw copy is kept.
    Quarantined,
    /// Waits to be sent.
    Queued,
    /// Handed to the next server.
    Sent,
    /// The carrier reports that it arrived.
    Delivered,
    /// Not sent, since no way of sending is set up; a person can see it in the outbox.
    Kept,
    /// Given up after a refusal or too many tries.
    Failed,
    /// Taken back by who wrote it, before it went.
    Retracted,
}

impl MessageState {
    /// The state's name in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            MessageState::Received => "received",
            MessageState::Quarantined => "quarantined",
            MessageState::Queued => "queued",
            MessageState::Sent => "sent",
            MessageState::Delivered => "delivered",
            MessageState::Kept => "kept",
            MessageState::Failed => "failed",
            MessageState::Retracted => "retracted",
        }
    }
}

/// What stood in a message's way, where the engine itself knows. Texts for people are in the locale files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hindrance {
    /// No mail server is set up.
    NoMailServer,
    /// No plugin is ready that carries text messages.
    NoSmsChannel,
    /// Held back by a restore: it may have gone out after the backup was made.
    Restored,
    /// The plugin that carries it is switched off, or may not do what carrying it takes.
    NotPermitted,
    /// The other side did not answer.
    NoAnswer,
    /// The other side refused it; the detail is its answer.
    Refused,
    /// What carries it broke off, or answered something that cannot be read.
    Broken,
}

/// A message in or out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Identity.
    pub id: MessageId,
    /// The case that it belongs to.
    pub case: Option<CaseId>,
    /// In or out.
    pub direction: Direction,
    /// Channel.
    pub channel: Channel,
    /// Address or number of the sender.
    pub from: String,
    /// Shown name of the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// Address or number of the recipient.
    pub to: String,
    /// Subject.
    #[serde(default)]
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Sanitised HTML, where the message had any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Where it stands.
    pub state: MessageState,
    /// Message-ID of RFC 5322, without angle brackets. Of a text message that a channel has carried: the carrier's own name of
    /// it, `@`, and the name of the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Message-ID that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// SHA-256 (hexadecimal) of the raw message among the kept files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Files that came or go with it.
    #[serde(default)]
    pub attachments: Vec<DocumentId>,
    /// Written by the automation.
    #[serde(default)]
    pub automatic: bool,
    /// Tries to send it so far.
    #[serde(default)]
    pub attempts: u32,
    /// What the last try brought, or why it is in quarantine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What stood in its way, where it did not go out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hindrance: Option<Hindrance>,
    /// When it came in or was queued.
    pub at: Timestamp,
    /// When to try (again).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    /// Until then it can be taken back; only of a message that waits for its first try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
}

impl Message {
    /// Whether the message can be taken back: it is held, and nobody has begun to send it.
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.state == MessageState::Queued
            && self.attempts == 0
            && self.held_until.is_some_and(|until| until > now)
            && self.next_attempt_at == self.held_until
    }
}

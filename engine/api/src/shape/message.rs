//! Messages and files.

use super::command::Channel;
use sagsgang_domain::{CaseId, MessageId, Timestamp};
use sagsgang_runtime as runtime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// In or out.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From a customer.
    In,
    /// To a customer.
    Out,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
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
    /// Not sent, since no way of sending is set up.
    Kept,
    /// Given up.
    Failed,
    /// Taken back by who wrote it, before it went.
    Retracted,
}

/// What stood in a message's way.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
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
    /// The other side refused it; `detail` is its answer.
    Refused,
    /// What carries it broke off, or answered something that cannot be read.
    Broken,
}

/// A message in or out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Message {
    /// Identity.
    pub id: Uuid,
    /// The case that it belongs to.
    pub case: Option<Uuid>,
    /// In or out.
    pub direction: Direction,
    /// By which way.
    pub channel: Channel,
    /// Address or number of the sender.
    pub from: String,
    /// Shown name of the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// Address or number of the recipient.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Sanitised HTML, where there was any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Where it stands.
    pub state: MessageState,
    /// Message-ID, without angle brackets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Message-ID that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// SHA-256 of the raw message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Files that came or go with it.
    pub attachments: Vec<Uuid>,
    /// Written by the automation.
    pub automatic: bool,
    /// Tries to send it so far.
    pub attempts: u32,
    /// What the last try brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What stood in its way, where it did not go out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hindrance: Option<Hindrance>,
    /// When it came in or was queued.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When to try (again).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_attempt_at: Option<Timestamp>,
    /// Until then it can be taken back; only of a message that waits for its first try.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub held_until: Option<Timestamp>,
}

/// A message with its files.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageWithFiles {
    /// The message.
    #[schema(value_type = Message)]
    pub message: sagsgang_domain::Message,
    /// Its files.
    pub documents: Vec<Document>,
    /// Number of the case that has it.
    pub case_number: Option<String>,
}

impl From<runtime::MessageView> for MessageWithFiles {
    fn from(view: runtime::MessageView) -> Self {
        Self {
            message: view.message,
            documents: view.documents.into_iter().map(Document::from).collect(),
            case_number: view.case.map(|case| case.number),
        }
    }
}

/// A case that takes a message.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkMessage {
    /// Id or number of the case.
    pub case: String,
}

/// A case to be made of a message.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseFromMessage {
    /// Name of the case type.
    pub case_type: String,
    /// Title; the subject where it is left out.
    #[serde(default)]
    pub title: Option<String>,
    /// The property that it is about.
    #[serde(default)]
    pub property: Option<Uuid>,
    /// Containers that it is about.
    #[serde(default)]
    pub containers: Vec<Uuid>,
}

/// A file.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Identity.
    pub id: Uuid,
    /// File name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content, hexadecimal.
    pub digest: String,
    /// The case that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub case: Option<CaseId>,
    /// The message that it came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub message: Option<MessageId>,
    /// When it was kept.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<runtime::Document> for Document {
    fn from(document: runtime::Document) -> Self {
        Self {
            id: document.id.0,
            name: document.name,
            media_type: document.media_type,
            size: document.size,
            digest: document.digest,
            case: document.case,
            message: document.message,
            created_at: document.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain as domain;

    #[test]
    fn the_mirror_of_a_message_has_exactly_the_keys_of_the_domain() {
        let id = Uuid::from_u128(5);
        let some = || Some("1".to_owned());
        let full = Message {
            id,
            case: Some(id),
            direction: Direction::In,
            channel: Channel::Email,
            from: String::new(),
            from_name: some(),
            to: String::new(),
            subject: String::new(),
            text: String::new(),
            html: some(),
            state: MessageState::Kept,
            message_id: some(),
            in_reply_to: some(),
            raw: some(),
            attachments: vec![id],
            automatic: true,
            attempts: 1,
            detail: some(),
            hindrance: Some(Hindrance::NoMailServer),
            at: Timestamp::from_micros(1),
            next_attempt_at: Some(Timestamp::from_micros(2)),
            held_until: Some(Timestamp::from_micros(2)),
        };
        let written = serde_json::to_value(&full).unwrap();
        let domain: domain::Message = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(domain).unwrap(), written);
    }
}

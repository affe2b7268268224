//! Commands, and what came of them.

use super::case::PriorityReason;
use super::history::HistoryItem;
use sagsgang_domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A change asked of a case. Those that only the engine asks are not listed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Command {
    /// Move the case to a status, by whichever transition leads there.
    SetStatus {
        /// Name of the status.
        status: String,
        /// Why, where the transition asks for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Take a transition by its name.
    Transition {
        /// Name of the transition.
        transition: String,
        /// Why, where the transition asks for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Set the priority. A person's choice sticks; the automation's does not overrule it.
    SetPriority {
        /// Name on the case type's scale.
        priority: String,
        /// The score that led to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        score: Option<i32>,
        /// Reasons with their points.
        #[serde(default)]
        reasons: Vec<PriorityReason>,
    },
    /// Give the priority back to the automation.
    ReleasePriority {},
    /// Give the case to a person, a team, both or (with neither) nobody.
    Assign {
        /// User name.
        #[serde(default)]
        assignee: Option<String>,
        /// Team name.
        #[serde(default)]
        team: Option<String>,
    },
    /// Change the title or the description.
    Describe {
        /// New title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// New description.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// Set or clear the due date.
    SetDue {
        /// When the case should be done.
        #[schema(value_type = Option<String>, format = DateTime)]
        due: Option<Timestamp>,
    },
    /// Set fields of the case type; `null` clears one, fields not named stay.
    SetFields {
        /// Values by name.
        fields: BTreeMap<String, Value>,
    },
    /// Add an internal note.
    Note {
        /// The text.
        text: String,
        /// Documents of the case that belong to it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Uuid>,
    },
    /// Add a tag.
    Tag {
        /// The tag.
        tag: String,
    },
    /// Remove a tag.
    Untag {
        /// The tag.
        tag: String,
    },
    /// Link something to the case.
    Link {
        /// What kind of thing.
        kind: LinkKind,
        /// Its id.
        id: Uuid,
        /// How the other case stands to this one; only for cases.
        #[serde(default, skip_serializing_if = "Relation::is_related")]
        relation: Relation,
        /// Words for the history; filled in where they are left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// Remove a link; the thing itself stays.
    Unlink {
        /// What kind of thing.
        kind: LinkKind,
        /// Its id.
        id: Uuid,
    },
    /// Merge the case into another one: it ends, and goes on there.
    Merge {
        /// The case that goes on.
        into: Uuid,
    },
    /// Take a merge back: the case goes on by itself.
    Unmerge {},
    /// Make a new case of notes, messages and files of this one. They stay here and are shown there.
    Split {
        /// Title of the new case.
        title: String,
        /// Its case type, where it is another one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case_type: Option<String>,
        /// Places (`seq`) in this case's history.
        entries: Vec<u64>,
    },
    /// Write to the customer.
    SendMessage {
        /// By which way.
        channel: Channel,
        /// Address or phone number.
        to: String,
        /// Subject, for e-mail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        /// The text.
        #[serde(default)]
        body: String,
        /// Name of a template that gives subject and text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        template: Option<String>,
        /// Documents of the case to send along; not with a text message.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Uuid>,
        /// So long it can be taken back before it goes, in seconds, at most 600; 0 means that it goes at once.
        #[serde(default, skip_serializing_if = "is_zero")]
        hold_seconds: u32,
    },
    /// Take a message back that is held still (see `holdSeconds`). It has not been sent and will not be.
    RetractMessage {
        /// The message.
        message: Uuid,
    },
    /// Send a message that was kept, now that there is a way. It goes under its own name, so that it cannot go twice.
    ResendMessage {
        /// The message.
        message: Uuid,
    },
    /// Add a file that was uploaded before. What is left out is filled in from the file.
    Attach {
        /// The file.
        document: Uuid,
        /// File name.
        #[serde(default)]
        name: String,
        /// Media type.
        #[serde(default)]
        media_type: String,
        /// Size in bytes.
        #[serde(default)]
        size: u64,
        /// SHA-256 of the content, hexadecimal.
        #[serde(default)]
        digest: String,
    },
    /// Ask a person to do something on the case.
    CreateTask {
        /// What is to be done.
        title: String,
        /// Who is meant, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
        /// User name of the person who is meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<String>,
        /// When it should be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = DateTime)]
        due: Option<Timestamp>,
    },
    /// Say that what was asked is done.
    FinishTask {
        /// Which task.
        task: Uuid,
        /// What came of it, as a word that workflows can decide by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<String>,
        /// What there is to say about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Bring the case to the attention of those above.
    Escalate {
        /// How far up.
        level: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

/// What a case can be linked to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// A container.
    Container,
    /// The property.
    Property,
    /// An agreement.
    Agreement,
    /// A contact.
    Contact,
    /// A message.
    Message,
    /// Another case.
    Case,
}

/// How another case stands to this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// It has to do with this one.
    #[default]
    Related,
    /// This one is a part of it.
    Parent,
    /// It is a part of this one.
    Child,
}

impl Relation {
    fn is_related(relation: &Self) -> bool {
        *relation == Relation::Related
    }
}

/// By which way a message goes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
}

/// What came of a command.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Executed {
    /// Version of the case afterwards.
    pub version: u64,
    /// New entries of the history; none where nothing changed.
    pub events: Vec<HistoryItem>,
}

/// Several commands, each for a case of its own.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// The commands.
    #[schema(max_items = 1000)]
    pub items: Vec<BulkItem>,
}

/// One of several commands.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkItem {
    /// Id or number of the case.
    pub case: String,
    /// The command.
    pub command: Command,
    /// The version that it was made against.
    #[serde(default)]
    pub if_match: Option<IfMatch>,
}

/// A version, as a number or as the text of an `ETag`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum IfMatch {
    /// As a number.
    Number(u64),
    /// As the text of an `ETag`.
    Text(String),
}

/// What came of each command, in the order of the request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkResults {
    /// One result each.
    pub items: Vec<BulkResult>,
}

/// What came of one of several commands.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkResult {
    /// The case as the request named it.
    pub case: String,
    /// The HTTP status that the command would have had by itself.
    pub status: u16,
    /// Version of the case afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// New entries of the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<HistoryItem>>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Value>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(seconds: &u32) -> bool {
    *seconds == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain as domain;
    use serde_json::json;

    #[test]
    fn every_command_reads_alike_here_and_in_the_domain() {
        let id = "01932d5c-7a00-7000-8000-000000000001";
        let commands = [
            json!({"type": "set-status", "status": "open", "reason": "ringet"}),
            json!({"type": "transition", "transition": "collected", "reason": "ok"}),
            json!({"type": "set-priority", "priority": "high", "score": 3, "reasons": [{"text": "a", "points": 3}]}),
            json!({"type": "release-priority"}),
            json!({"type": "assign", "assignee": "a", "team": "b"}),
            json!({"type": "describe", "title": "a", "description": "b"}),
            json!({"type": "set-due", "due": "2026-11-25T14:00:00Z"}),
            json!({"type": "set-fields", "fields": {"a": null}}),
            json!({"type": "note", "text": "a"}),
            json!({"type": "note", "text": "a", "attachments": [id]}),
            json!({"type": "tag", "tag": "a"}),
            json!({"type": "untag", "tag": "a"}),
            json!({"type": "link", "kind": "container", "id": id, "title": "a"}),
            json!({"type": "unlink", "kind": "case", "id": id}),
            json!({"type": "link", "kind": "case", "id": id, "relation": "parent"}),
            json!({"type": "merge", "into": id}),
            json!({"type": "unmerge"}),
            json!({"type": "split", "title": "a", "caseType": "b", "entries": [3, 4]}),
            json!({"type": "send-message", "channel": "sms", "to": "+4500000000", "subject": "a", "body": "b",
                   "template": "c", "attachments": [id], "holdSeconds": 10}),
            json!({"type": "retract-message", "message": id}),
            json!({"type": "resend-message", "message": id}),
            json!({"type": "attach", "document": id, "name": "a", "mediaType": "text/plain", "size": 1, "digest": "d"}),
        ];
        for command in commands {
            let domain: domain::Command = serde_json::from_value(command.clone()).unwrap();
            let mirrored: Command = serde_json::from_value(command.clone()).unwrap();
            assert_eq!(serde_json::to_value(&domain).unwrap(), command);
            assert_eq!(serde_json::to_value(&mirrored).unwrap(), command);
        }
    }
}

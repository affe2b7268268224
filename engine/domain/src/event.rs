//! What happened to a case. Events are facts: they are written once, in order, and never changed.

use crate::case::PriorityReason;
use crate::command::{Channel, Intake, LinkKind, WorkflowRecord};
use crate::id::{
    AgreementId, CaseId, ContactId, ContainerId, DocumentId, InstanceId, MessageId, PropertyId,
    TaskId,
};
use crate::message::MessageState;
use crate::migration::Migrated;
use crate::register::Seen;
use crate::sla::{Clock, ClockReason};
use crate::tie::{Absorbed, Relation, SplitFrom};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The types of all events, as they are published.
pub const EVENT_TYPES: [&str; 31] = [
    "case.created.v1",
    "case.status-changed.v1",
    "case.priority-changed.v1",
    "case.priority-released.v1",
    "case.assigned.v1",
    "case.described.v1",
    "case.due-changed.v1",
    "case.sla-clock.v1",
    "case.sla-rung.v1",
    "case.fields-changed.v1",
    "case.noted.v1",
    "case.tagged.v1",
    "case.untagged.v1",
    "case.linked.v1",
    "case.unlinked.v1",
    "case.merged.v1",
    "case.unmerged.v1",
    "case.absorbed.v1",
    "case.released.v1",
    "case.split.v1",
    "case.split-from.v1",
    "case.message-sent.v1",
    "case.message-delivery.v1",
    "case.attached.v1",
    "case.task-created.v1",
    "case.task-done.v1",
    "case.escalated.v1",
    "case.workflow.v1",
    "case.action-performed.v1",
    "case.exported.v1",
    "case.migrated.v1",
];

/// One fact in the history of a case. The serde names are published: they stay as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all_fields = "camelCase")]
pub enum Event {
    /// The case was created.
    #[serde(rename = "case.created.v1")]
    Created {
        /// Identity.
        id: CaseId,
        /// Number for people.
        number: String,
        /// Case type and its version.
        case_type: String,
        /// Version of the case type.
        case_type_version: u32,
        /// Title.
        title: String,
        /// Description.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// First status.
        status: String,
        /// First priority.
        priority: String,
        /// The creator chose the priority.
        #[serde(default)]
        priority_override: bool,
        /// Fields of the case type.
        #[serde(default)]
        fields: Map<String, Value>,
        /// Tags.
        #[serde(default)]
        tags: Vec<String>,
        /// Property.
        #[serde(default)]
        property: Option<PropertyId>,
        /// Containers.
        #[serde(default)]
        containers: Vec<ContainerId>,
        /// Agreements.
        #[serde(default)]
        agreements: Vec<AgreementId>,
        /// Contacts.
        #[serde(default)]
        contacts: Vec<ContactId>,
        /// Assignee.
        #[serde(default)]
        assignee: Option<String>,
        /// Team.
        #[serde(default)]
        team: Option<String>,
        /// Due date, where the creator set one.
        #[serde(default)]
        due: Option<Timestamp>,
        /// Clocks of what the case type promises, by name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        clocks: BTreeMap<String, Clock>,
        /// The message that the case was made of.
        #[serde(default)]
        message: Option<MessageId>,
        /// How it was reported.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        intake: Option<Intake>,
        /// What the registers said of its records then.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        seen: Vec<Seen>,
    },
    /// The status changed.
    #[serde(rename = "case.status-changed.v1")]
    StatusChanged {
        /// Status before.
        from: String,
        /// Status after.
        to: String,
        /// The transition that was taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transition: Option<String>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The priority changed, or its reasons did.
    #[serde(rename = "case.priority-changed.v1")]
    PriorityChanged {
        /// Priority before.
        from: String,
        /// Priority after.
        to: String,
        /// Score, where the automation computed one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        score: Option<i32>,
        /// Reasons with points.
        #[serde(default)]
        reasons: Vec<PriorityReason>,
        /// A person chose it.
        #[serde(default, rename = "override")]
        is_override: bool,
    },
    /// The priority was given back to the automation.
    #[serde(rename = "case.priority-released.v1")]
    PriorityReleased {},
    /// Another person or team handles the case.
    #[serde(rename = "case.assigned.v1")]
    Assigned {
        /// Assignee before.
        from: Option<String>,
        /// Assignee after.
        to: Option<String>,
        /// Team before.
        #[serde(default)]
        from_team: Option<String>,
        /// Team after.
        #[serde(default)]
        to_team: Option<String>,
    },
    /// Title or description changed.
    #[serde(rename = "case.described.v1")]
    Described {
        /// New title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// New description.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// The due date changed.
    #[serde(rename = "case.due-changed.v1")]
    DueChanged {
        /// Due before.
        from: Option<Timestamp>,
        /// Due after.
        to: Option<Timestamp>,
    },
    /// A clock of what the case type promises was started, suspended, stopped, or given another budget.
    #[serde(rename = "case.sla-clock.v1")]
    ClockChanged {
        /// Name of the clock.
        clock: String,
        /// The clock after the change.
        now: Clock,
        /// Why.
        reason: ClockReason,
    },
    /// A clock reached a rung.
    #[serde(rename = "case.sla-rung.v1")]
    RungReached {
        /// Name of the clock.
        clock: String,
        /// Name of the rung.
        rung: String,
        /// When the case is due by this clock.
        #[serde(default)]
        due: Option<Timestamp>,
    },
    /// Fields of the case type changed.
    #[serde(rename = "case.fields-changed.v1")]
    FieldsChanged {
        /// Per field the value before and after; `null` where there was or is none.
        changes: Map<String, Value>,
    },
    /// An internal note was written.
    #[serde(rename = "case.noted.v1")]
    Noted {
        /// The text.
        text: String,
        /// Documents that belong to it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<DocumentId>,
    },
    /// A tag was added.
    #[serde(rename = "case.tagged.v1")]
    Tagged {
        /// The tag.
        tag: String,
    },
    /// A tag was removed.
    #[serde(rename = "case.untagged.v1")]
    Untagged {
        /// The tag.
        tag: String,
    },
    /// Something was linked.
    #[serde(rename = "case.linked.v1")]
    Linked {
        /// Kind of thing.
        kind: LinkKind,
        /// Its id.
        id: Uuid,
        /// How the other case stands to this one.
        #[serde(default, skip_serializing_if = "Relation::is_plain")]
        relation: Relation,
        /// What it was called then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// What the register said of it then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<Seen>,
    },
    /// A link was removed.
    #[serde(rename = "case.unlinked.v1")]
    Unlinked {
        /// Kind of thing.
        kind: LinkKind,
        /// Its id.
        id: Uuid,
    },
    /// The case was merged into another one.
    #[serde(rename = "case.merged.v1")]
    Merged {
        /// The case that goes on.
        into: CaseId,
        /// Its number.
        number: String,
        /// The status that this case had.
        status_before: String,
    },
    /// The merge was taken back.
    #[serde(rename = "case.unmerged.v1")]
    Unmerged {
        /// The case that it had been merged into.
        from: CaseId,
        /// Its number.
        number: String,
    },
    /// Another case was merged into this one.
    #[serde(rename = "case.absorbed.v1")]
    Absorbed(Absorbed),
    /// A case that had been merged into this one goes on by itself.
    #[serde(rename = "case.released.v1")]
    Released(Absorbed),
    /// A new case was made of entries of this one.
    #[serde(rename = "case.split.v1")]
    Split {
        /// The new case.
        case: CaseId,
        /// Its number.
        number: String,
        /// Its title.
        title: String,
        /// Places in this case's history.
        entries: Vec<u64>,
    },
    /// The case was made of entries of another one.
    #[serde(rename = "case.split-from.v1")]
    SplitFrom(SplitFrom),
    /// A message to the customer was queued.
    #[serde(rename = "case.message-sent.v1")]
    MessageSent {
        /// The message.
        message: MessageId,
        /// Channel.
        channel: Channel,
        /// Address or number.
        to: String,
        /// Subject.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        /// Text.
        body: String,
        /// Template that it came from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        template: Option<String>,
        /// Documents sent along.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<DocumentId>,
        /// Until then it can be taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held_until: Option<Timestamp>,
    },
    /// A message was delivered, kept, given up, taken back, or queued once more.
    #[serde(rename = "case.message-delivery.v1")]
    MessageDelivery {
        /// The message.
        message: MessageId,
        /// What became of it.
        state: MessageState,
        /// The answer of the other side, or why it is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        /// What stood in its way.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hindrance: Option<crate::message::Hindrance>,
    },
    /// A file was added.
    #[serde(rename = "case.attached.v1")]
    Attached {
        /// The file.
        document: DocumentId,
        /// File name.
        name: String,
        /// Media type.
        media_type: String,
        /// Bytes.
        size: u64,
        /// SHA-256, hexadecimal.
        digest: String,
    },
    /// A person was asked to do something.
    #[serde(rename = "case.task-created.v1")]
    TaskCreated {
        /// The task.
        task: TaskId,
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
        due: Option<Timestamp>,
    },
    /// What was asked is done.
    #[serde(rename = "case.task-done.v1")]
    TaskDone {
        /// The task.
        task: TaskId,
        /// What was to be done.
        title: String,
        /// What came of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<String>,
        /// What there is to say about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The case was brought to the attention of those above.
    #[serde(rename = "case.escalated.v1")]
    Escalated {
        /// How far up.
        level: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A workflow started, ended or stopped.
    #[serde(rename = "case.workflow.v1")]
    Workflow {
        /// `namespace/name`.
        workflow: String,
        /// The run.
        instance: InstanceId,
        /// What happened.
        state: WorkflowRecord,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// A plugin's button was used.
    #[serde(rename = "case.action-performed.v1")]
    ActionPerformed {
        /// Name of the action.
        action: String,
        /// `id@version` of the plugin.
        plugin: String,
    },
    /// The whole case was handed out as a file.
    #[serde(rename = "case.exported.v1")]
    Exported {
        /// Internal notes were in it.
        notes: bool,
        /// The files of the case were in it.
        documents: bool,
        /// Names of the parties and ways to reach them were taken out.
        redacted: bool,
    },
    /// The case came to another version of its case type.
    #[serde(rename = "case.migrated.v1")]
    Migrated(Migrated),
}

impl Event {
    /// The published type, such as `case.noted.v1`, and the data, as the history keeps them.
    pub fn into_parts(self) -> (String, Map<String, Value>) {
        let value = serde_json::to_value(self).expect("an event is plain data");
        match value {
            Value::Object(mut object) => {
                let kind = match object.remove("type") {
                    Some(Value::String(kind)) => kind,
                    _ => unreachable!("an event is tagged with its type"),
                };
                let data = match object.remove("data") {
                    Some(Value::Object(data)) => data,
                    _ => Map::new(),
                };
                (kind, data)
            }
            _ => unreachable!("an event is an object"),
        }
    }

    /// Reads an event back from its type and data.
    ///
    /// # Errors
    /// When the type is unknown or the data do not fit it, as after an erasure.
    pub fn from_parts(kind: &str, data: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::json!({ "type": kind, "data": data }))
    }

    /// Keys of the data of an event type that hold personal values: what the hash chain commits to without containing it.
    pub fn personal_keys(kind: &str) -> &'static [&'static str] {
        match kind {
            "case.created.v1" => &["title", "description", "fields", "seen"],
            "case.described.v1" => &["title", "description"],
            "case.fields-changed.v1" => &["changes"],
            "case.migrated.v1" => &["fields"],
            "case.status-changed.v1" => &["reason"],
            "case.noted.v1" => &["text"],
            "case.linked.v1" => &["title", "seen"],
            "case.split.v1" => &["title"],
            "case.message-sent.v1" => &["to", "subject", "body"],
            "case.message-delivery.v1" => &["detail"],
            "case.attached.v1" => &["name"],
            "case.task-created.v1" => &["title"],
            "case.task-done.v1" => &["title", "note"],
            "case.escalated.v1" => &["reason"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_among_the_types() {
        let unknown = serde_json::json!({ "type": "none", "data": {} });
        let error = serde_json::from_value::<Event>(unknown)
            .unwrap_err()
            .to_string();
        let known = EVENT_TYPES.map(|kind| format!("`{kind}`")).join(", ");
        assert!(error.ends_with(&known), "{error}");
    }
}

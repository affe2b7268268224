//! What may be asked of a case. Commands are values: people, workflows, plugins, mail and other systems all use these.

use crate::case::PriorityReason;
use crate::id::{
    AgreementId, CaseId, ContactId, ContainerId, DocumentId, MessageId, PropertyId, TaskId,
};
use crate::migration::Migrated;
use crate::register::Seen;
use crate::rights::Right;
use crate::tie::{Absorbed, Relation, SplitFrom};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A case to be created.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCase {
    /// Name of the case type.
    pub case_type: String,
    /// A short title.
    pub title: String,
    /// What was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A priority other than the case type's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// The case type's own fields.
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// The property that the case is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<PropertyId>,
    /// Containers that the case is about.
    #[serde(default)]
    pub containers: Vec<ContainerId>,
    /// Agreements that the case is about.
    #[serde(default)]
    pub agreements: Vec<AgreementId>,
    /// People and companies in the case, the reporter first.
    #[serde(default)]
    pub contacts: Vec<ContactId>,
    /// Free words.
    #[serde(default)]
    pub tags: Vec<String>,
    /// User name of the person who is to handle the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// The team that is to handle the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// When the case should be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// The message in the customer inbox that the case is made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// How it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intake: Option<Intake>,
    /// What the registers say of its records; filled in by the engine.
    #[serde(skip)]
    pub seen: Vec<Seen>,
}

/// A change asked of an existing case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
        due: Option<Timestamp>,
    },
    /// Set fields of the case type; `null` clears one, fields not named stay.
    SetFields {
        /// Values by name.
        fields: Map<String, Value>,
    },
    /// Add an internal note.
    Note {
        /// The text, at most 100,000 characters.
        text: String,
        /// Documents of the case that belong to it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<DocumentId>,
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
        #[serde(default, skip_serializing_if = "Relation::is_plain")]
        relation: Relation,
        /// Words for the history, such as a subject or an address; filled in by the engine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// What the register says of it; filled in by the engine.
        #[serde(skip)]
        seen: Option<Seen>,
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
        into: CaseId,
        /// Its number; filled in by the engine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
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
        /// Places in this case's history.
        entries: Vec<u64>,
        /// The new case; filled in by the engine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<MadeCase>,
    },
    /// Take over what a merged case had. Only the engine asks this.
    Absorb {
        /// The merged case and all that it has.
        from: Absorbed,
    },
    /// Give a merged case back what it brought. Only the engine asks this.
    Release {
        /// The case.
        case: CaseId,
    },
    /// Take over what a new case was made of. Only the engine asks this.
    TakeFrom {
        /// Where it came from.
        from: SplitFrom,
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
        attachments: Vec<DocumentId>,
        /// So long it can be taken back before it goes, in seconds, at most 600; 0 means that it goes at once. Kept messages
        /// are not held.
        #[serde(default, skip_serializing_if = "is_zero")]
        hold_seconds: u32,
    },
    /// Take a message back that is held still. It has not been sent and will not be.
    RetractMessage {
        /// The message.
        message: MessageId,
    },
    /// Send a message that was kept, now that there is a way. It goes under its own name, so that it cannot go twice.
    ResendMessage {
        /// The message.
        message: MessageId,
    },
    /// Add a file that the engine already keeps. What is not given is filled in by the engine from what it keeps.
    Attach {
        /// The file.
        document: DocumentId,
        /// File name.
        #[serde(default)]
        name: String,
        /// Media type such as `application/pdf`.
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
        due: Option<Timestamp>,
    },
    /// Say that what was asked is done.
    FinishTask {
        /// Which task.
        task: TaskId,
        /// What came of it, as a word that workflows can decide by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<String>,
        /// What there is to say about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Bring the case to the attention of those above.
    Escalate {
        /// How far up, as the workflow or the deadline names it.
        level: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Record what became of a sent message. Only the engine asks this.
    RecordDelivery {
        /// The message.
        message: MessageId,
        /// What became of it.
        state: crate::message::MessageState,
        /// The answer of the other side, or why it is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        /// What stood in its way.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hindrance: Option<crate::message::Hindrance>,
    },
    /// Record that a workflow started, ended or came to a stop. Only the engine asks this.
    RecordWorkflow {
        /// `namespace/name`.
        workflow: String,
        /// The run.
        instance: crate::InstanceId,
        /// What happened to it.
        state: WorkflowRecord,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// Record the rungs that the clocks of the case have reached. Only the engine asks this.
    FireRungs {},
    /// Project the clocks of the case again, after their calendar has changed. Only the engine asks this.
    RecalculateClocks {},
    /// Record that somebody used a plugin's button. Only the engine asks this.
    RecordAction {
        /// Name of the action.
        action: String,
        /// `id@version` of the plugin.
        plugin: String,
    },
    /// Record that the whole case was handed out as a file. Only the engine asks this.
    RecordExport {
        /// Internal notes were in it.
        notes: bool,
        /// The files of the case were in it.
        documents: bool,
        /// Names of the parties and ways to reach them were taken out.
        redacted: bool,
    },
    /// Bring the case to another version of its case type. Only the engine asks this.
    Migrate {
        /// What changes, as [`crate::migration::plan`] found it.
        plan: Box<Migrated>,
    },
}

/// A case that was made by the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeCase {
    /// Identity.
    pub id: CaseId,
    /// Number.
    pub number: String,
}

/// What happened to a run of a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkflowRecord {
    /// It started.
    Started,
    /// It came to its end.
    Completed,
    /// It stopped with an error and waits for a person.
    Incident,
    /// A person let it go on after an incident.
    Resumed,
    /// It was cancelled.
    Cancelled,
    /// A person closed what was open about it, since it cannot go on.
    Closed,
}

/// How a case was reported, as far as somebody has said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intake {
    /// By telephone.
    Phone,
    /// By somebody who came.
    Counter,
    /// On paper.
    Letter,
    /// By e-mail.
    Email,
    /// By text message.
    Sms,
    /// On a page where citizens report themselves.
    SelfService,
    /// By staff who saw it.
    Staff,
}

impl Intake {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Phone,
        Self::Counter,
        Self::Letter,
        Self::Email,
        Self::Sms,
        Self::SelfService,
        Self::Staff,
    ];

    /// Its name in the API and in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Counter => "counter",
            Self::Letter => "letter",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::SelfService => "self-service",
            Self::Staff => "staff",
        }
    }

    /// The one with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// By which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// E-mail by SMTP.
    Email,
    /// Text message.
    Sms,
}

impl Channel {
    /// The channel's name in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
        }
    }
}

/// What a case can be linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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

impl LinkKind {
    /// The kind's name in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            LinkKind::Container => "container",
            LinkKind::Property => "property",
            LinkKind::Agreement => "agreement",
            LinkKind::Contact => "contact",
            LinkKind::Message => "message",
            LinkKind::Case => "case",
        }
    }
}

/// A time that is none.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(seconds: &u32) -> bool {
    *seconds == 0
}

impl Command {
    /// The right that a caller needs.
    pub fn right(&self) -> Right {
        match self {
            Command::SetStatus { .. } | Command::Transition { .. } => Right::SetStatus,
            Command::SetPriority { .. } | Command::ReleasePriority {} => Right::SetPriority,
            Command::Assign { .. } => Right::Assign,
            Command::Describe { .. }
            | Command::SetDue { .. }
            | Command::SetFields { .. }
            | Command::CreateTask { .. }
            | Command::FinishTask { .. }
            | Command::Escalate { .. } => Right::EditCase,
            Command::Note { .. } => Right::Note,
            Command::Tag { .. } | Command::Untag { .. } => Right::Tag,
            Command::Link { .. } | Command::Unlink { .. } => Right::Link,
            Command::Merge { .. }
            | Command::Unmerge {}
            | Command::Split { .. }
            | Command::Absorb { .. }
            | Command::Release { .. }
            | Command::TakeFrom { .. } => Right::Merge,
            Command::SendMessage { .. }
            | Command::RetractMessage { .. }
            | Command::ResendMessage { .. } => Right::SendMessage,
            Command::Attach { .. } => Right::Attach,
            Command::RecordDelivery { .. } => Right::RecordDelivery,
            Command::RecordWorkflow { .. }
            | Command::RecordAction { .. }
            | Command::RecordExport { .. } => Right::RecordAutomation,
            Command::FireRungs {} | Command::RecalculateClocks {} => Right::KeepClocks,
            Command::Migrate { .. } => Right::MigrateCases,
        }
    }

    /// The command's name, as in its JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Command::SetStatus { .. } => "set-status",
            Command::Transition { .. } => "transition",
            Command::SetPriority { .. } => "set-priority",
            Command::ReleasePriority {} => "release-priority",
            Command::Assign { .. } => "assign",
            Command::Describe { .. } => "describe",
            Command::SetDue { .. } => "set-due",
            Command::SetFields { .. } => "set-fields",
            Command::Note { .. } => "note",
            Command::Tag { .. } => "tag",
            Command::Untag { .. } => "untag",
            Command::Link { .. } => "link",
            Command::Unlink { .. } => "unlink",
            Command::Merge { .. } => "merge",
            Command::Unmerge {} => "unmerge",
            Command::Split { .. } => "split",
            Command::Absorb { .. } => "absorb",
            Command::Release { .. } => "release",
            Command::TakeFrom { .. } => "take-from",
            Command::SendMessage { .. } => "send-message",
            Command::RetractMessage { .. } => "retract-message",
            Command::ResendMessage { .. } => "resend-message",
            Command::Attach { .. } => "attach",
            Command::CreateTask { .. } => "create-task",
            Command::FinishTask { .. } => "finish-task",
            Command::Escalate { .. } => "escalate",
            Command::RecordDelivery { .. } => "record-delivery",
            Command::RecordWorkflow { .. } => "record-workflow",
            Command::RecordAction { .. } => "record-action",
            Command::RecordExport { .. } => "record-export",
            Command::FireRungs {} => "fire-rungs",
            Command::RecalculateClocks {} => "recalculate-clocks",
            Command::Migrate { .. } => "migrate",
        }
    }
}

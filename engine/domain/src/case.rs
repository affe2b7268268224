//! A case as it stands: the fold of its history.

use crate::command::Intake;
use crate::id::{
    AgreementId, CaseId, ContactId, ContainerId, DocumentId, MessageId, MigrationId, PropertyId,
    TaskId,
};
use crate::sla::Clock;
use crate::tie::{Absorbed, MergedInto, SplitFrom};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One reason for an automatic priority, with the points that it gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriorityReason {
    /// The reason in words, as the rule's author wrote it.
    pub text: String,
    /// Points that it added to the score, negative where it lowered it.
    pub points: i32,
}

/// Something that a person is to do on the case and has not done yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseTask {
    /// Identity.
    pub id: TaskId,
    /// What is to be done, in words.
    pub title: String,
    /// Who is meant, in words, such as `depot`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// User name of the person who is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// When it should be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// A case as it stands after the newest entry of its history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// Stable identity.
    pub id: CaseId,
    /// The number that people use, such as `2026-004182`.
    pub number: String,
    /// Counts the changes; a change names the version it was made against.
    pub version: u64,
    /// The name of the case type.
    pub case_type: String,
    /// The version of the case type; it stays until the case is migrated.
    pub case_type_version: u32,
    /// The migration that brought it to that version, where it began in another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<MigrationId>,
    /// A short title.
    pub title: String,
    /// What was reported, in the reporter's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// One of the case type's statuses.
    pub status: String,
    /// One of the case type's priorities.
    pub priority: String,
    /// The automatic score behind the priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_score: Option<i32>,
    /// Why the priority is what it is.
    #[serde(default)]
    pub priority_reasons: Vec<PriorityReason>,
    /// A person set the priority; the automation leaves it alone.
    #[serde(default)]
    pub priority_override: bool,
    /// User name of the person who handles the case.
    #[serde(default)]
    pub assignee: Option<String>,
    /// The team that handles the case.
    #[serde(default)]
    pub team: Option<String>,
    /// When the case should be done.
    #[serde(default)]
    pub due: Option<Timestamp>,
    /// The due time was set on the case itself; its clocks leave it alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub due_override: bool,
    /// Clocks of what the case type promises, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clocks: BTreeMap<String, Clock>,
    /// The case type's own fields.
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// Free words.
    #[serde(default)]
    pub tags: BTreeSet<String>,
    /// The property that the case is about.
    #[serde(default)]
    pub property: Option<PropertyId>,
    /// Containers that the case is about, the first one foremost.
    #[serde(default)]
    pub containers: Vec<ContainerId>,
    /// Agreements that the case is about.
    #[serde(default)]
    pub agreements: Vec<AgreementId>,
    /// People and companies in the case, the reporter first.
    #[serde(default)]
    pub contacts: Vec<ContactId>,
    /// Messages linked to the case, sent and received.
    #[serde(default)]
    pub messages: Vec<MessageId>,
    /// How it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intake: Option<Intake>,
    /// Files of the case.
    #[serde(default)]
    pub documents: Vec<DocumentId>,
    /// Related cases, without the parent and the children.
    #[serde(default)]
    pub related: Vec<CaseId>,
    /// The case that this one is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<CaseId>,
    /// Cases that are parts of this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<CaseId>,
    /// The case in which this one goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<MergedInto>,
    /// Cases that go on in this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<Absorbed>,
    /// The case that this one came out of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_from: Option<SplitFrom>,
    /// What people are to do on it, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<CaseTask>,
    /// When the case was created.
    pub created_at: Timestamp,
    /// When the case last changed.
    pub updated_at: Timestamp,
}

impl Case {
    /// When the earliest of its clocks strikes next.
    pub fn next_rung(&self) -> Option<Timestamp> {
        self.clocks.values().filter_map(Clock::next).min()
    }
}

//! Ties between cases: what stands to what, which case went on in another, and which came out of another.

use crate::id::{AgreementId, CaseId, ContactId, ContainerId, DocumentId, MessageId, PropertyId};
use serde::{Deserialize, Serialize};

/// How another case stands to this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// How this case stands to the other one.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Relation::Related => Relation::Related,
            Relation::Parent => Relation::Child,
            Relation::Child => Relation::Parent,
        }
    }

    pub(crate) fn is_plain(relation: &Self) -> bool {
        *relation == Relation::Related
    }
}

/// Where a merged case goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MergedInto {
    /// The case that goes on.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// The status that the merged case had, for taking it back.
    pub status_before: String,
}

/// A case that was merged into this one, with what this one did not have before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Absorbed {
    /// The merged case.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// Its property, where this case had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<PropertyId>,
    /// Containers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<ContainerId>,
    /// Agreements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<AgreementId>,
    /// Contacts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactId>,
    /// Messages. They stay with the merged case and are read from there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageId>,
    /// Files, as the messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentId>,
}

/// The case that a case came out of, and what it took from there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SplitFrom {
    /// The case that it was split from.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// Places in the history of that case: the notes, messages and files that this case is about.
    pub entries: Vec<u64>,
    /// Messages among them. They stay with the other case and are read from there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageId>,
    /// Files among them, as the messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentId>,
}

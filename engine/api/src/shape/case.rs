//! Cases: as a whole, as a row of a list, as asked for.

use sagsgang_domain::Timestamp;
use sagsgang_runtime as runtime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A case as it stands.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Case {
    /// Stable identity.
    pub id: Uuid,
    /// The number that people use, such as `2026-004182`.
    pub number: String,
    /// Counts the changes; the `ETag` in quotation marks.
    pub version: u64,
    /// Name of the case type.
    pub case_type: String,
    /// Version of the case type that the case keeps.
    pub case_type_version: u32,
    /// A short title.
    pub title: String,
    /// What was reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// One of the case type's statuses.
    pub status: String,
    /// One of the case type's priorities.
    pub priority: String,
    /// The automatic score behind the priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_score: Option<i32>,
    /// Why the priority is what it is.
    pub priority_reasons: Vec<PriorityReason>,
    /// A person set the priority; the automation leaves it alone.
    pub priority_override: bool,
    /// User name of the person who handles the case.
    pub assignee: Option<String>,
    /// The team that handles it.
    pub team: Option<String>,
    /// When it should be done.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
    /// The due time was set by hand; the clocks leave it alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub due_override: bool,
    /// Clocks of what the case type promises, by name: `state`, `budget`, `consumed`, `due` and `rungs`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clocks: BTreeMap<String, Value>,
    /// The case type's own fields.
    pub fields: BTreeMap<String, Value>,
    /// Free words.
    pub tags: Vec<String>,
    /// The property that it is about.
    pub property: Option<Uuid>,
    /// Containers that it is about, the foremost first.
    pub containers: Vec<Uuid>,
    /// Agreements that it is about.
    pub agreements: Vec<Uuid>,
    /// People and companies in it, the reporter first.
    pub contacts: Vec<Uuid>,
    /// Messages of the case.
    pub messages: Vec<Uuid>,
    /// How it was reported, as far as somebody has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intake: Option<Intake>,
    /// Files of the case.
    pub documents: Vec<Uuid>,
    /// Related cases, without the parent and the children.
    pub related: Vec<Uuid>,
    /// The case that this one is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Uuid>,
    /// Cases that are parts of this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Uuid>,
    /// The case in which this one goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<MergedInto>,
    /// Cases that go on in this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<Absorbed>,
    /// The case that this one came out of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_from: Option<SplitFrom>,
    /// What people are to do on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<CaseTask>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// Where a merged case goes on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MergedInto {
    /// The case that goes on.
    pub case: Uuid,
    /// Its number.
    pub number: String,
    /// The status that the merged case had.
    pub status_before: String,
}

/// A case that was merged into this one, with what this one did not have before.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Absorbed {
    /// The merged case.
    pub case: Uuid,
    /// Its number.
    pub number: String,
    /// Its property, where this case had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<Uuid>,
    /// Containers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Uuid>,
    /// Agreements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<Uuid>,
    /// Contacts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Uuid>,
    /// Messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Uuid>,
    /// Files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Uuid>,
}

/// The case that a case came out of, and what it took from there.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SplitFrom {
    /// The case that it was split from.
    pub case: Uuid,
    /// Its number.
    pub number: String,
    /// Places (`seq`) in the history of that case.
    pub entries: Vec<u64>,
    /// Messages among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Uuid>,
    /// Files among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Uuid>,
}

/// Something that a person is to do on a case.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseTask {
    /// Identity.
    pub id: Uuid,
    /// What is to be done.
    pub title: String,
    /// Who is meant, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// User name of the person who is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// When it should be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
}

/// One reason for an automatic priority.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriorityReason {
    /// The reason in words.
    pub text: String,
    /// Points that it added to the score.
    pub points: i32,
}

/// A case to be created.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCase {
    /// Name of the case type.
    pub case_type: String,
    /// A short title.
    #[schema(min_length = 1)]
    pub title: String,
    /// What was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A priority other than the case type's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// The case type's own fields.
    #[serde(default)]
    pub fields: BTreeMap<String, Value>,
    /// The property that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<Uuid>,
    /// Containers that it is about.
    #[serde(default)]
    pub containers: Vec<Uuid>,
    /// Agreements that it is about.
    #[serde(default)]
    pub agreements: Vec<Uuid>,
    /// People and companies in it, the reporter first.
    #[serde(default)]
    pub contacts: Vec<Uuid>,
    /// Free words.
    #[serde(default)]
    pub tags: Vec<String>,
    /// User name of the person who is to handle it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// The team that is to handle it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// When it should be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
    /// The message in the customer inbox that it is made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Uuid>,
    /// How it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intake: Option<Intake>,
}

/// How a case was reported.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
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

/// A case as a row of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaseListItem {
    /// Stable identity.
    pub id: Uuid,
    /// Number for people.
    pub number: String,
    /// Version.
    pub version: u64,
    /// Name of the case type.
    pub case_type: String,
    /// Title.
    pub title: String,
    /// Status.
    pub status: String,
    /// Priority.
    pub priority: String,
    /// User name of the person who handles it.
    pub assignee: Option<String>,
    /// The team that handles it.
    pub team: Option<String>,
    /// When it should be done.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
    /// The property.
    pub property: Option<Uuid>,
    /// The property's municipality code and number, as `0999-048213`.
    pub property_number: Option<String>,
    /// The property's address on one line.
    pub address: Option<String>,
    /// The property's area.
    pub area: Option<String>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<runtime::CaseListItem> for CaseListItem {
    fn from(item: runtime::CaseListItem) -> Self {
        Self {
            id: item.id.0,
            number: item.number,
            version: item.version,
            case_type: item.case_type,
            title: item.title,
            status: item.status,
            priority: item.priority,
            assignee: item.assignee,
            team: item.team,
            due: item.due,
            property: item.property.map(|property| property.0),
            property_number: item.property_number,
            address: item.address,
            area: item.area,
            created_at: item.created_at,
            updated_at: item.updated_at,
        }
    }
}

/// A case that may be about the same thing as another one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SimilarCase {
    /// Stable identity.
    pub id: Uuid,
    /// Number for people.
    pub number: String,
    /// Name of the case type.
    pub case_type: String,
    /// Title.
    pub title: String,
    /// Status.
    pub status: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<runtime::LinkedCase> for SimilarCase {
    fn from(case: runtime::LinkedCase) -> Self {
        Self {
            id: case.id.0,
            number: case.number,
            case_type: case.case_type,
            title: case.title,
            status: case.status,
            created_at: case.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain as domain;

    const SAMPLE: &str = r#"{
        "id": "01932d5c-7a00-7000-8000-000000000001", "number": "2026-000001", "version": 3,
        "caseType": "waste.missed-collection", "caseTypeVersion": 1, "title": "Ikke tømt", "description": "Igen",
        "status": "open", "priority": "high", "priorityScore": 60,
        "priorityReasons": [{"text": "tredje gang", "points": 20}], "priorityOverride": false,
        "assignee": "sagsbehandler", "team": null, "due": "2026-11-25T14:00:00Z", "dueOverride": true, "fields": {"repeats": 3},
        "clocks": {"resolve": {"state": "running", "budget": {"workhours": 16}, "consumed": 0,
            "runningSince": "2026-11-24T08:00:00Z", "due": "2026-11-25T14:00:00Z", "rungs": [{"name": "warn"}]}},
        "tags": ["mad"], "property": null, "containers": [], "agreements": [], "contacts": [], "messages": [],
        "intake": "phone", "documents": [], "related": [], "createdAt": "2026-11-24T08:00:00Z", "updatedAt": "2026-11-24T09:00:00Z" }"#;

    #[test]
    fn the_mirror_of_a_case_has_exactly_the_keys_of_the_domain() {
        let case: domain::Case = serde_json::from_str(SAMPLE).unwrap();
        let written = serde_json::to_value(&case).unwrap();
        let mirrored: Case = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(mirrored).unwrap(), written);
    }

    #[test]
    fn the_mirror_of_a_new_case_has_exactly_the_keys_of_the_domain() {
        let id = Uuid::from_u128(7);
        let full = NewCase {
            case_type: "waste.complaint".to_owned(),
            title: "Klage".to_owned(),
            description: Some(String::new()),
            priority: Some("low".to_owned()),
            property: Some(id),
            containers: vec![id],
            assignee: Some("a".to_owned()),
            team: Some("b".to_owned()),
            due: Some(Timestamp::from_micros(0)),
            message: Some(id),
            intake: Some(Intake::SelfService),
            ..NewCase::default()
        };
        let written = serde_json::to_value(&full).unwrap();
        let domain: domain::NewCase = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(domain).unwrap(), written);
    }
}

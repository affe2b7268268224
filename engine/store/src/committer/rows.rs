//! Rows as they travel in the JSON arrays of the set-based statements.

use crate::action::{ActionRow, micros};
use crate::attention::MentionRow;
use crate::commit::{CaseWrite, InstanceWrite, JournalRow, PendingInput, RequestKey};
use crate::document::Document;
use crate::event::EventRow;
use crate::gathering::GatheringWrite;
use crate::incident::Incident;
use crate::json_text::JsonText;
use crate::migration::MigrationPhase;
use crate::register::cpr::SealedCpr;
use crate::schedule::ScheduleWrite;
use crate::table::Nested;
use crate::webhook::Delivery;
use sagsgang_domain::{
    Absorbed, Actor, Agreement, Case, Cause, Contact, Container, Direction, Entry, Event, LinkKind,
    Message, MessageState, Migrated, Property, PropertyId, Record, RecordChange,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;
use uuid::fmt::Simple;

pub(super) fn id(id: Uuid) -> Simple {
    id.simple()
}

#[derive(Serialize)]
pub(super) struct CaseRow<'a> {
    id: Simple,
    expected: u64,
    listens: u64,
    number: &'a str,
    version: u64,
    case_type: &'a str,
    title: &'a str,
    status: &'a str,
    is_final: i64,
    priority: &'a str,
    priority_rank: usize,
    assignee: Option<&'a str>,
    team: Option<&'a str>,
    due: Option<i64>,
    closed_at: Option<i64>,
    next_rung: Option<i64>,
    property: Option<Simple>,
    created_at: i64,
    updated_at: i64,
    head_seq: u64,
    head_hash: String,
    body: Nested<&'a Case>,
}

pub(super) fn case(write: &CaseWrite) -> CaseRow<'_> {
    let (decision, case) = (&write.decision, &write.decision.case);
    CaseRow {
        id: id(case.id.0),
        expected: decision.expected,
        listens: write.listens,
        number: &case.number,
        version: case.version,
        case_type: &case.case_type,
        title: &case.title,
        status: &case.status,
        is_final: i64::from(write.is_final),
        priority: &case.priority,
        priority_rank: write.priority_rank,
        assignee: case.assignee.as_deref(),
        team: case.team.as_deref(),
        due: case.due.map(|due| due.as_micros()),
        closed_at: write.is_final.then(|| case.updated_at.as_micros()),
        next_rung: case.next_rung().map(|rung| rung.as_micros()),
        property: case.property.map(|property| id(property.0)),
        created_at: case.created_at.as_micros(),
        updated_at: case.updated_at.as_micros(),
        head_seq: decision.head_seq,
        head_hash: hex::encode(decision.head_hash),
        body: Nested(case),
    }
}

#[derive(Serialize)]
pub(super) struct HistoryRow<'a> {
    case_id: Simple,
    seq: u64,
    version: u64,
    kind: &'a str,
    at: i64,
    actor: Nested<&'a Actor>,
    cause: Nested<Option<&'a Cause>>,
    data: Nested<&'a Map<String, Value>>,
    salts: Nested<&'a BTreeMap<String, String>>,
    hash: String,
}

pub(super) fn history(entry: &Entry) -> HistoryRow<'_> {
    HistoryRow {
        case_id: id(entry.case.0),
        seq: entry.seq,
        version: entry.version,
        kind: &entry.kind,
        at: entry.at.as_micros(),
        actor: Nested(&entry.actor),
        cause: Nested(entry.cause.as_ref()),
        data: Nested(&entry.data),
        salts: Nested(&entry.salts),
        hash: hex::encode(entry.hash),
    }
}

#[derive(Serialize)]
pub(super) struct MentionedRow<'a> {
    account: &'a str,
    case_id: Simple,
    seq: u64,
    at: i64,
    by_name: &'a str,
}

pub(super) fn mention(mention: &MentionRow) -> MentionedRow<'_> {
    MentionedRow {
        account: &mention.account,
        case_id: id(mention.case.0),
        seq: mention.seq,
        at: mention.at.as_micros(),
        by_name: &mention.by_name,
    }
}

#[derive(Serialize)]
pub(super) struct LinkRow {
    kind: &'static str,
    target: Simple,
    case_id: Simple,
}

/// Links made and removed by the events of a decision.
pub(super) fn links(write: &CaseWrite, made: &mut Vec<LinkRow>, removed: &mut Vec<LinkRow>) {
    let case_id = id(write.decision.case.id.0);
    let link = |kind: LinkKind, target: Uuid| LinkRow {
        kind: kind.name(),
        target: id(target),
        case_id,
    };
    for event in &write.decision.events {
        match event {
            Event::Created {
                containers,
                agreements,
                contacts,
                property,
                ..
            } => {
                made.extend(
                    containers
                        .iter()
                        .map(|item| link(LinkKind::Container, item.0)),
                );
                made.extend(
                    agreements
                        .iter()
                        .map(|item| link(LinkKind::Agreement, item.0)),
                );
                made.extend(contacts.iter().map(|item| link(LinkKind::Contact, item.0)));
                made.extend(property.iter().map(|item| link(LinkKind::Property, item.0)));
            }
            Event::Linked { kind, id, .. } => made.push(link(*kind, *id)),
            Event::Unlinked { kind, id } => removed.push(link(*kind, *id)),
            Event::Absorbed(absorbed) => records(absorbed, |kind, id| made.push(link(kind, id))),
            Event::Released(absorbed) => {
                records(absorbed, |kind, id| removed.push(link(kind, id)));
            }
            Event::Split { case, .. } => made.push(link(LinkKind::Case, case.0)),
            Event::SplitFrom(from) => made.push(link(LinkKind::Case, from.case.0)),
            _ => {}
        }
    }
}

/// The records that came with a merged case.
fn records(absorbed: &Absorbed, mut each: impl FnMut(LinkKind, Uuid)) {
    absorbed
        .property
        .iter()
        .for_each(|item| each(LinkKind::Property, item.0));
    absorbed
        .containers
        .iter()
        .for_each(|item| each(LinkKind::Container, item.0));
    absorbed
        .agreements
        .iter()
        .for_each(|item| each(LinkKind::Agreement, item.0));
    absorbed
        .contacts
        .iter()
        .for_each(|item| each(LinkKind::Contact, item.0));
}

#[derive(Serialize)]
pub(super) struct TagRow<'a> {
    tag: &'a str,
    case_id: Simple,
}

/// Tags that a decision added or removed, by whether the case has them now.
pub(super) fn tags<'a>(
    write: &'a CaseWrite,
    added: &mut Vec<TagRow<'a>>,
    taken: &mut Vec<TagRow<'a>>,
) {
    let case = &write.decision.case;
    let mut sort = |tag: &'a String| {
        let row = TagRow {
            tag,
            case_id: id(case.id.0),
        };
        if case.tags.contains(tag) {
            added.push(row);
        } else {
            taken.push(row);
        }
    };
    for event in &write.decision.events {
        match event {
            Event::Created { tags, .. } => tags.iter().for_each(&mut sort),
            Event::Tagged { tag } | Event::Untagged { tag } => sort(tag),
            _ => {}
        }
    }
}

#[derive(Serialize)]
pub(super) struct FieldRow<'a> {
    name: &'a str,
    value: String,
    case_id: Simple,
}

/// Characters of a value by which a list can be narrowed; longer ones are found by their words.
const LONGEST_VALUE: usize = 100;

/// Values of the case type's own fields that a decision set or removed, by whether the case has them now.
pub(super) fn fields<'a>(
    write: &'a CaseWrite,
    added: &mut Vec<FieldRow<'a>>,
    taken: &mut Vec<FieldRow<'a>>,
) {
    let case = &write.decision.case;
    let mut sort = |name: &'a str, value: &Value| {
        let Some(text) = plain(value) else { return };
        let row = FieldRow {
            name,
            value: text,
            case_id: id(case.id.0),
        };
        match case.fields.get(name) == Some(value) {
            true => added.push(row),
            false => taken.push(row),
        }
    };
    for event in &write.decision.events {
        match event {
            Event::Created { fields, .. } => {
                fields.iter().for_each(|(name, value)| sort(name, value));
            }
            Event::FieldsChanged { changes }
            | Event::Migrated(Migrated {
                fields: changes, ..
            }) => {
                for (name, change) in changes {
                    for side in ["from", "to"] {
                        sort(name, change.get(side).unwrap_or(&Value::Null));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Cases that a migration moved or put back.
#[derive(Serialize)]
pub(super) struct MovedRow {
    migration: Simple,
    phase: &'static str,
    moved: u64,
}

/// How many cases each migration moved, over all commits.
pub(super) fn moved<'a>(commits: impl Iterator<Item = &'a CaseWrite>) -> Vec<MovedRow> {
    let mut counts: BTreeMap<(Uuid, &'static str), u64> = BTreeMap::new();
    for event in commits.flat_map(|write| &write.decision.events) {
        if let Event::Migrated(moved) = event {
            let phase = match moved.reverts {
                true => MigrationPhase::Back,
                false => MigrationPhase::Move,
            };
            *counts.entry((moved.migration.0, phase.name())).or_default() += 1;
        }
    }
    let row = |((migration, phase), moved)| MovedRow {
        migration: id(migration),
        phase,
        moved,
    };
    counts.into_iter().map(row).collect()
}

/// A value that is one short text, number or yes and no.
fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (text.chars().count() <= LONGEST_VALUE).then_some(text)
}

#[derive(Serialize)]
pub(super) struct InstanceRowJson<'a> {
    id: Simple,
    expected: Option<u64>,
    workflow: &'a str,
    version: &'a str,
    case_id: Option<Simple>,
    status: &'static str,
    seq: u64,
    depth: u32,
    crashes: u32,
    detail: Option<&'a str>,
    state: Option<&'a JsonText>,
    state_hash: String,
    created_at: i64,
    updated_at: i64,
    parent: Option<Simple>,
    parent_key: Option<&'a str>,
    pinned_at: Option<i64>,
}

pub(super) fn instance(write: &InstanceWrite) -> InstanceRowJson<'_> {
    let row = &write.row;
    InstanceRowJson {
        id: id(row.id.0),
        expected: write.expected,
        workflow: &row.workflow,
        version: &row.version,
        case_id: row.case.map(|case| id(case.0)),
        status: row.status.name(),
        seq: row.seq,
        depth: row.depth,
        crashes: row.crashes,
        detail: row.detail.as_deref(),
        state: row.state.as_ref(),
        state_hash: hex::encode(row.state_hash),
        created_at: row.created_at.as_micros(),
        updated_at: row.updated_at.as_micros(),
        parent: row.parent.as_ref().map(|parent| id(parent.run.0)),
        parent_key: row.parent.as_ref().and_then(|parent| parent.key.as_deref()),
        pinned_at: row.pinned_at.map(sagsgang_domain::Timestamp::as_micros),
    }
}

#[derive(Serialize)]
pub(super) struct JournalRowJson<'a> {
    instance: Simple,
    seq: u64,
    at: i64,
    actor: Nested<&'a Actor>,
    input: &'a JsonText,
    effects: &'a JsonText,
    state_hash: String,
}

pub(super) fn journal(row: &JournalRow) -> JournalRowJson<'_> {
    JournalRowJson {
        instance: id(row.instance.0),
        seq: row.seq,
        at: row.at.as_micros(),
        actor: Nested(&row.actor),
        input: &row.input,
        effects: &row.effects,
        state_hash: hex::encode(row.state_hash),
    }
}

pub(super) fn request(row: &RequestKey) -> Value {
    json!({ "scope": row.scope, "key": row.key, "fingerprint": hex::encode(row.fingerprint),
            "reference": row.reference, "at": row.at.as_micros() })
}

#[derive(Serialize)]
pub(super) struct InputRow<'a> {
    id: Simple,
    instance: Simple,
    input: &'a JsonText,
    at: i64,
    /// From now.
    written_at: i64,
}

pub(super) fn input(row: &PendingInput) -> InputRow<'_> {
    InputRow {
        id: id(row.id),
        instance: id(row.instance.0),
        input: &row.input,
        at: row.at.as_micros(),
        written_at: 0,
    }
}

pub(super) fn action(row: &ActionRow) -> Value {
    json!({ "key": row.key, "instance": id(row.instance.0), "case_id": row.case.map(|case| id(case.0)),
            "task": row.task, "function": row.function, "version": row.version, "input": Nested(&row.input),
            "state": row.state.name(), "attempts": row.attempts, "fence": row.fence,
            "lease_until": row.lease.map(micros), "due": row.due.as_micros(),
            "created_at": row.created_at.as_micros(), "limit_key": row.limit, "configuration": row.configuration })
}

pub(super) fn message(row: &Message) -> Value {
    let direction = match row.direction {
        Direction::In => "in",
        Direction::Out => "out",
    };
    let waits = row.state == MessageState::Queued;
    let next = row
        .next_attempt_at
        .filter(|_| waits)
        .map(|at| at.as_micros());
    json!({ "id": id(row.id.0), "case_id": row.case.map(|case| id(case.0)), "direction": direction,
            "state": row.state.name(), "message_id": row.message_id, "next_attempt_at": next,
            "at": row.at.as_micros(), "body": Nested(row) })
}

pub(super) fn document(row: &Document) -> Value {
    json!({ "id": id(row.id.0), "case_id": row.case.map(|case| id(case.0)),
            "message": row.message.map(|message| id(message.0)), "name": row.name,
            "media_type": row.media_type, "size": row.size, "digest": row.digest,
            "created_at": row.created_at.as_micros() })
}

pub(super) fn event(row: &EventRow) -> Value {
    json!({ "source": row.source, "event_id": row.event_id, "event_type": row.event_type,
            "at": row.at.as_micros(), "body": Nested(&row.body) })
}

pub(super) fn incident(row: &Incident) -> Value {
    json!({ "id": id(row.id), "instance": row.instance.map(|run| id(run.0)),
            "case_id": row.case.map(|case| id(case.0)), "plugin": row.plugin, "code": row.code,
            "title": row.title, "detail": row.detail, "state": if row.open { "open" } else { "resolved" },
            "at": row.at.as_micros(), "resolved_by": row.resolved.as_ref().map(|(by, _)| by),
            "resolved_at": row.resolved.as_ref().map(|(_, at)| at.as_micros()), "reason": row.reason })
}

pub(super) fn delivery(row: &Delivery) -> Value {
    json!({ "id": id(row.id), "webhook": id(row.webhook), "event_type": row.event_type,
            "state": row.state.name(), "attempts": row.attempts,
            "next_attempt_at": row.next_attempt_at.map(|at| at.as_micros()), "body": row.body,
            "created_at": row.created_at.as_micros(), "updated_at": row.updated_at.as_micros() })
}

/// A record as a row of its register.
#[derive(Serialize)]
pub(super) struct RecordRow<'a> {
    id: Simple,
    expected: Option<u64>,
    version: u64,
    external_source: Option<&'a str>,
    external_key: Option<&'a str>,
    #[serde(flatten)]
    columns: RecordColumns<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum RecordColumns<'a> {
    Property {
        municipality_code: &'a str,
        property_number: &'a str,
        line: String,
        body: Nested<&'a Property>,
    },
    Container {
        container_id: &'a str,
        property: Option<Simple>,
        body: Nested<&'a Container>,
    },
    Agreement {
        property: Option<Simple>,
        container: Option<Simple>,
        starts_on: &'a str,
        body: Nested<&'a Agreement>,
    },
    Contact {
        property: Option<Simple>,
        name: &'a str,
        body: Nested<&'a Contact>,
    },
}

pub(super) fn record(change: &RecordChange) -> RecordRow<'_> {
    let stored = &change.stored;
    let external = stored.external.as_ref();
    let at = |property: Option<PropertyId>| property.map(|property| id(property.0));
    RecordRow {
        id: id(stored.record.id()),
        expected: change.expected,
        version: stored.version,
        external_source: external.map(|external| external.source.as_str()),
        external_key: external.map(|external| external.key.as_str()),
        columns: match &stored.record {
            Record::Property(one) => RecordColumns::Property {
                municipality_code: &one.municipality_code,
                property_number: &one.property_number,
                line: one.address.line(),
                body: Nested(one),
            },
            Record::Container(one) => RecordColumns::Container {
                container_id: &one.container_id,
                property: at(one.property),
                body: Nested(one),
            },
            Record::Agreement(one) => RecordColumns::Agreement {
                property: at(one.property),
                container: one.container.map(|container| id(container.0)),
                starts_on: &one.from,
                body: Nested(one),
            },
            Record::Contact(one) => RecordColumns::Contact {
                property: at(one.property),
                name: &one.name,
                body: Nested(one),
            },
        },
    }
}

#[derive(Serialize)]
pub(super) struct RecordHistoryRow<'a> {
    record: Simple,
    id: Simple,
    version: u64,
    kind: &'a str,
    at: i64,
    actor: Nested<&'a Actor>,
    data: Nested<&'a Map<String, Value>>,
}

pub(super) fn record_history(change: &RecordChange) -> RecordHistoryRow<'_> {
    let entry = &change.entry;
    RecordHistoryRow {
        record: id(entry.record),
        id: id(entry.id),
        version: entry.version,
        kind: &entry.kind,
        at: entry.at.as_micros(),
        actor: Nested(&entry.actor),
        data: Nested(&entry.data),
    }
}

pub(super) fn schedule(write: &ScheduleWrite) -> Value {
    let row = &write.row;
    json!({
        "workflow": row.workflow,
        "version": row.version,
        "rule": row.rule,
        "due": row.due.map(sagsgang_domain::Timestamp::as_micros),
        "last_run": row.last_run.map(|run| id(run.0)),
        "expected": write.expected.map(sagsgang_domain::Timestamp::as_micros),
    })
}

pub(super) fn gathering(write: &GatheringWrite) -> Value {
    let row = &write.row;
    json!({
        "workflow": row.workflow,
        "key": row.key,
        "seq": row.seq,
        "body": row.body.to_string(),
        "updated_at": row.updated_at.as_micros(),
        "expected": write.expected,
    })
}

pub(super) fn sealed_cpr(one: &SealedCpr) -> Value {
    let sealed = one.sealed.as_deref().map(hex::encode);
    json!({ "contact": id(one.contact.0), "sealed": sealed })
}

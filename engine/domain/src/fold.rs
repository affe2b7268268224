//! The only code that changes a case: applying an event to it.

use crate::case::{Case, CaseTask};
use crate::command::LinkKind;
use crate::event::Event;
use crate::id::{AgreementId, CaseId, ContactId, ContainerId, MessageId, PropertyId};
use crate::migration::Migrated;
use crate::sla;
use crate::tie::{Absorbed, MergedInto, Relation, SplitFrom};
use crate::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// The case after an event. The first event of a case is [`Event::Created`] and needs no case; every other one does.
/// Returns `None` where an event other than the first has no case to change.
pub fn apply(case: Option<Case>, event: &Event, version: u64, at: Timestamp) -> Option<Case> {
    let mut case = match (case, event) {
        (None, Event::Created { .. }) => created(event, at)?,
        (None, _) => return None,
        (Some(mut case), event) => {
            change(&mut case, event);
            case
        }
    };
    case.version = version;
    case.updated_at = at;
    Some(case)
}

fn created(event: &Event, at: Timestamp) -> Option<Case> {
    let Event::Created {
        id,
        number,
        case_type,
        case_type_version,
        title,
        description,
        status,
        priority,
        priority_override,
        fields,
        tags,
        property,
        containers,
        agreements,
        contacts,
        assignee,
        team,
        due,
        clocks,
        message,
        intake,
        seen: _,
    } = event
    else {
        return None;
    };
    Some(Case {
        id: *id,
        number: number.clone(),
        version: 0,
        case_type: case_type.clone(),
        case_type_version: *case_type_version,
        migration: None,
        title: title.clone(),
        description: description.clone(),
        status: status.clone(),
        priority: priority.clone(),
        priority_score: None,
        priority_reasons: Vec::new(),
        priority_override: *priority_override,
        assignee: assignee.clone(),
        team: team.clone(),
        due: due.or_else(|| sla::due(clocks)),
        due_override: due.is_some(),
        clocks: clocks.clone(),
        fields: fields.clone(),
        tags: tags.iter().cloned().collect(),
        property: *property,
        containers: containers.clone(),
        agreements: agreements.clone(),
        contacts: contacts.clone(),
        messages: message.iter().copied().collect(),
        intake: *intake,
        documents: Vec::new(),
        related: Vec::new(),
        parent: None,
        children: Vec::new(),
        merged_into: None,
        merged: Vec::new(),
        split_from: None,
        tasks: Vec::new(),
        created_at: at,
        updated_at: at,
    })
}

fn change(case: &mut Case, event: &Event) {
    match event {
        Event::Created { .. } | Event::Noted { .. } | Event::MessageDelivery { .. } => {}
        Event::Workflow { .. }
        | Event::ActionPerformed { .. }
        | Event::Exported { .. }
        | Event::Escalated { .. } => {}
        Event::StatusChanged { to, .. } => case.status.clone_from(to),
        Event::PriorityChanged {
            to,
            score,
            reasons,
            is_override,
            ..
        } => {
            case.priority.clone_from(to);
            case.priority_score = *score;
            case.priority_reasons.clone_from(reasons);
            case.priority_override = *is_override;
        }
        Event::PriorityReleased {} => case.priority_override = false,
        Event::Assigned { to, to_team, .. } => {
            case.assignee.clone_from(to);
            case.team.clone_from(to_team);
        }
        Event::Described { title, description } => {
            if let Some(title) = title {
                case.title.clone_from(title);
            }
            if description.is_some() {
                case.description.clone_from(description);
            }
        }
        Event::DueChanged { to, .. } => {
            case.due = to.or_else(|| sla::due(&case.clocks));
            case.due_override = to.is_some();
        }
        Event::ClockChanged { clock, now, .. } => {
            case.clocks.insert(clock.clone(), now.clone());
            if !case.due_override {
                case.due = sla::due(&case.clocks);
            }
        }
        Event::RungReached { clock, rung, .. } => {
            let clock = case.clocks.get_mut(clock);
            let mut rungs = clock.into_iter().flat_map(|clock| &mut clock.rungs);
            if let Some(reached) = rungs.find(|known| known.name == *rung) {
                reached.fired = true;
            }
        }
        Event::FieldsChanged { changes } => change_fields(case, changes),
        Event::Migrated(moved) => migrate(case, moved),
        Event::Tagged { tag } => {
            case.tags.insert(tag.clone());
        }
        Event::Untagged { tag } => {
            case.tags.remove(tag);
        }
        Event::Linked {
            kind: LinkKind::Case,
            id,
            relation,
            ..
        } => relate(case, CaseId(*id), *relation),
        Event::Linked { kind, id, .. } => link(case, *kind, *id),
        Event::Unlinked { kind, id } => unlink(case, *kind, *id),
        Event::Merged {
            into,
            number,
            status_before,
        } => {
            case.merged_into = Some(MergedInto {
                case: *into,
                number: number.clone(),
                status_before: status_before.clone(),
            });
        }
        Event::Unmerged { .. } => case.merged_into = None,
        Event::Absorbed(absorbed) => absorb(case, absorbed),
        Event::Released(absorbed) => release(case, absorbed),
        Event::Split { case: other, .. } => push_new(&mut case.related, *other),
        Event::SplitFrom(from) => take_from(case, from),
        Event::MessageSent { message, .. } => push_new(&mut case.messages, *message),
        Event::TaskCreated {
            task,
            title,
            role,
            assignee,
            due,
        } => case.tasks.push(CaseTask {
            id: *task,
            title: title.clone(),
            role: role.clone(),
            assignee: assignee.clone(),
            due: *due,
        }),
        Event::TaskDone { task, .. } => case.tasks.retain(|open| open.id != *task),
        Event::Attached { document, .. } => push_new(&mut case.documents, *document),
    }
}

fn change_fields(case: &mut Case, changes: &serde_json::Map<String, Value>) {
    for (name, change) in changes {
        match change.get("to") {
            None | Some(Value::Null) => {
                case.fields.remove(name);
            }
            Some(value) => {
                case.fields.insert(name.clone(), value.clone());
            }
        }
    }
}

fn migrate(case: &mut Case, moved: &Migrated) {
    case.case_type_version = moved.to;
    case.migration = match moved.reverts {
        true => moved.previous,
        false => Some(moved.migration),
    };
    if let Some(status) = &moved.status {
        case.status.clone_from(&status.to);
    }
    if let (Some(into), Some(status)) = (&mut case.merged_into, &moved.status_before_merge) {
        into.status_before.clone_from(&status.to);
    }
    if let Some(priority) = &moved.priority {
        case.priority.clone_from(&priority.to);
    }
    change_fields(case, &moved.fields);
    for (name, clock) in &moved.clocks {
        match &clock.to {
            Some(clock) => case.clocks.insert(name.clone(), clock.clone()),
            None => case.clocks.remove(name),
        };
    }
    if !case.due_override {
        case.due = sla::due(&case.clocks);
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn push_all<T: Copy + PartialEq>(list: &mut Vec<T>, items: &[T]) {
    items.iter().for_each(|item| push_new(list, *item));
}

fn remove_all<T: PartialEq>(list: &mut Vec<T>, items: &[T]) {
    list.retain(|item| !items.contains(item));
}

fn relate(case: &mut Case, other: CaseId, relation: Relation) {
    match relation {
        Relation::Related => push_new(&mut case.related, other),
        Relation::Parent => case.parent = Some(other),
        Relation::Child => push_new(&mut case.children, other),
    }
}

fn absorb(case: &mut Case, absorbed: &Absorbed) {
    case.property = case.property.or(absorbed.property);
    push_all(&mut case.containers, &absorbed.containers);
    push_all(&mut case.agreements, &absorbed.agreements);
    push_all(&mut case.contacts, &absorbed.contacts);
    push_all(&mut case.messages, &absorbed.messages);
    push_all(&mut case.documents, &absorbed.documents);
    case.merged.push(absorbed.clone());
}

fn release(case: &mut Case, absorbed: &Absorbed) {
    if case.property == absorbed.property {
        case.property = case.property.filter(|_| absorbed.property.is_none());
    }
    remove_all(&mut case.containers, &absorbed.containers);
    remove_all(&mut case.agreements, &absorbed.agreements);
    remove_all(&mut case.contacts, &absorbed.contacts);
    remove_all(&mut case.messages, &absorbed.messages);
    remove_all(&mut case.documents, &absorbed.documents);
    case.merged.retain(|other| other.case != absorbed.case);
}

fn take_from(case: &mut Case, from: &SplitFrom) {
    push_all(&mut case.messages, &from.messages);
    push_all(&mut case.documents, &from.documents);
    push_new(&mut case.related, from.case);
    case.split_from = Some(from.clone());
}

fn link(case: &mut Case, kind: LinkKind, id: Uuid) {
    match kind {
        LinkKind::Property => case.property = Some(PropertyId(id)),
        LinkKind::Container => push_new(&mut case.containers, ContainerId(id)),
        LinkKind::Agreement => push_new(&mut case.agreements, AgreementId(id)),
        LinkKind::Contact => push_new(&mut case.contacts, ContactId(id)),
        LinkKind::Message => push_new(&mut case.messages, MessageId(id)),
        LinkKind::Case => push_new(&mut case.related, CaseId(id)),
    }
}

fn unlink(case: &mut Case, kind: LinkKind, id: Uuid) {
    match kind {
        LinkKind::Property => case.property = None,
        LinkKind::Container => case.containers.retain(|item| item.0 != id),
        LinkKind::Agreement => case.agreements.retain(|item| item.0 != id),
        LinkKind::Contact => case.contacts.retain(|item| item.0 != id),
        LinkKind::Message => case.messages.retain(|item| item.0 != id),
        LinkKind::Case => {
            case.related.retain(|item| item.0 != id);
            case.children.retain(|item| item.0 != id);
            case.parent = case.parent.filter(|item| item.0 != id);
        }
    }
}

/// Whether something is linked to the case.
pub fn is_linked(case: &Case, kind: LinkKind, id: Uuid) -> bool {
    match kind {
        LinkKind::Property => case.property.is_some_and(|item| item.0 == id),
        LinkKind::Container => case.containers.iter().any(|item| item.0 == id),
        LinkKind::Agreement => case.agreements.iter().any(|item| item.0 == id),
        LinkKind::Contact => case.contacts.iter().any(|item| item.0 == id),
        LinkKind::Message => case.messages.iter().any(|item| item.0 == id),
        LinkKind::Case => relation_to(case, CaseId(id)).is_some(),
    }
}

/// How another case stands to this one, where they are linked.
pub fn relation_to(case: &Case, other: CaseId) -> Option<Relation> {
    if case.parent == Some(other) {
        Some(Relation::Parent)
    } else if case.children.contains(&other) {
        Some(Relation::Child)
    } else {
        case.related.contains(&other).then_some(Relation::Related)
    }
}

//! What takes changes of a case back.

use crate::actor::{ActorKind, Caller};
use crate::case::Case;
use crate::case_type::CaseType;
use crate::chain::Entry;
use crate::command::{Command, LinkKind};
use crate::decide::{Chance, HistoryHead, Setting, decide_all};
use crate::event::Event;
use crate::tie::Relation;
use crate::time::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The commands that bring back what commands change, in the order in which they have to be carried out; `before` is the
/// case as it was. Notes, messages and links to messages and other cases stay: what was said was said. A record that is
/// linked again comes to stand behind the others of its kind.
#[must_use]
pub fn undoing(before: &Case, commands: &[Command]) -> Vec<Command> {
    let mut back = Vec::new();
    // What was done last is taken back first.
    for command in commands.iter().rev() {
        match command {
            Command::SetStatus { .. } => back.push(Command::SetStatus {
                status: before.status.clone(),
                reason: None,
            }),
            Command::SetPriority { .. } | Command::ReleasePriority {} => {
                back.push(Command::SetPriority {
                    priority: before.priority.clone(),
                    score: None,
                    reasons: Vec::new(),
                });
                if !before.priority_override {
                    back.push(Command::ReleasePriority {});
                }
            }
            Command::Assign { .. } => back.push(Command::Assign {
                assignee: before.assignee.clone(),
                team: before.team.clone(),
            }),
            Command::SetDue { .. } => back.push(Command::SetDue { due: before.due }),
            Command::SetFields { fields } => {
                let value = |name: &String| before.fields.get(name).cloned().unwrap_or(Value::Null);
                let fields = fields.keys().map(|name| (name.clone(), value(name)));
                back.push(Command::SetFields {
                    fields: fields.collect(),
                });
            }
            Command::Describe { title, description } => back.push(Command::Describe {
                title: title.as_ref().map(|_| before.title.clone()),
                description: description
                    .as_ref()
                    .map(|_| before.description.clone().unwrap_or_default()),
            }),
            Command::Link {
                kind: LinkKind::Property,
                id,
                ..
            } => back.push(property_before(before, *id)),
            Command::Link { kind, id, .. } if is_record(*kind) => back.push(Command::Unlink {
                kind: *kind,
                id: *id,
            }),
            Command::Unlink { kind, id } if is_record(*kind) => back.push(Command::Link {
                kind: *kind,
                id: *id,
                relation: Relation::Related,
                title: None,
                seen: None,
            }),
            Command::Tag { tag } => back.push(Command::Untag { tag: tag.clone() }),
            Command::Untag { tag } => back.push(Command::Tag { tag: tag.clone() }),
            _ => {}
        }
    }
    back
}

/// What the automation writes in answer to a change of a case: it does so again once the change is taken back.
const ANSWERS: [&str; 3] = [
    "case.priority-changed.v1",
    "case.sla-clock.v1",
    "case.workflow.v1",
];

/// The newest change of a case, after everything that happened before it. What the automation answered to it is no change of
/// its own.
#[must_use]
pub fn newest_change(history: &[Entry]) -> (&[Entry], &[Entry]) {
    let is_answer = |entry: &Entry| {
        entry.actor.kind != ActorKind::Person && ANSWERS.contains(&entry.kind.as_str())
    };
    let answers = history.iter().rev().take_while(|one| is_answer(one));
    let known = &history[..history.len() - answers.count()];
    let version = known.last().map(|entry| entry.version);
    let newest = known.iter().rev();
    let newest = newest.take_while(|entry| Some(entry.version) == version);
    known.split_at(known.len() - newest.count())
}

/// The commands that take back what one change of a case did, as its history tells it; nothing where a part of it cannot
/// be taken back. What the clocks did follows by itself. `before` is the case as it was: the fold of what happened until
/// then.
#[must_use]
pub fn reversing(before: &Case, events: &[Event]) -> Option<Vec<Command>> {
    let mut back = Vec::new();
    for event in events.iter().rev() {
        match event {
            Event::StatusChanged { from, .. } => back.push(Command::SetStatus {
                status: from.clone(),
                reason: None,
            }),
            Event::PriorityChanged { from, to, .. } if from != to => {
                back.push(Command::SetPriority {
                    priority: from.clone(),
                    score: None,
                    reasons: Vec::new(),
                });
            }
            Event::Assigned {
                from, from_team, ..
            } => back.push(Command::Assign {
                assignee: from.clone(),
                team: from_team.clone(),
            }),
            Event::DueChanged { from, .. } => back.push(Command::SetDue { due: *from }),
            Event::FieldsChanged { changes } => {
                let before = |change: &Value| change.get("from").cloned().unwrap_or(Value::Null);
                let fields: Map<String, Value> = changes
                    .iter()
                    .map(|(name, change)| (name.clone(), before(change)))
                    .collect();
                back.push(Command::SetFields { fields });
            }
            Event::Tagged { tag } => back.push(Command::Untag { tag: tag.clone() }),
            Event::Untagged { tag } => back.push(Command::Tag { tag: tag.clone() }),
            Event::Described { title, description } => back.push(Command::Describe {
                title: title.as_ref().map(|_| before.title.clone()),
                description: description
                    .as_ref()
                    .map(|_| before.description.clone().unwrap_or_default()),
            }),
            Event::Linked {
                kind: LinkKind::Property,
                id,
                ..
            } => back.push(property_before(before, *id)),
            Event::Linked { kind, id, .. } => back.push(Command::Unlink {
                kind: *kind,
                id: *id,
            }),
            Event::Unlinked { kind, id } if stood_last(before, *kind, *id) => {
                back.push(Command::Link {
                    kind: *kind,
                    id: *id,
                    relation: Relation::Related,
                    title: None,
                    seen: None,
                });
            }
            Event::ClockChanged { .. } => {}
            _ => return None,
        }
    }
    (!back.is_empty()).then_some(back)
}

/// Messages and other cases are tied to a case in other ways than the records of the registers.
fn is_record(kind: LinkKind) -> bool {
    !matches!(kind, LinkKind::Message | LinkKind::Case)
}

/// Whether a record stood behind all others of its kind, where it comes to stand when it is linked again.
fn stood_last(case: &Case, kind: LinkKind, id: Uuid) -> bool {
    match kind {
        LinkKind::Property => true,
        LinkKind::Container => case.containers.last().is_some_and(|last| last.0 == id),
        LinkKind::Agreement => case.agreements.last().is_some_and(|last| last.0 == id),
        LinkKind::Contact => case.contacts.last().is_some_and(|last| last.0 == id),
        LinkKind::Message | LinkKind::Case => false,
    }
}

/// A property takes the place of the one that was there before.
fn property_before(before: &Case, linked: Uuid) -> Command {
    match before.property {
        Some(known) => Command::Link {
            kind: LinkKind::Property,
            id: known.0,
            relation: Relation::Related,
            title: None,
            seen: None,
        },
        None => Command::Unlink {
            kind: LinkKind::Property,
            id: linked,
        },
    }
}

/// Whether a case would take all of the commands from a caller now. What would be refused is not offered: a case type
/// need not have a way back from every status, nor one for everybody.
#[must_use]
pub fn would_take(
    case: &Case,
    case_type: &CaseType,
    caller: &Caller,
    commands: &[Command],
    now: Timestamp,
) -> bool {
    let mut setting = Setting {
        caller,
        cause: None,
        now,
        chance: &mut Trial,
    };
    let head = HistoryHead::default();
    decide_all(case, head, case_type, commands, &mut setting).is_ok()
}

/// Nothing of a trial is kept, so that its ids need not differ.
struct Trial;

impl Chance for Trial {
    fn id(&mut self) -> Uuid {
        Uuid::nil()
    }

    fn salt(&mut self) -> [u8; 16] {
        [0; 16]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::fold::apply;
    use crate::id::{CaseId, ContainerId, PropertyId};
    use crate::rights::Role;
    use serde_json::json;

    fn before() -> Case {
        let created = json!({ "id": CaseId(Uuid::nil()), "number": "1", "caseType": "t", "caseTypeVersion": 1,
            "title": "En sofa", "status": "open", "priority": "normal", "property": PropertyId(Uuid::nil()) });
        let created = created.as_object().cloned().unwrap_or_default();
        let created = Event::from_parts("case.created.v1", &created).expect("an event");
        apply(None, &created, 1, Timestamp::from_micros(1)).expect("the first event")
    }

    #[test]
    fn a_text_and_a_property_are_what_they_were() {
        let described = Event::Described {
            title: Some("To sofaer".to_owned()),
            description: Some("Ved porten".to_owned()),
        };
        let back = reversing(&before(), &[described]);
        let texts = Command::Describe {
            title: Some("En sofa".to_owned()),
            description: Some(String::new()),
        };
        assert_eq!(back, Some(vec![texts]));
        let property = |id: Uuid| json!({ "kind": "property", "id": id });
        let linked = property(Uuid::from_u128(7));
        let linked = Event::from_parts("case.linked.v1", linked.as_object().expect("an object"));
        let back =
            reversing(&before(), &[linked.expect("an event")]).expect("it can be taken back");
        let known = Uuid::nil();
        assert!(
            matches!(back[..], [Command::Link { kind: LinkKind::Property, id, .. }] if id == known),
            "{back:?}"
        );
        let mut case = before();
        case.containers = [7, 8].map(|id| ContainerId(Uuid::from_u128(id))).to_vec();
        let gone = |kind, id| Event::Unlinked {
            kind,
            id: Uuid::from_u128(id),
        };
        let back = reversing(&case, &[gone(LinkKind::Container, 8)]).expect("it can be taken back");
        assert!(
            matches!(back[..], [Command::Link { kind: LinkKind::Container, id, .. }] if id == Uuid::from_u128(8)),
            "{back:?}"
        );
        let first = reversing(&case, &[gone(LinkKind::Container, 7)]);
        assert_eq!(first, None, "it would come to stand last");
        let other = reversing(&case, &[gone(LinkKind::Case, 8)]);
        assert_eq!(
            other, None,
            "how the other case stood to this one is not told"
        );
    }

    #[test]
    fn a_change_is_taken_back_as_the_history_tells_it_or_not_at_all() {
        let changes = json!({ "pieces": { "from": null, "to": 2 } });
        let fields = Event::FieldsChanged {
            changes: changes.as_object().cloned().unwrap_or_default(),
        };
        let tag = Event::Tagged {
            tag: "storm".to_owned(),
        };
        let back = reversing(&before(), &[fields.clone(), tag]).expect("both can be taken back");
        assert_eq!(
            back[0],
            Command::Untag {
                tag: "storm".to_owned()
            }
        );
        let Command::SetFields { fields: values } = &back[1] else {
            panic!("{back:?}")
        };
        assert_eq!(values.get("pieces"), Some(&Value::Null));
        let note = Event::Noted {
            text: "Ringet".to_owned(),
            attachments: Vec::new(),
        };
        assert_eq!(
            reversing(&before(), &[fields, note]),
            None,
            "what was said was said"
        );
        assert_eq!(reversing(&before(), &[]), None);
    }

    #[test]
    fn only_what_the_case_type_has_a_way_back_for_would_be_taken() {
        let text = json!({ "caseType": "t", "version": 1,
            "statuses": [{ "name": "created", "initial": true }, { "name": "open" }, { "name": "closed", "final": true }],
            "transitions": [
                { "name": "begin", "from": { "Statuses": ["created"] }, "to": "open" },
                { "name": "end", "from": { "Statuses": ["open"] }, "to": "closed" },
                { "name": "reopen", "from": { "Statuses": ["closed"] }, "to": "open", "roles": ["lead"] }] });
        let case_type: CaseType = serde_json::from_value(text).expect("a case type");
        let caller = |role| Caller {
            actor: Actor::new(ActorKind::Person, "jonas"),
            roles: vec![role],
        };
        let case = |status: &str| Case {
            status: status.to_owned(),
            ..before()
        };
        let back = |to: &str| {
            let untag = Command::Untag {
                tag: "storm".to_owned(),
            };
            let status = Command::SetStatus {
                status: to.to_owned(),
                reason: None,
            };
            [untag, status]
        };
        let now = Timestamp::from_micros(2);
        let taken = |from: &str, to: &str, role| {
            would_take(&case(from), &case_type, &caller(role), &back(to), now)
        };
        assert!(!taken("open", "created", Role::Lead), "no way leads back");
        assert!(taken("closed", "open", Role::Lead));
        assert!(!taken("closed", "open", Role::Caseworker), "not for them");
    }
}

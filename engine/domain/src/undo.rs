//! What takes changes of a case back.

use crate::case::Case;
use crate::command::{Command, LinkKind};
use crate::event::Event;
use serde_json::{Map, Value};

/// The commands that bring back what commands change, in the order in which they have to be carried out; `before` is the
/// case as it was. Notes, messages and links stay: what was said was said.
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
            Command::Tag { tag } => back.push(Command::Untag { tag: tag.clone() }),
            Command::Untag { tag } => back.push(Command::Tag { tag: tag.clone() }),
            _ => {}
        }
    }
    back
}

/// The commands that take back what one change of a case did, as its history tells it; nothing where a part of it cannot
/// be taken back. What the clocks did follows by itself.
#[must_use]
pub fn reversing(events: &[Event]) -> Option<Vec<Command>> {
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
            // The property that was there before is not told.
            Event::Linked {
                kind: LinkKind::Property,
                ..
            } => return None,
            Event::Linked { kind, id, .. } => back.push(Command::Unlink {
                kind: *kind,
                id: *id,
            }),
            Event::ClockChanged { .. } => {}
            _ => return None,
        }
    }
    (!back.is_empty()).then_some(back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_is_taken_back_as_the_history_tells_it_or_not_at_all() {
        let changes = json!({ "pieces": { "from": null, "to": 2 } });
        let fields = Event::FieldsChanged {
            changes: changes.as_object().cloned().unwrap_or_default(),
        };
        let tag = Event::Tagged {
            tag: "storm".to_owned(),
        };
        let back = reversing(&[fields.clone(), tag]).expect("both can be taken back");
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
        };
        assert_eq!(reversing(&[fields, note]), None, "what was said was said");
        assert_eq!(reversing(&[]), None);
    }
}

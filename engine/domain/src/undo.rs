//! What takes changes of a case back.

use crate::case::Case;
use crate::command::Command;

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
            Command::Tag { tag } => back.push(Command::Untag { tag: tag.clone() }),
            Command::Untag { tag } => back.push(Command::Tag { tag: tag.clone() }),
            _ => {}
        }
    }
    back
}

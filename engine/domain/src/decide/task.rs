//! Tasks for people, and escalation.

use super::Setting;
use super::edit::{LONG_TEXT, SHORT_TEXT, check_text};
use crate::case::Case;
use crate::command::Command;
use crate::event::Event;
use crate::id::TaskId;
use crate::rejection::Rejection;

/// Most tasks that are open on a case at once.
const MOST_TASKS: usize = 100;

pub(super) fn judge(
    case: &Case,
    command: &Command,
    setting: &mut Setting<'_>,
) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::CreateTask {
            title,
            role,
            assignee,
            due,
        } => {
            check_text("title", title, SHORT_TEXT, true)?;
            if let Some(role) = role {
                check_text("role", role, SHORT_TEXT, false)?;
            }
            if case.tasks.len() >= MOST_TASKS {
                return Err(Rejection::TooLong {
                    field: "tasks",
                    limit: MOST_TASKS,
                });
            }
            Ok(vec![Event::TaskCreated {
                task: TaskId(setting.chance.id()),
                title: title.trim().to_owned(),
                role: role.clone(),
                assignee: assignee.clone(),
                due: *due,
            }])
        }
        Command::FinishTask {
            task,
            outcome,
            note,
        } => finish(case, *task, outcome.as_deref(), note.as_deref()),
        Command::Escalate { level, reason } => {
            check_text("level", level, SHORT_TEXT, true)?;
            if let Some(reason) = reason {
                check_text("reason", reason, LONG_TEXT, false)?;
            }
            Ok(vec![Event::Escalated {
                level: level.trim().to_owned(),
                reason: reason.clone(),
            }])
        }
        _ => Ok(Vec::new()),
    }
}

fn finish(
    case: &Case,
    task: TaskId,
    outcome: Option<&str>,
    note: Option<&str>,
) -> Result<Vec<Event>, Rejection> {
    let open = case.tasks.iter().find(|open| open.id == task);
    let open = open.ok_or_else(|| Rejection::NotFound {
        kind: "task",
        id: task.to_string(),
    })?;
    if let Some(outcome) = outcome {
        check_text("outcome", outcome, SHORT_TEXT, false)?;
    }
    if let Some(note) = note {
        check_text("note", note, LONG_TEXT, false)?;
    }
    Ok(vec![Event::TaskDone {
        task,
        title: open.title.clone(),
        outcome: outcome.map(str::to_owned),
        note: note.map(str::to_owned),
    }])
}

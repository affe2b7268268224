//! How deep a run of a workflow nests in what is kept of it.

use crate::workflow::{Call, Target, Task, TaskId, TaskKind, TaskList, Workflow};

/// Most levels that the frames of a run may take in its snapshot; see `expression::meter` for the rest.
pub(super) const MOST_LEVELS: usize = 48;

/// The first task that lies too deep.
pub(super) fn too_deep(workflow: &Workflow) -> Option<&Task> {
    deep_list(workflow, &workflow.body, 0)
}

fn deep_list<'w>(workflow: &'w Workflow, list: &TaskList, levels: usize) -> Option<&'w Task> {
    let mut tasks = list.0.iter();
    tasks.find_map(|id| deep(workflow, *id, levels))
}

/// `levels` are those from the frame of the outermost task to the one of this task.
fn deep(workflow: &Workflow, id: TaskId, levels: usize) -> Option<&Task> {
    let task = workflow.task(id);
    if levels > MOST_LEVELS {
        return Some(task);
    }
    match &task.kind {
        TaskKind::Do(list) => deep_list(workflow, list, levels + 3),
        TaskKind::For(each) => deep_list(workflow, &each.body, levels + 4),
        TaskKind::Fork { branches, .. } => deep_list(workflow, branches, levels + 4),
        TaskKind::Listen(listen) => {
            let each = listen.foreach.as_ref()?;
            deep_list(workflow, &each.body, levels + 4)
        }
        TaskKind::Try(attempt) => deep_list(workflow, &attempt.body, levels + 6).or_else(|| {
            let caught = attempt.catch.body.as_ref()?;
            deep_list(workflow, caught, levels + 6)
        }),
        TaskKind::Call(Call {
            target: Target::Local(name),
            ..
        }) => deep(workflow, *workflow.functions.get(name)?, levels + 3),
        _ => None,
    }
}

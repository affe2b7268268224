//! How deep a run of a workflow nests in what is kept of it.

use crate::workflow::{Call, Target, Task, TaskId, TaskKind, TaskList, Workflow};
use std::collections::BTreeMap;

/// Most levels that the frames of a run may take in its snapshot; see `expression::meter` for the rest.
pub(super) const MOST_LEVELS: usize = 48;

/// The first task that lies too deep.
pub(super) fn too_deep(workflow: &Workflow) -> Option<&Task> {
    let mut search = Search {
        workflow,
        fits: BTreeMap::new(),
    };
    search.list(&workflow.body, 0)
}

struct Search<'w> {
    workflow: &'w Workflow,
    /// Functions that fit, with the most levels at which they were called: from fewer they fit too.
    fits: BTreeMap<TaskId, usize>,
}

impl<'w> Search<'w> {
    fn list(&mut self, list: &TaskList, levels: usize) -> Option<&'w Task> {
        list.0.iter().find_map(|id| self.task(*id, levels))
    }

    /// `levels` are those from the frame of the outermost task to the one of this task.
    fn task(&mut self, id: TaskId, levels: usize) -> Option<&'w Task> {
        let task = self.workflow.task(id);
        if levels > MOST_LEVELS {
            return Some(task);
        }
        match &task.kind {
            TaskKind::Do(list) => self.list(list, levels + 3),
            TaskKind::For(each) => self.list(&each.body, levels + 4),
            TaskKind::Fork { branches, .. } => self.list(branches, levels + 4),
            TaskKind::Listen(listen) => {
                let each = listen.foreach.as_ref()?;
                self.list(&each.body, levels + 4)
            }
            TaskKind::Try(attempt) => self.list(&attempt.body, levels + 6).or_else(|| {
                let caught = attempt.catch.body.as_ref()?;
                self.list(caught, levels + 6)
            }),
            TaskKind::Call(Call {
                target: Target::Local(name),
                ..
            }) => self.function(*self.workflow.functions.get(name)?, levels + 3),
            _ => None,
        }
    }

    fn function(&mut self, id: TaskId, levels: usize) -> Option<&'w Task> {
        if self.fits.get(&id).is_some_and(|most| levels <= *most) {
            return None;
        }
        let found = self.task(id, levels);
        if found.is_none() {
            self.fits.insert(id, levels);
        }
        found
    }
}

//! A person sends an instance to another task: what it waits for is taken back, and it goes on there.
//!
//! An instance can be sent to the tasks of the lists in which it stands: of the innermost one first, so that a name that
//! stands in several means the nearest. It stays in the item of a loop and in the attempt in which it is. Lists inside a
//! `fork` are no targets, since other branches go on beside them.

use crate::run::Run;
use crate::state::{Body, ListFrame, Phase, State, TaskFrame};
use sagsgang_definition::workflow::{TaskKind, TaskList};
use sagsgang_definition::{Data, Workflow};

/// Names of the tasks that an instance can be sent to, the innermost list first; a name stands once.
pub fn jump_targets(definition: &Workflow, state: &State) -> Vec<String> {
    let mut lists = vec![&definition.body];
    let mut frame = state.body.as_ref();
    while let Some((list, inner)) = frame
        .and_then(|frame| frame.task.as_deref())
        .and_then(|task| inner(definition, task))
    {
        lists.push(list);
        frame = Some(inner);
    }
    let mut names: Vec<String> = Vec::new();
    for id in lists.iter().rev().flat_map(|list| list.0.iter()) {
        let name = &*definition.task(*id).name;
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The list in which a task is in the middle of its work.
fn inner<'w, 's>(
    definition: &'w Workflow,
    task: &'s TaskFrame,
) -> Option<(&'w TaskList, &'s ListFrame)> {
    match (&definition.task(task.id).kind, &task.body) {
        (TaskKind::Do(list), Body::Do(frame)) => Some((list, frame)),
        (TaskKind::For(each), Body::For { list, .. }) => Some((&each.body, list)),
        (TaskKind::Try(attempt), Body::Try(frame)) => match &frame.phase {
            Phase::Trying { list, .. } => Some((&attempt.body, list)),
            Phase::Catching { list, .. } => Some((attempt.catch.body.as_ref()?, list)),
            Phase::Delaying { .. } => None,
        },
        _ => None,
    }
}

/// The same, to be changed.
fn inner_mut<'w, 's>(
    definition: &'w Workflow,
    task: &'s mut TaskFrame,
) -> Option<(&'w TaskList, &'s mut ListFrame)> {
    match (&definition.task(task.id).kind, &mut task.body) {
        (TaskKind::Do(list), Body::Do(frame)) => Some((list, frame)),
        (TaskKind::For(each), Body::For { list, .. }) => Some((&each.body, list)),
        (TaskKind::Try(attempt), Body::Try(frame)) => match &mut frame.phase {
            Phase::Trying { list, .. } => Some((&attempt.body, list)),
            Phase::Catching { list, .. } => Some((attempt.catch.body.as_ref()?, list)),
            Phase::Delaying { .. } => None,
        },
        _ => None,
    }
}

impl Run<'_> {
    /// Sends the instance to a task; whether there is one of that name.
    pub(crate) fn send_to(&mut self, name: &str, input: Option<Data>) -> bool {
        let definition = self.definition;
        let Some(mut body) = self.state.body.take() else {
            return false;
        };
        let sent = self.send_in(&definition.body, &mut body, name, input);
        self.state.body = Some(body);
        sent
    }

    fn send_in(
        &mut self,
        list: &TaskList,
        frame: &mut ListFrame,
        name: &str,
        input: Option<Data>,
    ) -> bool {
        let deeper = frame.task.as_deref_mut();
        if let Some((list, inner)) = deeper.and_then(|task| inner_mut(self.definition, task))
            && self.send_in(list, inner, name, input.clone())
        {
            return true;
        }
        let mut tasks = list.0.iter();
        let Some(place) = tasks.position(|id| &*self.definition.task(*id).name == name) else {
            return false;
        };
        self.stop_list(frame);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        // A task that is reached again is another visit, with keys of its own.
        if place <= frame.at {
            frame.round += 1;
        }
        frame.at = place;
        frame.task = None;
        if let Some(input) = input {
            frame.value = input;
        }
        true
    }
}

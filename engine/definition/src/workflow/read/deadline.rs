//! Steps that wait for an event which may never come: nobody would be told, and the run would stay for ever.

use crate::workflow::{
    Call, Filter, Listen, Strategy, Target, Task, TaskId, TaskKind, TaskList, Until, Workflow,
};
use std::collections::{BTreeMap, BTreeSet};

/// The event of a clock of the case. A clock is a deadline that the case keeps.
const RUNG: &str = "case.sla-rung.v1";

/// The member of `metadata` by which an author says why a step may wait for ever.
const REASON: &str = "withoutDeadline";

/// The tasks that wait for events without an end, in the order of the file. Each task is looked at once, however often a
/// function is called; the workflow must not lie deeper than [`super::nesting`] allows.
pub(super) fn missing(workflow: &Workflow) -> Vec<&Task> {
    if workflow.timeout.is_some() {
        return Vec::new();
    }
    let mut waits = Waits {
        workflow,
        known: BTreeMap::new(),
        seen: BTreeSet::new(),
        found: Vec::new(),
    };
    for id in workflow.body.0.iter() {
        waits.collect(*id);
    }
    let mut tasks = waits.found;
    tasks.sort_by_key(|task| task.at);
    tasks
}

struct Waits<'w> {
    workflow: &'w Workflow,
    /// Whether a task, or one in it, may wait for ever.
    known: BTreeMap<TaskId, bool>,
    seen: BTreeSet<TaskId>,
    found: Vec<&'w Task>,
}

impl<'w> Waits<'w> {
    fn collect(&mut self, id: TaskId) {
        if !self.seen.insert(id) || !self.may_wait(id) {
            return;
        }
        let task = self.workflow.task(id);
        if hears_nothing_certain(self.workflow, task) {
            self.found.push(task);
        }
        for part in parts(self.workflow, task) {
            self.collect(part);
        }
    }

    fn may_wait(&mut self, id: TaskId) -> bool {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let task = self.workflow.task(id);
        let parts = if task.timeout.is_some() || has_reason(task) {
            None
        } else {
            Some(parts(self.workflow, task))
        };
        let may = parts.is_some_and(|parts| match &task.kind {
            // One branch that ends by itself ends the others.
            TaskKind::Fork { compete: true, .. } => {
                !parts.is_empty() && parts.into_iter().all(|part| self.may_wait(part))
            }
            _ => {
                hears_nothing_certain(self.workflow, task)
                    || parts.into_iter().any(|part| self.may_wait(part))
            }
        });
        self.known.insert(id, may);
        may
    }
}

/// Tasks in a task that have no end by it.
fn parts(workflow: &Workflow, task: &Task) -> Vec<TaskId> {
    let of = |list: &TaskList| list.0.to_vec();
    match &task.kind {
        TaskKind::Do(list) => of(list),
        TaskKind::For(each) => of(&each.body),
        TaskKind::Fork { branches, .. } => of(branches),
        TaskKind::Listen(listen) => {
            let each = listen.foreach.as_ref();
            each.map(|each| of(&each.body)).unwrap_or_default()
        }
        TaskKind::Try(attempt) => {
            let retry = attempt.catch.retry.as_ref();
            let is_bounded = retry.is_some_and(|retry| retry.attempt_duration.is_some());
            let tried = (!is_bounded).then_some(&attempt.body);
            let lists = tried.into_iter().chain(attempt.catch.body.as_ref());
            lists.flat_map(of).collect()
        }
        TaskKind::Call(Call {
            target: Target::Local(name),
            ..
        }) => workflow.functions.get(name).copied().into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether a task itself listens for what may never come.
fn hears_nothing_certain(workflow: &Workflow, task: &Task) -> bool {
    matches!(&task.kind, TaskKind::Listen(listen) if !hears_a_clock(workflow, listen))
}

fn has_reason(task: &Task) -> bool {
    let metadata = task.definition.get("metadata");
    let reason = metadata.and_then(|metadata| metadata.get(REASON));
    reason.is_some_and(|reason| reason.as_str().is_some_and(|text| !text.trim().is_empty()))
}

/// Whether the event of a clock of the case ends the listening.
fn hears_a_clock(workflow: &Workflow, listen: &Listen) -> bool {
    let is_rung = |id| workflow.filter(id).and_then(Filter::event_type) == Some(RUNG);
    match &listen.strategy {
        Strategy::One(filter) => is_rung(*filter),
        Strategy::Any {
            filters,
            until: None,
        } => filters.iter().any(|filter| is_rung(*filter)),
        Strategy::Any {
            until: Some(until), ..
        } => match &**until {
            Until::Events(until) => {
                !matches!(until, Strategy::All(_)) && until.filters().any(is_rung)
            }
            Until::Condition(_) => false,
        },
        Strategy::All(_) => false,
    }
}

//! Steps that wait for an event which may never come: nobody would be told, and the run would stay for ever.

use crate::workflow::{
    Call, Filter, Listen, Strategy, Target, Task, TaskId, TaskKind, TaskList, Until, Workflow,
};
use std::collections::BTreeSet;

/// The event of a clock of the case. A clock is a deadline that the case keeps.
const RUNG: &str = "case.sla-rung.v1";

/// The member of `metadata` by which an author says why a step may wait for ever.
const REASON: &str = "withoutDeadline";

/// The tasks that wait for events without an end, in the order of the file.
pub(super) fn missing(workflow: &Workflow) -> Vec<&Task> {
    if workflow.timeout.is_some() {
        return Vec::new();
    }
    let mut found = BTreeSet::new();
    in_list(workflow, &workflow.body, &mut found);
    let mut tasks: Vec<&Task> = found.into_iter().map(|id| workflow.task(id)).collect();
    tasks.sort_by_key(|task| task.at);
    tasks
}

fn in_list(workflow: &Workflow, list: &TaskList, found: &mut BTreeSet<TaskId>) {
    for id in list.0.iter() {
        in_task(workflow, *id, found);
    }
}

fn in_task(workflow: &Workflow, id: TaskId, found: &mut BTreeSet<TaskId>) {
    let task = workflow.task(id);
    if task.timeout.is_some() || has_reason(task) {
        return;
    }
    match &task.kind {
        TaskKind::Do(list) => in_list(workflow, list, found),
        TaskKind::For(each) => in_list(workflow, &each.body, found),
        TaskKind::Fork { branches, compete } => {
            let each = branches.0.iter().map(|id| {
                let mut own = BTreeSet::new();
                in_task(workflow, *id, &mut own);
                own
            });
            let each: Vec<BTreeSet<TaskId>> = each.collect();
            // One branch that ends by itself ends the others.
            if !(*compete && each.iter().any(BTreeSet::is_empty)) {
                found.extend(each.into_iter().flatten());
            }
        }
        TaskKind::Listen(listen) => {
            if !hears_a_clock(workflow, listen) {
                found.insert(id);
            }
            if let Some(each) = &listen.foreach {
                in_list(workflow, &each.body, found);
            }
        }
        TaskKind::Try(attempt) => {
            let retry = attempt.catch.retry.as_ref();
            if retry.is_none_or(|retry| retry.attempt_duration.is_none()) {
                in_list(workflow, &attempt.body, found);
            }
            if let Some(caught) = &attempt.catch.body {
                in_list(workflow, caught, found);
            }
        }
        TaskKind::Call(Call {
            target: Target::Local(name),
            ..
        }) => {
            if let Some(function) = workflow.functions.get(name) {
                in_task(workflow, *function, found);
            }
        }
        _ => {}
    }
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

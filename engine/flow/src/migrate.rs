//! Moves a standing instance to another version of its definition.

use crate::effect::Effect;
use crate::state::{
    Body, Branch, Held, HeldTask, ListFrame, ListenFrame, Phase, State, TaskFrame, TryFrame,
};
use sagsgang_definition::workflow::{
    Call, FilterId, Listen, Target, Task, TaskId, TaskKind, TaskList, Try,
};
use sagsgang_definition::{Sentence, Workflow, say};
use sagsgang_domain::Timestamp;
use std::mem;
use std::sync::Arc;

/// An instance moved to another version.
#[derive(Clone, Debug, PartialEq)]
pub struct Migrated {
    /// Where it stands in the other version.
    pub state: State,
    /// Subscriptions whose filters are numbered anew; a subscription of the same key is replaced.
    pub effects: Vec<Effect>,
}

/// Moves an instance to another version. Tasks are found again by their names: each task at which the instance stands
/// must be in the same list of the other version, and of the same kind. Keys are made of names, so they stay.
///
/// # Errors
/// Why it cannot be moved, a sentence for each place.
pub fn migrate(from: &Workflow, to: &Workflow, state: &State) -> Result<Migrated, Vec<Sentence>> {
    let mut mover = Move {
        from,
        to,
        started_at: state.started_at(),
        stopped_at: stopped_at(state).map(|task| task.reference.clone()),
        now_at: None,
        problems: Vec::new(),
        effects: Vec::new(),
    };
    let mut state = state.clone();
    if let Some(body) = &mut state.body {
        mover.list(&from.body, &to.body, body);
    }
    if let (Some(Held { task: Some(task) }), Some(reference)) = (&mut state.held, mover.now_at) {
        task.reference = reference;
    }
    if mover.problems.is_empty() {
        Ok(Migrated {
            state,
            effects: mover.effects,
        })
    } else {
        Err(mover.problems)
    }
}

fn stopped_at(state: &State) -> Option<&HeldTask> {
    state.held()?.task.as_ref()
}

struct Move<'w> {
    from: &'w Workflow,
    to: &'w Workflow,
    started_at: Timestamp,
    /// Reference of the task at which an error stopped the instance, before and after.
    stopped_at: Option<Arc<str>>,
    now_at: Option<Arc<str>>,
    problems: Vec<Sentence>,
    effects: Vec<Effect>,
}

impl Move<'_> {
    fn miss(&mut self, name: &str) {
        self.problems.push(say!(
            "it stands at `{name}`, which the other version does not have there",
            name
        ));
    }

    fn refuse(&mut self, name: &str, why: &'static str) {
        let problem = say!("it stands at `{name}`, {why}", name, why);
        self.problems.push(problem);
    }

    /// The task of the same name in the list of the other version.
    fn find(&mut self, id: TaskId, to: &TaskList) -> Option<(usize, TaskId)> {
        let before = self.from.task(id);
        let mut tasks = to.0.iter().enumerate();
        let (place, found) = tasks.find(|(_, id)| self.to.task(**id).name == before.name)?;
        if self.stopped_at.as_ref() == Some(&before.reference) {
            self.now_at = Some(self.to.task(*found).reference.clone());
        }
        Some((place, *found))
    }

    fn list(&mut self, from: &TaskList, to: &TaskList, frame: &mut ListFrame) {
        let Some(id) = from.0.get(frame.at as usize) else {
            frame.at = u32::try_from(to.0.len()).unwrap_or(u32::MAX);
            return;
        };
        let Some((place, found)) = self.find(*id, to) else {
            let name = self.from.task(*id).name.clone();
            return self.miss(&name);
        };
        frame.at = u32::try_from(place).unwrap_or(u32::MAX);
        if let Some(task) = &mut frame.task {
            self.task(found, task);
        }
    }

    fn task(&mut self, to: TaskId, frame: &mut TaskFrame) {
        let (before, after) = (self.from.task(frame.id), self.to.task(to));
        if mem::discriminant(&before.kind) != mem::discriminant(&after.kind) {
            return self.refuse(&before.name, "which is a task of another kind there");
        }
        frame.id = to;
        self.body(before, after, &mut frame.body);
    }

    fn body(&mut self, before: &Task, after: &Task, body: &mut Body) {
        match (&before.kind, &after.kind, body) {
            (TaskKind::Do(from), TaskKind::Do(to), Body::Do(list)) => self.list(from, to, list),
            (TaskKind::For(from), TaskKind::For(to), Body::For { list, .. }) => {
                self.list(&from.body, &to.body, list);
            }
            (
                TaskKind::Fork { branches: from, .. },
                TaskKind::Fork { branches: to, .. },
                Body::Fork(branches),
            ) => self.branches(before, from, to, branches),
            (TaskKind::Listen(from), TaskKind::Listen(to), Body::Listen(listen)) => {
                self.listen(after, from, to, listen);
            }
            (TaskKind::Try(from), TaskKind::Try(to), Body::Try(attempt)) => {
                self.attempt(before, from, to, attempt);
            }
            (TaskKind::Call(from), TaskKind::Call(to), Body::Function { task, .. }) => {
                self.function(before, from, to, task);
            }
            (TaskKind::Call(_), TaskKind::Call(to), Body::Call { .. })
                if matches!(to.target, Target::Local(_)) =>
            {
                self.refuse(&before.name, "which calls a function of the file there");
            }
            // A call, a run or a wait under way ends as it began.
            _ => {}
        }
    }

    fn branches(
        &mut self,
        before: &Task,
        from: &TaskList,
        to: &TaskList,
        branches: &mut Vec<Branch>,
    ) {
        let mut moved: Vec<Branch> = to.0.iter().map(|_| Branch::Running(None)).collect();
        for (id, mut branch) in from.0.iter().zip(mem::take(branches)) {
            let Some((place, found)) = self.find(*id, to) else {
                self.problems.push(say!(
                    "it stands at `{name}`, whose branch `{branch}` is missing there",
                    name = before.name,
                    branch = self.from.task(*id).name
                ));
                continue;
            };
            if let Branch::Running(Some(task)) = &mut branch {
                self.task(found, task);
            }
            moved[place] = branch;
        }
        *branches = moved;
    }

    fn function(
        &mut self,
        before: &Task,
        from: &Call,
        to: &Call,
        task: &mut Option<Box<TaskFrame>>,
    ) {
        let (Target::Local(from), Target::Local(to)) = (&from.target, &to.target) else {
            return self.refuse(&before.name, "which calls nothing in the file there");
        };
        match self.to.functions.get(to) {
            Some(id) if from == to => {
                if let Some(task) = task {
                    self.task(*id, task);
                }
            }
            _ => self.refuse(&before.name, "which calls another function there"),
        }
    }

    fn attempt(&mut self, before: &Task, from: &Try, to: &Try, attempt: &mut TryFrame) {
        match &mut attempt.phase {
            Phase::Trying { list, .. } => self.list(&from.body, &to.body, list),
            Phase::Catching { list, .. } => match (&from.catch.body, &to.catch.body) {
                (Some(from), Some(to)) => self.list(from, to, list),
                _ => self.refuse(&before.name, "whose error is not handled there"),
            },
            Phase::Delaying { .. } if to.catch.retry.is_none() => {
                self.refuse(&before.name, "which is not tried again there");
            }
            Phase::Delaying { .. } => {}
        }
    }

    fn listen(&mut self, after: &Task, from: &Listen, to: &Listen, frame: &mut ListenFrame) {
        let all = |listen: &Listen| {
            let strategy = &listen.strategy;
            let filters = strategy.filters().chain(strategy.until_filters());
            filters.collect::<Vec<FilterId>>()
        };
        let (before, now) = (all(from), all(to));
        let same_strategy = mem::discriminant(&from.strategy) == mem::discriminant(&to.strategy);
        if !same_strategy || before.len() != now.len() {
            return self.refuse(&after.name, "which waits for other events there");
        }
        for filter in &mut frame.filters {
            let Some(place) = filter
                .filter
                .and_then(|id| before.iter().position(|own| *own == id))
            else {
                continue;
            };
            let Some(found) = self.to.filter(now[place]) else {
                continue;
            };
            if found
                .variables()
                .any(|name| !filter.variables.contains_key(name))
            {
                return self.refuse(&after.name, "whose events depend on other values there");
            }
            let constant = |attribute| found.constant(attribute).map(str::to_owned);
            filter.filter = Some(now[place]);
            filter.r#type = constant("type");
            filter.source = constant("source");
            filter.subject = constant("subject");
        }
        if !frame.closed {
            self.effects.push(Effect::Subscribe {
                key: frame.key.clone(),
                path: after.reference.to_string(),
                task: after.name.to_string(),
                filters: frame.filters.clone(),
                since: self.started_at,
                once: false,
            });
        }
        if let (Some(from), Some(to), Some(list)) = (&from.foreach, &to.foreach, &mut frame.list) {
            self.list(&from.body, &to.body, list);
        } else if from.foreach.is_some() != to.foreach.is_some() {
            self.refuse(
                &after.name,
                "which does something else with its events there",
            );
        }
    }
}

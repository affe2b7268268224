//! Takes back what frames wait for when they are left early.

use super::Run;
use crate::effect::Effect;
use crate::moment::TaskMoment;
use crate::state::{Body, Branch, ListFrame, Phase, TaskFrame};

impl Run<'_> {
    /// Takes back everything that the instance waits for.
    pub fn stop_all(&mut self) {
        if let Some(body) = self.state.body.take() {
            self.stop_list(&body);
        }
    }

    /// Takes back what a task waits for.
    pub(super) fn stop(&mut self, body: &Body) {
        match body {
            Body::Call { key, .. } => self.effects.push(Effect::CancelCall { key: key.clone() }),
            Body::Run { key, .. } => self.effects.push(Effect::CancelRun { key: key.clone() }),
            Body::Wait { key, .. } => self.stop_timer(Some(key)),
            Body::Function { task, .. } => task.iter().for_each(|task| self.stop_task(task)),
            Body::Do(list) | Body::For { list, .. } => self.stop_list(list),
            Body::Fork(branches) => self.stop_branches(branches, usize::MAX),
            Body::Listen(listen) => {
                if !listen.closed {
                    self.effects.push(Effect::Unsubscribe {
                        key: listen.key.clone(),
                    });
                }
                listen.list.iter().for_each(|list| self.stop_list(list));
            }
            Body::Try(attempt) => match &attempt.phase {
                Phase::Trying { list, timer } => {
                    self.stop_list(list);
                    self.stop_timer(timer.as_ref());
                }
                Phase::Catching { list, .. } => self.stop_list(list),
                Phase::Delaying { key, .. } => self.stop_timer(Some(key)),
            },
        }
    }

    /// Takes back what the branches of a fork wait for, all but one that has ended.
    pub(super) fn stop_branches(&mut self, branches: &[Branch], except: usize) {
        for (place, branch) in branches.iter().enumerate() {
            if let (Branch::Running(Some(task)), true) = (branch, place != except) {
                self.stop_task(task);
            }
        }
    }

    pub(crate) fn stop_list(&mut self, list: &ListFrame) {
        list.task.iter().for_each(|task| self.stop_task(task));
    }

    fn stop_task(&mut self, task: &TaskFrame) {
        self.stop(&task.body);
        self.stop_timer(task.timeout.as_ref());
        let stopped = self.definition.task(task.id);
        self.note(stopped, TaskMoment::Cancelled);
    }

    fn stop_timer(&mut self, key: Option<&String>) {
        if let Some(key) = key {
            self.effects.push(Effect::CancelTimer { key: key.clone() });
        }
    }
}

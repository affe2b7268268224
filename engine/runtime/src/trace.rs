//! The trace of a run: each task with when it began and when it ended, from the journal.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::{InstanceId, Timestamp};
use sagsgang_flow::{Moment, TaskMoment};
use std::collections::HashMap;
use std::sync::Arc;

/// A task of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceStep {
    /// JSON Pointer to it in the file of the version with which the run went then.
    pub reference: String,
    /// Name.
    pub name: String,
    /// How many tasks lie around it.
    pub depth: usize,
    /// When it began.
    pub began: Timestamp,
    /// When it ended; `None` while it goes on.
    pub ended: Option<Timestamp>,
    /// `completed`, `faulted`, `cancelled` or, while it goes on, `started`.
    pub outcome: &'static str,
}

/// Tasks that are kept of a trace; those of a run that loops for long are its latest.
const MOST_STEPS: usize = 500;

impl Engine {
    /// The tasks of a run in the order in which they began, the latest of them. The journal's inputs are gone through again;
    /// where they cannot, since a version is not published any more, the trace ends there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_trace(&self, id: InstanceId) -> Result<Vec<TraceStep>, EngineError> {
        let Some(run) = self.store.instance(id).await? else {
            return Ok(Vec::new());
        };
        let journal = self.whole_journal(id).await?;
        let mut trace = Trace::default();
        // What is wrong with a journal is told by `verify`.
        let _ = self.refold(&run, &journal, &mut |at, moments| trace.take(at, moments));
        Ok(trace.latest())
    }
}

#[derive(Default)]
struct Trace {
    steps: Vec<TraceStep>,
    /// Places of the tasks that go on, by their reference.
    open: HashMap<Arc<str>, Vec<usize>>,
}

impl Trace {
    fn take(&mut self, at: Timestamp, moments: &[Moment]) {
        for moment in moments {
            match moment.what {
                TaskMoment::Started => self.begin(at, moment),
                TaskMoment::Completed | TaskMoment::Faulted | TaskMoment::Cancelled => {
                    self.end(at, moment);
                }
                // The list begins anew; the task itself goes on.
                TaskMoment::Retried => {}
            }
        }
    }

    fn begin(&mut self, at: Timestamp, moment: &Moment) {
        let open = self.open.entry(Arc::clone(&moment.reference)).or_default();
        open.push(self.steps.len());
        self.steps.push(TraceStep {
            reference: moment.reference.to_string(),
            name: moment.name.to_string(),
            depth: depth(&moment.reference),
            began: at,
            ended: None,
            outcome: TaskMoment::Started.word(),
        });
    }

    fn end(&mut self, at: Timestamp, moment: &Moment) {
        let open = self.open.get_mut(&moment.reference);
        let place = open.and_then(Vec::pop);
        if let Some(step) = place.and_then(|place| self.steps.get_mut(place)) {
            step.ended = Some(at);
            step.outcome = moment.what.word();
        }
    }

    fn latest(mut self) -> Vec<TraceStep> {
        let extra = self.steps.len().saturating_sub(MOST_STEPS);
        self.steps.split_off(extra)
    }
}

/// Tasks around a task: each adds a list, a number and a name to the reference.
fn depth(reference: &str) -> usize {
    let numbers = reference
        .split('/')
        .filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    numbers.count().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_runs_again_is_another_step_and_what_goes_on_has_no_end() {
        let moment = |reference: &str, what| Moment {
            reference: reference.into(),
            name: reference.rsplit('/').next().unwrap().into(),
            what,
        };
        let at = |second: i64| Timestamp::from_micros(second * 1_000_000);
        let mut trace = Trace::default();
        trace.take(at(1), &[moment("/do/0/a", TaskMoment::Started)]);
        let inner = "/do/0/a/do/1/b";
        trace.take(at(2), &[moment(inner, TaskMoment::Started)]);
        trace.take(
            at(5),
            &[
                moment(inner, TaskMoment::Faulted),
                moment(inner, TaskMoment::Started),
            ],
        );
        let steps: Vec<_> = trace
            .latest()
            .into_iter()
            .map(|step| (step.name, step.depth, step.ended, step.outcome))
            .collect();
        assert_eq!(
            steps,
            [
                ("a".to_owned(), 0, None, "started"),
                ("b".to_owned(), 1, Some(at(5)), "faulted"),
                ("b".to_owned(), 1, None, "started"),
            ]
        );
    }
}

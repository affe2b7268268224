//! The trace of a run: each task with when it began and when it ended, from the journal.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::simulate::is_late;
use sagsgang_domain::{InstanceId, Timestamp};
use sagsgang_flow::{Moment, TaskMoment};
use std::collections::{HashMap, VecDeque};
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

/// The tasks of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunTrace {
    /// The latest, in the order in which they began.
    pub steps: Vec<TraceStep>,
    /// What is not among them.
    pub left_out: LeftOut,
}

/// What a trace leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeftOut {
    /// Nothing.
    #[default]
    Nothing,
    /// Tasks before the first that is shown.
    Earlier,
    /// All: the journal is too long to be gone through while somebody waits.
    All,
}

/// Tasks that are kept of a trace; those of a run that loops for long are its latest.
const MOST_STEPS: usize = 500;
/// Longer journals are not gone through for a page.
const MOST_ENTRIES: u64 = 5_000;

impl Engine {
    /// The tasks of a run in the order in which they began, the latest of them. The journal's inputs are gone through again;
    /// where they cannot, since a version is not published any more, the trace ends there. Of a run with more than 5,000
    /// entries nothing is told.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_trace(self: &Arc<Self>, id: InstanceId) -> Result<RunTrace, EngineError> {
        let Some(run) = self.store.instance(id).await? else {
            return Ok(RunTrace::default());
        };
        if run.seq > MOST_ENTRIES {
            return Ok(RunTrace {
                steps: Vec::new(),
                left_out: LeftOut::All,
            });
        }
        let journal = self.whole_journal(id).await?;
        let engine = Arc::clone(self);
        let folding = tokio::task::spawn_blocking(move || {
            let mut trace = Trace::default();
            // What is wrong with a journal is told by `verify`.
            let _ = engine.refold(&run, &journal, &mut |at, moments| trace.take(at, moments));
            if run.status.has_ended() {
                let last = journal.iter().rev().find(|row| !is_late(row));
                let at = last.map_or(run.updated_at, |row| row.at);
                trace.finish(at, run.status.name());
            }
            trace.latest()
        });
        Ok(folding.await.unwrap_or_else(|error| {
            tracing::error!(%error, "going through the journal of a run panicked");
            RunTrace::default()
        }))
    }
}

/// Grows with the moments of a run. A step has its number for good; the earliest are forgotten while it grows.
#[derive(Default)]
struct Trace {
    steps: VecDeque<TraceStep>,
    /// Steps that were forgotten; the number of the first that is there.
    forgotten: usize,
    /// Numbers of the steps that go on, by their path.
    open: HashMap<String, Vec<usize>>,
    /// The latest step of each path that is still there.
    latest: HashMap<String, usize>,
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
        let path = path(&moment.reference);
        self.reopen_around(&path);
        let number = self.forgotten + self.steps.len();
        self.steps.push_back(TraceStep {
            reference: moment.reference.to_string(),
            name: moment.name.to_string(),
            depth: depth(&moment.reference),
            began: at,
            ended: None,
            outcome: TaskMoment::Started.word(),
        });
        self.open.entry(path.clone()).or_default().push(number);
        self.latest.insert(path, number);
        if self.steps.len() > MOST_STEPS {
            self.steps.pop_front();
            self.forgotten += 1;
        }
    }

    fn end(&mut self, at: Timestamp, moment: &Moment) {
        let path = path(&moment.reference);
        if moment.what != TaskMoment::Faulted {
            self.reopen_around(&path);
        }
        // After a person's decision a task goes on that had failed, without beginning again.
        let open = self.open.get_mut(&path).and_then(Vec::pop);
        let is_open = open.is_some();
        let number = open.or_else(|| self.latest.get(&path).copied());
        // One whose condition fails ends without having begun; the turn before it stays as it was.
        if let Some(step) = number.and_then(|number| self.step(number))
            && (is_open || step.outcome != TaskMoment::Completed.word())
        {
            step.ended = Some(at);
            step.outcome = moment.what.word();
        }
    }

    /// What happens in a task shows that it goes on, although it had failed: a person let the run go on.
    fn reopen_around(&mut self, path: &str) {
        for (end, _) in path.match_indices('/').skip(1) {
            let around = &path[..end];
            let Some(number) = self.latest.get(around).copied() else {
                continue;
            };
            if self.open.get(around).is_some_and(|open| !open.is_empty()) {
                continue;
            }
            let Some(step) = self.step(number) else {
                continue;
            };
            if step.outcome == TaskMoment::Faulted.word() {
                step.ended = None;
                step.outcome = TaskMoment::Started.word();
                self.open.entry(around.to_owned()).or_default().push(number);
            }
        }
    }

    fn step(&mut self, number: usize) -> Option<&mut TraceStep> {
        let place = number.checked_sub(self.forgotten)?;
        self.steps.get_mut(place)
    }

    /// The run has ended, and with it all that goes on.
    fn finish(&mut self, at: Timestamp, outcome: &'static str) {
        for step in self.steps.iter_mut().filter(|step| step.ended.is_none()) {
            step.ended = Some(at);
            step.outcome = outcome;
        }
    }

    fn latest(self) -> RunTrace {
        RunTrace {
            left_out: match self.forgotten {
                0 => LeftOut::Nothing,
                _ => LeftOut::Earlier,
            },
            steps: self.steps.into(),
        }
    }
}

/// A reference without the numbers of its lists: a task keeps its path in a version that has another task before it.
fn path(reference: &str) -> String {
    let mut path = String::with_capacity(reference.len());
    let mut parts = reference.split('/').skip(1);
    while let Some(part) = parts.next() {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        // What follows a number is the name of a task, which may look like one.
        let kept = if is_number { parts.next() } else { Some(part) };
        if let Some(kept) = kept {
            path.push('/');
            path.push_str(kept);
        }
    }
    path
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

    fn moment(reference: &str, what: TaskMoment) -> Moment {
        Moment {
            reference: reference.into(),
            name: reference.rsplit('/').next().unwrap().into(),
            what,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn shown(trace: Trace) -> Vec<(String, Option<Timestamp>, &'static str)> {
        let steps = trace.latest().steps.into_iter();
        steps
            .map(|step| (step.name, step.ended, step.outcome))
            .collect()
    }

    #[test]
    fn a_task_that_runs_again_is_another_step_and_what_goes_on_has_no_end() {
        let mut trace = Trace::default();
        trace.take(at(1), &[moment("/do/0/a", TaskMoment::Started)]);
        let inner = "/do/0/a/do/1/b";
        trace.take(at(2), &[moment(inner, TaskMoment::Started)]);
        let again = [
            moment(inner, TaskMoment::Faulted),
            moment(inner, TaskMoment::Started),
        ];
        trace.take(at(5), &again);
        let depths: Vec<usize> = trace.steps.iter().map(|step| step.depth).collect();
        assert_eq!(depths, [0, 1, 1]);
        assert_eq!(
            shown(trace),
            [
                ("a".to_owned(), None, "started"),
                ("b".to_owned(), Some(at(5)), "faulted"),
                ("b".to_owned(), None, "started"),
            ]
        );
    }

    #[test]
    fn what_had_failed_around_a_task_goes_on_and_completes_when_a_person_lets_it_try_again() {
        let (outer, inner) = ("/do/0/a", "/do/0/a/do/1/b");
        let mut trace = Trace::default();
        let begun = [
            moment(outer, TaskMoment::Started),
            moment(inner, TaskMoment::Started),
        ];
        trace.take(at(1), &begun);
        let failed = [
            moment(inner, TaskMoment::Faulted),
            moment(outer, TaskMoment::Faulted),
        ];
        trace.take(at(2), &failed);
        trace.take(at(9), &[moment(inner, TaskMoment::Started)]);
        assert_eq!(trace.steps[0].ended, None, "it goes on");
        assert_eq!(trace.steps[0].outcome, "started");
        let done = [
            moment(inner, TaskMoment::Completed),
            moment(outer, TaskMoment::Completed),
        ];
        trace.take(at(10), &done);
        assert_eq!(
            shown(trace),
            [
                ("a".to_owned(), Some(at(10)), "completed"),
                ("b".to_owned(), Some(at(2)), "faulted"),
                ("b".to_owned(), Some(at(10)), "completed"),
            ]
        );
    }

    #[test]
    fn a_task_that_had_failed_and_completes_without_beginning_again_is_closed_as_completed() {
        let mut trace = Trace::default();
        trace.take(at(1), &[moment("/do/0/a", TaskMoment::Started)]);
        trace.take(at(2), &[moment("/do/0/a", TaskMoment::Faulted)]);
        trace.take(at(3), &[moment("/do/0/a", TaskMoment::Completed)]);
        assert_eq!(shown(trace), [("a".to_owned(), Some(at(3)), "completed")]);
    }

    #[test]
    fn a_task_that_another_version_has_at_another_number_ends_there() {
        let mut trace = Trace::default();
        trace.take(at(1), &[moment("/do/1/wait", TaskMoment::Started)]);
        trace.take(at(4), &[moment("/do/2/wait", TaskMoment::Completed)]);
        assert_eq!(
            shown(trace),
            [("wait".to_owned(), Some(at(4)), "completed")]
        );
        assert_eq!(path("/do/0/0/do/12/b"), "/do/0/do/b");
    }

    #[test]
    fn what_is_left_open_ends_with_the_run() {
        let mut trace = Trace::default();
        trace.take(at(1), &[moment("/do/0/gone", TaskMoment::Started)]);
        trace.finish(at(7), "cancelled");
        assert_eq!(
            shown(trace),
            [("gone".to_owned(), Some(at(7)), "cancelled")]
        );
    }

    #[test]
    fn only_the_latest_steps_of_a_long_run_are_kept_while_it_grows() {
        let mut trace = Trace::default();
        trace.take(at(0), &[moment("/do/0/loop", TaskMoment::Started)]);
        for second in 1..=2_000 {
            let turn = "/do/0/loop/for/do/0/turn";
            trace.take(at(second), &[moment(turn, TaskMoment::Started)]);
            trace.take(at(second), &[moment(turn, TaskMoment::Completed)]);
            assert!(trace.steps.len() <= MOST_STEPS);
        }
        trace.take(at(2_001), &[moment("/do/0/loop", TaskMoment::Completed)]);
        let kept = trace.latest();
        assert_eq!(kept.left_out, LeftOut::Earlier);
        assert_eq!(kept.steps.len(), MOST_STEPS);
        assert_eq!(kept.steps[0].began, at(1_501));
        assert!(kept.steps.iter().all(|step| step.outcome == "completed"));
    }
}

//! Waiting until runs have ended or wait themselves.

use sagsgang_domain::InstanceId;
use sagsgang_store::InstanceRow;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

type Answers = HashMap<InstanceId, Vec<oneshot::Sender<Option<InstanceRow>>>>;

#[derive(Default)]
pub(crate) struct Settled {
    waiting: Mutex<Answers>,
}

/// Runs that somebody waits for. Registered before the commit that starts them, so that none is missed.
pub(crate) struct Waiting<'a> {
    settled: &'a Settled,
    runs: Vec<InstanceId>,
    answers: Vec<oneshot::Receiver<Option<InstanceRow>>>,
}

impl Settled {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody waits for a run.
    pub(crate) fn is_awaited(&self, run: InstanceId) -> bool {
        self.lock().contains_key(&run)
    }

    pub(crate) fn register(&self, runs: &[InstanceId]) -> Waiting<'_> {
        let mut waiting = self.lock();
        let register = |run: &InstanceId| {
            let (answer, answered) = oneshot::channel();
            waiting.entry(*run).or_default().push(answer);
            answered
        };
        Waiting {
            settled: self,
            runs: runs.to_vec(),
            answers: runs.iter().map(register).collect(),
        }
    }

    pub(crate) fn settle(&self, run: InstanceId) {
        self.answer(run, None);
    }

    /// Tells what the run is now to those who wait for it, so that none has to read it.
    pub(crate) fn settle_as(&self, row: InstanceRow) {
        self.answer(row.id, Some(row));
    }

    fn answer(&self, run: InstanceId, row: Option<InstanceRow>) {
        let answers = self.lock().remove(&run);
        for answer in answers.into_iter().flatten() {
            // Who waited may have gone.
            let _ = answer.send(row.clone());
        }
    }
}

impl Waiting<'_> {
    /// Returns when all runs have ended or wait, or the time is over: those of which it was told what they are now.
    pub(crate) async fn wait(mut self, most: Duration) -> Vec<InstanceRow> {
        let all = futures_util::future::join_all(std::mem::take(&mut self.answers));
        let answers = tokio::time::timeout(most, all).await.unwrap_or_default();
        answers.into_iter().flatten().flatten().collect()
    }
}

/// Who no longer waits is forgotten: a run that was not written after all is never told of.
impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.answers.clear();
        let mut waiting = self.settled.lock();
        for run in &self.runs {
            if let Some(answers) = waiting.get_mut(run) {
                answers.retain(|answer| !answer.is_closed());
                if answers.is_empty() {
                    waiting.remove(run);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_no_longer_waits_is_forgotten() {
        let settled = Settled::default();
        let run = InstanceId(uuid::Uuid::from_u128(1));
        let (first, second) = (settled.register(&[run]), settled.register(&[run]));
        drop(first);
        assert!(settled.is_awaited(run));
        assert!(second.wait(Duration::ZERO).await.is_empty());
        assert!(!settled.is_awaited(run));
    }
}
